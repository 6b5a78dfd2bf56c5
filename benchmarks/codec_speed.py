"""How fast is the codec? Encoding and decoding beside `transformers`' EnCodec and DAC, in one run on equal threads.

    python benchmarks/codec_speed.py --threads 2
    python benchmarks/codec_speed.py --quick

The others are EncodecModel (24 kHz, 6 kbps, as published) and DacModel (44.1 kHz, 9 codebooks, as published) with
random weights, for speed does not depend on them; all in float32. Runs alternate, and medians of seconds a second of
sound are compared. Ours is also run as a stream, in chunks. Goals: 15 times EnCodec, 100 times DAC. Needs the `eval`
extra.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from menura import load
from menura.audio import Audio
from menura.models.codec.model import Codec, nano
from menura.nn.coding import BaseCodec

GOALS = {"encodec": 15.0, "dac": 100.0}
_CHUNK_S = 0.5


def sound(seconds: float, rate_hz: int) -> Audio:
    """Noise: what it is does not matter."""
    rng = np.random.default_rng(0)
    return Audio(0.1 * rng.standard_normal((1, int(seconds * rate_hz))).astype(np.float32), rate_hz)


def ours(codec: BaseCodec, seconds: float) -> Callable[[], None]:
    """Whole, at the highest rate."""
    audio = sound(seconds, codec.sample_rate_hz)
    return lambda: _done(codec.decode(codec.encode(audio)))


def streamed(codec: BaseCodec, seconds: float) -> Callable[[], None]:
    """In chunks of half a second."""
    audio, size = sound(seconds, codec.sample_rate_hz), int(_CHUNK_S * codec.sample_rate_hz)

    def run() -> None:
        encoder, decoder = codec.encoder(), codec.decoder()
        for start in range(0, audio.num_samples, size):
            decoder.push(encoder.push(audio.samples[:, start : start + size]))
        decoder.push(encoder.finish())

    return run


def encodec(seconds: float) -> tuple[Callable[[], None], Any]:
    """`transformers`' EnCodec at 24 kHz and 6 kbps."""
    from transformers import EncodecConfig, EncodecModel

    model = EncodecModel(EncodecConfig()).eval()
    samples = torch.from_numpy(np.array(sound(seconds, 24_000).samples)).unsqueeze(0)

    def run() -> None:
        with torch.inference_mode():
            found = model.encode(samples, bandwidth=6.0)
            model.decode(found.audio_codes, found.audio_scales)

    return run, model


def dac(seconds: float) -> tuple[Callable[[], None], Any]:
    """`transformers`' DAC at 44.1 kHz with nine codebooks."""
    from transformers import DacConfig, DacModel

    model = DacModel(DacConfig(sampling_rate=44_100)).eval()
    samples = torch.from_numpy(np.array(sound(seconds, 44_100).samples)).unsqueeze(0)

    def run() -> None:
        with torch.inference_mode():
            model.decode(audio_codes=model.encode(samples).audio_codes)

    return run, model


def timed(ways: dict[str, tuple[Callable[[], None], float]], rounds: int) -> dict[str, float]:
    """Seconds a second of sound, medians of alternating runs; the first round is not counted."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, (run, seconds) in ways.items():
            started = time.perf_counter()
            run()
            if turn:
                found[name].append((time.perf_counter() - started) / seconds)
    return {name: median(values) for name, values in found.items()}


def _done(_: object) -> None:
    return None


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="The codec's speed beside EnCodec's and DAC's.")
    parser.add_argument("--model", type=Path, help="folder of a codec; default: the shipped size, untaught")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--seconds", type=float, default=10.0, help="of sound; DAC is given a fifth")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="two rounds of four seconds")
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    seconds, rounds = (4.0, 2) if args.quick else (args.seconds, args.rounds)
    codec: BaseCodec = load(args.model) if args.model else Codec(nano()).eval()
    (run_encodec, encodec_model), (run_dac, dac_model) = encodec(seconds), dac(seconds / 5)
    found = timed(
        {
            "ours": (ours(codec, seconds), seconds),
            "ours, streamed": (streamed(codec, seconds), seconds),
            "encodec": (run_encodec, seconds),
            "dac": (run_dac, seconds / 5),
        },
        rounds,
    )
    ratios = {name: found[name] / found["ours"] for name in GOALS}
    if args.json:
        print(json.dumps({"threads": args.threads, "seconds_a_second": found, "ratios": ratios}))
        return
    sizes = {"ours": codec, "encodec": encodec_model, "dac": dac_model}
    print(f"{args.threads} threads, float32, medians of {rounds} rounds")
    for name, value in found.items():
        model = sizes.get(name.partition(",")[0])
        size = sum(weight.numel() for weight in model.parameters()) / 1e6
        print(f"  {name:15} {1000 * value:8.2f} ms a second of sound, {1 / value:7.1f} times real time, {size:.1f} M")
    print(f"  streaming delays by {1000 * codec.latency_s:.0f} ms, a frame and a window, besides the computing")
    for name, goal in GOALS.items():
        word = "met   " if ratios[name] >= goal else "missed"
        print(f"{word}  {ratios[name]:.1f} times as fast as {name}, goal {goal:g}")


if __name__ == "__main__":
    main()
