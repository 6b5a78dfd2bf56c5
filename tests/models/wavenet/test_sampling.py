"""Drawing from a WaveNet: the compiled step is the readable one, and streams do not know each other."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numba.core.registry import CPUDispatcher

from menura.audio import Audio
from menura.models.wavenet import dilated
from menura.models.wavenet.model import (
    Batch,
    WaveNet,
    WaveNetObjective,
    mel_frames,
    nano,
    tiny,
)
from menura.models.wavenet.sampling import Generator, sample
from menura.nn import int8


def test_a_mixture_is_learnt_and_drawn():
    """A wave with noise, for the likelihood of one without has no bound: steps then overshoot it, ever further."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = WaveNet(tiny(mixtures=4))
        objective = WaveNetObjective(model)
        wave = 0.5 * np.sin(np.arange(2 * 321) / 3) + 0.05 * np.random.default_rng(0).standard_normal(2 * 321)
        codes = torch.from_numpy(model.quantization.encode(wave)).view(2, 321)
        batch = Batch(codes, torch.ones(2, 320), {}, None)
        optimiser = torch.optim.Adam(model.parameters(), 5e-3)
        losses = []
        for _ in range(120):
            (loss,) = objective.losses(batch, 0.0)
            optimiser.zero_grad()
            loss.value.backward()
            optimiser.step()
            losses.append(loss.report["nats_per_sample"])
    assert np.median(losses[-20:]) < losses[0] - 2  # the levels alone: 1.3 less; all there is: 3 less
    drawn = np.concatenate(list(sample(model.eval(), 0.1, seeds=(0,))), 1)
    assert drawn.shape == (1, 800)
    assert np.isfinite(drawn).all()


@pytest.mark.parametrize(
    ("size", "changes"), [(tiny, {"features": 5, "hop_samples": 16}), (nano, {}), (tiny, {"mixtures": 5})]
)
def test_the_compiled_step_has_the_logits_of_the_readable_one(plain, made, conditioned, size, changes):
    """Tolerance: a twentieth of the logits' spread; the divergence below it is what rounding costs."""
    model = made(size(categories=plain.config.categories, **changes))
    codes = torch.randint(0, model.quantization.levels, (1, 300), generator=torch.Generator().manual_seed(3))
    added = conditioned(model, 300)
    with torch.inference_mode():
        shifted = torch.cat((torch.full((1, 1), model.silence), codes[:, :-1]), 1)
        readable, _ = model(shifted, model.repeat_conditions(added, 0, 300), model.start(1))
    compiled = np.zeros((1, 300, model.quantization.outputs), np.float32)
    Generator(model, [0]).draw(300, added, forced=codes.numpy(), logits=compiled)
    assert np.abs(compiled - readable.numpy()).max() < 0.05 * float(readable.std())
    if model.config.mixtures:
        return
    p, q = torch.log_softmax(readable, -1), torch.log_softmax(torch.from_numpy(compiled), -1)
    assert (p.exp() * (p - q)).sum(-1).mean() < 1e-4


def test_at_fixed_random_numbers_the_compiled_path_is_the_readable_one(plain, conditioned):
    """Both draw by passing the same number through the summed probabilities; rounding moves few draws of many."""
    added, count = conditioned(plain, 1), 200
    compiled = Generator(plain, [7]).draw(count, added)[0]
    uniforms = np.random.default_rng(7).random(count)
    with torch.inference_mode():
        shifted = torch.from_numpy(np.concatenate(([plain.silence], compiled[:-1])))[None]
        logits, _ = plain(shifted, added, plain.start(1))
    summed = torch.softmax(logits[0].double(), -1).cumsum(-1).numpy()
    readable = (summed < uniforms[:, None] * summed[:, -1:]).sum(1)
    assert (readable == compiled).mean() > 0.94
    assert np.abs(readable - compiled).max() <= 1


def test_temperature_zero_takes_the_likeliest(plain, conditioned):
    added = conditioned(plain, 1)
    logits = np.zeros((1, 50, 256), np.float32)
    codes = Generator(plain, [0]).draw(50, added, temperature=0, logits=logits)
    assert (codes == logits.argmax(-1)).all()


