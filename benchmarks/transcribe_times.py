"""How near the recogniser's word times are to those of our own synthesis, which are exact; the aligner's beside them.

    python benchmarks/transcribe_times.py [--model whisper-tiny.en] [--sentences 40] [--voices heart fenrir LJ emma]

English sentences are drawn by the seed, and dealt out to the voices. Words are compared that both have, in order.
Errors in milliseconds; "raw" are times without the correction by energy.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import cycle
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

import menura
from menura.audio import Audio
from menura.models.whisper.checkpoints import read_checkpoint
from menura.progress import Progress
from menura.tasks import word_times
from menura.tasks.hearing import HearingOptions, transcribe
from menura.tasks.models import Models
from menura.tasks.word_times import corrected
from menura.text.captions import Word

_SENTENCES = Path(__file__).with_name("sentences_speech.txt")


def key(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def errors_ms(found: Sequence[Any], known: Sequence[Any]) -> list[tuple[float, float]]:
    """Of starts and ends, of the words that both have."""
    matcher = SequenceMatcher(None, [key(word.text) for word in found], [key(word.text) for word in known], False)
    pairs = [
        (block.a + place, block.b + place) for block in matcher.get_matching_blocks() for place in range(block.size)
    ]
    return [(1000 * (found[a].start_s - known[b].start_s), 1000 * (found[a].end_s - known[b].end_s)) for a, b in pairs]


def words_of(model: Any, sound: Audio) -> tuple[list[Any], list[Word]]:
    """Words with their times, and with those that they had before the correction."""
    raw: list[Word] = []

    def kept(words: Sequence[Any], levels_db: np.ndarray) -> list[Any]:
        raw.extend(Word(word.word.strip(), word.start, word.end) for word in words)
        return corrected(words, levels_db)

    options = HearingOptions(beam_size=None, word_timestamps=True)
    with patch.object(word_times, "corrected", kept):
        return [word for segment in transcribe(model, sound, options, Progress()) for word in segment.words], raw


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", default="whisper-tiny.en", help="name, folder, or public weights")
    parser.add_argument("--sentences", type=int, default=40)
    parser.add_argument("--voices", nargs="+", default=["heart", "fenrir", "LJ", "emma"])
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    is_public = (Path(asked.model) / "model.bin").exists()
    model = read_checkpoint(asked.model).eval() if is_public else Models().get(asked.model)
    rows: dict[str, list[tuple[float, float]]] = {"transcribe": [], "transcribe, raw": [], "align": []}
    english = _SENTENCES.read_text(encoding="utf-8").partition("# de")[0].splitlines()[1:]
    order = np.random.default_rng(asked.seed).permutation(len(english))
    lines = [english[place] for place in order[: asked.sentences]]
    known_words = 0
    for line, voice in zip(lines, cycle(asked.voices), strict=False):
        spoken: Any = menura.speak(line, voice=voice, seed=0)
        known_words += len(spoken.words)
        sound = spoken.audio.mono().resampled(16_000)
        for name, found in zip(rows, words_of(model, sound), strict=False):
            rows[name] += errors_ms(found, spoken.words)
        rows["align"] += errors_ms(menura.align(spoken.audio, line).words, spoken.words)
    print(f"{len(lines)} sentences, {known_words} words, voices {', '.join(asked.voices)}")
    for name, errors in rows.items():
        starts, ends = np.array(errors).T
        print(
            f"{name}: {len(errors)} words; starts: median error {np.median(abs(starts)):.0f}, nine in ten within "
            f"{np.percentile(abs(starts), 90):.0f}, later by {np.median(starts):.0f}; ends: "
            f"{np.median(abs(ends)):.0f}, {np.percentile(abs(ends), 90):.0f}, {np.median(ends):.0f}"
        )


if __name__ == "__main__":
    main()
