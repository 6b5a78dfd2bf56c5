"""A user's own pronunciations: a table of words and IPA, as TSV or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from menura.files import parse_json, read_bytes
from menura.text.speech.dictionary import Sounds
from menura.text.speech.phonemes import parse_ipa

Lexicon = Mapping[str, Sounds]
_LARGEST = 32 << 20


def read_lexicon(path: Path | str) -> dict[str, Sounds]:
    """The words of a file: lines of `word<TAB>ipa` (# begins a remark), or a JSON object where it ends in .json.

    A word in small letters stands for all its spellings; one with capitals only for itself.

    Raises:
        ValueError: for a line that is none, with its number.
    """
    return parse_lexicon(read_bytes(path, _LARGEST), Path(path).name)


def parse_lexicon(content: bytes, name: str) -> dict[str, Sounds]:
    """The words of such a file's content, which is called `name` in complaints.

    Raises:
        ValueError: as `read_lexicon`.
    """
    if name.endswith(".json") or content.lstrip().startswith(b"{"):
        entries = [(f'"{word}"', word, said) for word, said in parse_json(content, name).items()]
    else:
        entries = list(_lines(content, name))
    lexicon = {}
    for place, word, said in entries:
        if not isinstance(said, str):
            raise ValueError(f"{name}, {place}: the pronunciation must be IPA in quotes")
        try:
            lexicon[word] = parse_ipa(said)
        except ValueError as error:
            raise ValueError(f"{name}, {place}: {error}") from None
    return lexicon


def _lines(content: bytes, name: str) -> list[tuple[str, str, str]]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not UTF-8: byte {error.start}") from None
    entries = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        word, tab, said = line.partition("\t")
        if not tab or not word.strip() or not said.strip():
            raise ValueError(f"{name}, line {number}: must be a word, a tab, and its pronunciation in IPA")
        entries.append((f"line {number}", word.strip(), said.strip().strip("/")))
    return entries
