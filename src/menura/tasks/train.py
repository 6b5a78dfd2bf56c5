"""Train a model of a family on a folder of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from menura.progress import Progress
from menura.recipes import RECIPES
from menura.tasks.models import Models
from menura.tasks.task import Task, spoken

if TYPE_CHECKING:
    from menura.train.loop import Trained as LoopTrained
    from menura.train.recipe import Recipe


_FAMILY_OPTIONS = ("global_", "local", "gc_channels", "sample_size", "silence_threshold")


@dataclass(frozen=True)
class Trained:
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
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Run": ("out", "preset", "minutes", "steps", "resume", "seed", "cache", "device", "compile"),
        "Optimiser": ("learning_rate", "batch_size", "l2", "momentum"),
        "WaveNet": _FAMILY_OPTIONS,
    }
    is_local: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("family", "data")

    family: Annotated[str, Field(description=f"what to train: {', '.join(RECIPES)}")]
    data: Annotated[Path, Field(description="a folder: of MIDI files for score_lm, of sound for codecs")]
    out: Annotated[Path, Field(description="folder of the run; the model goes to its folder model")]
    preset: Annotated[str | None, Field(description="size of the model, as nano or tiny; default: the shipped one")] = (
        None
    )
    minutes: Annotated[float | None, Field(gt=0, le=100_000, description="to train; default: as shipped")] = None
    steps: Annotated[int | None, Field(ge=1, le=10**9, description="to train, whatever time they take")] = None
    resume: Annotated[bool, Field(description="go on with the run in the folder, if there is one")] = False
    seed: Annotated[int, Field(ge=0, lt=2**31, description="the same seed sees the same batches")] = 0
    cache: Annotated[Path | None, Field(description="folder for the prepared data; default: that of the run")] = None
    device: Annotated[
        Literal["cpu", "cuda", "mps"] | None, Field(description="where to compute; default: the quickest there is")
    ] = None
    learning_rate: Annotated[float | None, Field(gt=0, le=1, description="at its peak; default: as shipped")] = None
    batch_size: Annotated[int | None, Field(ge=1, le=65536, description="items a step; default: as shipped")] = None
    l2: Annotated[float | None, Field(ge=0, le=10, description="decay of weights; default: as shipped")] = None
    momentum: Annotated[float | None, Field(ge=0, lt=1, description="of AdamW, its first beta")] = None
    global_: Annotated[str | None, Field(description="wavenet: what a stream is told, as speaker,text")] = None
    local: Annotated[Literal["mel"] | None, Field(description="wavenet: what each frame is told")] = None
    gc_channels: Annotated[int | None, Field(ge=1, le=4096, description="wavenet: channels of what is global")] = None
    sample_size: Annotated[int | None, Field(ge=64, le=10**7, description="wavenet: samples of a crop")] = None
    silence_threshold: Annotated[
        float | None, Field(ge=0, lt=1, description="wavenet: level under which ends of files are cut off")
    ] = None
    compile: Annotated[bool, Field(description="compile the model first: a minute, then faster (needs a compiler)")] = (
        False
    )

    def run(self, models: Models, progress: Progress) -> Iterator[Trained]:  # noqa: ARG002
        if self.family not in RECIPES:
            raise ValueError(f"family: {self.family[:40]!r} is not one that can be trained: {', '.join(RECIPES)}")
        device = self._device()
        folder = self.out / "model"
        if not self.resume and ((folder / "config.json").exists() or (self.out / "training" / "state.json").exists()):
            raise ValueError(f"out: {self.out} already holds a run; go on with it (--resume), or name another folder")
        with resolve_name("menura.train.processes:together")(device) as keeps:
            kind: type[Recipe[Any]] = resolve_name(RECIPES[self.family])
            preset, options = self.preset or kind.presets[0], self._options(kind)
            recipe = kind(self.data, self.cache or self.out, preset, self.seed, progress, **options)
            recipe.settings = self._settings(recipe.settings)
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
                self._save(recipe, trained, folder)
                yield Trained(folder, trained)

    def _save(self, recipe: Recipe[Any], trained: LoopTrained, folder: Path) -> None:
        provenance = {
            "recipe": self.family,
            **recipe.identity(),
            **recipe.provenance(),
            "steps": trained.steps,
            "minutes": trained.minutes,
            "held_out": dict(trained.held_out),
            "menura": version("menura"),
        }
        text = resolve_name("menura.train.card:card")(recipe, trained, provenance)
        resolve_name("menura.checkpoint:save")(
            recipe.model, folder, provenance, card=text, half=True, overwrite=self.resume
        )

    def _options(self, kind: type[Recipe[Any]]) -> dict[str, Any]:
        """What was said of this family alone."""
        given = {name: value for name in _FAMILY_OPTIONS if (value := vars(self)[name]) is not None}
        if unknown := [name for name in given if name not in kind.options]:
            raise ValueError(f"{spoken(unknown[0])}: {self.family} has no such option")
        return given

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
