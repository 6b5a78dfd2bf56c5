"""A sampler: plays notes with the sounds of a SoundFont, as the SoundFont 2.01 standard describes them.

Written here because the renderers that pip can install pass over velocity, release and filter. Everything a note's
pitch decides is computed once for all notes of that pitch, so that a note costs little more than being added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter, lfiltic

from menura.score.soundfont import Generator, Modulator, Region, SoundFont

_G = Generator
_ONSET, _LENGTH, _PITCH, _VELOCITY = range(4)
_SILENCE_DB = 96.0
_OPEN_FILTER_CENTS = 13_500
_SHORTEST_RELEASE_S = 0.012
_CHOKE_S = 0.03
"""How fast a closing hi-hat silences an open one."""
_FILTER_STEP_S = 0.0015
_BLOCK = 8192
_VELOCITY_LAYERS = 12
"""How finely timbre, other than level, follows velocity."""


@dataclass(frozen=True, eq=False)
class Strikes:
    """Notes to play: four arrays ``[note]``, times in seconds, pitch 0 to 127, velocity 1 to 127."""

    onset_s: np.ndarray
    duration_s: np.ndarray
    pitch: np.ndarray
    velocity: np.ndarray


class Sampler:
    """Plays a SoundFont at one sample rate.

    Args:
        soundfont: where the sounds are.
        sample_rate_hz: rate of what is played; the samples are read at it directly.
    """

    def __init__(self, soundfont: SoundFont, sample_rate_hz: int) -> None:
        self.soundfont, self.sample_rate_hz = soundfont, sample_rate_hz

    def play(self, program: int, is_drum: bool, strikes: Strikes, out: np.ndarray, gains: tuple[float, float]) -> None:
        """Add the sound of one instrument to `out`.

        Args:
            program: General MIDI program, 0 to 127; of a drum kit where `is_drum`.
            is_drum: whether pitches name drums.
            strikes: what to play.
            out: float32 ``[2, sample]``; what would ring on past its end is left out.
            gains: left and right, linear.

        Raises:
            ValueError: the SoundFont lacks the instrument or is damaged.
        """
        onsets = np.round(strikes.onset_s * self.sample_rate_hz).astype(np.int64)
        lengths = np.maximum(np.round(strikes.duration_s * self.sample_rate_hz).astype(np.int64), 1)
        notes = np.stack((onsets, lengths, strikes.pitch, strikes.velocity), axis=1)
        notes = notes[onsets < out.shape[1]]
        regions = self.soundfont.regions(program, is_drum)
        chokes = _chokes(regions, notes)
        for region in regions:
            chosen = notes[_chosen(region, notes)]
            if len(chosen):
                self._play_region(region, chosen, chokes.get(region.generators[_G.EXCLUSIVE_CLASS]), out, gains)

    def _play_region(
        self, region: Region, notes: np.ndarray, chokes: np.ndarray | None, out: np.ndarray, gains: tuple[float, float]
    ) -> None:
        layers = _layers(region, notes[:, _VELOCITY])
        kinds, kind_of = np.unique(np.stack((notes[:, _PITCH], layers)), axis=1, return_inverse=True)
        for kind, (pitch, layer) in enumerate(kinds.T.tolist()):
            members = notes[kind_of.reshape(-1) == kind]
            tone = _Tone(self, region, pitch, layer, int(members[:, _LENGTH].max()))
            for onset, length, _, velocity in members.tolist():
                choke = None if chokes is None else int(chokes[np.searchsorted(chokes, onset, side="right")])
                tone.add(out, gains, onset, length, velocity, choke)


class _Tone:
    """One region at one pitch: its waveform and envelope, for as long as the longest note needs."""

    def __init__(self, sampler: Sampler, region: Region, pitch: int, velocity: int, longest: int) -> None:
        self.region, self.pitch, self.rate = region, pitch, sampler.sample_rate_hz
        values = _modulated(region, pitch, velocity)
        release_s = max(_seconds(values[_G.VOL_ENV_RELEASE]), _SHORTEST_RELEASE_S)
        self.release = _decay(release_s, self.rate)
        envelope = _volume_envelope(values, pitch, longest + len(self.release), self.rate)
        raw = _waveform(sampler, region, values, pitch, len(envelope))
        self.raw, self.envelope = raw, envelope[: len(raw)]
        self.shaped = self.raw * self.envelope
        angle = (min(max(values[_G.PAN], -500), 500) / 1000 + 0.5) * np.pi / 2
        self.pan = np.sqrt(2.0) * np.array([np.cos(angle), np.sin(angle)])

    def add(
        self, out: np.ndarray, gains: tuple[float, float], onset: int, length: int, velocity: int, choke: int | None
    ) -> None:
        """Add one note to `out`, silenced at the sample `choke` if it still sounds then."""
        release = self.release
        if choke is not None and choke < onset + length + len(release):
            length, release = choke - onset, _decay(_CHOKE_S, self.rate)
        room = min(len(self.raw), out.shape[1] - onset)
        held = min(length, room)
        tail = min(len(release), room - held)
        pieces = [(onset, self.shaped[:held])]
        if tail:
            fall = release[:tail] * self.envelope[held - 1]
            pieces.append((onset + held, fall * self.raw[held : held + tail]))
        level = _level(self.region, self.pitch, velocity)
        left, right = (np.float32(level * pan * gain) for pan, gain in zip(self.pan, gains, strict=True))
        for start, piece in pieces:
            out[0, start : start + len(piece)] += left * piece
            out[1, start : start + len(piece)] += right * piece


def _chosen(region: Region, notes: np.ndarray) -> np.ndarray:
    """Which notes a region plays."""
    pitch, velocity = notes[:, _PITCH], notes[:, _VELOCITY]
    (low, high), (softest, loudest) = region.keys, region.velocities
    return (pitch >= low) & (pitch <= high) & (velocity >= softest) & (velocity <= loudest)


def _chokes(regions: tuple[Region, ...], notes: np.ndarray) -> dict[int, np.ndarray]:
    """When notes of each exclusive class start, and so end those before: a hi-hat closes. Ends with a far time."""
    onsets: dict[int, list[np.ndarray]] = {}
    for region in regions:
        if number := region.generators[_G.EXCLUSIVE_CLASS]:
            onsets.setdefault(number, []).append(notes[_chosen(region, notes), _ONSET])
    far = np.array([np.iinfo(np.int64).max])
    return {number: np.concatenate((np.unique(np.concatenate(starts)), far)) for number, starts in onsets.items()}


def _layers(region: Region, velocity: np.ndarray) -> np.ndarray:
    """The velocity whose timbre each note takes."""
    targets = {modulator.target for modulator in region.modulators if _is_heard(modulator)}
    if targets <= {int(_G.ATTENUATION)}:
        return np.full_like(velocity, 100)
    width = 128 // _VELOCITY_LAYERS
    return np.minimum(velocity // width * width + width // 2, 127)


def _seconds(timecents: float) -> float:
    return 0.0 if timecents <= -12_000 else 2.0 ** (min(timecents, 8_000) / 1200)


def _decay(seconds: float, rate: int) -> np.ndarray:
    """Falling 100 dB in `seconds`, linear in decibels, until inaudible."""
    count = max(int(seconds * rate * _SILENCE_DB / 100), 2)
    curve = 10 ** (np.arange(1, count + 1, dtype=np.float32) * np.float32(-_SILENCE_DB / 20 / count))
    return curve.astype(np.float32)


def _is_heard(modulator: Modulator) -> bool:
    """Whether its sources are the note's own velocity (2) and key (3): controllers rest, and so add nothing."""
    return (modulator.source & 0xFF) in (2, 3) and (modulator.amount_source & 0xFF) in (0, 2, 3)


