"""What is speech in a folder and in a recording, and batches that are a pure function of their step."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from menura import audio
from menura.audio import Audio
from menura.data.sound_folder import Sound
from menura.models.voice_activity.model import HOP_SAMPLES, SAMPLE_RATE_HZ
from menura.models.voice_activity.recipe import VoiceActivityRecipe, kind_of, speech_frames
from menura.progress import Progress
from menura.train.loop import train
from menura.train.schedule import Schedule


def spoken(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """Buzzes with silence around them."""
    times = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    buzz = sum(np.sin(2 * np.pi * 120 * k * times) / k for k in range(1, 20)) * (np.sin(2 * np.pi * 3 * times) > -0.3)
    inside = (times > 0.3) & (times < seconds - 0.3)
    return (0.1 * buzz * inside + 1e-4 * rng.standard_normal(len(times))).astype(np.float32)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory) -> VoiceActivityRecipe:
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    rows = [{"file": f"{number}.flac", "split": "train" if number % 4 else "valid"} for number in range(12)]
    for name in ("speech", "effects"):
        (folder / name).mkdir()
        (folder / name / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for number in range(12):
        audio.write(Audio(spoken(rng, 2.0)[None], SAMPLE_RATE_HZ), folder / "speech" / f"{number}.flac")
        noise = (0.05 * rng.standard_normal((1, SAMPLE_RATE_HZ))).astype(np.float32)
        audio.write(Audio(noise, SAMPLE_RATE_HZ), folder / "effects" / f"{number}.flac")
    return VoiceActivityRecipe(folder, tmp_path_factory.mktemp("cache"), "tiny", 0, Progress())


def test_a_batch_is_a_pure_function_of_its_step(recipe):
    one, other, again = (recipe.batch(step, "cpu") for step in (3, 4, 3))
    assert all(torch.equal(here, there) for here, there in zip(one, again, strict=True))
    assert not torch.equal(one.mels, other.mels)
    assert one.mels.shape[:2] == one.is_speech.shape == one.weights.shape
    assert 0.05 < float(one.is_speech.float().mean()) < 0.95
    assert 0 < float(one.weights.min()) < float(one.weights.max()) == 1


def test_it_learns(recipe, tmp_path):
    batch = recipe.validation_batch(0, "cpu")
    before = recipe.objective.report(batch)
    train(recipe, tmp_path / "run", Schedule(steps=15), progress=Progress())
    assert recipe.objective.report(batch)["nats_per_frame"] < 0.9 * before["nats_per_frame"]


def test_what_a_sound_is():
    """Voices that are not said to be speech are neither."""
    for name, row, kind in (
        ("speech-en/1.wav", {}, "speech"),
        ("mine/1.wav", {"text": "hello"}, "speech"),
        ("sfx/door.wav", {}, "other"),
        ("sfx/door.wav", {"label": "human voice"}, ""),
        ("music/choir.wav", {}, ""),
        ("sung-song/1.wav", {"text": "la la"}, ""),
        ("ir-rooms/1.wav", {}, ""),
    ):
        assert kind_of(Sound(name, Path(name), row)) == kind


def test_frames_of_speech_are_the_loud_ones_at_any_level():
    sound = spoken(np.random.default_rng(0), 3.0)
    for level in (1.0, 0.03):
        found = speech_frames(level * sound)
        edges = np.flatnonzero(np.diff(found.astype(int), prepend=0, append=0)) * HOP_SAMPLES / SAMPLE_RATE_HZ
        assert edges[0] == pytest.approx(0.3, abs=0.12)
        assert edges[-1] == pytest.approx(2.7, abs=0.12)
    assert not speech_frames(np.zeros(SAMPLE_RATE_HZ, np.float32)).any()


def test_a_folder_without_speech_or_without_anything_else_is_refused(tmp_path):
    (tmp_path / "sfx").mkdir()
    audio.write(Audio(np.full((1, 16000), 0.1, np.float32), SAMPLE_RATE_HZ), tmp_path / "sfx" / "a.wav")
    with pytest.raises(ValueError, match="no speech, or nothing else"):
        VoiceActivityRecipe(tmp_path, tmp_path / "cache", "tiny", 0, Progress())
