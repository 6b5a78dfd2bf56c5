"""What really is in a sound file, whatever its headers say of lengths: sounds one after another, each with its bytes.

Headers lie for good reasons: a WAV that went through a pipe never learns its length, a recorder that lost its power did
not come back to write it, and files are joined by writing one after another. So bytes are counted, not believed.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from menura.audio import flac, mpeg

_UNKNOWN = 0x7FFFF000 - 64
"""Writers that cannot seek back leave such a length, or a larger, or none: sox 0x7ffff000, ffmpeg 0xffffffff, …"""
_HEAD_BYTES = 64
_SEARCH_BYTES = 1 << 20
_LITTLE_BYTES = 1024
"""What follows a sound and is no more than this is some program's note, not more of the sound."""
_NOTES = (b"LIST", b"id3 ", b"ID3", b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"bext", b"iXML", b"_PMX", b"MARK", b"COMT")
"""How what programs write after the sound begins, though it may be cut short."""
_MOST_PARTS = 1000


@dataclass(frozen=True)
class Part:
    """One sound of a file, as a decoder is to see it.

    Args:
        start, stop: its bytes.
        patches: what is to be read in the place of some of them: place from `start`, and bytes.
        num_frames: samples of a channel, where they are known without decoding and a decoder could not tell.
        before: what is to be read before them.
    """

    start: int
    stop: int
    patches: tuple[tuple[int, bytes], ...] = ()
    num_frames: int | None = None
    before: bytes = b""


class Layout(NamedTuple):
    """The sounds of a file, and in words what is odd about it."""

    parts: list[Part]
    odd: list[str]


class PartFile:
    """A part as a file to read: it begins at 0, ends with the part, and has its patches in place.

    It stays put when told to seek before its start, as a damaged header may have a decoder do.
    """

    def __init__(self, file: BinaryIO, part: Part) -> None:
        self._file, self._part, self._place = file, part, 0
        self._length = len(part.before) + part.stop - part.start

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        place = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._length}[whence]
        if place >= 0:
            self._place = min(place, self._length)
        return self._place

    def tell(self) -> int:
        return self._place

    def read(self, count: int = -1) -> bytes:
        left = self._length - self._place
        count = left if count < 0 else min(count, left)
        content = self._part.before[self._place : self._place + count]
        start = max(self._place - len(self._part.before), 0)
        content += self._patched(start, count - len(content))
        self._place += len(content)
        return content

    def _patched(self, start: int, count: int) -> bytes:
        content = _at(self._file, self._part.start + start, count)
        for place, instead in self._part.patches:
            first, last = max(place, start), min(place + len(instead), start + len(content))
            if first < last:
                content = content[: first - start] + instead[first - place : last - place] + content[last - start :]
        return content


def layout(file: BinaryIO) -> Layout:
    """What a file really holds, from where it stands; no parts where it is not known here."""
    place, before = file.tell(), -1
    size = file.seek(0, os.SEEK_END)
    found = Layout([], [])
    while before < place < size and (look := _looker(_at(file, place, _HEAD_BYTES))):
        before, place = place, look(file, place, size, found) or size
    if len(found.parts) > 1:
        found.odd.append(f"is {len(found.parts)} sounds one after another, which were joined")
    if len(found.parts) > _MOST_PARTS:
        found.odd[-1] = f"is {len(found.parts)} sounds one after another, of which the first {_MOST_PARTS} were read"
        del found.parts[_MOST_PARTS:]
    return found


Look = Callable[[BinaryIO, int, int, Layout], int | None]
"""Looks at what begins at a place of a file of some size, adds it to a layout, and says where more may begin."""


def _looker(head: bytes) -> Look | None:
    """Who knows what begins so."""
    if head.startswith(b"ID3") or mpeg.frame(head):
        return _mpeg
    return next((look for (word, then), look in _CONTAINERS.items() if _begins(head, word, then)), None)


def _begins(head: bytes, word: bytes, then: tuple[int, bytes]) -> bool:
    return head.startswith(word) and head.startswith(then[1], then[0])


