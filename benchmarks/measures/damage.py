"""Damage done to valid files, text and JSON by a seeded generator: bits, cuts, repeats, splices, lengths that lie."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

_EXTREMES = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    1 << 63,
    (1 << 64) - 1,
)
_NUMBERS = ("0", "-1", "1e999", "0.0000001", "65536", "2147483648", "99999999999999999999", "NaN", "½", "٣", "9" * 5000)
_SIGNS = ("\0", "\n", "\u202e", "é", "🎵", "\ud7ff", "♯", "\ufeff", "ß", "İ", "-", "/", ",", ";", "%", '"', "\\")
_VALUES: tuple[Any, ...] = (
    *(None, True, False, "", [], {}, 0, 1, -1, 2**31, 2**63, 10**30, -0.0, 1e-300, 1e300, float("inf"), float("nan")),
    *("x" * 10_000, "\0", "\ud800", "../../etc/passwd", [[]] * 100, {"": {}}, [1e9] * 50),
)
_MAX_BYTES = 1 << 20


def damaged(content: bytes, others: Sequence[bytes], tags: Sequence[bytes], rng: random.Random) -> bytes:
    """A file with one to four kinds of damage, at most 1 MiB of it.

    Args:
        content: the valid file.
        others: valid files to splice it with.
        tags: words that lengths and counts stand beside in such files.
    """
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 3, 4))):
        if not changed:
            break
        rng.choice((_flip, _flip, _cut, _repeat, _splice, _lie, _lie_at_tag, _lie_at_tag))(changed, others, tags, rng)
    return bytes(changed[:_MAX_BYTES])


def damaged_text(text: str, others: Sequence[str], rng: random.Random) -> str:
    """A sentence with words and numbers replaced, repeated, spliced, and odd signs put in."""
    words = text.split(" ")
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(words))
        match rng.randrange(7):
            case 0:
                words[place] = rng.choice(_NUMBERS)
            case 1:
                words[place] = rng.choice(rng.choice(others).split(" "))
            case 2:
                words[place:place] = words[: rng.randint(0, len(words))] * rng.choice((1, 1, 2, 40))
            case 3:
                cut = rng.randint(0, len(words[place]))
                words[place] = words[place][:cut] + rng.choice(_SIGNS) * rng.choice((1, 1, 3, 500)) + words[place][cut:]
            case 4:
                words = words[: place + 1] + rng.choice(others).split(" ")[-rng.randint(1, 5) :]
            case 5:
                words[place] += rng.choice(_NUMBERS)
            case 6:
                words[place : place + 2] = ["".join(words[place : place + 2])]
        words = words[:5000]
    return " ".join(words)


def damaged_json(value: Any, rng: random.Random) -> bytes:
    """JSON with values and names replaced, or its text damaged, or nested as deep as a stack is high."""
    kind = rng.randrange(10)
    if kind == 0:
        return damaged(json.dumps(value).encode(), [b'{"a":' * 3000, b"[" * 200_000], [b":", b"{", b"["], rng)
    if kind == 1:
        deep = rng.choice((50, 900, 1100, 100_000))
        return json.dumps(value).encode()[:-1] + b', "deep": ' + b"[" * deep + b"]" * deep + b"}"
    changed = json.loads(json.dumps(value))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        _change(changed, rng)
    return json.dumps(changed).encode()


def damaged_safetensors(content: bytes, rng: random.Random) -> bytes:
    """Weights whose header is damaged, and still has the length that is said before it."""
    length = int.from_bytes(content[:8], "little")
    header = damaged_json(json.loads(content[8 : 8 + length]), rng)
    return struct.pack("<Q", len(header)) + header + content[8 + length :]


def resealed_mnr(content: bytes, header_bytes: int) -> bytes:
    """A .mnr file whose header's checksum is right, so that what the header says is looked at."""
    head = content[: header_bytes - 4]
    return head + struct.pack("<I", zlib.crc32(head)) + content[header_bytes:]


