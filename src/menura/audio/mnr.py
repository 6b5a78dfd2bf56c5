"""Files of a neural codec's codes (.mnr), described byte for byte in ``docs/mnr.md``.

A header, blocks of frames that each have their own checksum, and an end that says how many samples there are. It can be
written to a pipe and read from one; where all blocks but the last are alike, as they are, any of them is found at once.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from jaxtyping import Int

from menura import files
from menura.progress import warn

VERSION = 1
BLOCK_FRAMES = 75

_MAGIC = b"\x89MNR"
_HEADER = struct.Struct("<4sBBBBIIII16s20sI")
_BLOCK = struct.Struct("<HHI")
_END = struct.Struct("<HHQI")
_LIMITS = {
    "channels": (1, 2),
    "num_codebooks": (1, 64),
    "codebook_size": (2, 65_536),
    "sample_rate_hz": (4000, 192_000),
    "hop_samples": (1, 65_536),
    "block_frames": (1, 1000),
}


@dataclass(frozen=True, eq=False, repr=False)
class Codes:
    """Sound as a codec's tokens.

    Args:
        codes: int ``[channel, frame, stage]``; two channels are the middle and the side of stereo.
        num_samples: of the sound, a channel, at the codec's rate.
        sample_rate_hz: the codec's.
    """

    codes: Int[np.ndarray, "channel frame stage"]
    num_samples: int
    sample_rate_hz: int

    @property
    def duration_s(self) -> float:
        return self.num_samples / self.sample_rate_hz

    def __repr__(self) -> str:
        return f"Codes({self.duration_s:.3f} s, {' × '.join(map(str, self.codes.shape))}, {self.sample_rate_hz} Hz)"


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a file says before its codes.

    Args:
        channels, num_codebooks: of the codes.
        codebook_size: codes in each.
        sample_rate_hz, hop_samples: the codec's.
        weights: ``"sha256:…"`` of the codec's weights; the first 16 bytes are kept.
        model: the codec's name, for people; 20 bytes are kept.
        block_frames: frames of every block but the last.
    """

    channels: int
    num_codebooks: int
    codebook_size: int
    sample_rate_hz: int
    hop_samples: int
    weights: str
    model: str
    block_frames: int = BLOCK_FRAMES

    @property
    def bits(self) -> int:
        """Of a code."""
        return (self.codebook_size - 1).bit_length()

    @property
    def kbps(self) -> float:
        """Kilobits a second of the codes alone."""
        return self.channels * self.num_codebooks * self.bits * self.sample_rate_hz / self.hop_samples / 1000

    def same_weights(self, weights: str) -> bool:
        """Whether these are the weights (``"sha256:…"``) the codes were made with."""
        return _digest(weights) == _digest(self.weights)

    def payload_bytes(self, frames: int) -> int:
        return (frames * self.channels * self.num_codebooks * self.bits + 7) // 8

    def to_bytes(self) -> bytes:
        numbers = (self.channels, self.num_codebooks, self.bits, self.sample_rate_hz, self.hop_samples)
        name = self.model.encode()[:20].decode(errors="ignore").encode()
        head = _HEADER.pack(
            _MAGIC, VERSION, *numbers, self.block_frames, self.codebook_size, _digest(self.weights), name, 0
        )
        return head[:-4] + zlib.crc32(head[:-4]).to_bytes(4, "little")

    @classmethod
    def from_bytes(cls, head: bytes, name: str) -> Header:
        """Read a header.

        Raises:
            ValueError: it is none, of a newer version, damaged, or says what cannot be.
        """
        if not head.startswith(_MAGIC):
            raise ValueError(f"{name}: is not a .mnr file")
        if len(head) < _HEADER.size:
            raise ValueError(f"{name}: is cut short within its header")
        _, version, channels, num_codebooks, bits, rate, hop, block, size, digest, model, check = _HEADER.unpack(head)
        if version > VERSION:
            raise ValueError(f"{name}: is of version {version}; this Menura reads up to {VERSION}, so install a newer")
        if check != zlib.crc32(head[:-4]):
            raise ValueError(f"{name}: is damaged in its header")
        header = cls(
            channels=channels,
            num_codebooks=num_codebooks,
            codebook_size=size,
            sample_rate_hz=rate,
            hop_samples=hop,
            weights=f"sha256:{digest.hex()}",
            model=model.rstrip(b"\0").decode(errors="replace"),
            block_frames=block,
        )
        for field, (low, high) in _LIMITS.items():
            if not low <= getattr(header, field) <= high:
                raise ValueError(f"{name}: says {getattr(header, field)} {field}, which lies outside {low} to {high}")
        if version < 1 or bits != header.bits:
            raise ValueError(f"{name}: its header contradicts itself")
        return header


