"""Decoding sound files to plain arrays: libsndfile for sound formats, FFmpeg (the `media` extra) for the rest."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import soundfile

from menura.audio.containers import Part, PartFile, layout
from menura.audio.resample import resampled
from menura.extras import how_to_install
from menura.progress import check, warn

MAX_CHANNELS = 64
_MAX_RATE_HZ = 10_000_000
_BLOCK_FRAMES = 1 << 15
_UNKNOWN_LENGTH = 1 << 62
_SLACK_SAMPLES = 4096  # what decoders of lossy formats leave away at the ends
_MEDIA_SLACK_S = 0.25
_MEDIA_OPTIONS = {
    "format_whitelist": "aac,ac3,amr,ape,asf,avi,caf,dts,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,mp3,mpeg,mpegts,"
    "mpc,mpc8,ogg,oma,rm,tak,tta,wav,w64,wv",
    "protocol_whitelist": "none",
}
"""FFmpeg also knows lists of other files (ffconcat, playlists), which a file from a stranger must not make it open."""
_ODD = re.compile(r"truncated|should be")
"""What libsndfile notes of lengths in the containers that only it knows."""


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


@dataclass(frozen=True, eq=False)
class Decoding:
    """A sound file that is being decoded block by block, so that long sound takes little memory.

    Args:
        name: of the file, for complaints.
        sample_rate_hz, num_channels: of the sound.
        num_samples: of a channel, as far as that is known without decoding. What a header says may be untrue.
        odd: what is odd about the file, and does not keep it from being read.
        blocks: float32 `[channel, sample]`, one after another; they may be taken once.
    """

    name: str
    sample_rate_hz: int
    num_channels: int
    num_samples: int | None
    odd: Sequence[str]
    blocks: Iterator[np.ndarray]

    def __iter__(self) -> Iterator[np.ndarray]:
        """The blocks, of finite numbers, not all of them empty. What is odd is told by `menura.progress.warn`.

        Raises:
            ValueError: they are not such.
        """
        for line in self.odd:
            warn(f"{self.name}: {line}")
        count = 0
        for block in self.blocks:
            check()
            if not np.isfinite(block).all():
                channel, index = np.argwhere(~np.isfinite(block))[0]
                raise ValueError(
                    f"{self.name}: sample {count + index} of channel {channel} is {block[channel, index]}, "
                    "not a finite number"
                )
            count += block.shape[1]
            yield block
        if not count:
            raise ValueError(f"{self.name}: holds no sound (zero length)")


def decode(source: str | os.PathLike[str] | BinaryIO) -> Decoded:
    """Decode a whole file; see `menura.audio.read`, which this is without its `Audio`.

    Raises:
        ValueError: one line naming the file and what is wrong with it.
    """
    with decoding(source) as sound:
        return Decoded(np.concatenate(list(sound), axis=1), sound.sample_rate_hz)


@contextmanager
def decoding(source: str | os.PathLike[str] | BinaryIO) -> Iterator[Decoding]:
    """A sound file, opened and looked over but not yet decoded.

    Args:
        source: as of `menura.audio.read`.

    Raises:
        ValueError: one line naming the file and what is wrong with it.
    """
    with ExitStack() as stack:
        if isinstance(source, str | os.PathLike):
            sound = _looked_over(stack.enter_context(_opened(Path(source))), str(source), stack)
        else:
            sound = _looked_over(source, "the given file object", stack)
        if sound.sample_rate_hz > _MAX_RATE_HZ:
            raise ValueError(f"{sound.name}: says {sound.sample_rate_hz} samples a second; at most 10 million are read")
        if sound.num_channels > MAX_CHANNELS:
            raise ValueError(f"{sound.name}: has {sound.num_channels} channels; at most {MAX_CHANNELS} are read")
        yield sound


def _opened(path: Path) -> BinaryIO:
    if not path.exists():
        raise ValueError(f"{path}: there is no such file")
    if path.is_dir():
        raise ValueError(f"{path}: this is a folder; name one sound file in it")
    try:
        return path.open("rb")
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror or error})") from error


def _looked_over(file: BinaryIO, name: str, stack: ExitStack) -> Decoding:
    start = file.tell()
    if not file.read(1):
        raise ValueError(f"{name}: the file is empty")
    file.seek(start)
    parts, odd = layout(file)
    is_known = bool(parts)
    parts = parts or [Part(start, file.seek(0, os.SEEK_END))]
    sounds: list[_Sound] = []
    try:
        for part in parts:
            sounds.append(_Sound.measured(file, part))
    except soundfile.LibsndfileError as error:
        if not sounds:
            file.seek(start)
            return _media(file, name, error, stack)
        odd.append(f"is damaged after {len(sounds)} sounds; what follows was not read")
    if not is_known and _ODD.search(sounds[0].log):
        odd.append("is not as long as its header says; what is there was read")
    first, total = sounds[0], 0.0
    for one in sounds:
        total += one.num_samples * first.sample_rate_hz / one.sample_rate_hz
    known = round(total) if total < _UNKNOWN_LENGTH else None
    return Decoding(name, first.sample_rate_hz, first.num_channels, known, odd, _joined(file, name, sounds))


class _Sound(NamedTuple):
    """A part of a file, and what libsndfile says of it; `num_samples` may be past all measure."""

    part: Part
    sample_rate_hz: int
    num_channels: int
    num_samples: int
    log: str

    @classmethod
    def measured(cls, file: BinaryIO, part: Part) -> _Sound:
        with _sound_file(file, part) as sound:
            length = sound.frames if part.num_frames is None else part.num_frames
            return cls(part, sound.samplerate, sound.channels, length, sound.extra_info)

    def blocks(self, file: BinaryIO, name: str) -> Iterator[np.ndarray]:
        count, is_over = 0, False
        with _sound_file(file, self.part) as sound:
            while not is_over and count < sound.frames:
                block = np.full((_BLOCK_FRAMES, self.num_channels), np.nan, np.float32)
                try:
                    got = len(sound.read(out=block))
                except soundfile.LibsndfileError:  # what there was before it is in the block
                    got = int(np.isfinite(block[:, 0]).cumprod().sum())
                    is_over = sound.format != "FLAC"  # which may go on after it
                count, is_over = count + got, is_over or not got
                yield block[:got].T
            slack = _SLACK_SAMPLES if sound.format in ("MP3", "OGG") else 0
        if self.num_samples >= _UNKNOWN_LENGTH:
            return
        seconds, of = count / self.sample_rate_hz, self.num_samples / self.sample_rate_hz
        if count + slack < self.num_samples:
            warn(f"{name}: is cut short or damaged: {seconds:.2f} of {of:.2f} s could be read")


def _sound_file(file: BinaryIO, part: Part) -> soundfile.SoundFile:
    as_file: Any = PartFile(file, part)
    return soundfile.SoundFile(as_file)


def _joined(file: BinaryIO, name: str, sounds: list[_Sound]) -> Iterator[np.ndarray]:
    """The blocks of all of them, as the first is: of its rate and channels."""
    first = sounds[0]
    for one in sounds:
        if one.num_channels not in (1, first.num_channels) and first.num_channels != 1:
            raise ValueError(f"{name}: joins {first.num_channels} channels with {one.num_channels}; take them apart")
        blocks = (_with_channels(block, first.num_channels) for block in one.blocks(file, name))
        yield from resampled(blocks, one.sample_rate_hz, first.sample_rate_hz)


def _with_channels(block: np.ndarray, count: int) -> np.ndarray:
    if len(block) == count:
        return block
    return block.mean(axis=0, keepdims=True) if count == 1 else np.repeat(block, count, axis=0)


def _media(file: BinaryIO, name: str, sound_error: Exception, stack: ExitStack) -> Decoding:
    """Through FFmpeg, for what libsndfile does not know: m4a, webm, video."""
    is_media = _looks_like_media(file)
    unknown = ValueError(f"{name}: is damaged or not a sound file ({_reason(sound_error)})")
    try:
        import av  # pyright: ignore[reportMissingImports]
    except ImportError:
        needed = ValueError(f"{name}: this format needs FFmpeg: {how_to_install('media')}")
        raise (needed if is_media else unknown) from sound_error
    whole = Part(file.tell(), file.seek(0, os.SEEK_END))
    try:
        rate_hz, channels, length, odd = _measured_media(av, PartFile(file, whole), name)
        container = stack.enter_context(_container(av, PartFile(file, whole)))
    except av.FFmpegError as error:  # pyright: ignore[reportPrivateImportUsage]
        if _lacks_index(PartFile(file, whole)):
            raise ValueError(f"{name}: is cut short: its index, which stands at its end, is missing") from error
        raise unknown from error
    return Decoding(name, rate_hz, channels, length, odd, _media_blocks(av, container, name))


def _container(av: Any, file: PartFile) -> Any:
    """Opened; titles that are not UTF-8 are no reason to refuse it."""
    return av.open(file, mode="r", options=_MEDIA_OPTIONS, metadata_errors="replace")


def _measured_media(av: Any, file: PartFile, name: str) -> tuple[int, int, int, list[str]]:
    """Rate, channels and length of the first sound in a container, by its packets, and what is odd about it."""
    with _container(av, file) as container:
        if not container.streams.audio:
            kinds = ", ".join(stream.type for stream in container.streams) or "nothing"
            raise ValueError(f"{name}: holds no sound, only {kinds}")
        stream = container.streams.audio[0]
        context = stream.codec_context
        if context is None or not context.sample_rate or not context.channels:
            raise ValueError(f"{name}: holds sound of a kind that cannot be decoded")
        rate_hz, channels = context.sample_rate, context.channels
        said_s = float(stream.duration * stream.time_base) if stream.duration else 0.0
        ticks, packets = 0, 0
        for packet in container.demux(stream):
            check()
            ticks, packets = ticks + (packet.duration or 0), packets + bool(packet.size)
        seconds = max(float(ticks * stream.time_base), packets * (context.frame_size or 0) / rate_hz)
        is_cut = seconds + _MEDIA_SLACK_S < said_s
        odd = [f"is cut short: {seconds:.2f} of {said_s:.2f} s are there, and were read"] if is_cut else []
        return rate_hz, channels, round(seconds * rate_hz), odd


def _media_blocks(av: Any, container: Any, name: str) -> Iterator[np.ndarray]:
    stream = container.streams.audio[0]
    context = stream.codec_context
    planar = av.AudioResampler("fltp", context.layout, context.sample_rate)
    taken = None
    try:
        for frame in chain(container.decode(stream), [None]):  # None flushes the converter
            kind = frame and (frame.format.name, frame.layout.name, frame.sample_rate)
            if kind and taken and kind != taken:  # it changes on the way
                for part in planar.resample(None):
                    yield part.to_ndarray()
                planar = av.AudioResampler("fltp", context.layout, context.sample_rate)
            taken = kind or taken
            for part in planar.resample(frame):
                yield part.to_ndarray().astype(np.float32, copy=False)
    except av.FFmpegError as error:
        warn(f"{name}: is damaged, and was read as far as it goes ({error.strerror})")


def _lacks_index(file: PartFile) -> bool:
    """Whether this is an MP4 without a `moov`; writers put it last."""
    place, head = file.tell(), file.read(16)
    if head[4:8] != b"ftyp":
        return False
    while len(head) >= 8 and head[4:8] != b"moov":
        length = int.from_bytes(head[:4], "big")
        place += max(length if length != 1 else int.from_bytes(head[8:16], "big"), 8)
        file.seek(place)
        head = file.read(16)
    return len(head) < 8


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
