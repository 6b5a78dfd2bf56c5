"""The codec's benchmarks compare like with like and run from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import codec_quality
import codec_speed
import train_loop
from menura import checkpoint
from menura.audio import Audio, write
from menura.models.codec.model import Codec, tiny


@pytest.fixture(scope="module")
def tiny_codec(tmp_path_factory) -> Path:
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        model = Codec(tiny()).train()
        for _ in range(170):
            model.quantizer(model.encode_latents(0.1 * torch.randn(2, 40 * model.hop_samples)))
    return checkpoint.save(model.eval(), tmp_path_factory.mktemp("models") / "codec", {})


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("sound")
    rng, time = np.random.default_rng(0), np.arange(12_000) / 8000
    for name in ("speech", "sfx", "music"):
        (home / name).mkdir()
        rows = []
        for index, split in enumerate(("train", "valid", "test", "test")):
            tone = 0.2 * np.sin(2 * np.pi * 150 * (index + 1) * time) + 0.02 * rng.standard_normal(len(time))
            write(Audio(tone[None].astype(np.float32), 8000), home / name / f"{index}.wav")
            rows.append(json.dumps({"file": f"{index}.wav", "split": split}))
        (home / name / "manifest.jsonl").write_text("\n".join(rows))
    return home


def test_an_estimate_is_brought_into_step():
    reference = Audio(np.random.default_rng(0).standard_normal((1, 4000)).astype(np.float32), 8000)
    for late in (-37, 0, 120):
        moved = Audio(np.roll(reference.samples, late, axis=1), 8000)
        back = codec_quality.in_step(reference, moved).samples
        np.testing.assert_allclose(
            back[0, 200:3800], reference.samples[0, 200:3800], rtol=0, atol=1e-6, equal_nan=False
        )


def test_pcm_has_the_rate_it_says():
    audio = Audio(0.3 * np.sin(2 * np.pi * 200 * np.arange(8000) / 8000)[None].astype(np.float32), 8000)
    coarse, fine = (codec_quality.through_pcm(audio, kbps)[0].samples for kbps in (1.6, 32))
    errors = [float(np.square(each[:, 500:-500] - audio.samples[:, 500:-500]).mean()) for each in (coarse, fine)]
    assert errors[1] < errors[0]
    assert errors[1] < 1e-3


def test_quality_is_measured_from_end_to_end(tiny_codec, data, capsys, monkeypatch):
    monkeypatch.setattr(codec_quality, "OPUS_KBPS", (12,))
    codec_quality.main([str(data), "--model", str(tiny_codec), "--quick", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert {"opus 12"} < told["readings"].keys()
    assert told["readings"]["opus 12"].keys() == {"speech", "effects", "music"}
    assert told["readings"]["opus 12"]["music"]["si_sdr"] > 3
    assert len(told["used"]) == 4
    codec_quality.main([str(data), "--model", str(tiny_codec), "--quick"])
    assert "| speech | kbps |" in capsys.readouterr().out


def test_speed_is_measured_from_end_to_end(tiny_codec, capsys, monkeypatch):
    for name in ("encodec", "dac"):
        monkeypatch.setattr(codec_speed, name, lambda _: (lambda: None, torch.nn.Linear(1, 1)))
    codec_speed.main(["--model", str(tiny_codec), "--quick", "--threads", "1", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["seconds_a_second"]["ours"] > 0
    codec_speed.main(["--model", str(tiny_codec), "--quick", "--threads", "1"])
    assert "times real time" in capsys.readouterr().out


def test_the_loop_s_overhead_is_measured_from_end_to_end(data, tmp_path, capsys):
    train_loop.main([str(data), "--preset", "tiny", "--quick", "--cache", str(tmp_path), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["bare"] > 0
    assert told["loop"] > 0
    assert told["loader"] < told["loop"]
