"""Sound: words in, the sounds that they name out, made by rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

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
from menura.progress import Progress, warn
from menura.synth.catalogue import GENERATORS
from menura.tasks.fields import Seed
from menura.tasks.layers import Planned, Scene, plan
from menura.tasks.limits import MOST_SAMPLES
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.sound import Sounding
from menura.tasks.task import Category, Stream, Task, pairs
from menura.text.sounds import Understood, understand_sounds

_CEILING_DBTP = -1.0
_KNEE, _CEILING = 0.6, 0.85
_USUAL_S = 10.0
_MOST_CHARACTERS = 2000
_WHOLE_S = 60
"""What is shorter has its loudness measured as a whole; what is longer, in its first minute or so."""


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

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write the sound file and, if wanted, ``stem.png`` and each layer in ``stem-stems/``; all or none."""
        stem, wanted, rate = Path(stem), self.wanted, self.scene.sample_rate_hz
        extension, written = f".{wanted.format}", []
        with writing_beside(stem, overwrite) as staged:

            def put(blocks: Iterator[np.ndarray], name: str) -> None:
                path = Path(f"{staged}{name}")
                path.parent.mkdir(parents=True, exist_ok=True)
                write_blocks(blocks, path, wanted.format, rate, bits=int(wanted.bits), channels=self.scene.num_channels)
                if self.scene.loops and wanted.format == "wav":
                    mark_loop(path, self.scene.num_samples, rate)
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


class Sound(Sounding, Task):
    """Make the sounds that words name, by rules: no model is needed.

    Each part of the words becomes a layer: "heavy rain on a tin roof, distant thunder" is two. `menura sounds` lists
    what there is, and what of it can be set. The sound is as long as asked to the sample; as a loop its end leads into
    its beginning.
    """

    name: ClassVar[str] = "sound"
    category: ClassVar[Category] = "Sound"
    streams: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("prompt",)
    counted_by: ClassVar[tuple[str, ...]] = ("variations",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("seconds", "loop", "variations", "set_", "seed"),
        "Sound": ("mono", "rate", "loudness", "stems", "format", "bits", "picture", "output"),
    }

    prompt: Annotated[
        str, Field(min_length=1, max_length=_MOST_CHARACTERS, description="the sounds, as words, with commas between")
    ]
    seconds: Annotated[
        float | None,
        Field(ge=0.05, le=3600, description="how long, to the sample (default: 10, or as long as an event lasts)"),
    ] = None
    loop: Annotated[bool, Field(description="let the end lead into the beginning")] = False
    variations: Annotated[int, Field(ge=1, le=64, description="how many takes, numbered, each a little other")] = 1
    set_: Annotated[
        dict[str, str] | None,
        BeforeValidator(pairs),
        Field(description="parameters by name, as drop_rate=80,surface=tin; of one layer as rain.drop_rate=80"),
    ] = None
    mono: Annotated[bool, Field(description="one channel, not two")] = False
    rate: Annotated[int, Field(ge=8000, le=192_000, description="samples a second")] = 48_000
    loudness: Annotated[float, Field(ge=-60, le=-5, description="in LUFS")] = -20.0
    stems: Annotated[bool, Field(description="also write each layer alone")] = False
    seed: Annotated[Seed | None, Field(description="the same seed gives the same samples")] = None

    def names(self) -> tuple[str, ...]:
        return ("",) if self.variations == 1 else tuple(f"-{number + 1}" for number in range(self.variations))

    def check(self) -> None:
        try:
            understood = understand_sounds(self.prompt)
        except ValueError as error:
            raise ValueError(f"prompt: {error}") from None
        try:
            self._planned(understood)
        except ValueError as error:
            raise ValueError(f"set: {error}") from None

    def run(self, models: Models, progress: Progress) -> Iterator[Sounded]:  # noqa: ARG002
        for number, name in enumerate(self.names()):
            yield self._sounded(number, name, progress)

    def stream(self, models: Models, progress: Progress) -> Stream:  # noqa: ARG002
        sounded = self._sounded(0, "", progress)
        scene = sounded.scene
        parts = (block.astype(np.float32) for block in sounded.blocks())
        return Stream(scene.sample_rate_hz, scene.num_channels, scene.num_samples, parts)

    def _sounded(self, number: int, name: str, progress: Progress) -> Sounded:
        understood = understand_sounds(self.prompt)
        if understood.unknown:
            warn(f"not understood, and left out: {', '.join(understood.unknown)[:200]}")
        layers = self._planned(understood)
        seed = (self.seed or 0) + number
        count = max(round(self._seconds(layers) * self.rate), 1)
        scene = Scene(layers, count, self.rate, 1 if self.mono else 2, self.loop, seed)
        about = {"seed": seed, "loops": self.loop}
        return Sounded(scene, about, self, progress, name)

    def _seconds(self, layers: tuple[Planned, ...]) -> float:
        if self.seconds is not None:
            return self.seconds
        if any(layer.repeats or layer.generator.kind != "event" for layer in layers):
            return _USUAL_S
        return max(layer.generator.natural_s(layer.values) for layer in layers) + 0.4

    def _planned(self, understood: Understood) -> tuple[Planned, ...]:
        """The layers with their numbers.

        Raises:
            ValueError: what is set is not of any of them, or out of range.
        """
        asked = dict(self.set_ or {})
        kinds = [GENERATORS[layer.generator] for layer in understood.layers]
        lasting = any(kind.kind != "event" for kind in kinds)
        used: set[str] = set()
        planned = []
        for number, (layer, kind) in enumerate(zip(understood.layers, kinds, strict=True)):
            own = {parameter.name for parameter in kind.parameters}
            mine = {name: value for name, value in asked.items() if name in own}
            mine |= {name.partition(".")[2]: value for name, value in asked.items() if name.startswith(f"{kind.name}.")}
            used |= {name for name in asked if name in own or name.startswith(f"{kind.name}.")}
            side = 0.0 if kind.is_wide or len(kinds) == 1 else 0.35 * (-1) ** number
            planned.append(plan(layer, mine, side, repeats=lasting or self.loop))
        if left := [name for name in asked if name not in used]:
            kinds[0].settled({left[0]: ""})
        return tuple(planned)


def _under_ceiling(samples: np.ndarray) -> np.ndarray:
    """Bent where it is loud, so that nothing passes the ceiling, wherever a block or a loop ends."""
    over = np.maximum(np.abs(samples) - _KNEE, 0)
    bent = _KNEE + (_CEILING - _KNEE) * np.tanh(over / (_CEILING - _KNEE))
    return np.where(over > 0, np.sign(samples) * bent, samples)


def _short(value: float | str) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
