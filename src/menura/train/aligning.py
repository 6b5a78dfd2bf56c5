"""Durations of the phonemes of a corpus of speech, where nobody told them: an aligner finds them, once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import numpy as np

from menura import checkpoint
from menura.data.speech import SpeechCorpus, Utterance
from menura.files import read_json, write_bytes
from menura.models.aligner.scores import LEAST_SCORE
from menura.progress import Progress

ALIGNER = Path(str(package_files("menura"))) / "pretrained" / "aligner"
"""The aligner that comes with the package."""
_MAX_BYTES = 1 << 28


def with_durations(
    corpus: SpeechCorpus, cache: Path, progress: Progress, aligner: Path = ALIGNER, told_too: bool = False
) -> SpeechCorpus:
    """The corpus with the durations of all utterances that fit their text; those of others are None.

    Args:
        corpus: of speech and its phonemes.
        cache: folder in which what was found is kept.
        progress: is told how many fit.
        aligner: folder of the model.
        told_too: whether durations that were told are found anew, so that all are of one kind.
    """
    wanted = [index for index, one in enumerate(corpus.utterances) if told_too or one.durations is None]
    if not wanted:
        return corpus
    said = [corpus.utterances[index].symbols for index in wanted]
    made_of = json.dumps([corpus.sounds.sha256, checkpoint.model_hash(aligner), wanted, said])
    path = cache / f"durations-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}.json"
    if not path.exists():
        found = _found(corpus, wanted, checkpoint.load(aligner), progress)
        write_bytes(path, json.dumps({"durations": found}).encode())
    kept = dict(zip(wanted, read_json(path, _MAX_BYTES)["durations"], strict=True))
    fitting = sum(durations is not None for durations in kept.values())
    progress.say(f"{fitting} of {len(kept)} utterances were aligned with their text; the others do not fit it")
    utterances = tuple(
        _timed(one, kept[index]) if index in kept else one for index, one in enumerate(corpus.utterances)
    )
    return replace(corpus, utterances=utterances)


def _found(corpus: SpeechCorpus, wanted: list[int], aligner: Any, progress: Progress) -> list[list[int] | None]:
    found: list[list[int] | None] = []
    for number, index in enumerate(wanted):
        progress.update(number, len(wanted), "aligning")
        try:
            alignment = aligner.align(corpus.mel(index), corpus.utterances[index].symbols)
        except ValueError:  # its text is longer than it
            found.append(None)
            continue
        found.append(alignment.durations.tolist() if alignment.score >= LEAST_SCORE else None)
    return found


def _timed(one: Utterance, durations: list[int] | None) -> Utterance:
    return replace(one, durations=None if durations is None else np.array(durations, np.int64))
