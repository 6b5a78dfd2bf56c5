"""Latent diffusion: of a size that can be shipped, drawn alike whatever is drawn beside, and kept where asked."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura.models.latent_diffusion.model import LatentDiffusion, nano, tiny


@pytest.fixture(scope="module")
def model() -> LatentDiffusion:
    """Untaught, but decided."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = LatentDiffusion(tiny()).eval()
        for layer in (network.write, *(block.get_submodule("style") for block in network.blocks)):
            torch.nn.init.normal_(layer.get_parameter("weight"), std=0.1)
        for block in network.blocks:
            torch.nn.init.normal_(block.get_submodule("cross.out").get_parameter("weight"), std=0.1)
        return network


@pytest.fixture(scope="module")
def words() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((2, 1, 16)).astype(np.float32)


def test_the_usual_size_fits_into_sixteen_megabytes_in_half_precision():
    with torch.device("meta"):
        model = LatentDiffusion(nano())
    assert sum(weight.numel() for weight in model.state_dict().values()) * 2 <= 16e6
    assert model.num_frames(10) == 431


def test_at_first_nothing_is_predicted():
    model = LatentDiffusion(tiny())
    told = torch.ones(2, dtype=torch.bool)
    out = model(torch.randn(2, 20, 8), torch.rand(2), torch.randn(2, 1, 16), told, torch.rand(2, 2))
    assert (out == 0).all()


def test_a_sound_depends_on_its_words_and_seed_and_not_on_those_beside_it(model, words):
    both = model.draw(words, 0.8, seeds=(5, 6), steps=3)
    assert both.shape == (2, model.num_frames(0.8), 8)
    assert (model.draw(words[1:], 0.8, seeds=(6,), steps=3)[0] == both[1]).all()
    assert np.abs(model.draw(words[:1], 0.8, seeds=(6,), steps=3)[0] - both[1]).max() > 1e-4
    assert np.abs(model.draw(words[1:], 0.8, seeds=(7,), steps=3)[0] - both[1]).max() > 1e-2


def test_untold_items_do_not_hear_the_words(model, words):
    x, time, seconds = torch.randn(2, 20, 8), torch.full((2,), 0.5), torch.ones(2, 2)
    x[1] = x[0]
    text = torch.from_numpy(words)
    untold = model(x, time, text, torch.tensor([False, False]), seconds)
    told = model(x, time, text, torch.tensor([True, True]), seconds)
    assert torch.allclose(untold[0], untold[1], atol=1e-6)
    assert (told[0] - told[1]).abs().max() > 1e-3


def test_lengths_and_what_is_not_wanted_count(model, words):
    def drawn(seconds=0.8, **how):
        return model.draw(words[:1], seconds, seeds=(1,), steps=3, **how)[0]

    assert np.abs(drawn(0.79) - drawn(0.8)).max() > 1e-5
    assert np.abs(drawn(negative=words[1]) - drawn()).max() > 1e-4
    assert (drawn(guidance_scale=1.0, negative=words[1]) == drawn(guidance_scale=1.0)).all()


@pytest.mark.parametrize("sampler", ["euler", "heun", "dpm"])
def test_what_is_kept_stays_as_it_is(model, words, sampler):
    init = np.random.default_rng(1).standard_normal((1, model.num_frames(0.8), 8)).astype(np.float32)
    kept = np.arange(init.shape[1]) < 10
    out = model.draw(words[:1], 0.8, seeds=(1,), steps=3, sampler=sampler, init=init, kept=kept)
    assert np.allclose(out[0, :10], init[0, :10], atol=1e-6)
    assert np.abs(out[0, 10:] - init[0, 10:]).max() > 0.1


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ({"seconds": 100}, "seconds: 100 is not over 0 to 1.5"),
        ({"seeds": (1, 2)}, "seeds: 2 for 1 sounds"),
        ({"steps": 0}, "steps are 1 or more"),
        ({"init": np.zeros((1, 2, 8), np.float32)}, "init: has the shape"),
    ],
)
def test_what_cannot_be_drawn_is_told(model, words, how, what):
    with pytest.raises(ValueError, match=what):
        model.draw(words[:1], **{"seconds": 0.8, "seeds": (1,), **how})
