"""What `menura sound` promises whatever is asked: lengths, loops, one seed, memory, and odd prompts.

    python benchmarks/sound_promises.py [lengths] [loops] [seeds] [prompts] [hour]

- lengths: every kind of `prompts_sound.txt` in turn, at lengths from .05 to 600 s drawn by ratio, as a loop and not:
  the samples asked for and given;
- loops: of every third prompt, twelve seconds: the largest jump in level and in spectrum (20 ms frames, 10 ms apart, 40
  mels, dB) over the seam, against the largest inside;
- seeds: each of 24 prompts alone, as a take of several, as a stream and in another process with two threads;
- prompts: nothing, 10 000 characters, other languages, markup, signs, and parameters out of range: made or refused in
  one line, and how long that takes;
- hour: an hour of ambience written to a file, its length, seconds of processor and the most memory held.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

import menura
from menura.audio.mel import mel_triangles
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.scene import Sound

RATE_HZ = 48_000
PROMPTS = (Path(__file__).parent / "prompts_sound.txt").read_text(encoding="utf-8").splitlines()
_LENGTHS_S = (0.05, 600.0)
_HOUR = ("heavy rain on a tin roof, distant thunder", 3600.0)
_ODD = {
    "empty": "",
    "spaces": " \n\t ",
    "10 000 characters": "rain and wind, " * 667,
    "one word of 2000": "rain" * 500,
    "German": "starker Regen auf einem Blechdach",
    "Japanese": "屋根に降る激しい雨",
    "Arabic": "مطر غزير على سطح من الصفيح",
    "markup": "<b>rain</b> <script>alert(1)</script>",
    "Markdown": "# rain\n\n- *wind*\n- [thunder](http://x)",
    "SQL": "rain'; DROP TABLE sounds; --",
    "zeros": "rain\x00wind",
    "signs alone": "?!…,;:—()",
    "emoji": "🌧️🌩️",
    "turned": "\u202erain",
    "only fillers": "the sound of a",
    "many layers": ", ".join(["rain", "wind", "thunder", "birds", "crickets", "fire", "a dog", "a bell"] * 20),
}
_OUT_OF_RANGE = (
    "drop_rate=-1",
    "drop_rate=1e9",
    "drop_rate=nan",
    "drop_rate=inf",
    "surface=cheese",
    "nothing=1",
    "=",
    "a",
)


def lengths() -> None:
    rng, wrong = np.random.default_rng(0), 0
    drawn = np.concatenate((_LENGTHS_S, np.geomspace(*_LENGTHS_S, 70), rng.uniform(0.05, 2, 48)))
    for number, seconds in enumerate(drawn.tolist()):
        task = Sound(prompt=PROMPTS[number], seconds=seconds, loop=number % 2 == 1, mono=True, seed=number)
        given = sum(block.shape[1] for block in task.stream(Models(), Progress()).parts)
        wrong += given != round(seconds * RATE_HZ)
    print(f"lengths: {len(drawn)} of {min(drawn):g} to {max(drawn):g} s, {wrong} wrong", flush=True)


def loops() -> None:
    worst, over = [], []
    for number, prompt in enumerate(PROMPTS[::3]):
        samples = menura.sound(prompt, seconds=12, loop=True, mono=True, seed=number).audio.samples[0]
        frames = np.lib.stride_tricks.sliding_window_view(np.append(samples, samples[:4800]), 960)[::480]
        power = np.square(np.abs(np.fft.rfft(frames * np.hanning(960), axis=1)))
        mels = 10 * np.log10(power @ mel_triangles(RATE_HZ, 960, 40, 40.0, 16_000.0).T + 1e-7 * power.max())
        levels = 10 * np.log10(power.sum(1) + 1e-6 * power.sum(1).max())
        seam = len(samples) // 480
        for jumps in (np.abs(np.diff(levels)), np.abs(np.diff(mels, axis=0)).mean(1)):
            across, inside = jumps[seam - 3 : seam + 1].max(), jumps[: seam - 3].max()
            worst.append(across / max(inside, 1e-9))
            if across > inside:
                over.append(f"{prompt} ({worst[-1]:.2f})")
    print(f"loops: {len(PROMPTS[::3])}, jump over the seam to the largest inside {np.median(worst):.2f} in the median, "
          f"{max(worst):.2f} at most; larger in {', '.join(over) or 'none'}", flush=True)  # fmt: skip


def _digest(samples: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(samples, "<f4").tobytes()).hexdigest()


def seeds() -> None:
    prompts = PROMPTS[::5]
    alone = [_digest(menura.sound(prompt, seconds=1, seed=7).audio.samples) for prompt in prompts]
    takes = [_digest(menura.sound(prompt, seconds=1, seed=5, variations=3)[2].audio.samples) for prompt in prompts]
    streamed = [
        _digest(np.concatenate(list(Sound(prompt=prompt, seconds=1, seed=7).stream(Models(), Progress()).parts), 1))
        for prompt in prompts
    ]
    code = (
        "import json, sys, menura; sys.path.insert(0, sys.argv[1]); from sound_promises import _digest\n"
        "made = [menura.sound(one, seconds=1, seed=7).audio.samples for one in json.loads(sys.argv[2])]\n"
        "print(json.dumps([_digest(one) for one in made]))"
    )
    threads = {**os.environ, "OMP_NUM_THREADS": "2", "NUMBA_NUM_THREADS": "2"}
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(Path(__file__).parent), json.dumps(prompts)],
        env=threads, capture_output=True, text=True, check=True,
    )  # fmt: skip
    others = json.loads(told.stdout.splitlines()[-1])
    same = [sum(a == b for a, b in zip(alone, other, strict=True)) for other in (takes, streamed, others)]
    print(f"seeds: of {len(prompts)} prompts the same samples as a take of three {same[0]}, streamed {same[1]}, "
          f"with two threads in another process {same[2]}", flush=True)  # fmt: skip


def _outcome(make: Callable[[], Any]) -> str:
    start = time.perf_counter()
    try:
        made = make()
        said = f"made, {made.summary()['seconds']} s"
    except ValueError as error:
        said = f"refused in {len(str(error).splitlines())} line: {str(error)[:90]}"
    return f"{said} ({time.perf_counter() - start:.2f} s)"


def prompts() -> None:
    for name, prompt in _ODD.items():
        print(f"prompts: {name:18} {_outcome(lambda prompt=prompt: _made(prompt))}", flush=True)
    for asked in _OUT_OF_RANGE:
        print(f"prompts: rain, {asked:14} {_outcome(lambda asked=asked: _made('rain', set_=asked))}", flush=True)
    for seconds in (0, -1, 0.01, 3601, float("nan")):
        print(f"prompts: {seconds} s {_outcome(lambda seconds=seconds: _made('rain', seconds=seconds))}", flush=True)


def _made(prompt: str, **how: object) -> object:
    made = menura.sound(prompt, **{"seconds": 0.5, "seed": 0, **how})
    assert np.isfinite(made.audio.samples).all()
    return made


def hour() -> None:
    prompt, seconds = _HOUR
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "hour.flac"
        command = [
            sys.executable,
            "-m",
            "menura",
            "sound",
            prompt,
            "--seconds",
            str(seconds),
            "--seed",
            "1",
            "-o",
            str(out),
        ]
        subprocess.run(command, check=True, capture_output=True)
        used, info = resource.getrusage(resource.RUSAGE_CHILDREN), soundfile.info(out)
        seconds_used, most = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        print(
            f"hour: {info.frames} samples of {info.channels} channels, {seconds_used:.0f} s of processor, {most:.0f} MB"
        )


def main() -> None:
    known = {one.__name__: one for one in (lengths, loops, seeds, prompts, hour)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", choices=[*known, []])
    for name in parser.parse_args().which or known:
        known[name]()


if __name__ == "__main__":
    main()
