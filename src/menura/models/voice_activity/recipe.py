"""How the model in ``pretrained/voice_activity`` was made, to the last number.

    menura train voice_activity FOLDER --out runs/voice_activity

FOLDER holds recordings of speech (their folder says so, or they have a text) and of all else: effects, ambience, music,
instruments. What may hold voices and is not said to be speech, singing above all, is left aside. Frames of speech are
those that are loud in a recording; recordings are then laid over other sounds, so that they are known in any noise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Float
from scipy.ndimage import binary_closing, binary_opening

from menura.data.contents import sounds_in
from menura.data.sound_folder import Sound
from menura.data.sounds import SoundCorpus
from menura.models.voice_activity.model import (
    HOP_SAMPLES,
    SAMPLE_RATE_HZ,
    Batch,
    VoiceActivity,
    VoiceActivityConfig,
    VoiceActivityObjective,
    log_mels,
    nano,
    tiny,
    with_lead,
)
from menura.progress import Progress
from menura.train.recipe import Recipe, Settings, preset_of

_CROP_FRAMES = 250
_CROP_SAMPLES = _CROP_FRAMES * HOP_SAMPLES
_SPEECH = r"speech|voice|spoken"
_SUNG = r"sung|sing|song|\bir-"
_VOICES = (
    r"speech|voice|vocal|talk|chatter|whisper|mumbl|rambl|ranbl|scream|laugh|shout|choir|song|sing\b|radio|crowd|coffee|"
    r"applause|groan|moan|hurt_[fm]"
)
_SPEECH_SHARE, _PLAIN_SHARE, _SILENT_SHARE = 0.6, 0.15, 0.08
"""Of crops: those with speech, those of them without noise, and of the others those that are all but silent."""
_UNDER_LOUD_DB, _OVER_FLOOR_DB, _LEAST_UNDER_DB = 34.0, 10.0, 15.0
_BORDER_FRAMES = 2
"""On either side of where speech begins and ends frames weigh less: nobody knows them that well."""
_BORDER_WEIGHT = 0.3


@dataclass(frozen=True)
class _Preset:
    config: VoiceActivityConfig
    settings: Settings


class VoiceActivityRecipe(Recipe[Batch]):
    """Crops of five seconds, judged in nats a frame."""

    family = "voice_activity"
    about = "Tells where somebody speaks. `menura transcribe` uses it."
    sizes: ClassVar[Mapping[str, _Preset]] = {
        "nano": _Preset(
            nano(),
            Settings(
                minutes=12, peak_learning_rate=3e-3, batch_size=24, weight_decay=0.01, validation_batches=8,
                warmup_steps=50, average_decay=0.99,
            ),
        ),
        "tiny": _Preset(
            tiny(),
            Settings(minutes=0.5, peak_learning_rate=1e-2, batch_size=6, warmup_steps=5, validation_batches=2,
                average_decay=0.9,
            ),
        ),
    }  # fmt: skip
    presets = tuple(sizes)

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress) -> None:
        size = preset_of(self.sizes, preset)
        self.preset, self.seed, self.settings = preset, seed, size.settings
        found = [(kind, sound) for sound in sounds_in(data, progress.say) if (kind := kind_of(sound))]
        if {kind for kind, _ in found} != {"speech", "other"}:
            raise ValueError(f"{data} holds no speech, or nothing else; put speech in a folder called speech")
        self.corpus = SoundCorpus.of(found, SAMPLE_RATE_HZ, cache, progress)
        self.data_sha256 = self.corpus.sha256
        self.members = {
            (kind, split): self._members(kind, split) for kind in ("speech", "other") for split in ("train", "valid")
        }
        if not all(self.members.values()):
            raise ValueError(f"{data} holds too few sounds to learn from some and judge by others")
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = self.network = VoiceActivity(size.config)
            self.objective = VoiceActivityObjective(self.network)

    def batch(self, step: int, device: str) -> Batch:
        return self._batch("train", (self.seed, step), device)

    def validation_batch(self, index: int, device: str) -> Batch:
        return self._batch("valid", (1, index), device)

    def amount(self) -> str:
        minutes = self.corpus.minutes("train")
        return f"{minutes.get('speech', 0):.0f} minutes of speech and {minutes.get('other', 0):.0f} of other sounds"

    def provenance(self) -> dict[str, Any]:
        return {
            "data": self.corpus.collections,
            "minutes": {split: self.corpus.minutes(split) for split in ("train", "valid")},
            "held_out_is": self.corpus.held_out,
            "left_out": len(self.corpus.skipped),
        }

    def _members(self, kind: str, split: str) -> list[list[int]]:
        """Sounds by the folder that they come from: folders are drawn alike often, however large."""
        corpus, found = self.corpus, {}
        for index, name in enumerate(corpus.names):
            if corpus.kinds[index] == kind and corpus.splits[index] == split:
                found.setdefault(name.rpartition("/")[0], []).append(index)
        return list(found.values())

    def _batch(self, split: str, seeds: tuple[int, int], device: str) -> Batch:
        rngs = [np.random.default_rng((*seeds, item)) for item in range(self.settings.batch_size)]
        sounds, speech = (np.stack(part) for part in zip(*(self._item(split, rng) for rng in rngs), strict=True))
        mels = log_mels(with_lead(sounds), self.network.config)
        weights = np.stack([_weights(row) for row in speech])
        mels, speech, weights = (torch.from_numpy(part).to(device) for part in (mels, speech, weights))
        return Batch(mels, speech, weights)

    def _item(self, split: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """A crop, and which of its frames are speech."""
        level = np.float32(10 ** (rng.uniform(-40, -6) / 20))
        if rng.random() >= _SPEECH_SHARE:
            other = self._other(split, rng)
            return other * (np.float32(1e-3) if rng.random() < _SILENT_SHARE else level), np.zeros(_CROP_FRAMES, bool)
        speech, frames = self._said(split, rng)
        if rng.random() >= _PLAIN_SHARE:
            speech = speech + self._other(split, rng) * np.float32(10 ** (-rng.uniform(-3, 30) / 20))
        return speech * level, frames

    def _said(self, split: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Utterances with pauses between them, their speech at a level of 1."""
        crop, frames = np.zeros(_CROP_SAMPLES, np.float32), np.zeros(_CROP_FRAMES, bool)
        place = int(rng.integers(-100, 100))
        while place < _CROP_FRAMES:
            sound = _filtered(self._drawn("speech", split, rng), rng)
            found = speech_frames(sound)
            skip = max(-place, 0)
            place, sound, found = max(place, 0), sound[skip * HOP_SAMPLES :], found[skip:]
            count = min(len(found), _CROP_FRAMES - place)
            samples = sound[: count * HOP_SAMPLES]
            crop[place * HOP_SAMPLES :][: len(samples)] = samples / _level(samples, found[:count])
            frames[place : place + count] = found[:count]
            place += count + int(rng.integers(5, 120))
        return crop, frames

    def _other(self, split: str, rng: np.random.Generator) -> Float[np.ndarray, " sample"]:
        """Sounds one after another, or noise of some colour, at a level of 1."""
        if rng.random() < 0.2:
            noise = np.fft.rfft(rng.standard_normal(_CROP_SAMPLES))
            tilt = np.arange(1, len(noise) + 1) ** -rng.uniform(-0.3, 1.2)
            crop = np.fft.irfft(noise * tilt, _CROP_SAMPLES).astype(np.float32)
        else:
            crop, place = np.zeros(_CROP_SAMPLES, np.float32), 0
            while place < _CROP_SAMPLES:
                sound = _filtered(self._drawn("other", split, rng), rng)[: _CROP_SAMPLES - place]
                crop[place : place + len(sound)] = sound / max(float(np.sqrt(np.square(sound).mean())), 1e-4)
                place += len(sound) + int(rng.integers(0, SAMPLE_RATE_HZ // 2))
        return crop / max(float(np.sqrt(np.square(crop).mean())), 1e-4)

    def _drawn(self, kind: str, split: str, rng: np.random.Generator) -> Float[np.ndarray, " sample"]:
        """At most a crop of a sound."""
        collections = self.members[kind, split]
        indices = collections[rng.integers(len(collections))]
        start, stop = self.corpus.starts[(index := indices[rng.integers(len(indices))]) : index + 2]
        start += int(rng.integers(max(stop - start - _CROP_SAMPLES, 0) + 1))
        return self.corpus.samples[start : min(stop, start + _CROP_SAMPLES)].astype(np.float32) / 32768


def kind_of(sound: Sound) -> str:
    """``"speech"``, ``"other"``, or ``""`` for what may hold voices and is neither."""
    folders = sound.name.rpartition("/")[0].lower()
    said = " ".join(str(part) for part in (sound.name, sound.row.get("label"), sound.row.get("caption"))).lower()
    if re.search(_SUNG, folders):
        return ""
    if sound.row.get("text") or re.search(_SPEECH, folders):
        return "speech"
    return "" if re.search(_VOICES, said) else "other"


def speech_frames(samples: Float[np.ndarray, " sample"]) -> Bool[np.ndarray, " frame"]:
    """Frames that are loud in a recording of speech: gaps of a tenth of a second within words too, no clicks."""
    count = -(-len(samples) // HOP_SAMPLES)
    padded = np.pad(samples, (0, count * HOP_SAMPLES - len(samples))).reshape(count, HOP_SAMPLES)
    levels = 10 * np.log10(np.square(padded).mean(1) + 1e-10)
    smooth = np.convolve(np.pad(levels, 1, mode="edge"), np.ones(3) / 3, mode="valid")
    loud, floor = np.quantile(smooth, 0.95), np.quantile(smooth, 0.05)
    threshold = min(max(loud - _UNDER_LOUD_DB, floor + _OVER_FLOOR_DB), loud - _LEAST_UNDER_DB)
    found = np.pad(smooth > max(threshold, -75.0), 8)
    return binary_opening(binary_closing(found, np.ones(7)), np.ones(3))[8:-8]


def _level(samples: Float[np.ndarray, " sample"], speech: Bool[np.ndarray, " frame"]) -> float:
    """Of what is speech."""
    said = samples[np.repeat(speech, HOP_SAMPLES)[: len(samples)]]
    return max(float(np.sqrt(np.square(said).mean())), 1e-4) if len(said) else 1.0


def _weights(speech: Bool[np.ndarray, " frame"]) -> Float[np.ndarray, " frame"]:
    weights = np.ones(len(speech), np.float32)
    for edge in np.flatnonzero(np.diff(speech.astype(np.int8))) + 1:
        weights[max(edge - _BORDER_FRAMES, 0) : edge + _BORDER_FRAMES] = _BORDER_WEIGHT
    return weights


def _filtered(sound: Float[np.ndarray, " sample"], rng: np.random.Generator) -> Float[np.ndarray, " sample"]:
    """As other microphones hear it: tilted, and sometimes a telephone."""
    if rng.random() < 0.5 or len(sound) < 2:
        return sound
    spectrum = np.fft.rfft(sound)
    places_hz = np.linspace(0, SAMPLE_RATE_HZ / 2, len(spectrum))
    gains_db = rng.uniform(-12, 12) * (places_hz / places_hz[-1] - 0.5)
    if rng.random() < 0.3:
        gains_db = gains_db - 60 * ((places_hz > rng.uniform(3000, 4500)) | (places_hz < rng.uniform(0, 300)))
    return np.fft.irfft(spectrum * 10 ** (gains_db / 20), len(sound)).astype(np.float32)
