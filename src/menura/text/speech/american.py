"""American sounds as they are said, from a dictionary's broad ones and the spelling: flaps, weak vowels, syllabic l.

The choices are those of Kokoro's front end, as its data shows them, so that a voice taught by it hears what it knows.
"""

from __future__ import annotations

import re

from menura.text.speech.dictionary import Parts, Sounds
from menura.text.speech.phonemes import STRESSES, VOWELS
from menura.text.words import word_set

_FLAPPED = word_set("ə i ɪ ᵻ ᵊ oʊ")
_SYLLABIC_L = word_set("b k ɾ t d p v f z ɡ")
_SYLLABIC_N = frozenset(["t", "d", "s", "z"])
_OPEN_O = re.compile(r"au|aw|al(?=[kltd])|o(?:ff|ft|st|ss(?![iu])|lf|rr|ng|th(?!e))|ough")
_WEAK_PREFIX = re.compile(r"(?:be|re|de|pre|se)(?![aeiou])")
_INITIAL_E = re.compile(r"e(?:x|n|m|s)")


def spoken(word: str, parts: Parts) -> Sounds:
    """The sounds of a word in small letters, from the broad ones of each of its letters."""
    return _allophones(word, tidied(word, parts, weak="ə"))


def tidied(word: str, parts: Parts, weak: str) -> Sounds:
    """Broad sounds with vowels and stresses mended by the spelling; `weak` is the vowel of be-, re-, de-."""
    flat = [(sound, place) for place, part in enumerate(parts) for sound in part]
    sounds = [sound for sound, _ in flat]
    main = sounds.index("ˈ") if "ˈ" in sounds else len(sounds)
    result: list[str] = []
    for index, (sound, place) in enumerate(flat):
        following = sounds[index + 1] if index + 1 < len(sounds) else ""
        marked = index > 0 and sounds[index - 1] in STRESSES
        if sound == "ˌ" and _drops(sounds, index, main):
            continue
        if sound in VOWELS:
            sound = _broad(sound, word, place, following)
            if not marked or (sounds[index - 1] == "ˌ" and _drops(sounds, index - 1, main)):
                sound = _unstressed(sound, word, place, index < main, weak)
        result.append(sound)
    if word.startswith("un") and result[:2] == ["ə", "n"] and len(result) > 4:
        result[:1] = ["ˌ", "ʌ"]
    return _with_glides(result)


def _drops(sounds: list[str], index: int, main: int) -> bool:
    """Whether a light stress is not heard: on a last i, and on the i or e just before the main one."""
    vowel, rest = sounds[index + 1], sounds[index + 2 :]
    if vowel == "i" and not rest:
        return True
    return index == 0 and vowel in ("ɪ", "ɛ") and main < 6 and not any(sound in VOWELS for sound in sounds[2:main])


def _broad(sound: str, word: str, place: int, following: str) -> str:
    spelled = word[place:]
    if sound == "ɔ" and word[place - 1 : place] == "w" and re.match(r"a(?:n|sh|tch|sp)", spelled):
        return "ɑ"
    if sound == "ɑ" and following != "ɹ" and _OPEN_O.match(spelled):
        return "ɔ"
    if following == "ɹ":
        return {"i": "ɪ", "u": "ʊ"}.get(sound, sound)
    return sound


def _unstressed(sound: str, word: str, place: int, is_before_main: bool, weak: str) -> str:
    spelled = word[place:]
    if is_before_main and place < 4 and sound in ("ɪ", "i") and _WEAK_PREFIX.match(word) and word[place] == "e":
        return weak
    if is_before_main and place == 0 and sound == "ɛ" and _INITIAL_E.match(word):
        return "ɪ"
    if is_before_main and place == 0 and sound == "æ" and re.match(r"ad|acc", word):
        return "ə"
    if sound == "ə" and re.match(r"(?:age[sd]?|i[sn]|ism|est|ist|ists|ishe[sd])$", spelled):
        return "ɪ"
    return sound


def _with_glides(sounds: list[str]) -> Sounds:
    """A schwa between a closing diphthong and r."""
    result: list[str] = []
    for place, sound in enumerate(sounds):
        result.append(sound)
        if sound in ("aɪ", "aʊ") and sounds[place + 1 : place + 2] == ["ɹ"]:
            result.append("ə")
    return tuple(result)


def _allophones(word: str, sounds: Sounds) -> Sounds:
    said = list(sounds)
    for place in range(len(said) - 1):
        if said[place] == "æ" and said[place + 1] == "ɹ":
            said[place] = "ɛ"
    for place in range(1, len(said) - 1):
        is_between = (said[place - 1] in VOWELS or said[place - 1] == "ɹ") and said[place + 1] in _FLAPPED
        if said[place] == "t" and is_between and said[place + 1 : place + 3] != ["ə", "n"]:
            said[place] = "ɾ"
    kept: list[str] = []
    for place, sound in enumerate(said):
        before, rest = said[place - 1] if place else "", said[place + 1 : place + 3]
        if sound == "ə" and rest and rest[-1] not in VOWELS and rest[-1] not in STRESSES and rest[0] in ("l", "n"):
            if rest[0] == "n" and before == "t" and rest[1:] != ["t"]:
                continue
            if before in (_SYLLABIC_L if rest[0] == "l" else _SYLLABIC_N):
                sound = "ᵊ"
        kept.append(sound)
    if len(kept) > 2 and kept[-2] in ("ɪ", "ə") and (word[-2:], kept[-1]) in (("ed", "d"), ("es", "z"), ("'s", "z")):
        kept[-2] = "ᵻ"
    return tuple(kept)
