"""A codec's recipe, of any family, finds speech, effects, music and scores, and trains, saves and codes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from menura import checkpoint
from menura.audio import Audio, write
from menura.data.sound_folder import Sound
from menura.models.codec.recipe import CodecRecipe
from menura.models.soundstream.recipe import SoundStreamRecipe
from menura.progress import Progress
from menura.train.coding import kind_of, sources
from menura.train.loop import train
from menura.train.schedule import Schedule

RATE = 8000


class Listening(Progress):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Tones that are called speech, and noises that are called effects."""
    home = tmp_path_factory.mktemp("data") / "sounds"  # what is held out is chosen by name
    rng = np.random.default_rng(0)
    time = np.arange(2 * RATE) / RATE
    for index in range(6):
        tone = sum(np.sin(2 * np.pi * 120 * (1 + index / 5) * k * time) / k for k in range(1, 6))
        noise = rng.standard_normal(2 * RATE) * np.exp(-3 * time)
        for name, samples in (("speech", 0.2 * tone), ("sfx", 0.1 * noise)):
            (home / name).mkdir(parents=True, exist_ok=True)
            write(Audio(samples[None].astype(np.float32), RATE), home / name / f"{index}.wav")
    (home / "speech" / "broken.wav").write_text("no sound")
    return home


@pytest.mark.parametrize(
    ("name", "row", "kind"),
    [
        ("speech-en/audio/a.wav", {}, "speech"),
        ("sfx-bells/a.wav", {}, "effects"),
        ("music-games/a.opus", {}, "music"),
        ("mine/a.wav", {"text": "hello"}, "speech"),
        ("mine/a.wav", {"label": "bell"}, "effects"),
        ("mine/a.wav", {}, "music"),
    ],
)
def test_kinds_are_told_by_folders_and_rows(name, row, kind):
    assert kind_of(Sound(name, Path(name), row)) == kind


@pytest.mark.parametrize("kind", [CodecRecipe, SoundStreamRecipe])
def test_a_folder_of_sound_becomes_a_model_that_codes(folder, tmp_path, kind):
    recipe = kind(folder, tmp_path, "tiny", 0, Progress())
    untaught = held_out(recipe)
    trained = train(recipe, tmp_path, Schedule(steps=36, warmup_steps=2), progress=Progress())
    assert held_out(recipe) < 0.95 * untaught
    assert next(iter(trained.held_out)) == "mel"
    model = checkpoint.save(recipe.model, tmp_path / "model", recipe.provenance(), half=True)
    assert checkpoint.check(model).ok
    codec = checkpoint.load(model)
    sound = Audio(0.1 * np.ones((1, 3000), np.float32), RATE)
    assert codec.decode(codec.encode(sound, kbps=codec.kbps(2))).num_samples == 3000


def held_out(recipe) -> float:
    recipe.objective.eval()
    return recipe.objective.report(recipe.validation_batch(0, "cpu"))["mel"]


def test_what_cannot_be_read_is_left_out_by_name(folder, tmp_path):
    recipe = CodecRecipe(folder, tmp_path, "tiny", 0, Progress())
    assert len(recipe.corpus.skipped) == 1
    assert "broken.wav" in recipe.corpus.skipped[0]
    assert recipe.provenance()["left_out"] == 1
    assert recipe.provenance()["minutes_of_sound"].keys() == {"effects", "speech"}
    assert "minutes of speech" in recipe.amount()


def test_batches_follow_the_seed_and_half_of_the_items_keep_all_codebooks(folder, tmp_path):
    recipe = CodecRecipe(folder, tmp_path, "tiny", 0, Progress())
    again = CodecRecipe(folder, tmp_path, "tiny", 0, Progress())
    one, two = recipe.batch(3, "cpu"), again.batch(3, "cpu")
    assert bool((one.sound == two.sound).all())
    assert bool((one.used == two.used).all())
    used = np.concatenate([recipe.batch(step, "cpu").used.numpy() for step in range(100)])
    assert set(used.tolist()) == {1, 2, 3, 4}
    assert np.mean(used == 4) == pytest.approx(0.5 + 0.5 / 4, abs=0.08)