def _at(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    return file.read(count)


def _find(file: BinaryIO, words: tuple[bytes, tuple[int, bytes]], start: int, size: int) -> int:
    """Where a file next begins with such words; `size` where none does."""
    word, then = words
    while start < size:
        block = _at(file, start, _SEARCH_BYTES)
        place = block.find(word)
        if place < 0:
            start += max(len(block) - len(word) + 1, 1)
        elif _begins(_at(file, start + place, _HEAD_BYTES), word, then):
            return start + place
        else:
            start += place + 1
    return size


class _Chunks(NamedTuple):
    """Looks at files of chunks, each with a name and a length: WAV and its kin, AIFF, W64, CAF.

    Attributes:
        words: how such a file begins.
        head: of a chunk: name and length.
        first: where the first chunk begins.
        sound: the name of the chunk with the samples.
        before: bytes in it before the samples.
        counts_head: whether a length is that of the chunk with its head.
        align: chunks begin at multiples of it.
    """

    words: tuple[bytes, tuple[int, bytes]]
    head: struct.Struct
    first: int
    sound: bytes
    before: int = 0
    counts_head: bool = False
    align: int = 2

    def __call__(self, file: BinaryIO, start: int, size: int, found: Layout) -> int | None:
        place, longer = start + self.first, None
        while place + self.head.size <= size:
            name, said = self._chunk(file, place)
            if name == self.sound:
                break
            if name == b"ds64":  # of RF64: lengths that are too large for their fields
                longer = place + 16
            place += self.head.size + said + -said % self.align
        else:
            return None
        if longer is not None and said == 0xFFFFFFFF:
            (said,) = struct.unpack("<Q", _at(file, longer, 8))
        begin = place + self.head.size
        if said <= size - begin and (end := self._end(file, start, begin + said, size)) is not None:
            found.parts.append(Part(start, end))
            return end
        stop = _find(file, self.words, begin, size)
        length = _sound_bytes(said, stop - begin, self.before, found)
        patches = self._patches(place - start, length, longer and longer - start)
        found.parts.append(Part(start, begin + length, patches))
        return stop

    def _chunk(self, file: BinaryIO, place: int) -> tuple[bytes, int]:
        head = _at(file, place, self.head.size)
        if len(head) < self.head.size:
            return b"", 0
        name, length = self.head.unpack(head)
        return name, max(length - self.head.size * self.counts_head, 0)

    def _end(self, file: BinaryIO, start: int, place: int, size: int) -> int | None:
        """Where this ends if chunks follow its sound, or nothing; None if something else does."""
        for padding in sorted({0, (start - place) % 2, (start - place) % self.align}):  # some pad, some do not
            if (end := self._end_of_chunks(file, place + padding, size)) is not None:
                return end
        return None

    def _end_of_chunks(self, file: BinaryIO, place: int, size: int) -> int | None:
        while size - place >= self.head.size:
            if any(_begins(_at(file, place, _HEAD_BYTES), *words) for words in _CONTAINERS):
                return place
            name, length = self._chunk(file, place)
            length += self.head.size + -length % self.align
            if not name[:4].decode("latin-1").isprintable() or place + length > size + self.align - 1:
                break
            place += length
        rest = _at(file, place, _LITTLE_BYTES + 1)
        is_nothing = len(rest) <= _LITTLE_BYTES and not rest.strip(b"\0")
        return place if is_nothing or rest.startswith(_NOTES) else None

    def _patches(self, place: int, length: int, longer: int | None) -> tuple[tuple[int, bytes], ...]:
        """What makes the header say a length."""
        width = self.head.size - len(self.sound)
        order = "big" if self.head.format.startswith(">") else "little"
        said = min(length + self.head.size * self.counts_head, 256**width - 1)
        patch = (place + len(self.sound), said.to_bytes(width, order))
        return (patch,) if longer is None else (patch, (longer, length.to_bytes(8, "little")))


def _cut_short(there: int, said: int, what: str) -> str:
    return f"is cut short: {there} of {said} {what} are there, and were read"


def _goes_on(there: int, said: int, what: str) -> str:
    return f"says that it has {said} {what}; {there} are there, and were read"


def _sound_bytes(said: int, there: int, least: int, found: Layout) -> int:
    """How many bytes of sound there are where a header says another number than follow it; says so too."""
    if said <= least or said >= _UNKNOWN:
        found.odd.append("does not say how long it is, as what has come through a pipe; all there is was read")
    elif said > there:
        found.odd.append(_cut_short(there, said, "bytes of sound"))
    elif there - said <= _LITTLE_BYTES:
        found.odd.append(f"ends with {there - said} bytes that are no sound, and were passed over")
        return said
    else:
        found.odd.append(_goes_on(there, said, "bytes of sound"))
    return there


def _au(file: BinaryIO, start: int, size: int, found: Layout) -> int | None:
    """Sun's and NeXT's: a header, and samples to the end; one length is known to them to be unknown."""
    head = _at(file, start, 12)
    data, said = struct.unpack_from(">2I" if head.startswith(b".snd") else "<2I", head.ljust(12, b"\0"), 4)
    begin, unknown = start + data, 0xFFFFFFFF
    if not 24 <= data <= size - start:
        return None
    if begin + said == size or any(_begins(_at(file, begin + said, _HEAD_BYTES), *words) for words in _CONTAINERS):
        found.parts.append(Part(start, begin + said))
        return begin + said
    length = size - begin if said == unknown else _sound_bytes(said, size - begin, 0, found)
    found.parts.append(Part(start, begin + length, ((8, b"\xff" * 4),)))
    return size


def _flac(file: BinaryIO, start: int, size: int, found: Layout) -> int | None:
    """FLAC says the number of its samples at its beginning; told none, the decoder reads all there are."""
    head = _at(file, start, 26)
    if len(head) < 26 or head[4] & 0x7F:
        return None
    stop = _find(file, _FLAC, start + 4, size)
    said = int.from_bytes(head[18:], "big") & 0xF_FFFF_FFFF
    there = flac.num_samples(file, start, stop, int.from_bytes(head[10:12], "big"))
    if said and there is not None and said < there:
        found.odd.append(_goes_on(there, said, "samples"))
    unknown = (21, bytes([head[21] & 0xF0, 0, 0, 0, 0]))
    found.parts.append(Part(start, stop, (unknown,), max(said, there or 0) or None))
    return stop


def _ogg(file: BinaryIO, start: int, size: int, found: Layout) -> int | None:
    """Ogg is a chain of pages; after those of one sound those of another may begin."""
    place, is_begun, is_whole = start, False, False
    while (place := _find(file, _OGG, place, size)) < size:
        head = _at(file, place, 27 + 255)
        after = place + 27 + head[26] + sum(head[27 : 27 + head[26]]) if len(head) > 27 else size + 1
        if after > size:
            is_whole = False
            break
        begins, is_whole = bool(head[5] & 2), bool(head[5] & 4)
        if begins and is_begun:
            found.parts.append(Part(start, place))
            start = place
        is_begun, place = not begins, after
    if start == place:
        return None
    if not is_whole:
        found.odd.append("has no end, so it may be cut short; what is there was read")
    found.parts.append(Part(start, size))
    return size


def _mpeg(file: BinaryIO, start: int, size: int, found: Layout) -> int | None:
    """MPEG frames stand for themselves; one with no sound may say how many there are, and decoders believe it."""
    after = start + mpeg.tag_bytes(_at(file, start, _HEAD_BYTES))
    if _begins(_at(file, after, _HEAD_BYTES), *_FLAC):  # some write tags of MP3 before FLAC
        return _flac(file, after, size, found)
    for run in mpeg.runs(file, start, size):
        if run.said > run.frames:
            found.odd.append(_cut_short(run.frames, run.said, "frames"))
        elif 0 < run.said < run.frames:
            found.odd.append(_goes_on(run.frames, run.said, "frames"))
        found.parts.append(Part(run.start, run.stop, run.truth, run.samples, run.note))
    return size


_FLAC = (b"fLaC", (4, b"\0\0\0\x22"))
_OGG = (b"OggS", (4, b"\0"))
_RIFF = [(name, (8, b"WAVE")) for name in (b"RIFF", b"RIFX", b"RF64", b"BW64")]
_AIFF = [(b"FORM", (8, name)) for name in (b"AIFF", b"AIFC")]
_W64 = (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0", (24, b"wave"))
_CAF = (b"caff\0\1", (8, b"desc"))
_CONTAINERS: dict[tuple[bytes, tuple[int, bytes]], Look] = {
    **{words: _Chunks(words, struct.Struct("<4sI"), 12, b"data") for words in _RIFF},
    _RIFF[1]: _Chunks(_RIFF[1], struct.Struct(">4sI"), 12, b"data"),
    **{words: _Chunks(words, struct.Struct(">4sI"), 12, b"SSND", before=8) for words in _AIFF},
    _W64: _Chunks(_W64, struct.Struct("<16sQ"), 40, b"data\xf3\xac\xd3\x11\x8c\xd1\0\xc0\x4f\x8e\xdb\x8a", 0, True, 8),
    _CAF: _Chunks(_CAF, struct.Struct(">4sQ"), 8, b"data", before=4, align=1),
    (b".snd", (0, b"")): _au,
    (b"dns.", (0, b"")): _au,
    _FLAC: _flac,
    _OGG: _ogg,
}
"""How a file begins, in two places -> who looks at it."""
