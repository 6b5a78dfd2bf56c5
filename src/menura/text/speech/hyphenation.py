"""Words cut into written syllables, as a lead sheet shows them under the notes: fi-re-side never, fire-side."""

from __future__ import annotations

import itertools
import re

from menura.text.speech.dictionary import Parts, dictionary
from menura.text.speech.normalise import Language
from menura.text.speech.phonemes import VOWELS

_PLAIN_VOWELS = "aeiouäöüáéíóúàèìòùâêîôû"
_VOWELS = re.compile(rf"(?:[{_PLAIN_VOWELS}]|y(?![{_PLAIN_VOWELS}]))+", re.IGNORECASE)
"""A y before a vowel is a consonant."""
_SILENT_END = re.compile(r"e[sd]?[^\w]*s?[^\w]*")
_AROUND = "aeiouyw"
"""Letters that belong to a vowel beside them, where they are silent."""
_SUFFIXES = ("less", "ly", "ful")
_TOGETHER = ("ch", "sh", "th", "ph", "wh", "ck", "gh", "ng", "qu", "sch")
_ENDS_SYLLABLE = ("x", "ck", "ng")
_LIQUIDS = frozenset("lr")
_STOPS = frozenset("bcdfgkpt")
_GLIDES = ("aɪ", "aʊ")


def hyphenate(word: str, count: int, language: Language) -> list[str]:
    """A written word in as many pieces as it has syllables.

    The dictionary says which letters its vowels stand for and which are silent; of words that it does not know, the
    letters do.
    """
    if count < 2:
        return [word]
    heard = _heard(word.lower(), language)
    nuclei = _heard_vowels(word.lower(), heard, count) if heard else []
    if len(nuclei) != count:
        heard, nuclei = None, _written_vowels(word.lower(), count)
    if len(nuclei) == count:
        inner = [_break(word.lower(), end, start, heard) for (_, end), (start, _) in itertools.pairwise(nuclei)]
    else:
        inner = [round(len(word) * part / count) for part in range(1, count)]
    return [word[start:end] for start, end in itertools.pairwise([0, *inner, len(word)])]


def _heard(word: str, language: Language) -> Parts | None:
    """The sounds of each letter, if the dictionary knows them."""
    words = dictionary("en-us" if language == "en-gb" else language)
    core = word.strip("".join(letter for letter in word if not letter.isalpha()))
    start = word.find(core)
    for stem in (core, core.removesuffix("s"), core.removesuffix("'s").removesuffix("’s")):
        if stem and (parts := words.parts(stem)):
            return [()] * start + parts + [()] * (len(word) - start - len(stem))
    return None


def _heard_vowels(word: str, heard: Parts, count: int) -> list[tuple[int, int]]:
    """First letter of each vowel that sounds, and the one after its last."""
    vowels = [[sound for sound in own if sound in VOWELS] for own in heard]
    at = [place for place, own in enumerate(vowels) if own]
    if len(at) > count:  # that of hour and fire which has no note of its own
        at = [place for place in at if vowels[place] != ["ə"] or not _glides(vowels[:place])]
    letters = [_letter(word, place, heard) for place in at]
    ends = []
    for letter, following in zip(letters, [*letters[1:], len(word)], strict=True):
        end = letter + 1
        while end < following and not heard[end] and word[end] in _AROUND:
            end += 1
        ends.append(end)
    starts = []
    for letter, before in zip(letters, [0, *ends[:-1]], strict=True):
        start = letter
        while start > before and not heard[start - 1] and _leads(word, start):
            start -= 1
        starts.append(start)
    return list(zip(starts, ends, strict=True))


def _letter(word: str, place: int, heard: Parts) -> int:
    """The vowel that a sound belongs to which the dictionary has put to a consonant after it: brother, beyond."""
    letter = place
    while letter and word[letter] not in "aeiouw" and not heard[letter - 1]:
        letter -= 1
    return letter if word[letter] in "aeiouw" else place


def _glides(before: list[list[str]]) -> bool:
    last = next((own[-1] for own in reversed(before) if own), "")
    return last in _GLIDES


def _leads(word: str, vowel: int) -> bool:
    """Whether the silent letter before a vowel belongs to it: station, answer, ocean, but not someone."""
    return word[vowel - 1] in _AROUND and (word[vowel - 1 : vowel + 1] != "eo" or word[vowel - 2 : vowel - 1] in "cg")


def _written_vowels(word: str, count: int) -> list[tuple[int, int]]:
    found = [one.span() for one in _VOWELS.finditer(word)]
    while len(found) > count and _SILENT_END.fullmatch(word, found[-1][0]):
        found.pop()
    return found


def _break(word: str, end: int, start: int, heard: Parts | None) -> int:
    """Where the letters between two vowels are parted."""
    between = word[end:start]
    if "e" in between:
        return end + between.rindex("e") + 1
    if len(between) > 1 and between[-1] in "iu":  # of nation and union a consonant
        return _break(word, end, start - 1, heard)
    if between == "y" and word[start:].startswith(("ing", "er", "ed")):
        return start
    if between == "gh" and heard and not any(heard[end:start]):
        return start
    is_one = heard is None or not all(heard[start - 2 : start])  # th in lighthouse are two sounds
    if between in _ENDS_SYLLABLE and is_one:
        return start
    if len(between) < 2 or (between in _TOGETHER and is_one):
        return end
    if between[-2:] in _TOGETHER and is_one:
        return start - 2
    if word.startswith(_SUFFIXES, start - 1) and not word.startswith("fly", start - 2):
        return start - 1
    flows = between[-1] in _LIQUIDS and between[-2] in _STOPS
    if flows and (between[-2:] != "tl" or word[start:].rstrip("s.,;:!?'’") == "e"):
        return start - 2
    return start - 1
