"""Sound: words in, the sounds that they name out, made by rules or drawn from noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from jaxtyping import Float
from PIL import Image
from pydantic import BeforeValidator, Field

from menura.audio import Audio, normalised
from menura.audio.io import write_blocks
from menura.audio.loudness import integrated_lufs
from menura.audio.pictures import save_png, sound_picture
from menura.audio.wav_loop import mark_loop
from menura.files import slug, suffixed, writing_beside
from menura.models.contract import needs
from menura.progress import Progress, warn
from menura.synth.catalogue import GENERATORS
from menura.synth.fitting import Fitted, Target, fit
from menura.synth.generator import Generator
from menura.synth.presets import preset, presets_of
from menura.tasks.drawn import Drawer
from menura.tasks.fields import OnDevice, Seed
from menura.tasks.inputs import ModelName, SoundInput, TableInput
from menura.tasks.layers import USUAL_M, Planned, Scene, place_of, plan
from menura.tasks.limits import MOST_ROWS, MOST_SAMPLES, MOST_SCENE_DRAWN_S
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.sound import Sounding, SoundResult
from menura.tasks.sound_pack import Entry, Pack
from menura.tasks.task import Category, Stream, Task, pairs, spoken
from menura.text.sounds import MOST_LAYERS, Layer, Understood, clauses, understand_sounds

_CEILING_DBTP = -1.0
_KNEE, _CEILING = 0.6, 0.85
_USUAL_S, _DRAWN_S = 10.0, 4.0
_SPAN = r"^\d+(\.\d+)?-\d+(\.\d+)?$"
_JUDGED_S, _JUDGED_HZ = 10.0, 32_000
"""Of a layer, where the nearer of two to the words is taken."""
_MOST_CHARACTERS = 2000
_MOST_TAKES = 64
_OF_THE_PACK = (
    "table",
    "like",
    "init",
    "inpaint",
    "extend",
    "bundle",
    "output",
    "prompt",
    "format",
    "bits",
    "picture",
    "stems",
)
"""Fields that no row of a table has for itself; its words are its own."""


@dataclass(frozen=True, eq=False, repr=False)
class Sounded(Shown):
    """Sound from words; it is made anew whenever it is asked for, so that an hour need not be held.

    Attributes:
        scene: what it is made of.
        about: what to say of it.
        wanted: format, bits and which files to write.
        progress: told of the work.
        name: added to the stem of its files.
    """

    scene: Scene
    about: Mapping[str, Any]
    wanted: Sound
    progress: Progress
    name: str = ""

    @cached_property
    def audio(self) -> Audio:
        """All of it.

        Raises:
            ValueError: it is too long to be held as a whole.
        """
        if self.scene.num_samples * self.scene.num_channels > MOST_SAMPLES:
            raise ValueError("seconds: are too many to be held as a whole; name an output, or take a stream")
        return Audio(np.concatenate(list(self.blocks()), 1), self.scene.sample_rate_hz)

    def summary(self) -> Mapping[str, Any]:
        scene = self.scene
        rows = [
            {
                "layer": layer.words,
                "sound": layer.generator.name,
                "distance_m": round(layer.distance_m, 1),
                "parameters": ", ".join(f"{name}={_short(value)}" for name, value in layer.values.items()),
            }
            for layer in scene.layers
        ]
        seconds = scene.num_samples / scene.sample_rate_hz
        return {
            "seconds": round(seconds, 4),
            "rate": scene.sample_rate_hz,
            "channels": scene.num_channels,
            **self.about,
            "layers": rows,
        }

    def image(self) -> Image.Image:
        return sound_picture(self.audio)

    def blocks(self) -> Iterator[Float[np.ndarray, "channel sample"]]:
        """The sound at its loudness, block by block."""
        rate, mixed = self.scene.sample_rate_hz, self.scene.mixed(self.progress)
        if len(self.scene.edges) == 2 and not self.scene.loops:
            yield normalised(Audio(next(mixed), rate), self.wanted.loudness, _CEILING_DBTP).samples
            return
        gain = None
        for block in mixed:
            gain = gain or self._gain(block)
            yield _under_ceiling(gain * block)

    def _gain(self, block: np.ndarray) -> float:
        lufs = integrated_lufs(Audio(block, self.scene.sample_rate_hz))
        return float(10 ** ((self.wanted.loudness - lufs) / 20)) if np.isfinite(lufs) else 1.0

    def _stem(self, number: int, gain: float) -> Iterator[np.ndarray]:
        return (gain * block for block in self.scene.layer(number))

    def write(self, path: Path) -> None:
        """Write the sound file alone."""
        self._put(self.blocks(), path)

    def _put(self, blocks: Iterator[np.ndarray], path: Path) -> None:
        wanted, scene = self.wanted, self.scene
        path.parent.mkdir(parents=True, exist_ok=True)
        write_blocks(
            blocks, path, wanted.format, scene.sample_rate_hz, bits=int(wanted.bits), channels=scene.num_channels
        )
        if scene.loops and wanted.format == "wav":
            mark_loop(path, scene.num_samples, scene.sample_rate_hz)

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write the sound file and, if wanted, ``stem.png`` and each layer in ``stem-stems/``; all or none."""
        stem, wanted = Path(stem), self.wanted
        extension, written = f".{wanted.format}", []
        with writing_beside(stem, overwrite) as staged:

            def put(blocks: Iterator[np.ndarray], name: str) -> None:
                self._put(blocks, Path(f"{staged}{name}"))
                written.append(Path(f"{stem}{name}"))

            put(self.blocks(), extension)
            if wanted.stems:
                gain = self._gain(next(self.scene.mixed()))
                for number, layer in enumerate(self.scene.layers):
                    put(self._stem(number, gain), f"-stems/{number + 1:02d}-{slug(layer.words)}{extension}")
            if wanted.picture:
                save_png(self.image(), suffixed(staged, ".png"))
                written.append(suffixed(stem, ".png"))
        return written


