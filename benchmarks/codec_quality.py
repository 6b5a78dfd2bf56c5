"""How good is the codec? Held-out speech, effects and music, beside Opus and beside plain PCM of equal rate.

    python benchmarks/codec_quality.py DATA
    python benchmarks/codec_quality.py DATA --quick

Ours at 0.75, 1.5, 3 and 6 kbps, Opus (libopus, constant rate, 24 kHz mono in and out, brought into step by
cross-correlation) at 6 to 24, and, as a floor, 8-bit μ-law at the sample rate that gives the same kilobits.
Clips are the first seconds of files of DATA's test split that are not silent, drawn by seed. Rates are measured: bytes
of codes, or of Opus packets in their container. PESQ and STOI are of speech alone. Needs the `media` and `eval`
extras.

Ours at 3 kbps also with a search for codes (`menura encode --effort 40`), which takes about as long as the sound lasts.

Goals: at 3 kbps at least Opus 12's log-mel distance and NSIM for every kind; for speech at 3 kbps at least Opus 8's
PESQ, at 6 kbps at least 2.7; of every codebook at least half of the codes used.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path

import av
import numpy as np
from scipy.signal import correlate

from measures.codebook import CodebookUse, codebook_perplexity
from menura import load
from menura.app.terminal import TerminalProgress
from menura.audio import Audio, read
from menura.data.sound_folder import find_sounds
from menura.metrics.sound import METRICS
from menura.nn.coding import BaseCodec
from menura.progress import Progress
from menura.train.coding import kind_of

KINDS = ("speech", "effects", "music")
OPUS_KBPS = (6, 8, 12, 16, 24)
GOAL_PESQ, GOAL_USED = 2.7, 0.5
TONES_HZ = (110, 440, 1000, 3000)
EFFORT, SEARCHED = 40, "ours 3, searched"
_OF_SPEECH = ("pesq", "stoi")
_SHORTEST_S, _SOFTEST = 1.0, 0.003


@dataclass(frozen=True)
class Clip:
    """A held-out sound at the codec's rate."""

    name: str
    kind: str
    audio: Audio


def clips(data: Path, rate_hz: int, count: int, seconds: float, seed: int) -> list[Clip]:
    """`count` clips of each kind, of as many collections as there are in turn."""
    found: dict[str, list[Clip]] = {kind: [] for kind in KINDS}
    sounds = [
        sound
        for sound in find_sounds(data, TerminalProgress().say)
        if sound.split() == "test" and "ir-" not in sound.name[:3]
    ]
    for index in np.random.default_rng(seed).permutation(len(sounds)):
        sound = sounds[index]
        kind = kind_of(sound)
        if len(found[kind]) >= count:
            continue
        audio = sound.read().mono().resampled(rate_hz)
        if audio.duration_s >= _SHORTEST_S and audio.samples.std() > _SOFTEST:
            cut = Audio(audio.samples[:, : int(seconds * rate_hz)], rate_hz)
            found[kind].append(Clip(sound.name, kind, cut))
    return [clip for kind in KINDS for clip in found[kind]]


def through_opus(audio: Audio, kbps: float) -> tuple[Audio, float]:
    """Encoded and decoded by libopus, and the kilobits a second that took."""
    rate_hz = audio.sample_rate_hz
    samples = np.round(audio.samples * 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate = rate_hz
    file = BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=rate_hz, layout="mono", options={"vbr": "off"})
        stream.bit_rate = round(1000 * kbps)
        for packet in chain(stream.encode(frame), stream.encode(None)):
            container.mux(packet)
    file.seek(0)
    return in_step(audio, read(file).resampled(rate_hz)), 8 * file.getbuffer().nbytes / audio.duration_s / 1000


def in_step(reference: Audio, estimate: Audio) -> Audio:
    """The estimate moved to where it fits best, and as long as the reference."""
    ours, theirs = reference.samples[0], estimate.samples[0]
    most = reference.sample_rate_hz // 20
    reconstruction = correlate(theirs, ours, method="fft")
    middle = len(ours) - 1
    late = int(np.argmax(reconstruction[middle - most : middle + most + 1])) - most
    moved = theirs[late:] if late >= 0 else np.pad(theirs, (-late, 0))
    return Audio(np.pad(moved, (0, max(len(ours) - len(moved), 0)))[: len(ours)], reference.sample_rate_hz)


