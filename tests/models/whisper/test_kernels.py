"""The compiled step is the readable one, nearest for the likeliest tokens; rows do not know each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.models.whisper.kernels import CompiledDecoder, CompiledSteps, heard, normed, product
from menura.models.whisper.model import Inference, KeysValues, Whisper, tiny
from menura.nn.int8 import packed


@pytest.fixture(scope="module")
def model() -> Whisper:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Whisper(tiny()).eval()
        for name, weight in model.decoder.named_parameters():
            if weight.ndim == 2:
                weight.data *= 4
            elif name.endswith("bias"):
                weight.data.normal_(std=0.2)
    return model


@pytest.fixture(scope="module")
def features(model):
    rng = np.random.default_rng(0)
    heard = model.encode(np.stack([model.log_mel(0.1 * rng.standard_normal(size)) for size in (16_000, 90_000)]))
    seen = [KeysValues(*(part.bfloat16().float() for part in one)) for one in heard.seen]  # as compiled steps keep them
    return replace(heard, seen=seen)


@torch.inference_mode()
def test_it_follows_the_readable_decoder(model, features):
    readable = Inference(model, features)
    compiled = CompiledSteps(CompiledDecoder(model.decoder, 2), [heard(*one) for one in features.seen])
    tokens = np.random.default_rng(1).integers(0, model.config.n_vocab, (4, 9))
    for steps in (readable, compiled):
        steps.step(tokens[:2, :3], (0, 2))
        steps.select(np.array([1, 1, 0, 0]))  # as rows of the same windows are selected, but for one that is not
    compiled.windows = np.array([0, 0, 1, 1])
    for start, stop in ((3, 4), (4, 5), (5, 9)):
        one, other = (steps.step(tokens[:, start:stop], (stop - start - 1,)) for steps in (readable, compiled))
        assert np.abs(one - other).max() < 0.02 * np.abs(one).max()
        likeliest = one.argmax(-1)[..., None]
        exact, found = (np.take_along_axis(logits, likeliest, -1) for logits in (one, other))
        assert np.abs(exact - found).max() < 1e-3 * np.abs(one).max()


def test_rows_do_not_know_each_other(model, features):
    decoder = CompiledDecoder(model.decoder, 2)
    tokens = np.random.default_rng(1).integers(0, model.config.n_vocab, (2, 5))
    together = CompiledSteps(decoder, [heard(*one) for one in features.seen])
    found = [together.step(tokens[:, :3], (2,)), together.step(tokens[:, 3:], (0, 1))]
    for window in range(2):
        alone = CompiledSteps(decoder, [heard(*one) for one in features[[window]].seen])
        own = tokens[window : window + 1]
        assert np.array_equal(alone.step(own[:, :3], (2,))[0], found[0][window])
        assert np.array_equal(alone.step(own[:, 3:], (0, 1))[0], found[1][window])


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("shape", [(32, 8), (96, 32), (131, 30), (64, 4)])
def test_products_and_norms(shape, bits):
    rng = np.random.default_rng(0)
    weight, bias = rng.standard_normal(shape).astype(np.float32), rng.standard_normal(shape[0]).astype(np.float32)
    x = rng.standard_normal((3, shape[1])).astype(np.float32)
    out = np.empty((3, shape[0]), np.float32)
    product(packed(weight, bias, bits), x, out)
    expected = x @ weight.T + bias
    assert np.abs(out - expected).max() < (0.02 if bits == 8 else 2e-4) * np.abs(expected).max()
    norm = rng.standard_normal((2, shape[1])).astype(np.float32)
    own = np.empty_like(x)
    normed(x, norm, own)
    gain, offset = torch.from_numpy(norm)
    expected = torch.nn.functional.layer_norm(torch.from_numpy(x), shape[1:], gain, offset).numpy()
    assert np.allclose(own, expected, atol=1e-5)


def test_changed_weights_are_packed_anew(model, features, tmp_path):
    before = model.decode(features)
    with torch.no_grad():
        model.decoder.ln.bias += 1
    changed = model.decode(features)
    assert changed[0].avg_logprob != before[0].avg_logprob
    checkpoint.save(model, tmp_path / "model", {})
    assert checkpoint.check(tmp_path / "model").ok