def test_examples_are_heard_as_they_are_and_coded(folder, tmp_path):
    recipe = CodecRecipe(folder, tmp_path, "tiny", 0, Progress())
    examples = recipe.examples()
    assert len(examples) == 12
    assert len({audio.num_samples for audio in examples.values()}) == 1


def test_scores_are_played_if_asked_for_and_only_their_beginnings(tunes, tmp_path):
    found = sources(tunes(3, tmp_path / "music"), RATE, 2, Progress())
    assert [kind for kind, _ in found] == ["scores", "scores"]
    audio = found[0][1].read(RATE, mono=True)
    assert 0 < audio.duration_s <= 30
    assert audio.peak > 0.01


def test_scores_are_not_played_unasked(folder, tunes, tmp_path):
    """A folder of MIDI alone is asked about; where there is sound too, it is said that they are left aside."""
    music = tunes(3, tmp_path / "music")
    for said in (None, 0):
        with pytest.raises(ValueError, match="holds 3 MIDI files and no sound; did you mean score_lm, or --scores 3,"):
            sources(music, RATE, said, Progress())
    write(Audio(np.full((1, RATE), 0.1, np.float32), RATE), music / "a.wav")
    progress = Listening()
    assert [kind for kind, _ in sources(music, RATE, None, progress)] == ["music"]
    assert progress.said == ["3 MIDI files are left aside; --scores 3 has them played and learnt from"]
    assert [kind for kind, _ in sources(music, RATE, 0, progress)] == ["music"]
    assert len(progress.said) == 1
    assert [kind for kind, _ in sources(music, RATE, 9, progress)] == ["music", "scores", "scores", "scores"]
    assert {kind for kind, _ in sources(folder, RATE, 9, progress)} == {"speech", "effects"}


def test_impulse_responses_are_no_sound_to_learn_from(tmp_path):
    (tmp_path / "ir-halls").mkdir()
    write(Audio(np.full((1, RATE), 0.1, np.float32), RATE), tmp_path / "ir-halls" / "a.wav")
    with pytest.raises(ValueError, match="holds impulse responses alone"):
        sources(tmp_path, RATE, None, Progress())


def test_tones_are_learnt_from_too_and_do_not_stand_in_for_sound(folder, tmp_path, monkeypatch):
    """A folder without sound is still told: tones alone teach nobody."""
    sizes = {"tiny": replace(CodecRecipe.sizes["tiny"], tones=3)}
    monkeypatch.setattr(CodecRecipe, "sizes", sizes)
    assert CodecRecipe(folder, tmp_path, "tiny", 0, Progress()).corpus.kinds.count("tones") == 3
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="neither sound nor MIDI"):
        CodecRecipe(tmp_path / "empty", tmp_path, "tiny", 0, Progress())


def test_one_cache_serves_codecs_of_several_rates(folder, tmp_path, monkeypatch):
    """They do not train on each other's sound: it has the wrong rate."""
    sizes = CodecRecipe.sizes
    monkeypatch.setattr(CodecRecipe, "sizes", {**sizes, "nano": replace(sizes["nano"], tones=0)})
    one, other = (CodecRecipe(folder, tmp_path, preset, 0, Progress()) for preset in ("tiny", "nano"))
    assert one.corpus.rate_hz == one.codec.sample_rate_hz
    assert other.corpus.rate_hz == other.codec.sample_rate_hz != one.corpus.rate_hz
    assert one.identity()["data_sha256"] != other.identity()["data_sha256"]


def test_what_a_run_is_made_with_is_known(folder, tunes, tmp_path):
    recipe = CodecRecipe(folder, tmp_path, "tiny", 0, Progress())
    known = recipe.identity()
    assert known["batch_size"] == recipe.settings.batch_size
    assert known["peak_learning_rate"] == recipe.settings.peak_learning_rate
    assert known["scores"] == 0
    assert "minutes" not in known
    played = CodecRecipe(tunes(2), tmp_path, "tiny", 0, Progress(), scores=2)
    assert played.identity()["scores"] == 2
    assert played.provenance()["held_out_is"] == "the last tenth of each sound, for there are few"
