"""The alphabet of phonemes: one table for all languages, as IPA and as the symbols of Kokoro and misaki.

A pronunciation is a tuple of symbols of the International Phonetic Alphabet: `("h", "ə", "l", "ˈ", "oʊ")`. A stress
mark stands before its vowel, as in speech data of Kokoro's kind, not before the syllable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from menura.text.speech.tokens import PUNCTUATION

STRESSES = ("ˈ", "ˌ")
_VOWELS = {
    **{"eɪ": "A", "aɪ": "I", "oʊ": "O", "aʊ": "W", "ɔɪ": "Y", "əʊ": "Q"},
    **{
        vowel: vowel
        for vowel in [
            "i",
            "ɪ",
            "ɛ",
            "æ",
            "ɑ",
            "ɔ",
            "ʊ",
            "u",
            "ʌ",
            "ə",
            "ɐ",
            "ᵊ",
            "ᵻ",
            "ɜ",
            "a",
            "ɒ",
            "iː",
            "uː",
            "ɑː",
            "ɔː",
            "ɜː",
            "ɛː",
        ]
    },
    **{vowel: vowel for vowel in ["yː", "eː", "øː", "oː", "aː", "y", "ʏ", "œ", "e", "o", "ø", "œː", "ɑ̃", "ɛ̃", "ɔ̃"]},
    **{"ɔʏ": "ɔ͡ʏ", "ɛi": "ɛ͡i", "œy": "œ͡y", "ɑu": "ɑ͡u"},
}
_CONSONANTS = {
    **{"tʃ": "ʧ", "dʒ": "ʤ", "ɾ": "T", "t͡s": "ʦ"},
    **{
        sound: sound
        for sound in [
            "p",
            "b",
            "t",
            "d",
            "k",
            "ɡ",
            "f",
            "v",
            "θ",
            "ð",
            "s",
            "z",
            "ʃ",
            "ʒ",
            "h",
            "m",
            "n",
            "ŋ",
            "l",
            "ɹ",
            "j",
            "w",
        ]
    },
    **{sound: sound for sound in ["ʔ", "ç", "x", "ʁ", "r", "ɣ", "ɦ", "ʋ", "ɲ"]},
}
TEACHER = {**_VOWELS, **_CONSONANTS, **{mark: mark for mark in (*STRESSES, "ː", " ", *PUNCTUATION)}}
"""Every symbol -> how Kokoro's data writes it; sounds that English lacks are written as in IPA."""
SYMBOLS = tuple(TEACHER)
VOWELS = frozenset(_VOWELS)
CONSONANTS = frozenset(_CONSONANTS)

_ALIASES = {
    **{"g": "ɡ", "ʦ": "t͡s", "t͜s": "t͡s", "t͡ʃ": "tʃ", "d͡ʒ": "dʒ", "ʧ": "tʃ", "ʤ": "dʒ"},
    **{
        "aɪ̯": "aɪ",
        "aʊ̯": "aʊ",
        "ɔʏ̯": "ɔʏ",
        "ɔɪ̯": "ɔɪ",
        "eɪ̯": "eɪ",
        "oʊ̯": "oʊ",
        "əʊ̯": "əʊ",
        "ʀ": "ʁ",
        "χ": "x",
        "'": "ˈ",
    },
}
_SEPARATE = {
    "ɝ": ("ɜ", "ɹ"),
    "ɚ": ("ə", "ɹ"),
    "n̩": ("ᵊ", "n"),
    "l̩": ("ᵊ", "l"),
    "m̩": ("ᵊ", "m"),
    ".": (),
    "͡": (),
    "‿": (),
}
_READ = {
    **{symbol: (symbol,) for symbol in SYMBOLS},
    **{alias: (symbol,) for alias, symbol in _ALIASES.items()},
    **_SEPARATE,
}
_IPA = re.compile("|".join(re.escape(written) for written in sorted(_READ, key=len, reverse=True)))
_FROM_TEACHER = {written: symbol for symbol, written in TEACHER.items()}
_TEACHER = re.compile("|".join(re.escape(written) for written in sorted(_FROM_TEACHER, key=len, reverse=True)))


_LONGEST_SHOWN = 80


def parse_ipa(written: str) -> tuple[str, ...]:
    """The symbols of a pronunciation in IPA; stress marks before a syllable's consonants are moved to its vowel.

    Raises:
        ValueError: for a character that is none.
    """
    symbols: list[str] = []
    for part in _parts(_IPA, written, "IPA"):
        symbols.extend(_READ[part])
    return _stressed_at_vowels(symbols)


def from_teacher(written: str) -> tuple[str, ...]:
    """The symbols of a line of Kokoro's data; `to_teacher` gives the same line again."""
    return tuple(_FROM_TEACHER[part] for part in _parts(_TEACHER, written, "symbols of Kokoro"))


def to_teacher(symbols: Iterable[str]) -> str:
    """Symbols as Kokoro's data writes them."""
    return "".join(TEACHER[symbol] for symbol in symbols)


def _parts(pattern: re.Pattern[str], written: str, alphabet: str) -> list[str]:
    parts, place = [], 0
    while place < len(written):
        found = pattern.match(written, place)
        if not found:
            shown = written if written.isprintable() and len(written) <= _LONGEST_SHOWN else ascii(written)[1:-1]
            sign = written[place] if written[place].isprintable() else ascii(written[place])[1:-1]
            raise ValueError(f'"{shown[:_LONGEST_SHOWN]}", character {place + 1}: "{sign}" is none of the {alphabet}')
        parts.append(found[0])
        place = found.end()
    return parts


def _stressed_at_vowels(symbols: list[str]) -> tuple[str, ...]:
    placed, waiting = [], []
    for symbol in symbols:
        if symbol in STRESSES:
            waiting = [symbol]
            continue
        if waiting and symbol in VOWELS:
            placed += waiting
            waiting = []
        placed.append(symbol)
    return tuple(placed)
