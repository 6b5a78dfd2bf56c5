"""Files: written whole or not at all, never over another unless asked, read with a limit."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_HASH_BLOCK_BYTES = 1 << 20


def slug(text: str, max_length: int = 48) -> str:
    """A file name from free text: ``"A slow waltz, 90 bpm!"`` -> ``"a-slow-waltz-90-bpm"``; may be empty."""
    plain = unicodedata.normalize("NFKD", text[: 16 * max_length]).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    name = "-".join(words)
    if len(name) <= max_length:
        return name
    whole_words = name[: max_length + 1].rpartition("-")[0]
    return whole_words or name[:max_length]


def suffixed(stem: Path, suffix: str) -> Path:
    """``stem`` with `suffix` added; unlike `Path.with_suffix` it keeps a dot within the stem (``v1.2``)."""
    return stem.with_name(stem.name + suffix)


def refuse_overwrite(paths: Iterable[Path], overwrite: bool = False) -> None:
    """Raise `FileExistsError`, naming the first of `paths` that exists, unless `overwrite`."""
    if overwrite:
        return
    for path in paths:
        if os.path.lexists(path):
            raise FileExistsError(f"{path} exists already; name another output, or overwrite it (--force)")


@contextmanager
def writing(path: Path | str, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path` (same suffix) to write to; it takes the name `path` at the end.

    Missing parent folders are made. Whatever goes wrong inside leaves `path` as it was and no file behind.

    Raises:
        FileExistsError: `path` exists and `overwrite` is false.
    """
    path = Path(path)
    refuse_overwrite([path], overwrite)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(6)}.tmp{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path | str, content: bytes, overwrite: bool = False) -> None:
    """Write a file whole or not at all."""
    with writing(path, overwrite) as temporary:
        temporary.write_bytes(content)


def write_json(path: Path | str, content: object, overwrite: bool = False) -> None:
    """Write readable JSON, UTF-8, ending with a line feed; a file's name that is not UTF-8 is kept as JSON escapes."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_bytes(path, text.encode(errors="backslashreplace"), overwrite)


@contextmanager
def writing_folder(folder: Path | str, overwrite: bool = False) -> Iterator[Path]:
    """Give an empty temporary folder beside `folder`; what is written in it moves there at the end.

    Other files in `folder` stay as they are.

    Raises:
        FileExistsError: a file to be moved exists and `overwrite` is false; then none is moved.
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{secrets.token_hex(6)}.tmp")
    temporary.mkdir()
    try:
        yield temporary
        if folder.exists():
            _move_files(temporary, folder, overwrite)
        else:
            os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def writing_beside(stem: Path | str, overwrite: bool = False) -> Iterator[Path]:
    """Give a stem in a temporary folder; all files written under it move beside `stem` together at the end.

    Raises:
        FileExistsError: a file to be moved exists and `overwrite` is false; then none is moved.
    """
    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    temporary = stem.with_name(f".{secrets.token_hex(6)}.tmp")
    temporary.mkdir()
    try:
        yield temporary / stem.name
        _move_files(temporary, stem.parent, overwrite)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _move_files(source: Path, target: Path, overwrite: bool) -> None:
    names = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    refuse_overwrite((target / name for name in names), overwrite)
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(source / name, target / name)


def sha256(path: Path | str) -> str:
    """``"sha256:"`` and the hexadecimal digest of a file's content."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_HASH_BLOCK_BYTES):
            digest.update(block)
    return f"sha256:{digest.hexdigest()}"


def read_bytes(path: Path | str, max_bytes: int) -> bytes:
    """A whole file of at most `max_bytes`.

    Raises:
        ValueError: the file is larger.
    """
    with open(path, "rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise ValueError(f"{path} is larger than {max_bytes} bytes")
    return content


def read_json(path: Path | str, max_bytes: int = 1 << 20) -> dict[str, Any]:
    """The JSON object in an untrusted file.

    Raises:
        ValueError: it is larger than `max_bytes`, not UTF-8, not JSON, or not an object.
    """
    encoded = read_bytes(path, max_bytes)
    try:
        content = json.loads(encoded.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text") from error
    except RecursionError as error:
        raise ValueError(f"{path} is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds {type(content).__name__}, not an object in braces")
    return content


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
