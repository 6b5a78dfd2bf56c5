"""Forty songs by seed, each with its worst fault in one line.

    python benchmarks/song_sheet.py --out sheet

Prompts of `prompts_song.txt`; every other song has its words written (`--write`), the others have four lines of
`lines_sung.txt`: half a verse, half a chorus. Made at 24 kHz. A measure beyond its limits is a fault, the worse the
further it is beyond them in the limits' own widths; `--out` has the piano rolls, to be looked at.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from menura.audio import Audio
from menura.audio.dynamics import in_band, levels_db
from menura.audio.loudness import integrated_lufs
from menura.audio.true_peak import true_peak_dbtp
from menura.progress import Progress
from menura.score.notes import DURATION, ONSET, PITCH
from menura.tasks.models import Models
from menura.tasks.song import Song, SongResult
from menura.tasks.song_mix import WORDS_HZ
from song_quality import beats_of_stressed, words

PROMPTS = Path(__file__).with_name("prompts_song.txt")
LIMITS: Mapping[str, tuple[float, float, float]] = {
    "voice over band, dB": (2, 4, 1),
    "loudness, LUFS": (-14.5, -13.5, 1),
    "true peak, dBTP": (-99, -0.99, 0.5),
    "longest silence, s": (0, 1.0, 0.5),
    "stressed on strong beats, %": (85, 100, 10),
    "leaps over a fifth, %": (0, 5, 3),
    "one note in a row": (1, 4, 1),
    "pitches of a line, semitones": (4, 14, 2),
    "chorus over verse, semitones": (2, 9, 1),
    "breath between lines, s": (0.25, 4, 0.1),
    "syllable, s (5 % are shorter)": (0.2, 1.5, 0.05),
    "syllable, s (5 % are longer)": (0.2, 3.0, 0.5),
    "words shown of those asked, %": (100, 100, 5),
    "last note from the tonic, semitones": (0, 0, 2),
    "last 50 ms, dB": (-200, -45, 6),
    "chords and strokes of the band a second": (1.0, 14, 2),
    "band while nobody sings, dB under": (-6, 9, 2),
}
"""What a song should lie between, and how far beyond is one step."""


def made(number: int, prompt: str, models: Models) -> tuple[Song, SongResult]:
    own = {"prompt": prompt, "seed": number, "rate": 24_000}
    if "jingle" in prompt:
        own |= {"write": True, "jingle": 14}
    elif number % 2:
        own |= {"write": True}
    else:
        lines = words(number)
        own |= {"lyrics": "\n".join(("[verse]", *lines[:2], "[chorus]", *lines[4:6]))}
    task = Song.build(own)
    return task, next(iter(task.run(models, Progress())))


def measures(task: Song, result: SongResult) -> dict[str, float]:
    """What `LIMITS` speaks of."""
    voices = [one for name, one in result.mix.stems.items() if name in ("voice", "harmony", "double", "second voice")]
    lead = result.mix.stems["voice"]
    whole = result.audio
    under = whole.samples - sum(_padded(one, whole.num_samples) for one in voices)
    band = levels_db(in_band(Audio(under, whole.sample_rate_hz), WORDS_HZ))
    sung = levels_db(in_band(Audio(_padded(lead, whole.num_samples), whole.sample_rate_hz), WORDS_HZ))
    sings = sung > sung.max() - 30
    levels = levels_db(whole)
    notes, score = result.score.tracks[0].notes, result.score
    starts = score.seconds(notes[:, ONSET])
    ends = score.seconds(notes[:, ONSET] + notes[:, DURATION])
    lines = np.split(np.arange(len(notes)), np.flatnonzero(starts[1:] - ends[:-1] > 0.15) + 1)
    names = _sections(result)
    steps = np.abs(np.diff(notes[:, PITCH]))
    strong, stressed = beats_of_stressed(result)
    mean = {name: notes[[one == name for one in names], PITCH] for name in set(names)}
    asked = [word for line in task.lines() for word in line.split() if any(map(str.isalnum, word))]
    played = np.concatenate([track.notes[:, ONSET] for track in score.tracks[1:]])
    tonic = score.keys[0].key.tonic
    off = (int(notes[-1, PITCH]) - tonic) % 12
    found = {
        "voice over band, dB": _db(sung[sings]) - _db(band[sings]),
        "loudness, LUFS": integrated_lufs(whole),
        "true peak, dBTP": true_peak_dbtp(whole),
        "longest silence, s": _longest(levels[: np.flatnonzero(levels > -50)[-1]] < -50) * 0.005,
        "stressed on strong beats, %": 100 * strong / stressed,
        "leaps over a fifth, %": 100 * float((steps > 7).mean()),
        "one note in a row": 1 + _longest(steps == 0),
        "pitches of a line, semitones": float(np.median([np.ptp(notes[one, PITCH]) for one in lines])),
        "chorus over verse, semitones": _mean(mean.get("chorus")) - _mean(mean.get("verse")),
        "breath between lines, s": min((starts[two[0]] - ends[one[-1]] for one, two in pairwise(lines)), default=1.0),
        "syllable, s (5 % are shorter)": float(np.percentile(ends - starts, 5)),
        "syllable, s (5 % are longer)": float(np.percentile(ends - starts, 95)),
        "words shown of those asked, %": 100 * len(result.words) / len(asked),
        "last note from the tonic, semitones": min(off, 12 - off),
        "last 50 ms, dB": float(levels[-10:].max()),
        "chords and strokes of the band a second": len(np.unique(played // 60)) / whole.duration_s,
        "band while nobody sings, dB under": _db(levels[sings]) - _db(levels[~sings & (levels > -50)]),
    }
    return {name: float(value) for name, value in found.items()}


def beyond(name: str, value: float) -> float:
    """By how many steps a measure is beyond its limits."""
    low, high, step = LIMITS[name]
    return 0.0 if np.isnan(value) else max(low - value, value - high, 0.0) / step


def _sections(result: SongResult) -> list[str]:
    markers = sorted(result.score.markers, key=lambda one: one.tick)
    ticks = np.array([marker.tick for marker in markers])
    beat = result.score.metres[0].bar_ticks // result.score.metres[0].numerator
    at = np.searchsorted(ticks, result.score.tracks[0].notes[:, ONSET] + beat, side="right") - 1
    return [markers[max(one, 0)].text for one in at]


def _padded(audio: Audio, length: int) -> np.ndarray:
    return np.pad(audio.stereo().samples, ((0, 0), (0, max(length - audio.num_samples, 0))))[:, :length]


def _db(levels: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(10 ** (levels / 10)))) if len(levels) else float("nan")


def _mean(pitches: np.ndarray | None) -> float:
    return float(pitches.mean()) if pitches is not None and len(pitches) else float("nan")


def _longest(marked: np.ndarray) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked.astype(int), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=int, default=40)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(arguments)
    models, kinds, found = Models(), Counter[str](), []
    for number, prompt in enumerate(PROMPTS.read_text(encoding="utf-8").splitlines()[: given.songs]):
        task, result = made(number, prompt, models)
        values = measures(task, result)
        found.append(values)
        worst = max(LIMITS, key=lambda name: beyond(name, values[name]))
        steps = beyond(worst, values[worst])
        kinds[worst if steps else "none"] += 1
        about = f"{result.about['groove']}, {result.about['key']}, {result.about['bpm']:g} bpm"
        fault = f"{worst}: {values[worst]:.2f} ({steps:.1f})" if steps else "none"
        others = [f"{name}: {values[name]:.2f}" for name in LIMITS if name != worst and beyond(name, values[name])]
        print(f"| {number} | {prompt} | {about} | {fault} | {'; '.join(others)} |", flush=True)
        if given.out:
            given.out.mkdir(parents=True, exist_ok=True)
            result.image().save(given.out / f"{number:02d}.png")
    print("worst faults:", ", ".join(f"{name} {count}" for name, count in kinds.most_common()))
    for name, (low, high, _) in LIMITS.items():
        column = np.array([one[name] for one in found])
        wrong = sum(beyond(name, one[name]) > 0 for one in found)
        print(f"| {name} | {low:g} to {high:g} | {np.nanmedian(column):.2f} | {wrong} |")


if __name__ == "__main__":
    main()
