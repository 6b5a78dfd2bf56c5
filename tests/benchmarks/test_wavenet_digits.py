"""The baselines of the digits benchmark are what they say, and it runs from end to end."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

import wavenet_digits
from menura import checkpoint
from menura.audio import Audio, write
from menura.models.wavenet.model import WaveNet, tiny
from menura.models.wavenet.recipe import WaveNetRecipe
from menura.progress import Progress


def test_a_tone_is_predicted_and_noise_is_not():
    rng = np.random.default_rng(0)
    tones = [0.5 * np.sin(np.arange(3000) * pitch).astype(np.float32) for pitch in (0.1, 0.2, 0.3, 0.4)]
    noise = [rng.uniform(-0.8, 0.8, 3000).astype(np.float32) for _ in range(4)]
    assert wavenet_digits.prediction_nats(tones, tones) < 1.5
    assert wavenet_digits.prediction_nats(noise, noise) > wavenet_digits.table_nats(noise, noise) - 0.2


def test_the_entropy_of_levels_that_are_equally_likely_is_their_number_s():
    clips = [wavenet_digits.MuLaw().decode(np.random.default_rng(seed).integers(0, 256, 40_000)) for seed in (0, 1)]
    assert wavenet_digits.table_nats(clips[:1], clips[1:]) == pytest.approx(np.log(256), abs=0.02)


def test_of_what_is_drawn_the_first_word_is_heard():
    silence, word = np.zeros(800), np.cos(np.arange(2400))
    said = np.concatenate((silence, 0.4 * word, silence, 0.1 * word)).astype(np.float32)
    np.testing.assert_allclose(wavenet_digits.first_word(said, 8000), 0.8 * word, atol=1e-3)
    click = np.eye(1, 8000, dtype=np.float32)[0]
    assert np.isfinite(wavenet_digits.portrait(wavenet_digits.first_word(click, 8000), 8000)).all()
    assert len(wavenet_digits.first_word(np.zeros(800, np.float32), 8000)) == 800


def test_nats_of_excitations_count_for_the_sound_s_levels(tmp_path):
    """A network that knows nothing costs less under filters that know the level: by what the filters know."""
    rng = np.random.default_rng(0)
    rows = []
    for index in range(6):
        name, split = f"{index}.wav", ("train", "test")[index // 3]
        write(Audio((0.1 * rng.standard_normal((1, 8000))).astype(np.float32), 8000), tmp_path / name)
        rows.append({"file": name, "speaker": "ada", "split": split})
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    recipe = WaveNetRecipe(tmp_path, tmp_path / "cache", "nano", 0, Progress(), global_="speaker")
    with torch.no_grad():  # whatever came before: how often each level is met
        levels = np.concatenate([batch.codes[0, 1:].numpy() for batch in recipe.held_out("test")])
        recipe.network.last.weight.zero_()
        recipe.network.last.bias.copy_(torch.from_numpy(np.log(np.bincount(levels, minlength=256) + 1.0)))
    table = wavenet_digits.table_nats(*[wavenet_digits.clips(recipe, "test")] * 2)
    assert wavenet_digits.network_nats(recipe.network, recipe, "test", False) == pytest.approx(table, abs=0.05)


def test_it_runs_and_names_who_is_heard(tmp_path, monkeypatch, capsys):
    rows = []
    for index in range(16):
        speaker, split = ("ada", "bob")[index % 2], ("train", "train", "valid", "test")[index // 4]
        tone = 0.3 * np.sin(np.arange(3000) * (0.2, 0.9)[index % 2]).astype(np.float32)
        write(Audio(tone[None], 8000), tmp_path / f"{index}.wav")
        rows.append({"file": f"{index}.wav", "speaker": speaker, "split": split})
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = WaveNet(tiny(categories={"speaker": ("any", "ada", "bob")})).eval()
    folder = checkpoint.save(model, tmp_path / "model", {})
    monkeypatch.setattr("sys.argv", ["x", str(tmp_path), "--model", str(folder), "--clips", "2"])
    threads = torch.get_num_threads()
    wavenet_digits.main()
    torch.set_num_threads(threads)
    said = capsys.readouterr().out
    assert "| speaker | 100 % |" in said
    first, second = (float(line.split("|")[2]) for line in said.splitlines() if line.startswith(f"| {folder}"))
    assert first == pytest.approx(second, abs=0.01)
