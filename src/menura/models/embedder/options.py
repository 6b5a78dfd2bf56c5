"""The options of an embedder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from menura.train.options import Options


class EmbedderOptions(Options):
    """What an embedder learns the meanings of texts from."""

    teacher: Annotated[
        Path | None, Field(description="folder of a sentence model (MiniLM): learn from it what words mean")
    ] = None
    lines: Annotated[
        Path | None, Field(description="text file: lines whose meaning the teacher tells, besides the captions")
    ] = None
