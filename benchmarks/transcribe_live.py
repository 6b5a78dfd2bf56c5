"""How long after a word was said it is final, when speech comes in real time.

    python benchmarks/transcribe_live.py FOLDER [--model whisper-tiny.en] [--minutes 2] [--threads 1]

FOLDER has recordings with a manifest.jsonl. They are joined with pauses of 0.7 s. The clock is simulated: sound is
there when it has been said, and hearing it takes as long as it took here, so that a machine that is too slow falls
behind. By processor time (``--clock cpu``) other work on the machine does not count; with more threads than
one use ``wall``.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from menura import audio
from menura.models.whisper.checkpoints import read_checkpoint
from menura.tasks.hearing import HearingOptions
from menura.tasks.live import LiveTranscriber
from menura.tasks.models import Models
from menura.tasks.sections import RATE_HZ

CLOCKS = {"cpu": time.process_time, "wall": time.perf_counter}
BLOCK_S, PAUSE_S = 0.1, 0.7


def speech(folder: Path, minutes: float) -> tuple[np.ndarray, str]:
    """Recordings one after another, and what is said."""
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    parts, texts, count = [], [], 0
    for row in rows:
        parts += [audio.read(folder / row["file"], sample_rate_hz=RATE_HZ, mono=True).samples[0]]
        parts += [np.zeros(round(PAUSE_S * RATE_HZ), np.float32)]
        texts.append(row["text"])
        count += len(parts[-2]) + len(parts[-1])
        if count > 60 * minutes * RATE_HZ:
            break
    return np.concatenate(parts), " ".join(texts)


def heard(transcriber: LiveTranscriber, samples: np.ndarray, clock: str) -> tuple[list[float], list[float], str]:
    """Delays of final words and of their first showing, and the text."""
    now, seconds, place = CLOCKS[clock], 0.0, 0
    final, shown, text = [], {}, []
    duration_s = len(samples) / RATE_HZ
    while place < len(samples) or seconds < duration_s:
        seconds = max(seconds, (place + round(BLOCK_S * RATE_HZ)) / RATE_HZ)
        there = min(int(seconds * RATE_HZ), len(samples))
        start = now()
        events = transcriber.feed(samples[place:there])
        seconds += now() - start
        place = there
        for event in events:
            for word in event.words:
                shown.setdefault(round(word.start_s, 1), seconds - word.end_s)
            if event.type == "final":
                final += [seconds - word.end_s for word in event.words]
                text.append(event.text)
    text += [event.text for event in transcriber.finish() if event.type == "final"]
    return final, list(shown.values()), " ".join(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="whisper-tiny.en", help="name, folder, or public weights")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--clock", choices=CLOCKS, default="cpu")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    is_public = (Path(asked.model) / "model.bin").exists()
    model = read_checkpoint(asked.model).eval() if is_public else Models().get(asked.model)
    samples, wanted = speech(asked.folder, asked.minutes)
    activity = Models().get("voice_activity")
    warm = LiveTranscriber(model, HearingOptions(), activity)
    warm.feed(samples[: 3 * RATE_HZ])
    warm.finish()
    final, shown, text = heard(LiveTranscriber(model, HearingOptions(), activity), samples, asked.clock)
    quartiles = np.percentile(final, [50, 90]).round(2)
    print(f"{len(samples) / RATE_HZ:.0f} s of sound, {len(final)} words, {asked.threads} threads, {asked.clock} clock")
    print(
        f"delay of a final word: median {quartiles[0]} s, nine in ten under {quartiles[1]} s, most {max(final):.2f} s"
    )
    print(f"delay of a word's first showing: median {np.median(shown):.2f} s")
    print(f"said:  {wanted[:300]}\nheard: {text[:300]}")


if __name__ == "__main__":
    main()
