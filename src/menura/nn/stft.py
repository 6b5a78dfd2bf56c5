"""Causal short-time spectra: framed so that sound can be read and written as it comes.

Frame ``f`` sees the hop ``f`` and what a window holds before it, silence before the beginning. The inverse adds frames
up where they overlap: hop ``f`` is whole once the last frame that covers it, ``window / hop - 1`` frames later, is
there. Nothing is mirrored and nothing is scaled by the whole.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Complex, Float
from torch import Tensor, nn

from menura.nn.fourier import irfft, rfft
from menura.nn.losses import Spectrum, magnitude

_SOFTEST = 1e-5
USUAL_LEVEL, HIGHEST_LEVEL = -7.0, 1.0
"""Natural logarithms of magnitudes, full scale at 0."""
_BLUNT = 1e-2
"""Directions shorter than this leave a frequency softer than its level says: the phase is not known."""


class CausalSTFT(nn.Module):
    """Forward and inverse, with periodic Hann windows (their square adds up to a constant).

    Args:
        window_samples: of a frame, a multiple of the hop and at least four times it.
        hop_samples: from a frame to the next.
    """

    window: Tensor

    def __init__(self, window_samples: int, hop_samples: int) -> None:
        super().__init__()
        self.window_samples, self.hop_samples = window_samples, hop_samples
        window = torch.hann_window(window_samples)
        self.overlap = window_samples // hop_samples
        self.scale = 0.375 * self.overlap  # what squared Hann windows add up to
        self.register_buffer("window", window, persistent=False)

    @property
    def context_samples(self) -> int:
        """Samples before a hop that its frame sees."""
        return self.window_samples - self.hop_samples

    def forward(
        self, x: Float[Tensor, "batch sample"], past: Float[Tensor, "batch context"] | None = None
    ) -> Complex[Tensor, "batch frame frequency"]:
        """Spectra of whole hops.

        Args:
            x: a multiple of the hop.
            past: the `context_samples` before; silence if None.
        """
        before = x.new_zeros(x.shape[0], self.context_samples) if past is None else past
        frames = torch.cat((before, x), -1).unfold(-1, self.window_samples, self.hop_samples)
        return rfft(frames * self.window)

    def inverse(
        self, spectra: Complex[Tensor, "batch frame frequency"], tail: Float[Tensor, "batch context"] | None = None
    ) -> tuple[Float[Tensor, "batch sample"], Float[Tensor, "batch context"]]:
        """A hop of sound for every frame, from `context_samples` before the first frame's own hop on, and the tail that
        the next frames add to."""
        frames = irfft(spectra, self.window_samples) * (self.window / self.scale)
        pieces = frames.unflatten(-1, (self.overlap, self.hop_samples))
        count = pieces.shape[1]
        out = sum(F.pad(pieces[:, :, j], (0, 0, j, self.overlap - 1 - j)) for j in range(self.overlap))
        assert isinstance(out, Tensor)
        sound = out.flatten(1)
        if tail is not None:
            sound = sound + F.pad(tail, (0, sound.shape[1] - tail.shape[1]))
        done = count * self.hop_samples
        return sound[:, :done], sound[:, done:]


def as_features(spectra: Complex[Tensor, "batch frame frequency"]) -> Float[Tensor, "batch frame features"]:
    """Spectra of unit gain as a network takes them: compressed, and their magnitudes in tens of decibels; three
    numbers a frequency."""
    unit = Spectrum(spectra, magnitude(spectra))
    loudness = (unit.magnitude.clamp(min=_SOFTEST).log10() + 2.5) / 1.5
    return torch.cat((unit.compressed().flatten(-2), loudness), -1)


def from_directions(
    written: Float[Tensor, "batch frame features"], unit: float
) -> Complex[Tensor, "batch frame frequency"]:
    """Spectra from a log magnitude and a direction for each frequency: exact softly, and phases never wrap.

    Args:
        written: three numbers a frequency.
        unit: what samples are multiplied by for spectra of unit gain.
    """
    level, real, imaginary = written.float().chunk(3, -1)
    length = (real.square() + imaginary.square() + _BLUNT**2).sqrt()
    size = (level + USUAL_LEVEL).clamp(max=HIGHEST_LEVEL).exp() / (unit * length)
    return torch.complex(real * size, imaginary * size)  # products of complex numbers with real ones are slow
