"""How an autoencoder is trained, on any folder of sound: effects, music, instruments; speech and tones a little.

menura train autoencoder DATA --out runs/autoencoder
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from menura.audio import Audio
from menura.models.autoencoder.model import Autoencoder, AutoencoderObjective, nano, tiny
from menura.nn.coding import CodingObjective, SoundBatch
from menura.nn.discriminators import FrameDiscriminator
from menura.train.coding import CodingRecipe, Preset
from menura.train.recipe import Settings


class AutoencoderRecipe(CodingRecipe):
    """The codec's data and loss, with a divergence in place of codes."""

    family = "autoencoder"
    about = "Turns sound into 43 vectors a second and back, at 44.1 kHz; sounds are blended between them."
    shares: ClassVar[Mapping[str, float]] = {
        "speech": 0.05, "effects": 0.6, "music": 0.2, "scores": 0.1, "tones": 0.05,
    }  # fmt: skip
    crop_s: ClassVar[float] = 0.75
    objective_of: ClassVar[type[CodingObjective]] = AutoencoderObjective
    sizes: ClassVar[Mapping[str, Preset]] = {
        "nano": Preset(
            make=lambda: Autoencoder(nano()),
            discriminators=lambda: FrameDiscriminator(width=48),
            settings=Settings(
                minutes=300, peak_learning_rate=1e-3, batch_size=4, weight_decay=0.01, decay_share=0.5,
                validation_batches=8, largest_gradient=10.0, betas=(0.8, 0.99), average_decay=0.99, warmup_steps=100,
            ),
            tones=60,
        ),
        "tiny": Preset(
            make=lambda: Autoencoder(tiny()),
            discriminators=lambda: FrameDiscriminator((256,), 2, 8),
            settings=Settings(minutes=1, peak_learning_rate=2e-3, batch_size=4, warmup_steps=5, validation_batches=1),
        ),
    }  # fmt: skip
    presets = tuple(sizes)

    def batch(self, step: int, device: str) -> SoundBatch:
        return self._crops(self.training.batch(step, self.settings.batch_size), device)

    def validation_batch(self, index: int, device: str) -> SoundBatch:
        return self._crops(self.validation.batch(index, self.settings.batch_size), device)

    def examples(self) -> dict[str, Audio]:
        found = {}
        for index, sound in enumerate(self.validation.batch(10**6, 4)):
            found[f"example {index + 1}/as it is"] = Audio(sound, self.codec.sample_rate_hz)
            found[f"example {index + 1}/decoded"] = self.codec.decode(self.codec.encode(sound))
        return found
