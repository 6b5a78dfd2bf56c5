"""What is looked for in a sound to follow a row of symbols: sounds, and silence where there may be some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from menura.text.speech.phonemes import CONSONANTS, SYMBOLS, VOWELS
from menura.text.speech.tokens import PUNCTUATION

SILENCE = "silence"
CLASSES = (SILENCE, *(symbol for symbol in SYMBOLS if symbol in VOWELS | CONSONANTS))
"""What a frame may be."""
NEAREST = {
    **{"yː": ("i", "u"), "y": ("i", "u"), "ʏ": ("ɪ", "ʊ"), "øː": ("ɜ", "ʊ"), "ø": ("ɜ", "ʊ"), "œ": ("ɜ", "ɛ")},
    **{"œː": ("ɜ", "ɛ"), "eː": ("eɪ", "ɪ"), "e": ("ɛ", "eɪ"), "oː": ("oʊ", "ɔ"), "o": ("oʊ", "ɔ"), "aː": ("ɑ", "æ")},
    **{"a": ("ɑ", "ʌ", "æ"), "ɑ̃": ("ɑ", "ŋ"), "ɛ̃": ("æ", "ŋ"), "ɔ̃": ("ɔ", "ŋ"), "ɔʏ": ("ɔɪ",), "ɛi": ("eɪ", "aɪ")},
    **{"œy": ("ɔɪ", "aʊ"), "ɑu": ("aʊ",), "t͡s": ("t", "s"), "ç": ("ʃ", "h"), "x": ("h", "k"), "ʁ": ("ɹ", "h")},
    **{"r": ("ɹ", "ɾ"), "ɣ": ("h", "ɡ"), "ɦ": ("h",), "ʋ": ("v", "w"), "ɲ": ("n", "j"), "ʔ": ("t",)},
    **{"iː": ("i",), "uː": ("u",), "ɑː": ("ɑ",), "ɔː": ("ɔ",), "ɜː": ("ɜ",), "ɛː": ("ɛ",), "ɒ": ("ɑ", "ɔ")},
    **{"əʊ": ("oʊ",), "ᵻ": ("ɪ", "ə"), "ɐ": ("ə", "ʌ"), "ᵊ": ("ə",)},
}
"""Sound -> those of American English that are most like it: what it may be taken for by a model that never heard it."""
_PAUSES = frozenset((" ", *PUNCTUATION))


class States(NamedTuple):
    """What is passed through in turn.

    Attributes:
        classes: of each state, its place among `CLASSES`.
        owners: the symbol whose frames a state's are, counting the pad at the beginning as the first.
        optional: whether it may be left out.
    """

    classes: list[int]
    owners: list[int]
    optional: list[bool]


def states_of(symbols: Sequence[str]) -> States:
    """The states of a row of symbols.

    There may be silence at both ends, which is the pads', and wherever there are spaces or punctuation: it belongs to
    the first sign there, else to the space. Stress marks have no frames.

    Raises:
        ValueError: there is not one sound among the symbols.
    """
    classes, owners, optional = [0], [0], [True]
    for place, symbol in enumerate(symbols, start=1):
        if symbol in _PLACES:
            classes.append(_PLACES[symbol])
            owners.append(place)
            optional.append(False)
        elif symbol in _PAUSES and not optional[-1]:
            classes.append(0)
            owners.append(place)
            optional.append(True)
        elif symbol in _PAUSES and owners[-1] and symbols[owners[-1] - 1] == " ":
            owners[-1] = place
    if len(classes) == 1:
        raise ValueError("there is no sound among the symbols, so there is nothing to align")
    if not optional[-1]:
        classes.append(0)
        owners.append(0)
        optional.append(True)
    owners[-1] = len(symbols) + 1
    return States(classes, owners, optional)


_PLACES = {symbol: place for place, symbol in enumerate(CLASSES) if place}
