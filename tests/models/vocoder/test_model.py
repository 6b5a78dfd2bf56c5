"""The vocoder sounds before it has learned, follows F0, and streams."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura.audio.mel_inversion import mel_energies
from menura.models.vocoder.model import Vocoder, nano, tiny

RATE, HOP = 24_000, 300


@pytest.fixture(scope="module")
def vocoder() -> Vocoder:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Vocoder(tiny()).eval()


def told(count: int = 150) -> tuple[np.ndarray, np.ndarray]:
    """Frames of a vowel that glides, then of hiss."""
    frames = np.arange(count)
    bands = np.arange(100) / 100
    mel = np.where(frames[:, None] < 100, -2 - 4 * bands, -6 + 2 * bands).astype(np.float32)
    return mel, np.where(frames < 100, 140 + frames, 0).astype(np.float32)


def test_the_shipped_size_fits_into_five_megabytes_in_half_precision():
    with torch.device("meta"):
        assert sum(weight.numel() for weight in Vocoder(nano()).state_dict().values()) * 2 < 5e6


def test_there_is_a_hop_of_sound_for_each_frame(vocoder):
    mel, f0 = told()
    sound = vocoder.sound(mel, f0)
    assert sound.dtype == np.float32
    assert sound.shape == (150 * HOP,)
    assert vocoder.sound(mel[:1], f0[:1]).shape == (HOP,)
    assert vocoder.sound(mel[:0], f0[:0]).shape == (0,)


def test_it_has_about_the_spectrum_it_was_told_before_it_has_learned(vocoder):
    mel, f0 = told()
    made = np.log(mel_energies(vocoder.sound(mel, f0), RATE, HOP, 100))
    assert np.abs(made - mel)[5:-5, 5:].mean() < 1.0


@pytest.mark.parametrize("piece_frames", [1, 7, 64])
def test_what_is_streamed_is_what_the_whole_gives(vocoder, piece_frames):
    mel, f0 = told()
    whole = vocoder.sound(mel, f0, 3)
    parts = list(vocoder.stream(mel, f0, 3, piece_frames))
    assert len(parts) == -(-150 // piece_frames)
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-4 * np.abs(whole).max()


def test_a_seed_decides_the_noise_and_nothing_else(vocoder):
    mel, f0 = told()
    one, same, other = (vocoder.sound(mel, f0, seed) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).mean() > 0.9


def harmonicity(sound: np.ndarray, hz: float) -> float:
    """Share of the power under 4 kHz at multiples of a frequency."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    places = np.fft.rfftfreq(len(sound), 1 / RATE)
    under = (places > 60) & (places < 4000)
    near = np.abs(places - hz * np.maximum(np.rint(places / hz), 1)) < 8
    return float(power[under & near].sum() / power[under].sum())


def test_harmonics_follow_f0_though_the_spectrum_is_the_same(vocoder):
    mel = told()[0][:100]
    low, high = (vocoder.sound(mel, np.full(100, hz, np.float32))[3000:-3000] for hz in (150, 300))
    assert harmonicity(low, 150) > 0.5
    assert harmonicity(high, 300) > 0.5
    assert harmonicity(low, 300) < 0.7 * harmonicity(low, 150)


def test_every_weight_learns():
    mel, f0 = (torch.from_numpy(one)[None] for one in told(40))
    noise = torch.randn(1, 43 * HOP, generator=torch.Generator().manual_seed(0))
    model = Vocoder(tiny())
    model(mel, f0, noise, noise.flip(1)).square().sum().backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().max() > 0, name


def test_the_quick_way_sounds_as_the_readable_one(vocoder):
    mel, f0 = told()
    quick, readable = (np.concatenate(list(vocoder.stream(mel, f0, compiled=one))) for one in (True, False))
    assert np.square(quick - readable).mean() < 1e-3 * np.square(readable).mean()


def test_the_first_piece_may_be_shorter(vocoder):
    mel, f0 = told()
    parts = list(vocoder.stream(mel, f0, 3, 64, first_frames=10))
    assert [len(part) // HOP for part in parts] == [10, 64, 64, 12]
    assert [len(part) for part in vocoder.stream(mel[:4], f0[:4], first_frames=10)] == [4 * HOP]
