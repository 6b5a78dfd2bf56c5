"""Codes that are searched for sound nearer, whatever the parts, and the search can be stopped."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import menura
from menura.audio import Audio
from menura.nn.coding import ReconstructionLoss


def tones(channels: int = 1, seconds: float = 0.5) -> Audio:
    time = np.arange(int(seconds * 8000)) / 8000
    sound = np.stack([0.3 * np.sin(2 * np.pi * 300 * (1 + k) * time) for k in range(channels)])
    return Audio(sound.astype(np.float32), 8000)


def test_the_sound_is_nearer_after_a_search():
    shipped = menura.load("codec")
    time = np.arange(24_000) / 24_000
    bell = np.sin(2 * np.pi * 440 * time) + 0.5 * np.sin(2 * np.pi * 1170 * time)
    bell = (0.3 * bell * np.exp(-3 * time))[None].astype(np.float32)
    reconstruction, distances = ReconstructionLoss(24_000), []
    for effort in (0, 10, 30):
        made = shipped.decode(shipped.encode(Audio(bell, 24_000), 3, effort))
        distances.append(
            float(reconstruction.distance(torch.from_numpy(np.array(made.samples)), torch.from_numpy(bell)))
        )
    assert distances[1] < 0.95 * distances[0]
    assert distances[2] < distances[1]


@pytest.mark.parametrize("channels", [1, 2])
def test_the_parts_it_comes_in_do_not_matter(codec, channels):
    audio = tones(channels, 5.0)
    whole = codec.encode(audio, effort=1).codes
    assert whole.shape == codec.encode(audio).codes.shape
    stream = codec.encoder(channels, effort=1)
    parts = [stream.push(audio.samples[:, start : start + 7001]) for start in range(0, audio.num_samples, 7001)]
    assert sum(part.shape[1] for part in parts)  # some are settled before the end
    found = np.concatenate([*parts, stream.finish()], axis=1)
    assert found.shape == whole.shape
    assert (found == whole).mean() > 0.97  # a step of Adam may make much of how another shape of matrix rounds


def test_the_codec_stays_as_it_is(codec):
    before = {name: value.clone() for name, value in codec.state_dict().items()}
    with torch.inference_mode():
        codec.encode(tones(), effort=2)
    assert all(bool((value == before[name]).all()) for name, value in codec.state_dict().items())
    assert all(weight.grad is None for weight in codec.parameters())


def test_silence_and_a_single_sample_are_coded(codec):
    for audio in (Audio(np.zeros((1, 3000), np.float32), 8000), tones(1, 1 / 8000)):
        assert codec.decode(codec.encode(audio, effort=2)).num_samples == audio.num_samples


def test_it_stops_when_it_is_told_to(codec):
    turns = []

    def turn():
        turns.append(None)
        if len(turns) == 3:
            raise KeyboardInterrupt

    stream = codec.encoder(1, effort=10, turn=turn)
    stream.push(tones().samples)
    with pytest.raises(KeyboardInterrupt):
        stream.finish()
    assert len(turns) == 3
