"""The benchmark of infilling runs from end to end on any folder of speech, with any voicebox."""

from __future__ import annotations

import json

import numpy as np
import torch

import infill
from menura import checkpoint
from menura.audio import Audio, write
from menura.models.voicebox.model import Voicebox, tiny
from menura.text.speech.phonemes import SYMBOLS


def test_every_way_of_infilling_has_a_row(tmp_path, monkeypatch, capsys):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = checkpoint.save(Voicebox(tiny(SYMBOLS)).eval(), tmp_path / "model", {})
    folder = tmp_path / "speech"
    seconds = np.arange(3 * 24_000) / 24_000
    tone = np.sum([np.sin(2 * np.pi * 140 * one * seconds) / one for one in range(1, 9)], 0)
    write(Audio((0.1 * tone).astype(np.float32)[None], 24_000), folder / "a.wav")
    row = {"file": "a.wav", "text": "We are where we were.", "language": "en", "split": "test", "duration_s": 3.0}
    (folder / "manifest.jsonl").write_text(json.dumps(row))
    monkeypatch.setattr(infill, "_LEAST_SCORE", -np.inf)  # a hum says nothing
    infill.main([str(folder), "--model", str(model), "--settings", "1,0"])
    *_, lines, nearest, voicebox = capsys.readouterr().out.strip().splitlines()
    assert lines.startswith("| straight lines | ")
    assert nearest.startswith("| nearest voice | ")
    assert voicebox.startswith("| voicebox 1,0 | ")
