"""How the model in ``pretrained/embedder`` was made, to the last number.

    menura train embedder FOLDER --teacher MINILM --lines lines.txt --out runs/embedder

FOLDER holds sounds of which something is said: a caption, label, tags or text in ``manifest.jsonl``, a text beside
them, or else the words of their names. Half of a batch is of one category, so that its other captions are hard to tell
from the right one.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float

from menura.data.contents import sounds_in
from menura.data.sound_folder import Sound
from menura.data.sounds import SoundCorpus
from menura.files import read_bytes
from menura.models.embedder.model import (
    LOUDEST,
    NATS_A_STEP,
    Batch,
    Embedder,
    EmbedderConfig,
    EmbedderObjective,
    nano,
    tiny,
)
from menura.models.embedder.options import EmbedderOptions
from menura.models.embedder.teacher import SentenceModel
from menura.models.embedder.words import features
from menura.progress import Progress
from menura.text.sound_words import SOUNDS
from menura.train.recipe import Recipe, Settings, preset_of

_CROP_FRAMES, _FEWEST_FRAMES = 300, 100
_LONGEST_S = 60
_MOST_CAPTIONS = 8
_MOST_LINES_BYTES = 1 << 27
_LINES_A_SOUND = 4
_TEMPERATURE = 0.06
"""Of the targets: captions that mean the same belong to one another's sounds as well."""
_BANDS, _EQUALISED = 5, 0.12
_SHARE_OF_NOISE, _NOISE_RANGE = 0.3, (0.0, 1.2)
_STRETCH, _SHIFT_BANDS = 0.15, 2.0
_SHARE_OF_TWO, _BESIDE_DB = 0.25, (-8.0, 2.0)
_SHARE_OF_BACKGROUND, _BEHIND_DB = 0.3, (-28.0, -12.0)
"""Of sounds with another beside them that is told as well, or behind them that is not."""
_JOINED = ", ", " and ", " with ", " over "
_HARD_SHARE = 0.5


@dataclass(frozen=True)
class _Preset:
    config: EmbedderConfig
    settings: Settings


