"""Files of a neural codec's codes (.mnr), described byte for byte in ``docs/mnr.md``.

A header, blocks of frames that each have their own checksum, and an end that says how many samples there are. It can be
written to a pipe and read from one; where all blocks but the last are alike, as they are, any of them is found at once.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from jaxtyping import Int

from menura import files

VERSION = 1
BLOCK_FRAMES = 75

_MAGIC = b"\x89MNR"
_HEADER = struct.Struct("<4sBBBBIIII16s20sI")
_BLOCK = struct.Struct("<HHI")
_END = struct.Struct("<HHQI")
_LIMITS = {
    "channels": (1, 2),
    "stages": (1, 64),
    "size": (2, 65_536),
    "sample_rate_hz": (4000, 192_000),
    "hop_samples": (1, 65_536),
    "block_frames": (1, 1000),
}


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a file says before its codes.

    Args:
        channels, stages: of the codes.
        size: codes in a codebook.
        sample_rate_hz, hop_samples: the codec's.
        weights: ``"sha256:…"`` of the codec's weights; the first 16 bytes are kept.
        model: the codec's name, for people; 20 bytes are kept.
        block_frames: frames of every block but the last.
    """

    channels: int
    stages: int
    size: int
    sample_rate_hz: int
    hop_samples: int
    weights: str
    model: str
    block_frames: int = BLOCK_FRAMES

    @property
    def bits(self) -> int:
        """Of a code."""
        return (self.size - 1).bit_length()

    @property
    def kbps(self) -> float:
        """Kilobits a second of the codes alone."""
        return self.channels * self.stages * self.bits * self.sample_rate_hz / self.hop_samples / 1000

    def same_weights(self, weights: str) -> bool:
        """Whether these are the weights (``"sha256:…"``) the codes were made with."""
        return _digest(weights) == _digest(self.weights)

    def payload_bytes(self, frames: int) -> int:
        return (frames * self.channels * self.stages * self.bits + 7) // 8

    def to_bytes(self) -> bytes:
        numbers = (self.channels, self.stages, self.bits, self.sample_rate_hz, self.hop_samples)
        name = self.model.encode()[:20].decode(errors="ignore").encode()
        head = _HEADER.pack(_MAGIC, VERSION, *numbers, self.block_frames, self.size, _digest(self.weights), name, 0)
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
        _, version, channels, stages, bits, rate, hop, block, size, digest, model, check = _HEADER.unpack(head)
        if version > VERSION:
            raise ValueError(f"{name}: is of version {version}; this Menura reads up to {VERSION}, so install a newer")
        if check != zlib.crc32(head[:-4]):
            raise ValueError(f"{name}: is damaged in its header")
        header = cls(
            channels=channels,
            stages=stages,
            size=size,
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
        self.waiting = np.zeros((header.channels, 0, header.stages), dtype=np.int64)
        self.index = 0
        file.write(header.to_bytes())

    def push(self, codes: Int[np.ndarray, "channel frame stage"]) -> None:
        """Take in the next frames.

        Raises:
            ValueError: they are not what the header says.
        """
        shape, header = codes.shape, self.header
        if (shape[0], shape[2]) != (header.channels, header.stages):
            raise ValueError(f"the file is of {header.channels} channels and {header.stages} stages, not {shape}")
        if codes.size and not 0 <= codes.min() <= codes.max() < header.size:
            raise ValueError(f"codes lie in 0 to {header.size - 1}")
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

    Args:
        file: open for reading.
        name: for complaints.

    Raises:
        ValueError: this is not a sound .mnr file.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.file, self.name = file, name
        self.header = Header.from_bytes(_read(file, _HEADER.size), name)
        self.index = self.frames = 0
        self.num_samples: int | None = None

    def __iter__(self) -> Iterator[Int[np.ndarray, "channel frame stage"]]:
        """The blocks that follow; then `num_samples` is known.

        Raises:
            ValueError: the file is cut or damaged; the message says from when on.
        """
        while (block := self._next()) is not None:
            yield block

    def skip(self, blocks: int) -> None:
        """Go on with the block number `blocks` from here, in a file that can be sought."""
        whole = _BLOCK.size + self.header.payload_bytes(self.header.block_frames)
        self.file.seek(blocks * whole, os.SEEK_CUR)
        self.index += blocks
        self.frames += blocks * self.header.block_frames

    def _next(self) -> np.ndarray | None:
        header = self.header
        start = _read(self.file, _BLOCK.size)
        if len(start) < _BLOCK.size:
            raise ValueError(f"{self.name}: is cut short after {self._seconds():.2f} s")
        frames, spare, check = _BLOCK.unpack(start)
        if frames == 0:
            self._end(start)
            return None
        if frames > header.block_frames or spare:
            raise self._damaged()
        payload = _read(self.file, header.payload_bytes(frames))
        if len(payload) < header.payload_bytes(frames):
            raise ValueError(f"{self.name}: is cut short after {self._seconds():.2f} s")
        if check != zlib.crc32(payload, _seed(self.index, frames)):
            raise self._damaged()
        codes = _unpacked(payload, header.bits, frames * header.channels * header.stages)
        if codes.max() >= header.size:
            raise self._damaged()
        self.index += 1
        self.frames += frames
        return codes.reshape(frames, header.channels, header.stages).transpose(1, 0, 2)

    def _end(self, start: bytes) -> None:
        end = start + _read(self.file, _END.size - len(start))
        if len(end) < _END.size:
            raise ValueError(f"{self.name}: is cut short at its end")
        _, _, num_samples, check = _END.unpack(end)
        if check != zlib.crc32(end[:-4]) or num_samples > self.frames * self.header.hop_samples:
            raise ValueError(f"{self.name}: is damaged at its end")
        if self.file.read(1):
            raise ValueError(f"{self.name}: goes on after its end")
        self.num_samples = num_samples

    def _seconds(self) -> float:
        return self.frames * self.header.hop_samples / self.header.sample_rate_hz

    def _damaged(self) -> ValueError:
        return ValueError(f"{self.name}: is damaged at {self._seconds():.2f} s")


def write(path: Path | str, codes: Codes, header: Header, overwrite: bool = False) -> None:
    """Write codes as a file, whole or not at all.

    Raises:
        FileExistsError: there is one and `overwrite` is false.
    """
    with files.writing(path, overwrite) as temporary, temporary.open("wb") as file:
        writer = Writer(file, header)
        writer.push(codes.codes)
        writer.finish(codes.num_samples)


def read(source: Path | str | BinaryIO) -> tuple[Header, Codes]:
    """A whole file.

    Raises:
        ValueError: it is not sound; one line.
    """
    if isinstance(source, str | Path):
        if not Path(source).is_file():
            raise ValueError(f"{source}: there is no such file")
        with Path(source).open("rb") as file:
            return _whole(Reader(file, str(source)))
    return _whole(Reader(source, "the given file object"))


def read_header(path: Path | str) -> Header:
    """What a file says before its codes."""
    with Path(path).open("rb") as file:
        return Reader(file, str(path)).header


def _whole(reader: Reader) -> tuple[Header, Codes]:
    blocks = list(reader)
    header = reader.header
    empty = np.zeros((header.channels, 0, header.stages), dtype=np.int64)
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
