"""Fields that several tasks have."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

Seed = Annotated[int, Field(ge=0, lt=2**31)]
"""What is drawn at random is the same for the same seed."""
SoundTemperature = Annotated[float, Field(ge=0, le=3, description="lower is tamer; 0 takes the likeliest")]
"""Of drawing sound."""

_AUTO, _CPU = "auto", "cpu"


def is_here(device: str) -> bool:
    """Whether this machine has a device; torch is imported only to look for one that not every machine has."""
    return device in (_AUTO, _CPU) or device in resolve_name("menura.checkpoint:devices")()


def _here(device: str) -> str:
    if not is_here(device):
        there = ", ".join(resolve_name("menura.checkpoint:devices")())
        raise ValueError(f"there is no {device[:20]!r} on this machine; there is {there}")
    return device


Device = Annotated[
    str,
    AfterValidator(_here),
    Field(description="where models compute, as torch names it: cpu, cuda, cuda:1, mps, …; auto is the CPU"),
]
"""A device of this machine."""


class OnDevice(BaseModel):
    """The parameter of every task that uses a model; over HTTP the server's device is used."""

    device: Device = _AUTO

    @property
    def named_device(self) -> str | None:
        """The device that was asked for; None where that is left to whoever has the models."""
        return None if self.device == _AUTO else self.device
