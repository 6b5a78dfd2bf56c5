"""How codecs of any family are trained: the sound they learn from, its shares and changes, and their batches.

Data are any folder of sound. Speech, effects and music are drawn in fixed shares, told apart by the names of their
folders; scores (MIDI files) that lie there are played with the SoundFont at hand if that is asked for, and are music
too; steady and gliding tones, which recordings hardly hold, are made (`data/tones.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from menura.audio import Audio
from menura.data.augment import Chain, Equalise, Gain, Mix, Resample
from menura.data.contents import contents
from menura.data.folders import fingerprint
from menura.data.midi_folder import ScoreFile
from menura.data.sound_folder import Sound
from menura.data.sounds import SoundCorpus, SoundCrops
from menura.data.tones import Tones
from menura.nn.coding import CodingObjective, SoundBatch
from menura.progress import Progress
from menura.score import midi
from menura.score.notes import ONSET
from menura.score.synth import soundfont
from menura.score.synth.render import Renderer
from menura.train.options import CodingOptions
from menura.train.recipe import Recipe, Settings, preset_of

SHARES = {"speech": 0.27, "effects": 0.18, "music": 0.14, "scores": 0.11, "tones": 0.3}
_KINDS = {"speech": r"speech|voice|talk|read", "effects": r"sfx|effect|drum|noise", "music": r"music|song"}
_NOT_SOUND = r"\bir-|impulse"
_SCORE_SECONDS = 30.0
CROP_S = 1.0
_CHANGE = Chain(((0.4, Resample(0.7, 1.4)), (0.4, Equalise()), (0.25, Mix()), (1.0, Gain())))
"""A few hours of sound are learnt by heart without it."""
_NUM_EXAMPLES = 4
_DISCRIMINATORS_FROM = 0.75
"""Share of the run that is reconstruction alone."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One size of a codec.

    Args:
        make: the untaught model.
        discriminators: its discriminators, or None for reconstruction alone.
        settings: of the run.
        tones: how many sounds of tones are made to learn from.
    """

    make: Callable[[], Any]
    discriminators: Callable[[], nn.Module | None]
    settings: Settings
    tones: int = 0


@dataclass(frozen=True)
class PlayedScore:
    """The beginning of a score, played."""

    score: ScoreFile
    renderer: Renderer
    soundfont: Path

    @property
    def name(self) -> str:
        return self.score.name

    def read(self, sample_rate_hz: int, mono: bool) -> Audio:
        score = midi.read(self.score.read())
        tracks = [
            replace(track, notes=track.notes[score.seconds(track.notes[:, ONSET]) < _SCORE_SECONDS])
            for track in score.tracks
        ]
        mix = self.renderer.render(replace(score, tracks=tuple(tracks))).mix
        beginning = mix.cut(0, min(_SCORE_SECONDS, mix.duration_s)).resampled(sample_rate_hz)
        return beginning.mono() if mono else beginning

    def split(self) -> str:
        return self.score.split()

    def fingerprint(self) -> str:
        return f"{self.score.fingerprint()}, played by {fingerprint(self.soundfont)}"


def kind_of(sound: Sound) -> str:
    """Speech, effects or music: by the names of a sound's folders, else by what is said of it."""
    for kind, pattern in _KINDS.items():
        if re.search(pattern, sound.name.lower()):
            return kind
    return "speech" if sound.row.get("text") else "effects" if sound.row.get("label") else "music"


def sources(
    data: Path, rate_hz: int, num_scores: int | None, progress: Progress
) -> list[tuple[str, Sound | PlayedScore]]:
    """The sounds of a folder with their kinds, and the beginnings of scores, spread evenly.

    Args:
        data: the folder.
        rate_hz: at which scores are played.
        num_scores: how many of the scores there to play, at most; None where nobody said: then none are, which is said.
        progress: is told what is left aside.

    Raises:
        ValueError: there is nothing to learn from.
        FileNotFoundError: scores are to be played, and there is no SoundFont.
    """
    found, scores = contents(data, progress.say)
    sounds = [sound for sound in found if not re.search(_NOT_SOUND, sound.name.lower())]
    if len(sounds) < len(found):
        progress.say(f"{len(found) - len(sounds)} impulse responses are left aside")
    if not sounds and not num_scores:
        held = f"{len(scores)} MIDI files and no sound" if scores else "impulse responses alone"
        hint = f"; did you mean score_lm, or --scores {len(scores)}, to learn from their sound?" if scores else ""
        raise ValueError(f"{data} holds {held}{hint}")
    if num_scores is None and scores:
        progress.say(f"{len(scores)} MIDI files are left aside; --scores {len(scores)} has them played and learnt from")
    if not num_scores or not scores:
        return [(kind_of(sound), sound) for sound in sounds]
    font = soundfont.find(None)
    renderer = Renderer(font, rate_hz)
    chosen = np.linspace(0, len(scores) - 1, min(num_scores, len(scores))).astype(int)
    return [
        *((kind_of(sound), sound) for sound in sounds),
        *(("scores", PlayedScore(scores[index], renderer, font)) for index in chosen),
    ]


