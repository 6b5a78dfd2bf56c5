"""The transformer: the future cannot change the past, and what is read in pieces is read the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura.nn.transformer import Rotary, Transformer


@pytest.fixture
def transformer() -> Transformer:
    torch.manual_seed(0)
    model = Transformer(width=32, depth=3, heads=4, hidden=48, max_frames=40)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model.eval()


def sequence(frames: int, batch: int = 2, seed: int = 1) -> torch.Tensor:
    return torch.randn(batch, frames, 32, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
@pytest.mark.parametrize("frame", [0, 1, 17, 39])
def test_the_future_cannot_change_the_past(transformer: Transformer, frame: int) -> None:
    x = sequence(40)
    changed = x.clone()
    changed[:, frame] += 1.0
    before, after = transformer(x), transformer(changed)
    assert torch.equal(before[:, :frame], after[:, :frame])
    assert (before[:, frame:] != after[:, frame:]).any(dim=(0, 2)).all()


@torch.no_grad()
@pytest.mark.parametrize("chunk", [1, 3, 17, 40])
def test_frames_read_in_pieces_are_read_the_same(transformer: Transformer, chunk: int) -> None:
    x = sequence(40)
    cache = transformer.start(batch=2)
    parts = []
    for start in range(0, 40, chunk):
        part, cache = transformer.step(x[:, start : start + chunk], cache)
        parts.append(part)
    assert cache.length == 40
    torch.testing.assert_close(torch.cat(parts, 1), transformer(x), atol=1e-5, rtol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("batch", [1, 2])
def test_the_decoder_does_the_same_arithmetic_but_for_rounded_weights(transformer: Transformer, batch: int) -> None:
    """It goes on from frames that the plain path read, and compares with the plain path over rounded weights."""
    x = sequence(40, batch)
    decoder = transformer.decoder()
    first, cache = transformer.step(x[:, :7], transformer.start(batch))
    memory = decoder.start(batch)
    memory.fill(cache)
    parts = [first]
    parts += [torch.from_numpy(decoder.step(x[:, frame].numpy(), memory))[:, None] for frame in range(7, 40)]
    assert memory.length == 40
    whole = transformer(x)
    assert (torch.cat(parts, 1) - whole).abs().max() < 0.03 * whole.abs().max()


@torch.no_grad()
@pytest.mark.parametrize("batch", [2, 3, 5, 8])
def test_the_decoder_s_frames_do_not_depend_on_what_else_is_in_the_batch(transformer: Transformer, batch: int) -> None:
    """To the last bit, at whatever frame the others are and wherever in memory."""
    x = sequence(12, batch=batch)
    decoder = transformer.decoder()
    together, alone = decoder.start(batch=batch + 1), decoder.start(batch=1)
    places, lengths = np.arange(batch, 0, -1), 3 * np.arange(batch)
    lengths[1] = 0
    for frame in range(12):
        ours = decoder.step_each(x[:, frame].numpy(), *together.arrays, places, lengths)
        theirs = decoder.step(x[1:2, frame].numpy(), alone)
        assert (ours[1] == theirs[0]).all()
        lengths += 1


@torch.no_grad()
def test_the_decoder_refuses_a_full_cache_too(transformer: Transformer) -> None:
    _, cache = transformer.step(sequence(40), transformer.start(batch=2))
    decoder = transformer.decoder()
    memory = decoder.start(2)
    memory.fill(cache)
    with pytest.raises(ValueError, match="the memory holds 40 frames; 41 were asked"):
        decoder.step(sequence(1)[:, 0].numpy(), memory)


@torch.no_grad()
def test_a_full_cache_is_an_error_and_not_a_wrong_answer(transformer: Transformer) -> None:
    _, cache = transformer.step(sequence(39), transformer.start(batch=2))
    with pytest.raises(ValueError, match="the cache holds 40 frames; 41 were asked"):
        transformer.step(sequence(2), cache)
    _, cache = transformer.step(sequence(1), cache)
    with pytest.raises(ValueError, match="41 were asked"):
        transformer.step(sequence(1), cache)


@torch.no_grad()
def test_sequences_of_a_batch_do_not_hear_each_other(transformer: Transformer) -> None:
    x = sequence(12, batch=3)
    torch.testing.assert_close(transformer(x)[1:2], transformer(x[1:2]), atol=1e-5, rtol=1e-5)
    both, _ = transformer.step(x, transformer.start(batch=3))
    alone, _ = transformer.step(x[1:2], transformer.start(batch=1))
    torch.testing.assert_close(both[1:2], alone, atol=1e-5, rtol=1e-5)


def test_rotated_products_depend_on_distance_alone() -> None:
    rotary = Rotary(8, 64)
    q, k = torch.randn(2, 1, 1, 1, 8, generator=torch.Generator().manual_seed(0))
    near = (rotary(q, 7) * rotary(k, 3)).sum()
    far = (rotary(q, 47) * rotary(k, 43)).sum()
    torch.testing.assert_close(near, far, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(rotary(q, 21).norm(), q.norm())
    assert abs(float(near - (rotary(q, 8) * rotary(k, 3)).sum())) > 1e-3


def test_it_can_learn() -> None:
    torch.manual_seed(0)
    model, x = Transformer(width=32, depth=2, heads=4, hidden=48, max_frames=16), sequence(16)
    loss = model(x).square().mean()
    loss.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
