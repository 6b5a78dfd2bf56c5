"""A little speech that nobody said: tones with harmonics that glide, and hiss between them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from menura.audio import Audio, write

RATE = 24_000


def voice(rng: np.random.Generator, low_hz: float) -> np.ndarray:
    """A second and a half: hiss, then a buzzing glide, then hiss."""
    time = np.arange(36_000) / RATE
    hz = low_hz * (1 + 0.3 * time)
    phase = np.cumsum(hz) / RATE
    harmonics = np.arange(1, 12)
    tone = np.sum(np.cos(2 * np.pi * np.outer(harmonics, phase)) / harmonics[:, None] ** 1.5, 0)
    loud = np.interp(time, (0.2, 0.3, 1.2, 1.3), (0, 1, 1, 0))
    return (0.15 * tone * loud + 0.004 * rng.standard_normal(len(time))).astype(np.float32)


@pytest.fixture(scope="session")
def speech(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("speech")
    rng, rows = np.random.default_rng(0), []
    for index in range(24):
        write(Audio(voice(rng, 100.0 + 8 * index)[None], RATE), home / f"{index}.wav")
        rows.append({"file": f"{index}.wav", "text": "la", "split": "train" if index < 21 else "valid"})
    (home / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return home
