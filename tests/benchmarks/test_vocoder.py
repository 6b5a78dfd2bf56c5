"""The benchmark of vocoders runs from end to end on any that `menura vocode` takes."""

from __future__ import annotations

import numpy as np
import torch

import vocoder
from menura import checkpoint
from menura.audio import Audio, write
from menura.models.vocoder.model import Vocoder, tiny


def test_a_model_and_a_folder_give_a_row(tmp_path, monkeypatch, capsys):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = checkpoint.save(Vocoder(tiny()).eval(), tmp_path / "model", {})
    time = np.arange(24_000) / 24_000
    tone = 0.1 * sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 9))
    write(Audio(np.asarray(tone, np.float32)[None], 24_000), tmp_path / "speech" / "a.wav")
    monkeypatch.setattr("sys.argv", ["vocoder.py", str(tmp_path / "speech"), "--models", str(model)])
    vocoder.main()
    header, _, row = capsys.readouterr().out.strip().splitlines()[-3:]
    assert header.count("|") == row.count("|")
    assert str(model) in row
    assert float(row.split("|")[-2]) > 0
