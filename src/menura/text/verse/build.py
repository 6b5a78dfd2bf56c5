"""Count the words of public-domain verse and prose: `python -m menura.text.verse.build FOLDER`.

FOLDER has text-prompts-and-lyrics (hymns), symbolic-openewld-leadsheets (old songs), text-sentences-en (novels).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from menura.files import write_bytes
from menura.text.verse.model import counted, packed

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_PARTS = re.compile(r"[.,;:!?—()\"]+")


def texts(folder: Path) -> Iterator[str]:
    """Everything that is read: verse, and sentences in the public domain."""
    for row in _rows(folder / "text-prompts-and-lyrics/manifest.jsonl"):
        if row.get("kind") == "hymn lyrics" and row["split"] == "train":
            yield from dict.fromkeys(row["verses"])
    for row in _rows(folder / "symbolic-openewld-leadsheets/manifest.jsonl"):
        if row.get("text_language") == "English" and row["split"] == "train":
            yield row.get("lyrics", "")
    for row in _rows(folder / "text-sentences-en/sentences.jsonl"):
        if row["license"].startswith(("CC0", "public domain")):
            yield row["text"]


def lines(text: str) -> list[list[str]]:
    """The words of a text, cut at its signs."""
    plain = text.lower().replace("’", "'")
    return [found for part in _PARTS.split(plain) if (found := _WORD.findall(part))]


def _rows(file: Path) -> Iterator[dict]:
    with file.open(encoding="utf-8") as rows:
        yield from map(json.loads, rows)


if __name__ == "__main__":
    data = packed(counted(line for text in texts(Path(sys.argv[1])) for line in lines(text)))
    write_bytes(Path(__file__).parent / "model.bin", data, overwrite=True)
