"""How the WaveNets in ``pretrained`` were made: their data, their loss, their training, to the last number.

    menura train wavenet DATA --out runs/wavenet-digits --global speaker,text
    menura train wavenet DATA --out runs/wavenet-voice --preset voice --local mel

DATA is any folder of sound. What a stream is conditioned on as a whole is read from what is said of the files
(`manifest.jsonl`, `metadata.csv`, …): each value of the fields named by ``--global`` becomes one of the model's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from menura.audio import Audio
from menura.data.contents import sounds_in
from menura.data.sound_folder import Sound
from menura.data.sounds import SoundCorpus
from menura.models.wavenet.model import (
    ANY,
    NUM_MELS,
    Batch,
    WaveNet,
    WaveNetConfig,
    WaveNetObjective,
    mel_frames,
    nano,
    paper,
    tensorflow_wavenet,
    tiny,
    voice,
)
from menura.models.wavenet.options import WaveNetOptions
from menura.models.wavenet.sampling import sample
from menura.progress import Progress
from menura.train.recipe import Recipe, Settings, preset_of

_PEAK = 0.8
_FADE_S = 0.004
_GAP_S = (0.03, 0.2)
_ANY_SHARE = 0.2
"""How often an item's value of a category is not told, so that the model also knows what to do without."""
_MELS = 80
_ROOM = 4.0
"""Times the mean power is the usual spectrum: vowels are louder than the mean, and their pulses are not to be cut."""
_EXAMPLE_S = 1.0
_MAX_CHARACTERS = 200_000


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One size of a WaveNet.

    Args:
        config: its sizes.
        settings: of the run.
        crop_samples: of an item; tensorflow-wavenet's ``sample_size``.
    """

    config: Callable[..., WaveNetConfig]
    settings: Settings
    crop_samples: int


@dataclass(frozen=True)
class _Trimmed:
    """A sound at a common level, without the silence at its ends."""

    sound: Sound
    threshold: float

    @property
    def name(self) -> str:
        return self.sound.name

    def split(self) -> str:
        return self.sound.split()

    def fingerprint(self) -> str:
        return f"{self.sound.fingerprint()}, cut under {self.threshold}"

    def read(self, sample_rate_hz: int, mono: bool = True) -> Audio:
        audio = self.sound.read(mono=mono)
        peak = float(np.abs(audio.samples).max(initial=0))
        if not np.isfinite(peak) or peak < 1e-4:
            raise ValueError(f"{self.name}: is silent, or no numbers")
        samples = audio.samples[0] * np.float32(_PEAK / peak)
        loud = np.flatnonzero(np.abs(samples) > self.threshold)
        if not len(loud):
            raise ValueError(f"{self.name}: is under the silence threshold throughout")
        samples = samples[loud[0] : loud[-1] + 1].copy()
        fade = min(round(_FADE_S * audio.sample_rate_hz), len(samples) // 2)
        slope = np.linspace(0, 1, fade, dtype=np.float32)
        samples[:fade] *= slope
        samples[len(samples) - fade :] *= slope[::-1]
        return Audio(samples, audio.sample_rate_hz).resampled(sample_rate_hz)


class WaveNetRecipe(Recipe[Batch]):
    """Sounds of one condition one after another, short gaps between them; nats a sample."""

    family = "wavenet"
    about = (
        "Draws sound sample by sample. `menura sample` uses it, and where it was trained with `--local mel`, `menura "
        "vocode`."
    )
    sizes: ClassVar[Mapping[str, Preset]] = {
        "nano": Preset(
            config=nano,
            settings=Settings(
                minutes=80, peak_learning_rate=2e-3, batch_size=4, weight_decay=0.01, decay_share=0.5,
                validation_batches=8, betas=(0.9, 0.98), average_decay=0.998,
            ),
            crop_samples=8000,
        ),
        "voice": Preset(
            config=voice,
            settings=Settings(
                minutes=100, peak_learning_rate=2e-3, batch_size=4, weight_decay=0.01, decay_share=0.5,
                validation_batches=8, betas=(0.9, 0.98),
            ),
            crop_samples=8000,
        ),
        "tensorflow_wavenet": Preset(
            config=tensorflow_wavenet,
            settings=Settings(
                minutes=1440, peak_learning_rate=1e-3, batch_size=1, weight_decay=0.0, decay_share=0.5,
                validation_batches=8,
            ),
            crop_samples=100_000,
        ),
        "paper": Preset(
            config=paper,
            settings=Settings(minutes=4320, peak_learning_rate=1e-3, batch_size=8, decay_share=0.5),
            crop_samples=16_000,
        ),
        "tiny": Preset(
            config=tiny,
            settings=Settings(minutes=1, peak_learning_rate=5e-3, batch_size=2, warmup_steps=5, validation_batches=1),
            crop_samples=1000,
        ),
    }  # fmt: skip
    presets = tuple(sizes)

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress, **options: Any) -> None:
        asked = WaveNetOptions(**options)
        size = preset_of(self.sizes, preset)
        self.preset, self.seed, self.settings = preset, seed, size.settings
        self.names = tuple(name.strip() for name in (asked.global_ or "").split(",") if name.strip())
        rate = size.config().sample_rate_hz
        sounds = sounds_in(data, progress.say)
        self._categories([self._said(sound) for sound in sounds])  # at once, not after all is decoded
        found = [(json.dumps(self._said(sound)), _Trimmed(sound, asked.silence_threshold)) for sound in sounds]
        self.corpus = SoundCorpus.of(found, rate, cache, progress)
        said = [json.loads(kind) for kind in self.corpus.kinds]
        categories = self._categories(said)
        changes: dict[str, Any] = {"categories": categories}
        if asked.gc_channels is not None:
            changes["category_channels"] = asked.gc_channels
        if asked.local:
            changes |= {"features": _MELS, "hop_samples": rate // 80, "upsample_factor": 4}
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = self.network = WaveNet(size.config(**changes))
            self.objective = WaveNetObjective(self.network)
        hop = self.network.config.hop_samples or 1
        self.length = -(-(asked.sample_size or size.crop_samples) // hop) * hop
        self.chosen = {
            "global": ",".join(self.names),
            "local": self.network.config.features,
            "gc_channels": self.network.config.category_channels,
            "sample_size": self.length,
            "silence_threshold": asked.silence_threshold,
        }
        self.data_sha256 = self.corpus.sha256
        values_of = list(categories.values())
        rows = [[values.index(row[k]) if row[k] else 0 for k, values in enumerate(values_of)] for row in said]
        self.places = np.array(rows, dtype=np.int64).reshape(len(said), len(values_of))
        splits = np.array(self.corpus.splits)
        self.members = {split: np.flatnonzero(splits == split) for split in ("train", "valid", "test")}
        if self.network.config.lpc_order and not asked.local:
            self.network.get_buffer("mean_mel").copy_(self._mean_mel())

    def _categories(self, said: Sequence[Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """The values there are of each name that was given, after the one that leaves it open.

        Raises:
            ValueError: of one there is none, or they are more than a model's config holds.
        """
        found = {name: (ANY, *sorted({row[k] for row in said if row[k]})) for k, name in enumerate(self.names)}
        for name, values in found.items():
            if len(values) < 2:
                raise ValueError(f"global: nothing says the {name} of any file; see menura doctor for what is said")
            if sum(map(len, values)) > _MAX_CHARACTERS:
                raise ValueError(
                    f"global: the files have {len(values) - 1} values of {name}, too many for a model to tell apart"
                )
        return found

    def batch(self, step: int, device: str) -> Batch:
        rngs = [np.random.default_rng((self.seed, step, item)) for item in range(self.settings.batch_size)]
        return self._batch([self._item("train", rng, _ANY_SHARE) for rng in rngs], device)

    def validation_batch(self, index: int, device: str) -> Batch:
        rngs = [np.random.default_rng((1, index, item)) for item in range(self.settings.batch_size)]
        return self._batch([self._item("valid", rng, 0.0) for rng in rngs], device)

    def held_out(self, split: str) -> Iterator[Batch]:
        """Each sound of a split alone, whole, as a batch of one: what held-out nats a sample are measured on."""
        for sound in self.members[split]:
            samples = self._samples(sound)
            hop = self.network.config.hop_samples or 1
            padded = np.pad(samples, (0, -len(samples) % hop))
            heard = np.arange(len(padded)) < len(samples)
            yield self._batch([(padded, heard, self.places[sound])], "cpu")

    def examples(self) -> dict[str, Audio]:
        found = {}
        for index in range(3):
            rng = np.random.default_rng((2, index))
            sound, _, places = self._item("valid", rng, 0.0)
            values = zip(self.network.config.categories.items(), places, strict=True)
            given = {name: options[place] for (name, options), place in values}
            frames = self._frames(sound)[None] if self.network.config.features else None
            drawn = list(sample(self.network, _EXAMPLE_S, categories=given, frames=frames))
            name = " ".join(given.values()) or f"example {index + 1}"
            found[f"{name}/drawn"] = Audio(np.concatenate(drawn, 1), self.network.sample_rate_hz)
            found[f"{name}/as it is"] = Audio(sound[None], self.network.sample_rate_hz)
        return found

    def amount(self) -> str:
        corpus, files = self.corpus, len(set(self.corpus.names))
        learnt, judged = (sum(corpus.minutes(split).values()) for split in ("train", "valid"))
        return f"{files} files, {learnt:.3g} minutes to learn from; {judged:.2g} to judge by ({corpus.held_out})"

    def provenance(self) -> dict[str, Any]:
        return {
            "data": self.corpus.collections,
            "files": {split: len(members) for split, members in self.members.items()},
            "held_out_is": self.corpus.held_out,
            "left_out": len(self.corpus.skipped),
        }

    def _said(self, sound: Sound) -> list[str]:
        return [str(sound.row.get(name) or "") for name in self.names]

    def _item(self, split: str, rng: np.random.Generator, unsaid: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sounds that agree in what is told of them, until the crop is full; which samples are heard; what is told."""
        members = self.members[split]
        first = members[rng.integers(len(members))]
        places = np.where(rng.random(len(self.names)) < unsaid, 0, self.places[first])
        like = members[((self.places[members] == places) | (places == 0)).all(1)]
        sound, heard, at = np.zeros(self.length, np.float32), np.zeros(self.length, bool), 0
        chosen = first
        while at < self.length:
            samples = self._samples(chosen)
            room = self.length - at
            begin = rng.integers(len(samples) - room + 1) if len(samples) > room and at == 0 else 0
            part = samples[begin : begin + room]
            sound[at : at + len(part)], heard[at : at + len(part)] = part, True
            at += len(part) + round(rng.uniform(*_GAP_S) * self.corpus.rate_hz)
            chosen = like[rng.integers(len(like))]
        return sound, np.ones_like(heard) if unsaid else heard, places

    def _samples(self, sound: np.integer[Any] | int) -> np.ndarray:
        start, stop = self.corpus.starts[sound : sound + 2]
        return self.corpus.samples[start:stop].astype(np.float32) / 32767

    def _frames(self, sound: np.ndarray) -> np.ndarray:
        config = self.network.config
        return mel_frames(sound, config.sample_rate_hz, config.frame_samples, config.features or NUM_MELS)

    def _mean_mel(self) -> torch.Tensor:
        """The power of every band in each value of the first category, and in all, rounded as weights are stored."""
        members = self.members["train"]
        powers = [(10.0 ** (4 * (self._frames(self._samples(sound)) - 1))).mean(0) for sound in members]
        places = self.places[members, 0] if self.names else np.zeros(len(members))
        rows = np.stack(powers)
        means = [
            rows[(places == value) | (value == 0)].mean(0) for value in range(len(self.network.get_buffer("mean_mel")))
        ]
        return torch.from_numpy(np.log10(_ROOM * np.stack(means)) / 4 + 1).half().float()

    def _batch(self, items: list[tuple[np.ndarray, np.ndarray, np.ndarray]], device: str) -> Batch:
        model = self.network
        frames_of = [self._frames(sound) for sound, _, _ in items] if model.config.features else []
        drawn = [
            model.codes(sound, model.excitation(frames, int(places[0]) if len(places) else 0))
            for (sound, _, places), frames in zip_longest(items, frames_of)
        ]
        codes = np.stack([np.append(model.silence, one) for one in drawn])
        heard = np.stack([one for _, one, _ in items])
        places = np.stack([one for _, _, one in items])
        categories = {name: torch.from_numpy(places[:, k]).to(device) for k, name in enumerate(model.config.categories)}
        frames = torch.from_numpy(np.stack(frames_of)).to(device) if frames_of else None
        return Batch(torch.from_numpy(codes).to(device), torch.from_numpy(heard).to(device), categories, frames)
