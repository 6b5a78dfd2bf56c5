"""A file from an address: begun where an earlier try broke off, compared with a hash, there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from menura.files import suffixed
from menura.progress import Progress

_BLOCK_BYTES = 1 << 20
_TIMEOUT_S = 30.0
_MOST_TRIES = 5
"""In a row that bring nothing."""
_PAUSE_S = 1.0
"""Before the next of these, longer from one to the next."""
_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_NOT_IN_RANGE = 416


class Unreachable(ValueError):
    """The address cannot be reached from here."""


def download(url: str, path: Path, sha256: str, progress: Progress) -> None:
    """Bring a file. What came of it stays as ``<path>.part`` until it is whole, for another call to go on from.

    Proxies are those of the environment (``https_proxy``).

    Args:
        url: of the file.
        path: where it is to stand.
        sha256: of the file, 64 hexadecimal digits.
        progress: is told bytes.

    Raises:
        Unreachable: nobody answers there.
        ValueError: there is no such file, another than was meant, or the connection broke off time and again.
    """
    part = suffixed(path, ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    tries, size = 0, _size(part)
    while not _go_on(url, part, path.name, progress):
        tries = 0 if _size(part) > size else tries + 1
        size = _size(part)
        if tries == _MOST_TRIES:
            raise ValueError(f"{url} broke off after {size / 1e6:.1f} MB; the same command goes on from there")
        time.sleep(_PAUSE_S * tries)
    found = sha256_of(part, progress)
    if found != sha256:
        part.unlink()
        raise ValueError(f"{url} gave another file than is meant: its SHA-256 is {found}, not {sha256}")
    os.replace(part, path)


def sha256_of(path: Path, progress: Progress) -> str:
    """The hexadecimal SHA-256 of a file."""
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            progress.update(done, total, f"checking {path.name.removesuffix('.part')}")
    return digest.hexdigest()


def _go_on(url: str, part: Path, name: str, progress: Progress) -> bool:
    """Add to what is there; whether it is all there now."""
    have = _size(part)
    request = Request(url, headers={"User-Agent": "menura", **({"Range": f"bytes={have}-"} if have else {})})
    try:
        with closing(urlopen(request, timeout=_TIMEOUT_S)) as answer:
            return _append(answer, part, have, name, progress)
    except HTTPError as error:
        if error.code == _NOT_IN_RANGE:
            return _is_all(error.headers.get("Content-Range", ""), have, part)
        if error.code in _AGAIN:
            return False
        raise ValueError(f"{url} answers {error.code} {error.reason}") from None
    except URLError as error:
        reason = error.reason.strerror if isinstance(error.reason, OSError) else error.reason
        raise Unreachable(f"{url} cannot be reached ({reason or error.reason})") from None
    except (HTTPException, TimeoutError, ConnectionError):
        return False


def _append(answer: Any, part: Path, have: int, name: str, progress: Progress) -> bool:
    have = have if answer.status == 206 else 0  # who cannot go on begins again
    length = answer.headers.get("Content-Length")
    total = have + int(length) if length else None
    with part.open("ab" if have else "wb") as file:
        while block := answer.read(_BLOCK_BYTES):
            file.write(block)
            have += len(block)
            progress.update(have, max(total or 0, have), f"fetching {name}")
    return total is None or have == total


def _is_all(content_range: str, have: int, part: Path) -> bool:
    """Where nothing follows what is there: whether that is because it is whole. If not it is begun again."""
    if content_range.rpartition("/")[2] == str(have):
        return True
    part.unlink(missing_ok=True)
    return False


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
