"""What a training loop is given to step on."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Loss(NamedTuple):
    """One loss of a step, and who is to learn from it.

    Attributes:
        network: name of the one who learns: ``"model"``, or an adversary.
        value: the scalar to step on.
        report: what to write in the log; of the model's loss, the first is the one to judge by.
    """

    network: str
    value: Tensor
    report: dict[str, float]
