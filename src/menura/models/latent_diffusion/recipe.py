"""How a latent diffusion model is trained, on a folder of sounds with words; none is shipped yet.

    menura train latent_diffusion FOLDER --autoencoder runs/ae/model --embedder runs/embedder/model --out runs/diffusion

Sounds of which nothing is said are told by the words of their names. Latents are computed once and kept beside the
prepared sound.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float

from menura import checkpoint
from menura.audio import Audio
from menura.data.contents import sounds_in
from menura.data.sound_folder import Sound
from menura.data.sounds import SoundCorpus
from menura.models.latent_diffusion.model import (
    Batch,
    LatentDiffusion,
    LatentDiffusionConfig,
    LatentDiffusionObjective,
    nano,
    tiny,
)
from menura.models.latent_diffusion.options import LatentDiffusionOptions
from menura.progress import Progress
from menura.train.latents import latents_of, loaded
from menura.train.recipe import Recipe, Settings, preset_of

_UNTOLD_SHARE = 0.1
"""Of items, for guidance."""
_SHORTEST = 3
"""Halvings of the most latents at once: most sounds are short, and their batches are as much larger."""
_SAID = ("caption", "text", "label", "tags", "category")


@dataclass(frozen=True)
class _Preset:
    config: LatentDiffusionConfig
    settings: Settings


class LatentDiffusionRecipe(Recipe[Batch]):
    """Crops of latents with the words of their sounds, at times drawn from a logistic normal distribution."""

    family = "latent_diffusion"
    about = "Draws latents of sound as words say; an autoencoder makes sound of them."
    sizes: ClassVar[Mapping[str, _Preset]] = {
        "nano": _Preset(
            nano(),
            Settings(
                minutes=300, peak_learning_rate=1e-3, batch_size=16, weight_decay=0.01, validation_batches=8,
                warmup_steps=100, average_decay=0.999,
            ),
        ),
        "tiny": _Preset(
            tiny(),
            Settings(
                minutes=0.5, peak_learning_rate=4e-3, batch_size=8, warmup_steps=5, validation_batches=2,
                average_decay=0.9,
            ),
        ),
    }  # fmt: skip
    presets = tuple(sizes)

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress, **options: Any) -> None:
        asked = LatentDiffusionOptions(**options)
        size = preset_of(self.sizes, preset)
        self.preset, self.seed, self.settings = preset, seed, size.settings
        if asked.autoencoder is None or asked.embedder is None:
            raise ValueError("autoencoder, embedder: both are needed; give the folders of models that you trained")
        autoencoder, embedder = loaded("autoencoder", asked.autoencoder), loaded("embedder", asked.embedder)
        sounds = {sound.name: sound for sound in sounds_in(data, progress.say)}
        rate_hz = autoencoder.sample_rate_hz
        self.corpus = SoundCorpus.of([("sounds", sound) for sound in sounds.values()], rate_hz, cache, progress)
        hashes = {name: checkpoint.model_hash(folder) for name, folder in asked if isinstance(folder, Path)}
        self.chosen = {**hashes, "path": asked.path}
        self.texts = [words_of(sounds[name]) for name in self.corpus.names]
        said = "\n".join((self.corpus.sha256, *hashes.values(), *self.texts))
        self.data_sha256 = hashlib.sha256(said.encode()).hexdigest()
        self.latents, self.starts = latents_of(self.corpus, cache, progress, asked.autoencoder)
        self.words = np.concatenate([embedder.embed_text([text]) for text in self.texts])[:, None]
        self.silence = autoencoder.encode(Audio(np.zeros((1, rate_hz), np.float32), rate_hz))[0].mean(0)
        self.members = {
            split: np.flatnonzero([said == split for said in self.corpus.splits]) for split in ("train", "valid")
        }
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            config = replace(
                size.config, latent_dim=self.latents.shape[1], text_dim=self.words.shape[2], path=asked.path,
                latents_per_s=rate_hz / autoencoder.hop_samples,
            )  # fmt: skip
            self.model = self.network = LatentDiffusion(config)
            self.objective = LatentDiffusionObjective(self.network)
        learnt = np.concatenate([self.latents[slice(*self.starts[i : i + 2])] for i in self.members["train"]])
        self.network.mean.copy_(torch.from_numpy(learnt.mean(0, dtype=np.float64)))
        self.network.deviation.copy_(torch.from_numpy(learnt.std(0, dtype=np.float64)).clamp(min=1e-3))

    def batch(self, step: int, device: str) -> Batch:
        return self._batch("train", np.random.default_rng((self.seed, step)), _UNTOLD_SHARE, device)

    def validation_batch(self, index: int, device: str) -> Batch:
        return self._batch("valid", np.random.default_rng((1, index)), 0.0, device)

    def amount(self) -> str:
        learnt, judged = (len(self.members[split]) for split in ("train", "valid"))
        return f"{learnt} sounds to learn from, {judged} to judge by"

    def provenance(self) -> Mapping[str, Any]:
        return {
            "data": self.corpus.collections,
            "minutes": round(sum(self.corpus.minutes("train").values()), 1),
            "held_out_is": self.corpus.held_out,
            "left_out": len(self.corpus.skipped),
        }

    def _batch(self, split: str, rng: np.random.Generator, untold_share: float, device: str) -> Batch:
        config, halvings = self.network.config, int(rng.integers(_SHORTEST + 1))
        count, frames = self.settings.batch_size << halvings, config.max_frames >> halvings
        chosen = self.members[split][rng.integers(len(self.members[split]), size=count)]
        crops, seconds = zip(*(self._crop(index, frames, rng) for index in chosen), strict=True)
        noise = rng.standard_normal((count, frames, config.latent_dim), np.float32)
        time = 1 / (1 + np.exp(-rng.standard_normal(count)))
        parts = (
            np.stack(crops), self.words[chosen], rng.random(count) >= untold_share, np.array(seconds, np.float32),
            time.astype(np.float32), noise,
        )  # fmt: skip
        return Batch(*(torch.from_numpy(part).to(device) for part in parts))

    def _crop(
        self, index: int, frames: int, rng: np.random.Generator
    ) -> tuple[Float[np.ndarray, "frame channel"], list[float]]:
        """So many latents, silent beyond the sound's end; where they begin, and the length of the sound."""
        config = self.network.config
        start, stop = self.starts[index : index + 2]
        begin = int(rng.integers(max(stop - start - frames, 0) + 1))
        found = self.latents[start + begin : min(start + begin + frames, stop)]
        crop = np.broadcast_to(self.silence, (frames, config.latent_dim)).astype(np.float32)
        crop[: len(found)] = found
        return crop, [begin / config.latents_per_s, (stop - start) / config.latents_per_s]


def words_of(sound: Sound) -> str:
    """What is said of a sound, else the words of its name."""
    for key in _SAID:
        if said := sound.row.get(key):
            return ", ".join(map(str, said)) if isinstance(said, Sequence) and not isinstance(said, str) else str(said)
    return " ".join(re.findall(r"[^\W\d_]+", PurePosixPath(sound.name).stem)).lower()
