"""Sound in memory: an immutable block of samples and its rate."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from menura.audio.formats import decode
from menura.audio.resample import resample

MAX_CHANNELS = 64
_CENTRE_GAIN = 0.5**0.5  # ITU-R BS.775: centre and surrounds enter a stereo downmix 3 dB down


@dataclass(frozen=True, eq=False, repr=False)
class Audio:
    """A piece of sound.

    Args:
        samples: `[channel, sample]`, or `[sample]` for mono; any array or tensor. Floats are full scale at ±1 (more
            is allowed until it is written to an integer format); signed integers and uint8 are scaled by their own
            full scale. Kept as read-only float32.
        sample_rate_hz: samples a second in each channel.

    Raises:
        ValueError: the shape, the rate or a value (NaN, infinity) is not that of sound.
    """

    samples: np.ndarray
    sample_rate_hz: int

    def __post_init__(self) -> None:
        rate = self.sample_rate_hz
        if isinstance(rate, bool) or not isinstance(rate, int | np.integer | float) or rate <= 0 or rate != int(rate):
            raise ValueError(f"sample_rate_hz is a positive whole number, not {rate!r}")
        object.__setattr__(self, "sample_rate_hz", int(rate))
        object.__setattr__(self, "samples", _as_samples(self.samples))

    @classmethod
    def of(cls, source: Any) -> Audio:
        """Take sound in any common form.

        Args:
            source: an `Audio`; a path to a file; or a pair of samples and rate in either order, as soundfile, scipy
                and most toolkits hand it. In a pair, a taller than wide array of at most 8 columns is read as
                `[sample, channel]`, as those libraries lay it out.

        Raises:
            ValueError: none of these, or a file or array that is not sound.
        """
        if isinstance(source, Audio):
            return source
        if isinstance(source, str | os.PathLike):
            return cls(*decode(source))
        if isinstance(source, tuple | list) and len(source) == 2:
            first, second = source
            samples, rate = (second, first) if np.ndim(_detached(first)) == 0 else (first, second)
            samples = _detached(samples)
            if samples.ndim == 2 and samples.shape[0] > samples.shape[1] and samples.shape[1] <= 8:
                samples = samples.T
            return cls(samples, rate)
        raise ValueError(f"sound is an Audio, a path, or a pair of samples and rate, not {type(source).__name__}")

    @classmethod
    def silence(cls, duration_s: float, sample_rate_hz: int, num_channels: int = 1) -> Audio:
        """`duration_s` seconds of nothing."""
        return cls(np.zeros((num_channels, round(duration_s * sample_rate_hz)), np.float32), sample_rate_hz)

    @property
    def num_channels(self) -> int:
        return self.samples.shape[0]

    @property
    def num_samples(self) -> int:
        """Samples in each channel."""
        return self.samples.shape[1]

    @property
    def duration_s(self) -> float:
        return self.num_samples / self.sample_rate_hz

    @property
    def peak(self) -> float:
        """The largest absolute sample; 1 is full scale. See `true_peak_dbtp` for the peak between samples."""
        return max(float(self.samples.max()), -float(self.samples.min())) if self.num_samples else 0.0

    def mono(self) -> Audio:
        """The mean of the channels."""
        return self if self.num_channels == 1 else self._with(self.samples.mean(axis=0, keepdims=True))

    def stereo(self) -> Audio:
        """Two channels: mono is doubled; 5.0 and 5.1 (see `loudness`) are mixed by ITU-R BS.775, scaled not to clip.

        Raises:
            ValueError: three, four or more than six channels, whose places are not known.
        """
        if self.num_channels == 2:
            return self
        if self.num_channels == 1:
            return self._with(np.repeat(self.samples, 2, axis=0))
        if self.num_channels not in (5, 6):
            raise ValueError(f"no agreed stereo mix of {self.num_channels} channels; use mono() or choose two")
        front, centre, surround = self.samples[:2], self.samples[2], self.samples[-2:]
        return self._with((front + _CENTRE_GAIN * (centre + surround)) / (1 + 2 * _CENTRE_GAIN))

    def gain(self, db: float) -> Audio:
        """Louder by `db` decibels (softer where negative)."""
        return self._with(self.samples * np.float32(10 ** (db / 20)))

    def resampled(self, rate_hz: int) -> Audio:
        """The same sound at `rate_hz` samples a second (soxr, very high quality)."""
        return Audio(_frozen(resample(self.samples, self.sample_rate_hz, rate_hz)), rate_hz)

    def cut(self, start_s: float = 0.0, end_s: float | None = None) -> Audio:
        """From `start_s` to `end_s` seconds (to the end where None).

        Raises:
            ValueError: the span is empty or does not lie inside the sound.
        """
        end_s = self.duration_s if end_s is None else end_s
        start, end = round(start_s * self.sample_rate_hz), round(end_s * self.sample_rate_hz)
        if not 0 <= start < end <= self.num_samples:
            raise ValueError(f"cannot cut {start_s:g} to {end_s:g} s out of a sound of {self.duration_s:g} s")
        return self._with(self.samples[:, start:end])

    def padded(self, before_s: float = 0.0, after_s: float = 0.0) -> Audio:
        """With silence of `before_s` and `after_s` seconds around it."""
        before, after = round(before_s * self.sample_rate_hz), round(after_s * self.sample_rate_hz)
        return self._with(np.pad(self.samples, ((0, 0), (before, after))))

    def fade_in(self, duration_s: float) -> Audio:
        """Rising from silence over the first `duration_s` seconds (raised cosine)."""
        length = min(round(duration_s * self.sample_rate_hz), self.num_samples)
        faded = self.samples.copy()
        faded[:, :length] *= _raised_cosine(length)
        return self._with(faded)

    def fade_out(self, duration_s: float) -> Audio:
        """Falling to silence over the last `duration_s` seconds (raised cosine)."""
        length = min(round(duration_s * self.sample_rate_hz), self.num_samples)
        faded = self.samples.copy()
        faded[:, self.num_samples - length :] *= _raised_cosine(length)[::-1]
        return self._with(faded)

    def __add__(self, other: Audio) -> Audio:
        """Both at once, as long as the longer; mono joins every channel.

        Raises:
            ValueError: the rates differ, or the channels do and neither is mono.
        """
        if not isinstance(other, Audio):
            return NotImplemented
        if self.sample_rate_hz != other.sample_rate_hz:
            raise ValueError(f"cannot mix {self.sample_rate_hz} Hz with {other.sample_rate_hz} Hz; resample one first")
        num_channels = max(self.num_channels, other.num_channels)
        if {self.num_channels, other.num_channels} - {1, num_channels}:
            raise ValueError(f"cannot mix {self.num_channels} channels with {other.num_channels}")
        mixed = np.zeros((num_channels, max(self.num_samples, other.num_samples)), np.float32)
        mixed[:, : self.num_samples] = self.samples
        mixed[:, : other.num_samples] += other.samples
        return self._with(mixed)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Audio):
            return NotImplemented
        return self.sample_rate_hz == other.sample_rate_hz and np.array_equal(self.samples, other.samples)

    def __hash__(self) -> int:
        return hash((self.sample_rate_hz, self.samples.shape, self.samples[:, :16].tobytes()))

    def __repr__(self) -> str:
        return f"Audio({self.duration_s:.3f} s, {self.num_channels} channel(s), {self.sample_rate_hz} Hz)"

    def _with(self, samples: np.ndarray) -> Audio:
        return Audio(_frozen(samples), self.sample_rate_hz)


def _frozen(samples: np.ndarray) -> np.ndarray:
    """Mark an array nobody else holds read-only, so that `Audio` need not copy it."""
    samples = np.asarray(samples, np.float32)
    samples.flags.writeable = False
    return samples


def _raised_cosine(length: int) -> np.ndarray:
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / max(length, 1))).astype(np.float32)


def _detached(samples: Any) -> np.ndarray:
    """A numpy array of anything array-like; a tensor may need a gradient or live on another device."""
    if hasattr(samples, "detach"):
        samples = samples.detach().cpu()
    return np.asarray(samples)


def _as_samples(source: Any) -> np.ndarray:
    """Checked, read-only float32 `[channel, sample]`, copied only where somebody else could write to it."""
    samples = _detached(source)
    if samples.dtype == np.uint8:
        samples = (samples.astype(np.float32) - 128) / 128
    elif samples.dtype.kind == "i":
        samples = (samples / -float(np.iinfo(samples.dtype).min)).astype(np.float32)
    elif samples.dtype.kind != "f":
        raise ValueError(f"samples are floating-point or signed-integer numbers, not {samples.dtype}")
    if samples.ndim == 1:
        samples = samples[None]
    if samples.ndim != 2 or samples.shape[0] == 0:
        raise ValueError(f"samples are [channel, sample] or [sample], not an array of shape {list(samples.shape)}")
    if samples.shape[0] > MAX_CHANNELS:
        raise ValueError(f"{samples.shape[0]} channels (at most {MAX_CHANNELS}): transpose to [channel, sample]?")
    shared = samples.dtype == np.float32 and not samples.flags.writeable
    samples = samples if shared else np.array(samples, np.float32)
    if not np.isfinite(samples).all():
        channel, index = np.argwhere(~np.isfinite(samples))[0]
        raise ValueError(f"sample {index} of channel {channel} is {samples[channel, index]}, not a finite number")
    samples.flags.writeable = False
    return samples
