"""WaveNet: a step at a time is the whole, the compiled step is the readable one, and streams do not know each other."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.audio import Audio
from menura.models.wavenet import (
    Batch,
    Generator,
    Logistics,
    MuLaw,
    WaveNet,
    WaveNetObjective,
    mel_frames,
    nano,
    paper,
    sample,
    tensorflow_wavenet,
    tiny,
)
from menura.nn import dilated

CATEGORIES = {"speaker": ("any", "ada", "bob"), "text": ("any", "one")}
LOCAL = {"features": 5, "hop_samples": 16, "splits": 2}


def made(config) -> WaveNet:
    """Untaught, but decided: what comes next depends on what was."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = WaveNet(config).eval()
    model.last.weight.data *= 8
    return model


@pytest.fixture(scope="module")
def both() -> WaveNet:
    """Conditioned on a speaker and a word, and on every frame."""
    return made(tiny(categories=CATEGORIES, **LOCAL))


@pytest.fixture(scope="module")
def plain() -> WaveNet:
    return made(tiny(categories=CATEGORIES))


def told(model: WaveNet, count: int, seed: int = 0) -> torch.Tensor:
    """Conditions of so many samples."""
    rng = torch.Generator().manual_seed(seed)
    frames = torch.randn(1, count // 16 + 1, 5, generator=rng) if model.config.features else None
    with torch.inference_mode():
        return model.conditions({"speaker": torch.tensor([1]), "text": torch.tensor([1])}, frames)


def test_mu_law_is_that_of_the_field():
    mu_law = MuLaw()
    assert mu_law.encode(np.array([-1.0, 0.0, 1.0])).tolist() == [0, 128, 255]
    codes = np.arange(256)
    assert (mu_law.encode(mu_law.decode(codes)) == codes).all()
    sound = np.linspace(-1, 1, 10_001)
    error = np.abs(mu_law.decode(mu_law.encode(sound)) - sound)
    assert (error <= 0.025 * np.abs(sound) + 1e-4).all()


def test_a_mixture_s_masses_sum_to_one_and_draws_follow_them():
    ends = Logistics(3)
    outputs = torch.tensor([0.3, -0.5, 1.0, -0.6, 0.2, 0.9, -3.0, -2.0, -4.0]).view(1, 1, 9)
    masses = torch.exp(-ends.costs(outputs.expand(1, ends.levels, 9), torch.arange(ends.levels)[None]))[0]
    assert masses.sum() == pytest.approx(1, abs=1e-3)
    uniforms = (np.arange(4000) + 0.5) / 4000
    drawn = np.array([dilated._drawn_of_mixture(outputs.view(-1).numpy(), 1.0, uniform) for uniform in uniforms])
    for edge in (10_000, 25_000, 40_000, 62_000):
        assert (drawn < edge).mean() == pytest.approx(float(masses[:edge].sum()), abs=0.01)
    sound = np.linspace(-1, 1, 1001)
    assert np.abs(ends.decode(ends.encode(sound)) - sound).max() < 2e-5


def test_a_mixture_is_learnt_and_drawn():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = WaveNet(tiny(mixtures=4))
        objective = WaveNetObjective(model)
        wave = model.ends.encode(0.5 * np.sin(np.arange(2 * 321).reshape(2, 321) / 3))
        batch = Batch(torch.from_numpy(wave), torch.ones(2, 320), {}, None)
        optimiser = torch.optim.Adam(model.parameters(), 1e-2)
        losses = []
        for _ in range(120):
            (loss,) = objective.losses(batch, 0.0)
            optimiser.zero_grad()
            loss.value.backward()
            optimiser.step()
            losses.append(loss.report["nats_per_sample"])
    assert losses[-1] < losses[0] - 1.5
    drawn = np.concatenate(list(sample(model.eval(), 0.1, seeds=(0,))), 1)
    assert drawn.shape == (1, 800)
    assert np.isfinite(drawn).all()


@pytest.mark.parametrize("primed", [False, True])
def test_cached_steps_are_the_whole_with_both_conditions(both, primed):
    codes = torch.randint(0, 256, (1, 400), generator=torch.Generator().manual_seed(1))
    added = told(both, 400)
    with torch.inference_mode():
        whole, end = both(codes, both.held(added, 0, 400), both.start(1))
        at = 100 if primed else 0
        parts, memory = [], both.start(1)
        if primed:
            first, memory = both(codes[:, :at], both.held(added, 0, at), memory)
            parts.append(first)
        for t in range(at, 400):
            logits, memory = both(codes[:, t : t + 1], both.held(added, t, 1), memory)
            parts.append(logits)
    torch.testing.assert_close(torch.cat(parts, 1), whole, atol=1e-5, rtol=0)
    for one, other in zip(memory.inputs, end.inputs, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def test_the_past_alone_counts_and_as_far_as_is_said(plain):
    codes = torch.randint(0, 256, (1, 200), generator=torch.Generator().manual_seed(2))
    added, reach = told(plain, 200).double(), plain.config.receptive_samples
    plain = copy.deepcopy(plain).double()  # what reaches furthest is small
    with torch.inference_mode():
        before, _ = plain(codes, added, plain.start(1))
        changed = codes.clone()
        changed[0, 100] = (changed[0, 100] + 77) % 256
        after, _ = plain(changed, added, plain.start(1))
    differs = (before - after).abs().amax(-1)[0] > 0
    assert not differs[:100].any()
    assert differs[100]
    assert not differs[100 + reach :].any()
    assert differs[100 + reach - 1]


@pytest.mark.parametrize(
    "config",
    [tiny(categories=CATEGORIES, **LOCAL), nano(categories=CATEGORIES), tiny(categories=CATEGORIES, mixtures=5)],
)
def test_the_compiled_step_has_the_logits_of_the_readable_one(config):
    """Tolerance: a twentieth of the logits' spread; the divergence below it is what rounding costs."""
    model = made(config)
    codes = torch.randint(0, model.ends.levels, (1, 300), generator=torch.Generator().manual_seed(3))
    added = told(model, 300)
    with torch.inference_mode():
        shifted = torch.cat((torch.full((1, 1), model.silence), codes[:, :-1]), 1)
        readable, _ = model(shifted, model.held(added, 0, 300), model.start(1))
    compiled = np.zeros((1, 300, model.ends.outputs), np.float32)
    Generator(model, [0]).draw(300, added, forced=codes.numpy(), logits=compiled)
    assert np.abs(compiled - readable.numpy()).max() < 0.05 * float(readable.std())
    if config.mixtures:
        return
    p, q = torch.log_softmax(readable, -1), torch.log_softmax(torch.from_numpy(compiled), -1)
    assert (p.exp() * (p - q)).sum(-1).mean() < 1e-4


def test_at_fixed_random_numbers_the_compiled_path_is_the_readable_one(plain):
    """Both draw by passing the same number through the summed probabilities; rounding moves few draws of many."""
    added, count = told(plain, 1), 200
    compiled = Generator(plain, [7]).draw(count, added)[0]
    uniforms = np.random.default_rng(7).random(count)
    with torch.inference_mode():
        shifted = torch.from_numpy(np.concatenate(([plain.silence], compiled[:-1])))[None]
        logits, _ = plain(shifted, added, plain.start(1))
    summed = torch.softmax(logits[0].double(), -1).cumsum(-1).numpy()
    readable = (summed < uniforms[:, None] * summed[:, -1:]).sum(1)
    assert (readable == compiled).mean() > 0.94
    assert np.abs(readable - compiled).max() <= 1


def test_temperature_zero_takes_the_likeliest(plain):
    added = told(plain, 1)
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


def test_a_prime_is_gone_on_from(plain):
    prime = Audio(0.5 * np.sin(np.arange(500) / 5)[None].astype(np.float32), 8000)
    added = told(plain, 1)
    codes = plain.ends.encode(prime.samples[0, -plain.config.receptive_samples :])
    generator = Generator(plain, [3])
    generator.draw(len(codes), added, forced=codes[None])
    later = np.concatenate(
        list(sample(plain, 0.05, seeds=(3,), categories={"speaker": "ada", "text": "one"}, prime=prime)), 1
    )
    assert (plain.ends.decode(generator.draw(400, added)) == later).all()
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


def test_a_batch_is_learnt_and_its_loss_begins_at_chance():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = WaveNet(tiny(categories=CATEGORIES, **LOCAL))
        objective = WaveNetObjective(model)
        wave = MuLaw().encode(0.5 * np.sin(np.arange(2 * 321).reshape(2, 321) / 3))
        categories = {"speaker": torch.tensor([1, 2]), "text": torch.tensor([0, 1])}
        batch = Batch(torch.from_numpy(wave), torch.ones(2, 320), categories, torch.randn(2, 20, 5))
        optimiser = torch.optim.Adam(model.parameters(), 1e-2)
        losses = []
        for _ in range(60):
            (loss,) = objective.losses(batch, 0.0)
            optimiser.zero_grad()
            loss.value.backward()
            optimiser.step()
            losses.append(loss.report["nats_per_sample"])
    assert losses[0] == pytest.approx(np.log(256), abs=0.1)
    assert losses[-1] < 2.5


def test_what_is_not_heard_does_not_count(plain):
    codes = torch.randint(0, 256, (1, 101), generator=torch.Generator().manual_seed(5))
    other = codes.clone()
    other[0, 61:] = 9
    categories = {name: torch.zeros(1, dtype=torch.long) for name in CATEGORIES}
    heard = torch.arange(100)[None] < 60
    objective = WaveNetObjective(plain)
    costs = [objective.report(Batch(one, heard, categories, None))["nats_per_sample"] for one in (codes, other)]
    assert costs[0] == costs[1]


def test_sizes_are_those_that_are_told():
    model = WaveNet(tensorflow_wavenet())
    assert model.config.receptive_samples == 5117
    assert sum(parameter.numel() for parameter in model.parameters()) == pytest.approx(1.49e6, rel=0.01)
    assert paper().receptive_samples == 3071


def test_a_model_is_saved_and_loaded(both, tmp_path):
    folder = checkpoint.save(both, tmp_path / "wavenet", {})
    again = checkpoint.load(folder)
    assert again.config == both.config
    assert checkpoint.check(folder).ok


def test_mel_frames_follow_their_hops():
    sound = np.zeros(1600, np.float32)
    sound[830] = 1
    frames = mel_frames(sound, 8000, 100, 20)
    assert frames.shape == (16, 20)
    assert frames.sum(1).argmax() == 8
    assert np.isfinite(mel_frames(sound[:30], 8000, 100, 20)).all()


@pytest.fixture
def under_filters() -> WaveNet:
    return made(tiny(features=20, hop_samples=100, splits=2, order=12))


def _rising(count: int) -> np.ndarray:
    noise = np.random.default_rng(0).standard_normal(count) * np.geomspace(0.001, 0.2, count)
    return np.convolve(noise, [0.5, 0.8, 0.4], "same").astype(np.float32)


def test_the_codes_of_an_excitation_are_sound_again_under_its_filters(under_filters):
    sound = _rising(8000)
    frames = mel_frames(sound, 8000, 100, 20)
    codes = under_filters.codes(sound, under_filters.excitation(frames))
    again = under_filters.sound(codes, under_filters.excitation(frames))
    error = 10 * np.log10(np.square(again - sound).mean() / np.square(sound).mean())
    assert error < -30


def test_what_is_drawn_under_filters_follows_their_level(under_filters):
    frames = mel_frames(_rising(8000), 8000, 100, 20)[None]
    drawn = np.concatenate(list(sample(under_filters, 1.0, seeds=(3, 4), frames=frames)), 1)
    alone = np.concatenate(list(sample(under_filters, 1.0, seeds=(4,), frames=frames)), 1)
    assert drawn.shape == (2, 8000)
    np.testing.assert_array_equal(drawn[1:], alone)
    levels = np.abs(drawn.reshape(2, 8, 1000)).mean(-1)
    assert (np.diff(levels, axis=1) > 0).all()


def test_sound_before_what_is_drawn_under_filters_is_gone_on_from(under_filters):
    sound = _rising(4000)
    frames = mel_frames(sound, 8000, 100, 20)[None, -10:]
    with_past = next(sample(under_filters, 0.1, frames=frames, prime=Audio(sound, 8000)))
    assert np.isfinite(with_past).all()
    assert (with_past != next(sample(under_filters, 0.1, frames=frames))).any()
