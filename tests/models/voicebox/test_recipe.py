"""Any folder of speech is learnt from, most of each utterance hidden, the same way whenever a step is asked for."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from menura import audio
from menura.audio import Audio
from menura.models.voicebox.recipe import VoiceboxRecipe, known_frames
from menura.progress import Progress
from menura.train import aligning
from menura.train.loop import train
from menura.train.schedule import Schedule

RATE_HZ = 24_000


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """Hums of two voices at their own pitches, and what they are said to say."""
    folder = tmp_path_factory.mktemp("speech")
    rng = np.random.default_rng(0)
    with (folder / "manifest.jsonl").open("w") as manifest:
        for number in range(24):
            speaker, pitch_hz = (("ann", 220.0), ("ben", 120.0))[number % 2]
            seconds = np.arange(int(rng.integers(12_000, 20_000))) / RATE_HZ
            sound = np.sum([np.sin(2 * np.pi * pitch_hz * one * seconds) / one for one in range(1, 9)], 0)
            audio.write(Audio((0.1 * sound)[None].astype(np.float32), RATE_HZ), folder / f"{number}.flac")
            split = "valid" if number < 4 else "train"
            row = {"file": f"{number}.flac", "text": "ma la", "speaker": speaker, "split": split}
            manifest.write(json.dumps(row) + "\n")
    return folder


@pytest.fixture(scope="module")
def recipe(speech, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aligning, "LEAST_SCORE", -np.inf)  # hums fit no text
        return VoiceboxRecipe(speech, tmp_path_factory.mktemp("cache"), "tiny", 0, Progress())


def test_a_batch_is_a_pure_function_of_its_step(recipe):
    again = [recipe.batch(step, "cpu") for step in (3, 4, 3)]
    assert all(torch.equal(one, other) for one, other in zip(again[0], again[2], strict=True))
    assert not torch.equal(again[0].time, again[1].time)


def test_most_of_what_is_learnt_is_hidden_and_something_is_told_nothing(recipe):
    batches = [recipe.batch(step, "cpu") for step in range(60)]
    frames = sum(int(batch.durations.sum()) for batch in batches)
    assert 0.1 < sum(int(batch.known.sum()) for batch in batches) / frames < 0.2
    told = torch.cat([batch.told for batch in batches])
    assert 0.75 < told.float().mean() < 0.95
    assert all(recipe.validation_batch(index, "cpu").told.all() for index in range(5))


def test_durations_add_up_to_the_frames_of_each_item(recipe):
    batch = recipe.batch(0, "cpu")
    assert batch.mel.shape[1] % 2 == 0
    assert batch.durations.sum(1).max() in (batch.mel.shape[1], batch.mel.shape[1] - 1)


def test_shown_frames_are_few_and_stand_together():
    rng = np.random.default_rng(0)
    for count in (*range(1, 30), *[200] * 100):
        known = known_frames(count, rng)
        assert len(known) == count
        assert known.sum() <= 0.3 * count + 2
        assert np.abs(np.diff(known.astype(int))).sum() <= 4


def test_the_tiny_size_learns_and_its_run_ends(recipe, tmp_path):
    trained = train(recipe, tmp_path / "run", Schedule(steps=40, decay_share=0.5), progress=Progress())
    assert trained.steps == 40
    logged = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    losses = [row["loss"] for row in logged if "loss" in row]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])


def test_speech_that_does_not_fit_its_text_is_refused_in_one_line(speech, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    rows = [json.loads(line) for line in (speech / "manifest.jsonl").read_text().splitlines()]
    for row in rows:
        row["text"] = "far more words than there is time for " * 5
        (bare / row["file"]).write_bytes((speech / row["file"]).read_bytes())
    (bare / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(ValueError, match="no utterance fits its text"):
        VoiceboxRecipe(bare, tmp_path / "cache", "tiny", 0, Progress())
