"""The latents that an autoencoder makes of a corpus of sound, computed once."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int

from menura import checkpoint
from menura.audio import Audio
from menura.data.sounds import SoundCorpus
from menura.files import writing
from menura.models.contract import Autoencoder, Embedder
from menura.progress import Progress

_LONGEST_S = 60
_CONTRACTS = {"autoencoder": Autoencoder, "embedder": Embedder}


def loaded(what: Literal["autoencoder", "embedder"], folder: Path) -> Any:
    """The model of a folder.

    Raises:
        ValueError: there is none, or it is something else.
    """
    model = checkpoint.load(folder)
    if not isinstance(model, _CONTRACTS[what]):
        raise ValueError(f"{what}: {folder} is not one")
    return model


def latents_of(
    corpus: SoundCorpus, cache: Path, progress: Progress, autoencoder: Path
) -> tuple[Float[np.ndarray, "frame channel"], Int[np.ndarray, " place"]]:
    """The latents of all sounds one after another, of the first minute of each, and where those of each begin and the
    last end.

    Args:
        corpus: at the autoencoder's rate.
        cache: folder in which they are kept.
        progress: is told how far it is.
        autoencoder: folder of the model.

    Raises:
        ValueError: there is no such model.
    """
    made_of = f"{corpus.sha256} {checkpoint.model_hash(autoencoder)}"
    path = cache / f"latents-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}.npz"
    if not path.exists():
        model, found = loaded("autoencoder", autoencoder), []
        for index, (start, stop) in enumerate(pairwise(corpus.starts)):
            progress.update(index, len(corpus.names), "encoding")
            samples = corpus.samples[start : min(stop, start + _LONGEST_S * corpus.rate_hz)] / np.float32(32767)
            found.append(model.encode(Audio(samples[None], corpus.rate_hz))[0].astype(np.float16))
        with writing(path) as part:
            np.savez(part, latents=np.concatenate(found), starts=np.cumsum([0, *map(len, found)]))
    with np.load(path, allow_pickle=False) as stored:
        return stored["latents"].astype(np.float32), stored["starts"]