class EmbedderRecipe(Recipe[Batch]):
    """Sounds with captions, judged in nats a sound."""

    family = "embedder"
    about = "Tells how near sounds and words are. `menura describe` and `menura similar` use it."
    sizes: ClassVar[Mapping[str, _Preset]] = {
        "nano": _Preset(
            nano(),
            Settings(
                minutes=30, peak_learning_rate=2e-3, batch_size=64, weight_decay=0.05, validation_batches=4,
                warmup_steps=50, average_decay=0.99,
            ),
        ),
        "tiny": _Preset(
            tiny(),
            Settings(
                minutes=0.5, peak_learning_rate=5e-3, batch_size=6, warmup_steps=5, validation_batches=1,
                average_decay=0.8,
            ),
        ),
    }  # fmt: skip
    presets = tuple(sizes)

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress, **options: Any) -> None:
        asked = EmbedderOptions(**options)
        size = preset_of(self.sizes, preset)
        self.preset, self.seed, self.settings = preset, seed, size.settings
        sounds = {sound.name: sound for sound in sounds_in(data, progress.say)}
        found = [(category_of(sound), sound) for sound in sounds.values()]
        self.sounds = SoundCorpus.of(found, size.config.sample_rate_hz, cache, progress)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = self.network = Embedder(size.config)
            self.objective = EmbedderObjective(self.network)
        self.mels = [self._mel(index, progress) for index in range(len(self.sounds.names))]
        self.captions = [captions_of(sounds[name]) for name in self.sounds.names]
        self.members = {split: self._members(split) for split in ("train", "valid")}
        self._know_meanings(asked, cache, progress)
        said = hashlib.sha256("\n".join([self.sounds.sha256, *self.texts]).encode())
        self.data_sha256 = said.hexdigest()

    def batch(self, step: int, device: str) -> Batch:
        return self._batch("train", np.random.default_rng((self.seed, step)), True, device)

    def validation_batch(self, index: int, device: str) -> Batch:
        return self._batch("valid", np.random.default_rng((1, index)), False, device)

    def amount(self) -> str:
        learnt, judged = (sum(map(len, self.members[split].values())) for split in ("train", "valid"))
        return f"{learnt} sounds with captions to learn from, {judged} to judge by"

    def provenance(self) -> Mapping[str, Any]:
        return {
            "data": self.sounds.collections,
            "sounds": {split: sum(map(len, members.values())) for split, members in self.members.items()},
            "minutes": round(sum(self.sounds.minutes("train").values()), 1),
            "texts": len(self.texts),
            "held_out_is": self.sounds.held_out,
            "left_out": len(self.sounds.skipped),
        }

    def _know_meanings(self, asked: EmbedderOptions, cache: Path, progress: Progress) -> None:
        """The texts there are, and what they mean if there is a teacher."""
        texts = [caption for captions in self.captions for caption in captions]
        if asked.teacher is not None:
            texts += [name.strip(" ~") for names, *_ in SOUNDS for name in names.split(",")]
            if asked.lines is not None:
                lines = read_bytes(asked.lines, _MOST_LINES_BYTES).decode("utf-8", "replace").splitlines()
                texts += [line.strip() for line in lines if line.strip()]
            texts += [word for text in tuple(texts) for word in re.findall(r"[^\W\d_]{3,}", text.lower())]
        elif asked.lines is not None:
            raise ValueError("lines: only a teacher knows what they mean; give --teacher")
        self.texts = list(dict.fromkeys(texts))
        self.places = {text: place for place, text in enumerate(self.texts)}
        self.meanings: np.ndarray | None = None
        if asked.teacher is not None:
            teacher = SentenceModel(asked.teacher)
            if teacher.width != self.network.config.meaning:
                raise ValueError(f"teacher: gives {teacher.width} numbers, not {self.network.config.meaning}")
            self.meanings = teacher.meanings(self.texts, cache, progress)
            self.chosen = {"teacher": asked.teacher.name}

    def _mel(self, index: int, progress: Progress) -> Float[np.ndarray, "frame mel"]:
        if index % 50 == 0:
            progress.update(index, len(self.sounds.names), "mel frames")
        start, stop = self.sounds.starts[index : index + 2]
        stop = min(stop, start + _LONGEST_S * self.sounds.rate_hz)
        return self.network.log_mel(self.sounds.samples[start:stop] / np.float32(32767)).astype(np.float16)

    def _members(self, split: str) -> dict[str, list[int]]:
        """The sounds of each caption."""
        found: dict[str, list[int]] = defaultdict(list)
        for index, said in enumerate(self.sounds.splits):
            if said == split and self.captions[index]:
                found[self.captions[index][0]].append(index)
        if len(found) < 2:
            raise ValueError(f"the split {split!r} has {len(found)} captions; 2 are the fewest")
        return dict(found)

    def _batch(self, split: str, rng: np.random.Generator, is_changed: bool, device: str) -> Batch:
        items = [self._heard(index, rng) if is_changed else self._as_it_is(index) for index in self._chosen(split, rng)]
        mels, told = zip(*items, strict=True)
        counts = torch.tensor([len(mel) for mel in mels])
        padded = torch.nn.utils.rnn.pad_sequence([torch.from_numpy(mel) for mel in mels], batch_first=True)
        buckets = self.network.config.num_buckets
        joined = [_JOINED[int(rng.integers(len(_JOINED)))].join(captions) for captions in told]
        words = torch.from_numpy(features(joined, buckets))
        targets = torch.from_numpy(self._targets(told))
        lines, meanings = None, None
        if self.meanings is not None:
            places = rng.integers(len(self.texts), size=_LINES_A_SOUND * self.settings.batch_size)
            lines = torch.from_numpy(features([self.texts[place] for place in places], buckets)).to(device)
            meanings = torch.from_numpy(self.meanings[places].astype(np.float32)).to(device)
        return Batch(padded.to(device), counts.to(device), words.to(device), targets.to(device), lines, meanings)

    def _as_it_is(self, index: int) -> tuple[Float[np.ndarray, "count mel"], list[str]]:
        return self.mels[index][:_CROP_FRAMES].astype(np.float32), self.captions[index][:1]

    def _heard(self, index: int, rng: np.random.Generator) -> tuple[Float[np.ndarray, "count mel"], list[str]]:
        """A sound as it might be heard, at times with another; what is told of it."""
        mel, told = self._taken(index, rng)
        kind = rng.random()
        if kind < _SHARE_OF_TWO + _SHARE_OF_BACKGROUND:
            names = list(self.members["train"])
            others = self.members["train"][names[int(rng.integers(len(names)))]]
            other, other_told = self._taken(others[int(rng.integers(len(others)))], rng)
            mel = mixed(mel, other, rng.uniform(*(_BESIDE_DB if kind < _SHARE_OF_TWO else _BEHIND_DB)))
            told = told + other_told if kind < _SHARE_OF_TWO else told
        return changed(mel, rng), told

    def _taken(self, index: int, rng: np.random.Generator) -> tuple[Float[np.ndarray, "count mel"], list[str]]:
        known = self.captions[index]
        return stretched(self._crop(self.mels[index], rng), rng), [known[int(rng.integers(len(known)))]]

    def _chosen(self, split: str, rng: np.random.Generator) -> list[int]:
        """Sounds of different captions, half of them of one category."""
        members = self.members[split]
        names = list(members)
        count = min(self.settings.batch_size, len(names))
        order = [names[place] for place in rng.permutation(len(names))]
        category = self.sounds.kinds[members[order[0]][0]]
        alike = [name for name in order if self.sounds.kinds[members[name][0]] == category]
        alike = alike[: round(_HARD_SHARE * count)]
        others = [name for name in order if name not in set(alike)]
        taken = (alike + others)[:count]
        return [members[name][int(rng.integers(len(members[name])))] for name in taken]

    def _crop(self, mel: Float[np.ndarray, "frame mel"], rng: np.random.Generator) -> Float[np.ndarray, "count mel"]:
        count = int(rng.integers(_FEWEST_FRAMES, _CROP_FRAMES + 1))
        begin = int(rng.integers(max(len(mel) - count, 0) + 1))
        return mel[begin : begin + count].astype(np.float32)

    def _targets(self, told: Sequence[Sequence[str]]) -> Float[np.ndarray, "item item"]:
        if self.meanings is None:
            shared = [[len({*one} & {*other}) / max(len(one), len(other)) for other in told] for one in told]
            alike = np.array(shared, np.float32)
        else:
            captions = [[self.places[caption] for caption in captions] for captions in told]
            meanings = np.stack([self.meanings[places].astype(np.float32).mean(0) for places in captions])
            meanings /= np.linalg.norm(meanings, axis=1, keepdims=True)
            alike = np.exp((meanings @ meanings.T - 1) / _TEMPERATURE)
        return alike / alike.sum(1, keepdims=True)


