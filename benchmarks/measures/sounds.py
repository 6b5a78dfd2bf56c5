"""Judges of effects and ambiences that know nothing of how a sound was made, fitted on labelled recordings.

Data sets name one kind of sound differently ("walk t gravel", "footstep dirt"), so their labels are joined by the words
that Menura knows: a label that names one kind, and beside it nothing that could change what is heard, is of that kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from menura.audio import Audio, read
from menura.audio.mel import mel_triangles
from menura.data.manifests import SPLITS, rows
from menura.text.sounds import understand_sounds

RATE_HZ = 22_050
_FRAME, _HOP, _MELS, _GROUPS = 1024, 256, 48, 8
_LONGEST_S = 10.0
_FLOOR_DB = -65.0
_EDGES_S = (0.0, 0.02, 0.05, 0.1, 0.17, 0.27, 0.42, 0.65, 1.0, 1.5, 2.3, 3.5)
_MODULATIONS_HZ = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_EQUALISED_DB = 4.0
_SHRINKAGE, _PRIOR, _RIDGE = 0.1, 0.3, 300.0
_READ_OTHERWISE = ("tap", "drone", "water", "glass", "roll")
"""Labels that mean something else in these folders than they would in a prompt; so does "hit", which is a trailer's."""
_BESIDE = frozenset(
    (
        *("t", "barefoot", "long", "sh", "floor", "smash", "fail", "success", "auto", "556", "rifle", "chain", "link"),
        *("reinforced", "tool", "big", "small", "default", "plasma", "bumble", "brick", "ceramic", "plastic", "chest"),
        *("melee", "unarmed", "vehicle", "lava", "inaudible", "male", "female", "scared", "heavy", "anguish", "pop"),
        *("bolt", "sniper", "fire", "burst"),
    )
)
"""Words that may stand beside a kind's name in a label, though Menura does not know them."""


@dataclass(frozen=True, eq=False)
class Recording:
    """One of a folder.

    Attributes:
        path, row: where it is, and what its manifest says.
        kind: what it is of, where that is known.
        group: recordings of one label and folder never fall into different folds.
    """

    path: Path
    row: Mapping[str, Any]
    kind: str | None
    group: str

    def sound(self) -> Audio:
        return Audio(
            read(self.path, mono=True, sample_rate_hz=RATE_HZ).samples[:, : round(_LONGEST_S * RATE_HZ)], RATE_HZ
        )


def recordings(folders: Iterable[Path], splits: Sequence[str] = SPLITS) -> Iterator[Recording]:
    """Those with a label, in order."""
    for folder in folders:
        for _, row in rows(folder / "manifest.jsonl"):
            label = str(row.get("label") or "").strip().lower()
            if label and row["split"] in splits:
                yield Recording(folder / str(row["file"]), row, kind_of(label), f"{folder.name}/{label}")


def kind_of(label: str) -> str | None:
    """The kind of sound that a label names; None where it names none, several, or something unknown beside it."""
    if label in _READ_OTHERWISE:
        return None
    try:
        understood = understand_sounds(label)
    except ValueError:
        return None
    kinds = {layer.generator for layer in understood.layers} - {"hit"}
    return kinds.pop() if len(kinds) == 1 and _BESIDE.issuperset(understood.unknown) else None


