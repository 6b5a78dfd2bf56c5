"""Sound in memory: an immutable block of samples and its rate."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any

import numpy as np

from menura.audio.formats import MAX_CHANNELS, decode
from menura.audio.resample import resample
from menura.progress import check

_MOST_COLUMNS = 8  # of an array that is read as [sample, channel]
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
        check()  # whoever makes a sound may have worked on it for long
        rate = self.sample_rate_hz
        if isinstance(rate, bool) or not isinstance(rate, int | np.integer | float) or rate <= 0 or rate != int(rate):
            raise ValueError(f"sample_rate_hz is a positive whole number, not {rate!r}")
        object.__setattr__(self, "sample_rate_hz", int(rate))
        object.__setattr__(self, "samples", _as_samples(self.samples))

    @classmethod
    def of(cls, source: Any, rate_hz: int | None = None) -> Audio:
        """Take sound in any common form.

        Args:
            source: an `Audio`, or a result that has one; a path to a file, a binary file, or the bytes of one; a pair
                of samples and rate in either order, as soundfile, scipy and most toolkits hand it; or a mapping with
                ``array`` and ``sampling_rate``, as data sets do. A taller than wide array of at most 8 columns is
                read as `[sample, channel]`, as those libraries lay it out.
            rate_hz: of samples that come without one.

        Raises:
            ValueError: none of these, or a file or array that is not sound.
        """
        source = getattr(source, "audio", source)
        if isinstance(source, Audio):
            return source
        if isinstance(source, str | os.PathLike):
            return cls(*decode(source))
        if isinstance(source, bytes | bytearray | memoryview):
            return cls(*decode(io.BytesIO(source)))
        if hasattr(source, "read"):
            if not isinstance(source.read(0), bytes):
                raise ValueError("the file of sound is open as text; open it in binary mode")
            return cls(*decode(source if source.seekable() else io.BytesIO(source.read())))
        if isinstance(source, Mapping) and {"array", "sampling_rate"} <= source.keys():
            source = source["array"], source["sampling_rate"]
        if isinstance(source, tuple | list) and len(source) == 2:
            first, second = map(_detached, source)
            if (first.ndim == 0) != (second.ndim == 0):
                samples, rate = (first, second) if second.ndim == 0 else (second, first)
                return cls(_channels_first(samples), rate.item())
        if rate_hz is not None and np.ndim(samples := _detached(source)) > 0:
            return cls(_channels_first(samples), rate_hz)
        raise ValueError(
            "sound is an Audio, a file, its bytes, or a pair of samples and their rate, "
            f"not {type(source).__name__}{' without a rate' if hasattr(source, 'shape') else ''}"
        )

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
        plural = "s" * (self.num_channels != 1)
        return f"Audio({self.duration_s:.3f} s, {self.num_channels} channel{plural}, {self.sample_rate_hz} Hz)"

    def _repr_html_(self) -> str:
        return resolve_name("menura.audio.notebook:player")(self)

    def _with(self, samples: np.ndarray) -> Audio:
        return Audio(_frozen(samples), self.sample_rate_hz)


def _frozen(samples: np.ndarray) -> np.ndarray:
    """Mark an array nobody else holds read-only, so that `Audio` need not copy it."""
    samples = np.asarray(samples, np.float32)
    samples.flags.writeable = False
    return samples


def _channels_first(samples: np.ndarray) -> np.ndarray:
    tall = samples.ndim == 2 and samples.shape[0] > samples.shape[1] and samples.shape[1] <= _MOST_COLUMNS
    return samples.T if tall else samples


def _detached(samples: Any) -> np.ndarray:
    """A numpy array of anything array-like; a tensor may need a gradient or live on another device."""
    if hasattr(samples, "detach"):
        samples = samples.detach().cpu()
        samples = samples.float() if samples.is_floating_point() else samples  # numpy knows no bfloat16
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
