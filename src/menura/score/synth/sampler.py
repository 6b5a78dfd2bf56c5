"""A sampler: plays notes with the sounds of a SoundFont, as the SoundFont 2.01 standard describes them.

Written here because the renderers that pip can install pass over velocity, release and filter. Everything a note's
pitch decides is computed once for all notes of that pitch, so that a note costs little more than being added; only a
note during which a controller moves more than its level and place is computed for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from menura.progress import check
from menura.score.synth.controls import REST, TUNING, ControllerState
from menura.score.synth.modulation import (
    Steps,
    Values,
    controllers,
    decay,
    first,
    level_and_pan,
    modulated,
    seconds,
    send,
    volume_envelope,
)
from menura.score.synth.soundfont import Generator, Region, SoundFont
from menura.score.synth.voice import Voice

_G = Generator
_ONSET, _LENGTH, _PITCH, _VELOCITY = range(4)
_SHORTEST_NOTE_S = 0.01
_SHORTEST_RELEASE_S = 0.012
_CUT_S = 0.03
"""How fast a note is silenced: an open hi-hat by a closing one, or all by "all sound off"."""
_LONG_S = 20.0
"""Longer notes are computed in parts, to take no more memory."""
_PART = 1 << 18
_VELOCITY_LAYERS = 12
"""How finely timbre, other than level, follows velocity."""
_PLACING, _SENDS = (_G.ATTENUATION, _G.PAN), (_G.REVERB_SEND, _G.CHORUS_SEND)
_LOOPED_UNTIL_RELEASE = 3
_AT_REST = ControllerState()
_FAR = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class NoteEvents:
    """Notes to play: four arrays ``[note]``, times in seconds, pitch 0 to 127, velocity 1 to 127."""

    onset_s: np.ndarray
    duration_s: np.ndarray
    pitch: np.ndarray
    velocity: np.ndarray

    def rows(self, rate: int, num_samples: int) -> np.ndarray:
        """Int64 ``[note, 4]``: onset and length in samples, pitch and velocity, of those that start in time."""
        onsets = np.round(self.onset_s * rate).astype(np.int64)
        lengths = np.round(np.minimum(self.duration_s * rate, num_samples + 1.0)).astype(np.int64)
        rows = np.stack((onsets, np.maximum(lengths, int(_SHORTEST_NOTE_S * rate)), self.pitch, self.velocity), axis=1)
        return rows[onsets < num_samples]


class Sends:
    """What of the sound goes to effects, beside being heard: float32 ``[2, sample]`` each.

    Attributes:
        hall: to the hall: (1 + 10 × reverb send) / 2 of each sound, so all of it where a SoundFont and the file send a
            tenth to the reverb, as is usual.
        chorus: to the chorus; None if nothing does.
        part: silence, where sound is made before it is sent.
    """

    def __init__(self, num_samples: int) -> None:
        self.hall, self.part = (np.zeros((2, num_samples), dtype=np.float32) for _ in range(2))
        self.chorus: np.ndarray | None = None

    def take(self, start: int, reverb: np.ndarray | float, chorus: np.ndarray | float) -> None:
        """Send shares, 0 to 1, of what `part` holds from sample `start` on, and empty it."""
        sound = self.part[:, start:]
        if np.any(chorus):
            if self.chorus is None:
                self.chorus = np.zeros_like(self.hall)
            self.chorus[:, start:] += sound * np.asarray(chorus, dtype=np.float32)
        sound *= np.asarray((1 + 10 * reverb) / 2, dtype=np.float32)
        self.hall[:, start:] += sound
        sound.fill(0)

    def add(self, other: Sends) -> None:
        """Take what another has taken."""
        self.hall += other.hall
        if other.chorus is not None:
            self.chorus = other.chorus if self.chorus is None else self.chorus + other.chorus


class Sampler:
    """Plays a SoundFont at one sample rate.

    Args:
        soundfont: where the sounds are.
        sample_rate_hz: rate of what is played; the samples are read at it directly.
    """

    def __init__(self, soundfont: SoundFont, sample_rate_hz: int) -> None:
        self.soundfont, self.sample_rate_hz = soundfont, sample_rate_hz

    def play(
        self,
        program: int,
        is_drum: bool,
        strikes: NoteEvents,
        out: np.ndarray,
        gains: tuple[float, float],
        *,
        bank: int = 0,
        controls: ControllerState = _AT_REST,
        beside: NoteEvents | None = None,
        sends: Sends | None = None,
    ) -> None:
        """Add the sound of one instrument to `out`.

        Args:
            program: General MIDI program, 0 to 127; of a drum kit where `is_drum`.
            is_drum: whether pitches name drums.
            strikes: what to play.
            out: float32 ``[2, sample]``; what would ring on past its end is left out.
            gains: left and right, linear.
            bank: of the SoundFont, 0 to 127; not of drums.
            controls: the channel's controllers, times in samples.
            beside: what else the same instrument plays, elsewhere: drums of it may silence these.
            sends: also takes what goes to effects.

        Raises:
            ValueError: the SoundFont lacks the instrument or is damaged.
        """
        rate, num_samples = self.sample_rate_hz, out.shape[1]
        notes = strikes.rows(rate, num_samples)
        regions = self.soundfont.regions(program, is_drum, bank)
        others = beside.rows(rate, num_samples) if beside else notes[:0]
        cuts = _cuts(regions, np.concatenate((notes, others)), controls.sound_off)
        if sends is None:
            self._play(regions, notes, controls, cuts, out, gains)
            return
        start = int(notes[:, _ONSET].min(initial=num_samples))
        for group in _groups(regions, notes):
            self._play(group, notes, controls, cuts, sends.part, gains)
            out[:, start:] += sends.part[:, start:]
            sends.take(start, *(_course(group[0], number, controls, start, num_samples) for number in _SENDS))

    def _play(
        self,
        regions: Sequence[Region],
        notes: np.ndarray,
        controls: ControllerState,
        cuts: dict[int, np.ndarray],
        out: np.ndarray,
        gains: tuple[float, float],
    ) -> None:
        for region in regions:
            chosen = notes[_chosen(region, notes)]
            if len(chosen):
                times = cuts.get(region.generators[_G.EXCLUSIVE_CLASS], cuts[0])
                _RegionPlayer(self, region, controls, gains).play(chosen, times, out)


class _Note(NamedTuple):
    """A note as a region plays it, times in samples."""

    onset: int
    length: int
    pitch: int
    velocity: int
    cut: int
    """When it is silenced, if it sounds then."""
    layer: int
    """The velocity whose timbre it takes."""
    is_moved: bool
    """Whether a controller moves its level or place while it sounds."""
    state: tuple[float, ...]
    """Where the controllers of level and place stand when it starts."""


class _RegionPlayer:
    """Plays one region's notes."""

    def __init__(self, sampler: Sampler, region: Region, controls: ControllerState, gains: tuple[float, float]) -> None:
        self.sampler, self.region, self.controls, self.gains = sampler, region, controls, gains
        self.rate = sampler.sample_rate_hz
        self.placers = [each for each in region.modulators if each.target in _PLACING]
        self.shapers = [each for each in region.modulators if each.target not in (*_PLACING, *_SENDS)]
        self.placing = controls.moved(controllers(self.placers))
        self.shaping = controls.moved({*controllers(self.shapers), TUNING})
        self.known_levels: dict[tuple[float, ...], list[np.float32]] = {}

    def play(self, rows: np.ndarray, cuts: np.ndarray, out: np.ndarray) -> None:
        """Add notes, int64 ``[note, 4]`` as in `Strikes.rows`, to float32 ``[2, sample]``."""
        generators = self.region.generators
        for column, number in ((_PITCH, _G.KEY), (_VELOCITY, _G.VELOCITY)):
            if 0 <= generators[number] < 128:
                rows = rows.copy()
                rows[:, column] = generators[number]
        onset, length = rows[:, _ONSET], rows[:, _LENGTH]
        stop = onset + length + int(seconds(generators[_G.VOL_ENV_RELEASE]) * self.rate) + 1
        layers = _layers(self.region, rows[:, _VELOCITY])
        states = [self.controls.positions(number, onset).tolist() for number in self.placing]
        notes = [
            _Note(*row, *others)
            for row, *others in zip(
                rows.tolist(),
                cuts[np.searchsorted(cuts, onset, side="right")].tolist(),
                layers.tolist(),
                self.controls.moves(self.placing, onset, stop).tolist(),
                zip(*states, strict=True) if states else [()] * len(rows),
                strict=True,
            )
        ]
        alone = self.controls.moves(self.shaping, onset, stop)
        alone |= [note.length > _LONG_S * self.rate and self._lasts(note) for note in notes]
        traits = [rows[:, _PITCH], layers, *(self.controls.positions(number, onset) for number in self.shaping)]
        if generators[_G.SAMPLE_MODES] == _LOOPED_UNTIL_RELEASE:
            traits.append(length)
        kinds, kind_of = np.unique(np.stack(traits)[:, ~alone], axis=1, return_inverse=True)
        steady, kind_of = np.flatnonzero(~alone), kind_of.reshape(-1)
        for kind in range(kinds.shape[1]):
            check()
            members = [notes[index] for index in steady[kind_of == kind]]
            tone = _Tone(self, members[0], max(note.length for note in members))
            for note in members:
                self._add(tone, note, out)
        for index in np.flatnonzero(alone):
            self._add_in_parts(notes[index], out)

    def _add(self, tone: _Tone, note: _Note, out: np.ndarray) -> None:
        held, release = self._until_cut(note, tone.release)
        room = min(len(tone.raw), out.shape[1] - note.onset)
        held = min(held, room)
        tail = min(len(release), room - held)
        gains = self._levels(note, held + tail)
        self._mix(out, note.onset, 0, tone.shaped[:held], gains)
        if tail:
            fall = release[:tail] * tone.envelope[held - 1]
            self._mix(out, note.onset, held, fall * tone.raw[held : held + tail], gains)

    def _add_in_parts(self, note: _Note, out: np.ndarray) -> None:
        """Add a note that is long, or whose sound controllers move."""
        values = self.values(note, 1)
        held, release = self._until_cut(note, _release(values, self.rate))
        total = min(held + len(release), out.shape[1] - note.onset)
        values, gains = self.values(note, total), self._levels(note, total)
        voice = self.voice(values, note.pitch, held)
        last = volume_envelope(values, note.pitch, held - 1, held, self.rate)  # empty where it has died away
        part = max(_PART // voice.filter_block, 1) * voice.filter_block
        for start in range(0, total, part):
            check()
            stop = min(start + part, total)
            envelope = volume_envelope(values, note.pitch, start, min(stop, held), self.rate)
            if stop > held and len(last):
                envelope = np.concatenate((envelope, last * release[max(start - held, 0) : stop - held]))
            raw = voice.read(len(envelope))
            self._mix(out, note.onset, start, raw * envelope[: len(raw)], gains)
            if len(raw) < stop - start:
                break

    def _lasts(self, note: _Note) -> bool:
        """Whether a note still sounds when it becomes long."""
        end = int(_LONG_S * self.rate)
        return len(volume_envelope(self.values(note, 1), note.pitch, end - 1, end, self.rate)) > 0

    def values(self, note: _Note, length: int) -> Values:
        """A note's generators, as far as they change in so many samples."""
        stop = note.onset + length
        return modulated(self.region, self.shapers, note.pitch, note.layer, self.controls, note.onset, stop)

    def voice(self, values: Values, pitch: int, released: int) -> Voice:
        sample = self.region.sample
        return Voice(sample, self.sampler.soundfont.waveform(sample), values, pitch, self.rate, released)

    def _until_cut(self, note: _Note, release: np.ndarray) -> tuple[int, np.ndarray]:
        """How long a note is held, and how it falls then."""
        if note.cut >= note.onset + note.length + len(release):
            return note.length, release
        return note.cut - note.onset, decay(_CUT_S, self.rate)

    def _levels(self, note: _Note, length: int) -> Sequence[np.float32 | Steps]:
        """A note's gains, left and right, for so many samples."""
        if not note.is_moved:
            known = (note.pitch, note.velocity, *note.state)
            if known not in self.known_levels:
                sides = self._sides(note, dict(zip(self.placing, note.state, strict=True)).get)
                self.known_levels[known] = [np.float32(side) for side in sides]
            return self.known_levels[known]
        moments = self.controls.moments(self.placing, note.onset, note.onset + length)
        sides = self._sides(note, lambda number, _: self.controls.positions(number, moments))
        sides = [np.broadcast_to(side, len(moments)) for side in sides]
        return [Steps(moments[1:] - note.onset, side) for side in sides]

    def _sides(self, note: _Note, position: Callable[[int, float], Any]) -> list[Any]:
        """A note's gains, left and right, where `position` says of controllers where they stand, or that they rest."""
        level, *shares = level_and_pan(
            self.region, self.placers, note.pitch, note.velocity, lambda number: position(number, REST.get(number, 0.0))
        )
        return [level * share * gain for share, gain in zip(shares, self.gains, strict=True)]

    def _mix(
        self, out: np.ndarray, onset: int, start: int, sound: np.ndarray, gains: Sequence[np.float32 | Steps]
    ) -> None:
        """Add what a note sounds like from its sample `start` on."""
        stop = start + len(sound)
        for channel, gain in zip(out, gains, strict=True):
            course = gain.sampled(start, stop, self.rate).astype(np.float32) if isinstance(gain, Steps) else gain
            channel[onset + start : onset + stop] += course * sound


class _Tone:
    """One region at one pitch: its waveform and envelope, for as long as the longest note needs."""

    def __init__(self, player: _RegionPlayer, note: _Note, longest: int) -> None:
        values = player.values(note, 1)
        self.release = _release(values, player.rate)
        envelope = volume_envelope(values, note.pitch, 0, longest + len(self.release), player.rate)
        self.raw = player.voice(values, note.pitch, longest).read(len(envelope))
        self.envelope = envelope[: len(self.raw)]
        self.shaped = self.raw * self.envelope


def _release(values: Values, rate: int) -> np.ndarray:
    return decay(max(seconds(first(values[_G.VOL_ENV_RELEASE])), _SHORTEST_RELEASE_S), rate)


def _chosen(region: Region, notes: np.ndarray) -> np.ndarray:
    """Which notes a region plays."""
    pitch, velocity = notes[:, _PITCH], notes[:, _VELOCITY]
    (low, high), (softest, loudest) = region.keys, region.velocities
    return (pitch >= low) & (pitch <= high) & (velocity >= softest) & (velocity <= loudest)


def _cuts(regions: Sequence[Region], notes: np.ndarray, sound_off: np.ndarray) -> dict[int, np.ndarray]:
    """When notes of each exclusive class silence those before, as a hi-hat that closes. Class 0 is none; all sound may
    be turned off. The times end with a far one."""
    onsets: dict[int, list[np.ndarray]] = {0: []}
    for region in regions:
        if number := region.generators[_G.EXCLUSIVE_CLASS]:
            onsets.setdefault(number, []).append(notes[_chosen(region, notes), _ONSET])
    times = {number: np.unique(np.concatenate((*starts, sound_off))) for number, starts in onsets.items()}
    return {number: np.append(cuts, _FAR) for number, cuts in times.items()}


def _groups(regions: Sequence[Region], notes: np.ndarray) -> list[list[Region]]:
    """Those regions that play, apart where they send different shares to effects."""
    groups: dict[object, list[Region]] = {}
    for region in regions:
        if _chosen(region, notes).any():
            moving = tuple(each for each in region.moving_modulators if each.target in _SENDS)
            shares = tuple(region.generators[number] for number in _SENDS)
            groups.setdefault((moving, shares), []).append(region)
    return list(groups.values())


def _course(region: Region, number: int, controls: ControllerState, start: int, stop: int) -> np.ndarray | float:
    """What share of a region goes to an effect, from sample `start` to before `stop`."""
    moving = [each for each in region.moving_modulators if each.target == number]
    moments = controls.moments(controls.moved(controllers(moving)), start, stop)
    shares = np.atleast_1d(send(region, number, lambda each: controls.positions(each, moments)))
    return float(shares[0]) if len(shares) == 1 else np.repeat(shares, np.diff(np.append(moments, stop)))


def _layers(region: Region, velocity: np.ndarray) -> np.ndarray:
    """The velocity whose timbre each note takes."""
    if {modulator.target for modulator in region.fixed_modulators} <= {int(_G.ATTENUATION)}:
        return np.full_like(velocity, 100)
    width = 128 // _VELOCITY_LAYERS
    return np.minimum(velocity // width * width + width // 2, 127)
