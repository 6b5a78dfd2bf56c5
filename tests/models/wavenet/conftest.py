"""Small WaveNets, untaught but decided: what comes next depends on what was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from menura.models.wavenet.model import WaveNet, WaveNetConfig, tiny

CATEGORIES = {"speaker": ("any", "ada", "bob"), "text": ("any", "one")}
LOCAL = {"features": 5, "hop_samples": 16, "upsample_factor": 2}


@pytest.fixture(scope="session")
def made() -> Callable[[WaveNetConfig], WaveNet]:
    """A model of a config, by a fixed seed."""

    def of(config: WaveNetConfig) -> WaveNet:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            model = WaveNet(config).eval()
        model.last.weight.data *= 8
        return model

    return of


@pytest.fixture(scope="module")
def both(made) -> WaveNet:
    """Conditioned on a speaker and a word, and on every frame."""
    return made(tiny(categories=CATEGORIES, **LOCAL))


@pytest.fixture(scope="module")
def plain(made) -> WaveNet:
    return made(tiny(categories=CATEGORIES))


@pytest.fixture(scope="session")
def conditioned() -> Callable[..., torch.Tensor]:
    """Conditions of so many samples."""

    def of(model: WaveNet, count: int, seed: int = 0) -> torch.Tensor:
        rng = torch.Generator().manual_seed(seed)
        frames = torch.randn(1, count // 16 + 1, 5, generator=rng) if model.config.features else None
        with torch.inference_mode():
            return model.conditions({"speaker": torch.tensor([1]), "text": torch.tensor([1])}, frames)

    return of


@pytest.fixture
def under_filters(made) -> WaveNet:
    return made(tiny(features=20, hop_samples=100, upsample_factor=2, lpc_order=12))


@pytest.fixture
def rising() -> np.ndarray:
    """A second of noise that grows louder."""
    noise = np.random.default_rng(0).standard_normal(8000) * np.geomspace(0.001, 0.2, 8000)
    return np.convolve(noise, [0.5, 0.8, 0.4], "same").astype(np.float32)
