"""Train a model of a family on a folder of one's own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from menura.models import FAMILIES, OPTIONS, RECIPES
from menura.progress import Progress
from menura.tasks.fields import Seed
from menura.tasks.inputs import ModelName
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Task
from menura.train.folder import has_checkpoint, nothing_left

if TYPE_CHECKING:
    from menura.train.loop import Trained as LoopTrained
    from menura.train.options import Options
    from menura.train.recipe import Recipe


@dataclass(frozen=True, repr=False)
class Trained(Shown):
    """A trained model in its folder.

    Attributes:
        folder: the model, for `menura check` and ``--model``.
        run: what the loop says of it.
    """

    folder: Path
    run: LoopTrained

    def summary(self) -> Mapping[str, Any]:
        return {
            "model": str(self.folder),
            "steps": self.run.steps,
            "minutes": self.run.minutes,
            "held_out": dict(self.run.held_out),
            "verdict": self.run.verdict,
        }


class Train(Task):
    """Train a model on your own files.

    The run is as long as the minutes or the steps say, the shorter of the two, and can be stopped with Ctrl-C and gone
    on with. What is drawn depends on the seed and the step alone.
    """

    name: ClassVar[str] = "train"
    category: ClassVar[Category] = "Train"
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Run": ("out", "preset", "init", "minutes", "steps", "resume", "seed", "cache", "device", "compile"),
        "Optimiser": ("learning_rate", "batch_size", "l2", "momentum"),
    }
    is_local: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("family", "data")

    family: Annotated[str, Field(description=f"what to train: {', '.join(RECIPES)}")]
    data: Annotated[Path, Field(description="a folder: of MIDI files for score_lm, of sound for codecs")]
    out: Annotated[Path, Field(description="folder of the run; the model goes to its folder model")]
    preset: Annotated[str | None, Field(description="size of the model, as nano or tiny; default: the shipped one")] = (
        None
    )
    init: Annotated[
        ModelName | None,
        Field(description="start from the weights of a model of this family and size: its name or folder"),
    ] = None
    minutes: Annotated[float | None, Field(gt=0, le=100_000, description="to train; default: as shipped")] = None
    steps: Annotated[int | None, Field(ge=1, le=10**9, description="to train, whatever time they take")] = None
    resume: Annotated[bool, Field(description="go on with the run in the folder, if there is one")] = False
    seed: Annotated[Seed, Field(description="the same seed sees the same batches")] = 0
    cache: Annotated[Path | None, Field(description="folder for the prepared data; default: that of the run")] = None
    device: Annotated[
        Literal["cpu", "cuda", "mps"] | None, Field(description="where to compute; default: the quickest there is")
    ] = None
    learning_rate: Annotated[float | None, Field(gt=0, le=1, description="at its peak; default: as shipped")] = None
    batch_size: Annotated[int | None, Field(ge=1, le=65536, description="items a step; default: as shipped")] = None
    l2: Annotated[float | None, Field(ge=0, le=10, description="decay of weights; default: as shipped")] = None
    momentum: Annotated[float | None, Field(ge=0, lt=1, description="of AdamW, its first beta")] = None
    compile: Annotated[bool, Field(description="compile the model first: a minute, then faster (needs a compiler)")] = (
        False
    )

    @classmethod
    def variants(cls) -> Mapping[str, type[Any]]:
        if cls.variant_of:
            return {}
        return {family: _told_more(family, reference) for family, reference in OPTIONS.items()}

    def run(self, models: Models, progress: Progress) -> Iterator[Trained]:
        if self.family not in RECIPES:
            raise ValueError(f"family: {self.family[:40]!r} is not one that can be trained: {', '.join(RECIPES)}")
        device = self._device()
        folder = self.out / "model"
        if not self.resume and ((folder / "config.json").exists() or has_checkpoint(self.out)):
            raise ValueError(f"out: {self.out} already holds a run; go on with it (--resume), or name another folder")
        with resolve_name("menura.train.processes:together")(device) as keeps, nothing_left(self.out, keeps):
            recipe = self._recipe(models, progress)
            trained: LoopTrained = resolve_name("menura.train.loop:train")(
                recipe,
                self.out,
                self._schedule(recipe),
                device=device,
                resume=self.resume,
                compile=self.compile,
                progress=progress,
            )
            if keeps:
                recipe.finish(progress)
                self._save(recipe, trained, device)
        if keeps:
            yield Trained(folder, trained)

    def _recipe(self, models: Models, progress: Progress) -> Recipe[Any]:
        """What is to be trained, on what, from which weights."""
        kind: type[Recipe[Any]] = resolve_name(RECIPES[self.family])
        preset, options = self.preset or kind.presets[0], resolve_name(OPTIONS[self.family]).model_fields
        source = models.get(self.init) if self.init else None  # before hours go by with preparing data
        if source is not None and type(source) is not resolve_name(FAMILIES[self.family]):
            raise ValueError(f"init: {self.init} is not a {self.family}")
        own = {name: value for name, value in vars(self).items() if name in options}
        with resolve_name("menura.train.processes:first_alone")():
            recipe = kind(self.data, self.cache or self.out, preset, self.seed, progress, **own)
        recipe.settings = self._settings(recipe.settings)
        if source is not None and self.init:
            try:
                recipe.start_from(source)
            except ValueError as error:
                raise ValueError(f"init: {self.init} is not a {self.family} of the size {preset}: {error}") from None
            recipe.chosen = {**recipe.chosen, "init": models.hash(self.init)}
        return recipe

    def _save(self, recipe: Recipe[Any], trained: LoopTrained, device: str) -> None:
        provenance = {
            "recipe": self.family,
            **recipe.identity(),
            **recipe.provenance(),
            "device": device,
            "steps": trained.steps,
            "minutes": trained.minutes,
            "held_out": {name: value if math.isfinite(value) else None for name, value in trained.held_out.items()},
            "menura": version("menura"),
        }
        text = resolve_name("menura.train.card:card")(recipe, trained, provenance)
        resolve_name("menura.checkpoint:save")(
            recipe.model, self.out / "model", provenance, card=text, half=True, overwrite=self.resume
        )

    def _settings(self, usual: Any) -> Any:
        """The settings of the run, where something else was asked for than is usual."""
        second = usual.betas[1]
        asked = {
            "peak_learning_rate": self.learning_rate,
            "batch_size": self.batch_size,
            "weight_decay": self.l2,
            "betas": None if self.momentum is None else (self.momentum, max(second, self.momentum)),
        }
        return replace(usual, **{name: value for name, value in asked.items() if value is not None})

    def _device(self) -> str:
        best = resolve_name("menura.train.machine:best_device")()
        if self.device in ("cuda", "mps") and self.device != best:
            raise ValueError(f"device: there is no {self.device} device here; use {best}")
        return self.device or best

    def _schedule(self, recipe: Recipe[Any]) -> Any:
        settings = recipe.settings
        minutes = settings.minutes if self.minutes is None and self.steps is None else self.minutes
        return resolve_name("menura.train.schedule:Schedule")(
            minutes=minutes,
            steps=self.steps,
            warmup_steps=settings.warmup_steps,
            decay_share=settings.decay_share,
        )


@cache
def _told_more(family: str, reference: str) -> type[Train]:
    """The declaration with a family's own options."""
    options: type[Options] = resolve_name(reference)

    class TrainFamily(options, Train):
        __doc__ = Train.__doc__
        variant_of = family
        groups = {**Train.groups, f"Options of {family}": tuple(options.model_fields)}  # noqa: RUF012

    return TrainFamily
