"""The options of a vocoder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from menura.train.options import Options


class VocoderOptions(Options):
    """What a vocoder learns from besides the frames of recordings."""

    synthesizer: Annotated[
        Path | None, Field(description="folder of a synthesizer: learn from the frames that it predicts, too")
    ] = None
