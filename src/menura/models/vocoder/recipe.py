"""How the vocoder in ``pretrained/vocoder`` was made: its data, its batches, its training, to the last number.

    menura train vocoder DATA --out runs/vocoder

DATA is a folder of speech whose text is told, as `menura.data.speech` reads it; several make one. `--synthesizer` lets
it learn from a synthesizer's frames, too, which are smoother than those of speech. Numbers of the shipped run stand in
the card beside the weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import soxr
import torch
from torch import nn

from menura import checkpoint
from menura.audio import Audio
from menura.audio.mel_inversion import mel_energies
from menura.data.speech import HOP_SAMPLES, NUM_MELS, RATE_HZ, SpeechCorpus
from menura.models.vocoder.model import Vocoder, VocoderConfig, nano, tiny
from menura.models.vocoder.objective import VocoderBatch, VocoderObjective
from menura.models.vocoder.options import VocoderOptions
from menura.models.vocoder.pulses import frequencies, measured_drift, phases, pulses
from menura.nn.discriminators import FrameDiscriminator
from menura.progress import Progress
from menura.train.predicting import predicted_mels
from menura.train.recipe import Recipe, Settings, preset_of

_CROP_FRAMES = 64
_CONTEXT_FRAMES = 4
"""Beyond a crop, for its first and last mel frames and pulses."""
_GAINS_DB = (-12.0, 6.0)
_LARGEST = 0.99
_FLOOR = 1e-4
_SPEEDS, _SPEED_STEPS = (0.6, 1.8), 50
"""Of what is played slower or faster, in steps of so many to one: voices an octave apart from those there are."""
_CHANGED_SHARE = 0.4
_PREDICTED_SHARE = 0.75
"""Of crops at their own speed, whose frames a synthesizer predicts."""
_NUM_EXAMPLES = 4
_DISCRIMINATORS_FROM = 0.15
"""Share of the run that is spectra alone."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One size of a vocoder.

    Args:
        config: its sizes.
        discriminators: its discriminators.
        settings: of the run.
    """

    config: Callable[[], VocoderConfig]
    discriminators: Callable[[], nn.Module]
    settings: Settings


class _Stretch(NamedTuple):
    """Some frames of speech: their sound, log-mels and F0."""

    sound: np.ndarray
    mel: np.ndarray
    f0: np.ndarray


class VocoderRecipe(Recipe[VocoderBatch]):
    """Spectra of four resolutions, with discriminators in most of the run; crops of 0.8 seconds."""

    family = "vocoder"
    about = (
        "Makes speech of log-mel frames and F0 at 24 kHz, many times quicker than it lasts. `menura speak` and `menura "
        "vocode` use it."
    )
    sizes: ClassVar[dict[str, Preset]] = {
        "nano": Preset(
            config=nano,
            discriminators=lambda: FrameDiscriminator(width=32),
            settings=Settings(
                minutes=120, peak_learning_rate=1.5e-3, batch_size=12, weight_decay=0.01, decay_share=0.5,
                validation_batches=8, largest_gradient=10.0, betas=(0.8, 0.99),
            ),
        ),
        "tiny": Preset(
            config=tiny,
            discriminators=lambda: FrameDiscriminator((256,), 2, 8),
            settings=Settings(minutes=1, peak_learning_rate=4e-3, batch_size=4, warmup_steps=5, validation_batches=1),
        ),
    }  # fmt: skip
    presets = tuple(sizes)

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress, **options: Any) -> None:
        asked = VocoderOptions(**options)
        size = preset_of(self.sizes, preset)
        self.preset, self.seed, self.settings = preset, seed, size.settings
        self.corpus = SpeechCorpus.of(data, cache, progress)
        self.predicted: SpeechCorpus | None = None
        if asked.synthesizer is not None:
            mels = predicted_mels(self.corpus, cache, progress, asked.synthesizer)
            self.predicted = replace(self.corpus, mels=mels)
            self.chosen = {"synthesizer": checkpoint.model_hash(asked.synthesizer)}
        self.data_sha256 = self.corpus.sounds.sha256
        self.members = {split: self.corpus.members(split) for split in ("train", "valid")}
        self.ends = {
            split: np.cumsum([self.corpus.num_frames(index) for index in members])
            for split, members in self.members.items()
        }
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = self.vocoder = Vocoder(size.config())
            self.objective = VocoderObjective(self.vocoder, size.discriminators(), _DISCRIMINATORS_FROM)

    def batch(self, step: int, device: str) -> VocoderBatch:
        rngs = [np.random.default_rng((self.seed, step, item)) for item in range(self.settings.batch_size)]
        return self._batch([self._changed(rng) for rng in rngs], device)

    def validation_batch(self, index: int, device: str) -> VocoderBatch:
        rngs = [np.random.default_rng((1, index, item)) for item in range(self.settings.batch_size)]
        return self._batch(
            [_stretch(self.corpus, *self._place("valid", rng, _CROP_FRAMES), _CROP_FRAMES) for rng in rngs], device
        )

    def examples(self) -> dict[str, Audio]:
        found = {}
        for index in self.members["valid"][:_NUM_EXAMPLES]:
            made = self.vocoder.sound(self.corpus.mel(index), self.corpus.f0(index))
            name = self.corpus.utterances[index].name
            found[f"{name}/as it is"] = Audio(self.corpus.sound(index)[None], RATE_HZ)
            found[f"{name}/made"] = Audio(made[None], RATE_HZ)
        return found

    def amount(self) -> str:
        sounds, count = self.corpus.sounds, len(self.corpus.utterances)
        learnt, judged = (sum(sounds.minutes(split).values()) for split in ("train", "valid"))
        return f"{count} utterances, {learnt:.3g} minutes to learn from; {judged:.2g} to judge by ({sounds.held_out})"

    def provenance(self) -> dict[str, Any]:
        sounds = self.corpus.sounds
        return {
            "data": sounds.collections,
            "minutes_of_sound": sounds.minutes("train"),
            "held_out_minutes": sounds.minutes("valid"),
            "held_out_is": sounds.held_out,
            "left_out": len(sounds.skipped),
        }

    def _place(self, split: str, rng: np.random.Generator, num_frames: int) -> tuple[int, int]:
        """An utterance, and where in it a stretch begins; every place of the speech is as likely."""
        ends = self.ends[split]
        which = int(np.searchsorted(ends, rng.integers(ends[-1]), side="right"))
        index = int(self.members[split][which])
        return index, int(rng.integers(max(self.corpus.num_frames(index) - num_frames, 0) + 1))

    def _changed(self, rng: np.random.Generator) -> _Stretch:
        """A crop at another level, or played faster or slower, with pitch and all."""
        speed = 1.0
        if rng.random() < _CHANGED_SHARE:
            speed = round(float(np.exp(rng.uniform(*np.log(_SPEEDS)))) * _SPEED_STEPS) / _SPEED_STEPS
        heard = math.ceil(_CROP_FRAMES * speed)
        corpus = self.corpus
        if self.predicted is not None and speed == 1 and rng.random() < _PREDICTED_SHARE:
            corpus = self.predicted
        stretch = _stretch(corpus, *self._place("train", rng, heard), heard)
        gain = 10 ** (rng.uniform(*_GAINS_DB) / 20)
        return _louder(stretch if speed == 1 else _played(stretch, speed), gain)

    def _batch(self, stretches: list[_Stretch], device: str) -> VocoderBatch:
        lead = _CONTEXT_FRAMES * HOP_SAMPLES
        sources = [self._pulses(one)[lead - self.vocoder.lead_samples :] for one in stretches]
        length = _CROP_FRAMES * HOP_SAMPLES
        inside = slice(_CONTEXT_FRAMES, _CONTEXT_FRAMES + _CROP_FRAMES)
        arrays = (
            [one.sound[lead : lead + length] for one in stretches],
            [one.mel[inside] for one in stretches],
            [one.f0[inside] for one in stretches],
            [one[: length + 2 * self.vocoder.lead_samples] for one in sources],
        )
        return VocoderBatch(*(torch.from_numpy(np.stack(one).astype(np.float32)).to(device) for one in arrays))

    def _pulses(self, stretch: _Stretch) -> np.ndarray:
        """Pulses where the sound has its own."""
        hz = frequencies(stretch.f0, HOP_SAMPLES)
        phase = phases(hz, RATE_HZ)
        drift = measured_drift(stretch.sound, stretch.f0, phase, RATE_HZ, self.vocoder.config.window_samples)
        return pulses(phase + drift, hz, RATE_HZ)


def _stretch(corpus: SpeechCorpus, index: int, start: int, num_frames: int) -> _Stretch:
    """So many frames of an utterance with context on both sides; silence beyond its ends."""
    first, last = start - _CONTEXT_FRAMES, start + num_frames + _CONTEXT_FRAMES
    count = corpus.num_frames(index)
    inside = slice(max(first, 0), min(last, count))
    missing = (inside.start - first, last - inside.stop)
    sound = corpus.sound(index)[inside.start * HOP_SAMPLES : inside.stop * HOP_SAMPLES]
    return _Stretch(
        np.pad(sound, [HOP_SAMPLES * frames for frames in missing]),
        np.pad(corpus.mel(index)[inside], (missing, (0, 0)), constant_values=np.log(_FLOOR)),
        np.pad(corpus.f0(index)[inside], missing),
    )


def _played(stretch: _Stretch, speed: float) -> _Stretch:
    """The same at another speed."""
    count = _CROP_FRAMES + 2 * _CONTEXT_FRAMES
    needed = math.ceil(count * speed) * HOP_SAMPLES
    sound = np.pad(stretch.sound, (0, max(needed - len(stretch.sound), 0)))
    sound = soxr.resample(sound, round(speed * _SPEED_STEPS), _SPEED_STEPS)[: count * HOP_SAMPLES]
    mel = np.log(mel_energies(sound, RATE_HZ, HOP_SAMPLES, NUM_MELS))
    places = np.clip((np.arange(count) + 0.5) * speed - 0.5, 0, len(stretch.f0) - 1)
    below, above = stretch.f0[np.floor(places).astype(int)], stretch.f0[np.ceil(places).astype(int)]
    share = places % 1
    both = (below > 0) & (above > 0)
    f0 = np.where(both, below + (above - below) * share, np.where(share < 0.5, below, above))
    return _Stretch(sound, mel, f0 * speed)


def _louder(stretch: _Stretch, gain: float) -> _Stretch:
    gain = min(gain, _LARGEST / max(float(np.abs(stretch.sound).max()), _FLOOR))
    return _Stretch(stretch.sound * gain, np.maximum(stretch.mel + np.log(gain), np.log(_FLOOR)), stretch.f0)