class CodingRecipe(Recipe[SoundBatch]):
    """Mel and complex spectra, with discriminators in the last quarter of the run; crops of `crop_s`."""

    sizes: ClassVar[Mapping[str, Preset]]
    shares: ClassVar[Mapping[str, float]] = SHARES
    """How often each kind is drawn."""
    crop_s: ClassVar[float] = CROP_S
    objective_of: ClassVar[type[CodingObjective]] = CodingObjective

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress, **options: Any) -> None:
        scores = CodingOptions(**options).scores
        size = preset_of(self.sizes, preset)
        self.preset, self.seed, self.settings = preset, seed, size.settings
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = self.codec = size.make()
            self.objective = self.objective_of(self.codec, size.discriminators(), _DISCRIMINATORS_FROM)
        rate = self.codec.sample_rate_hz
        tones = [("tones", Tones(number, rate)) for number in range(size.tones)]
        self.corpus = SoundCorpus.of(sources(data, rate, scores, progress), rate, cache, progress, tones)
        self.chosen, self.data_sha256 = {"scores": self._num_files("scores")}, self.corpus.sha256
        length = round(self.crop_s * self.codec.frames_per_s) * self.codec.hop_samples
        self.training = SoundCrops(self.corpus, "train", length, self.shares, seed, _CHANGE)
        self.validation = SoundCrops(self.corpus, "valid", length, self.shares, 1)

    def batch(self, step: int, device: str) -> SoundBatch:
        count, num_codebooks = self.settings.batch_size, self.codec.num_codebooks
        rng = np.random.default_rng((self.seed, step))
        # Half of the items keep all codebooks, the others one to all of them.
        used = np.where(rng.random(count) < 0.5, num_codebooks, rng.integers(1, num_codebooks + 1, count))
        return self._crops(self.training.batch(step, count), device, used)

    def validation_batch(self, index: int, device: str) -> SoundBatch:
        return self._crops(self.validation.batch(index, self.settings.batch_size), device)

    @staticmethod
    def _crops(sound: np.ndarray, device: str, used: np.ndarray | None = None) -> SoundBatch:
        return SoundBatch(
            torch.from_numpy(sound).to(device), None if used is None else torch.from_numpy(used).to(device)
        )

    def examples(self) -> dict[str, Audio]:
        found = {}
        for index, sound in enumerate(self.validation.batch(10**6, _NUM_EXAMPLES)):
            audio = Audio(sound, self.codec.sample_rate_hz)
            found[f"example {index + 1}/as it is"] = audio
            for num_codebooks in (self.codec.num_codebooks // 2, self.codec.num_codebooks):
                kbps = self.codec.kbps(num_codebooks)
                found[f"example {index + 1}/{kbps:g} kbps"] = self.codec.decode(self.codec.encode(audio, kbps))
        return found

    def amount(self) -> str:
        corpus = self.corpus
        minutes = ", ".join(f"{much:g} minutes of {kind}" for kind, much in corpus.minutes("train").items())
        judged = sum(corpus.minutes("valid").values())
        files = sum(self._num_files(kind) for kind in SHARES if kind != "tones")
        return f"{files} files, {minutes} to learn from; {judged:.2g} to judge by ({corpus.held_out})"

    def _num_files(self, kind: str) -> int:
        return len({name for name, its in zip(self.corpus.names, self.corpus.kinds, strict=True) if its == kind})

    def provenance(self) -> dict[str, Any]:
        return {
            "data": self.corpus.collections,
            "minutes_of_sound": self.corpus.minutes("train"),
            "held_out_minutes": self.corpus.minutes("valid"),
            "held_out_is": self.corpus.held_out,
            "left_out": len(self.corpus.skipped),
        }
