"""Decoding sound files to plain arrays: libsndfile for sound formats, FFmpeg (the `media` extra) for the rest."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import soundfile

_CHUNK_FRAMES = 1 << 18
_STREAMED = 0xFFFFFF00  # a writer that could not seek back leaves a length of this or more
_SHORT_CHUNK = re.compile(r"^\s*(?:data|SSND)\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE)


@dataclass(frozen=True)
class Format:
    """What libsndfile calls a format, and what that format can hold.

    Args:
        container: libsndfile's major format.
        subtypes: libsndfile's subtype for each number of bits; a lossy format has one, under 0.
        rates_hz: the only sample rates it knows; empty where any will do.
        max_channels: the most channels it can hold.
    """

    container: str
    subtypes: dict[int, str]
    rates_hz: tuple[int, ...] = ()
    max_channels: int = 64

    @property
    def is_lossy(self) -> bool:
        return 0 in self.subtypes


FORMATS = {
    "wav": Format("WAV", {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}),
    "flac": Format("FLAC", {16: "PCM_16", 24: "PCM_24"}, max_channels=8),
    "aiff": Format("AIFF", {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}),
    "ogg": Format("OGG", {0: "VORBIS"}),
    "opus": Format("OGG", {0: "OPUS"}, rates_hz=(8000, 12000, 16000, 24000, 48000), max_channels=8),
    "mp3": Format(
        "MP3",
        {0: "MPEG_LAYER_III"},
        rates_hz=(8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
        max_channels=2,
    ),
}
"""The formats `write` knows, by the extension that names them."""


class Decoded(NamedTuple):
    """float32 `[channel, sample]` and their rate."""

    samples: np.ndarray
    sample_rate_hz: int


class _SteadyFile:
    """A file that stays put when told to seek before its start, as a damaged header may have libsndfile do."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.read, self.tell, self.write = file.read, file.tell, file.write

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        try:
            return self._file.seek(offset, whence)
        except (ValueError, OSError):
            return self._file.tell()


def decode(source: str | os.PathLike[str] | BinaryIO) -> Decoded:
    """Decode a whole file; see `menura.audio.read`, which this is without its `Audio`.

    Raises:
        ValueError: one line naming the file and what is wrong with it.
    """
    if not isinstance(source, str | os.PathLike):
        return _decode_open(source, _SteadyFile(source), "the given file object")
    path = Path(source)
    if not path.exists():
        raise ValueError(f"{path}: there is no such file")
    if path.is_dir():
        raise ValueError(f"{path}: this is a folder; name one sound file in it")
    try:
        with path.open("rb") as file:
            return _decode_open(file, str(path), str(path))
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror or error})") from error


def _decode_open(file: BinaryIO, sound_source: Any, name: str) -> Decoded:
    start = file.tell()
    if not file.read(1):
        raise ValueError(f"{name}: the file is empty")
    file.seek(start)
    try:
        decoded = _decode_sound(sound_source, name)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: soundfile takes .raw at its word
        file.seek(start)
        decoded = _decode_media(file, name, error)
    if decoded.samples.shape[1] == 0:
        raise ValueError(f"{name}: holds no sound (zero length)")
    return decoded


def _decode_sound(source: Any, name: str) -> Decoded:
    with soundfile.SoundFile(source) as sound:
        chunks = []
        # By chunks, because a header may promise more frames than there is memory.
        while len(chunk := sound.read(_CHUNK_FRAMES, dtype="float32", always_2d=True)):
            chunks.append(chunk.T)
        num_frames = sum(chunk.shape[1] for chunk in chunks)
        _refuse_truncated(sound, num_frames, name)
        samples = np.concatenate(chunks, axis=1) if chunks else np.zeros((sound.channels, 0), np.float32)
        return Decoded(samples, sound.samplerate)


def _refuse_truncated(sound: soundfile.SoundFile, num_frames: int, name: str) -> None:
    """MP3 and Ogg are streams that say nothing of their length; those read as far as they go."""
    short = _SHORT_CHUNK.search(sound.extra_info)
    if short and int(short[2]) < int(short[1]) < _STREAMED:
        raise ValueError(f"{name}: is truncated ({short[2]} of {short[1]} bytes of sound); fetch it again")
    if sound.format == "FLAC" and num_frames < sound.frames:
        raise ValueError(f"{name}: is truncated ({num_frames} of {sound.frames} frames); fetch it again")


def _decode_media(file: BinaryIO, name: str, sound_error: Exception) -> Decoded:
    """Through FFmpeg, for what libsndfile does not know: m4a, webm, video."""
    try:
        import av  # pyright: ignore[reportMissingImports]
    except ImportError:
        if _looks_like_media(file):
            raise ValueError(f'{name}: this format needs an extra: pip install "menura[media]"') from sound_error
        raise ValueError(f"{name}: is damaged or not a sound file ({_reason(sound_error)})") from sound_error
    try:
        return _decode_container(av, file, name)
    except av.FFmpegError as error:
        raise ValueError(f"{name}: is damaged or not a sound file ({_reason(sound_error)})") from error


def _decode_container(av: Any, file: BinaryIO, name: str) -> Decoded:
    with av.open(file, mode="r") as container:
        if not container.streams.audio:
            raise ValueError(
                f"{name}: holds no sound, only {', '.join(s.type for s in container.streams) or 'nothing'}"
            )
        stream = container.streams.audio[0]
        planar = av.AudioResampler(format="fltp")
        frames = chain(container.decode(stream), [None])  # None flushes the converter
        chunks = [part.to_ndarray() for frame in frames for part in planar.resample(frame)]
        samples = np.concatenate(chunks, axis=1) if chunks else np.zeros((1, 0), np.float32)
        return Decoded(samples.astype(np.float32, copy=False), stream.codec_context.sample_rate)


def _looks_like_media(file: BinaryIO) -> bool:
    """By its first bytes: MP4 and QuickTime, Matroska and WebM, ASF, ADTS, MPEG, Flash."""
    head = file.read(12)
    file.seek(-len(head), os.SEEK_CUR)
    magic = (b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75", b"\xff\xf1", b"\xff\xf9", b"\x00\x00\x01\xba", b"FLV\x01")
    return head[4:8] == b"ftyp" or head.startswith(magic)


def _reason(error: Exception) -> str:
    """libsndfile's own words, without the path it repeats."""
    text = getattr(error, "error_string", "") or "format not recognised"
    return " ".join(text.split()).rstrip(".").removeprefix("Error : ").lower()
