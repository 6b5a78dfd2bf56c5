"""How a `SoundStream` is trained: on the data of the codec, by its loss, with the field's usual discriminators.

    menura train soundstream DATA --scores 120 --out runs/soundstream

It wants a GPU: a second of sound costs some hundred times what it costs `menura.models.codec.model`. None is shipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from menura.models.soundstream.model import SoundStream, paper, tiny
from menura.nn.discriminators import Discriminators, FrameDiscriminator, PeriodDiscriminator, STFTDiscriminator
from menura.train.coding import CodingRecipe, Preset
from menura.train.recipe import Settings


class SoundStreamRecipe(CodingRecipe):
    """The paper's codec; discriminators on spectra and on folded samples (Kumar et al. 2023)."""

    family = "soundstream"
    about = "Turns sound into few codes and back with the convolutions of SoundStream, at 24 kHz and 0.75 to 6 kbps."
    sizes: ClassVar[Mapping[str, Preset]] = {
        "paper": Preset(
            make=lambda: SoundStream(paper()),
            discriminators=lambda: Discriminators(STFTDiscriminator(), PeriodDiscriminator()),
            settings=Settings(
                minutes=1440, peak_learning_rate=3e-4, batch_size=32, weight_decay=0.01, decay_share=0.4,
                validation_batches=4, largest_gradient=10.0, betas=(0.8, 0.99),
            ),
        ),
        "tiny": Preset(
            make=lambda: SoundStream(tiny()),
            discriminators=lambda: FrameDiscriminator((256,), 2, 8),
            settings=Settings(minutes=1, peak_learning_rate=2e-3, batch_size=4, warmup_steps=5, validation_batches=1),
        ),
    }  # fmt: skip
    presets = tuple(sizes)
