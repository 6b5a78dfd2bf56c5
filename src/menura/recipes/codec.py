"""How the codec in ``pretrained/codec`` was made: its data, its loss, its training, to the last number.

    menura train codec DATA --out runs/codec

DATA is any folder of sound. Speech, effects and music are drawn in fixed shares, told apart by the names of their
folders; scores (MIDI files) that lie there are played with the SoundFont at hand and are music too. Numbers of the
shipped run stand in the card beside the weights.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from menura.audio import Audio
from menura.data.augment import Chain, Equalise, Gain, Mix, Resample
from menura.data.midi_folder import ScoreFile, find_scores
from menura.data.sound_folder import Sound, find_sounds
from menura.data.sounds import SoundCorpus, SoundCrops
from menura.models.codec import Codec, nano, tiny
from menura.nn.coding import Coder, CodingObjective, SoundBatch
from menura.nn.discriminators import FrameDiscriminator
from menura.progress import Progress
from menura.score import midi, soundfont
from menura.score.notes import ONSET
from menura.score.render import Renderer
from menura.train.machine import autocast_dtype
from menura.train.recipe import Recipe, Settings

SHARES = {"speech": 0.4, "effects": 0.25, "music": 0.2, "scores": 0.15}
_KINDS = {"speech": r"speech|voice|talk|read", "effects": r"sfx|effect|drum|noise", "music": r"music|song"}
_NOT_SOUND = r"\bir-|impulse"
_SCORE_SECONDS = 30.0
_CROP_S = 1.0
_CHANGE = Chain(((0.4, Resample(0.7, 1.4)), (0.4, Equalise()), (0.25, Mix()), (1.0, Gain())))
"""A few hours of sound are learnt by heart without it."""
_NUM_EXAMPLES = 4
_JUDGES_FROM = 0.75
"""Share of the run that is reconstruction alone."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One size of a codec.

    Args:
        make: the untaught model.
        judges: its discriminators, or None for reconstruction alone.
        settings: of the run.
        scores: how many scores are played to learn from.
    """

    make: Callable[[], Coder]
    judges: Callable[[], nn.Module | None]
    settings: Settings
    scores: int = 0


@dataclass(frozen=True)
class _Played:
    """The beginning of a score, played."""

    score: ScoreFile
    renderer: Renderer

    @property
    def name(self) -> str:
        return self.score.name

    def read(self) -> Audio:
        score = midi.read(self.score.read())
        tracks = [
            replace(track, notes=track.notes[score.seconds(track.notes[:, ONSET]) < _SCORE_SECONDS])
            for track in score.tracks
        ]
        mix = self.renderer.render(replace(score, tracks=tuple(tracks))).mix
        return mix.cut(0, min(_SCORE_SECONDS, mix.duration_s))

    def split(self) -> str:
        return self.score.split()


def kind_of(sound: Sound) -> str:
    """Speech, effects or music: by the names of a sound's folders, else by what is said of it."""
    for kind, pattern in _KINDS.items():
        if re.search(pattern, sound.name.lower()):
            return kind
    return "speech" if sound.row.get("text") else "effects" if sound.row.get("label") else "music"


def sources(data: Path, rate_hz: int, num_scores: int, progress: Progress) -> Iterator[tuple[str, Any]]:
    """Everything under a folder with its kind, and the beginnings of up to `num_scores` scores, spread evenly."""
    for sound in find_sounds(data):
        if not re.search(_NOT_SOUND, sound.name.lower()):
            yield kind_of(sound), sound
    scores = list(find_scores(data)) if num_scores else []
    if not scores:
        return
    try:
        renderer = Renderer(soundfont.find(None), rate_hz)
    except FileNotFoundError as error:
        progress.say(f"{len(scores)} scores are not played: {error}")
        return
    for index in np.linspace(0, len(scores) - 1, min(num_scores, len(scores))).astype(int):
        yield "scores", _Played(scores[index], renderer)


