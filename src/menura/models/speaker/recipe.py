"""How the speaker encoder in ``pretrained/speaker`` was made, to the last number.

    menura train speaker FOLDER --out runs/speaker

FOLDER holds recordings whose rows (manifest.jsonl) name a ``speaker`` each. Splits are by speaker: whom the model is
judged by it has never heard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float

from menura.data.contents import sounds_in
from menura.data.sounds import SoundCorpus
from menura.models.speaker.model import Batch, SpeakerConfig, SpeakerEncoder, SpeakerObjective, nano, tiny
from menura.progress import Progress
from menura.train.recipe import Recipe, Settings, preset_of

_STRETCHES = 2
_SHORTEST_FRAMES, _LONGEST_FRAMES = 100, 200
"""10 ms each; all stretches of a batch are as long."""
_MOST_SOUNDS = 12
"""Of a speaker: to know many is worth more than to know one well."""
_FEWEST_SPEAKERS = 4
_SHARE_OF_NOISE, _SNR_DB, _COLOUR = 0.6, (5.0, 40.0), 1.0
_BANDS, _EQUALISED = 6, 1.0
"""Nats by which bands are raised or lowered, as by another microphone."""
_NATS_A_DB = np.log(10) / 20


@dataclass(frozen=True)
class _Preset:
    config: SpeakerConfig
    settings: Settings


class SpeakerRecipe(Recipe[Batch]):
    """Stretches of as many speakers as a batch has room for, judged in nats a speaker."""

    family = "speaker"
    about = "Tells voices apart."
    sizes: ClassVar[Mapping[str, _Preset]] = {
        "nano": _Preset(
            nano(),
            Settings(
                minutes=15, peak_learning_rate=3e-3, batch_size=64, weight_decay=0.05, validation_batches=8,
                warmup_steps=50, average_decay=0.99,
            ),
        ),
        "tiny": _Preset(
            tiny(),
            Settings(minutes=0.5, peak_learning_rate=4e-3, batch_size=4, warmup_steps=5, validation_batches=1),
        ),
    }  # fmt: skip
    presets = tuple(sizes)

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress) -> None:
        size = preset_of(self.sizes, preset)
        self.preset, self.seed, self.settings = preset, seed, size.settings
        of_speaker: dict[str, list[Any]] = defaultdict(list)
        for sound in sounds_in(data, progress.say):
            if speaker := str(sound.row.get("speaker") or ""):
                of_speaker[speaker].append(sound)
        found = [(speaker, sound) for speaker, sounds in of_speaker.items() for sound in sounds[:_MOST_SOUNDS]]
        if len(of_speaker) < _FEWEST_SPEAKERS:
            raise ValueError(
                f"{data} names {len(of_speaker)} speakers (speaker in manifest.jsonl); there must be {_FEWEST_SPEAKERS}"
            )
        self.sounds = SoundCorpus.of(found, size.config.sample_rate_hz, cache, progress)
        self.data_sha256 = self.sounds.sha256
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = self.network = SpeakerEncoder(size.config)
            self.objective = SpeakerObjective(self.network)
        self.mels = [self._mel(index, progress) for index in range(len(self.sounds.names))]
        self.members = {split: self._speakers(split) for split in ("train", "valid")}

    def batch(self, step: int, device: str) -> Batch:
        rng = np.random.default_rng((self.seed, step))
        count = int(rng.integers(_SHORTEST_FRAMES, _LONGEST_FRAMES + 1))
        speakers = rng.choice(len(self.members["train"]), self._count("train"), replace=False)
        return self._batch("train", speakers, count, rng, True, device)

    def validation_batch(self, index: int, device: str) -> Batch:
        rng = np.random.default_rng((1, index))
        speakers = rng.choice(len(self.members["valid"]), self._count("valid"), replace=False)
        return self._batch("valid", speakers, _LONGEST_FRAMES, rng, False, device)

    def amount(self) -> str:
        learnt, judged = (len(self.members[split]) for split in ("train", "valid"))
        return f"{learnt} speakers to learn from, {judged} to judge by"

    def provenance(self) -> Mapping[str, Any]:
        return {
            "data": self.sounds.collections,
            "speakers": {split: len(speakers) for split, speakers in self.members.items()},
            "minutes": round(sum(self.sounds.minutes("train").values()), 1),
            "held_out_is": self.sounds.held_out,
            "left_out": len(self.sounds.skipped),
        }

    def _count(self, split: str) -> int:
        return min(self.settings.batch_size, len(self.members[split]))

    def _mel(self, index: int, progress: Progress) -> Float[np.ndarray, "frame mel"]:
        if index % 100 == 0:
            progress.update(index, len(self.sounds.names), "mel frames")
        start, stop = self.sounds.starts[index : index + 2]
        return self.network.log_mel(self.sounds.samples[start:stop] / np.float32(32767)).astype(np.float16)

    def _speakers(self, split: str) -> list[list[int]]:
        """The sounds of each speaker who has enough of them for the stretches of a batch."""
        known = {
            speaker for speaker, said in zip(self.sounds.kinds, self.sounds.splits, strict=True) if said == "train"
        }
        found: dict[str, list[int]] = defaultdict(list)
        for index, (said, speaker) in enumerate(zip(self.sounds.splits, self.sounds.kinds, strict=True)):
            if said == split and (split == "train" or speaker not in known):
                found[speaker].append(index)
        speakers = [
            sounds for sounds in found.values() if sum(len(self.mels[one]) for one in sounds) >= _LONGEST_FRAMES
        ]
        if len(speakers) < 2:
            raise ValueError(f"the split {split!r} has {len(speakers)} speakers with 2 s of speech; 2 are the fewest")
        return speakers

    def _batch(
        self, split: str, speakers: np.ndarray, count: int, rng: np.random.Generator, is_changed: bool, device: str
    ) -> Batch:
        rows = []
        for speaker in speakers:
            sounds = self.members[split][speaker]
            chosen = rng.permutation(len(sounds))  # another sound for each stretch, where there are so many
            stretches = [
                self._stretch(self.mels[sounds[chosen[place % len(sounds)]]], count, rng) for place in range(_STRETCHES)
            ]
            rows.append(np.stack([changed(one, rng) if is_changed else one for one in stretches]))
        return Batch(torch.from_numpy(np.stack(rows).astype(np.float32)).to(device))

    def _stretch(
        self, mel: Float[np.ndarray, "frame mel"], count: int, rng: np.random.Generator
    ) -> Float[np.ndarray, "count mel"]:
        """Consecutive frames; a sound that is shorter is heard again."""
        begin = int(rng.integers(max(len(mel) - count, 0) + 1))
        part = mel[begin : begin + count].astype(np.float32)
        return np.resize(part, (count, mel.shape[1]))


def changed(mel: Float[np.ndarray, "frame mel"], rng: np.random.Generator) -> Float[np.ndarray, "frame mel"]:
    """Log-mels as by another microphone, and with noise."""
    bands = mel.shape[1]
    curve = np.interp(np.linspace(0, 1, bands), np.linspace(0, 1, _BANDS), rng.normal(0, _EQUALISED, _BANDS))
    mel = mel + curve
    if rng.random() < _SHARE_OF_NOISE:
        level = np.quantile(mel, 0.9) - _NATS_A_DB * rng.uniform(*_SNR_DB)
        slope = rng.normal(-1, _COLOUR) * np.linspace(-0.5, 0.5, bands)
        mel = np.logaddexp(mel, level + slope + 0.4 * rng.standard_normal(mel.shape))
    return mel.astype(np.float32)