def resealed_ogg(content: bytes, serial: int | None = None) -> bytes:
    """An Ogg file whose pages have right checksums; `serial`: the number that all pages are given."""
    changed, at = bytearray(content), content.find(b"OggS")
    while at >= 0 and at + 27 <= len(changed):
        if serial is not None:
            changed[at + 14 : at + 18] = struct.pack("<I", serial)
        segments = changed[at + 27 : at + 27 + changed[at + 26]]
        end = at + 27 + len(segments) + sum(segments)
        changed[at + 22 : at + 26] = bytes(4)
        changed[at + 22 : at + 26] = struct.pack("<I", _ogg_checksum(changed[at:end]))
        at = changed.find(b"OggS", at + 4)
    return bytes(changed)


def _ogg_checksum(page: bytes | bytearray) -> int:
    checksum = 0
    for byte in page:
        checksum = (checksum << 8 & 0xFFFF_FFFF) ^ _OGG_TABLE[checksum >> 24 ^ byte]
    return checksum


def _ogg_row(byte: int) -> int:
    checksum = byte << 24
    for _ in range(8):
        checksum = (checksum << 1) ^ (0x104C1_1DB7 if checksum & 0x8000_0000 else 0)
    return checksum


_OGG_TABLE = [_ogg_row(byte) for byte in range(256)]


def _flip(changed: bytearray, _others: Sequence[bytes], _tags: Sequence[bytes], rng: random.Random) -> None:
    for _ in range(rng.choice((1, 2, 8, 64))):
        changed[rng.randrange(len(changed))] ^= rng.choice((1 << rng.randrange(8), rng.randrange(256)))


def _cut(changed: bytearray, _others: Sequence[bytes], _tags: Sequence[bytes], rng: random.Random) -> None:
    start = rng.randrange(len(changed))
    del changed[start : rng.choice((len(changed), start + rng.randint(1, 16)))]


def _repeat(changed: bytearray, _others: Sequence[bytes], _tags: Sequence[bytes], rng: random.Random) -> None:
    start = rng.randrange(len(changed))
    part = bytes(changed[start : start + rng.choice((4, 32, 512, len(changed)))])
    changed[start:start] = part * min(rng.choice((1, 2, 16, 1000)), _MAX_BYTES // len(part))


def _splice(changed: bytearray, others: Sequence[bytes], _tags: Sequence[bytes], rng: random.Random) -> None:
    other = rng.choice(others)
    place, start = rng.randint(0, len(changed)), rng.randint(0, len(other))
    changed[place : rng.choice((place, len(changed)))] = other[start : start + rng.choice((8, 64, len(other)))]


def _lie(changed: bytearray, _others: Sequence[bytes], _tags: Sequence[bytes], rng: random.Random) -> None:
    _put(changed, rng.randrange(len(changed)), rng)


def _lie_at_tag(changed: bytearray, _others: Sequence[bytes], tags: Sequence[bytes], rng: random.Random) -> None:
    """A length or count right after, before, or soon after one of the words."""
    start = rng.randrange(len(changed))
    found = [place for tag in tags if (place := changed.find(tag, start)) >= 0 or (place := changed.find(tag)) >= 0]
    if found:
        place = rng.choice(found)
        _put(changed, max(place + rng.choice((-4, 4, 4, 4, 8, rng.randrange(40))), 0), rng)


def _put(changed: bytearray, place: int, rng: random.Random) -> None:
    width = rng.choice((1, 2, 4, 4, 8))
    number = rng.choice((*_EXTREMES, len(changed), rng.getrandbits(64))) & ((1 << 8 * width) - 1)
    changed[place : place + width] = number.to_bytes(width, rng.choice(("big", "little")))


def _change(value: Any, rng: random.Random) -> None:
    """Replace, remove, rename or repeat something within a list or an object, however deep."""
    places = list(value) if isinstance(value, dict) else range(len(value))
    if not places:
        return
    place = rng.choice(places)
    if isinstance(value[place], dict | list) and value[place] and rng.random() < 0.8:
        _change(value[place], rng)
        return
    match rng.randrange(6):
        case 0:
            del value[place]
        case 1 if isinstance(value, dict):
            value[rng.choice(("", "\0", "é", "x" * 300, "\ud800", "__class__", "seed", str(place).upper()))] = value[
                place
            ]
        case 2:
            value[place] = [value[place]] * rng.choice((1, 2, 300))
        case 3 if isinstance(value[place], int | float):
            value[place] *= rng.choice((-1, 2, 1000, 10**6, 0.5))
        case _:
            value[place] = deepcopy(rng.choice(_VALUES))