def through_pcm(audio: Audio, kbps: float) -> tuple[Audio, float]:
    """8-bit μ-law at the sample rate that gives `kbps`."""
    rate = round(kbps * 1000 / 8)
    low = audio.resampled(rate).samples[0]
    squeezed = np.sign(low) * np.log1p(255 * np.abs(low).clip(0, 1)) / np.log(256)
    digits = np.round(127 * squeezed) / 127
    heard = np.sign(digits) * (np.expm1(np.abs(digits) * np.log(256)) / 255)
    return in_step(audio, Audio(heard.astype(np.float32), rate).resampled(audio.sample_rate_hz)), kbps


def through_codec(codec: BaseCodec, kbps: float, effort: int = 0) -> Callable[[Audio], tuple[Audio, float]]:
    """The codec at a rate."""

    def through(audio: Audio) -> tuple[Audio, float]:
        codes = codec.encode(audio, kbps, effort)
        bits = codes.codes.size * (codec.codebook_size - 1).bit_length()
        return codec.decode(codes), bits / audio.duration_s / 1000

    return through


def measured(
    made: Sequence[Clip], ways: Mapping[str, Callable[[Audio], tuple[Audio, float]]], progress: Progress
) -> dict[str, dict[str, dict[str, float]]]:
    """Means of every metric: way -> kind -> metric."""
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for number, (way, through) in enumerate(ways.items()):
        for index, clip in enumerate(made):
            progress.update(number * len(made) + index, len(ways) * len(made), "coding and measuring")
            estimate, kbps = through(clip.audio)
            row = found.setdefault(way, {}).setdefault(clip.kind, {})
            row.setdefault("kbps", []).append(kbps)
            for name, value in _readings(clip, estimate):
                row.setdefault(name, []).append(value)
    return {
        way: {kind: {name: float(np.mean(values)) for name, values in row.items()} for kind, row in kinds.items()}
        for way, kinds in found.items()
    }


def _readings(clip: Clip, estimate: Audio) -> Iterator[tuple[str, float]]:
    for name, metric in METRICS.items():
        if metric.is_available and (clip.kind == "speech" or name not in _OF_SPEECH):
            with contextlib.suppress(ValueError):  # not defined for this pair, as STOI for a word of 0.3 s
                yield name, metric.measure(clip.audio.samples[0], estimate.samples[0], clip.audio.sample_rate_hz)


def use_of_codebooks(codec: BaseCodec, made: Sequence[Clip]) -> CodebookUse:
    """Perplexity and use of every codebook over all clips."""
    codes = np.concatenate([codec.encode(clip.audio).codes[0] for clip in made])
    return codebook_perplexity(codes.T, codec.codebook_size)


def kept_of_tones(codec: BaseCodec, kbps: float) -> dict[int, float]:
    """What share of its level a steady sine keeps, by its frequency."""
    time_s, kept = np.arange(2 * codec.sample_rate_hz) / codec.sample_rate_hz, {}
    for hz in TONES_HZ:
        tone = Audio((0.3 * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)[None], codec.sample_rate_hz)
        heard = codec.decode(codec.encode(tone, kbps))
        kept[hz] = float(heard.cut(0.5, 1.5).samples.std() / tone.samples.std())
    return kept