class Sound(Sounding, OnDevice, Task):
    """Make the sounds that words name, by rules: no model is needed.

    Each part of the words becomes a layer: "heavy rain on a tin roof, distant thunder" is two. `menura sounds` lists
    what there is, and what of it can be set. The sound is as long as asked to the sample; as a loop its end leads into
    its beginning. A table makes one of each of its rows, which may set every option by a column of its name; as a
    bundle all of them are one zip, with a manifest for game engines.

    The engine diffusion draws each layer from noise, also of words that no rule knows; auto takes, layer by layer,
    what is nearer to the words. A recording can be changed so (init), filled in or gone on with.
    """

    name: ClassVar[str] = "sound"
    category: ClassVar[Category] = "Sound"
    streams: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("prompt",)
    counted_by: ClassVar[tuple[str, ...]] = ("variations",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Layers": ("set_",),
        "What": ("seconds", "loop", "variations", "preset", "like", "trials", "table", "seed"),
        "Drawn from noise": (
            "engine",
            "init",
            "strength",
            "inpaint",
            "extend",
            "negative",
            "guidance",
            "steps",
            "model",
            "autoencoder",
            "embedder",
            "device",
        ),
        "Sound": ("mono", "rate", "loudness", "stems", "bundle", "format", "bits", "picture", "output"),
    }

    prompt: Annotated[
        str, Field(max_length=_MOST_CHARACTERS, description="the sounds, as words, with commas between")
    ] = ""
    seconds: Annotated[
        float | None,
        Field(ge=0.05, le=3600, description="how long, to the sample (default: 10, or as long as an event lasts)"),
    ] = None
    loop: Annotated[bool, Field(description="let the end lead into the beginning")] = False
    variations: Annotated[
        int, Field(ge=1, le=_MOST_TAKES, description="how many takes, numbered, each a little other")
    ] = 1
    preset: Annotated[
        tuple[str, ...] | None,
        Field(max_length=12, description="parameters by the name of a preset, with words or without"),
    ] = None
    set_: Annotated[
        dict[str, str] | None,
        BeforeValidator(pairs),
        Field(description="parameters by name, as drop_rate=80,surface=tin; of one layer as rain.gain_db=-6"),
    ] = None
    like: Annotated[
        SoundInput | None, Field(description="a recording: find parameters with which the sound comes near to it")
    ] = None
    trials: Annotated[int, Field(ge=10, le=1000, description="how many sounds are tried for that")] = 100
    table: Annotated[
        TableInput | None,
        Field(description="a .csv file with a row for every sound: prompt, name, seconds, loop, variations, …"),
    ] = None
    engine: Annotated[
        Literal["synth", "diffusion", "auto"],
        Field(description="rules, a model that draws, or of both what is nearer to the words"),
    ] = "synth"
    init: Annotated[SoundInput | None, Field(description="a recording to change, fill in or go on with")] = None
    strength: Annotated[float, Field(gt=0, le=1, description="how far init is given up for the words")] = 0.6
    inpaint: Annotated[
        str | None, Field(pattern=_SPAN, description="what of init is drawn anew, in seconds, as 2.0-3.5")
    ] = None
    extend: Annotated[float | None, Field(gt=0, le=8, description="seconds to go on after init")] = None
    negative: Annotated[
        str | None, Field(max_length=_MOST_CHARACTERS, description="what the drawn sound shall not be like")
    ] = None
    guidance: Annotated[float, Field(ge=1, le=15, description="how far words are followed in drawing")] = 4.0
    steps: Annotated[int, Field(ge=1, le=200, description="from noise to sound")] = 20
    model: Annotated[ModelName, Field(description="that draws", json_schema_extra=needs("Diffusion"))] = (
        "latent_diffusion"
    )
    autoencoder: Annotated[
        ModelName, Field(description="that the model draws latents of", json_schema_extra=needs("Autoencoder"))
    ] = "autoencoder"
    embedder: Annotated[
        ModelName, Field(description="that tells the model what words mean", json_schema_extra=needs("Embedder"))
    ] = "embedder"
    mono: Annotated[bool, Field(description="one channel, not two")] = False
    rate: Annotated[int, Field(ge=8000, le=192_000, description="samples a second")] = 48_000
    loudness: Annotated[float, Field(ge=-60, le=-5, description="in LUFS")] = -20.0
    stems: Annotated[bool, Field(description="also write each layer alone")] = False
    bundle: Annotated[bool, Field(description="write one zip of all sounds, with a manifest for game engines")] = False
    seed: Annotated[Seed | None, Field(description="the same seed gives the same samples")] = None

    def names(self) -> tuple[str, ...]:
        if self.bundle:
            return ("",)
        return tuple(f"{name}{take}" for name, row in self._rows() for take in row._takes())

    def single(self) -> bool:
        return self.bundle or (self.table is None and self.variations == 1)

    def suffixes(self) -> tuple[str, ...]:
        return (".zip", ".json") if self.bundle else super().suffixes()

    def check(self) -> None:
        if self.table:
            if self.prompt:
                raise ValueError("prompt: there is a table too; leave one of them out")
            if self.init:
                raise ValueError("init: there is a table too; leave one of them out")
            return
        if not self.prompt.strip() and not self.preset:
            raise ValueError("prompt: is empty; name sounds, as 'rain, distant thunder', or a preset, or give a table")
        if self.bundle and (self.stems or self.picture):
            raise ValueError("bundle: it holds sounds alone; leave stems and picture out")
        if self.init or self.engine != "synth":
            self._check_drawn()
            return
        if self.inpaint or self.extend:
            raise ValueError("init: is the recording to fill in or to go on with; give one")
        planned = self.planned()
        if self.like and len(planned) > 1:
            raise ValueError(f"like: is for one sound, and here are {len(planned)}; name one of them")

    def _check_drawn(self) -> None:
        by_rules = {"like": self.like, "preset": self.preset, "set": self.set_}
        if asked := [name for name, value in by_rules.items() if value]:
            raise ValueError(f"{asked[0]}: is for sounds made by rules; leave it out, or the engine and init")
        if (self.seconds or 0) > MOST_SCENE_DRAWN_S:
            raise ValueError(f"seconds: at most {MOST_SCENE_DRAWN_S} are drawn; by rules it may be an hour")
        if not self.init:
            return
        if self.inpaint and self.extend:
            raise ValueError("inpaint: and extend are two ways to fill; take one")
        if self.loop or self.seconds or self.stems or self.bundle:
            raise ValueError("init: decides the length itself; leave loop, seconds, stems and bundle out")

    def uses(self, field: str) -> bool:
        is_drawn = self.init is not None or self.engine != "synth"
        return is_drawn or vars(self)[field] != type(self).model_fields[field].default

    def run(self, models: Models, progress: Progress) -> Iterator[Sounded | SoundResult | Pack]:
        if self.init:
            yield from self._reworked(self.init, self._drawer(models), progress)
            return
        rows = self._rows()
        if self.bundle:
            count = sum(row.variations for _, row in rows)
            yield Pack(self._entries(rows, count, models, progress), count, self.format)
            return
        for name, row in rows:
            layers, about = row._settled(models, progress)
            for number, take in enumerate(row._takes()):
                yield row._sounded(layers, about, number, f"{name}{take}", progress)

    def stream(self, models: Models, progress: Progress) -> Stream:
        if self.table or self.bundle:
            raise ValueError("table: it makes several sounds, and only one is streamed; leave it out")
        if self.init:
            made = next(self._reworked(self.init, self._drawer(models), progress)).audio
            return Stream(made.sample_rate_hz, made.num_channels, made.num_samples, iter((made.samples,)))
        sounded = self._sounded(*self._settled(models, progress), 0, "", progress)
        scene = sounded.scene
        parts = (block.astype(np.float32) for block in sounded.blocks())
        return Stream(scene.sample_rate_hz, scene.num_channels, scene.num_samples, parts)

    def _takes(self) -> tuple[str, ...]:
        return ("",) if self.variations == 1 else tuple(f"-{number + 1}" for number in range(self.variations))

    def _entries(
        self, rows: Sequence[tuple[str, Sound]], count: int, models: Models, progress: Progress
    ) -> Iterator[Entry]:
        made = 0

        def takes(row: Sound) -> Iterator[Sounded]:
            nonlocal made
            layers, about = row._settled(models, progress)
            for number in range(row.variations):
                yield row._sounded(layers, about, number, "", Progress())
                made += 1
                progress.update(made, count, "sounding")

        for name, row in rows:
            yield Entry(name.lstrip("-") or "sound", row.prompt, row.loop, row.variations, takes(row))

    def _rows(self) -> list[tuple[str, Sound]]:
        """The sounds that are asked for, each with what is added to the name of its file.

        Raises:
            ValueError: a row of the table cannot be made, or two have one name.
        """
        if self.table is None:
            return [(f"-{slug(self.prompt)}" if self.bundle else "", self)]
        rows, found = self.table.read(), []
        if not 0 < len(rows) <= MOST_ROWS:
            raise ValueError(f"table: {self.table.name} has {len(rows)} rows, where there may be 1–{MOST_ROWS}")
        usual = {spoken(name): value for name, value in vars(self).items() if name not in ("table", "prompt", "bundle")}
        columns = {spoken(name) for name in type(self).model_fields if name not in _OF_THE_PACK} | {"prompt", "name"}
        taken: set[str] = set()
        for number, row in enumerate(rows, start=1):
            where = f"table: {self.table.name}, row {number}"
            if unknown := [name for name in row if name not in columns]:
                raise ValueError(f"{where}: {unknown[0][:40]!r} is none of its columns, {', '.join(sorted(columns))}")
            said = {name: value for name, value in row.items() if value.strip() and name != "name"}
            seed = ((self.seed or 0) + _MOST_TAKES * (number - 1)) % (2**31 - _MOST_TAKES)
            try:
                task = type(self).build({**usual, "seed": seed, **said})
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from None
            name = slug(row.get("name") or task.prompt) or f"sound-{number}"
            if name in taken:
                raise ValueError(f"{where}: {name} is the name of another row; give each a name of its own")
            taken.add(name)
            found.append((f"-{name}", task))
        return found

    def _drawer(self, models: Models) -> Drawer:
        loaded = models.get(self.model), models.get(self.autoencoder), models.get(self.embedder)
        return Drawer(*loaded, self.negative, self.guidance, self.steps)

    def _reworked(self, init: SoundInput, drawer: Drawer, progress: Progress) -> Iterator[SoundResult]:
        sound = init.read(max_samples=MOST_SAMPLES)
        start, end = sound.duration_s, sound.duration_s + (self.extend or 0.0)
        if self.inpaint:
            start, end = map(float, self.inpaint.split("-"))
            if not start < end <= sound.duration_s:
                raise ValueError(f"inpaint: {self.inpaint} is not within the {sound.duration_s:.2f} s of init")
        for number, take in enumerate(self._takes()):
            progress.update(number, self.variations, "drawing")
            seed = (self.seed or 0) + number
            if end > start:
                made, about = drawer.filled(sound, self.prompt, start, end, seed), {"drawn": f"{start:g}-{end:g} s"}
            else:
                made, about = drawer.changed(sound, self.prompt, self.strength, seed), {"strength": self.strength}
            yield SoundResult(made.mono() if self.mono else made, {"seed": seed, **about}, self, take)

    def _drawn(self, drawer: Drawer) -> tuple[Planned, ...]:
        """A layer for each part of the words: drawn or, if there is a choice, by rules where that is nearer."""
        parts = clauses(self.prompt)[:MOST_LAYERS]
        lasts, found = self.loop or len(parts) > 1, []
        for number, words in enumerate(parts):
            side = 0.35 * (-1) ** number if len(parts) > 1 else 0.0
            kind = drawer.generator(words, self.seconds or _DRAWN_S, lasts)
            one = Planned(words, kind, {}, USUAL_M, side, 0.0, repeats=False)
            ruled = self._by_rules(words, side, lasts) if self.engine == "auto" else None
            near = ruled and self._nearness(drawer, ruled, words) >= self._nearness(drawer, one, words)
            found.append(ruled if ruled and near else one)
        return tuple(found)

    def _by_rules(self, words: str, side: float, lasts: bool) -> Planned | None:
        try:
            layer = understand_sounds(words).layers[0]
        except ValueError:
            return None
        return plan(layer, {}, 0.0 if GENERATORS[layer.generator].is_wide else side, repeats=lasts)

    def _nearness(self, drawer: Drawer, layer: Planned, words: str) -> float:
        seconds = min(self._seconds((layer,)), _JUDGED_S)
        scene = Scene((layer,), max(round(seconds * _JUDGED_HZ), 1), _JUDGED_HZ, 1, False, self.seed or 0)
        sound = np.concatenate(list(scene.mixed()), 1).astype(np.float32)
        return drawer.nearness(Audio(sound, _JUDGED_HZ), words)

    def _settled(self, models: Models, progress: Progress) -> tuple[tuple[Planned, ...], dict[str, Any]]:
        """The layers with every number found, and what to say of how it was."""
        if self.engine != "synth":
            return self._drawn(self._drawer(models)), {}
        if self.prompt and (unknown := understand_sounds(self.prompt).unknown):
            warn(f"not understood, and left out: {', '.join(unknown)[:200]}")
        layers = self.planned()
        if not self.like:
            return layers, {}
        (layer,) = layers
        found = self._found(layer, progress)
        about = {"before_db": round(found.before, 1), "distance_db": round(found.distance, 1)}
        return (replace(layer, values=found.values),), about

    def _found(self, layer: Planned, progress: Progress) -> Fitted:
        assert self.like
        target = Target(self.like.read(mono=True, max_samples=MOST_SAMPLES), layer.generator)
        starts = [layer.values, *presets_of(layer.generator.name)]
        fixed = {name: layer.values[name] for name in self._asked(layer.generator) if name in layer.values}
        return fit(
            target, starts, fixed, self.trials, self.seed or 0, lambda done, all: progress.update(done, all, "fitting")
        )

    def _sounded(
        self, layers: tuple[Planned, ...], about: Mapping[str, Any], number: int, name: str, progress: Progress
    ) -> Sounded:
        seed = (self.seed or 0) + number
        count = max(round(self._seconds(layers) * self.rate), 1)
        scene = Scene(layers, count, self.rate, 1 if self.mono else 2, self.loop, seed)
        return Sounded(scene, {"seed": seed, "loops": self.loop, **about}, self, progress, name)

    def _seconds(self, layers: tuple[Planned, ...]) -> float:
        if self.seconds is not None:
            return self.seconds
        if any(layer.repeats or layer.generator.kind != "event" for layer in layers):
            return _USUAL_S
        return max(layer.generator.natural_s(layer.values) for layer in layers) + 0.4

    def _understood(self) -> Understood:
        """What the words say; without words, what the presets are of."""
        if not self.prompt.strip():
            return Understood(tuple(Layer(name, preset(name).generator) for name in self.preset or ()), ())
        try:
            return understand_sounds(self.prompt)
        except ValueError as error:
            raise ValueError(f"prompt: {error}") from None

    def _asked(self, kind: Generator) -> dict[str, str]:
        """What is set of a kind of sound, by its name or without."""
        asked, own = self.set_ or {}, {one.name for one in (*kind.parameters, *place_of(kind))}
        mine = {name: value for name, value in asked.items() if name in own}
        return mine | {
            name.partition(".")[2]: value for name, value in asked.items() if name.startswith(f"{kind.name}.")
        }

    def planned(self) -> tuple[Planned, ...]:
        """The layers with their numbers.

        Raises:
            ValueError: what is set is not of any of them, or out of range.
        """
        try:
            named = [preset(name) for name in self.preset or ()]
        except ValueError as error:
            raise ValueError(f"preset: {error}") from None
        understood = self._understood()
        kinds = [GENERATORS[layer.generator] for layer in understood.layers]
        for one in named:
            if one.generator not in {kind.name for kind in kinds}:
                raise ValueError(f"preset: {one.name} is of {one.generator}, which the words do not name")
        lasting = any(kind.kind != "event" for kind in kinds)
        planned = []
        try:
            for number, (layer, kind) in enumerate(zip(understood.layers, kinds, strict=True)):
                fitting = [one for one in named if one.generator == kind.name]
                own = next((one for one in fitting if one.name == layer.words), fitting[-1] if fitting else None)
                side = 0.0 if kind.is_wide or len(kinds) == 1 else 0.35 * (-1) ** number
                values = {**(own.values if own else {}), **self._asked(kind)}
                planned.append(plan(layer, values, side, repeats=lasting or self.loop))
            used = {name for kind in kinds for one in self._asked(kind) for name in (one, f"{kind.name}.{one}")}
            if left := [name for name in self.set_ or {} if name not in used]:
                kinds[0].settled({left[0]: ""})
        except ValueError as error:
            raise ValueError(f"set: {error}") from None
        return tuple(planned)


def _under_ceiling(samples: np.ndarray) -> np.ndarray:
    """Bent where it is loud, so that nothing passes the ceiling, wherever a block or a loop ends."""
    over = np.maximum(np.abs(samples) - _KNEE, 0)
    bent = _KNEE + (_CEILING - _KNEE) * np.tanh(over / (_CEILING - _KNEE))
    return np.where(over > 0, np.sign(samples) * bent, samples)


def _short(value: float | str) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
