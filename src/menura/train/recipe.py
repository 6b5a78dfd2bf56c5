"""What a family gives the training loop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from torch import nn

from menura.audio import Audio
from menura.nn.objective import Loss
from menura.progress import Progress

_MAY_CHANGE = ("minutes", "validation_batches")

Batch = TypeVar("Batch")
_Batch = TypeVar("_Batch", contravariant=True)
_Preset = TypeVar("_Preset")


class Objective(Protocol[_Batch]):
    """A family's loss: a module that holds the model, and its adversaries if it has any."""

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        """Everyone who learns, by name: ``"model"`` and the others. A checkpoint holds them all."""
        ...

    def losses(self, batch: _Batch, fraction_done: float, /) -> Iterator[Loss]:
        """The losses of a step in turn; one is stepped on before the next is asked for.

        Args:
            batch: what to learn from.
            fraction_done: share of the run that is over, 0 to 1.
        """
        ...

    def report(self, batch: _Batch, /) -> dict[str, float]:
        """Numbers to watch on a held-out batch; the first is the one to judge by, in the units of the model's loss."""
        ...


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The numbers of a training run.

    Attributes:
        minutes: of training, where nobody says otherwise.
        peak_learning_rate: of AdamW, after warm-up.
        weight_decay: on matrices; vectors, gains and embeddings have none.
        batch_size: items a step.
        warmup_steps: of rising learning rate, in a tenth of the run at most.
        decay_share: share of the run, at its end, over which the rate falls to zero.
        validation_batches: held-out batches a check.
        average_decay: of the moving average of weights.
        largest_gradient: norm to which gradients are clipped.
        betas: of AdamW.
    """

    minutes: float
    peak_learning_rate: float
    batch_size: int
    weight_decay: float = 0.1
    warmup_steps: int = 200
    decay_share: float = 0.5
    validation_batches: int = 48
    average_decay: float = 0.999
    largest_gradient: float = 1.0
    betas: tuple[float, float] = (0.9, 0.98)


def preset_of(presets: Mapping[str, _Preset], name: str) -> _Preset:
    """A preset by its name.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in presets:
        raise ValueError(f"preset: {name[:40]!r} is not one of {', '.join(presets)}")
    return presets[name]


class Recipe(ABC, Generic[Batch]):
    """How a model of a family is made: the model, its loss, and batches that are a pure function of the step."""

    family: ClassVar[str]
    presets: ClassVar[tuple[str, ...]]
    """Names of the sizes there are; the first is the shipped one."""
    about: ClassVar[str]
    """What the model does, a sentence or two for its card."""

    chosen: Mapping[str, Any] = {}
    """What its options amount to, and what else it is made with: plain JSON values."""
    data_sha256: str = ""
    """Of what is learnt from, prepared."""

    preset: str
    seed: int
    settings: Settings
    model: nn.Module
    objective: Any
    """An `Objective` of the batches below, and a module."""

    @abstractmethod
    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress) -> None:
        """Prepare the data of a folder, once, keeping them in the folder `cache`.

        A family that has `menura.train.options.Options` of its own takes them by name as well.

        Raises:
            ValueError: the preset is not known, or the data cannot be used.
        """

    @abstractmethod
    def batch(self, step: int, device: str) -> Batch:
        """What step number `step` learns from."""

    @abstractmethod
    def validation_batch(self, index: int, device: str) -> Batch:
        """What the model is judged by; never learnt from."""

    def start_from(self, source: Any) -> None:
        """Take the weights of a model of the same family.

        Raises:
            ValueError: it is of another size, or was told other things.
        """
        if source.config != self.model.config:
            raise ValueError("its config is another")
        self.model.load_state_dict(source.state_dict())

    def examples(self) -> Mapping[str, Audio]:
        """Sound to watch a run by: what the model, as it is now, makes of a few fixed held-out clips, by name."""
        return {}

    def finish(self, progress: Progress) -> None:
        """Work out what a model is told beside its weights, once it has the final ones."""

    def amount(self) -> str:
        """How much there is to learn from and to judge by, in words."""
        return "see the provenance in config.json"

    @abstractmethod
    def provenance(self) -> Mapping[str, Any]:
        """What a model's folder says of its data: plain JSON values."""

    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to be gone on with, its length aside: plain JSON values."""
        settings = {name: value for name, value in asdict(self.settings).items() if name not in _MAY_CHANGE}
        own = {"family": self.family, "preset": self.preset, "seed": self.seed, **self.chosen}
        return {**own, **settings, "betas": list(self.settings.betas), "data_sha256": self.data_sha256}
