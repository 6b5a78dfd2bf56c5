"""Short-time spectra of tensors, all differentiable.

Shapes: `[..., sample]` in time, `[..., frequency, frame]` in frequency. Frames are centred on multiples of the hop, the
sound mirrored at its ends, so `sample // hop + 1` of them; the window is a periodic Hann window.
"""

from __future__ import annotations

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from menura.audio.mel import mel_triangles


def stft(
    samples: Float[Tensor, "... sample"], fft_samples: int = 1024, hop_samples: int = 256
) -> Complex[Tensor, "... frequency frame"]:
    """Short-time Fourier transform.

    Args:
        samples: any number of leading axes; more than `fft_samples // 2` samples.
        fft_samples: length of the window and transform; gives `fft_samples // 2 + 1` frequencies.
        hop_samples: from one frame to the next; at most half the window, for `istft` to be exact.

    Raises:
        ValueError: the sound is too short to be mirrored at its ends.
    """
    if samples.shape[-1] <= fft_samples // 2:
        raise ValueError(f"{samples.shape[-1]} samples are too few for a window of {fft_samples}")
    flat = samples.reshape(-1, samples.shape[-1])
    window = torch.hann_window(fft_samples, dtype=samples.dtype, device=samples.device)
    spectrum = torch.stft(flat, fft_samples, hop_samples, window=window, pad_mode="reflect", return_complex=True)
    return spectrum.reshape(*samples.shape[:-1], *spectrum.shape[-2:])


def istft(
    spectrum: Complex[Tensor, "... frequency frame"], num_samples: int, hop_samples: int = 256
) -> Float[Tensor, "... sample"]:
    """The sound of `num_samples` samples whose `stft`, with the same hop, is `spectrum` (or nearest to it)."""
    flat = spectrum.reshape(-1, *spectrum.shape[-2:])
    fft_samples = 2 * (spectrum.shape[-2] - 1)
    window = torch.hann_window(fft_samples, dtype=spectrum.real.dtype, device=spectrum.device)
    samples = torch.istft(flat, fft_samples, hop_samples, window=window, length=num_samples)
    return samples.reshape(*spectrum.shape[:-2], num_samples)


def spectrogram(
    samples: Float[Tensor, "... sample"], fft_samples: int = 1024, hop_samples: int = 256, power: float = 1.0
) -> Float[Tensor, "... frequency frame"]:
    """Magnitudes of the `stft`, raised to `power` (1: amplitude, 2: energy). The gradient at silence is zero."""
    spectrum = stft(samples, fft_samples, hop_samples)
    energy = spectrum.real.square() + spectrum.imag.square()
    if power == 2.0:
        return energy
    floor = torch.finfo(energy.dtype).tiny
    return torch.where(energy > floor, energy.clamp_min(floor) ** (power / 2), torch.zeros_like(energy))


def mel_filterbank(
    sample_rate_hz: int, fft_samples: int, num_mels: int = 80, low_hz: float = 0.0, high_hz: float | None = None
) -> Float[Tensor, "mel frequency"]:
    """Triangles of equal area, equally spaced on the mel scale of Slaney's Auditory Toolbox (1998): librosa's default.

    Args:
        sample_rate_hz: of the sound.
        fft_samples: of the `stft`.
        num_mels: number of triangles.
        low_hz: foot of the first.
        high_hz: foot of the last; half the sample rate where None.

    Raises:
        ValueError: the band is empty or goes over half the sample rate.
    """
    high_hz = sample_rate_hz / 2 if high_hz is None else high_hz
    return torch.tensor(mel_triangles(sample_rate_hz, fft_samples, num_mels, low_hz, high_hz))


def mel(
    samples: Float[Tensor, "... sample"],
    sample_rate_hz: int,
    fft_samples: int = 1024,
    hop_samples: int = 256,
    num_mels: int = 80,
    low_hz: float = 0.0,
    high_hz: float | None = None,
    power: float = 1.0,
) -> Float[Tensor, "... mel frame"]:
    """The `spectrogram` seen through the `mel_filterbank`; arguments as theirs."""
    filterbank = mel_filterbank(sample_rate_hz, fft_samples, num_mels, low_hz, high_hz)
    return filterbank.to(samples) @ spectrogram(samples, fft_samples, hop_samples, power)
