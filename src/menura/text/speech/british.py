"""British sounds of a word from its American ones and its spelling: no r but before vowels, hot with a round vowel."""

from __future__ import annotations

import re

from menura.text.speech.american import tidied
from menura.text.speech.dictionary import Parts, Sounds
from menura.text.speech.phonemes import CONSONANTS, STRESSES, VOWELS
from menura.text.words import word_set

_PLAIN = {"oʊ": "əʊ", "æ": "a", "u": "uː", "ɑ": "ɑː", "ɔ": "ɔː", "ɜ": "ɜː"}
_BEFORE_R = {
    **{"ɑ": ("ɑː",), "ɔ": ("ɔː",), "oʊ": ("ɔː",), "ɜ": ("ɜː",), "ɪ": ("ɪ", "ə"), "i": ("ɪ", "ə"), "ɛ": ("ɛː",)},
    **{"ʊ": ("ʊ", "ə"), "u": ("ʊ", "ə"), "eɪ": ("ɛː",), "ɔɪ": ("ɔɪ", "ə"), "æ": ("a",)},
}
_BROAD_A = re.compile(
    r"a(?:sk|st(?!r|er[nio]|ic|eu)|sp(?=$|s|ed|ing|er)|ss(?=$|es|ed|ing)|ft|lf|lves|th(?=$|s|er)|nce(?=$|s|d)|nch|"
    r"nt(?=$|s|ed)|nsw|mple|ugh|unt)|an't"
)
_SHORT_WORDS = word_set("mass gas bass lass hath math maths ant ants rant scant pant pants cant")
_NOT_SYLLABIC = word_set("k ɹ l n w j ŋ")


def spoken(word: str, parts: Parts) -> Sounds:
    """The sounds of a word in small letters, from American broad ones of each of its letters."""
    flat = _flat(word, parts)
    sounds = [sound for sound, _ in flat]
    result: list[str] = []
    for index, (sound, place) in enumerate(flat):
        following = sounds[index + 1 : index + 3]
        if sound in VOWELS:
            mark = sounds[index - 1] if index and sounds[index - 1] in STRESSES else ""
            _add_vowel(result, sound, word, place, mark, following)
        elif sound != "ɹ" or (following and (following[0] in VOWELS or following[0] in STRESSES)):
            result.append(sound)
    return _with_syllabics(result)


def _flat(word: str, parts: Parts) -> list[tuple[str, int]]:
    """Each sound with its letter's place, after vowels and stresses were mended."""
    places = [place for place, part in enumerate(parts) for _ in part]
    sounds = tidied(word, parts, weak="ɪ")
    flat, reached, whole = [], 0, [sound for part in parts for sound in part]
    for sound in sounds:
        if reached < len(whole) and whole[reached] == "ˌ" and sound != "ˌ":
            reached += 1
        is_added = reached >= len(whole) or (sound in STRESSES) != (whole[reached] in STRESSES)
        is_added |= reached < len(whole) and (sound in VOWELS) != (whole[reached] in VOWELS)
        flat.append((sound, places[min(reached, len(places) - 1)]))
        reached += not is_added
    return flat


def _add_vowel(result: list[str], sound: str, word: str, place: int, mark: str, following: list[str]) -> None:
    if following[:1] == ["ɹ"]:
        before_vowel = len(following) > 1 and (following[1] in VOWELS or following[1] in STRESSES)
        result.extend(_before_r(sound, word[place:], before_vowel))
        return
    onset = result[-2] if mark and len(result) > 1 else ""
    is_long_u = word[place] in "ue" or word[place - 1 : place + 1] == "ew"
    if sound == "u" and mark and onset in ("t", "d", "n") and is_long_u:
        result[-1:] = ["j", mark]
    result.append(_vowel(sound, word, place, mark, following))


def _before_r(sound: str, spelled: str, before_vowel: bool) -> Sounds:
    if before_vowel:
        if sound == "ɜ" and spelled[:1] in ("u", "o"):
            return ("ʌ",)
        if sound == "ɛ" and spelled.startswith(("arr", "er", "ara", "ari")):
            return ("a",) if spelled.startswith("ar") else ("ɛ",)
        if sound in ("ɔ", "ɑ") and spelled.startswith("or") and not spelled.startswith("ore"):
            return ("ɔː",) if re.match(r"ory|orial|orious", spelled) else ("ɒ",)
        if sound == "ɪ" and spelled[:1] != "e":
            return ("ɪ",)
    return _BEFORE_R.get(sound, (sound,))


def _vowel(sound: str, word: str, place: int, mark: str, following: list[str]) -> str:
    spelled = word[place:]
    if sound == "i":
        meets_vowel = bool(following) and (following[0] in VOWELS or following[0] in STRESSES)
        return "iː" if mark else "ɪ" if meets_vowel else "i"
    if sound == "ɑ" and (spelled[:1] == "o" or (word[place - 1 : place] in ("w", "u") and spelled[:1] == "a")):
        return "ɒ"
    if sound == "ɔ" and spelled[:1] == "o" and spelled[:2] not in ("ou", "oa", "oo", "or"):
        return "ɒ"
    if sound == "æ" and mark and _BROAD_A.match(spelled) and word not in _SHORT_WORDS:
        return "ɑː"
    if sound == "ə" and not mark:
        return _weak(spelled)
    if sound == "u" and not mark and following and following[0] in VOWELS:
        return "ʊ"
    return _PLAIN.get(sound, sound)


def _weak(spelled: str) -> str:
    """An unstressed vowel: chicken, garnet, possible, useful, regular."""
    if re.match(r"i(?!o|a|r)|e(?:[dtx]$|ss|st$|s$|ts$|t[aie])", spelled):
        return "ɪ"
    return "ʊ" if re.match(r"ul(?:$|ly$|ar|a)", spelled) else "ə"


def _with_syllabics(sounds: list[str]) -> Sounds:
    said = list(sounds)
    for place in range(1, len(said) - 1):
        before, following, after = said[place - 1], said[place + 1], said[place + 2 : place + 3]
        if said[place] != "ə" or before not in CONSONANTS or (after and (after[0] in VOWELS or after[0] in STRESSES)):
            continue
        is_n = following == "n" and before not in _NOT_SYLLABIC and (before != "m" or bool(after))
        if is_n or (following == "l" and before not in ("ɹ", "j", "w", "l")):
            said[place] = "ᵊ"
    return tuple(said)
