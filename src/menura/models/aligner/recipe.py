"""How the aligner in ``pretrained/aligner`` was made, to the last number.

    menura train aligner TEACHERS --out runs/first
    menura train aligner ALL --init runs/first/model --out runs/second
    menura train aligner ALL --init runs/second/model --out runs/aligner

TEACHERS holds speech whose durations are known (`menura.data.teacher_speech`), ALL recordings and their texts as well.
Without ``--init`` what has no durations is left aside; with it, the weights that one starts from find them, and frames
that they are sure of are learnt from (self-training, Scudder 1965).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Int

from menura.data.speech import SpeechCorpus, Utterance
from menura.models.aligner.augment import Augmentation
from menura.models.aligner.model import Aligner, AlignerConfig, AlignerObjective, Batch, nano, tiny
from menura.models.aligner.scores import LEAST_SCORE
from menura.models.aligner.sounds import states_of
from menura.progress import Progress
from menura.train.recipe import Recipe, Settings, preset_of

_FRAMES = 240
_LEAST_CONFIDENCE = np.log(0.1)
"""Frames of recordings that are less sure are left aside."""


@dataclass(frozen=True)
class _Preset:
    config: AlignerConfig
    settings: Settings


class AlignerRecipe(Recipe[Batch]):
    """Sounds of frames, judged in nats a frame."""

    family = "aligner"
    about = "Finds when each word and phoneme of a text is heard in a recording of it. `menura align` uses it."
    sizes: ClassVar[Mapping[str, _Preset]] = {
        "nano": _Preset(
            nano(),
            Settings(
                minutes=6, peak_learning_rate=2e-3, batch_size=24, weight_decay=0.01, validation_batches=16,
                warmup_steps=30, average_decay=0.98,
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
        self.preset, self.seed, self.settings, self.progress = preset, seed, size.settings, progress
        self.corpus = SpeechCorpus.of(data, cache, progress)
        self.data_sha256 = self.corpus.sounds.sha256
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = self.network = Aligner(size.config)
            self.objective = AlignerObjective(self.network)
        self.targets = {
            index: known_classes(one) for index, one in enumerate(self.corpus.utterances) if one.durations is not None
        }
        self._share_out()

    def start_from(self, source: Any) -> None:
        """Also finds the durations of recordings, by the weights started from."""
        super().start_from(source)
        corpus, scores = self.corpus, []
        for index, one in enumerate(corpus.utterances):
            self.progress.update(index, len(corpus.utterances), "aligning")
            if one.durations is not None:
                continue
            try:
                found = source.align(corpus.mel(index), one.symbols)
            except ValueError as error:
                self.progress.say(f"left out {one.name}: {error}")
                continue
            scores.append(found.score)
            if found.score >= LEAST_SCORE:
                self.targets[index] = found_classes(one, found.durations, found.confidences)
        fitting = sum(score >= LEAST_SCORE for score in scores)
        self.progress.say(f"aligned {len(scores)} recordings; {fitting} fit their text")
        self._share_out()

    def batch(self, step: int, device: str) -> Batch:
        rngs = [np.random.default_rng((self.seed, step, item)) for item in range(self.settings.batch_size)]
        return _batch([self._item("train", rng, Augmentation.drawn(rng)) for rng in rngs], device)

    def validation_batch(self, index: int, device: str) -> Batch:
        rngs = [np.random.default_rng((1, index, item)) for item in range(self.settings.batch_size)]
        return _batch([self._item("valid", rng, None) for rng in rngs], device)

    def amount(self) -> str:
        learnt, judged = (
            sum(len(self.targets[index]) for one in self.members[split].values() for index in one) / 4800
            for split in ("train", "valid")
        )
        return f"{learnt:.3g} minutes of known sounds to learn from, {judged:.2g} to judge by"

    def provenance(self) -> dict[str, Any]:
        sounds = self.corpus.sounds
        return {
            "data": sounds.collections,
            "utterances": {split: sum(map(len, members.values())) for split, members in self.members.items()},
            "held_out_is": sounds.held_out,
            "left_out": len(sounds.skipped),
        }

    def _share_out(self) -> None:
        """Utterances of each split by the set that they come from: sets are drawn alike often, however large."""
        self.members: dict[str, dict[str, list[int]]] = {"train": {}, "valid": {}}
        for index in self.targets:
            one = self.corpus.utterances[index]
            if one.split in self.members:
                self.members[one.split].setdefault(one.name.split("/")[0], []).append(index)
        for split, members in self.members.items():
            if not members:
                raise ValueError(f"no utterance whose durations are known falls into the split {split!r}")

    def _item(
        self, split: str, rng: np.random.Generator, augmentation: Augmentation | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Utterances of a set one after another, until there are frames enough."""
        members = list(self.members[split].values())
        indices = members[rng.integers(len(members))]
        mels, targets, count = [], [], 0
        while count < _FRAMES:
            index = indices[rng.integers(len(indices))]
            mel, may = self.corpus.mel(index), self.targets[index]
            if augmentation:
                mel, may = augmentation(mel, may, rng)
            begin = rng.integers(max(len(mel) - _FRAMES, 0) + 1)
            mels.append(mel[begin : begin + _FRAMES - count])
            targets.append(may[begin : begin + _FRAMES - count])
            count += len(mels[-1])
        return np.concatenate(mels), np.concatenate(targets)


def known_classes(one: Utterance) -> Int[np.ndarray, "frame 3"]:
    """What each frame may be where durations are known, -1 for nothing.

    Frames of a stress mark may be of the sound before or behind it, those of spaces and punctuation silent as well; so
    may those of a sound before punctuation, which holds a part of the pause.
    """
    states, durations = states_of(one.symbols), one.durations
    assert durations is not None
    class_of = {owner: place for owner, place in zip(states.owners, states.classes, strict=True) if place}
    sounds = sorted(class_of)
    rows = []
    for place in range(len(durations)):
        before = max((sound for sound in sounds if sound <= place), default=None)
        behind = min((sound for sound in sounds if sound >= place), default=None)
        may = {class_of[sound] for sound in (before, behind) if sound}
        is_sound = place in class_of
        follows = one.symbols[place] if place < len(one.symbols) else ""
        may |= {0} if not (is_sound or _is_stress(one.symbols, place)) or (is_sound and _is_pause(follows)) else set()
        rows.append([*sorted(may), -1, -1, -1][:3])
    rows[0], rows[-1] = [0, -1, -1], [0, -1, -1]
    return np.repeat(np.array(rows, np.int8), durations, axis=0)


def found_classes(
    one: Utterance, durations: Int[np.ndarray, " symbol"], confidences: np.ndarray
) -> Int[np.ndarray, "frame 3"]:
    """What each frame is taken to be, where that is sure enough."""
    states = states_of(one.symbols)
    class_of = dict(zip(states.owners, states.classes, strict=True))
    rows = np.array([[class_of.get(place, -1), -1, -1] for place in range(len(durations))], np.int8)
    may = np.repeat(rows, durations, axis=0)
    may[confidences < _LEAST_CONFIDENCE] = -1
    return may


def _is_stress(symbols: tuple[str, ...], place: int) -> bool:
    return 0 < place <= len(symbols) and symbols[place - 1] in "ˈˌː"


def _is_pause(symbol: str) -> bool:
    return bool(symbol) and symbol in ",.;:!?…—“”()"


def _batch(items: list[tuple[np.ndarray, np.ndarray]], device: str) -> Batch:
    mels, targets = (np.stack(part) for part in zip(*items, strict=True))
    return Batch(torch.from_numpy(mels).to(device), torch.from_numpy(targets.astype(np.int64)).to(device))
