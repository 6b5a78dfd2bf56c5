"""Sound files: read what libsndfile or FFmpeg can, write wav, flac, aiff, ogg, opus and mp3."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile

from menura import files
from menura.audio.formats import FORMATS, Format, decode
from menura.audio.samples import Audio

_CHUNK_FRAMES = 1 << 16  # libvorbis overflows its stack on very long writes
_ALIASES = {"wave": "wav", "aif": "aiff", "oga": "ogg"}
_INT16_STEPS = 32768
_INT24_STEPS = 8388608
_MIN_RATE_HZ, _MAX_RATE_HZ = 8000, 192000


def read(source: str | os.PathLike[str] | BinaryIO) -> Audio:
    """Read a sound file.

    Args:
        source: a path or a seekable binary file. Anything libsndfile knows (wav, flac, ogg, opus, mp3, aiff, au, caf,
            w64 …); with the `media` extra also m4a, webm and the sound of videos.

    Raises:
        ValueError: the file is missing, empty, truncated, of zero length, not sound, or holds NaN or infinity.
    """
    samples, rate_hz = decode(source)
    try:
        return Audio(samples, rate_hz)
    except ValueError as error:
        name = source if isinstance(source, str | os.PathLike) else "the given file object"
        raise ValueError(f"{name}: {error}") from error


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
    _check(audio, name, bits)
    with files.writing(Path(path), overwrite) as temporary, temporary.open("w+b") as file:
        _encode_to(file, audio, FORMATS[name], bits, seed)


def encode(audio: Audio, format: str = "wav", *, bits: int = 16, seed: int = 0) -> bytes:
    """The bytes `write` would put into a file; its arguments, and its errors."""
    name = _known_format(format)
    _check(audio, name, bits)
    file = io.BytesIO()
    _encode_to(file, audio, FORMATS[name], bits, seed)
    return file.getvalue()


def _known_format(name: str | None) -> str:
    known = ", ".join(FORMATS)
    if name is None:
        raise ValueError(f"the format is not given; name one of {known}, or a path that ends in one")
    lowered = _ALIASES.get(name.lower(), name.lower())
    if lowered not in FORMATS:
        raise ValueError(f"cannot write {name!r} files; the formats are {known}")
    return lowered


def _check(audio: Audio, name: str, bits: int) -> None:
    format = FORMATS[name]
    if bits not in (16, 24, 32):
        raise ValueError(f"bits are 16, 24 or 32 (float), not {bits!r}")
    if not format.is_lossy and bits not in format.subtypes:
        raise ValueError(f"{name} holds {' or '.join(map(str, format.subtypes))} bits, not {bits}; wav holds 32")
    if audio.num_samples == 0:
        raise ValueError("there is no sound to write (zero length)")
    if audio.num_channels > format.max_channels:
        raise ValueError(f"{name} holds at most {format.max_channels} channels, not {audio.num_channels}")
    if not _MIN_RATE_HZ <= audio.sample_rate_hz <= _MAX_RATE_HZ:
        raise ValueError(f"files are written at 8000 to 192000 Hz, not {audio.sample_rate_hz}; resample first")


def _encode_to(file: BinaryIO, audio: Audio, format: Format, bits: int, seed: int) -> None:
    if format.rates_hz and audio.sample_rate_hz not in format.rates_hz:
        higher = [rate for rate in format.rates_hz if rate >= audio.sample_rate_hz]
        audio = audio.resampled(min(higher, default=max(format.rates_hz)))
    bits = 0 if format.is_lossy else bits
    frames = _quantised(audio.samples, bits, seed).T
    with soundfile.SoundFile(
        file,
        "w",
        samplerate=audio.sample_rate_hz,
        channels=audio.num_channels,
        format=format.container,
        subtype=format.subtypes[bits],
    ) as sound:
        for start in range(0, len(frames), _CHUNK_FRAMES):
            sound.write(np.ascontiguousarray(frames[start : start + _CHUNK_FRAMES]))


def _quantised(samples: np.ndarray, bits: int, seed: int) -> np.ndarray:
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
    random = np.random.default_rng(seed)
    scaled += random.random(scaled.shape, np.float32)
    scaled -= random.random(scaled.shape, np.float32)
    return np.clip(np.rint(scaled), -_INT16_STEPS, _INT16_STEPS - 1).astype(np.int16)
