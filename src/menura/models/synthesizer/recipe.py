"""How the synthesizer in ``pretrained/synthesizer`` was made, to the last number.

    menura train synthesizer DATA --out runs/synthesizer

DATA is a folder of speech whose texts are told (`menura.data.speech`); `menura.data.teacher_speech` makes some. Where
durations are not told, the shipped aligner finds them. At the end each voice's manner is measured (`manner.py`); this
measures it of weights that are there already, of the voices that DATA has, and writes it into their config.json:

    python -m menura.models.synthesizer.recipe MODEL DATA
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from menura import checkpoint
from menura.data.speech import FRAME_MS, SpeechCorpus
from menura.data.speech_draws import Draws
from menura.files import read_json, write_json
from menura.models.synthesizer.example import Example
from menura.models.synthesizer.manner import measured_manner
from menura.models.synthesizer.model import (
    Batch,
    Synthesizer,
    SynthesizerConfig,
    Taught,
    Voice,
    nano,
    tiny,
)
from menura.models.synthesizer.objective import MelDiscriminator, SynthesizerObjective
from menura.progress import Progress
from menura.text.speech.normalise import LANGUAGES
from menura.text.speech.phonemes import SYMBOLS
from menura.train.aligning import with_durations
from menura.train.recipe import Recipe, Settings, preset_of

_RARE_VOICES = 0.75
"""Of how often voices are heard: the power of their minutes."""
_VOICE_MINUTES = 3.0
"""Of its own that a voice must have to be offered by name."""
_MEASURED = 60
"""Utterances of a voice, or a few more, by which its manner is measured."""
_DISCRIMINATOR_FROM = 0.1
"""Share of the run that is mean differences alone."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One size of a synthesizer, its discriminator, and its run."""

    config: Callable[[Taught], SynthesizerConfig]
    discriminator: Callable[[], MelDiscriminator]
    settings: Settings


