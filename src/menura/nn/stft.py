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
