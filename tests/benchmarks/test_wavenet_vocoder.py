"""The vocoder benchmark: its Griffin-Lim keeps the spectrum, its pitch is the pitch, and it runs from end to end."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import wavenet_vocoder
from menura import checkpoint
from menura.audio import Audio, write
from menura.models.wavenet.model import WaveNet, mel_frames, tiny

RATE = 16_000


def buzz(hz: float, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.1 * sum(np.sin(2 * np.pi * hz * k * time) / k for k in range(1, 12))).astype(np.float32)


@pytest.mark.parametrize("hz", [90.0, 140.0, 220.0, 310.0])
def test_the_pitch_of_a_buzz_is_found_and_noise_has_none(hz):
    found = wavenet_vocoder.pitch(buzz(hz), RATE)
    assert np.median(found[found > 0]) == pytest.approx(hz, rel=0.02)
    assert (found > 0).mean() > 0.9
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert (wavenet_vocoder.pitch(noise, RATE) > 0).mean() < 0.2


def test_griffin_lim_keeps_the_mel_spectrum_and_the_level():
    sound = buzz(150) * np.linspace(0.2, 1, RATE).astype(np.float32)
    again = wavenet_vocoder.griffin_lim(mel_frames(sound, RATE, 200, 80), RATE, 200, len(sound))
    assert again.shape == sound.shape
    assert again.std() == pytest.approx(sound.std(), rel=0.15)
    read = wavenet_vocoder.readings(sound, again, RATE)
    assert read["mel"] < 0.45
    assert wavenet_vocoder.readings(sound, sound, RATE)["F0, median cents"] == 0


def test_it_runs(tmp_path, monkeypatch, capsys):
    write(Audio(buzz(150, 0.5)[None], RATE), tmp_path / "a.wav")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = WaveNet(tiny(sample_rate_hz=RATE, features=80, hop_samples=200, upsample_factor=4, lpc_order=24)).eval()
    folder = checkpoint.save(model, tmp_path / "model", {})
    monkeypatch.setattr("sys.argv", ["x", str(tmp_path), "--model", str(folder)])
    wavenet_vocoder.main()
    said = capsys.readouterr().out
    assert "| Griffin-Lim |" in said
    assert "| noise under the filters |" in said
