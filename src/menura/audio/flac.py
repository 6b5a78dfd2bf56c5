"""How long FLAC is by its last frame, which says where it stands; the number at the beginning may be wrong."""

from __future__ import annotations

from typing import BinaryIO

_SEARCHED_BYTES = 1 << 20
"""The last frame is looked for within so many at the end; frames are no larger."""
_LONGEST_HEAD = 16
_CRC_POLYNOMIAL = 0x07
_BLOCKS = {
    1: 192,
    **{code: 576 << code - 2 for code in range(2, 6)},
    **{code: 256 << code - 8 for code in range(8, 16)},
}
"""Samples of a channel in a frame, by their code; 6 and 7 stand for what follows the number."""


def num_samples(file: BinaryIO, start: int, stop: int, block_samples: int) -> int | None:
    """Samples of a channel; None where no frame is found.

    Args:
        file: with a FLAC stream.
        start, stop: its bytes.
        block_samples: in every frame but the last, as STREAMINFO says.
    """
    begin = max(start, stop - _SEARCHED_BYTES)
    file.seek(begin)
    content = file.read(stop - begin)
    place = len(content)
    while (place := content.rfind(b"\xff", 0, place)) >= 0:
        if (end := _end(content[place : place + _LONGEST_HEAD], block_samples)) is not None:
            return end
    return None


def _end(head: bytes, block_samples: int) -> int | None:
    """Where in the sound the frame ends that begins so; None where none does."""
    if len(head) < 6 or head[1] & 0xFE != 0xF8:
        return None
    block, rate = head[2] >> 4, head[2] & 0xF
    number = _number(head[4:])
    if number is None or block == 0 or rate == 15 or head[3] & 1:
        return None
    value, place = number[0], 4 + number[1]
    if block in (6, 7):
        count = 1 + int.from_bytes(head[place : place + block - 5], "big")
        place += block - 5
    else:
        count = _BLOCKS[block]
    place += {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if place >= len(head) or _crc(head[:place]) != head[place]:
        return None
    return (value if head[1] & 1 else value * block_samples) + count


def _number(coded: bytes) -> tuple[int, int] | None:
    """A number coded as UTF-8 codes letters, up to 36 bits, and its length in bytes."""
    first = coded[0]
    if first < 0x80:
        return first, 1
    length = 8 - (first ^ 0xFF).bit_length()
    rest = coded[1:length]
    if length in (1, 8) or len(rest) < length - 1 or any(byte & 0xC0 != 0x80 for byte in rest):
        return None
    value = first & (0x7F >> length)
    for byte in rest:
        value = value << 6 | byte & 0x3F
    return value, length


def _crc(head: bytes) -> int:
    value = 0
    for byte in head:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ _CRC_POLYNOMIAL if value & 0x80 else value << 1) & 0xFF
    return value
