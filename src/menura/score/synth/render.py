"""Rendering: a score as sound, each instrument in its seat, in one hall, at a stated loudness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from menura.audio import effects, loudness
from menura.audio.samples import Audio
from menura.progress import aside
from menura.score.instruments import instrument_of, track_names
from menura.score.notes import CONTROLLER, DURATION, ONSET, PITCH, TICK, VALUE, VELOCITY, Score, Track
from menura.score.synth import loop
from menura.score.synth import soundfont as soundfonts
from menura.score.synth.controls import PAN, REST, VOLUME, ControllerState
from menura.score.synth.sampler import NoteEvents, Sampler, Sends
from menura.score.synth.soundfont import SoundFont

MAX_DURATION_S = 30 * 60.0
MAX_SOUNDING_S = 150_000.0
"""Limits of what is rendered: the length of a piece, and of all its notes one after another."""

CEILING_DBTP = -1.0
_RANGE_HZ = (8000, 192_000)
_MAX_TAIL_S = 8.0
_DIES_AWAY_S = 20.0
_INAUDIBLE = 10 ** (-60 / 20)
_FADE_IN_S, _FADE_OUT_S, _LONGEST_FADE_S = 0.001, 0.05, 2.0
_MAX_SAMPLES = 30 * 60 * 48_000
_MAX_STEM_BYTES = 4 << 30

_FAMILY_SEATS = {
    **{"chromatic percussion": 0.3, "guitar": -0.3, "strings": -0.3, "brass": 0.3, "reed": 0.15, "pipe": -0.15},
    **{"ethnic": -0.25, "percussive": 0.2, "synth pad": 0.1, "synth effects": -0.1},
}
_SEATS = {
    **{"violin": -0.45, "viola": 0.2, "cello": 0.35, "double bass": 0.0, "harp": -0.5, "timpani": 0.1},
    **{"french horn": -0.3, "tuba": 0.15, "trombone": 0.4, "bassoon": 0.2, "clarinet": -0.1, "electric guitar": 0.35},
    **{"piccolo": -0.2, "english horn": 0.15, "folk fiddle": -0.3},
}
"""Where instruments sit, -1 left to 1 right as the audience sees them; others sit in the middle."""

_FAMILY_LEVELS_DB = {
    **{"piano": 2.0, "pipe": -3.0, "brass": -2.5, "reed": -1.5, "synth lead": -3.0, "synth pad": -2.0},
    **{"synth effects": -2.0, "sound effects": -3.0},
}
"""Evens out what the two free General MIDI SoundFonts share: winds too loud for a piano at the same velocity."""

_SPREAD = 0.3
"""Distance between the seats of two players of one instrument."""


@dataclass(frozen=True, eq=False)
class Rendering:
    """A piece as sound.

    Args:
        mix: everything together, stereo.
        stems: each track alone, with its share of the hall, by its name and in the score's order; they add up to the
            mix. Empty unless asked for.
        soundfont: the SoundFont that played it.
    """

    mix: Audio
    soundfont: Path
    stems: dict[str, Audio] = field(default_factory=dict)


class Renderer:
    """Renders scores with one SoundFont at one rate, and keeps its decoded samples between scores.

    Args:
        soundfont: a file, or None to look for one (see `menura.score.synth.soundfont.find`).
        sample_rate_hz: 8000 to 192 000.

    Raises:
        ValueError: the rate is out of range, or the SoundFont is damaged.
        FileNotFoundError: there is no SoundFont.
    """

    def __init__(self, soundfont: str | Path | None = None, sample_rate_hz: int = 44_100) -> None:
        if not _RANGE_HZ[0] <= sample_rate_hz <= _RANGE_HZ[1]:
            raise ValueError(f"a sample rate is {_RANGE_HZ[0]} to {_RANGE_HZ[1]} Hz, not {sample_rate_hz}")
        self.soundfont = SoundFont(soundfonts.find(soundfont))
        self.sample_rate_hz = sample_rate_hz
        self._sampler = Sampler(self.soundfont, sample_rate_hz)

    def render(
        self,
        score: Score,
        *,
        stems: bool = False,
        loudness_lufs: float = -16.0,
        reverb_s: float = 1.8,
        reverb_mix: float = 0.2,
        seed: int = 0,
        duration_s: float | None = None,
        loop_s: float | None = None,
    ) -> Rendering:
        """Play a score.

        Args:
            score: at most `MAX_DURATION_S`.
            stems: also keep each track alone.
            loudness_lufs: integrated loudness of the mix (ITU-R BS.1770-4), as near as a true peak of -1 dBTP allows.
            reverb_s: reverberation time of the hall, seconds.
            reverb_mix: 0 dry to 1 hall alone, at equal power.
            seed: of the hall.
            duration_s: exact length wanted; None keeps the tail until it is inaudible, at most 8 s.
            loop_s: when the score begins again; then the sound is so long, and what rings on sounds at its beginning.

        Raises:
            ValueError: the score has no notes, is too long or too dense, or an argument is out of range.
        """
        parts = _parts(score)
        end_s, rate = max(_checked_end(score, parts, duration_s), loop_s or 0.0), self.sample_rate_hz
        length = None if loop_s is None else round(loop_s * rate)
        num_samples = int((end_s + _MAX_TAIL_S) * rate)
        if num_samples > _MAX_SAMPLES + _MAX_TAIL_S * rate or stems * len(parts) * num_samples * 8 > _MAX_STEM_BYTES:
            what = f"{len(parts)} stems of " if stems else ""
            raise ValueError(f"{what}{end_s:.0f} s at {rate} Hz are too much to hold; choose a lower rate")
        dry, sends = np.zeros((2, num_samples), dtype=np.float32), Sends(num_samples)
        wet: dict[str, Audio] = {}
        for part in parts:
            if not stems:
                self._play(part, parts, dry, sends, loop_s)
                continue
            own, own_sends = np.zeros_like(dry), Sends(num_samples)
            self._play(part, parts, own, own_sends, loop_s)
            dry += own
            sends.add(own_sends)
            wet[part.name] = self._in_hall(own, own_sends.hall, own_sends.chorus, (reverb_s, reverb_mix, seed), length)
        into_hall, into_chorus = sends.hall, sends.chorus
        del sends  # which holds as much again
        hall = self._in_hall(dry, into_hall, into_chorus, (reverb_s, reverb_mix, seed), length)
        if length is None:
            window = aside(lambda: _window(hall.samples, end_s, rate, duration_s))
        else:
            window = np.ones(length, dtype=np.float32)
        before = _within(hall, window)
        normalised = loudness.normalised if length is None else loop.normalised
        mix = normalised(before, loudness_lufs, CEILING_DBTP)
        gain = aside(lambda: _gain(before.samples, mix.samples)) if stems else None
        for name, stem in wet.items():
            wet[name] = _audio(_within(stem, window).samples * gain, rate)
        return Rendering(mix, self.soundfont.path, wet)

    def _play(self, part: _Part, parts: Sequence[_Part], out: np.ndarray, sends: Sends, loop_s: float | None) -> None:
        def samples_of(ticks: np.ndarray) -> np.ndarray:
            return np.round(part.score.seconds(ticks) * self.sample_rate_hz).astype(np.int64)

        track, beside = part.track, [other.strikes for other in parts if part.shares_kit(other)]
        if loop_s is not None and track.is_drum:  # the next round's drums silence this one's
            beside += [_later(strikes, loop_s) for strikes in (part.strikes, *beside)]
        self._sampler.play(
            track.program,
            track.is_drum,
            part.strikes,
            out,
            part.gains,
            bank=track.bank >> 7,
            controls=part.controls.timed(samples_of),
            beside=_together(beside) if beside else None,
            sends=sends,
        )

    def _in_hall(
        self,
        dry: np.ndarray,
        into_hall: np.ndarray,
        into_chorus: np.ndarray | None,
        hall: tuple[float, float, int],
        length: int | None,
    ) -> Audio:
        """Sound with its chorus and its hall, which is of so many seconds, mixed so much, and drawn from a seed; where
        it loops after `length` samples, with what rings on at its beginning."""
        rate = self.sample_rate_hz
        if length is not None:
            fade = int(_LONGEST_FADE_S * rate)
            dry, into_hall = (loop.folded(loop.faded(each, fade), length) for each in (dry, into_hall))
            into_chorus = None if into_chorus is None else loop.folded(loop.faded(into_chorus, fade), length)
        if into_chorus is not None:
            dry = dry + effects.chorus(_audio(into_chorus, rate), loops=length is not None).samples
        sound = effects.reverb(_audio(dry.view(), rate), *hall, send=_audio(into_hall, rate))
        return sound if length is None else _audio(loop.folded(sound.samples, length), rate)


@dataclass(frozen=True, eq=False)
class _Part:
    """A track as it is played: how long its pedals hold its notes, and where it sits."""

    name: str
    track: Track
    score: Score
    controls: ControllerState  # times in ticks
    ends: np.ndarray  # ticks
    gains: tuple[float, float]

    @cached_property
    def strikes(self) -> NoteEvents:
        notes, onset_s = self.track.notes, self.score.seconds(self.track.notes[:, ONSET])
        return NoteEvents(onset_s, self.score.seconds(self.ends) - onset_s, notes[:, PITCH], notes[:, VELOCITY])

    @property
    def sounding_s(self) -> float:
        """How long its notes sound, one after another; most that a pedal holds die away by themselves."""
        ends = self.track.notes[:, ONSET] + self.track.notes[:, DURATION]
        held_s = self.score.seconds(self.ends) - self.score.seconds(ends)
        return float((self.strikes.duration_s - np.maximum(held_s - _DIES_AWAY_S, 0)).sum())

    def shares_kit(self, other: _Part) -> bool:
        """Whether another part strikes drums of the same kit."""
        kits = [(part.track.is_drum, part.track.channel, part.track.program) for part in (self, other)]
        return self is not other and self.track.is_drum and self.track.channel is not None and kits[0] == kits[1]


def _parts(score: Score) -> list[_Part]:
    """The tracks that have notes, with their names, no two alike."""
    tracks = [track for track in score.tracks if len(track.notes)]
    last_tick = max((int(track.controls[:, TICK].max(initial=0)) for track in tracks), default=0)
    last_tick = max(last_tick, score.end_tick)
    # A file that mixes itself is heard as it says.
    has_levels, has_places = (_is_mixed(tracks, number) for number in (VOLUME, PAN))
    seats = [0.0] * len(tracks) if has_places else _seats(tracks)
    parts: list[_Part] = []
    known: dict[bytes, ControllerState] = {}  # tracks of one channel share them
    for name, track, seat in zip(track_names(tracks), tracks, seats, strict=True):
        level_db = 0.0 if has_levels else _FAMILY_LEVELS_DB.get(instrument_of(track).family, 0.0)
        level, angle = 10 ** (level_db / 20), (seat + 1) * np.pi / 4
        gains = (2**0.5 * level * np.cos(angle), 2**0.5 * level * np.sin(angle))
        rows = track.controls.tobytes()
        controls = known.get(rows) or known.setdefault(rows, ControllerState.read(track.controls))
        parts.append(_Part(name, track, score, controls, controls.ends(track.notes, last_tick), gains))
    return parts


def _is_mixed(tracks: Sequence[Track], number: int) -> bool:
    """Whether tracks are set apart by a controller: exports that state the same for all have not been mixed."""
    moves = [track.controls[track.controls[:, CONTROLLER] == number, VALUE] for track in tracks]
    values = np.concatenate((*moves, [REST[number]] if not all(map(len, moves)) else []))
    return len(values) > 0 and np.ptp(values) > 1


def _later(strikes: NoteEvents, seconds: float) -> NoteEvents:
    return replace(strikes, onset_s=strikes.onset_s + seconds)


def _together(strikes: Sequence[NoteEvents]) -> NoteEvents:
    columns = [[each.onset_s, each.duration_s, each.pitch, each.velocity] for each in strikes]
    return NoteEvents(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def _checked_end(score: Score, parts: Sequence[_Part], duration_s: float | None) -> float:
    """When the last note is let go, in seconds."""
    if not parts:
        raise ValueError("the piece has no notes to render")
    end_s = max(float(score.seconds(part.ends).max()) for part in parts)
    if not end_s <= MAX_DURATION_S:
        raise ValueError(f"the piece lasts {end_s / 60:.0f} minutes; at most {MAX_DURATION_S / 60:.0f} are rendered")
    if duration_s is not None and not 0.1 <= duration_s <= MAX_DURATION_S:
        raise ValueError(f"a duration is 0.1 to {MAX_DURATION_S:.0f} seconds, not {duration_s:g}")
    sounding_s = score.num_notes * 0.5 + sum(part.sounding_s for part in parts)
    if sounding_s > MAX_SOUNDING_S:
        raise ValueError(
            f"the piece is too dense to render: {score.num_notes} notes sound for {sounding_s:.0f} s together"
        )
    return end_s


def _seats(tracks: Sequence[Track]) -> Iterator[float]:
    """Where each track sits; players of one instrument beside each other, few players near the middle."""
    melodic = [track for track in tracks if not track.is_drum]
    width = min(len(melodic) - 1, 4) / 4 if len(melodic) > 1 else 0.0
    players = Counter(track.program for track in melodic)
    seated: Counter[int] = Counter()
    for track in tracks:
        if track.is_drum:
            yield 0.0
            continue
        instrument = instrument_of(track)
        seat = _SEATS.get(instrument.name, _FAMILY_SEATS.get(instrument.family, 0.0))
        count = players[track.program]
        spread = min(_SPREAD, 0.9 / count) * (seated[track.program] - (count - 1) / 2)
        seated[track.program] += 1
        yield float(np.clip(width * seat + spread, -0.8, 0.8))


def _window(sound: np.ndarray, end_s: float, rate: int, duration_s: float | None) -> np.ndarray:
    """A gain for each sample that is kept: up from nothing at once, down to nothing when the tail is inaudible."""
    if duration_s is None:
        level = np.abs(sound).max(axis=0)
        audible = np.flatnonzero(level > _INAUDIBLE * level.max())
        fade_s = _FADE_OUT_S
        length = max(int(audible[-1]) + 1 if len(audible) else 0, int(end_s * rate)) + int(fade_s * rate)
        length = min(length, int((end_s + _MAX_TAIL_S) * rate))
    else:
        length = round(duration_s * rate)
        fade_s = min(max(duration_s - end_s, _FADE_OUT_S), _LONGEST_FADE_S)
    gain = np.ones(length, dtype=np.float32)
    rising, falling = int(_FADE_IN_S * rate), int(fade_s * rate)
    gain[:rising] *= np.linspace(0, 1, rising, dtype=np.float32)
    # The fade ends where the sound does, so that it is heard even where silence follows.
    stop = min(length, sound.shape[1])
    gain[stop - falling : stop] *= np.cos(np.linspace(0, np.pi / 2, falling, dtype=np.float32)) ** 2
    gain[stop:] = 0
    return gain


def _audio(samples: np.ndarray, sample_rate_hz: int) -> Audio:
    """Sound that nobody changes while it is used, so that it need not be copied."""
    samples.flags.writeable = False
    return Audio(samples, sample_rate_hz)


def _within(audio: Audio, window: np.ndarray) -> Audio:
    samples = np.zeros((2, len(window)), dtype=np.float32)
    count = min(len(window), audio.num_samples)
    samples[:, :count] = audio.samples[:, :count] * window[:count]
    return _audio(samples, audio.sample_rate_hz)


def _gain(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The gain at each sample that made `after` of `before`: a limiter's moves smoothly, so it is read where loud."""
    louder = np.abs(before).argmax(axis=0)[None]
    ours, theirs = (np.take_along_axis(sound, louder, axis=0)[0] for sound in (before, after))
    clear = np.flatnonzero(np.abs(ours) > 1e-4 * np.abs(ours).max())
    if not len(clear):
        return np.ones(before.shape[1], dtype=np.float32)
    return np.interp(np.arange(len(ours)), clear, theirs[clear] / ours[clear]).astype(np.float32)