def _source_value(source: int, key: int, velocity: int) -> float:
    """Value of a modulator's source: 0 to 1, or -1 to 1 where bipolar (section 9.5)."""
    if source == 0:
        return 1.0
    value = float(velocity if source & 0xFF == 2 else key)
    falling, bipolar, shape = source & 0x100, source & 0x200, source >> 10
    value = 127 - value if falling else value
    if shape == 3:
        unipolar = float(value >= 64)
    elif shape == 1:
        unipolar = _concave(value)
    elif shape == 2:
        unipolar = 1 - _concave(127 - value)
    else:
        unipolar = value / 128
    return 2 * unipolar - 1 if bipolar else unipolar


def _concave(value: float) -> float:
    return 1.0 if value >= 127 else float(min(-40 / 96 * np.log10((127 - value) / 127), 1.0))


def _modulation(region: Region, key: int, velocity: int) -> dict[int, float]:
    added: dict[int, float] = {}
    for modulator in filter(_is_heard, region.modulators):
        value = _source_value(modulator.source, key, velocity) * _source_value(modulator.amount_source, key, velocity)
        added[modulator.target] = added.get(modulator.target, 0.0) + modulator.amount * value
    return added


def _modulated(region: Region, key: int, velocity: int) -> dict[int, float]:
    added = _modulation(region, key, velocity)
    return {number: amount + added.get(number, 0.0) for number, amount in region.generators.items()}


def _level(region: Region, key: int, velocity: int) -> float:
    # Hardware that SoundFonts were made for applied 0.4 of the attenuation they state; every player follows it.
    stated = 0.4 * min(region.generators[_G.ATTENUATION], 1440)
    centibels = stated + _modulation(region, key, velocity).get(_G.ATTENUATION, 0.0)
    return float(10 ** (-max(centibels, 0.0) / 200))


