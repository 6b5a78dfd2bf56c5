"""What every codec does: whole or in chunks, at any of its rates, mono or stereo, and learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura.audio import Audio
from menura.audio.mnr import Codes
from menura.models.codec import model as codec
from menura.nn.coding import CodingObjective, SoundBatch
from menura.nn.discriminators import FrameDiscriminator


def sound(channels: int = 1, count: int = 5001, rate: int = 8000) -> Audio:
    rng = np.random.default_rng(0)
    return Audio(0.1 * rng.standard_normal((channels, count)).astype(np.float32), rate)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_sound_that_comes_out_is_as_long_as_what_went_in(codec, channels):
    for count in (1, codec.hop_samples, codec.hop_samples + 1, 3000):
        codes = codec.encode(sound(channels, count))
        out = codec.decode(codes)
        assert (out.num_channels, out.num_samples, out.sample_rate_hz) == (channels, count, codec.sample_rate_hz)
        assert codes.codes.shape[0] == channels


def test_arrays_are_encoded_as_the_sound_they_are(codec):
    """At the codec's rate, or at the one that comes with them."""
    audio = sound(2, rate=codec.sample_rate_hz)
    expected = codec.encode(audio).codes
    for array in (audio.samples, audio.samples.T, torch.from_numpy(audio.samples.copy())):
        assert np.array_equal(codec.encode(array).codes, expected)
    slow = sound(2, rate=16_000)
    assert np.array_equal(codec.encode((slow.samples, 16_000)).codes, codec.encode(slow).codes)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("chunk", [1, 100, 1111])
def test_sound_in_chunks_gives_the_codes_of_the_whole(codec, channels, chunk):
    audio = sound(channels)
    if chunk == 1:
        audio = audio.cut(0, 0.05)
    stream = codec.encoder(channels)
    parts = [stream.push(audio.samples[:, start : start + chunk]) for start in range(0, audio.num_samples, chunk)]
    whole = codec.encode(audio).codes
    assert np.array_equal(np.concatenate([*parts, stream.finish()], axis=1), whole)
    assert stream.num_samples == audio.num_samples


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("chunk", [1, 2, 8])
def test_codes_in_chunks_give_the_sound_of_the_whole(codec, channels, chunk):
    codes = codec.encode(sound(channels))
    stream = codec.decoder(channels)
    parts = [stream.push(codes.codes[:, start : start + chunk]) for start in range(0, codes.codes.shape[1], chunk)]
    whole = codec.decode(codes)
    joined = np.concatenate(parts, axis=1)[:, : whole.num_samples]
    np.testing.assert_allclose(joined, whole.samples, rtol=0, atol=1e-5, equal_nan=False)


def test_what_comes_later_changes_nothing_of_what_came_before(codec):
    first = torch.from_numpy(np.array(sound().samples[:, : 20 * codec.hop_samples]))
    other = first.clone()
    other[:, 10 * codec.hop_samples :] = 0.3
    with torch.inference_mode():
        latents = codec.encode_latents(first), codec.encode_latents(other)
        sounds = [codec.decode_latents(latent) for latent in latents]
    assert torch.allclose(latents[0][:, :10], latents[1][:, :10], atol=1e-6)
    assert not torch.allclose(latents[0][:, 10], latents[1][:, 10])
    kept = 10 * codec.hop_samples
    assert torch.allclose(sounds[0][:, :kept], sounds[1][:, :kept], atol=1e-6)


def test_a_rate_keeps_as_many_codebooks_as_fit_and_they_are_the_first_ones(codec):
    whole = codec.encode(sound()).codes
    for num_codebooks in (1, 2, 4):
        some = codec.encode(sound(), kbps=codec.kbps(num_codebooks)).codes
        assert np.array_equal(some, whole[..., :num_codebooks])
        codec.decode(Codes(some, 5001, codec.sample_rate_hz))
    assert codec.num_codebooks_for(1e9) == codec.num_codebooks
    with pytest.raises(ValueError, match="kbps: this codec needs at least"):
        codec.encode(sound(), kbps=codec.kbps(1) / 2)


def test_other_rates_are_resampled_and_other_sounds_refused(codec):
    assert codec.encode(sound(rate=16_000)).num_samples == pytest.approx(2501, abs=1)
    with pytest.raises(ValueError, match="not 3 channels"):
        codec.encode(sound(3))
    with pytest.raises(ValueError, match="no samples"):
        codec.encode(Audio(np.zeros((1, 0), np.float32), 8000))


@pytest.mark.parametrize("wrong", ["rate", "size", "stages", "frames"])
def test_codes_of_another_codec_are_refused(codec, wrong):
    codes = codec.encode(sound())
    made = {"codes": codes.codes, "num_samples": codes.num_samples, "sample_rate_hz": codes.sample_rate_hz}
    made |= {
        "rate": {"sample_rate_hz": 44_100},
        "size": {"codes": codes.codes + codec.codebook_size},
        "stages": {"codes": np.concatenate((codes.codes, codes.codes), axis=-1)},
        "frames": {"codes": codes.codes[:, :3]},
    }[wrong]
    with pytest.raises(ValueError, match="these codes are"):
        codec.decode(Codes(**made))


def batch(codec, seed: int) -> SoundBatch:
    """Tones with harmonics: easy to learn, and not noise."""
    rng = np.random.default_rng(seed)
    time = np.arange(32 * codec.hop_samples) / codec.sample_rate_hz
    tones = [sum(np.sin(2 * np.pi * f * k * time) / k for k in (1, 2, 3)) for f in rng.uniform(100, 600, 4)]
    return SoundBatch(torch.from_numpy(0.2 * np.stack(tones).astype(np.float32)), torch.full((4,), codec.num_codebooks))


def learn(objective: CodingObjective, steps: int) -> list[dict[str, float]]:
    networks = {who: network for who, network in objective.networks.items() if list(network.parameters())}
    optimisers = {who: torch.optim.Adam(network.parameters(), 2e-3) for who, network in networks.items()}
    told = []
    for step in range(steps):
        torch.manual_seed(step)
        row: dict[str, float] = {}
        for loss in objective.losses(batch(objective.codec, step), step / steps):
            loss.value.backward()
            optimisers[loss.network].step()
            for network in networks.values():
                network.zero_grad()
            row |= loss.report
        told.append(row)
    return told


def test_it_learns_and_the_judges_join_in_when_it_is_their_turn(make):
    torch.manual_seed(0)
    model = make().train()
    discriminators = FrameDiscriminator((256,), bands=2, width=8)
    objective = CodingObjective(model, discriminators, begin=0.9)
    told = learn(objective, 60)
    assert np.mean([row["mel"] for row in told[-5:]]) < 0.8 * told[0]["mel"]
    assert "discriminators" not in told[53]
    assert {"discriminators", "features", "adversary"} <= told[54].keys()
    report = objective.eval().report(batch(model, 0))
    assert next(iter(report)) == "mel"
    assert report["mel"] == pytest.approx(np.mean([report[f"mel_{count}"] for count in (1, 2, 4)]))


def test_the_judges_do_not_learn_from_the_codec_s_loss():
    model = codec.Codec(codec.tiny()).train()
    discriminators = FrameDiscriminator((256,), bands=2, width=8)
    losses = CodingObjective(model, discriminators, begin=0.0).losses(batch(model, 0), 0.5)
    first = next(losses)
    first.value.backward()
    assert first.network == "discriminators"
    assert all(parameter.grad is None for parameter in model.parameters())
    assert next(losses).network == "model"
