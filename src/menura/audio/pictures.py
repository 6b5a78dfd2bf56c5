"""Pictures of sound and of codes: the waveform, the spectrogram and codebooks over time, drawn with Pillow."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from menura import files
from menura.audio.samples import Audio
from menura.progress import check

_PAPER, _INK, _FAINT, _WAVE, _WAVE_RMS = "#ffffff", "#333940", "#dfe3e8", "#8fb7d9", "#2f6fa8"
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 16, 44
_FONT_SIZE = 13
_NICE_STEPS = (1.0, 2.0, 5.0)
_FREQUENCY_TICKS_HZ = (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000)
_LOWEST_HZ = 40.0
_RANGE_DB = 80.0
_CODE_ROW = 24
_MOST_WINDOWS = 8  # averaged in one column of a long sound
# White paper to dark blue through warm tones; lightness falls evenly, so that darker is always louder.
_COLOURS = np.array(
    [
        [255, 255, 255],
        [253, 229, 190],
        [250, 188, 128],
        [238, 134, 106],
        [201, 82, 115],
        [137, 50, 123],
        [68, 31, 99],
        [20, 14, 45],
    ]
)


def waveform(audio: Audio, width: int = 1200, height: int = 300) -> Image.Image:
    """Amplitude over time, channels under one another: pale the extremes, dark the root mean square.

    Args:
        audio: any sound.
        width: of the picture in pixels, at least 200.
        height: of the picture in pixels, at least 120.

    Raises:
        ValueError: the picture is too small or the sound empty.
    """
    frame = _Frame.of(audio, width, height)
    image, draw = frame.blank()
    lane = frame.height / audio.num_channels
    for index, channel in enumerate(audio.samples):
        middle = frame.top + lane * (index + 0.5)
        reach = lane * 0.42
        for amplitude in (-1.0, 0.0, 1.0):
            y = middle - amplitude * reach
            draw.line([(frame.left, y), (frame.right, y)], fill=_FAINT)
            if reach > 1.5 * _FONT_SIZE:
                _label(draw, (frame.left - 8, y), f"{amplitude:+.0f}" if amplitude else "0", "rm")
        low, high, rms = _columns(np.clip(channel, -1, 1), frame.width)
        for column in range(frame.width):
            check()
            x = frame.left + column
            draw.line([(x, middle - reach * high[column]), (x, middle - reach * low[column])], fill=_WAVE)
            draw.line([(x, middle - reach * rms[column]), (x, middle + reach * rms[column])], fill=_WAVE_RMS)
    frame.time_axis(draw)
    return image


@dataclass(frozen=True)
class _Frame:
    """The part of a picture inside its axes."""

    left: int
    top: int
    width: int
    height: int
    duration_s: float

    @classmethod
    def of(cls, audio: Audio, width: int, height: int) -> _Frame:
        if width < 200 or height < 120:
            raise ValueError(f"a picture is at least 200 by 120 pixels, not {width} by {height}")
        if audio.num_samples == 0:
            raise ValueError("there is no sound to draw (zero length)")
        return cls(_LEFT, _TOP, width - _LEFT - _RIGHT, height - _TOP - _BOTTOM, audio.duration_s)

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def blank(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        image = Image.new("RGB", (self.right + _RIGHT, self.bottom + _BOTTOM), _PAPER)
        return image, ImageDraw.Draw(image)

    def time_axis(self, draw: ImageDraw.ImageDraw) -> None:
        step_s = _nice_step(self.duration_s, max(self.width // 110, 2))
        draw.line([(self.left, self.bottom), (self.right, self.bottom)], fill=_INK)
        for tick in range(int(self.duration_s / step_s + 1e-6) + 1):
            x = self.left + round(tick * step_s / self.duration_s * self.width)
            draw.line([(x, self.bottom), (x, self.bottom + 5)], fill=_INK)
            _label(draw, (x, self.bottom + 8), _time(tick * step_s, step_s), "ma")
        _label(draw, (self.right, self.bottom + 26), "min:s" if step_s >= 10 else "s", "ra")


def spectrogram_picture(audio: Audio, width: int = 1200, height: int = 480) -> Image.Image:
    """Energy over time and frequency (logarithmic, from 40 Hz), all channels together; darker is louder, over 80 dB.

    Args:
        audio: any sound.
        width: of the picture in pixels, at least 200.
        height: of the picture in pixels, at least 120.

    Raises:
        ValueError: the picture is too small or the sound empty.
    """
    frame = _Frame.of(audio, width, height)
    image, draw = frame.blank()
    top_hz = _highest_hz(audio)
    image.paste(bare_spectrogram(audio, frame.width, frame.height), (frame.left, frame.top))
    draw.line([(frame.left - 1, frame.top), (frame.left - 1, frame.bottom)], fill=_INK)
    for tick_hz in _FREQUENCY_TICKS_HZ:
        if _LOWEST_HZ <= tick_hz <= top_hz:
            y = frame.top + round(np.log(top_hz / tick_hz) / np.log(top_hz / _LOWEST_HZ) * frame.height)
            draw.line([(frame.left - 6, y), (frame.left - 1, y)], fill=_INK)
            _label(draw, (frame.left - 10, y), f"{tick_hz / 1000:g}", "rm")
    _label(draw, (frame.left - 10, frame.bottom + 26), "kHz", "ra")
    frame.time_axis(draw)
    return image


def sound_picture(audio: Audio) -> Image.Image:
    """The waveform above the spectrogram, 1200 pixels wide; raises as they do."""
    parts = (waveform(audio), spectrogram_picture(audio))
    image = Image.new("RGB", (parts[0].width, sum(part.height for part in parts)), _PAPER)
    image.paste(parts[0], (0, 0))
    image.paste(parts[1], (0, parts[0].height))
    return image


def codes_picture(codes: np.ndarray, size: int, duration_s: float, width: int = 1200) -> Image.Image:
    """A codec's codes over time: a row for each codebook, the first on top, channels under one another.

    Args:
        codes: int ``[channel, frame, stage]``, each 0 to `size` - 1; a colour of its own for each.
        size: codes in a codebook, at least 1.
        duration_s: of the sound, above 0.
        width: of the picture in pixels, at least 200.

    Raises:
        ValueError: the picture is too small or there are no codes.
    """
    if width < 200 or not codes.size:
        raise ValueError("a picture of codes needs some codes and at least 200 pixels")
    rows = codes.transpose(0, 2, 1).reshape(-1, codes.shape[1])
    frame = _Frame(_LEFT, _TOP, width - _LEFT - _RIGHT, _CODE_ROW * len(rows), duration_s)
    image, draw = frame.blank()
    stops = np.linspace(0, size - 1, len(_COLOURS))
    pixels = np.stack([np.interp(rows, stops, _COLOURS[:, band]) for band in range(3)], axis=-1)
    table = Image.fromarray(pixels.round().astype(np.uint8))
    image.paste(table.resize((frame.width, frame.height), Image.Resampling.NEAREST), (frame.left, frame.top))
    for row in range(len(rows)):
        centre = frame.top + (row + 0.5) * _CODE_ROW
        _label(draw, (frame.left - 8, centre), str(row % codes.shape[2] + 1), "rm")
    frame.time_axis(draw)
    return image


def bare_spectrogram(audio: Audio, width: int, height: int) -> Image.Image:
    """The same without axes, for those who draw their own.

    Raises:
        ValueError: the sound is empty.
    """
    if audio.num_samples == 0:
        raise ValueError("there is no sound to draw (zero length)")
    rows_hz = np.geomspace(_highest_hz(audio), _LOWEST_HZ, height)
    level_db = _levels_db(audio, rows_hz, width)
    shade = np.clip(1 + (level_db - level_db.max()) / _RANGE_DB, 0, 1) if level_db.max() > -200 else 0 * level_db
    stops = np.linspace(0, 1, len(_COLOURS))
    pixels = np.stack([np.interp(shade, stops, _COLOURS[:, band]) for band in range(3)], axis=-1)
    return Image.fromarray(pixels.round().astype(np.uint8))


def _highest_hz(audio: Audio) -> float:
    return min(audio.sample_rate_hz / 2, 20000.0)


def save_png(image: Image.Image, path: str | os.PathLike[str], overwrite: bool = False) -> None:
    """Write a picture as PNG, whole or not at all.

    Raises:
        FileExistsError: a file is there already and `overwrite` is not set.
    """
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    files.write_bytes(Path(path), buffer.getvalue(), overwrite)


def _columns(channel: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lowest, highest and root-mean-square sample under each pixel column."""
    edges = np.linspace(0, len(channel), width + 1).astype(int)[:-1]
    counts = np.maximum(np.diff(np.append(edges, len(channel))), 1)
    starts = np.minimum(edges, len(channel) - 1)
    energy = np.add.reduceat(np.square(channel, dtype=np.float64), starts) / counts
    return np.minimum.reduceat(channel, starts), np.maximum.reduceat(channel, starts), np.sqrt(energy)