def goals(found: Mapping[str, Mapping[str, Mapping[str, float]]], use: CodebookUse) -> list[tuple[str, bool]]:
    """What was to be shown, with the figures, and whether it is."""
    told = []
    for way in ("ours 3", SEARCHED):
        for kind in KINDS:
            ours, opus = found[way].get(kind), found["opus 12"].get(kind)
            if ours and opus:
                better = ours["mel"] <= opus["mel"], ours["nsim"] >= opus["nsim"]
                told.append((f"{way}, {kind}: log-mel {ours['mel']:.3f}, Opus 12 {opus['mel']:.3f}", better[0]))
                told.append((f"{way}, {kind}: nsim {ours['nsim']:.3f}, Opus 12 {opus['nsim']:.3f}", better[1]))
    speech = {way: kinds["speech"] for way, kinds in found.items() if "speech" in kinds}
    if speech and "pesq" in speech["ours 3"]:
        three, six, eight = (speech[way]["pesq"] for way in ("ours 3", "ours 6", "opus 8"))
        told.append((f"speech: PESQ at 3 kbps {three:.2f}, Opus 8 {eight:.2f}", three >= eight))
        told.append((f"speech: PESQ at 6 kbps {six:.2f}, goal {GOAL_PESQ}", six >= GOAL_PESQ))
    told.append((f"least used codebook: {use.used.min():.0%} of its codes, goal 50 %", use.used.min() >= GOAL_USED))
    return told


def _table(found: Mapping[str, Mapping[str, Mapping[str, float]]], kind: str) -> str:
    names = ["kbps", *METRICS] if kind == "speech" else ["kbps", *(name for name in METRICS if name not in _OF_SPEECH)]
    lines = [f"| {kind} | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for way, kinds in found.items():
        if kind in kinds:
            lines.append(f"| {way} | {' | '.join(f'{kinds[kind].get(name, np.nan):.3f}' for name in names)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="The codec beside Opus and PCM on held-out sound.")
    parser.add_argument("data", type=Path, help="a folder of sound with a test split")
    parser.add_argument("--model", default="codec", help="name or folder of a codec")
    parser.add_argument("--count", type=int, default=12, help="clips of each kind")
    parser.add_argument("--seconds", type=float, default=8.0, help="of a clip at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="three clips of each kind, of four seconds")
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    args = parser.parse_args(arguments)
    started = time.perf_counter()
    codec: BaseCodec = load(args.model)
    count, seconds = (3, 4.0) if args.quick else (args.count, args.seconds)
    made = clips(args.data, codec.sample_rate_hz, count, seconds, args.seed)
    rates = [codec.kbps(2**power) for power in range(codec.num_codebooks.bit_length())]
    ways: dict[str, Callable[[Audio], tuple[Audio, float]]] = {
        f"ours {rate:g}": through_codec(codec, rate) for rate in rates
    }
    if "ours 3" in ways:
        ways[SEARCHED] = through_codec(codec, 3.0, EFFORT)
    ways |= {f"opus {rate}": lambda audio, rate=rate: through_opus(audio, rate) for rate in OPUS_KBPS}
    ways |= {f"pcm {rate:g}": lambda audio, rate=rate: through_pcm(audio, rate) for rate in rates if rate >= 3}
    found = measured(made, ways, Progress())
    use = use_of_codebooks(codec, made)
    if args.json:
        rows = {"perplexity": use.perplexity.round(1).tolist(), "used": use.used.round(3).tolist()}
        print(json.dumps({"readings": found, **rows}))
        return
    print(
        f"{len(made)} clips of up to {seconds:g} s, seed {args.seed}; mel, stft and lsd are better low, the rest high\n"
    )
    for kind in KINDS:
        print(_table(found, kind), "\n", sep="\n")
    frames = sum(clip.audio.num_samples for clip in made) // codec.hop_samples
    print(f"codebooks over {frames} frames, {codec.codebook_size} codes each:")
    print(f"  perplexity {' '.join(f'{value:.0f}' for value in use.perplexity)}")
    print(f"  used       {' '.join(f'{value:.0%}' for value in use.used)}\n")
    for rate in rates:
        kept = "  ".join(f"{hz} Hz {share:.0%}" for hz, share in kept_of_tones(codec, rate).items())
        print(f"of its level a steady sine keeps at {rate:g} kbps  {kept}")
    if {"ours 3", "ours 6"} <= found.keys():
        for line, is_met in goals(found, use):
            print(f"{'met   ' if is_met else 'missed'}  {line}")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
