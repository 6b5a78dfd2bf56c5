"""The sounds of a single word, said by itself: from a dictionary, from its parts, or guessed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from menura.text.speech import american, british
from menura.text.speech.dictionary import Dictionary, Parts, Sounds, dictionary
from menura.text.speech.letters import LETTERS
from menura.text.speech.phonemes import STRESSES, VOWELS
from menura.text.speech.stress import with_stress
from menura.text.words import word_set

_SIBILANTS = word_set("s z ʃ ʒ tʃ dʒ")
_VOICELESS = frozenset(["p", "t", "k", "f", "θ"])
_JOINTS = {"de": ("", "s", "n", "en"), "nl": ("", "s", "en", "n")}


@lru_cache(maxsize=50_000)
def sounds_of(word: str, language: str) -> Sounds:
    """The symbols of a word in small letters; empty only where no letter of it can be said."""
    words = dictionary("en-us" if language == "en-gb" else language)
    known = _known(word, words, language)
    if known is not None:
        return known
    if language.startswith("en"):
        found = _inflected(word, words, language) or _joined(word, words, language)
        if found is None and word.endswith("'s") and len(word) > 3:
            return plural(sounds_of(word[:-2], language), language)
    else:
        found = _compound(word, words, language)
    return found or _guessed(word, words, language)


def _known(word: str, words: Dictionary, language: str) -> Sounds | None:
    parts = words.parts(word)
    return None if parts is None else _finished(word, parts, language)


def _finished(word: str, parts: Parts, language: str) -> Sounds:
    if language == "en-gb":
        return british.spoken(word, parts)
    if language == "en-us":
        return american.spoken(word, parts)
    return with_stress(word, tuple(sound for part in parts for sound in part), language)


def _inflected(word: str, words: Dictionary, language: str) -> Sounds | None:
    """A known word with 's, -s, -es, -ed, -ing, -ly or -ness."""
    for pattern, ending in _ENDINGS:
        stem = pattern.fullmatch(word)
        if not stem:
            continue
        for base in _bases(stem[1], ending):
            known = _known(base, words, language)
            if known:
                return known + _ending(known, ending, language)
    return None


def plural(sounds: Sounds, language: str) -> Sounds:
    """With the s of a plural."""
    return sounds and sounds + (_ending(sounds, "s", language) if language.startswith("en") else ("s",))


_ENDINGS = [
    (re.compile(r"(.{1,})'s"), "s"),
    (re.compile(r"(.+s)'"), ""),
    (re.compile(r"(.{2,}[^s'])s"), "s"),
    (re.compile(r"(.{2,}(?:s|x|z|ch|sh))es"), "s"),
    (re.compile(r"(.{3,})ed"), "d"),
    (re.compile(r"(.{3,})ing"), "ing"),
    (re.compile(r"(.{3,})in'"), "in'"),
    (re.compile(r"(.{3,})ly"), "ly"),
    (re.compile(r"(.{3,})ness"), "ness"),
    (re.compile(r"(.{3,})less"), "less"),
    (re.compile(r"(.{2,})'ll"), "ll"),
    (re.compile(r"(.{2,})'d"), "d"),
    (re.compile(r"(.{2,})'ve"), "ve"),
]
_ADDED = {
    "ing": ("ɪ", "ŋ"),
    "in'": ("ɪ", "n"),
    "ly": ("l", "i"),
    "ness": ("n", "ə", "s"),
    "less": ("l", "ə", "s"),
    "ll": ("ə", "l"),
    "ve": ("ə", "v"),
}


def _bases(stem: str, ending: str) -> list[str]:
    if ending in ("d", "ing", "in'"):
        undoubled = [stem[:-1]] if len(stem) > 3 and stem[-1] == stem[-2] else []
        return [stem + "e", stem, *undoubled] if stem[-1] not in "aeiou" else [stem, stem + "e"]
    return [stem, stem[:-2] + "y"] if stem.endswith("ie") else [stem]


