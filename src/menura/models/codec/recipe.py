"""How the codec in ``pretrained/codec`` was made, to the last number; its data and batches are those of every codec.

    menura train codec DATA --scores 400 --out runs/codec

Numbers of the shipped run stand in the card beside the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch

from menura.models.codec.model import Codec, nano, tiny
from menura.nn.coding import CodingObjective, SoundBatch
from menura.nn.discriminators import FrameDiscriminator
from menura.train import machine
from menura.train.coding import CROP_S, CodingRecipe, Preset
from menura.train.recipe import Settings


def seconds_a_step() -> float:
    """How long a step of the shipped codec takes on this machine, discriminators aside: measured on noise."""
    preset = CodecRecipe.sizes["nano"]
    codec = preset.make()
    sound = 0.1 * torch.randn(preset.settings.batch_size, round(CROP_S * codec.sample_rate_hz))
    batch = SoundBatch(sound, torch.full((len(sound),), codec.num_codebooks))
    return machine.seconds_a_step(CodingObjective(codec, None, 1.0).train(), batch)


class CodecRecipe(CodingRecipe):
    """The codec on spectral frames, judged at the rate of frames."""

    family = "codec"
    about = (
        "Turns sound into few codes and back: speech, effects and music at 24 kHz, at 0.75 to 6 kilobits a second from "
        "one model, whole or as it comes. `menura encode` and `menura decode` use it."
    )
    sizes: ClassVar[Mapping[str, Preset]] = {
        "nano": Preset(
            make=lambda: Codec(nano()),
            discriminators=FrameDiscriminator,
            settings=Settings(
                minutes=300, peak_learning_rate=1e-3, batch_size=8, weight_decay=0.01, decay_share=0.4,
                validation_batches=8, largest_gradient=10.0, betas=(0.8, 0.99),
            ),
            tones=900,
        ),
        "tiny": Preset(
            make=lambda: Codec(tiny()),
            discriminators=lambda: FrameDiscriminator((256,), 2, 8),
            settings=Settings(minutes=1, peak_learning_rate=2e-3, batch_size=4, warmup_steps=5, validation_batches=1),
        ),
    }  # fmt: skip
    presets = tuple(sizes)
