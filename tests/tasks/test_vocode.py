"""Sound made again from its mel spectrum is as long as it was, and says why when it cannot be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import menura
from menura import checkpoint
from menura.audio import Audio, write
from menura.audio.mel_inversion import mel_energies
from menura.models.vocoder import model as vocoder
from menura.models.wavenet.model import WaveNet, tiny
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.vocode import Vocode


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = WaveNet(tiny(features=20, hop_samples=100, upsample_factor=4))
    return str(checkpoint.save(network.eval(), tmp_path_factory.mktemp("models") / "voice", {}))


def test_any_sound_becomes_mono_at_the_model_s_rate(model, tmp_path):
    sound = 0.1 * np.random.default_rng(0).standard_normal((2, 8820)).astype(np.float32)
    write(Audio(sound, 44_100), tmp_path / "in.wav")
    one = menura.vocode(tmp_path / "in.wav", model=model, seed=3, output=tmp_path / "out")
    assert (one.audio.num_channels, one.audio.sample_rate_hz, one.audio.num_samples) == (1, 8000, 1600)
    again = menura.replay(tmp_path / "out.json", output=tmp_path / "again")
    assert (one.audio.samples == again.audio.samples).all()


def test_rounds_bring_the_sound_near_its_spectrum_and_none_leave_it_as_drawn(model, tmp_path):
    sound = 0.1 * np.sin(np.arange(20_000) * 0.2).astype(np.float32)
    write(Audio(sound[None], 8000), tmp_path / "in.wav")
    made = [menura.vocode(tmp_path / "in.wav", model=model, seed=3, rounds=rounds).audio for rounds in (0, 40)]
    wanted = mel_energies(sound, 8000, 100, 20)
    drawn, moved = (np.log10(mel_energies(one.samples[0], 8000, 100, 20) / wanted).std() for one in made)
    assert moved < 0.3 * drawn


def test_what_is_streamed_is_the_whole(model, tmp_path):
    write(
        Audio(0.1 * np.random.default_rng(0).standard_normal((1, 20_000)).astype(np.float32), 8000), tmp_path / "in.wav"
    )
    task = Vocode(file=tmp_path / "in.wav", model=model, seed=3)
    parts = list(task.stream(Models(), Progress()).parts)
    assert len(parts) > 1
    (one,) = task.run(Models(), Progress())
    assert (np.concatenate(parts, 1) == one.audio.samples).all()


def test_a_model_of_another_kind_is_told(tmp_path):
    write(Audio(np.zeros((1, 100), np.float32) + 0.1, 8000), tmp_path / "in.wav")
    with pytest.raises(ValueError, match="trained on mel spectra"):
        menura.vocode(tmp_path / "in.wav", model="score_lm")


def test_a_vocoder_that_is_told_f0_gives_speech_as_long_as_it_was_whole_or_as_it_comes(tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        folder = str(checkpoint.save(vocoder.Vocoder(vocoder.tiny()).eval(), tmp_path / "model", {}))
    time = np.arange(60_123) / 24_000
    sound = sum(0.05 * np.sin(2 * np.pi * 150 * k * time) for k in range(1, 9))
    write(Audio(np.asarray(sound, np.float32)[None], 24_000), tmp_path / "in.wav")
    task = Vocode(file=tmp_path / "in.wav", model=folder, seed=3)
    parts = list(task.stream(Models(), Progress()).parts)
    (one,) = task.run(Models(), Progress())
    assert len(parts) > 1
    assert one.audio.num_samples == 60_123
    assert (np.concatenate(parts, 1) == one.audio.samples).all()
    wanted, made = (mel_energies(samples, 24_000, 300, 100) for samples in (time * 0 + sound, one.audio.samples[0]))
    assert np.abs(np.log(made / wanted))[5:-5].mean() < 2
