"""Rendering: a score as sound, each instrument in its seat, in one hall, at a stated loudness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from menura.audio import effects, loudness
from menura.audio.samples import Audio
from menura.score import soundfont as soundfonts
from menura.score.instruments import INSTRUMENTS, Instrument
from menura.score.notes import DURATION, ONSET, PITCH, VELOCITY, Score, Track
from menura.score.sampler import Sampler, Strikes
from menura.score.soundfont import SoundFont

MAX_DURATION_S = 30 * 60.0
MAX_SOUNDING_S = 150_000.0
"""Limits of what is rendered: the length of a piece, and of all its notes one after another."""

CEILING_DBTP = -1.0
_RANGE_HZ = (8000, 192_000)
_LONGEST_NOTE_S = 120.0
_MAX_TAIL_S = 8.0
_INAUDIBLE = 10 ** (-60 / 20)
_FADE_IN_S, _FADE_OUT_S, _LONGEST_FADE_S = 0.001, 0.05, 2.0
_MAX_SAMPLES = 30 * 60 * 48_000
_MAX_STEM_BYTES = 4 << 30

_DRUMS = 128
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
        soundfont: a file, or None to look for one (see `menura.score.soundfont.find`).
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

        Raises:
            ValueError: the score has no notes, is too long or too dense, or an argument is out of range.
        """
        end_s, rate = _checked_end(score, duration_s), self.sample_rate_hz
        num_samples = int((end_s + _MAX_TAIL_S) * rate)
        tracks = [track for track in score.tracks if len(track.notes)]
        if num_samples > _MAX_SAMPLES + _MAX_TAIL_S * rate or stems * len(tracks) * num_samples * 8 > _MAX_STEM_BYTES:
            what = f"{len(tracks)} stems of " if stems else ""
            raise ValueError(f"{what}{end_s:.0f} s at {rate} Hz are too much to hold; choose a lower rate")
        dry, part = np.zeros((2, 2, num_samples), dtype=np.float32)
        wet: dict[str, Audio] = {}
        for name, track, seat in zip(_names(tracks), tracks, _seats(tracks), strict=True):
            part.fill(0)
            self._play(score, track, seat, part)
            dry += part
            if stems:
                wet[name] = effects.reverb(_audio(part.view(), rate), reverb_s, reverb_mix, seed)
        hall = effects.reverb(_audio(dry, rate), reverb_s, reverb_mix, seed)
        window = _window(hall.samples, end_s, rate, duration_s)
        before = _within(hall, window)
        mix = loudness.normalised(before, loudness_lufs, CEILING_DBTP)
        gain = _gain(before.samples, mix.samples) if stems else None
        for name, part in wet.items():
            wet[name] = _audio(_within(part, window).samples * gain, rate)
        return Rendering(mix, self.soundfont.path, wet)

    def _play(self, score: Score, track: Track, seat: float, out: np.ndarray) -> None:
        onset_s = score.seconds(track.notes[:, ONSET])
        end_s = score.seconds(track.notes[:, ONSET] + track.notes[:, DURATION])
        strikes = Strikes(
            onset_s=onset_s,
            duration_s=np.minimum(end_s - onset_s, _LONGEST_NOTE_S),
            pitch=track.notes[:, PITCH],
            velocity=track.notes[:, VELOCITY],
        )
        level = 10 ** (_FAMILY_LEVELS_DB.get(_instrument(track).family, 0.0) / 20)
        angle = (seat + 1) * np.pi / 4
        gains = (2**0.5 * level * np.cos(angle), 2**0.5 * level * np.sin(angle))
        self._sampler.play(track.program, track.is_drum, strikes, out, gains)


def render(
    score: Score,
    *,
    sample_rate_hz: int = 44_100,
    soundfont: str | Path | None = None,
    stems: bool = False,
    loudness_lufs: float = -16.0,
    reverb_s: float = 1.8,
    reverb_mix: float = 0.2,
    seed: int = 0,
    duration_s: float | None = None,
) -> Rendering:
    """Play one score; see `Renderer`, which is quicker for several."""
    return Renderer(soundfont, sample_rate_hz).render(
        score,
        stems=stems,
        loudness_lufs=loudness_lufs,
        reverb_s=reverb_s,
        reverb_mix=reverb_mix,
        seed=seed,
        duration_s=duration_s,
    )


def _checked_end(score: Score, duration_s: float | None) -> float:
    """The end of the last note in seconds."""
    if not score.num_notes:
        raise ValueError("the piece has no notes to render")
    end_s = score.duration_s
    if not end_s <= MAX_DURATION_S:
        raise ValueError(f"the piece lasts {end_s / 60:.0f} minutes; at most {MAX_DURATION_S / 60:.0f} are rendered")
    if duration_s is not None and not 0.1 <= duration_s <= MAX_DURATION_S:
        raise ValueError(f"a duration is 0.1 to {MAX_DURATION_S:.0f} seconds, not {duration_s:g}")
    sounding_s = score.num_notes * 0.5
    for track in score.tracks:
        starts, ends = track.notes[:, ONSET], track.notes[:, ONSET] + track.notes[:, DURATION]
        sounding_s += float((score.seconds(ends) - score.seconds(starts)).sum())
    if sounding_s > MAX_SOUNDING_S:
        raise ValueError(
            f"the piece is too dense to render: {score.num_notes} notes sound for {sounding_s:.0f} s together"
        )
    return end_s


def _instrument(track: Track) -> Instrument:
    return INSTRUMENTS[_DRUMS if track.is_drum else track.program]


def _names(tracks: list[Track]) -> Iterator[str]:
    """A name for each track, no two alike."""
    taken: set[str] = set()
    for track in tracks:
        plain = track.name or _instrument(track).name
        name, count = plain, 1
        while name in taken:
            count += 1
            name = f"{plain} {count}"
        taken.add(name)
        yield name


def _seats(tracks: list[Track]) -> Iterator[float]:
    """Where each track sits; players of one instrument beside each other, few players near the middle."""
    melodic = [track for track in tracks if not track.is_drum]
    width = min(len(melodic) - 1, 4) / 4 if len(melodic) > 1 else 0.0
    players = Counter(track.program for track in melodic)
    seated: Counter[int] = Counter()
    for track in tracks:
        if track.is_drum:
            yield 0.0
            continue
        instrument = _instrument(track)
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
