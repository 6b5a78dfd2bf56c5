"""Builds the dictionaries: `python -m menura.text.speech.build DATA`, where DATA has cmudict and WikiPron's tables.

cmudict.dict.gz (Carnegie Mellon University, BSD) and wikipron-{deu_latn,nld_latn}_broad_filtered.tsv.gz
(Wiktionary's contributors through WikiPron, CC BY-SA 4.0).
"""

from __future__ import annotations

import argparse
import gzip
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from menura.files import write_bytes
from menura.text.speech.alignment import align
from menura.text.speech.dictionary import FOLDER, Sounds, encode, pack
from menura.text.speech.phonemes import CONSONANTS, VOWELS, parse_ipa

_ARPABET = {
    **{
        "AA": "ɑ",
        "AE": "æ",
        "AH": "ʌ",
        "AO": "ɔ",
        "AW": "aʊ",
        "AY": "aɪ",
        "EH": "ɛ",
        "ER": "ɜɹ",
        "EY": "eɪ",
        "IH": "ɪ",
    },
    **{"IY": "i", "OW": "oʊ", "OY": "ɔɪ", "UH": "ʊ", "UW": "u", "CH": "tʃ", "DH": "ð", "G": "ɡ", "HH": "h", "JH": "dʒ"},
    **{"NG": "ŋ", "R": "ɹ", "SH": "ʃ", "TH": "θ", "Y": "j", "ZH": "ʒ"},
}
_UNSTRESSED = {"AH": "ə", "ER": "əɹ"}
_MARKS = {"0": "", "1": "ˈ", "2": "ˌ"}
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*'?")

_GERMAN = (
    *((r"a ɪ̯", "aɪ"), (r"a ʊ̯", "aʊ"), (r"ɔ (?:ʏ|ɪ)̯", "ɔʏ"), (r"([nlm])̩", r"ə \1"), (r"ŋ[̩̍]", "ə n"), (r"ʔ ?", "")),
    *((r"[rʀ]", "ʁ"), (r"χ", "x"), (r"[iɪ]̯", "i"), (r"[uʊo]̯", "u"), (r"[yʏ]̯", "y"), (r"ɐ̯", "ɐ"), (r"ɑː", "aː")),
    *((r"([ptk])ʰ", r"\1"), (r"t s", "t͡s"), (r"[̥̊]", ""), (r"ɔː", "ɔ"), (r"ɱ̩", "ə m")),
    *((r"^(f |t͡s )?ə ʁ(?= [^aeiouyɛɪɔʊʏœøə])", r"\1ɛ ɐ"), (r"ə ʁ(?= [^aeiouyɛɪɔʊʏœøə]|$)", "ɐ")),
    (r"([aeiouyɛɪɔʊʏœø]ː?) ʁ(?= [^aeiouyɛɪɔʊʏœøə]|$)", r"\1 ɐ"),
)
_DUTCH = (
    *((r"ɛ i̯?(?![ː\w])", "ɛi"), (r"œ y̯?(?![ː\w])", "œy"), (r"[ɑʌ] u̯?(?![ː\w])", "ɑu"), (r"[iɪ]̯", "j"), (r"u̯", "ʋ")),
    *(
        (r"y̯", "j"),
        (r"iː", "i"),
        (r"uː", "u"),
        (r"yː", "y"),
        (r"ɔː", "ɔ"),
        (r"\ba\b(?!ː)", "aː"),
        (r"ʌ", "ʏ"),
        (r"\be\b", "eː"),
    ),
    (r"\bo\b", "oː"),
)


def american(folder: Path) -> Iterator[tuple[str, Sounds]]:
    """cmudict's first pronunciation of each word; possessives are left to rules."""
    with gzip.open(folder / "cmudict.dict.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            word, *phones = line.partition("#")[0].split()
            if _WORD.fullmatch(word) and not word.endswith(("'s", "s'")):
                yield word, parse_ipa("".join(map(_from_arpabet, phones)))


def _from_arpabet(phone: str) -> str:
    base = phone.rstrip("012")
    if base == phone:
        return _ARPABET.get(base, base.lower())
    vowel = _UNSTRESSED.get(base) if phone[-1] == "0" else None
    return _MARKS[phone[-1]] + (vowel or _ARPABET[base])


def _wikipron(path: Path, changes: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Sounds]]:
    """Of each word's pronunciations the one that its spelling makes likeliest."""
    compiled = [(re.compile(pattern), change) for pattern, change in changes]
    found: dict[str, list[Sounds]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            word, _, written = line.rstrip("\n").partition("\t")
            key = word.lower()
            if not _WORD.fullmatch(word) or (word.isupper() and len(word) > 1):
                continue
            for pattern, change in compiled:
                written = pattern.sub(change, written)
            try:
                sounds = parse_ipa(written.replace(" ", ""))
            except ValueError:
                continue
            if sounds and set(sounds) <= VOWELS | CONSONANTS:
                found.setdefault(key, []).append(sounds)
    yield from _most_regular(found)


def _most_regular(found: dict[str, list[Sounds]]) -> Iterator[tuple[str, Sounds]]:
    """Letters' sounds are counted in the words that have one pronunciation, and tell which of several others have."""
    pairs = [(word, encode(sounds)) for word, variants in found.items() for sounds in variants]
    aligned = iter(align(pairs))
    parts = {word: [(sounds, next(aligned)) for sounds in variants] for word, variants in found.items()}
    counts: Counter[tuple[str, str]] = Counter()
    letters: Counter[str] = Counter()
    for word, variants in parts.items():
        if len(variants) == 1 and variants[0][1] is not None:
            counts.update(zip(word, variants[0][1], strict=True))
            letters.update(word)

    def likelihood(word: str, one: list[str] | None) -> float:
        if one is None:
            return -math.inf
        pairs_of_word = zip(word, one, strict=True)
        return sum(math.log((counts[pair] + 0.5) / (letters[pair[0]] + 1)) for pair in pairs_of_word)

    for word, variants in parts.items():
        yield word, max(variants, key=lambda variant: likelihood(word, variant[1]))[0]


def german(folder: Path) -> Iterator[tuple[str, Sounds]]:
    """WikiPron's German words; their stress is told by rules, when they are read."""
    return _wikipron(folder / "wikipron-deu_latn_broad_filtered.tsv.gz", _GERMAN)


def dutch(folder: Path) -> Iterator[tuple[str, Sounds]]:
    """WikiPron's Dutch words."""
    return _wikipron(folder / "wikipron-nld_latn_broad_filtered.tsv.gz", _DUTCH)


SOURCES: dict[str, Callable[[Path], Iterator[tuple[str, Sounds]]]] = {"en-us": american, "de": german, "nl": dutch}


def packed(language: str, entries: Iterable[tuple[str, Sounds]]) -> bytes:
    """A dictionary's bytes from its words."""
    words = {word: encode(sounds) for word, sounds in entries}
    parts = align(list(words.items()))
    pairs = zip(words, parts, strict=True)
    aligned = {word: found for word, found in pairs if found is not None}
    return pack(aligned, {word: said for word, said in words.items() if word not in aligned}, language)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Build the dictionaries of the package.")
    parser.add_argument("data", type=Path, help="folder with cmudict.dict.gz and WikiPron's tables")
    parser.add_argument("--languages", nargs="*", default=list(SOURCES))
    args = parser.parse_args(arguments)
    for language in args.languages:
        data = packed(language, SOURCES[language](args.data))
        write_bytes(FOLDER / f"{language}.bin", data, overwrite=True)
        print(f"{language}: {len(data)} bytes")


if __name__ == "__main__":
    main()
