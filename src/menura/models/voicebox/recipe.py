"""How a voicebox is made, to the last number.

    menura train voicebox DATA --out runs/voicebox

DATA is a folder of speech whose texts are told (`menura.data.speech`), by as many people as can be had. The shipped
aligner finds all durations, those that are told too, so that all are of one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Bool

from menura.data.speech import NUM_MELS, SpeechCorpus
from menura.data.speech_draws import Draws
from menura.models.voicebox.model import (
    Batch,
    Voicebox,
    VoiceboxConfig,
    VoiceboxObjective,
    continuous,
    nano,
    tiny,
)
from menura.progress import Progress
from menura.text.speech.phonemes import SYMBOLS
from menura.train.aligning import with_durations
from menura.train.recipe import Recipe, Settings, preset_of

_RARE_VOICES = 0.5
"""Of how often voices are heard: the power of their minutes."""
_LEAST_HIDDEN = 0.7
"""Of an utterance, up to all of it."""
_MOST_SPANS = 5
"""Hidden and known ones in turn."""
_UNTOLD = 0.15
"""Share of the items that are told nothing, so that there is something to be guided away from."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One size of a voicebox, and its run."""

    config: Callable[[tuple[str, ...]], VoiceboxConfig]
    settings: Settings


class VoiceboxRecipe(Recipe[Batch]):
    """Utterances of like length, rare voices more often than their share, most of each hidden in a few spans."""

    family = "voicebox"
    about = (
        "Makes frames of speech between others, in their voice, told the phonemes and how long they last: words said "
        "anew inside a recording, and whole texts after it. `menura edit-speech` uses one."
    )
    sizes: ClassVar[Mapping[str, Preset]] = {
        "nano": Preset(
            config=nano,
            settings=Settings(
                minutes=180, peak_learning_rate=1.5e-3, batch_size=3, weight_decay=0.01, decay_share=0.5,
                validation_batches=24, largest_gradient=2.0, betas=(0.9, 0.98),
            ),
        ),
        "tiny": Preset(
            config=tiny,
            settings=Settings(
                minutes=1, peak_learning_rate=3e-3, batch_size=4, warmup_steps=5, validation_batches=1,
                largest_gradient=2.0,
            ),
        ),
    }  # fmt: skip
    presets = tuple(sizes)

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress) -> None:
        size = preset_of(self.sizes, preset)
        self.preset, self.seed, self.settings = preset, seed, size.settings
        self.corpus = with_durations(SpeechCorpus.of(data, cache, progress), cache, progress, told_too=True)
        self.data_sha256 = self.corpus.sounds.sha256
        self.draws: dict[str, Draws] = {}
        for split in ("train", "valid"):
            members = [one for one in self.corpus.members(split) if self.corpus.utterances[one].durations is not None]
            if not members:
                raise ValueError(f"{data}: no utterance fits its text of what to learn from, or of what to judge by")
            self.draws[split] = Draws(self.corpus, np.array(members), self.settings.batch_size, _RARE_VOICES)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = self.voicebox = Voicebox(size.config(SYMBOLS))
            self.objective = VoiceboxObjective(self.voicebox)

    def batch(self, step: int, device: str) -> Batch:
        return self._batch("train", np.random.default_rng((self.seed, step)), _UNTOLD, device)

    def validation_batch(self, index: int, device: str) -> Batch:
        return self._batch("valid", np.random.default_rng((1, index)), 0.0, device)

    def _batch(self, split: str, rng: np.random.Generator, untold: float, device: str) -> Batch:
        corpus, chosen = self.corpus, self.draws[split].items(rng)
        rows = [self.voicebox.numbers(corpus.utterances[index].symbols) for index in chosen]
        count, num_symbols = len(chosen), max(map(len, rows))
        num_frames = max(corpus.num_frames(index) for index in chosen)
        num_frames += num_frames % 2
        symbols, durations = np.full((count, num_symbols), -1), np.zeros((count, num_symbols), np.int64)
        mel = np.zeros((count, num_frames, NUM_MELS), np.float32)
        log_f0 = np.zeros((count, num_frames), np.float32)
        voiced, known = np.zeros((2, count, num_frames), bool)
        for place, (index, numbers) in enumerate(zip(chosen, rows, strict=True)):
            frames, f0 = corpus.num_frames(index), corpus.f0(index)
            symbols[place, : len(numbers)] = numbers
            durations[place, : len(numbers)] = corpus.utterances[index].durations
            mel[place, :frames], voiced[place, :frames] = corpus.mel(index), f0 > 0
            log_f0[place, :frames] = continuous(f0, f0 > 0)
            known[place, :frames] = known_frames(frames, rng)
        time = rng.random(count, np.float32)
        noise = rng.standard_normal((count, num_frames, self.voicebox.config.num_features), np.float32)
        arrays = (symbols, durations, mel, log_f0, voiced, known, time, noise, rng.random(count) >= untold)
        return Batch(*(torch.from_numpy(array).to(device) for array in arrays))

    def amount(self) -> str:
        learnt, judged = (self.draws[split].minutes for split in ("train", "valid"))
        return f"{learnt:.3g} minutes to learn from; {judged:.2g} to judge by ({self.corpus.sounds.held_out})"

    def provenance(self) -> dict[str, Any]:
        used = [self.corpus.utterances[index] for index in self.draws["train"].members]
        return {
            "data": self.corpus.sounds.collections,
            "licenses": sorted({one.license for one in used if one.license}),
            "minutes_of_speech": {split: round(draws.minutes, 1) for split, draws in self.draws.items()},
            "voices": len({voice for one in used for voice in one.speaker}),
            "left_out": len(self.corpus.sounds.skipped),
        }


def known_frames(count: int, rng: np.random.Generator) -> Bool[np.ndarray, " frame"]:
    """Which frames are shown: at most three tenths, in spans between those that are hidden.

    Args:
        count: of frames.
        rng: draws how many are shown, in how many spans of which lengths, and which of both kinds comes first.
    """
    kinds = (np.arange(rng.integers(2, _MOST_SPANS + 1)) + rng.integers(2)) % 2 == 0
    hidden = rng.uniform(_LEAST_HIDDEN, 1) * count
    shares = rng.dirichlet(np.ones(len(kinds)))
    lengths = np.empty(len(kinds))
    for kind, total in ((True, count - hidden), (False, hidden)):
        lengths[kinds == kind] = shares[kinds == kind] / shares[kinds == kind].sum() * total
    ends = np.rint(np.cumsum(lengths)).astype(np.int64)
    return np.repeat(kinds, np.diff(ends, prepend=0))
