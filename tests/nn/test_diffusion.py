"""Samplers, against an oracle: of data that are a Gaussian the best prediction and where each noise ends are known."""

from __future__ import annotations

import pytest
import torch

from menura.nn.diffusion import guided, noised, sample, signal_and_noise

MEAN, DEVIATION = 1.5, 0.4
PATHS = ("flow", "v")


def oracle(path):
    """What a network that has learnt all there is predicts, of numbers from a normal distribution."""

    def predict(x: torch.Tensor, time: float) -> torch.Tensor:
        alpha, sigma = signal_and_noise(path, torch.tensor(time, dtype=x.dtype))
        gain = alpha * DEVIATION**2 / (alpha**2 * DEVIATION**2 + sigma**2)
        data = MEAN + gain * (x - alpha * MEAN)
        noise = (x - alpha * data) / sigma
        return noise - data if path == "flow" else alpha * noise - sigma * data

    return predict


@pytest.fixture
def noise():
    return torch.randn(64, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def error(path, sampler, steps, noise):
    return float((sample(oracle(path), noise, path, sampler, steps) - (MEAN + DEVIATION * noise)).abs().max())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("sampler", "gain"), [("euler", 1.8), ("heun", 3.0), ("dpm", 1.8)])
def test_every_sampler_comes_to_where_the_path_ends_and_nearer_with_more_steps(path, sampler, gain, noise):
    errors = [error(path, sampler, steps, noise) for steps in (40, 80)]
    assert errors[1] < {"euler": 0.1, "heun": 0.01, "dpm": 0.01}[sampler]
    assert errors[0] / errors[1] > gain
    assert errors[1] <= error(path, "euler", 80, noise)


@pytest.mark.parametrize("path", PATHS)
def test_what_is_predicted_leads_back_to_data_and_noise(path, noise):
    """In one step from any time, by the true prediction: the convention is one."""
    data, time = noise.flip(0), torch.rand(64, dtype=torch.float64)
    x, target = noised(path, data, noise, time)
    alpha, sigma = (part[:, None] for part in signal_and_noise(path, time))
    assert torch.allclose(alpha * x - sigma * target if path == "v" else x - time[:, None] * target, data)


def test_guidance_of_one_leaves_the_prediction_and_more_goes_beyond():
    told, untold = torch.tensor([[2.0]]), torch.tensor([[1.0]])
    assert guided(told, untold, 1) == told
    assert guided(told, untold, 3) == 4


@pytest.mark.parametrize("sampler", ["euler", "heun", "dpm"])
def test_what_is_kept_stays_and_little_strength_stays_near(sampler, noise):
    init = torch.full_like(noise, 7.0)
    kept = torch.zeros_like(noise, dtype=torch.bool)
    kept[:, 0] = True
    out = sample(oracle("flow"), noise, "flow", sampler, 20, init=init, kept=kept)
    assert (out[:, 0] == 7).all()
    assert (out[:, 1:] < 4).all()
    near, far = (sample(oracle("flow"), noise, "flow", sampler, 20, init, strength).mean() for strength in (0.05, 0.8))
    assert abs(near - 7) < abs(far - 7)


def test_numbers_out_of_range_are_told(noise):
    with pytest.raises(ValueError, match="steps are 1 or more"):
        sample(oracle("flow"), noise, steps=0)
    with pytest.raises(ValueError, match="init: is needed"):
        sample(oracle("flow"), noise, strength=0.5)
