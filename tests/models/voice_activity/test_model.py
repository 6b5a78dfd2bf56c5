"""Sound that comes in pieces is judged as the whole; the shipped model tells speech from silence, noise and tones."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.app.function import load
from menura.models.contract import VoiceActivity as Contract
from menura.models.voice_activity.model import (
    HOP_SAMPLES,
    SAMPLE_RATE_HZ,
    Batch,
    VoiceActivity,
    VoiceActivityObjective,
    log_mels,
    tiny,
    with_lead,
)


@pytest.fixture(scope="module")
def wild() -> VoiceActivity:
    """Knows nothing, and is of strong opinions."""
    with torch.random.fork_rng():
        torch.manual_seed(2)
        model = VoiceActivity(tiny()).eval()
        torch.nn.init.normal_(model.last.weight, std=3.0)
        torch.nn.init.zeros_(model.last.bias)
    return model


def bursts(seed: int, seconds: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    loud = np.repeat(rng.integers(0, 2, int(seconds * 4) + 1), SAMPLE_RATE_HZ // 4)[: round(seconds * SAMPLE_RATE_HZ)]
    return (rng.standard_normal(len(loud)) * (0.001 + 0.2 * loud)).astype(np.float32)


@settings(max_examples=25)
@given(seconds=st.floats(0, 3), cuts=st.lists(st.floats(0, 1), max_size=5), seed=st.integers(0, 9))
def test_sound_in_pieces_is_judged_as_the_whole(wild, seconds, cuts, seed):
    sound = bursts(seed, seconds)
    stream = wild.stream()
    pieces = np.split(sound, sorted(round(cut * len(sound)) for cut in cuts))
    judged = np.concatenate([*map(stream.judge, pieces), stream.judge_rest()])
    whole = wild.probabilities(sound)
    assert len(whole) == -(-len(sound) // HOP_SAMPLES)
    assert np.allclose(judged, whole, atol=1e-5)


def test_stretches_of_a_stream_are_those_of_the_whole(wild):
    sound = bursts(0, 20)
    stream, found = wild.stream(), []
    for piece in np.array_split(sound, 61):
        found += stream.push(piece)
    assert found, "they are given out as soon as they are over"
    found += stream.flush()
    assert found == wild.speech(sound)


def test_what_comes_later_changes_nothing(wild):
    sound = bursts(0, 2)
    before = wild.probabilities(sound[: 50 * HOP_SAMPLES])
    assert np.allclose(before, wild.probabilities(sound)[:50], atol=1e-5)


def test_nothing_and_next_to_nothing():
    model = load("voice_activity")
    assert isinstance(model, Contract)
    for count in (0, 1, 16, HOP_SAMPLES):
        assert model.speech(np.zeros(count, np.float32)) == []


def test_silence_noise_and_tones_are_no_speech():
    """At any level."""
    model, rng = load("voice_activity"), np.random.default_rng(0)
    times = np.arange(8 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    for sound in (np.zeros(len(times)), rng.standard_normal(len(times)), np.sin(2 * np.pi * 440 * times)):
        for level in (0.3, 0.01):
            assert model.speech((level * sound).astype(np.float32)) == []


def test_the_loss_falls_and_borders_weigh_less():
    torch.manual_seed(0)
    model = VoiceActivity(tiny())
    objective, optimiser = VoiceActivityObjective(model), torch.optim.AdamW(model.parameters(), 1e-2)
    sound = bursts(3, 4)[None]
    mels = torch.from_numpy(log_mels(with_lead(sound), model.config))
    speech = torch.from_numpy(np.abs(sound).reshape(1, -1, HOP_SAMPLES).mean(-1) > 0.02)
    batch = Batch(mels, speech, torch.ones(speech.shape))
    losses = []
    for _ in range(40):
        (loss,) = objective.losses(batch, 0.0)
        optimiser.zero_grad()
        loss.value.backward()
        optimiser.step()
        losses.append(loss.report)
    assert losses[-1]["nats_per_frame"] < 0.3 * losses[0]["nats_per_frame"]
    assert losses[-1]["right"] > 0.95
    wrong = Batch(mels, ~speech, torch.where(torch.arange(speech.shape[1]) == 0, 1.0, 0.0)[None])
    assert objective.report(wrong)["right"] == 0
