"""How long does a song take, and how long the same song with one line changed?

    python benchmarks/song_speed.py

A song of about three minutes, of `lines_sung.txt`: made where nothing is kept, made again with other words in one line,
and that once more where nothing is kept: both must be equal to the last bit. Seconds by the clock and of the
processor; loading of models and compiled code is counted apart, by a short song before.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.song import Song, SongResult
from menura.tasks.song_voice import KEPT

LINES = Path(__file__).with_name("lines_sung.txt")


def song(changed: bool, prompt: str) -> Song:
    """The same words each time, but for one line."""
    lines = [line for line in LINES.read_text(encoding="utf-8").splitlines() if line.strip()]
    verses = ["\n".join(lines[start : start + 4]) for start in range(0, 20, 4)]
    if changed:
        verses[0] = verses[0].replace(lines[1], lines[21])
    first, chorus, second, third, bridge = verses
    named = [("verse", first), ("chorus", chorus), ("verse", second), ("chorus", ""), ("instrumental", "")]
    named += [("verse", third), ("bridge", bridge), ("chorus", "")]
    return Song(prompt=prompt, lyrics="\n".join(f"[{name}]\n{words}" for name, words in named), seed=1)


def timed(task: Song, models: Models, name: str) -> SongResult:
    began, spent = time.perf_counter(), time.process_time()
    result = next(iter(task.run(models, Progress())))
    took_s, spent_s = time.perf_counter() - began, time.process_time() - spent
    print(f"{name}: {took_s:.1f} s, {spent_s:.1f} s of the processor, for {result.audio.duration_s:.0f} s", flush=True)
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompt", default="a hopeful folk ballad about the sea, female voice, guitar and strings")
    given = parser.parse_args(arguments)
    models = Models()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MENURA_CACHE"] = folder
        timed(Song(prompt=given.prompt, lyrics="The sea is wide", jingle=10, seed=0), models, "short, from nothing")
        timed(song(False, given.prompt), models, "whole")
        edited = timed(song(True, given.prompt), models, "one line changed")
    KEPT.forget()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MENURA_CACHE"] = folder
        again = timed(song(True, given.prompt), models, "the same, where nothing is kept")
        KEPT.forget()
        timed(song(True, given.prompt), models, "once more, from the disk")
    print(f"equal to the last bit: {np.array_equal(edited.audio.samples, again.audio.samples)}")


if __name__ == "__main__":
    main()