class SynthesizerRecipe(Recipe[Batch]):
    """Utterances of like length, rare voices more often than their share; mean differences of what can be told."""

    family = "synthesizer"
    about = (
        "Says phonemes as log-mel frames, in many voices and mixtures of them; durations, F0 and energy can be told. "
        "`menura speak` uses it."
    )
    sizes: ClassVar[Mapping[str, Preset]] = {
        "nano": Preset(
            config=nano,
            discriminator=MelDiscriminator,
            settings=Settings(
                minutes=180, peak_learning_rate=1.5e-3, batch_size=3, weight_decay=0.01, decay_share=0.5,
                validation_batches=24, largest_gradient=5.0, betas=(0.9, 0.98),
            ),
        ),
        "tiny": Preset(
            config=tiny,
            discriminator=lambda: MelDiscriminator(4),
            settings=Settings(
                minutes=1, peak_learning_rate=3e-3, batch_size=4, warmup_steps=5, validation_batches=1,
                largest_gradient=5.0,
            ),
        ),
    }  # fmt: skip
    presets = tuple(sizes)

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress) -> None:
        size = preset_of(self.sizes, preset)
        self.preset, self.seed, self.settings = preset, seed, size.settings
        self.corpus = corpus = with_durations(SpeechCorpus.of(data, cache, progress), cache, progress)
        self.data_sha256 = corpus.sounds.sha256
        members = {split: self._timed(split, progress) for split in ("train", "valid")}
        if not all(map(len, members.values())):
            raise ValueError(f"{data}: no durations are told or found of what to learn from, or of what to judge by")
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            taught = Taught(SYMBOLS, corpus.speakers, LANGUAGES, self._voices(members["train"]))
            self.model = self.synthesizer = Synthesizer(size.config(taught))
            self.objective = SynthesizerObjective(self.synthesizer, size.discriminator(), _DISCRIMINATOR_FROM)
        self.draws = {
            split: Draws(corpus, chosen, self.settings.batch_size, _RARE_VOICES) for split, chosen in members.items()
        }

    def start_from(self, source: Synthesizer) -> None:
        """Take the weights of another run, and what it says of its voices, in its order; there may be others."""
        ours, theirs = self.synthesizer.config, source.config
        if replace(theirs, speakers=ours.speakers, voices=ours.voices) != ours:
            raise ValueError("its config is another, beyond its speakers")
        weights = source.state_dict()
        table = self.synthesizer.speaker_table.detach().clone()
        for place, name in enumerate(ours.speakers):
            if name in theirs.speakers:
                table[place] = weights["speaker_table"][theirs.speakers.index(name)]
        self.synthesizer.load_state_dict({**weights, "speaker_table": table})
        known = [voice for voice in theirs.voices if voice.name in self.synthesizer.voices]
        others = [voice for voice in ours.voices if voice.name not in {one.name for one in known}]
        self.synthesizer.config = replace(ours, voices=(*known, *others))

    def finish(self, progress: Progress) -> None:
        """Measure how each voice speaks beyond what was learnt of it, on what was learnt from."""
        device = str(self.synthesizer.speaker_table.device)
        voices = []
        for number, voice in enumerate(self.synthesizer.config.voices):
            progress.update(number, len(self.synthesizer.config.voices), "measuring voices")
            said = [index for index in self.draws["train"].members if self._is_said_by(voice, index)]
            batches = (self._batch(np.array([index]), device) for index in said[:: max(len(said) // _MEASURED, 1)])
            manner = measured_manner(self.synthesizer, batches)
            own = replace(voice, length_scale=manner.length_scale, pitch_range=manner.pitch_range)
            voices.append(own if said else voice)
        self.synthesizer.config = replace(self.synthesizer.config, voices=tuple(voices))

    def _is_said_by(self, voice: Voice, index: int) -> bool:
        said = self.corpus.utterances[index]
        return set(said.speaker) == {voice.name} and not said.is_moved

    def batch(self, step: int, device: str) -> Batch:
        return self._batch(self.draws["train"].items(np.random.default_rng((self.seed, step))), device)

    def validation_batch(self, index: int, device: str) -> Batch:
        return self._batch(self.draws["valid"].items(np.random.default_rng((1, index))), device)

    def _timed(self, split: str, progress: Progress) -> np.ndarray:
        """The utterances of a split whose durations are known."""
        members = self.corpus.members(split)
        timed = [index for index in members if self.corpus.utterances[index].durations is not None]
        if len(timed) < len(members):
            progress.say(f"{len(members) - len(timed)} utterances that do not fit their text are left aside ({split})")
        return np.array(timed, np.int64)

    def _voices(self, members: np.ndarray) -> tuple[Voice, ...]:
        """Voices with enough minutes of their own, those with most first."""
        minutes: dict[str, float] = defaultdict(float)
        said: dict[str, list[tuple[str, str]]] = {}
        for index in members:
            one = self.corpus.utterances[index]
            if len(one.speaker) == 1:
                (name,) = one.speaker
                minutes[name] += self.corpus.num_frames(index) * FRAME_MS / 60_000
                said.setdefault(name, []).append((one.language, one.gender))
        most_first = sorted(minutes, key=lambda name: -minutes[name])
        kept = [name for name in most_first if minutes[name] >= _VOICE_MINUTES]
        usual = {name: Counter(said[name]).most_common(1)[0][0] for name in kept}
        return tuple(Voice(name=name, language=language, gender=gender) for name, (language, gender) in usual.items())

    def _batch(self, chosen: np.ndarray, device: str) -> Batch:
        corpus, model = self.corpus, self.synthesizer
        said = [corpus.utterances[index] for index in chosen]
        examples = [
            Example(one.symbols, one.durations, corpus.mel(index), corpus.f0(index))
            for index, one in zip(chosen, said, strict=True)
            if one.durations is not None
        ]
        speakers = np.stack([model.shares(one.speaker) for one in said])
        batch = model.batch(examples, speakers, [one.language for one in said], [not one.is_moved for one in said])
        return Batch(*(one.to(device) for one in batch))

    def amount(self) -> str:
        learnt, judged = (self.draws[split].minutes for split in ("train", "valid"))
        return f"{learnt:.3g} minutes to learn from; {judged:.2g} to judge by ({self.corpus.sounds.held_out})"

    def provenance(self) -> dict[str, Any]:
        used = [self.corpus.utterances[index] for index in self.draws["train"].members]
        return {
            "data": self.corpus.sounds.collections,
            "licenses": sorted({one.license for one in used if one.license}),
            "minutes_of_speech": {split: round(draws.minutes, 1) for split, draws in self.draws.items()},
            "voices": list(self.synthesizer.voices),
            "left_out": len(self.corpus.sounds.skipped),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="folder of a synthesizer")
    parser.add_argument("data", type=Path, help="that it learnt from, or a part of it")
    parser.add_argument("--preset", default="nano", choices=SynthesizerRecipe.presets)
    parser.add_argument("--cache", type=Path, default=Path("runs/synthesizer"), help="of what is measured of speech")
    given = parser.parse_args()
    progress, path = Progress(), given.model / "config.json"
    recipe = SynthesizerRecipe(given.data, given.cache, given.preset, 0, progress)
    model = checkpoint.load(given.model)
    recipe.start_from(model)
    recipe.synthesizer.config = replace(recipe.synthesizer.config, voices=model.config.voices)
    recipe.finish(progress)
    voices = [asdict(voice) for voice in recipe.synthesizer.config.voices]
    for voice in voices:
        print(voice["name"], voice["length_scale"], voice["pitch_range"])
    described = read_json(path)
    write_json(path, {**described, "config": {**described["config"], "voices": voices}}, overwrite=True)


if __name__ == "__main__":
    main()
