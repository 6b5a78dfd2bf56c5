"""How well voices of speakers who were never heard are told apart: equal-error rate, and who speaks when in dialogues.

    python benchmarks/speakers.py FOLDER --model runs/speaker/model [--dialogues 6]

FOLDER has recordings whose rows (manifest.jsonl) name a ``speaker``; those that no row of the split "train" names are
held out. Dialogues of two to four of them are made, turns of 3 to 8 s; the error is the share of speech that is given
to another speaker than who says it, the best match of names given.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from menura import audio
from menura.tasks.diarization import STRETCH_S, Voices
from menura.tasks.models import Models
from menura.tasks.sections import RATE_HZ, mono_blocks

_MOST_CLIPS = 6


def held_out(folder: Path) -> dict[str, list[np.ndarray]]:
    """Clips of at least two seconds of each speaker who is in no row for training."""
    rows = [
        {**json.loads(line), "at": path.parent}
        for path in sorted(folder.glob("*/manifest.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    known = {row.get("speaker") for row in rows if row["split"] == "train"}
    found: dict[str, list[np.ndarray]] = defaultdict(list)
    for row in rows:
        speaker = row.get("speaker")
        if speaker and speaker not in known and row["duration_s"] >= 2 and len(found[speaker]) < _MOST_CLIPS:
            found[speaker].append(audio.read(row["at"] / row["file"], sample_rate_hz=RATE_HZ, mono=True).samples[0])
    return {speaker: clips for speaker, clips in found.items() if len(clips) > 1}


def equal_error(encoder: Any, voices: dict[str, list[np.ndarray]]) -> tuple[float, int]:
    """The rate at which as many of the same are refused as of others are taken, and pairs of the same."""
    points, names = [], []
    count = round(STRETCH_S * RATE_HZ)
    for speaker, clips in voices.items():
        for clip in clips:
            starts = np.linspace(0, len(clip) - count, 3).astype(int)
            mean = encoder.embed(np.stack([clip[start : start + count] for start in starts])).mean(0)
            points.append(mean / np.linalg.norm(mean))
            names.append(speaker)
    scores = np.array(points) @ np.array(points).T
    same = np.array(names)[:, None] == np.array(names)
    upper = np.triu(np.ones_like(same), 1).astype(bool)
    own, others = np.sort(scores[upper & same]), np.sort(scores[upper & ~same])
    bounds = np.unique(np.concatenate((own, others)))
    refused = np.searchsorted(own, bounds) / len(own)
    taken = 1 - np.searchsorted(others, bounds) / len(others)
    place = np.abs(refused - taken).argmin()
    return float(refused[place] + taken[place]) / 2, len(own)


def diarisation_error(
    encoder: Any, activity: Any, voices: dict[str, list[np.ndarray]], seed: int, is_told: bool
) -> float:
    """Of one dialogue."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 5))
    speakers = rng.choice(sorted(voices), count, replace=False)
    parts, truth = [], []
    for turn in range(4 * count):
        who = turn % count if turn < count else int(rng.integers(count))
        clips = voices[speakers[who]]
        clip = clips[rng.integers(len(clips))][: round(rng.uniform(3, 8) * RATE_HZ)]
        silence = np.zeros(round(rng.uniform(0.2, 1) * RATE_HZ), np.float32)
        parts += [0.1 * clip / clip.std(), silence]
        truth += [who] * (len(clip) // 160) + [-1] * (len(silence) // 160)
    heard = Voices(encoder, activity)
    sound = np.concatenate(parts).astype(np.float32)
    for _ in heard.listening(mono_blocks(iter([sound]))):
        pass
    found = np.full(len(truth), -1)
    for turn in heard.turns(count if is_told else None):
        found[round(turn.start_s * 100) : round(turn.end_s * 100)] = turn.speaker
    said = np.where(found >= 0, np.array(truth), -1)  # what is silent within a clip is nobody's
    table = np.zeros((count, max(found.max() + 1, 1)))
    for who in range(count):
        for name in range(table.shape[1]):
            table[who, name] = ((said == who) & (found == name)).sum()
    return 1 - float(table[linear_sum_assignment(-table)].sum() / (said >= 0).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="speaker", help="name or folder")
    parser.add_argument("--dialogues", type=int, default=6)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    encoder, activity = Models().get(asked.model), Models().get("voice_activity")
    voices = held_out(asked.folder)
    rate, pairs = equal_error(encoder, voices)
    print(f"{len(voices)} speakers held out: equal-error rate {100 * rate:.1f} % ({pairs} pairs of the same)")
    for is_told, words in ((True, "number told"), (False, "number not told")):
        errors = [diarisation_error(encoder, activity, voices, seed, is_told) for seed in range(asked.dialogues)]
        print(f"{asked.dialogues} dialogues, {words}: {100 * np.mean(errors):.1f} % of speech given to another speaker")


if __name__ == "__main__":
    main()