class CodingRecipe(Recipe[SoundBatch]):
    """Mel and complex spectra, with judges in the last quarter of the run; crops of a second. For every `Coder`."""

    sizes: ClassVar[Mapping[str, Preset]]

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress) -> None:
        if preset not in self.sizes:
            raise ValueError(f"preset: {preset[:40]!r} is not one of {', '.join(self.sizes)}")
        chosen = self.sizes[preset]
        self.preset, self.seed, self.settings = preset, seed, chosen.settings
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = self.coder = chosen.make()
            self.objective = CodingObjective(self.coder, chosen.judges(), _JUDGES_FROM)
        rate = self.coder.sample_rate_hz
        folder = cache / "sounds"
        if (folder / "sounds.json").exists():
            self.corpus = SoundCorpus.load(folder)
            progress.say(f"taking the sound from {folder}; delete that folder if the data have changed")
        else:
            self.corpus = SoundCorpus.build(sources(data, rate, chosen.scores, progress), rate, folder, progress)
        length = round(_CROP_S * self.coder.frames_per_s) * self.coder.hop_samples
        self.training = SoundCrops(self.corpus, "train", length, SHARES, seed, _CHANGE)
        self.validation = SoundCrops(self.corpus, "valid", length, SHARES, 1)

    def batch(self, step: int, device: str) -> SoundBatch:
        count, stages = self.settings.batch_size, self.coder.stages
        rng = np.random.default_rng((self.seed, step))
        # Half of the items keep all codebooks, the others one to all of them.
        used = np.where(rng.random(count) < 0.5, stages, rng.integers(1, stages + 1, count))
        return self._batch(self.training.batch(step, count), used, device)

    def validation_batch(self, index: int, device: str) -> SoundBatch:
        count = self.settings.batch_size
        return self._batch(self.validation.batch(index, count), np.full(count, self.coder.stages), device)

    @staticmethod
    def _batch(sound: np.ndarray, used: np.ndarray, device: str) -> SoundBatch:
        return SoundBatch(torch.from_numpy(sound).to(device), torch.from_numpy(used).to(device))

    def examples(self) -> dict[str, Audio]:
        found = {}
        for index, sound in enumerate(self.validation.batch(10**6, _NUM_EXAMPLES)):
            audio = Audio(sound, self.coder.sample_rate_hz)
            found[f"example {index + 1}/as it is"] = audio
            for stages in (self.coder.stages // 2, self.coder.stages):
                kbps = self.coder.kbps(stages)
                found[f"example {index + 1}/{kbps:g} kbps"] = self.coder.decode(self.coder.encode(audio, kbps))
        return found

    def amount(self) -> str:
        minutes = ", ".join(f"{much:g} minutes of {kind}" for kind, much in self.corpus.minutes("train").items())
        return f"{minutes} to learn from"

    def provenance(self) -> dict[str, Any]:
        sets = sorted({name.split("/")[0] for name in self.corpus.names})
        return {
            "data": sets,
            "minutes_of_sound": self.corpus.minutes("train"),
            "held_out_minutes": self.corpus.minutes("valid"),
            "left_out": len(self.corpus.skipped),
        }


def seconds_a_step(steps: int = 2) -> float:
    """How long a step of the shipped codec takes on this machine, judges aside: measured on noise."""
    preset = CodecRecipe.sizes["nano"]
    coder = preset.make()
    objective = CodingObjective(coder, None, 1.0).train()
    sound = 0.1 * torch.randn(preset.settings.batch_size, round(_CROP_S * coder.sample_rate_hz))
    batch = SoundBatch(sound, torch.full((len(sound),), coder.stages))
    dtype = autocast_dtype("cpu")
    started = time.perf_counter()
    for step in range(steps + 1):
        if step == 1:  # the first is slower than those that follow
            started = time.perf_counter()
        with torch.autocast("cpu", dtype, enabled=dtype is not None):
            loss = next(objective.losses(batch, 0.0))
        loss.value.backward()
    return (time.perf_counter() - started) / steps


class CodecRecipe(CodingRecipe):
    """The codec on spectral frames, judged at the rate of frames."""

    family = "codec"
    about = (
        "Turns sound into few codes and back: speech, effects and music at 24 kHz, at 0.75 to 6 kilobits a second from "
        "one model, whole or as it comes. `menura encode` and `menura decode` use it."
    )
    sizes: ClassVar[Mapping[str, Preset]] = {
        "nano": Preset(
            make=lambda: Codec(nano()),
            judges=FrameDiscriminator,
            settings=Settings(
                minutes=300, peak_learning_rate=1e-3, batch_size=8, weight_decay=0.01, decay_share=0.4,
                validation_batches=8, largest_gradient=10.0, betas=(0.8, 0.99),
            ),
            scores=400,
        ),
        "tiny": Preset(
            make=lambda: Codec(tiny()),
            judges=lambda: FrameDiscriminator((256,), 2, 8),
            settings=Settings(minutes=1, peak_learning_rate=2e-3, batch_size=4, warmup_steps=5, validation_batches=1),
        ),
    }  # fmt: skip
    presets = tuple(sizes)
