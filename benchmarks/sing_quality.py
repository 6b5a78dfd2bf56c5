"""How well do the voices sing? Words understood, notes hit, and how high they go, beside the same words spoken.

    python benchmarks/sing_quality.py
    python benchmarks/sing_quality.py --synthesizer RUN --vocoder RUN --voices heart,fenrir

Lines of `lines_sung.txt`, eight and six syllables in turn and written for this, are sung to two tunes at 100 beats a
minute, the lowest notes near where the voice speaks, then seven and twelve semitones higher. WER is by Whisper tiny.en,
four lines together, and beside it that of the same words spoken. F0 is measured by `menura.audio.pitch` on held vowels
(their middle, without vibrato) and told as how far it is from the written note: the median, and the share of frames
within 20 cents. "heard" is the share of those frames that are voiced at all. Needs what `speak_quality.py` needs.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from measures.speech import Judges, error_rate
from menura.audio import Audio
from menura.audio.pitch import pitch
from menura.progress import Progress
from menura.score.theme import parse
from menura.score.tune import KEY, of_theme
from menura.tasks.models import Models
from menura.tasks.sing import Sing
from menura.tasks.speak import Speak

LINES = Path(__file__).with_name("lines_sung.txt")
_TUNES = (
    "C4 | E4 G4 F4 E4 | D4 F4 E4:1.5 r:0.5 | D4 C4 E4 D4 | B3 C4:3",
    "C4 | C4 D4 E4 F4 | G4 E4 D4:1.5 r:0.5 | C4 D4 F4 E4 | D4 C4:3",
)
_BPM = 100.0
_HIGHER = (0, 7, 12)
_TOGETHER = 4
_RATE_HZ, _HOP_SAMPLES = 24_000, 300
_GOAL_CENTS = 20.0
_MIDDLE = (0.3, 0.9)
"""Of a note that is judged: after the glide, and before the consonants that follow its vowel."""


def couplets() -> list[str]:
    """Two lines each: fourteen syllables."""
    lines = LINES.read_text(encoding="utf-8").split("\n")
    return [" ".join(pair) for pair in zip(lines[::2], lines[1::2], strict=False)]


def median_f0(models: Models, voice: str, told: dict[str, str]) -> float:
    """Where a voice speaks, Hz."""
    said = next(iter(Speak(text=couplets()[0], voice=voice, seed=0, **told).run(models, Progress()))).audio
    f0 = pitch(said.samples[0], _RATE_HZ, _HOP_SAMPLES)
    return float(np.median(f0[f0 > 0]))


def cents_off(audio: Audio, tune: np.ndarray) -> np.ndarray:
    """Of frames in the middle of notes, how far F0 is from the note; NaN where there is none.

    Args:
        audio: what was sung.
        tune: note, start and length in seconds, and key.
    """
    f0 = pitch(audio.samples[0], _RATE_HZ, _HOP_SAMPLES, 60, 1100)
    found = []
    for start_s, length_s, key in tune:
        first, last = (round((start_s + share * length_s) * _RATE_HZ / _HOP_SAMPLES) for share in _MIDDLE)
        held = f0[first:last]
        with np.errstate(divide="ignore"):
            found.append(np.where(held > 0, 1200 * np.log2(held / 440) - 100 * (key - 69), np.nan))
    return np.concatenate(found)


def figures(models: Models, voice: str, higher: int, judges: Judges, told: dict[str, str]) -> list[str]:
    """The cells of a row."""
    lowest = round(69 + 12 * np.log2(median_f0(models, voice, told) / 440))
    transpose = lowest - 60 + higher
    sung, off, wrong, count = [], [], [], []
    for number, text in enumerate(couplets()):
        tune = _TUNES[number % len(_TUNES)]
        task = Sing(lyrics=text, tune=tune, bpm=_BPM, transpose=transpose, voice=voice, vibrato=0.0, seed=0, **told)
        sung.append((text, next(iter(task.run(models, Progress()))).audio.mono()))
        notes = of_theme(parse(tune), _BPM).notes
        notes[:, KEY] += transpose
        off.append(cents_off(sung[-1][1], notes))
    for start in range(0, len(sung), _TOGETHER):
        texts, sounds = zip(*sung[start : start + _TOGETHER], strict=True)
        heard = judges.opinion(sounds, " ".join(texts), "en-us")
        wrong.append(heard.errors)
        count.append(heard.words)
    rate, error = error_rate(wrong, count)
    cents = np.concatenate(off)
    voiced = cents[~np.isnan(cents)]
    hz = 440 * 2 ** ((lowest + higher - 69) / 12)
    near = (np.abs(voiced) <= _GOAL_CENTS).mean()
    return [
        f"{hz:.0f}",
        f"{100 * rate:.0f} ± {100 * error:.0f}",
        f"{np.median(np.abs(voiced)):.1f}",
        f"{100 * near:.0f} %",
        f"{100 * len(voiced) / len(cents):.0f} %",
    ]


def spoken(models: Models, voice: str, judges: Judges, told: dict[str, str]) -> str:
    """Errors in the same words, spoken."""
    wrong, count = [], []
    for start in range(0, len(couplets()), _TOGETHER):
        texts = couplets()[start : start + _TOGETHER]
        said = [next(iter(Speak(text=one, voice=voice, seed=0, **told).run(models, Progress()))).audio for one in texts]
        heard = judges.opinion(said, " ".join(texts), "en-us")
        wrong.append(heard.errors)
        count.append(heard.words)
    rate, error = error_rate(wrong, count)
    return f"{100 * rate:.0f} ± {100 * error:.0f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthesizer", default="synthesizer", help="name or folder")
    parser.add_argument("--vocoder", default="vocoder", help="name or folder")
    parser.add_argument("--voices", default="heart,bella,fenrir,michael,LJ", help="names, with commas")
    parser.add_argument("--cache", type=Path, default=Path("runs/sing_quality"), help="of what judges heard")
    args = parser.parse_args(arguments)
    models, judges, told = Models(), Judges(args.cache), {"model": args.synthesizer, "vocoder": args.vocoder}
    print("| voice | keynote Hz | WER % sung | spoken | cents off | within 20 | heard |\n" + 7 * "|---" + "|")
    for voice in args.voices.split(","):
        said = spoken(models, voice, judges, told)
        for higher in _HIGHER:
            hz, words, *pitch_cells = figures(models, voice, higher, judges, told)
            print(f"| {' | '.join([voice, hz, words, said, *pitch_cells])} |", flush=True)


if __name__ == "__main__":
    main()
