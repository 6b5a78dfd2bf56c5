"""How a Whisper learns from recordings and their transcripts.

    menura train whisper FOLDER --init whisper-tiny.en --learning-rate 1e-5 --out runs/mine

With ``--init`` a model goes on from its weights, in its size. Without, `tiny` shows the way in seconds, and hears
little: OpenAI's models were made from 680 000 hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from menura.data.contents import sounds_in
from menura.data.sounds import SoundCorpus
from menura.models.whisper.model import CHUNK_S, NOT_LEARNT, SAMPLE_RATE_HZ, Batch, Whisper, WhisperObjective, tiny
from menura.progress import Progress
from menura.train.recipe import Recipe, Settings, preset_of

_FEWEST = 2


class WhisperRecipe(Recipe[Batch]):
    """Recordings of at most 30 s, each a window, judged in nats a token."""

    family = "whisper"
    about = "Hears speech, and writes what is said. `menura transcribe` uses it."
    sizes: ClassVar[Mapping[str, Settings]] = {
        "tiny": Settings(
            minutes=0.5, peak_learning_rate=4e-3, batch_size=2, weight_decay=0.01, warmup_steps=3, validation_batches=1,
            average_decay=0.98,
        ),
    }  # fmt: skip
    presets = tuple(sizes)

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress) -> None:
        self.preset, self.seed, self.settings = preset, seed, preset_of(self.sizes, preset)
        found = [sound for sound in sounds_in(data, progress.say) if str(sound.row.get("text") or "").strip()]
        if len(found) < _FEWEST:
            raise ValueError(
                f"{data} holds {len(found)} sounds with a transcript (text in manifest.jsonl or metadata.csv, or x.txt "
                f"beside x.wav); {_FEWEST} are the fewest to learn from"
            )
        self.rows = {sound.name: sound.row for sound in found}
        self.sounds = SoundCorpus.of([("speech", sound) for sound in found], SAMPLE_RATE_HZ, cache, progress)
        self.data_sha256 = self.sounds.sha256
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self._learn(Whisper(tiny()))

    def _learn(self, model: Whisper) -> None:
        """Take a model to train, and the recordings that it can be told."""
        self.model = self.network = model
        self.objective = WhisperObjective(model)
        self.tokens = [self._told(name) for name in self.sounds.names]
        lengths = np.diff(self.sounds.starts)
        fits = [
            length <= CHUNK_S * SAMPLE_RATE_HZ and len(tokens) <= model.config.n_text_ctx
            for length, tokens in zip(lengths, self.tokens, strict=True)
        ]
        self.members = {
            split: [index for index, said in enumerate(self.sounds.splits) if said == split and fits[index]]
            for split in ("train", "valid")
        }
        for split, members in self.members.items():
            if not members:
                raise ValueError(f"no recording of at most {CHUNK_S} s falls into the split {split!r}")

    def start_from(self, source: Whisper) -> None:
        """Go on from a model, whatever its size."""
        fresh = Whisper(source.config)
        fresh.load_state_dict(source.state_dict())
        self._learn(fresh)

    def batch(self, step: int, device: str) -> Batch:
        members, count = self.members["train"], self.settings.batch_size
        rng = np.random.default_rng((self.seed, step))
        return self._batch([members[place] for place in rng.integers(len(members), size=count)], device)

    def validation_batch(self, index: int, device: str) -> Batch:
        members, count = self.members["valid"], self.settings.batch_size
        return self._batch([members[(index * count + item) % len(members)] for item in range(count)], device)

    def amount(self) -> str:
        learnt, judged = (
            sum(self.sounds.starts[one + 1] - self.sounds.starts[one] for one in self.members[split])
            / (60 * SAMPLE_RATE_HZ)
            for split in ("train", "valid")
        )
        return f"{learnt:.3g} minutes to learn from, {judged:.2g} to judge by"

    def provenance(self) -> Mapping[str, Any]:
        return {
            "data": self.sounds.collections,
            "recordings": {split: len(members) for split, members in self.members.items()},
            "held_out_is": self.sounds.held_out,
            "left_out": len(self.sounds.skipped) + len(self.tokens) - sum(map(len, self.members.values())),
        }

    def _told(self, name: str) -> list[int]:
        """The tokens of a recording, from the start of its transcript to its end."""
        row, words = self.rows[name], self.network.tokenizer
        language = str(row.get("language") or "en").partition("-")[0]
        start = [*words.sot_sequence(language), words.no_timestamps]
        return [*start, *words.encode(" " + str(row["text"]).strip()), words.eot]

    def _batch(self, indices: Sequence[int], device: str) -> Batch:
        words = self.network.tokenizer
        longest = max(len(self.tokens[index]) for index in indices) - 1
        told = np.full((len(indices), longest), words.eot)
        follows = np.full((len(indices), longest), NOT_LEARNT)
        begin = len(words.sot_sequence("en"))
        mels = []
        for row, index in enumerate(indices):
            tokens = np.array(self.tokens[index])
            told[row, : len(tokens) - 1] = tokens[:-1]
            follows[row, begin : len(tokens) - 1] = tokens[begin + 1 :]
            start, stop = self.sounds.starts[index : index + 2]
            mels.append(self.network.log_mel(self.sounds.samples[start:stop] / np.float32(32767)))
        return Batch(*(torch.from_numpy(part).to(device) for part in (np.stack(mels), told, follows)))
