"""Effects: a synthetic room, a chorus, placing sound between two loudspeakers, limiting."""

from __future__ import annotations

import numpy as np
from numpy import fft

from menura.audio.limiter import limit
from menura.audio.samples import Audio
from menura.compiled import compiled
from menura.progress import check

__all__ = ["chorus", "limit", "pan", "reverb"]

_PRE_DELAY_S = 0.012
_NUM_REFLECTIONS = 10
_REFLECTIONS_S = 0.07  # until when single echoes come before the dense tail has taken over
_BAND_EDGES_HZ = (150.0, 300.0, 600.0, 1200.0, 2400.0, 4800.0, 9600.0)  # under the first the room is silent, not muddy
_CHORUS_SHORTEST_S, _CHORUS_LONGEST_S, _CHORUS_HZ, _CHORUS_VOICES = 0.005, 0.013, 0.3, 3
_CHORUS_LEVEL = 4.7
_CHORUS_BLOCK = 1 << 16
_MID_HZ, _AIR_HZ = 600.0, 5000.0  # the decay is as asked at the first, and about half as long at the second


def reverb(audio: Audio, seconds: float = 1.6, mix: float = 0.2, seed: int = 0, *, send: Audio | None = None) -> Audio:
    """Put sound into a synthetic room; the tail is kept, so the result is longer, and stereo.

    The room is a convolution: after a short pre-delay some single reflections, then noise that decays exponentially,
    the sooner the higher its frequency, and independently left and right (Moorer, "About this reverberation
    business", 1979).

    Args:
        audio: mono or stereo (or 5.0, 5.1, which are mixed to stereo).
        seconds: time in which the reverberation falls by 60 dB (at mid frequencies), 0.05 to 20.
        mix: from 0, the dry sound alone, to 1, the room alone, at equal power between.
        seed: of the room.
        send: what goes into the room, as long as `audio`, where it is not just that.

    Raises:
        ValueError: an argument is out of range.
    """
    if not 0.05 <= seconds <= 20:
        raise ValueError(f"reverberation lasts 0.05 to 20 seconds, not {seconds:g}")
    if not 0 <= mix <= 1:
        raise ValueError(f"a reverb's mix is 0 (dry) to 1 (room only), not {mix:g}")
    dry = audio.stereo()
    response = _room(seconds, audio.sample_rate_hz, np.random.default_rng(seed))
    wet = _convolved((send or audio).stereo().samples, response * np.float32(np.sin(mix * np.pi / 2)))
    wet[:, : dry.num_samples] += dry.samples * np.float32(np.cos(mix * np.pi / 2))
    wet.flags.writeable = False
    return Audio(wet, audio.sample_rate_hz)


def chorus(audio: Audio, *, loops: bool = False) -> Audio:
    """Sound as several players a little apart in time and pitch would make it, without the sound itself, in stereo.

    Three delays of 5 to 13 ms, each moved by a sine of 0.3 Hz, a third of a turn apart. Where the sound `loops`, its
    end is heard at its beginning, and the sine is as near to 0.3 Hz as lets it end where it began.
    """
    sound = audio.stereo().samples
    count, rate = sound.shape[1], audio.sample_rate_hz
    before = int(_CHORUS_LONGEST_S * rate) + 2
    padded = np.pad(sound, ((0, 0), (before, 0)), mode="wrap" if loops else "constant")
    turns = max(round(_CHORUS_HZ * count / rate), 1) / count if loops else _CHORUS_HZ / rate
    result = np.zeros_like(sound)
    for start in range(0, count, _CHORUS_BLOCK):
        check()
        _add_delayed(padded, result, start, min(start + _CHORUS_BLOCK, count), turns, float(rate))
    result *= np.float32(_CHORUS_LEVEL)
    result.flags.writeable = False
    return Audio(result, rate)


@compiled(nogil=True)
def _add_delayed(padded: np.ndarray, result: np.ndarray, start: int, stop: int, turns: float, rate_hz: float) -> None:
    """A chorus's voices, from sample `start` to `stop`, of a sound before which there is what they are late by."""
    middle_s, depth_s = (_CHORUS_LONGEST_S + _CHORUS_SHORTEST_S) / 2, (_CHORUS_LONGEST_S - _CHORUS_SHORTEST_S) / 2
    before = padded.shape[1] - result.shape[1]
    for here in range(start, stop):
        for voice in range(_CHORUS_VOICES):
            turn = 2 * np.pi * (turns * here + voice / _CHORUS_VOICES)
            place = here + before - (middle_s + depth_s * np.sin(turn)) * rate_hz
            index = int(place)
            share = place - index
            for channel in range(len(result)):
                result[channel, here] += padded[channel, index] * (1 - share) + padded[channel, index + 1] * share