def features(sound: Audio, equalised: np.random.Generator | None = None) -> np.ndarray:
    """What a sound is known by, whatever its level: its spectrum, how that is spread and goes on, modulations, how
    noisy and how high it is.

    Args:
        sound: of which the first ten seconds count.
        equalised: draws a curve, as of another microphone.
    """
    samples = sound.mono().resampled(RATE_HZ).samples[0][: round(_LONGEST_S * RATE_HZ)]
    samples = np.pad(samples, (_FRAME // 2, _FRAME // 2 + max(_FRAME - len(samples), 0)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP] * np.hanning(_FRAME).astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1)))
    mels = power @ mel_triangles(RATE_HZ, _FRAME, _MELS, 40.0, 11_000.0).T
    if equalised is not None:
        curve = np.interp(np.arange(_MELS), np.linspace(0, _MELS - 1, 6), equalised.normal(0, _EQUALISED_DB, 6))
        mels = mels * 10 ** (curve / 10)
    total = mels.sum(1)
    top = total.max() + 1e-20
    heard = np.flatnonzero(total > 1e-4 * top)
    sounding = slice(heard[0], heard[-1] + 1) if len(heard) else slice(1)
    power, mels, total = power[sounding], mels[sounding], total[sounding]
    levels = 10 * np.log10(mels / top + 10 ** (_FLOOR_DB / 10))
    whole = 10 * np.log10(total / top + 1e-6)
    mean = 10 * np.log10(mels.mean(0) / max(mels.mean(), 1e-20) / _MELS + 1e-5)
    cosines = np.cos(np.pi * np.outer(np.arange(16), np.arange(_MELS) + 0.5) / _MELS) / _MELS
    groups = levels.reshape(len(levels), _GROUPS, -1).mean(2)
    moves = np.abs(np.diff(groups, axis=0)).mean(0) if len(groups) > 1 else np.zeros(_GROUPS)
    return np.concatenate(
        (
            cosines @ mean,
            (cosines[:8] @ np.quantile(levels, (0.1, 0.5, 0.9), axis=0).T).T.ravel(),
            (levels @ cosines[:13].T).std(0),
            groups.mean(0) - groups.mean(),
            groups.std(0),
            moves,
            _course(whole),
            *(cosines[1:7] @ (levels[low:high].mean(0) if low < len(levels) else np.full(_MELS, _FLOOR_DB))
              for low, high in ((0, 8), (8, 40), (40, 160))),
            _modulations(mels),
            _tones(power, mels, total / max(total.sum(), 1e-20)),
            _times(whole),
        )
    ).astype(np.float64)  # fmt: skip


def _course(whole: np.ndarray) -> np.ndarray:
    edges = np.round(np.array(_EDGES_S) * RATE_HZ / _HOP).astype(int)
    return np.array(
        [whole[low : max(high, low + 1)].mean() if low < len(whole) else -60.0 for low, high in pairwise(edges)]
    )


def _modulations(mels: np.ndarray) -> np.ndarray:
    envelopes = np.sqrt(mels.reshape(len(mels), 4, -1).sum(2))
    envelopes = envelopes / (envelopes.mean(0) + 1e-9) - 1
    power = np.square(np.abs(np.fft.rfft(envelopes * np.hanning(len(mels) + 2)[1:-1, None], axis=0)))
    hz = np.fft.rfftfreq(len(mels), _HOP / RATE_HZ)
    octaves = [power[(hz >= low) & (hz < 2 * low)].sum(0) for low in _MODULATIONS_HZ]
    return 10 * np.log10(np.stack(octaves, 1) / len(mels) ** 2 + 1e-4).ravel()


def _tones(power: np.ndarray, mels: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Flatness, the strongest line, periodicity, pitch and centroid: means and deviations; louder frames count more."""
    spectra = power[:, 4:] + 1e-12 * power.max() + 1e-20
    correlation = np.fft.irfft(power, axis=1)
    correlation = correlation[:, 12:400] / (correlation[:, :1] + 1e-20)
    centres = np.geomspace(60, 11_000, _MELS)
    courses = (
        10 * (np.log10(spectra).mean(1) - np.log10(spectra.mean(1))),
        10 * np.log10(spectra.max(1) / spectra.sum(1)),
        correlation.max(1),
        np.log2(12 + correlation.argmax(1)),
        np.log2((mels * centres).sum(1) / (mels.sum(1) + 1e-20) + 1),
    )
    means = [(shares * course).sum() for course in courses]
    spreads = [np.sqrt((shares * np.square(course - mean)).sum()) for course, mean in zip(courses, means, strict=True)]
    return np.array([*means, *spreads])


def _times(whole: np.ndarray) -> np.ndarray:
    rises = np.maximum(np.diff(whole, prepend=whole[0]), 0)
    return np.array(
        [
            np.log2(len(whole)),
            (whole > -20).mean(),
            (whole > -10).mean(),
            np.percentile(rises, 95),
            10 * (rises > 6).mean(),
            whole.std(),
        ]
    )


class Scale:
    """Features of mean 0 and deviation 1 over the rows that it is made of."""

    def __init__(self, known: np.ndarray) -> None:
        self._mean, self._deviation = known.mean(0), known.std(0) + 1e-3

    def __call__(self, asked: np.ndarray) -> np.ndarray:
        return (asked - self._mean) / self._deviation


class Classifier:
    """Tells kinds apart: linear discriminants with a shrunken covariance (Friedman, "Regularized discriminant
    analysis", 1989).

    Args:
        known: features of recordings.
        labels: of each, a number.
        count: of kinds.
    """

    def __init__(self, known: np.ndarray, labels: np.ndarray, count: int) -> None:
        self._scale = Scale(known)
        known = self._scale(known)
        sizes = np.bincount(labels, minlength=count)
        means = np.stack([known[labels == kind].mean(0) if sizes[kind] else 0 * known[0] for kind in range(count)])
        apart = known - means[labels]
        within = apart.T @ apart / len(known)
        within = (1 - _SHRINKAGE) * within + _SHRINKAGE * np.trace(within) / len(within) * np.eye(len(within))
        self._weights = np.linalg.solve(within, means.T)
        self._offsets = _PRIOR * np.log(sizes + 0.5) - 0.5 * (means * self._weights.T).sum(1)
        self._offsets[sizes == 0] = -np.inf

    def scores(self, asked: np.ndarray) -> np.ndarray:
        """Of every kind, for each row."""
        return self._scale(asked) @ self._weights + self._offsets


class Line:
    """From what a sound is known by to the point of its words: ridge regression.

    Args:
        known: features of recordings.
        points: of their captions, of unit length.
    """

    def __init__(self, known: np.ndarray, points: np.ndarray) -> None:
        self._scale, self._mean = Scale(known), points.mean(0)
        known = self._scale(known)
        self._weights = np.linalg.solve(
            known.T @ known + _RIDGE * np.eye(known.shape[1]), known.T @ (points - self._mean)
        )

    def cosines(self, asked: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Between sounds and words, ``[sound, words]``, both less the mean of words."""
        found, wanted = self._scale(asked) @ self._weights, points - self._mean
        lengths = np.linalg.norm(found, axis=1)[:, None] * np.linalg.norm(wanted, axis=1)
        return found @ wanted.T / np.maximum(lengths, 1e-9)


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """Between Gaussians with the means and covariances of two sets of rows."""
    apart = np.square(one.mean(0) - other.mean(0)).sum()
    first, second = (np.cov(found.T) + 1e-6 * np.eye(found.shape[1]) for found in (one, other))
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(0)).sum()
    return float(apart + np.trace(first) + np.trace(second) - 2 * cross)


def shaped_noise(sounds: Sequence[Audio], seconds: float, rng: np.random.Generator) -> Audio:
    """Noise of the mean spectrum and the mean course of sounds of one rate."""
    rate = sounds[0].sample_rate_hz
    count = round(seconds * rate)
    spectrum, course = np.zeros(257), np.zeros(64)
    for sound in sounds:
        samples = sound.samples[0].astype(np.float64)
        samples = samples / max(np.abs(samples).max(), 1e-6)
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, (0, 512)), 512)[::256] * np.hanning(512)
        power = np.square(np.abs(np.fft.rfft(frames, axis=1)))
        spectrum += power.mean(0) / max(power.mean(), 1e-12)
        levels = power.sum(1)
        course += np.interp(np.linspace(0, 1, 64), np.linspace(0, 1, len(levels)), levels / max(levels.max(), 1e-12))
    noise = np.fft.rfft(rng.standard_normal(count))
    noise *= np.sqrt(np.interp(np.linspace(0, 1, len(noise)), np.linspace(0, 1, 257), spectrum))
    samples = np.fft.irfft(noise, count) * np.sqrt(np.interp(np.linspace(0, 1, count), np.linspace(0, 1, 64), course))
    return Audio((0.5 * samples / np.abs(samples).max()).astype(np.float32), rate)
