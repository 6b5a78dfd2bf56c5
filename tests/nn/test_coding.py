"""What every codec does: whole or in chunks, at any of its rates, mono or stereo, and learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura.audio import Audio
from menura.audio.mnr import Codes
from menura.models import codec
from menura.nn.coding import CodingObjective, SoundBatch
from menura.nn.discriminators import FrameDiscriminator


def sound(channels: int = 1, count: int = 5001, rate: int = 8000) -> Audio:
    rng = np.random.default_rng(0)
    return Audio(0.1 * rng.standard_normal((channels, count)).astype(np.float32), rate)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_sound_that_comes_out_is_as_long_as_what_went_in(coder, channels):
    for count in (1, coder.hop_samples, coder.hop_samples + 1, 3000):
        codes = coder.encode(sound(channels, count))
        out = coder.decode(codes)
        assert (out.num_channels, out.num_samples, out.sample_rate_hz) == (channels, count, coder.sample_rate_hz)
        assert codes.codes.shape[0] == channels


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("chunk", [1, 100, 1111])
def test_sound_in_chunks_gives_the_codes_of_the_whole(coder, channels, chunk):
    audio = sound(channels)
    if chunk == 1:
        audio = audio.cut(0, 0.05)
    stream = coder.encoder(channels)
    parts = [stream.push(audio.samples[:, start : start + chunk]) for start in range(0, audio.num_samples, chunk)]
    whole = coder.encode(audio).codes
    assert np.array_equal(np.concatenate([*parts, stream.finish()], axis=1), whole)
    assert stream.num_samples == audio.num_samples


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("chunk", [1, 2, 8])
def test_codes_in_chunks_give_the_sound_of_the_whole(coder, channels, chunk):
    codes = coder.encode(sound(channels))
    stream = coder.decoder(channels)
    parts = [stream.push(codes.codes[:, start : start + chunk]) for start in range(0, codes.codes.shape[1], chunk)]
    whole = coder.decode(codes)
    assert np.concatenate(parts, axis=1)[:, : whole.num_samples] == pytest.approx(whole.samples, abs=1e-5)


def test_what_comes_later_changes_nothing_of_what_came_before(coder):
    first = torch.from_numpy(np.array(sound().samples[:, : 20 * coder.hop_samples]))
    other = first.clone()
    other[:, 10 * coder.hop_samples :] = 0.3
    with torch.inference_mode():
        latents = coder.analyse(first), coder.analyse(other)
        sounds = [coder.synthesise(latent) for latent in latents]
    assert torch.allclose(latents[0][:, :10], latents[1][:, :10], atol=1e-6)
    assert not torch.allclose(latents[0][:, 10], latents[1][:, 10])
    kept = 10 * coder.hop_samples
    assert torch.allclose(sounds[0][:, :kept], sounds[1][:, :kept], atol=1e-6)


def test_a_rate_keeps_as_many_codebooks_as_fit_and_they_are_the_first_ones(coder):
    whole = coder.encode(sound()).codes
    for stages in (1, 2, 4):
        some = coder.encode(sound(), kbps=coder.kbps(stages)).codes
        assert np.array_equal(some, whole[..., :stages])
        coder.decode(Codes(some, 5001, coder.sample_rate_hz))
    assert coder.stages_for(1e9) == coder.stages
    with pytest.raises(ValueError, match="kbps: this codec needs at least"):
        coder.encode(sound(), kbps=coder.kbps(1) / 2)


def test_other_rates_are_resampled_and_other_sounds_refused(coder):
    assert coder.encode(sound(rate=16_000)).num_samples == pytest.approx(2501, abs=1)
    with pytest.raises(ValueError, match="not 3 channels"):
        coder.encode(sound(3))
    with pytest.raises(ValueError, match="no samples"):
        coder.encode(Audio(np.zeros((1, 0), np.float32), 8000))


@pytest.mark.parametrize("wrong", ["rate", "size", "stages", "frames"])
def test_codes_of_another_codec_are_refused(coder, wrong):
    codes = coder.encode(sound())
    made = {"codes": codes.codes, "num_samples": codes.num_samples, "sample_rate_hz": codes.sample_rate_hz}
    made |= {
        "rate": {"sample_rate_hz": 44_100},
        "size": {"codes": codes.codes + coder.size},
        "stages": {"codes": np.concatenate((codes.codes, codes.codes), axis=-1)},
        "frames": {"codes": codes.codes[:, :3]},
    }[wrong]
    with pytest.raises(ValueError, match="these codes are"):
        coder.decode(Codes(**made))


def batch(coder, seed: int) -> SoundBatch:
    """Tones with harmonics: easy to learn, and not noise."""
    rng = np.random.default_rng(seed)
    time = np.arange(32 * coder.hop_samples) / coder.sample_rate_hz
    tones = [sum(np.sin(2 * np.pi * f * k * time) / k for k in (1, 2, 3)) for f in rng.uniform(100, 600, 4)]
    return SoundBatch(torch.from_numpy(0.2 * np.stack(tones).astype(np.float32)), torch.full((4,), coder.stages))


def learn(objective: CodingObjective, steps: int) -> list[dict[str, float]]:
    players = {who: player for who, player in objective.players.items() if list(player.parameters())}
    optimisers = {who: torch.optim.Adam(player.parameters(), 2e-3) for who, player in players.items()}
    told = []
    for step in range(steps):
        torch.manual_seed(step)
        row: dict[str, float] = {}
        for loss in objective.losses(batch(objective.coder, step), step / steps):
            loss.value.backward()
            optimisers[loss.player].step()
            for player in players.values():
                player.zero_grad()
            row |= loss.report
        told.append(row)
    return told


def test_it_learns_and_the_judges_join_in_when_it_is_their_turn(make):
    torch.manual_seed(0)
    model = make().train()
    judges = FrameDiscriminator((256,), bands=2, width=8)
    objective = CodingObjective(model, judges, begin=0.9)
    told = learn(objective, 60)
    assert np.mean([row["mel"] for row in told[-5:]]) < 0.8 * told[0]["mel"]
    assert "judges" not in told[53]
    assert {"judges", "features", "adversary"} <= told[54].keys()
    report = objective.eval().report(batch(model, 0))
    assert next(iter(report)) == "mel"
    assert report["mel"] == pytest.approx(np.mean([report[f"mel_{count}"] for count in (1, 2, 4)]))


def test_the_judges_do_not_learn_from_the_codec_s_loss():
    model = codec.Codec(codec.tiny()).train()
    judges = FrameDiscriminator((256,), bands=2, width=8)
    losses = CodingObjective(model, judges, begin=0.0).losses(batch(model, 0), 0.5)
    first = next(losses)
    first.value.backward()
    assert first.player == "judges"
    assert all(parameter.grad is None for parameter in model.parameters())
    assert next(losses).player == "model"
