"""Words as verse hears them: syllables, stresses and rhymes, by the pronouncing dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from menura.text.speech.dictionary import Sounds
from menura.text.speech.phonemes import STRESSES
from menura.text.speech.syllables import sung_syllables
from menura.text.speech.words import sounds_of
from menura.text.words import word_set

_MAIN = "ˈ"
_WEAK = word_set(
    "a an the and or but of in on at to by for from with as if so than that when while where till i you he she it we "
    "they me my your our his her its am is are was were be been will would can could shall should have has had do does "
    "i'll i'd i'm i've you'd you're we'll there's it's no not up out into upon before until through like"
)
_WEAK_BUT_STRONG = 0.35
_STRONG_BUT_WEAK = 0.5


@dataclass(frozen=True)
class Measured:
    """A word's metre.

    Attributes:
        stresses: of its syllables; true where the word has its main stress. Words of one syllable have none to keep.
        is_weak: a small word, which is best between beats.
        rhyme: sounds from the stressed vowel on; None where its last syllable is not the stressed one.
        onset: the consonants before that vowel.
    """

    stresses: tuple[bool, ...]
    is_weak: bool
    rhyme: Sounds | None
    onset: Sounds


@cache
def measured(word: str) -> Measured:
    """The metre of a word in small letters, of American English."""
    parts = sung_syllables(word, sounds_of(word, "en-us"))
    stresses = tuple(_MAIN in nucleus for _, nucleus, _ in parts)
    onset, nucleus, coda = parts[-1] if parts else ((), (), ())
    ends_strong = len(parts) == 1 or (bool(parts) and stresses[-1])
    sounds = tuple(sound for sound in (*nucleus, *coda) if sound not in STRESSES)
    return Measured(stresses, word in _WEAK, sounds if ends_strong else None, onset)


def is_strong(syllables_left: int) -> bool:
    """Whether a beat falls on the syllable with which so many are left: every line ends on one, and they alternate."""
    return syllables_left % 2 == 1


def fault(words: Sequence[str], syllables_left: int) -> float | None:
    """How far words are from the metre where so many syllables of the line are left; None: against it."""
    found = 0.0
    for word in words:
        one = measured(word)
        for stressed in one.stresses:
            strong = is_strong(syllables_left)
            if len(one.stresses) > 1:
                if stressed and not strong:
                    return None
            elif one.is_weak and strong:
                found += _WEAK_BUT_STRONG
            elif not one.is_weak and not strong:
                found += _STRONG_BUT_WEAK
            syllables_left -= 1
    return found


def rhymes(first: str, second: str) -> bool:
    """Whether two words rhyme: alike from the stressed vowel on, and not before it."""
    one, other = measured(first), measured(second)
    return one.rhyme is not None and one.rhyme == other.rhyme and one.onset != other.onset
