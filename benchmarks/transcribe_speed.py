"""How fast speech is recognised: Menura beside faster-whisper, int8 and float32, with the same weights.

    pip install faster-whisper
    python benchmarks/transcribe_speed.py WEIGHTS DATA --threads 1 2

WEIGHTS is a folder of CTranslate2's form, which both read; DATA holds recordings of speech, of which a window of 30 s,
a file of ten minutes and sixteen short clips are made. Each engine is a process of its own on as many threads, and
imports what it needs alone. They take turns, job by job; figures are medians, in seconds of sound a second, by the
clock and by the processor's time, which other work on the machine disturbs less. Memory is the most that a process ever
held, and what it held with its libraries and no model. All decode greedily, at temperature 0, without prompts.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from pkgutil import resolve_name
from statistics import median
from typing import Any

import numpy as np

RATE_HZ = 16_000
ENGINES = ("menura", "faster-whisper int8", "faster-whisper float32")
Heard = Callable[[str, list[np.ndarray]], str]


def held_mb() -> float:
    """The most that this process held so far; `getrusage` would count what its parent held, too."""
    said = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(said.partition("VmHWM:")[2].split()[0]) / 1024


def menura(weights: str, threads: int) -> tuple[float, Heard]:
    import torch

    from menura.audio import Audio
    from menura.models.whisper.checkpoints import read_checkpoint
    from menura.models.whisper.decoding import DecodingOptions
    from menura.progress import Progress
    from menura.tasks.hearing import HearingOptions, transcribe

    torch.set_num_threads(threads)
    before_mb = held_mb()
    model = read_checkpoint(weights)
    options = HearingOptions(beam_size=1, temperatures=(0.0,), condition_on_previous_text=False)

    def heard(job: str, sounds: list[np.ndarray]) -> str:
        if job == "file":
            found = transcribe(model, Audio(sounds[0][None], RATE_HZ), options, Progress())
            return "".join(segment.text for segment in found)
        results = (model.decode(model.encode(model.log_mel(one)[None]), DecodingOptions())[0] for one in sounds)
        return " ".join(result.text for result in results)

    return before_mb, heard


def faster_whisper(weights: str, threads: int, compute_type: str) -> tuple[float, Heard]:
    engine = resolve_name("faster_whisper:WhisperModel")
    before_mb = held_mb()
    model = engine(weights, device="cpu", compute_type=compute_type, cpu_threads=threads)

    def heard(_job: str, sounds: list[np.ndarray]) -> str:
        found = (
            model.transcribe(one, beam_size=1, temperature=[0.0], condition_on_previous_text=False)[0] for one in sounds
        )
        return " ".join("".join(segment.text for segment in segments).strip() for segments in found)

    return before_mb, heard


def serve(engine: str, weights: str, threads: int, pipe: Any) -> None:
    """A process: jobs in, seconds by the clock and of the processor, the text and the memory out."""
    name, _, compute_type = engine.partition(" ")
    before_mb, heard = menura(weights, threads) if name == "menura" else faster_whisper(weights, threads, compute_type)
    while (job := pipe.recv()) is not None:
        clock, used = time.perf_counter(), time.process_time()
        text = heard(*job)
        clock, used = time.perf_counter() - clock, time.process_time() - used
        pipe.send((clock, used, text, held_mb(), before_mb))


def jobs(data: Path, minutes: float) -> dict[str, list[np.ndarray]]:
    from menura import audio

    paths = sorted(path for path in data.rglob("*") if path.suffix in (".flac", ".wav", ".opus"))
    sounds: list[np.ndarray] = []
    for path in paths:
        sounds.append(audio.read(path).mono().resampled(RATE_HZ).samples[0].astype(np.float32))
        if sum(map(len, sounds)) > minutes * 60 * RATE_HZ:
            break
    joined = np.concatenate(sounds)
    short = [one for one in sounds if len(one) < 10 * RATE_HZ][:16]
    return {"window": [joined[: 30 * RATE_HZ]], "clips": short, "file": [joined[: round(minutes * 60 * RATE_HZ)]]}


def measured(
    weights: str, threads: int, given_jobs: dict[str, list[np.ndarray]], repeats: int
) -> dict[str, dict[str, Any]]:
    """Of each engine, its speed for each job and its memory."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    context, pipes = get_context("spawn"), {}
    for engine in ENGINES:
        pipes[engine], other = context.Pipe()
        context.Process(target=serve, args=(engine, weights, threads, other), daemon=True).start()
    rows: dict[str, dict[str, Any]] = {engine: {} for engine in ENGINES}
    for job, sounds in given_jobs.items():
        seconds = sum(map(len, sounds)) / RATE_HZ
        taken: dict[str, list[Any]] = {engine: [] for engine in ENGINES}
        for turn in range((1 if job == "file" else repeats) + (job == "window")):  # the first warms up
            for engine in ENGINES:
                pipes[engine].send((job, sounds))
                answer = pipes[engine].recv()
                taken[engine] += [answer] if turn or job != "window" else []
                print(f"{job} {turn} {engine}: {answer[0]:.2f} s, {answer[1]:.2f} s used", file=sys.stderr)
        for engine, answers in taken.items():
            clock, used, memory, before = (median(one[place] for one in answers) for place in (0, 1, 3, 4))
            rows[engine][job] = {"clock": seconds / clock, "used": seconds / used}
            rows[engine] |= {"megabytes": memory, "megabytes_before": before}
            rows[engine].setdefault("texts", {})[job] = answers[-1][2]
    for pipe in pipes.values():
        pipe.send(None)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights")
    parser.add_argument("data", type=Path)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=10.0, help="length of the file")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    given_jobs = jobs(given.data, given.minutes)
    print("seconds of sound a second by the clock (by the processor's time); memory (with libraries alone)")
    print("| threads | | " + " | ".join(given_jobs) + " | memory |\n|" + "---|" * (len(given_jobs) + 3))
    for threads in given.threads:
        rows = measured(given.weights, threads, given_jobs, given.repeats)
        for engine, row in rows.items():
            cells = [f"{row[job]['clock']:.1f} ({row[job]['used']:.1f})" for job in given_jobs]
            memory = f"{row['megabytes']:.0f} MB ({row['megabytes_before']:.0f})"
            print(f"| {threads} | {engine} | {' | '.join(cells)} | {memory} |", flush=True)
        if given.json:
            print(json.dumps({"threads": threads, "engines": rows}))


if __name__ == "__main__":
    main()