def pan(audio: Audio, position: float) -> Audio:
    """Place sound between the loudspeakers at equal power, from -1 (left) over 0 (middle) to 1 (right).

    Mono becomes stereo, 3 dB down on each side in the middle. Of stereo the balance moves, and 0 leaves it as it is.

    Raises:
        ValueError: the position is out of range.
    """
    if not -1 <= position <= 1:
        raise ValueError(f"a position is -1 (left) to 1 (right), not {position:g}")
    angle = (position + 1) * np.pi / 4
    gains = np.array([[np.cos(angle)], [np.sin(angle)]])
    if audio.num_channels > 1:
        gains *= 2**0.5
    return Audio(audio.stereo().samples * gains.astype(np.float32), audio.sample_rate_hz)


def _room(seconds: float, sample_rate_hz: int, random: np.random.Generator) -> np.ndarray:
    """An impulse response, `[2, sample]`, of unit energy in each channel."""
    delay = round(_PRE_DELAY_S * sample_rate_hz)
    length = round(seconds * sample_rate_hz)
    times_s = np.arange(length) / sample_rate_hz
    tail = _decaying_noise(times_s, seconds, sample_rate_hz, random)
    tail *= 1 - np.exp(-times_s / (_REFLECTIONS_S / 3))
    tail *= np.clip((times_s[-1] - times_s) / (0.1 * seconds), 0, 1)  # to nothing, where 60 dB down is not yet that
    tail /= np.sqrt(np.square(tail).sum(axis=1, keepdims=True))
    response = np.zeros((2, delay + length))
    response[:, delay:] = tail
    for channel in response:
        # Ever denser and fainter, with half the energy of the tail.
        arrivals_s = _REFLECTIONS_S * np.sqrt(random.uniform(0, 1, _NUM_REFLECTIONS))
        heights = random.choice((-1, 1), _NUM_REFLECTIONS) * 10 ** (-3 * arrivals_s / seconds) / (1 + 20 * arrivals_s)
        places = delay + np.minimum(np.rint(arrivals_s * sample_rate_hz).astype(int), length - 1)
        np.add.at(channel, places, heights * np.sqrt(0.5 / np.square(heights).sum()))
    return (response / np.sqrt(np.square(response).sum(axis=1, keepdims=True))).astype(np.float32)


def _decaying_noise(
    times_s: np.ndarray, seconds: float, sample_rate_hz: int, random: np.random.Generator
) -> np.ndarray:
    """White noise in octave bands, each with its own exponential decay: `[2, sample]`."""
    spectrum = fft.rfft(random.standard_normal((2, len(times_s))), axis=1)
    frequencies_hz = np.maximum(fft.rfftfreq(len(times_s), 1 / sample_rate_hz), 1e-3)
    noise = np.zeros((2, len(times_s)))
    for edge_hz in _BAND_EDGES_HZ:
        octave = np.log2(frequencies_hz / edge_hz)
        band = np.clip(octave + 0.5, 0, 1)
        if edge_hz != _BAND_EDGES_HZ[-1]:
            band -= np.clip(octave - 0.5, 0, 1)
        decay_s = seconds * (1 + _MID_HZ / _AIR_HZ) / (1 + edge_hz / _AIR_HZ)
        noise += fft.irfft(spectrum * np.sqrt(band), len(times_s), axis=1) * 10 ** (-3 * times_s / decay_s)
    return noise


def _convolved(samples: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Each channel with its own response, by overlap-add in float32 (scipy's oaconvolve takes three times as long)."""
    num_channels, num_samples = samples.shape
    length = response.shape[1]
    size = 1 << max((4 * length - 1).bit_length(), 16)
    step = size - length + 1
    transfer = fft.rfft(response, size, axis=1)
    result = np.zeros((num_channels, num_samples + length - 1), np.float32)
    for channel in range(num_channels):
        for start in range(0, num_samples, step):
            check()
            block = fft.rfft(samples[channel, start : start + step], size)
            block *= transfer[channel]
            end = min(start + size, result.shape[1])
            result[channel, start:end] += fft.irfft(block, size)[: end - start]
    return result
