"""Codebooks are used, keep to what they have seen, and let gradients through."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from menura.nn.quantize import _STAGE_EVERY, ResidualVectorQuantizer, VectorQuantizer


def taught(quantizer, steps=400, spread=1.0):
    """Seen `steps` batches of vectors in a few clusters."""
    generator = torch.Generator().manual_seed(0)
    centres = torch.randn(24, 4, generator=generator)
    torch.manual_seed(0)
    quantizer.train()
    for _ in range(steps):
        picked = centres[torch.randint(24, (4, 32), generator=generator)]
        quantizer(spread * picked + 0.05 * torch.randn(4, 32, 4, generator=generator))
    return quantizer.eval(), centres


def test_codes_go_where_the_vectors_are():
    quantizer, centres = taught(VectorQuantizer(32, 4))
    distances = (quantizer(centres.unsqueeze(0)).vectors[0] - centres).norm(dim=-1)
    assert float(distances.median()) < 0.1
    assert float(distances.mean()) < 0.3 * float(centres.norm(dim=-1).mean())


def test_every_codebook_is_in_use():
    quantizer, centres = taught(ResidualVectorQuantizer(3, 16, 4), 600)
    vectors = centres.repeat(40, 1) + 0.05 * torch.randn(960, 4, generator=torch.Generator().manual_seed(1))
    codes = quantizer.encode(vectors.unsqueeze(0), 3)
    assert all(len(codes[0, :, stage].unique()) >= 8 for stage in range(3))


def test_a_revived_code_stays_where_it_was_put():
    """The next average does not bring the dead vector back: there is no running sum that could."""
    quantizer = VectorQuantizer(4, 2).train()
    torch.manual_seed(0)
    quantizer(torch.ones(1, 8, 2))
    quantizer.counts[0] = 0.0
    quantizer.codebook[0] = 100.0
    quantizer.age.zero_()
    for _ in range(5):
        quantizer(torch.ones(1, 8, 2))
    assert float((quantizer.codebook - 1).abs().max()) < 0.1


def test_stages_begin_one_after_another():
    quantizer = ResidualVectorQuantizer(3, 16, 4).train()
    torch.manual_seed(0)
    for step in range(2 * _STAGE_EVERY + 1):
        quantizer(torch.randn(2, 64, 4))
        begun = [int(stage.age) > 0 for stage in quantizer.stages]
        assert begun == [step >= index * _STAGE_EVERY for index in range(3)]


def test_more_stages_come_nearer():
    quantizer, centres = taught(ResidualVectorQuantizer(4, 8, 4), 800)
    errors = [
        float((quantizer.decode(quantizer.encode(centres.unsqueeze(0), stages)) - centres).square().mean())
        for stages in (1, 2, 3, 4)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[3] < 0.3 * errors[0]


def test_dropped_stages_do_not_count_but_their_codes_are_given():
    quantizer, centres = taught(ResidualVectorQuantizer(3, 16, 4))
    x = centres.view(2, 12, 4)
    found = quantizer(x, torch.tensor([1, 3]))
    for item, stages in ((0, 1), (1, 3)):
        expected = quantizer.decode(quantizer.encode(x[item : item + 1], stages))
        assert torch.allclose(found.vectors[item : item + 1], expected, atol=1e-6)
    assert torch.equal(found.codes, quantizer.encode(x, 3))


@pytest.mark.parametrize("kind", ["plain", "residual"])
def test_the_gradient_passes_to_the_input(kind):
    made = {
        "plain": lambda: taught(VectorQuantizer(8, 4))[0],
        "residual": lambda: taught(ResidualVectorQuantizer(2, 8, 4))[0],
    }
    x = torch.randn(1, 6, 4, requires_grad=True)
    made[kind]()(x).vectors.sum().backward()
    assert x.grad is not None
    assert bool((x.grad > 0).all())


def test_every_stage_asks_the_encoder_to_come_nearer():
    """The quantised part is detached from the residual, so not the first stage alone receives a commitment."""
    quantizer, _ = taught(ResidualVectorQuantizer(2, 8, 4))
    x = torch.randn(1, 6, 4, requires_grad=True)
    first = quantizer.first(x).commitment
    (alone,) = torch.autograd.grad(first, x)
    (both,) = torch.autograd.grad(quantizer(x).commitment * 2, x)
    assert not torch.allclose(alone, both)


def test_nothing_is_learnt_in_evaluation():
    quantizer, _ = taught(VectorQuantizer(8, 4))
    before = {name: value.clone() for name, value in quantizer.state_dict().items()}
    quantizer(torch.randn(2, 5, 4))
    assert all(torch.equal(value, before[name]) for name, value in quantizer.state_dict().items())


@given(st.integers(1, 200), st.integers(0, 2**31))
def test_the_nearest_code_is_the_nearest(size, seed):
    """For any number of codes, however many are compared at once; the first and the last of them too."""
    rng = torch.Generator().manual_seed(seed)
    quantizer = VectorQuantizer(size, 3)
    quantizer.codebook.copy_(torch.randn(size, 3, generator=rng))
    x = torch.cat((torch.randn(20, 3, generator=rng), quantizer.codebook + 1e-3))
    distances = torch.cdist(x.double(), quantizer.codebook.double())
    with torch.inference_mode():
        nearest = quantizer.nearest(x.unsqueeze(0))
    assert (distances.gather(-1, nearest[0].unsqueeze(-1))[:, 0] - distances.amin(-1) < 1e-5).all()
