"""Files: written whole or not at all, never over another unless asked, read with a limit."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
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
    """Raise, naming it, for the first of `paths` that a file may not be written to.

    Raises:
        FileExistsError: it exists, and `overwrite` is false.
        IsADirectoryError: it is a folder, or anything else that is not a file: that is never replaced.
        OSError: nothing could have this name there: it is too long, or what should be its folder is none.
    """
    for path in paths:
        with suppress(FileNotFoundError):
            path.lstat()
            if path.is_dir():
                raise IsADirectoryError(f"{path} is a folder, where a file is to be written; name another output")
            if not overwrite:
                raise FileExistsError(f"{path} exists already; name another output, or overwrite it (--force)")
            if path.exists() and not path.is_file():
                raise FileExistsError(f"{path} is not a file, and is not overwritten; name another output")


def require_writable(folder: Path) -> None:
    """Raise, naming it, if no file could be made in `folder`; one that is not there yet may be made.

    Raises:
        NotADirectoryError: it, or what should hold it, is not a folder.
        OSError: it, or what should hold it, cannot be written to: no permission, no space.
    """
    nearest = folder.absolute()
    while not os.path.lexists(nearest) and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise NotADirectoryError(f"{nearest} is not a folder")
    try:
        tempfile.TemporaryFile(dir=nearest).close()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise type(error)(f"the folder {nearest} cannot be written to ({reason}); name another output") from None


@contextmanager
def writing(path: Path | str, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path` (same suffix) to write to; it takes the name `path` at the end.

    Missing parent folders are made. Whatever goes wrong inside leaves `path` as it was and no file behind.

    Raises:
        FileExistsError: `path` exists, or appeared meanwhile, and `overwrite` is false.
        OSError: as `refuse_overwrite` and `require_writable`.
    """
    path = Path(path)
    require_writable(path.parent)
    refuse_overwrite([path], overwrite)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(6)}.tmp{path.suffix}")
    try:
        yield temporary
        (os.replace if overwrite else _rename)(temporary, path)
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
        OSError: a file cannot be moved; then all are as they were.
    """
    folder = Path(folder)
    with _staging(folder) as temporary:
        yield temporary
        if folder.exists():
            _move_files(temporary, folder, overwrite)
        else:
            os.replace(temporary, folder)


@contextmanager
def writing_beside(stem: Path | str, overwrite: bool = False) -> Iterator[Path]:
    """Give a stem in a temporary folder; all files written under it move beside `stem` together at the end.

    Raises:
        FileExistsError: a file to be moved exists and `overwrite` is false; then none is moved.
        OSError: a file cannot be moved; then all are as they were.
    """
    stem = Path(stem)
    with _staging(stem) as temporary:
        yield temporary / stem.name
        _move_files(temporary, stem.parent, overwrite)


def write_beside(stem: Path | str, write: Callable[[Path], Iterable[Path]], overwrite: bool = False) -> list[Path]:
    """As `writing_beside`, for what writes files under a stem and says which; where they are then."""
    stem = Path(stem)
    with writing_beside(stem, overwrite) as staged:
        names = [path.relative_to(staged.parent) for path in write(staged)]
    return [stem.parent / name for name in names]


@contextmanager
def _staging(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path`."""
    require_writable(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(6)}.tmp")
    temporary.mkdir()
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _move_files(source: Path, target: Path, overwrite: bool) -> None:
    """Move all files below `source` to the same places below `target`; whatever goes wrong, none, as if untried."""
    names = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    refuse_overwrite((target / name for name in names), overwrite)
    former = Path(tempfile.mkdtemp(dir=source))
    with ExitStack() as undo:
        for number, name in enumerate(names):
            fresh, place, old = source / name, target / name, former / str(number)
            for folder in reversed([each for each in place.parents if not each.exists()]):
                folder.mkdir()
                undo.callback(folder.rmdir)
            if overwrite and os.path.lexists(place):
                _keep(place, old)
                undo.callback(os.replace, old, place)
                os.replace(fresh, place)
            else:
                _rename(fresh, place)
                undo.callback(place.unlink)
        undo.pop_all()


def _rename(source: Path, target: Path) -> None:
    """Give a file another name in its file system, never that of another: `FileExistsError` if there is one."""
    refuse_overwrite([target])
    try:
        os.link(source, target)
    except OSError:  # a file system without links: an empty file, which nobody may have made before, holds the name
        os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o666))
        try:
            os.replace(source, target)
        except OSError:
            target.unlink()
            raise
    else:
        source.unlink()


def _keep(path: Path, backup: Path) -> None:
    """Let a file that is about to be replaced be there under a second name; without links, under that alone."""
    try:
        os.link(path, backup, follow_symlinks=False)
    except OSError:
        os.replace(path, backup)


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
    return parse_json(read_bytes(path, max_bytes), str(path))


def parse_json(encoded: bytes, name: str) -> dict[str, Any]:
    """The JSON object in untrusted bytes that are called `name` in complaints.

    Raises:
        ValueError: they are not UTF-8, not JSON, or not an object.
    """
    try:
        content = json.loads(encoded.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not UTF-8 text") from error
    except RecursionError as error:
        raise ValueError(f"{name} is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"{name} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{name} holds {type(content).__name__}, not an object in braces")
    return content


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
