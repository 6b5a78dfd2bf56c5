"""How alike two voices are, by a judge that knows none of our models: d-vectors of speaker verification.

The network is that of Wan et al., Generalized end-to-end loss for speaker verification (2018): three LSTM layers over
mel energies, 1.6 s at a time. Its weights come with a package (Apache-2.0) that only benchmarks need, and whose code is
not run:

    pip install --no-deps resemblyzer && pip install librosa
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pkgutil import resolve_name

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from measures.speech import package_folder
from menura.audio import Audio

_RATE_HZ, _HOP_SAMPLES, _WINDOW_SAMPLES, _NUM_MELS = 16_000, 160, 400, 40
_SEEN_FRAMES, _STEP_FRAMES = 160, 80
_LEVEL_DB, _SILENCE_DB = -30.0, 40.0
_WIDTH, _DEPTH = 256, 3


class DVector(nn.Module):
    """Mel energies of 1.6 s -> a point of unit length, near others of the same speaker."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(_NUM_MELS, _WIDTH, _DEPTH, batch_first=True)
        self.linear = nn.Linear(_WIDTH, _WIDTH)

    def forward(self, mels: Float[Tensor, "batch frame mel"]) -> Float[Tensor, "batch channel"]:
        _, (hidden, _) = self.lstm(mels)
        return nn.functional.normalize(self.linear(hidden[-1]).relu(), dim=-1)


@torch.inference_mode()
def d_vector(audio: Audio) -> Float[np.ndarray, " channel"]:
    """The speaker of a sound, as a point of unit length; silences of it are left out."""
    samples = _without_silence(audio.mono().resampled(_RATE_HZ).samples[0])
    samples = samples * 10 ** (_LEVEL_DB / 20) / np.sqrt(np.square(samples).mean())
    samples = np.pad(samples, (0, max(_SEEN_FRAMES * _HOP_SAMPLES - len(samples), 0)))
    spectrogram = resolve_name("librosa.feature:melspectrogram")
    how = {"sr": _RATE_HZ, "n_fft": _WINDOW_SAMPLES, "hop_length": _HOP_SAMPLES, "n_mels": _NUM_MELS}
    mels = torch.from_numpy(spectrogram(y=samples.astype(np.float32), **how).T.astype(np.float32))
    parts = mels.unfold(0, _SEEN_FRAMES, _STEP_FRAMES).transpose(1, 2)
    return _unit(_judge()(parts).mean(0).numpy())


def centroid(sounds: Sequence[Audio]) -> Float[np.ndarray, " channel"]:
    """The point of a speaker who is heard in several sounds."""
    return _unit(np.mean([d_vector(sound) for sound in sounds], axis=0))


def similarity(one: Float[np.ndarray, " channel"], other: Float[np.ndarray, " channel"]) -> float:
    """The cosine of the angle between two points, 1 for the same."""
    return float(one @ other)


@cache
def _judge() -> DVector:
    model = DVector()
    weights = torch.load(package_folder("resemblyzer") / "pretrained.pt", map_location="cpu", weights_only=True)
    model.load_state_dict(weights["model_state"], strict=False)
    return model.eval()


def _without_silence(samples: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " sample"]:
    """Hops of a hundredth of a second that are within 40 dB of the loudest."""
    hops = samples[: len(samples) // _HOP_SAMPLES * _HOP_SAMPLES].reshape(-1, _HOP_SAMPLES)
    power = np.square(hops).mean(1)
    return hops[power > power.max() * 10 ** (-_SILENCE_DB / 10)].ravel()


def _unit(point: np.ndarray) -> np.ndarray:
    return (point / np.linalg.norm(point)).astype(np.float32)
