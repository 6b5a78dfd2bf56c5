"""Discriminators: what tells real sound from made, and in what features.

Each takes ``[batch, sample]`` and gives its answers and its features, a list of each. `FrameDiscriminator` works at the
rate of spectral frames and is the one for CPUs; `STFTDiscriminator` (Défossez et al., EnCodec, 2022) and
`PeriodDiscriminator` (Kong et al., HiFi-GAN, 2020) are the field's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from menura.nn.losses import Spectra

_SLOPE = 0.1


class DiscriminatorOutput(NamedTuple):
    """Answers, one tensor a discriminator, and the features on the way to them."""

    answers: list[Tensor]
    features: list[list[Tensor]]


class FrameDiscriminator(nn.Module):
    """Bands of compressed spectra, judged frame by frame with convolutions over time.

    Args:
        window_samples: one judge for each.
        bands: into which frequencies are cut; each has weights of its own.
        width: channels of a band.
    """

    def __init__(self, window_samples: Sequence[int] = (512, 1024, 2048), bands: int = 4, width: int = 96) -> None:
        super().__init__()
        self.spectra = Spectra(window_samples)
        self.bands = bands
        self.discriminators = nn.ModuleList(self._judge(size, bands, width) for size in window_samples)

    @staticmethod
    def _judge(size: int, bands: int, width: int) -> nn.ModuleList:
        inside, across = 2 * (size // 2 // bands), bands * width
        first = weight_norm(nn.Conv1d(bands * inside, across, 3, padding=1, groups=bands))
        deeper = [weight_norm(nn.Conv1d(across, across, 5, padding=2 * d, dilation=d, groups=bands)) for d in (1, 2, 4)]
        return nn.ModuleList([first, *deeper, weight_norm(nn.Conv1d(across, bands, 3, padding=1, groups=bands))])

    def forward(self, x: Float[Tensor, "batch sample"]) -> DiscriminatorOutput:
        answers, features = [], []
        for judge, spectrum in zip(self.discriminators, self.spectra(x), strict=True):
            bins = spectrum.compressed()[:, :, 1:].unflatten(2, (self.bands, -1))  # without the constant
            hidden = bins.permute(0, 2, 4, 3, 1).flatten(1, 3)
            answer, seen = _through(judge, hidden)
            answers.append(answer)
            features.append(seen)
        return DiscriminatorOutput(answers, features)


class STFTDiscriminator(nn.Module):
    """Complex spectra as pictures of two channels, one convolutional judge for each window length."""

    def __init__(self, window_samples: Sequence[int] = (2048, 1024, 512, 256, 128), width: int = 32) -> None:
        super().__init__()
        self.spectra = Spectra(window_samples)
        self.discriminators = nn.ModuleList(self._judge(width) for _ in window_samples)

    @staticmethod
    def _judge(width: int) -> nn.ModuleList:
        layers = [weight_norm(nn.Conv2d(2, width, (3, 9), padding=(1, 4)))]
        for dilation in (1, 2, 4):
            padding, dilated = (dilation, 4), (dilation, 1)
            layers.append(weight_norm(nn.Conv2d(width, width, (3, 9), (1, 2), padding, dilated)))
        layers.append(weight_norm(nn.Conv2d(width, width, 3, padding=1)))
        layers.append(weight_norm(nn.Conv2d(width, 1, 3, padding=1)))
        return nn.ModuleList(layers)

    def forward(self, x: Float[Tensor, "batch sample"]) -> DiscriminatorOutput:
        judged = [
            _through(judge, torch.view_as_real(spectrum.z).permute(0, 3, 1, 2))
            for judge, spectrum in zip(self.discriminators, self.spectra(x), strict=True)
        ]
        return DiscriminatorOutput([answer for answer, _ in judged], [seen for _, seen in judged])


class PeriodDiscriminator(nn.Module):
    """Sound folded at prime periods, one judge for each."""

    def __init__(self, periods: Sequence[int] = (2, 3, 5, 7, 11), width: int = 32) -> None:
        super().__init__()
        self.periods = tuple(periods)
        self.discriminators = nn.ModuleList(self._judge(width) for _ in periods)

    @staticmethod
    def _judge(width: int) -> nn.ModuleList:
        widths = (1, width, 4 * width, 16 * width, 32 * width)
        layers = [weight_norm(nn.Conv2d(before, after, (5, 1), (3, 1), (2, 0))) for before, after in pairwise(widths)]
        layers.append(weight_norm(nn.Conv2d(widths[-1], widths[-1], (5, 1), padding=(2, 0))))
        layers.append(weight_norm(nn.Conv2d(widths[-1], 1, (3, 1), padding=(1, 0))))
        return nn.ModuleList(layers)

    def forward(self, x: Float[Tensor, "batch sample"]) -> DiscriminatorOutput:
        judged = []
        for judge, period in zip(self.discriminators, self.periods, strict=True):
            padded = F.pad(x, (0, -x.shape[-1] % period))
            judged.append(_through(judge, padded.unflatten(-1, (-1, period)).unsqueeze(1)))
        return DiscriminatorOutput([answer for answer, _ in judged], [seen for _, seen in judged])


class Discriminators(nn.Module):
    """Several kinds as one."""

    def __init__(self, *kinds: nn.Module) -> None:
        super().__init__()
        self.kinds = nn.ModuleList(kinds)

    def forward(self, x: Float[Tensor, "batch sample"]) -> DiscriminatorOutput:
        judged = [kind(x) for kind in self.kinds]
        answers = [answer for judgement in judged for answer in judgement.answers]
        return DiscriminatorOutput(answers, [seen for judgement in judged for seen in judgement.features])


def _through(judge: nn.Module, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    *layers, last = judge.children()
    features = []
    for layer in layers:
        x = F.leaky_relu(layer(x), _SLOPE)
        features.append(x)
    return last(x), features
