"""Spectra: exact there and back, energy kept, bands where librosa puts them, gradients that are finite."""

import numpy as np
import pytest
import torch

from menura.audio.mel import hz_to_mel, mel_to_hz
from menura.audio.spectrogram import istft, mel, mel_filterbank, spectrogram, stft

RATE = 16000


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("shape", [(4000,), (2, 3001), (2, 3, 2048)])
@pytest.mark.parametrize(("fft_samples", "hop_samples"), [(1024, 256), (512, 128), (256, 128)])
def test_istft_undoes_stft(shape: tuple[int, ...], fft_samples: int, hop_samples: int) -> None:
    samples = noise(*shape)
    spectrum = stft(samples, fft_samples, hop_samples)
    assert spectrum.shape == (*shape[:-1], fft_samples // 2 + 1, shape[-1] // hop_samples + 1)
    torch.testing.assert_close(istft(spectrum, shape[-1], hop_samples), samples)


def test_energy_is_kept_as_parseval_says() -> None:
    samples = noise(64000)
    energy = spectrogram(samples, 1024, 256, power=2.0)
    both_sides = 2 * energy.sum() - energy[0].sum() - energy[-1].sum()
    window_energy = torch.hann_window(1024).square().sum()
    estimate = both_sides / 1024 / window_energy * 256
    assert float(estimate / samples.square().sum()) == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize("frequency_hz", [150.0, 440.0, 1000.0, 3000.0, 7000.0])
def test_a_sine_peaks_in_the_band_that_holds_it(frequency_hz: float) -> None:
    samples = torch.sin(2 * np.pi * frequency_hz * torch.arange(RATE) / RATE)
    assert abs(int(spectrogram(samples)[:, 30].argmax()) - frequency_hz / RATE * 1024) <= 0.5
    centres_hz = mel_to_hz(np.linspace(0, hz_to_mel(RATE / 2), 42))[1:-1]
    loudest = int(mel(samples, RATE, num_mels=40)[:, 30].argmax())
    spacing_hz = np.diff(centres_hz, prepend=0)[loudest]
    assert abs(centres_hz[loudest] - frequency_hz) <= spacing_hz


def test_mel_bands_are_triangles_of_equal_area_that_leave_no_gap() -> None:
    bank = mel_filterbank(22050, 4096, 80).numpy()
    assert bank.min() >= 0
    np.testing.assert_allclose(bank.sum(axis=1) * 22050 / 4096, 1, rtol=0.02)
    peaks = bank.argmax(axis=1)
    assert (np.diff(peaks) > 0).all()
    assert (bank[:, peaks[0] : peaks[-1]].sum(axis=0) > 0).all()
    limited = mel_filterbank(22050, 4096, 80, 100, 8000).numpy()
    frequencies_hz = np.arange(2049) * 22050 / 4096
    assert not limited[:, (frequencies_hz <= 100) | (frequencies_hz >= 8000)].any()


def test_a_filterbank_handed_out_can_be_changed_without_harm() -> None:
    mel_filterbank(RATE, 512, 20).zero_()
    assert mel_filterbank(RATE, 512, 20).sum() > 0


@pytest.mark.parametrize("samples", [torch.zeros(4000), noise(4000).float()], ids=["silence", "noise"])
def test_gradients_are_finite_even_at_silence(samples: torch.Tensor) -> None:
    for function in (spectrogram, lambda x: mel(x, RATE)):
        leaf = samples.clone().requires_grad_()
        function(leaf).sum().backward()
        assert leaf.grad is not None
        assert torch.isfinite(leaf.grad).all()


def test_too_short_a_sound_and_an_empty_band_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        stft(torch.zeros(512))
    with pytest.raises(ValueError, match="mel bands"):
        mel_filterbank(RATE, 1024, 80, 0, 9000)