def _ending(known: Sounds, ending: str, language: str) -> Sounds:
    last = known[-1]
    if not ending:
        return ()
    if ending == "s":
        return (
            ("ᵻ" if language == "en-us" else "ɪ", "z")
            if last in _SIBILANTS
            else ("s",)
            if last in _VOICELESS
            else ("z",)
        )
    if ending == "d":
        weak = "ᵻ" if language == "en-us" else "ɪ"
        voiceless = last in _VOICELESS | {"s", "ʃ", "tʃ"} and last != "t"
        return (weak, "d") if last in ("t", "d") else ("t",) if voiceless else ("d",)
    return _ADDED[ending]


def _joined(word: str, words: Dictionary, language: str) -> Sounds | None:
    """An English compound of two known words: the second's stress is a light one."""
    if not word.isalpha() or len(word) < 7:
        return None
    for place in sorted(range(3, len(word) - 2), key=lambda place: abs(2 * place - len(word))):
        first, second = word[:place], word[place:]
        if first in words and second in words:
            start, end = _known(first, words, language), _known(second, words, language)
            if start and end and len(second) > 3:
                return start + tuple("ˌ" if sound == "ˈ" else sound for sound in end)
    return None


def _compound(word: str, words: Dictionary, language: str) -> Sounds | None:
    """A German or Dutch compound of known words, the longest first one; joints (s, n, en) between them."""
    for place in range(len(word) - 3, 2, -1):
        if word[:place] not in words:
            continue
        rest = word[place:]
        for joint in _JOINTS[language]:
            tail = rest.removeprefix(joint) if joint else rest
            if len(tail) < 3 or (joint and not rest.startswith(joint)):
                continue
            end = _known(tail, words, language) if tail in words else _compound(tail, words, language)
            start = _known(word[:place], words, language)
            if start and end:
                middle = _joint_sounds(joint, language)
                return start + middle + tuple("ˌ" if sound == "ˈ" else sound for sound in end)
    return None


def _joint_sounds(joint: str, language: str) -> Sounds:
    if joint == "en":
        return ("ə", "n") if language == "de" else ("ə",)
    return {"": (), "s": ("s",), "n": ("n",)}[joint]


def _guessed(word: str, words: Dictionary, language: str) -> Sounds:
    parts = words.guess(word)
    if parts is None:
        letters = [plain for letter in word for plain in _plain(letter, words)]
        parts = words.guess("".join(letters)) if letters else None
        word = "".join(letters)
    if not parts:
        return ()
    return _sayable(_finished(word, parts, language)) or _spelled(word, language)


def _spelled(word: str, language: str) -> Sounds:
    """The names of a word's letters, the last with the stress."""
    names = [LETTERS[language][letter] for letter in word.upper() if letter in LETTERS[language]]
    early = (sound for name in names[:-1] for sound in name if sound != "ˈ")
    return (*early, *(names[-1] if names else ()))


def _plain(letter: str, words: Dictionary) -> str:
    """Letters of a language that stand for one of another's: é, ß, Cyrillic and Greek ones by their names."""
    base = unicodedata.normalize("NFKD", letter)[0].lower()
    if words.guess(base):
        return base
    name = unicodedata.name(letter, "").rpartition(" ")[2].lower()
    return name if name.isascii() and name.isalpha() and words.guess(name) else ""


def _sayable(sounds: Sounds) -> Sounds:
    """One main stress at most, and one where there is a vowel."""
    seen, kept = False, []
    for sound in sounds:
        if sound == "ˈ":
            sound, seen = ("ˌ" if seen else sound), True
        kept.append(sound)
    if not seen:
        first = next((place for place, sound in enumerate(kept) if sound in VOWELS), None)
        if first is not None:
            if first and kept[first - 1] in STRESSES:
                kept[first - 1] = "ˈ"
            else:
                kept.insert(first, "ˈ")
    return tuple(kept)
