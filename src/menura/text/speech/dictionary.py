"""Dictionaries: words with the sounds of each letter, packed in a file; unknown words are guessed from the known ones.

A file is xz-compressed: a line of JSON (tables), the words, each as the length shared with the last one and the rest,
then one byte a letter: which of that letter's sounds it has here. What does not fit letter by letter follows as text.
"""

from __future__ import annotations

import json
import lzma
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from menura.text.speech.graphones import Graphones
from menura.text.speech.phonemes import STRESSES, SYMBOLS

FOLDER = Path(__file__).parent / "dictionaries"
_FIRST_CODE = 0x100
_MOST = 255
Sounds = tuple[str, ...]
Parts = list[Sounds]
"""The symbols of each letter."""


class Dictionary:
    """Words of a language; `sounds[letter]` are what the letter may stand for, a character a sound."""

    def __init__(self, words: list[str], sounds: Mapping[str, list[str]], bytes_: np.ndarray, others: dict[str, str]):
        self._sounds = sounds
        self._bytes = bytes_
        self._others = others
        ends = np.cumsum([len(word) for word in words])
        self._ends = dict(zip(words, ends.tolist(), strict=True))
        self._guessed: dict[str, Parts | None] = {}

    def __contains__(self, word: str) -> bool:
        return word in self._ends or word in self._others

    def __len__(self) -> int:
        return len(self._ends) + len(self._others)

    def words(self) -> list[str]:
        """All words, in order."""
        return sorted([*self._ends, *self._others])

    def parts(self, word: str) -> Parts | None:
        """The symbols of each letter of a known word; all of them at the first letter where they do not part."""
        if word in self._others:
            return [_symbols(self._others[word]), *[()] * (len(word) - 1)]
        if word not in self._ends:
            return None
        end = self._ends[word]
        ranks = self._bytes[end - len(word) : end].tolist()
        return [_symbols(self._sounds[letter][rank]) for letter, rank in zip(word, ranks, strict=True)]

    def guess(self, word: str) -> Parts | None:
        """The likeliest symbols of each letter of any word; None where a letter is not of this language."""
        if word not in self._guessed:
            found = self._graphones.best(word)
            self._guessed[word] = None if found is None else [_symbols(self._graphone_sounds[one]) for one in found]
        return self._guessed[word]

    @cached_property
    def _first_graphones(self) -> dict[str, int]:
        firsts, following = {}, 1
        for letter, sounds in self._sounds.items():
            firsts[letter] = following
            following += len(sounds)
        return firsts

    @cached_property
    def _graphone_sounds(self) -> list[str]:
        return ["", *[one for sounds in self._sounds.values() for one in sounds]]

    @cached_property
    def _graphones(self) -> Graphones:
        firsts = self._first_graphones
        offsets = np.frombuffer("".join(self._ends).encode("utf-32-le"), np.uint32)
        table = np.zeros(int(offsets.max()) + 1, np.int64)
        for letter, first in firsts.items():
            table[ord(letter)] = first
        graphones = table[offsets] + self._bytes
        words = np.split(graphones, list(self._ends.values())[:-1])
        letters = {one: np.arange(first, first + len(self._sounds[one])) for one, first in firsts.items()}
        return Graphones(words, letters)


def pack(aligned: Mapping[str, Sequence[str]], others: Mapping[str, str], language: str) -> bytes:
    """A file's bytes, from words with their letters' sounds, and others with all of theirs; a character a sound."""
    counts: dict[str, Counter[str]] = {}
    for word, parts in aligned.items():
        for letter, part in zip(word, parts, strict=True):
            counts.setdefault(letter, Counter())[part] += 1
    kept = {letter: [part for part, _ in counts[letter].most_common(_MOST)] for letter in sorted(counts)}
    ranks = {letter: {part: rank for rank, part in enumerate(parts)} for letter, parts in kept.items()}
    words = sorted(aligned)
    shared = b"".join(_tail(before, word) for before, word in zip(["", *words], words, strict=False))
    bytes_ = bytes(ranks[letter][part] for word in words for letter, part in zip(word, aligned[word], strict=True))
    rest = "".join(f"{word}\t{sounds}\n" for word, sounds in sorted(others.items())).encode()
    head = {"format": 1, "language": language, "symbols": SYMBOLS, "sounds": kept}
    head |= {"words": len(shared), "bytes": len(bytes_)}
    filters = [
        {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 22, "lc": 4, "lp": 0, "pb": 0}
    ]
    payload = json.dumps(head, ensure_ascii=False).encode() + b"\n" + shared + bytes_ + rest
    return lzma.compress(payload, filters=filters)


def unpack(data: bytes) -> Dictionary:
    """The dictionary of a file's bytes."""
    head, _, body = lzma.decompress(data).partition(b"\n")
    tables = json.loads(head)
    pages = [_FIRST_CODE * (1 + page) for page in range(1 + len(STRESSES))]
    places = enumerate(tables["symbols"])
    translation = {page + place: page + SYMBOLS.index(symbol) for place, symbol in places for page in pages}
    sounds = {letter: [one.translate(translation) for one in parts] for letter, parts in tables["sounds"].items()}
    words_end, bytes_end = tables["words"], tables["words"] + tables["bytes"]
    words, last = [], ""
    for line in body[:words_end].decode().splitlines():
        last = last[: ord(line[0]) - 48] + line[1:]
        words.append(last)
    rest = [line.split("\t") for line in body[bytes_end:].decode().splitlines()]
    others = {word: said.translate(translation) for word, said in rest}
    return Dictionary(words, sounds, np.frombuffer(body[words_end:bytes_end], np.uint8), others)


@cache
def dictionary(language: str) -> Dictionary:
    """The dictionary that comes with the package."""
    return unpack((FOLDER / f"{language}.bin").read_bytes())


def code(symbol: str) -> str:
    """One character for a symbol of the alphabet, or for a stress mark and its vowel."""
    if symbol[0] in STRESSES:
        return chr(_FIRST_CODE * (2 + STRESSES.index(symbol[0])) + SYMBOLS.index(symbol[1:]))
    return chr(_FIRST_CODE + SYMBOLS.index(symbol))


def encode(symbols: Sounds) -> str:
    """Symbols as characters, a stress mark and its vowel in one."""
    joined, mark = [], ""
    for symbol in symbols:
        if symbol in STRESSES:
            mark = symbol
        else:
            joined.append(code(mark + symbol))
            mark = ""
    return "".join(joined)


@cache
def _symbols(encoded: str) -> Sounds:
    symbols: list[str] = []
    for character in encoded:
        kind, place = divmod(ord(character), _FIRST_CODE)
        symbols += ([STRESSES[kind - 2]] if kind > 1 else []) + [SYMBOLS[place]]
    return tuple(symbols)


def _tail(before: str, word: str) -> bytes:
    shared = 0
    while shared < min(len(before), len(word), 40) and before[shared] == word[shared]:
        shared += 1
    return (chr(48 + shared) + word[shared:] + "\n").encode()
