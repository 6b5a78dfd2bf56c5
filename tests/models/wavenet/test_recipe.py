"""A WaveNet is trained from a folder: what it is told is read from the data, and its flags reach it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import menura
from menura.app.cli import FAILED, MISUSED, OK, main
from menura.audio import Audio, write
from menura.models.wavenet import recipe as wavenet
from menura.models.wavenet.model import ANY
from menura.models.wavenet.recipe import WaveNetRecipe
from menura.progress import Progress

RATE = 8000


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Two speakers, each a tone of their own, ten clips each; one clip is silent and one is no sound."""
    home = tmp_path_factory.mktemp("tones")
    rows = []
    for index in range(20):
        speaker = ("ada", "bob")[index % 2]
        tone = 0.3 * np.sin(np.arange(2000) * (0.2, 0.5)[index % 2])
        samples = np.concatenate((np.zeros(500), tone, np.zeros(300))).astype(np.float32)
        write(Audio(samples[None], RATE), home / f"{index}.wav")
        split = "valid" if index >= 18 else "train"
        rows.append({"file": f"{index}.wav", "speaker": speaker, "text": "la", "split": split})
    write(Audio(np.zeros((1, 800), np.float32), RATE), home / "silent.wav")
    (home / "text.wav").write_text("no sound")
    rows += [{"file": name, "speaker": "ada", "text": "la", "split": "train"} for name in ("silent.wav", "text.wav")]
    (home / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return home


def recipe(data, cache, **options) -> WaveNetRecipe:
    return WaveNetRecipe(data, cache, "tiny", 0, Progress(), **options)


def test_what_a_stream_is_told_is_read_from_the_data(data, tmp_path):
    one = recipe(data, tmp_path, global_="speaker,text", gc_channels=6)
    assert one.network.config.categories == {"speaker": (ANY, "ada", "bob"), "text": (ANY, "la")}
    assert one.network.config.category_channels == 6
    assert sorted(name.split("/")[-1].partition(":")[0] for name in one.corpus.skipped) == ["silent.wav", "text.wav"]
    with pytest.raises(ValueError, match="global: nothing says the mood of any file"):
        recipe(data, tmp_path / "other", global_="mood")
    assert not (tmp_path / "other").exists()


def test_values_that_no_model_could_hold_are_told_before_anything_is_decoded(data, tmp_path, monkeypatch):
    monkeypatch.setattr(wavenet, "_MAX_CHARACTERS", 3)
    with pytest.raises(ValueError, match="global: the files have 2 values of speaker, too many"):
        recipe(data, tmp_path / "other", global_="speaker")
    assert not (tmp_path / "other").exists()


def test_one_cache_serves_runs_with_other_options(data, tmp_path):
    """What is told of a sound and where it is cut are part of what the corpus holds."""
    plain = recipe(data, tmp_path)
    told = recipe(data, tmp_path, global_="speaker")
    cut = recipe(data, tmp_path, silence_threshold=0.2)
    assert plain.network.config.categories == {}
    assert told.network.config.categories == {"speaker": (ANY, "ada", "bob")}
    assert cut.corpus.starts[-1] < plain.corpus.starts[-1]
    assert len(list(tmp_path.iterdir())) == 3


def test_options_are_part_of_what_a_run_is_made_with(data, tmp_path):
    usual = recipe(data, tmp_path, global_="speaker").identity()
    others = {
        "global": recipe(data, tmp_path, global_="speaker,text"),
        "local": recipe(data, tmp_path, global_="speaker", local="mel"),
        "gc_channels": recipe(data, tmp_path, global_="speaker", gc_channels=7),
        "sample_size": recipe(data, tmp_path, global_="speaker", sample_size=500),
        "silence_threshold": recipe(data, tmp_path, global_="speaker", silence_threshold=0.2),
    }
    for name, other in others.items():
        assert usual[name] != other.identity()[name], name


def test_midi_is_refused_at_once(tunes, tmp_path):
    with pytest.raises(ValueError, match="holds 2 MIDI files and no sound; did you mean score_lm"):
        recipe(tunes(2), tmp_path)


def test_one_file_alone_is_learnt_from(tmp_path):
    (tmp_path / "one").mkdir()
    write(Audio(0.3 * np.sin(np.arange(20 * RATE) / 5)[None].astype(np.float32), RATE), tmp_path / "one" / "a.wav")
    one = recipe(tmp_path / "one", tmp_path)
    assert [len(one.members[split]) for split in ("train", "valid", "test")] == [1, 1, 0]
    assert (
        one.amount()
        == "1 files, 0.3 minutes to learn from; 0.03 to judge by (the last tenth of each sound, for there are few)"
    )


def test_what_is_usual_for_a_speaker_is_filtered_out(data, tmp_path):
    """Ada's tone is low and Bob's high: each filter makes noise sound like its speaker, and that of all like both."""
    one = WaveNetRecipe(data, tmp_path, "nano", 0, Progress(), global_="speaker")
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    shaped = [one.network.excitation(None, value).shaped(noise) for value in range(3)]
    power = np.stack([np.abs(np.fft.rfft(sound.reshape(10, -1))).mean(0) for sound in shaped])
    low, high = (round(pitch / (2 * np.pi) * 800) for pitch in (0.2, 0.5))
    assert power[1].argmax() == pytest.approx(low, abs=3)
    assert power[2].argmax() == pytest.approx(high, abs=3)
    assert min(power[0, low], power[0, high]) > 3 * np.median(power[0])
    sound = one._samples(one.members["train"][0])
    codes = one.held_out("train").__next__().codes[0, 1:].numpy()
    np.testing.assert_allclose(one.network.sound(codes, one.network.excitation(None, 1)), sound, atol=0.05)


def test_ends_of_files_are_cut_where_they_are_silent(data, tmp_path):
    lengths = np.diff(recipe(data, tmp_path, silence_threshold=0.05).corpus.starts)
    assert (np.abs(lengths - 2000) < 20).all()


def test_an_item_holds_one_condition_and_is_a_function_of_seed_and_step(data, tmp_path):
    one = recipe(data, tmp_path, global_="speaker", sample_size=6000)
    for step in range(10):
        batch = one.batch(step, "cpu")
        assert batch.codes.shape == (2, 6001)
        assert (batch.codes == one.batch(step, "cpu").codes).all()
        for codes, speaker in zip(batch.codes, batch.categories["speaker"], strict=True):
            spectrum = np.abs(np.fft.rfft(one.network.quantization.decode(codes.numpy())))
            heard = spectrum.argmax() * 2 * np.pi / 6001
            expected = {1: (0.2,), 2: (0.5,), 0: (0.2, 0.5)}[int(speaker)]
            assert min(abs(heard - one) for one in expected) < 0.02


def test_held_out_clips_come_one_by_one_and_count_alone(data, tmp_path):
    one = recipe(data, tmp_path, global_="speaker")
    batches = list(one.held_out("valid"))
    assert len(batches) == 2
    assert [int(batch.categories["speaker"][0]) for batch in batches] == [1, 2]
    assert batches[0].heard.all()


def test_the_command_line_trains_samples_and_vocodes(data, tmp_path, capsys):
    out = tmp_path / "run"
    flags = [
        "--preset",
        "tiny",
        "--steps",
        "3",
        "--quiet",
        "--learning-rate",
        "0.001",
        "--momentum",
        "0.8",
        "--l2",
        "0",
    ]
    assert main(["train", "wavenet", str(data), "--out", str(out), "--global", "speaker", *flags]) == OK
    model = str(out / "model")
    assert (
        main(["sample", model, "--speaker", "bob", "--seconds", "0.2", "--seed", "1", "-o", str(tmp_path / "x.wav")])
        == OK
    )
    assert menura.sample(model, speaker="bob", seconds=0.2, seed=1).audio.num_samples == 1600
    assert main(["sample", model, "--speaker", "eve"]) == FAILED
    assert "there are any, ada, bob" in capsys.readouterr().err
    assert main(["vocode", str(data / "0.wav"), "--model", model]) == MISUSED
    local = tmp_path / "local"
    assert main(["train", "wavenet", str(data), "--out", str(local), "--local", "mel", *flags]) == OK
    said = menura.vocode(data / "0.wav", model=str(local / "model"), seed=0)
    assert said.audio.num_samples == 2800
    assert main(["train", "codec", str(data), "--out", str(tmp_path / "c"), "--global", "speaker", *flags]) == MISUSED
    assert "global: codec has no such option" in capsys.readouterr().err
