"""What a folder says of its files: rows of manifests, and how files are shared out to splits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

SPLITS = ("train", "valid", "test")
_ALSO_VALID = {"validation": "valid", "val": "valid", "dev": "valid"}
_MAX_BYTES = 1 << 28


def rows(manifest: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Each row of a ``manifest.jsonl`` and, for a complaint, where it stands.

    Raises:
        ValueError: the manifest is too large, or a line is not an object with a ``file``.
    """
    if manifest.stat().st_size > _MAX_BYTES:
        raise ValueError(f"{manifest} is larger than {_MAX_BYTES >> 20} MB")
    with manifest.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            where = f"{manifest} line {number}"
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{where} is not JSON: {str(error)[:100]}") from error
            if not isinstance(row, dict) or not isinstance(row.get("file"), str):
                raise ValueError(f"{where} is not an object with a file")
            yield where, row


def inside(home: Path, name: str, where: str) -> Path:
    """The file `name` of a folder. It may be a link: whoever made the folder made that, but not what a manifest says.

    Raises:
        ValueError: it lies outside the folder.
    """
    named = PurePath(name)
    if named.is_absolute() or named.drive or ".." in named.parts:
        raise ValueError(f"{where}: {name[:60]!r} lies outside the folder of the manifest")
    return home / name


def split_of(row: Mapping[str, object], group: str, trusted: bool = True) -> str:
    """``"train"``, ``"valid"`` or ``"test"``: as the row says, else one group in twenty each is held out.

    Args:
        row: what is said of the file.
        group: files of one group never fall into different splits.
        trusted: whether to take the row's word.
    """
    said = str(row.get("split") or "").lower()
    said = _ALSO_VALID.get(said, said)
    if trusted and said in SPLITS:
        return said
    digest = hashlib.sha256(group.encode()).digest()[0]
    return "valid" if digest < 13 else "test" if digest < 26 else "train"
