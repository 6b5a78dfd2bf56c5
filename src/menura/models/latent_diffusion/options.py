"""The options of a latent diffusion model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from menura.train.options import Options


class LatentDiffusionOptions(Options):
    """What it learns the latents of, and by."""

    autoencoder: Annotated[Path | None, Field(description="folder of the autoencoder whose latents are learnt")] = None
    embedder: Annotated[Path | None, Field(description="folder of the embedder that knows what the words mean")] = None
    path: Annotated[Literal["flow", "v"], Field(description="rectified flow, or v-prediction")] = "flow"