def category_of(sound: Sound) -> str:
    """What a sound is most easily mistaken within: its category, or else its folder."""
    return str(sound.row.get("category") or sound.name.split("/")[0])


def captions_of(sound: Sound) -> list[str]:
    """What is said of a sound, the most telling first: its caption, label, text or tags, parts of these, the words of
    its name where there is nothing else. It may be nothing."""
    row = sound.row
    tags = row.get("tags")
    listed = ", ".join(map(str, tags)) if isinstance(tags, list) else str(tags or "")
    found = [str(row.get(key) or "") for key in ("caption", "label", "text")] + [listed]
    found = [one.strip() for one in found if one.strip()]
    if not found:
        stem = PurePosixPath(sound.name).stem
        found = [" ".join(re.findall(r"[^\W\d_]{2,}", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem))).lower()]
    for one in tuple(found):
        parts = [part.strip() for part in one.split(",") if part.strip()]
        found += [", ".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]
    if category := re.sub(r"[_/]", " ", str(row.get("category") or "")):
        found.append(f"{found[0]}, {category}")
    return [one for one in dict.fromkeys(found) if one][:_MOST_CAPTIONS]


def changed(mel: Float[np.ndarray, "frame mel"], rng: np.random.Generator) -> Float[np.ndarray, "frame mel"]:
    """Frames as by another microphone, with noise, or with some bands or moments missing."""
    frames, bands = mel.shape
    places = np.linspace(0, 1, bands)
    curve = np.interp(places, np.linspace(0, 1, _BANDS), rng.normal(0, _EQUALISED, _BANDS))
    mel = np.where(mel > 0, mel + curve + rng.normal(0, _EQUALISED), 0).clip(0)
    if rng.random() < _SHARE_OF_NOISE:
        floor = rng.uniform(*_NOISE_RANGE) + rng.normal(0, 0.3) * (places - 0.5)
        mel = np.maximum(mel, floor + 0.1 * rng.standard_normal(mel.shape)).clip(0)
    band, moment = int(rng.integers(bands)), int(rng.integers(frames))
    mel[:, band : band + int(rng.integers(bands // 6))] = 0
    mel[moment : moment + int(rng.integers(max(frames // 8, 1)))] = 0
    return mel.astype(np.float32)


def stretched(mel: Float[np.ndarray, "frame mel"], rng: np.random.Generator) -> Float[np.ndarray, "count mel"]:
    """Frames a little quicker or slower, higher or lower."""
    frames, bands = mel.shape
    count = max(round(frames * float(np.exp(rng.normal(0, _STRETCH)))), 1)
    mel = _between(mel, np.linspace(0, frames - 1, count))
    return _between(mel.T, np.arange(bands) + rng.uniform(-_SHIFT_BANDS, _SHIFT_BANDS)).T


def _between(
    rows: Float[np.ndarray, "row column"], places: Float[np.ndarray, " place"]
) -> Float[np.ndarray, "place column"]:
    places = places.clip(0, len(rows) - 1)
    low = places.astype(int)
    share = (places - low)[:, None].astype(np.float32)
    return rows[low] * (1 - share) + rows[np.minimum(low + 1, len(rows) - 1)] * share


def mixed(
    mel: Float[np.ndarray, "frame mel"], other: Float[np.ndarray, "other_frame mel"], level_db: float
) -> Float[np.ndarray, "frame mel"]:
    """Frames with those of another sound, over and over, `level_db` louder than they are."""
    lift = level_db * np.log(10) / 10 / NATS_A_STEP
    repeated = np.resize(other, mel.shape)
    repeated = np.where(repeated > 0, repeated + lift, 0).clip(0)
    energies = np.exp(NATS_A_STEP * mel) + np.exp(NATS_A_STEP * repeated) - 1
    both = np.log(energies) / NATS_A_STEP
    return (both - max(both.max() - LOUDEST, 0)).clip(0).astype(np.float32)