def _levels_db(audio: Audio, rows_hz: np.ndarray, width: int) -> np.ndarray:
    """Energy in dB at each frequency (row) and time (column).

    No one window shows both low notes and short sounds: each frequency is read from windows of about 24 of its waves
    (but 10 to 250 ms), between two powers of two, so that no seam shows.
    """
    samples = audio.samples.mean(axis=0)
    levels_db = np.zeros((len(rows_hz), width))
    exponents = np.log2(np.clip(24 / rows_hz, 0.01, 0.25) * audio.sample_rate_hz)
    for exponent in range(int(exponents.min()), int(exponents.max()) + 2):
        check()
        weights = np.maximum(1 - np.abs(exponents - exponent), 0)
        rows = np.flatnonzero(weights)
        if len(rows):
            energy = _energies(samples, 2**exponent, rows_hz[rows] / audio.sample_rate_hz, width)
            levels_db[rows] += weights[rows, None] * 10 * np.log10(energy + 1e-24)
    return levels_db


def _energies(samples: np.ndarray, size: int, frequencies: np.ndarray, width: int) -> np.ndarray:
    """Mean energy, `[frequency, column]`, of Hann windows of `size` samples spread over the columns.

    Frequencies are in cycles a sample.
    """
    windows_a_column = int(np.clip(len(samples) / width / size, 1, _MOST_WINDOWS))
    num_windows = width * windows_a_column
    centres = ((np.arange(num_windows) + 0.5) * len(samples) / num_windows).astype(int)
    padded = np.pad(samples, size // 2)
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    frames = np.stack([padded[centre : centre + size] for centre in centres]) * (window * 2 / window.sum())
    spectrum = np.fft.rfft(frames, axis=1)
    energy = np.square(spectrum.real) + np.square(spectrum.imag)
    energy = energy.reshape(width, windows_a_column, -1).mean(axis=1)
    place = np.clip(frequencies * size, 0, size // 2 - 1)
    below = place.astype(int)
    share = place - below
    return (energy[:, below] * (1 - share) + energy[:, below + 1] * share).T


def _nice_step(span: float, most_ticks: int) -> float:
    """1, 2 or 5 times a power of ten (10, 30, 60 … in minutes) that divides `span` into at most `most_ticks`."""
    least = span / most_ticks
    if least > 5:
        return next((step for step in (10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600) if step >= least), 7200.0)
    scale = 10.0 ** np.floor(np.log10(least))
    return next((step * scale for step in _NICE_STEPS if step * scale >= least), 10 * scale)


def _time(seconds: float, step_s: float) -> str:
    if step_s >= 10:
        return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
    return f"{seconds:.{max(0, int(-np.floor(np.log10(step_s) + 1e-9)))}f}"


def _label(draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, anchor: str) -> None:
    draw.text(place, text, fill=_INK, font=ImageFont.load_default(_FONT_SIZE), anchor=anchor)
