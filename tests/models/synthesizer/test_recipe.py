"""Any folder of speech with durations is learnt from, and drawn the same way whenever a step is asked for."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from menura import audio, checkpoint
from menura.audio import Audio
from menura.models.synthesizer.model import Synthesizer, Voice
from menura.models.synthesizer.recipe import SynthesizerRecipe, main
from menura.progress import Progress
from menura.train.loop import train
from menura.train.schedule import Schedule

RATE_HZ = 24_000


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """Syllables of two voices at their own pitches, with the durations of their phonemes."""
    folder = tmp_path_factory.mktemp("speech")
    rng = np.random.default_rng(0)
    with (folder / "manifest.jsonl").open("w") as manifest:
        for number in range(24):
            speaker, pitch_hz = (("ann", 220.0), ("ben", 120.0))[number % 2]
            durations = [100, *rng.integers(2, 8, 4) * 25, 100]
            count = round(sum(durations) * RATE_HZ / 1000)
            harmonics = np.arange(1, 9)[:, None]
            phase = 2 * np.pi * pitch_hz * np.arange(count) / RATE_HZ
            sound = (np.sin(harmonics * phase) / harmonics).sum(0)
            audio.write(Audio((0.1 * sound)[None].astype(np.float32), RATE_HZ), folder / f"{number}.flac")
            row = {
                "file": f"{number}.flac", "text": "ma la", "phonemes": "mɑlɑ", "speaker": speaker, "language": "en-us",
                "durations_ms": [int(one) for one in durations], "split": "valid" if number < 4 else "train",
            }  # fmt: skip
            if number == 23:
                row["mix"] = {"ann": 0.5, "ben": 0.5}
            manifest.write(json.dumps(row) + "\n")
    return folder


@pytest.fixture(scope="module")
def recipe(speech, tmp_path_factory):
    return SynthesizerRecipe(speech, tmp_path_factory.mktemp("cache"), "tiny", 0, Progress())


def test_a_batch_is_a_pure_function_of_its_step(recipe):
    again = [recipe.batch(step, "cpu") for step in (3, 4, 3)]
    assert all(torch.equal(one, other) for one, other in zip(again[0], again[2], strict=True))
    assert not all(
        one.shape == other.shape and torch.equal(one, other) for one, other in zip(again[0], again[1], strict=True)
    )


def test_durations_add_up_to_the_frames_of_each_item(recipe):
    batch = recipe.batch(0, "cpu")
    assert batch.mel.shape[1] % 2 == 0
    assert batch.durations.sum(1).max() in (batch.mel.shape[1], batch.mel.shape[1] - 1)
    assert (batch.symbols[:, 0] == 0).all()
    torch.testing.assert_close(batch.speaker.sum(1), torch.ones(len(batch.speaker)))


def test_what_is_learnt_from_is_never_what_is_judged_by(recipe):
    members = {split: set(draws.members.tolist()) for split, draws in recipe.draws.items()}
    assert not members["train"] & members["valid"]
    assert len(members["train"]) == 20


def test_the_tiny_size_learns_and_its_run_ends(recipe, tmp_path):
    trained = train(recipe, tmp_path / "run", Schedule(steps=30, decay_share=0.5), progress=Progress())
    assert trained.steps == 30
    logged = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    losses = [row["loss"] for row in logged if "loss" in row]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])


def test_speech_that_does_not_fit_its_text_is_refused_in_one_line(speech, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    rows = [json.loads(line) for line in (speech / "manifest.jsonl").read_text().splitlines()]
    for row in rows:
        del row["durations_ms"], row["phonemes"]
        row["text"] = "far more words than there is time for " * 5
        (bare / row["file"]).write_bytes((speech / row["file"]).read_bytes())
    (bare / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(ValueError, match="no durations are told or found"):
        SynthesizerRecipe(bare, tmp_path / "cache", "tiny", 0, Progress())


def test_how_voices_speak_is_measured_in_the_end_and_may_be_measured_anew(recipe, speech, tmp_path, monkeypatch):
    folder = checkpoint.save(recipe.synthesizer, tmp_path / "model", {})
    before = (folder / "model.safetensors").read_bytes()
    voices = [replace(voice, length_scale=1.0, pitch_range=1.0) for voice in recipe.synthesizer.config.voices]
    ann = Voice(name="ann", language="en-us", about="reads")
    recipe.synthesizer.config = replace(recipe.synthesizer.config, voices=(ann,))
    recipe.finish(Progress())
    (measured,) = recipe.synthesizer.config.voices
    assert measured.about == "reads"
    assert measured.length_scale != 1.0
    described = json.loads((folder / "config.json").read_text())
    described["config"]["voices"] = [asdict(ann), asdict(replace(ann, name="ben"))]
    (folder / "config.json").write_text(json.dumps(described))
    monkeypatch.setattr("sys.argv", ["recipe", str(folder), str(speech), "--preset=tiny", f"--cache={tmp_path}"])
    main()
    written = checkpoint.load(folder).config.voices
    assert written[0] == measured
    assert written[1].length_scale != 1.0
    assert (folder / "model.safetensors").read_bytes() == before
    recipe.synthesizer.config = replace(recipe.synthesizer.config, voices=tuple(voices))


def test_another_run_is_gone_on_from_whoever_speaks(recipe):
    torch.manual_seed(1)
    ann, ben = (Voice(name=name, language="en-us", about="reads") for name in ("ann", "ben"))
    recipe.synthesizer.config = replace(recipe.synthesizer.config, voices=(ann, replace(ben, about="")))
    other = Synthesizer(replace(recipe.synthesizer.config, speakers=("ben", "eve"), voices=(ben,)))
    recipe.start_from(other)
    assert recipe.synthesizer.config.voices == (ben, ann)
    table = recipe.synthesizer.speaker_table
    assert torch.equal(table[recipe.synthesizer.config.speakers.index("ben")], other.speaker_table[0])
    assert torch.equal(recipe.synthesizer.symbol.weight, other.symbol.weight)
    with pytest.raises(ValueError, match="beyond its speakers"):
        recipe.start_from(Synthesizer(replace(recipe.synthesizer.config, width=64)))
