"""What a piece is, measured from its notes rather than trusted from its headers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from menura.score.notes import DURATION, ONSET, PITCH, TICKS_PER_QUARTER, VELOCITY, Key, Score

# Key profiles of Albrecht & Shanahan, "The Use of Large Corpora to Train a New Type of Key-Finding Algorithm" (2013).
_MAJOR_PROFILE = np.array([0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081])
_MINOR_PROFILE = np.array([0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052])
_PROFILES = np.stack([np.roll(p, k) for p in (_MAJOR_PROFILE, _MINOR_PROFILE) for k in range(12)])
KEY_LOG_PROFILES = np.log(_PROFILES / _PROFILES.sum(1, keepdims=True))
"""Log-probability of each pitch class in each key, ``[24, 12]``: major from C upwards, then minor."""

# Listeners' ratings of how well each pitch class fits a key: Krumhansl & Kessler (1982).
_MAJOR_RATINGS = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR_RATINGS = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
_RATINGS = np.stack([np.roll((r - r.mean()) / r.std(), k) for r in (_MAJOR_RATINGS, _MINOR_RATINGS) for k in range(12)])


def pitch_class_histogram(pitches: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of each pitch class, ``[12]``, each note counting by its weight (its duration, say)."""
    counts = np.bincount(pitches % 12, weights=weights, minlength=12)
    return counts / max(counts.sum(), 1e-9)


def find_key(histogram: np.ndarray) -> Key:
    """The major or minor key under which a pitch-class histogram ``[12]`` is most likely (Albrecht & Shanahan 2013)."""
    best = int((KEY_LOG_PROFILES @ histogram).argmax())
    return Key(best % 12, "major" if best < 12 else "minor")


def krumhansl_key(histogram: np.ndarray) -> Key:
    """The key whose ratings by listeners go best with a pitch-class histogram ``[12]`` (Krumhansl 1990)."""
    best = int((_RATINGS @ (histogram - histogram.mean())).argmax())
    return Key(best % 12, "major" if best < 12 else "minor")


def full_scale(key: Key) -> frozenset[int]:
    """Pitch classes of a key's scale, a minor key's raised sixth and seventh among them."""
    raised = {(key.tonic + 9) % 12, (key.tonic + 11) % 12} if key.mode == "minor" else set()
    return key.scale | raised


def chromaticism(histogram: np.ndarray, key: Key) -> float:
    """Share of sounding time outside the key's `full_scale`."""
    inside = full_scale(key)
    return float(sum(histogram[pc] for pc in range(12) if pc not in inside))


@dataclass(frozen=True, slots=True)
class Measures:
    """A piece in numbers.

    Args:
        key: by `find_key`, each note weighted by its duration.
        bpm: the tempo that holds longest, in quarter notes a minute.
        density: note onsets per quarter note.
        loudness: mean velocity, 1 to 127; None where every note has the same.
        register: mean pitch, weighted by duration.
        chromaticism: share of sounding time outside the scale, 0 to 1.
    """

    key: Key
    bpm: float
    density: float
    loudness: float | None
    register: float
    chromaticism: float


def measure(score: Score) -> Measures:
    """Measure a whole piece; drums count for density alone.

    Raises:
        ValueError: the piece has no notes.
    """
    if not score.num_notes:
        raise ValueError("the piece has no notes to measure")
    everything = np.concatenate([track.notes for track in score.tracks])
    pitched = [track.notes for track in score.tracks if not track.is_drum]
    notes = np.concatenate(pitched) if pitched else everything
    histogram = pitch_class_histogram(notes[:, PITCH], notes[:, DURATION])
    key = find_key(histogram)
    velocities = everything[:, VELOCITY]
    quarters = max((score.end_tick - int(everything[:, ONSET].min())) / TICKS_PER_QUARTER, 1.0)
    return Measures(
        key=key,
        bpm=_longest_tempo(score),
        density=len(everything) / quarters,
        loudness=float(velocities.mean()) if has_dynamics(velocities) else None,
        register=float(np.average(notes[:, PITCH], weights=np.maximum(notes[:, DURATION], 1))),
        chromaticism=chromaticism(histogram, key),
    )


def has_dynamics(velocities: np.ndarray) -> bool:
    """Whether a piece was played or marked, rather than exported with one or two fixed velocities."""
    return len(np.unique(velocities)) > 3 and float(velocities.std()) > 2.5


def _longest_tempo(score: Score) -> float:
    ends = [tempo.tick for tempo in score.tempos[1:]] + [max(score.end_tick, score.tempos[-1].tick + 1)]
    spans: dict[float, float] = {}
    for tempo, end in zip(score.tempos, ends, strict=True):
        spans[tempo.bpm] = spans.get(tempo.bpm, 0.0) + end - tempo.tick
    return max(spans, key=lambda bpm: spans[bpm])
