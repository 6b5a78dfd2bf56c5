"""A voice: one sample of a SoundFont at a note's pitch, through its filter."""

from __future__ import annotations

import numpy as np
import scipy

from menura.score.synth.modulation import Steps, Values, first, modulation_envelope, oscillation, sampled
from menura.score.synth.soundfont import Generator, Sample

_G = Generator
_OPEN_FILTER_CENTS = 13_500
_FILTER_STEP_S = 0.0015
_BLOCK = 8192
_LOOPED, _LOOPED_UNTIL_RELEASE = 1, 3


class Voice:
    """Reads a note's sample part after part, each but the last a multiple of `filter_block` long.

    Args:
        sample, wave: the sample and its frames.
        values: the note's generators.
        key: which decides the pitch.
        rate: samples a second to read.
        released: the sample at which the key is let go: from there on a sample of mode 3 leaves its loop.
    """

    def __init__(
        self, sample: Sample, wave: np.ndarray, values: Values, key: int, rate: int, released: int | None = None
    ) -> None:
        self.values, self.rate = values, rate
        mode = int(first(values[_G.SAMPLE_MODES]))
        loop_end = min(sample.loop_end, len(wave))
        self.loop = (sample.loop_start, loop_end) if loop_end - sample.loop_start >= 2 else None
        self.loop = self.loop if mode in (_LOOPED, _LOOPED_UNTIL_RELEASE) else None
        self.released = released if mode == _LOOPED_UNTIL_RELEASE else None
        self.wave = wave
        self.padded = _padded(wave, self.loop)
        cents = (key - sample.root_key) * first(values[_G.SCALE_TUNING]) + sample.correction_cents
        for number, unit in ((_G.COARSE_TUNE, 100), (_G.FINE_TUNE, 1)):
            cents += 0 if isinstance(tune := values[number], Steps) else unit * tune
        ratio = sample.sample_rate_hz / rate
        self.step = float(min(ratio * 2 ** (min(max(cents, -12_000), 12_000) / 1200), 64.0))
        self.at, self.place = 0, 0.0  # samples read, and where in the sample the next is
        self.memory = np.zeros((2, 0), dtype=np.float32)  # what last went into the filter, and came out

    @property
    def filter_block(self) -> int:
        """Samples for which the filter stands still."""
        return max(int(_FILTER_STEP_S * self.rate), 1)

    def read(self, count: int) -> np.ndarray:
        """The next samples, float32, at most `count`: fewer where the sample is over."""
        start = self.at
        if self.loop and self.released is not None and self.released < start + count:
            held = self._resampled(max(self.released - start, 0))
            self._leave_loop()
            wave = np.concatenate((held, self._resampled(count - len(held))))
        else:
            wave = self._resampled(count)
        stop, values = start + len(wave), self.values
        if values[_G.MOD_LFO_TO_VOLUME]:
            lfo = oscillation(values[_G.MOD_LFO_FREQUENCY], values[_G.MOD_LFO_DELAY], start, stop, self.rate)
            depth = sampled(values[_G.MOD_LFO_TO_VOLUME], start, stop, self.rate)
            wave = wave * (10 ** (depth / 200 * lfo)).astype(np.float32)
        return self._filtered(wave, start)

    def _resampled(self, count: int) -> np.ndarray:
        """The next samples by cubic interpolation (Catmull and Rom)."""
        place = self._places(count)
        if self.loop:
            start, end = self.loop
            turn = int(np.searchsorted(place, end))
            length = end - start
            place[turn:] -= np.floor((place[turn:] - start) / length) * length
            np.clip(place[turn:], start, end - 1e-6, out=place[turn:])
        else:
            place = place[: int(np.searchsorted(place, max(len(self.wave) - 1, 0)))]
        wave, out = self.padded, np.empty(len(place), dtype=np.float32)
        for start in range(0, len(place), _BLOCK):  # small enough to stay in the cache
            at = place[start : start + _BLOCK]
            index = at.astype(np.int32)
            t = (at - index).astype(np.float32)
            before, here, after, beyond = wave[index], wave[index + 1], wave[index + 2], wave[index + 3]
            curve = 2 * before - 5 * here + 4 * after - beyond
            cubic = 3 * (here - after) + beyond - before
            out[start : start + _BLOCK] = here + 0.5 * t * (after - before + t * (curve + t * cubic))
        return out

    def _places(self, count: int) -> np.ndarray:
        """Where in the sample the next `count` samples are, as if it had no loop."""
        bend = self._bend(count)
        if bend is None:
            place = np.arange(count + 1, dtype=np.float64) * self.step + self.place
        else:
            place = np.concatenate(([0.0], np.cumsum(self.step * bend))) + self.place
        self.at, self.place = self.at + count, float(place[-1])
        return place[:-1]

    def _bend(self, count: int) -> np.ndarray | None:
        """Pitch over the next samples, as a factor; None where it stands still."""
        values, span = self.values, (self.at, self.at + count, self.rate)
        cents: np.ndarray | float = 0.0
        if depth := values[_G.VIB_LFO_TO_PITCH]:
            lfo = oscillation(values[_G.VIB_LFO_FREQUENCY], values[_G.VIB_LFO_DELAY], *span)
            cents += sampled(depth, *span) * lfo
        if depth := values[_G.MOD_LFO_TO_PITCH]:
            lfo = oscillation(values[_G.MOD_LFO_FREQUENCY], values[_G.MOD_LFO_DELAY], *span)
            cents += sampled(depth, *span) * lfo
        if depth := values[_G.MOD_ENV_TO_PITCH]:
            cents += sampled(depth, *span) * modulation_envelope(values, *span)
        for number, unit in ((_G.COARSE_TUNE, 100), (_G.FINE_TUNE, 1)):
            if isinstance(tune := values[number], Steps):
                cents += unit * tune.sampled(*span)
        return None if isinstance(cents, float) else 2 ** (np.clip(cents, -12_000, 12_000) / 1200)

    def _leave_loop(self) -> None:
        """From here on read to the end of the sample."""
        if self.loop and self.place >= self.loop[1]:
            start, end = self.loop
            self.place = start + (self.place - start) % (end - start)
        self.loop, self.released = None, None
        self.padded = _padded(self.wave, None)

    def _filtered(self, wave: np.ndarray, start: int) -> np.ndarray:
        """Through the resonant low-pass, whose cutoff may follow the modulation envelope and oscillator."""
        values, rate, block = self.values, self.rate, self.filter_block
        count, first_block = -(-len(wave) // block), start // block
        cutoffs = np.full(count, first(values[_G.FILTER_CUTOFF]))
        span = (start, start + len(wave), rate, block)
        if isinstance(cutoff := values[_G.FILTER_CUTOFF], Steps):
            cutoffs = cutoff.sampled(*span)
        if depth := values[_G.MOD_ENV_TO_CUTOFF]:
            # As it stands at each block's end: a fast attack has then opened the filter before there is much to hear.
            opening = modulation_envelope(values, first_block + 1, first_block + 1 + count, rate / block)
            cutoffs += sampled(depth, *span) * opening
        if depth := values[_G.MOD_LFO_TO_CUTOFF]:
            lfo = (values[_G.MOD_LFO_FREQUENCY], values[_G.MOD_LFO_DELAY], first_block, first_block + count)
            cutoffs += sampled(depth, *span) * oscillation(*lfo, rate / block)
        resonance = first(values[_G.FILTER_Q])
        if not count or (cutoffs.min() >= _OPEN_FILTER_CENTS and resonance <= 0):
            self.memory = np.stack((wave[-2:], wave[-2:]))
            return wave
        cutoffs = np.round(np.clip(cutoffs, 1500, _OPEN_FILTER_CENTS) / 25) * 25
        edges = np.flatnonzero(np.diff(cutoffs)) + 1
        known = self.memory.shape[1]
        wave = np.concatenate((self.memory[0], wave))
        out = np.zeros_like(wave)
        out[:known] = self.memory[1]
        for begin, stop in zip((0, *edges), (*edges, count), strict=True):
            place, section = begin * block + known, slice(begin * block + known, stop * block + known)
            numerator, denominator = _low_pass(cutoffs[begin], resonance, rate)
            # Begun from the last samples in and out: the filter's inner state would click where its cutoff moves fast.
            into, outof = (before[place - 2 : place] if place >= 2 else (0.0, 0.0) for before in (wave, out))
            state = (
                numerator[1] * into[1] + numerator[2] * into[0] - denominator[1] * outof[1] - denominator[2] * outof[0],
                numerator[2] * into[1] - denominator[2] * outof[1],
            )
            out[section], _ = scipy.signal.lfilter(numerator, denominator, wave[section], zi=state)
        self.memory = np.stack((wave[-2:], out[-2:]))
        return out[known:]


def _padded(wave: np.ndarray, loop: tuple[int, int] | None) -> np.ndarray:
    """A sample, up to the end of its loop if it has one, with what interpolation needs on either side."""
    if loop:
        start, end = loop
        wave = np.concatenate((wave[:end], np.resize(wave[start:end], 3)))
    return np.concatenate((wave[:1], wave, np.zeros(3, np.float32))).astype(np.float32)


def _low_pass(cutoff_cents: float, q_centibels: float, rate: int) -> tuple[np.ndarray, np.ndarray]:
    hz = min(8.176 * 2 ** (cutoff_cents / 1200), 0.45 * rate)
    resonance_db = min(max(q_centibels, 0.0), 960.0) / 10
    q = 10 ** ((resonance_db - 3.01) / 20)
    omega = 2 * np.pi * hz / rate
    alpha, cosine = np.sin(omega) / (2 * q), np.cos(omega)
    gain = 10 ** (-resonance_db / 40)  # the standard lowers the level by half the resonance
    numerator = gain * (1 - cosine) / 2 * np.array([1.0, 2.0, 1.0])
    return numerator / (1 + alpha), np.array([1.0, -2 * cosine / (1 + alpha), (1 - alpha) / (1 + alpha)])
