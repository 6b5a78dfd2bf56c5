"""Sound files: read what libsndfile or FFmpeg can, write wav, flac, aiff, ogg, opus and mp3."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import soundfile

from menura import files
from menura.audio.formats import FORMATS, Format, decoding
from menura.audio.resample import in_lengths, resampled
from menura.audio.samples import Audio
from menura.progress import check

_BLOCK_FRAMES = 1 << 16  # libvorbis overflows its stack on very long writes
_ALIASES = {"wave": "wav", "aif": "aiff", "oga": "ogg"}
_INT16_STEPS = 32768
_INT24_STEPS = 8388608
_MIN_RATE_HZ, _MAX_RATE_HZ = 8000, 192000


class SoundInfo(NamedTuple):
    """What a sound file holds, found without decoding it.

    Attributes:
        sample_rate_hz, num_channels: of the sound.
        num_samples: of a channel; None where only decoding shows it.
    """

    sample_rate_hz: int
    num_channels: int
    num_samples: int | None


def info(source: str | os.PathLike[str] | BinaryIO) -> SoundInfo:
    """Look a sound file over without decoding it; raises as `read` does."""
    with decoding(source) as sound:
        return SoundInfo(sound.sample_rate_hz, sound.num_channels, sound.num_samples)


def read(
    source: str | os.PathLike[str] | BinaryIO,
    *,
    sample_rate_hz: int | None = None,
    mono: bool = False,
    max_samples: int | None = None,
) -> Audio:
    """Read a sound file.

    What is there is read, whatever the header says of its length: files that went through a pipe or were cut short,
    and several joined into one. What is odd about it is told by `menura.progress.warn`, Python's warnings unless a
    task is performed. The file is decoded in blocks, so what is asked for here is all that is ever held.

    Args:
        source: a path or a seekable binary file. Anything libsndfile knows (wav, flac, ogg, opus, mp3, aiff, au, caf,
            w64 …); with the `media` extra also m4a, webm and the sound of videos.
        sample_rate_hz: to resample to; None: as it is.
        mono: whether to average the channels.
        max_samples: how many, of all channels together and at the rate asked for, are read at most; None: any number.

    Raises:
        ValueError: the file is missing, empty, of zero length, not sound, longer than allowed, or holds NaN or
            infinity.
    """
    with decoding(source) as sound:
        rate_hz = sample_rate_hz or sound.sample_rate_hz
        channels = 1 if mono else sound.num_channels
        most = math.inf if max_samples is None else max_samples // channels

        def refuse_longer(count: int) -> None:
            if count > most:
                raise ValueError(
                    f"{sound.name}: is longer than the {most / rate_hz:.0f} s that can be read at {rate_hz} Hz"
                )

        refuse_longer(int((sound.num_samples or 0) * rate_hz / sound.sample_rate_hz))
        blocks = (block.mean(axis=0, keepdims=True) for block in sound) if mono and sound.num_channels > 1 else sound
        parts, count = [np.zeros((channels, 0), np.float32)], 0
        for part in resampled(blocks, sound.sample_rate_hz, rate_hz):
            parts.append(part)
            count += part.shape[1]
            refuse_longer(count)
    samples = np.concatenate(parts, axis=1)
    samples.flags.writeable = False
    return Audio(samples, rate_hz)


def write(
    audio: Audio,
    path: str | os.PathLike[str] | BinaryIO,
    *,
    bits: int = 16,
    overwrite: bool = False,
    format: str | None = None,
    seed: int = 0,
) -> None:
    """Write a sound file, whole or not at all.

    Args:
        audio: at 8000 to 192000 Hz. Samples beyond ±1 are clipped in every format but 32-bit float. Opus and mp3 know
            only some rates: the sound is resampled to the next higher one they know, else to their highest, 48 kHz.
        path: where; or a binary file open for writing, and then `format` must be given.
        bits: 16 (TPDF dither, unless the samples are 16-bit already), 24 or 32 (float; wav and aiff only).
            The lossy formats (ogg, opus, mp3) have no bits.
        overwrite: replace a file already there.
        format: `wav`, `flac`, `aiff`, `ogg` (Vorbis), `opus` or `mp3`; the path's extension where None.
        seed: of the dither.

    Raises:
        ValueError: the format, bits, rate or channels are not possible, or there is nothing to write.
        FileExistsError: a file is there and `overwrite` is not set.
    """
    if not isinstance(path, str | os.PathLike):
        path.write(encode(audio, _known_format(format), bits=bits, seed=seed))
        return
    name = _known_format(format or Path(path).suffix.removeprefix(".") or None)
    _check_audio(audio, name, bits)
    with files.writing(Path(path), overwrite) as temporary, temporary.open("w+b") as file:
        _encode_audio(file, audio, name, bits, seed)


def append(audio: Audio, path: str | os.PathLike[str], *, seed: int = 0) -> None:
    """Add sound to the end of a 16-bit WAV file; one that is not there is begun. The file can be played at any time."""
    if not os.path.exists(path):
        write(audio, path, format="wav", seed=seed)
        return
    with soundfile.SoundFile(path, "r+") as sound:
        sound.seek(0, os.SEEK_END)
        sound.write(_quantised(audio.samples, 16, np.random.default_rng(seed)).T)


def encode(audio: Audio, format: str = "wav", *, bits: int = 16, seed: int = 0) -> bytes:
    """The bytes `write` would put into a file; its arguments, and its errors."""
    name = _known_format(format)
    _check_audio(audio, name, bits)
    file = io.BytesIO()
    _encode_audio(file, audio, name, bits, seed)
    return file.getvalue()


def _known_format(name: str | None) -> str:
    known = ", ".join(FORMATS)
    if name is None:
        raise ValueError(f"the format is not given; name one of {known}, or a path that ends in one")
    lowered = _ALIASES.get(name.lower(), name.lower())
    if lowered not in FORMATS:
        raise ValueError(f"cannot write {name!r} files; the formats are {known}")
    return lowered


def convert(
    source: str | os.PathLike[str] | BinaryIO, path: str | os.PathLike[str], format: str, *, seed: int = 0
) -> None:
    """Write the sound of a file in another format, of 16 bits where it has any, block by block: whole or not at all.

    Raises:
        ValueError: as `read` and `write`.
        FileExistsError: a file is there.
    """
    name = _known_format(format)
    with decoding(source) as sound:
        _check(name, 16, sound.sample_rate_hz, sound.num_channels)
        with files.writing(Path(path)) as temporary, temporary.open("w+b") as file:
            _encode_to(file, sound, sound.sample_rate_hz, sound.num_channels, FORMATS[name], 16, seed)


def write_blocks(
    blocks: Iterable[np.ndarray],
    path: str | os.PathLike[str],
    format: str,
    sample_rate_hz: int,
    *,
    bits: int = 16,
    channels: int = 1,
    overwrite: bool = False,
    seed: int = 0,
) -> int:
    """Write sound that comes block by block, `[channel, sample]`, whole or not at all; give how many samples came.

    Raises:
        ValueError: as `write`, but for sound of zero length.
        FileExistsError: a file is there and `overwrite` is not set.
    """
    name, count = _known_format(format), 0
    _check(name, bits, sample_rate_hz, channels)

    def counted() -> Iterator[np.ndarray]:
        nonlocal count
        for block in blocks:
            count += block.shape[1]
            yield block

    with files.writing(Path(path), overwrite) as temporary, temporary.open("w+b") as file:
        _encode_to(file, counted(), sample_rate_hz, channels, FORMATS[name], bits, seed)
    return count


def _check_audio(audio: Audio, name: str, bits: int) -> None:
    if audio.num_samples == 0:
        raise ValueError("there is no sound to write (zero length)")
    _check(name, bits, audio.sample_rate_hz, audio.num_channels)


def _check(name: str, bits: int, rate_hz: int, channels: int) -> None:
    format = FORMATS[name]
    if bits not in (16, 24, 32):
        raise ValueError(f"bits are 16, 24 or 32 (float), not {bits!r}")
    if not format.is_lossy and bits not in format.subtypes:
        raise ValueError(f"{name} holds {' or '.join(map(str, format.subtypes))} bits, not {bits}; wav holds 32")
    if channels > format.max_channels:
        raise ValueError(f"{name} holds at most {format.max_channels} channels, not {channels}")
    if not _MIN_RATE_HZ <= rate_hz <= _MAX_RATE_HZ:
        raise ValueError(f"files are written at 8000 to 192000 Hz, not {rate_hz}; resample first")


def _encode_audio(file: BinaryIO, audio: Audio, name: str, bits: int, seed: int) -> None:
    step = range(0, audio.num_samples, _BLOCK_FRAMES)
    blocks = (audio.samples[:, start : start + _BLOCK_FRAMES] for start in step)
    _encode_to(file, blocks, audio.sample_rate_hz, audio.num_channels, FORMATS[name], bits, seed)


def _encode_to(
    file: BinaryIO, blocks: Iterable[np.ndarray], rate_hz: int, channels: int, format: Format, bits: int, seed: int
) -> None:
    higher = [rate for rate in format.rates_hz if rate >= rate_hz]
    to_hz = min(higher, default=max(format.rates_hz)) if format.rates_hz else rate_hz
    bits, random = 0 if format.is_lossy else bits, np.random.default_rng(seed)
    with soundfile.SoundFile(
        file, "w", samplerate=to_hz, channels=channels, format=format.container, subtype=format.subtypes[bits]
    ) as sound:
        for block in in_lengths(resampled(blocks, rate_hz, to_hz), _BLOCK_FRAMES):
            check()
            sound.write(np.ascontiguousarray(_quantised(block, bits, random).T))


def _quantised(samples: np.ndarray, bits: int, random: np.random.Generator) -> np.ndarray:
    """int16, int32 with 24 used bits on top, or clipped (lossy, 0) or untouched (32) floats."""
    if bits == 32:
        return samples
    if bits == 0:
        return np.clip(samples, -1, 1)
    if bits == 24:
        steps = np.rint(samples.astype(np.float64) * _INT24_STEPS)
        return np.clip(steps, -_INT24_STEPS, _INT24_STEPS - 1).astype(np.int32) << 8
    scaled = samples * np.float32(_INT16_STEPS)
    if np.array_equal(scaled, np.rint(scaled)):  # 16-bit already (silence too): dither would only add noise
        return np.clip(scaled, -_INT16_STEPS, _INT16_STEPS - 1).astype(np.int16)
    scaled += random.random(scaled.shape, np.float32)
    scaled -= random.random(scaled.shape, np.float32)
    return np.clip(np.rint(scaled), -_INT16_STEPS, _INT16_STEPS - 1).astype(np.int16)