class Writer:
    """Writes codes as they come, to a file or a pipe.

    Args:
        file: open for writing.
        header: what they are.
    """

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self.file, self.header = file, header
        self.waiting = np.zeros((header.channels, 0, header.num_codebooks), dtype=np.int64)
        self.index = 0
        file.write(header.to_bytes())

    def push(self, codes: Int[np.ndarray, "channel frame stage"]) -> None:
        """Take in the next frames.

        Raises:
            ValueError: they are not what the header says.
        """
        shape, header = codes.shape, self.header
        if (shape[0], shape[2]) != (header.channels, header.num_codebooks):
            raise ValueError(
                f"the file is of {header.channels} channels and {header.num_codebooks} stages, not {shape}"
            )
        if codes.size and not 0 <= codes.min() <= codes.max() < header.codebook_size:
            raise ValueError(f"codes lie in 0 to {header.codebook_size - 1}")
        self.waiting = np.concatenate((self.waiting, codes), axis=1)
        while self.waiting.shape[1] >= header.block_frames:
            self._write(self.waiting[:, : header.block_frames])
            self.waiting = self.waiting[:, header.block_frames :]

    def finish(self, num_samples: int) -> None:
        """Write what waits and the end."""
        if self.waiting.shape[1]:
            self._write(self.waiting)
        end = _END.pack(0, 0, num_samples, 0)[:-4]
        self.file.write(end + zlib.crc32(end).to_bytes(4, "little"))

    def _write(self, codes: np.ndarray) -> None:
        payload = _packed(codes.transpose(1, 0, 2).reshape(-1), self.header.bits)
        frames = codes.shape[1]
        check = zlib.crc32(payload, _seed(self.index, frames))
        self.file.write(_BLOCK.pack(frames, 0, check) + payload)
        self.index += 1


class Reader:
    """Reads codes block by block, from a file or a pipe.

    Files that were joined and are of one kind are read as one. What can be read before a file is cut or damaged is.

    Args:
        file: open for reading.
        name: for complaints.

    Attributes:
        header: what the file says first.
        frames: how many have been read.
        num_samples: of the sound; known once all has been read.
        odd: what is odd about the file, in words; known then too.

    Raises:
        ValueError: this is not a sound .mnr file.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.file, self.name = file, name
        self._head = _read(file, _HEADER.size)
        self.header = Header.from_bytes(self._head, name)
        self.frames = 0
        self.num_samples: int | None = None
        self.odd: list[str] = []
        self._index, self._files, self._before = 0, 1, 0

    def __iter__(self) -> Iterator[Int[np.ndarray, "channel frame stage"]]:
        """The blocks that follow; then `num_samples` and `odd` are known.

        Raises:
            ValueError: not one of them can be read.
        """
        header = self.header
        for payload, frames in self._payloads():
            codes = _unpacked(payload, header.bits, frames * header.channels * header.num_codebooks)
            yield codes.reshape(frames, header.channels, header.num_codebooks).transpose(1, 0, 2)

    def measure(self) -> int:
        """How many samples the sound has: the file is read, and checked, to its end.

        Raises:
            ValueError: as iterating does.
        """
        for _ in self._payloads():
            pass
        assert self.num_samples is not None
        return self.num_samples

    def skip(self, blocks: int) -> None:
        """Go on with the block number `blocks` from here, in a file that can be sought."""
        whole = _BLOCK.size + self.header.payload_bytes(self.header.block_frames)
        self.file.seek(blocks * whole, os.SEEK_CUR)
        self._index += blocks
        self.frames += blocks * self.header.block_frames

    def _payloads(self) -> Iterator[tuple[bytes, int]]:
        """Each block's packed codes and the number of its frames."""
        try:
            while (start := self._start()) is not None:
                frames, spare, check = _BLOCK.unpack(start)
                if frames > self.header.block_frames or spare:
                    raise self._damaged()
                payload = _read(self.file, self.header.payload_bytes(frames))
                if len(payload) < self.header.payload_bytes(frames):
                    raise ValueError(f"is cut short after {self._seconds():.2f} s")
                if check != zlib.crc32(payload, _seed(self._index, frames)) or not self._are_codes(payload, frames):
                    raise self._damaged()
                self._index += 1
                self.frames += frames
                yield payload, frames
        except ValueError as error:
            if not self.frames:
                raise ValueError(f"{self.name}: {error}") from None
            self.odd.append(f"{error}; what comes before was read")
            self.num_samples = self.frames * self.header.hop_samples
        if self._files > 1:
            self.odd.append(f"is {self._files} files one after another, which were joined")

    def _start(self) -> bytes | None:
        """How the next block begins; None at the end."""
        while (start := _read(self.file, _BLOCK.size)).startswith(b"\0\0") and len(start) == _BLOCK.size:
            self._end(start + _read(self.file, _END.size - len(start)))
            following = _read(self.file, _HEADER.size)
            if following != self._head:
                if following:
                    what = "another file" if following.startswith(_MAGIC) else "what is none of it"
                    self.odd.append(f"goes on after its end with {what}, which was not read")
                return None
            self._index, self._files, self._before = 0, self._files + 1, self.frames * self.header.hop_samples
        if len(start) < _BLOCK.size:
            raise ValueError(f"is cut short after {self._seconds():.2f} s")
        return start

    def _end(self, end: bytes) -> None:
        if len(end) < _END.size:
            raise ValueError("is cut short at its end")
        _, _, num_samples, check = _END.unpack(end)
        if check != zlib.crc32(end[:-4]):
            raise ValueError("is damaged at its end")
        held = self.frames * self.header.hop_samples - self._before
        if num_samples > held:
            self.odd.append(f"says that it has {num_samples} samples; its frames hold {held}, which were read")
        self.num_samples = self._before + min(num_samples, held)

    def _are_codes(self, payload: bytes, frames: int) -> bool:
        """Whether all codes of a block lie in the codebook, where its size is no power of two."""
        header = self.header
        if header.codebook_size == 1 << header.bits:
            return True
        return (
            _unpacked(payload, header.bits, frames * header.channels * header.num_codebooks).max()
            < header.codebook_size
        )

    def _seconds(self) -> float:
        return self.frames * self.header.hop_samples / self.header.sample_rate_hz

    def _damaged(self) -> ValueError:
        return ValueError(f"is damaged at {self._seconds():.2f} s")


