"""Frames of MPEG audio (MP1, MP2, MP3) as their headers say: where each ends, and how long the sound is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_RATES_HZ = (44_100, 48_000, 32_000)
_KBPS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By version (2 stands for 2 and 2.5) and layer."""
_TAG_BYTES = 128
_HEAD_BYTES = 48
_GAP_BYTES = 1 << 16
"""How far the next frame is looked for; decoders give up sooner."""


class Frame(NamedTuple):
    """What a frame's header says.

    Attributes:
        bytes: of the frame, header and all.
        samples: of a channel.
        kind: version, layer, rate and whether it is mono; the same throughout a sound.
    """

    bytes: int
    samples: int
    kind: tuple[int, int, int, bool]


class Run(NamedTuple):
    """Frames of one kind without a gap, as a decoder is to see them.

    Attributes:
        start, stop: their bytes.
        frames: how many of them have sound.
        said: how many the first one says there are, where it is such a note (Xing, VBRI) and has no sound; else 0.
        samples: of a channel, in all.
        truth: what makes the note say the true numbers: places from `start`, and bytes.
        note: a frame that says them, to put before the others where there is none.
    """

    start: int
    stop: int
    frames: int
    said: int
    samples: int
    truth: tuple[tuple[int, bytes], ...]
    note: bytes


def frame(head: bytes) -> Frame | None:
    """The frame that begins so; None where none does, or its length is not said (free format)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = (4, 0, 2, 1)[head[1] >> 3 & 3], 4 - (head[1] >> 1 & 3)  # 4 stands for 2.5
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if not version or layer == 4 or bitrate in (0, 15) or rate == 3:
        return None
    rate_hz, kbps = _RATES_HZ[rate] // version, _KBPS[min(version, 2), layer][bitrate - 1]
    padding, kind = head[2] >> 1 & 1, (version, layer, rate_hz, head[3] >> 6 == 3)
    if layer == 1:
        return Frame((12_000 * kbps // rate_hz + padding) * 4, 384, kind)
    samples = 576 if layer == 3 and version > 1 else 1152
    return Frame(125 * samples * kbps // rate_hz + padding, samples, kind)


def runs(file: BinaryIO, start: int, size: int) -> Iterator[Run]:
    """The runs of frames from a place on; tags and what else lies between them is passed over."""
    place = start
    while (begin := _next_frame(file, place, size)) is not None:
        run = _run(file, begin, size)
        yield run
        place = run.stop


def _run(file: BinaryIO, start: int, size: int) -> Run:
    head = _at(file, start, _HEAD_BYTES)
    opening, note = frame(head), _note(head)
    assert opening is not None
    place, count = start, 0
    while place < size:
        head = _at(file, place, _HEAD_BYTES)
        one = frame(head)
        if not one or one.kind != opening.kind or place + one.bytes > size or (count and _note(head)):
            break
        place, count = place + one.bytes, count + 1
    if note is not None and note.frames_at is None:
        start += opening.bytes  # it does not say what matters
    frames = count - (note is not None)
    samples, length = frames * opening.samples, place - start
    if note is None or note.frames_at is None:
        return Run(start, place, frames, 0, samples, (), _made_note(_at(file, start, 4), frames))
    said = int.from_bytes(_at(file, start + note.frames_at, 4), "big")
    truth = [(note.frames_at, frames), *([(note.bytes_at, length)] if note.bytes_at is not None else [])]
    patches = tuple((at, min(value, 2**32 - 1).to_bytes(4, "big")) for at, value in truth) if said != frames else ()
    return Run(start, place, frames, said, samples, patches, b"")


class _Note(NamedTuple):
    """Where in a frame without sound the number of the others and of their bytes stand."""

    frames_at: int | None
    bytes_at: int | None


def _note_place(kind: tuple[int, int, int, bool]) -> int:
    version, _, _, is_mono = kind
    return 4 + ((17 if is_mono else 32) if version == 1 else (9 if is_mono else 17))


def _note(head: bytes) -> _Note | None:
    """The note that a frame is, if it is one."""
    one = frame(head)
    if one is None or one.kind[1] != 3:
        return None
    if head[36:40] == b"VBRI":
        return _Note(50, 46)
    place = _note_place(one.kind)
    if head[place : place + 4] not in (b"Xing", b"Info") or len(head) < _HEAD_BYTES:
        return None
    says = head[place + 7]
    return _Note(place + 8 if says & 1 else None, place + 12 if says & 3 == 3 else None)


def _made_note(head: bytes, frames: int) -> bytes:
    """A note for frames of MP3 that begin so: a decoder would guess their number from the first one's bit rate."""
    head = bytes([head[0], head[1] | 1, 0xE0 | head[2] & 0x0C, head[3]])  # of the highest, for it needs room
    one = frame(head)
    if one is None or one.kind[1] != 3:
        return b""
    note = head.ljust(_note_place(one.kind), b"\0") + b"Xing\0\0\0\1" + frames.to_bytes(4, "big")
    return note.ljust(one.bytes, b"\0")


def _next_frame(file: BinaryIO, place: int, size: int) -> int | None:
    """Where the next frame begins that another, a tag or the end follows."""
    until = place + _GAP_BYTES
    while place < min(until, size):
        head = _at(file, place, _HEAD_BYTES)
        if skipped := tag_bytes(head):
            place += skipped
            until = place + _GAP_BYTES
            continue
        if one := frame(head):
            after = _at(file, place + one.bytes, _HEAD_BYTES)
            if place + one.bytes == size or frame(after) or tag_bytes(after):
                return place
        sync = _at(file, place + 1, until - place).find(b"\xff")
        if sync < 0:
            return None
        place += 1 + sync
    return None


def tag_bytes(head: bytes) -> int:
    """How long the tag is that begins so; 0 where none does."""
    if head.startswith(b"ID3") and len(head) >= 10:
        return 10 + sum((head[6 + index] & 0x7F) << 7 * (3 - index) for index in range(4))
    if head.startswith(b"APETAGEX") and len(head) >= 16:
        return 32 + int.from_bytes(head[12:16], "little")
    return _TAG_BYTES if head.startswith(b"TAG") else 0


def _at(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    return file.read(count)