def test_seeds_reproduce_and_streams_do_not_know_each_other(both):
    frames = np.random.default_rng(0).standard_normal((1, 40, 5)).astype(np.float32)

    def drawn(seeds, **more):
        parts = sample(both, 0.08, seeds=seeds, categories={"speaker": "bob"}, frames=frames, **more)
        return np.concatenate(list(parts), 1)

    three = drawn((4, 5, 6))
    assert (three == drawn((4, 5, 6), threads=3)).all()
    assert (three[1:2] == drawn((5,))).all()
    assert not (three[0] == three[1]).all()


def test_a_prime_is_gone_on_from(plain, conditioned):
    prime = Audio(0.5 * np.sin(np.arange(500) / 5)[None].astype(np.float32), 8000)
    added = conditioned(plain, 1)
    codes = plain.quantization.encode(prime.samples[0, -plain.config.receptive_samples :])
    generator = Generator(plain, [3])
    generator.draw(len(codes), added, forced=codes[None])
    later = np.concatenate(
        list(sample(plain, 0.05, seeds=(3,), categories={"speaker": "ada", "text": "one"}, prime=prime)), 1
    )
    assert (plain.quantization.decode(generator.draw(400, added)) == later).all()
    fresh = np.concatenate(list(sample(plain, 0.05, seeds=(3,), categories={"speaker": "ada", "text": "one"})), 1)
    assert not (fresh == later).all()


def test_parts_are_handed_out_as_they_are_drawn(plain):
    seen = []
    parts = sample(plain, 1.0, ready=lambda done, total: seen.append((done, total)))
    first = next(iter(parts))
    assert first.shape == (1, 2000)
    assert seen == [(0, 8000)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seconds": 0}, "not one sample"),
        ({"seconds": -1}, "not one sample"),
        ({"categories": {"speaker": "eve"}}, "no 'eve'; there are any, ada, bob"),
        ({"categories": {"mood": "sad"}}, "mood: the model is conditioned on speaker, text"),
        ({"frames": np.zeros((1, 4, 5), np.float32)}, "the model takes none"),
        ({"prime": Audio(np.zeros((1, 100), np.float32), 16_000)}, "8000 Hz"),
        ({"prime": Audio(np.zeros((2, 100), np.float32), 8000)}, "mono"),
    ],
)
def test_what_does_not_fit_is_told(plain, options, words):
    with pytest.raises(ValueError, match=words):
        list(sample(plain, options.pop("seconds", 0.01), **options))


@pytest.mark.parametrize("frames", [None, np.zeros((1, 4, 3), np.float32), np.full((1, 4, 5), np.nan, np.float32)])
def test_features_that_do_not_fit_are_told(both, frames):
    with pytest.raises(ValueError, match="features"):
        list(sample(both, 0.01, frames=frames))


def test_what_is_drawn_under_filters_follows_their_level(under_filters, rising):
    frames = mel_frames(rising, 8000, 100, 20)[None]
    drawn = np.concatenate(list(sample(under_filters, 1.0, seeds=(3, 4), frames=frames)), 1)
    alone = np.concatenate(list(sample(under_filters, 1.0, seeds=(4,), frames=frames)), 1)
    assert drawn.shape == (2, 8000)
    np.testing.assert_array_equal(drawn[1:], alone)
    levels = np.abs(drawn.reshape(2, 8, 1000)).mean(-1)
    assert (np.diff(levels, axis=1) > 0).all()


def test_sound_before_what_is_drawn_under_filters_is_gone_on_from(under_filters, rising):
    sound = rising[:4000]
    frames = mel_frames(sound, 8000, 100, 20)[None, -10:]
    with_past = next(sample(under_filters, 0.1, frames=frames, prime=Audio(sound, 8000)))
    assert np.isfinite(with_past).all()
    assert (with_past != next(sample(under_filters, 0.1, frames=frames))).any()


def test_what_the_step_calls_is_a_part_of_it():
    """Copies by themselves round otherwise: a seed would sound otherwise where kernels are not kept yet."""
    parts = [vars(module) for module in (dilated, int8)]
    compiled = {name: one for part in parts for name, one in part.items() if isinstance(one, CPUDispatcher)}
    assert {name for name, one in compiled.items() if not one.targetoptions.get("forceinline")} == {"draw"}