def _volume_envelope(values: Mapping[int, float], key: int, count: int, rate: int) -> np.ndarray:
    """Delay, attack (linear in amplitude), hold, decay to the sustained level (linear in decibels), `count` at most."""
    delay, attack = (int(_seconds(values[number]) * rate) for number in (_G.VOL_ENV_DELAY, _G.VOL_ENV_ATTACK))
    hold = int(_seconds(values[_G.VOL_ENV_HOLD] + values[_G.KEY_TO_HOLD] * (60 - key)) * rate)
    decay_s = _seconds(values[_G.VOL_ENV_DECAY] + values[_G.KEY_TO_DECAY] * (60 - key))
    sustain_db = min(max(values[_G.VOL_ENV_SUSTAIN], 0.0), 1000.0) / 10
    peak = delay + attack
    fall_per_sample = 100 / max(decay_s * rate, 1.0)
    if sustain_db >= _SILENCE_DB:
        count = min(count, peak + hold + int(_SILENCE_DB / fall_per_sample) + 1)
    envelope = np.ones(count, dtype=np.float32)
    envelope[:delay] = 0
    envelope[delay:peak] = np.linspace(0, 1, attack + 1, dtype=np.float32)[1:][: max(count - delay, 0)]
    start = min(peak + hold, count)
    level_db = np.minimum(np.arange(count - start, dtype=np.float32) * np.float32(fall_per_sample), sustain_db)
    envelope[start:] = 10 ** (level_db.astype(np.float32) * np.float32(-0.05))
    return envelope


def _modulation_envelope(values: Mapping[int, float], count: int, rate: float) -> np.ndarray:
    """The second envelope, 0 to 1, without its release."""
    numbers = (_G.MOD_ENV_DELAY, _G.MOD_ENV_ATTACK, _G.MOD_ENV_HOLD, _G.MOD_ENV_DECAY)
    delay, attack, hold, decay = (_seconds(values[number]) * rate for number in numbers)
    sustain = 1 - min(max(values[_G.MOD_ENV_SUSTAIN], 0.0), 1000.0) / 1000
    time = np.arange(count, dtype=np.float64) - delay
    rising = np.clip(time / max(attack, 1e-9), 0, 1)
    falling = np.maximum(1 - np.maximum(time - attack - hold, 0) / max(decay, 1e-9), sustain)
    return np.where(time < 0, 0.0, np.minimum(rising, falling))


def _oscillation(frequency_cents: float, delay_timecents: float, count: int, rate: float) -> np.ndarray:
    """A low-frequency triangle, -1 to 1, from 0 after its delay."""
    hz = 8.176 * 2 ** (min(max(frequency_cents, -16_000), 4_500) / 1200)
    step = hz / rate
    phase = np.maximum(np.arange(count) * step - _seconds(delay_timecents) * hz, 0) + 0.25
    phase -= np.floor(phase)
    return 1 - 4 * np.abs(phase - 0.5)


def _waveform(sampler: Sampler, region: Region, values: Mapping[int, float], key: int, count: int) -> np.ndarray:
    """The sample at the pitch of `key`, filtered, float32 of at most `count` samples."""
    rate, sample = sampler.sample_rate_hz, region.sample
    cents = (key - sample.root_key) * values[_G.SCALE_TUNING] + sample.correction_cents
    cents += 100 * values[_G.COARSE_TUNE] + values[_G.FINE_TUNE]
    step = float(min(sample.sample_rate_hz / rate * 2 ** (min(max(cents, -12_000), 12_000) / 1200), 64.0))
    bend = _bend(values, count, rate)
    looped = int(region.generators[_G.SAMPLE_MODES]) in (1, 3)
    wave = _resampled(sampler.soundfont.waveform(sample), sample.loop_start, sample.loop_end, looped, step, bend, count)
    if values[_G.MOD_LFO_TO_VOLUME]:
        lfo = _oscillation(values[_G.MOD_LFO_FREQUENCY], values[_G.MOD_LFO_DELAY], len(wave), rate)
        wave = wave * (10 ** (values[_G.MOD_LFO_TO_VOLUME] / 200 * lfo)).astype(np.float32)
    return _filtered(wave, values, rate)


def _bend(values: Mapping[int, float], count: int, rate: int) -> np.ndarray | None:
    """Pitch over time, as a factor."""
    cents: np.ndarray | float = 0.0
    if depth := values[_G.VIB_LFO_TO_PITCH]:
        cents += depth * _oscillation(values[_G.VIB_LFO_FREQUENCY], values[_G.VIB_LFO_DELAY], count, rate)
    if depth := values[_G.MOD_LFO_TO_PITCH]:
        cents += depth * _oscillation(values[_G.MOD_LFO_FREQUENCY], values[_G.MOD_LFO_DELAY], count, rate)
    if depth := values[_G.MOD_ENV_TO_PITCH]:
        cents += depth * _modulation_envelope(values, count, rate)
    return None if isinstance(cents, float) else 2 ** (np.clip(cents, -12_000, 12_000) / 1200)


