"""What a family alone may be told of a run: declared as options, read by every face without torch."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Options(BaseModel):
    """Declare a family's options by deriving from this: fields with descriptions and ranges, as those of a task.

    A recipe's constructor takes them by name. As it is, it is for a family without any.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class CodingOptions(Options):
    """What a codec of any family may learn from besides sound."""

    scores: Annotated[
        int | None, Field(ge=0, le=10**6, description="MIDI files in the folder to play and learn from, at most")
    ] = None