def write(path: Path | str, codes: Codes, header: Header, overwrite: bool = False) -> None:
    """Write codes as a file, whole or not at all.

    Raises:
        FileExistsError: there is one and `overwrite` is false.
    """
    files.write_bytes(path, to_bytes(header, codes), overwrite)


def to_bytes(header: Header, codes: Codes) -> bytes:
    """The content of a file of codes."""
    file = io.BytesIO()
    writer = Writer(file, header)
    writer.push(codes.codes)
    writer.finish(codes.num_samples)
    return file.getvalue()


def read(source: Path | str | BinaryIO) -> tuple[Header, Codes]:
    """A whole file, or what is there of one that is cut or damaged; that is told by `menura.progress.warn`.

    Raises:
        ValueError: not one block can be read; one line.
    """
    if isinstance(source, str | Path):
        with _opened(source) as file:
            return _whole(Reader(file, str(source)))
    return _whole(Reader(source, "the given file object"))


class Measured(NamedTuple):
    """What a file of codes is, found without keeping any.

    Attributes:
        header: of the file.
        num_samples: of the sound that can be read.
        odd: what is odd about the file, in words; nothing where it is whole.
    """

    header: Header
    num_samples: int
    odd: tuple[str, ...]


def measure(file: BinaryIO, name: str) -> Measured:
    """Read a file to its end and check it.

    Args:
        file: open for reading.
        name: for complaints.

    Raises:
        ValueError: not one block can be read; one line.
    """
    reader = Reader(file, name)
    return Measured(reader.header, reader.measure(), tuple(reader.odd))


def read_header(path: Path | str) -> Header:
    """What a file says before its codes."""
    with _opened(path) as file:
        return Reader(file, str(path)).header


def _opened(path: Path | str) -> BinaryIO:
    if not Path(path).is_file():
        raise ValueError(f"{path}: there is no such file")
    return Path(path).open("rb")


def _whole(reader: Reader) -> tuple[Header, Codes]:
    blocks = list(reader)
    header = reader.header
    for line in reader.odd:
        warn(f"{reader.name}: {line}")
    empty = np.zeros((header.channels, 0, header.num_codebooks), dtype=np.int64)
    assert reader.num_samples is not None
    return header, Codes(np.concatenate([empty, *blocks], axis=1), reader.num_samples, header.sample_rate_hz)


def _read(file: BinaryIO, count: int) -> bytes:
    """As many bytes as there are, `count` at most; a pipe may give fewer at a time."""
    parts = []
    while count and (part := file.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _seed(index: int, frames: int) -> int:
    """What a block's checksum begins with, so that a block in another's place is noticed."""
    return zlib.crc32(struct.pack("<IH", index & 0xFFFFFFFF, frames))


def _digest(weights: str) -> bytes:
    return bytes.fromhex(weights.removeprefix("sha256:")[:32]).ljust(16, b"\0")


def _packed(codes: Int[np.ndarray, " code"], bits: int) -> bytes:
    """Codes one after another, the highest bit of each first."""
    places = np.arange(bits - 1, -1, -1)
    return np.packbits(((codes[:, None] >> places) & 1).astype(np.uint8)).tobytes()


def _unpacked(payload: bytes, bits: int, count: int) -> Int[np.ndarray, " code"]:
    digits = np.unpackbits(np.frombuffer(payload, np.uint8), count=count * bits).reshape(count, bits)
    return digits.astype(np.int64) @ (1 << np.arange(bits - 1, -1, -1))
