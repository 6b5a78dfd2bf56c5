"""The options of a WaveNet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from menura.train.options import Options


class WaveNetOptions(Options):
    """What a WaveNet is told, and what it is shown of each file."""

    global_: Annotated[str | None, Field(description="what a stream is told, as speaker,text")] = None
    local: Annotated[Literal["mel"] | None, Field(description="what each frame is told")] = None
    gc_channels: Annotated[int | None, Field(ge=1, le=4096, description="channels of what is global")] = None
    sample_size: Annotated[int | None, Field(ge=64, le=10**7, description="samples of a crop")] = None
    silence_threshold: Annotated[
        float, Field(ge=0, lt=1, description="level under which ends of files are cut off")
    ] = 0.02