def _resampled(
    wave: np.ndarray, loop_start: int, loop_end: int, looped: bool, step: float, bend: np.ndarray | None, count: int
) -> np.ndarray:
    """`wave` read at `step` frames a sample, by cubic interpolation (Catmull and Rom), over its loop if it has one."""
    loop_end = min(loop_end, len(wave))
    looped = looped and loop_end - loop_start >= 4
    if looped:
        wave = np.concatenate((wave[:loop_end], wave[loop_start : loop_start + 3]))
    if bend is None:
        place = np.arange(count, dtype=np.float64) * step
    else:
        place = np.concatenate(([0.0], np.cumsum(step * bend[:-1])))
    if looped:
        turn = int(np.searchsorted(place, loop_end))
        length = loop_end - loop_start
        place[turn:] -= np.floor((place[turn:] - loop_start) / length) * length
        np.clip(place[turn:], loop_start, loop_end - 1e-6, out=place[turn:])
    else:
        place = place[: int(np.searchsorted(place, max(len(wave) - 1, 0)))]
    wave = np.concatenate((wave[:1], wave, np.zeros(3, np.float32))).astype(np.float32)
    out = np.empty(len(place), dtype=np.float32)
    for start in range(0, len(place), _BLOCK):  # small enough to stay in the cache
        at = place[start : start + _BLOCK]
        index = at.astype(np.int32)
        t = (at - index).astype(np.float32)
        before, here, after, beyond = wave[index], wave[index + 1], wave[index + 2], wave[index + 3]
        curve = 2 * before - 5 * here + 4 * after - beyond
        cubic = 3 * (here - after) + beyond - before
        out[start : start + _BLOCK] = here + 0.5 * t * (after - before + t * (curve + t * cubic))
    return out


def _filtered(wave: np.ndarray, values: Mapping[int, float], rate: int) -> np.ndarray:
    """Through the region's resonant low-pass, whose cutoff may follow the modulation envelope and oscillator."""
    cutoff, block = values[_G.FILTER_CUTOFF], max(int(_FILTER_STEP_S * rate), 1)
    to_envelope, to_lfo = values[_G.MOD_ENV_TO_CUTOFF], values[_G.MOD_LFO_TO_CUTOFF]
    count = -(-len(wave) // block)
    cutoffs = np.full(count, cutoff)
    if to_envelope:
        # As it stands at each block's end: a fast attack has then opened the filter before there is much to hear.
        cutoffs += to_envelope * _modulation_envelope(values, count + 1, rate / block)[1:]
    if to_lfo:
        cutoffs += to_lfo * _oscillation(values[_G.MOD_LFO_FREQUENCY], values[_G.MOD_LFO_DELAY], count, rate / block)
    if not count or (cutoffs.min() >= _OPEN_FILTER_CENTS and values[_G.FILTER_Q] <= 0):
        return wave
    cutoffs = np.round(np.clip(cutoffs, 1500, _OPEN_FILTER_CENTS) / 25) * 25
    edges = np.flatnonzero(np.diff(cutoffs)) + 1
    out = np.zeros_like(wave)
    for start, stop in zip((0, *edges), (*edges, count), strict=True):
        first, section = start * block, slice(start * block, stop * block)
        numerator, denominator = _low_pass(cutoffs[start], values[_G.FILTER_Q], rate)
        # Begun from the last samples in and out: the filter's inner state would click where its cutoff moves fast.
        recent = slice(max(first - 2, 0), first)
        state = lfiltic(numerator, denominator, out[recent][::-1], wave[recent][::-1])
        out[section], _ = lfilter(numerator, denominator, wave[section], zi=state)
    return out


def _low_pass(cutoff_cents: float, q_centibels: float, rate: int) -> tuple[np.ndarray, np.ndarray]:
    hz = min(8.176 * 2 ** (cutoff_cents / 1200), 0.45 * rate)
    resonance_db = min(max(q_centibels, 0.0), 960.0) / 10
    q = 10 ** ((resonance_db - 3.01) / 20)
    omega = 2 * np.pi * hz / rate
    alpha, cosine = np.sin(omega) / (2 * q), np.cos(omega)
    gain = 10 ** (-resonance_db / 40)  # the standard lowers the level by half the resonance
    numerator = gain * (1 - cosine) / 2 * np.array([1.0, 2.0, 1.0])
    return numerator / (1 + alpha), np.array([1.0, -2 * cosine / (1 + alpha), (1 - alpha) / (1 + alpha)])
