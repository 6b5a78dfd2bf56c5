"""A listening sheet: forty texts, spoken, each with what was heard of it and its worst fault.

    python benchmarks/speak_sheet.py --out sheet [--texts benchmarks/texts_spoken.tsv]

Writes for each text its sound, and ``sheet.md``, a row for each. What is heard is by Whisper and DNSMOS
(`speak_quality.py` says what to install). The worst fault is the measure farthest beyond what is usual of good speech,
in steps of its own; for texts of a word or two, judges and measures have little to go by.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from measures.speech import Judges, Measures, Opinion, measures
from menura.app.terminal import TerminalProgress
from menura.audio import Audio, write
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.speak import Speak
from menura.text.speech.normalise import Language

TEXTS = Path(__file__).with_name("texts_spoken.tsv")


class Usual(NamedTuple):
    """What good speech has of a measure, and how far outside it a step of fault is."""

    least: float
    most: float
    step: float


USUAL = {
    "words misheard %": Usual(0, 0, 12),
    "OVRL": Usual(3.2, 5, 0.2),
    "P.808": Usual(3.7, 5, 0.3),
    "words a minute": Usual(120, 220, 30),
    "spread of pitch, semitones": Usual(2.2, 5.0, 0.7),
    "longest silence, s": Usual(0, 0.6, 0.3),
    "LUFS": Usual(-20, -18, 1),
    "clicks": Usual(0, 0, 1),
}


def figures(said: Measures, opinion: Opinion) -> dict[str, float]:
    """What is judged of a text."""
    values = (
        100 * opinion.errors / max(opinion.words, 1), opinion.ovrl, opinion.p808,
        60 * opinion.words / max(said.duration_s, 0.1), said.f0_semitones, said.silence_s, said.lufs, said.clicks,
    )  # fmt: skip
    return dict(zip(USUAL, values, strict=True))


def worst(found: dict[str, float]) -> str:
    """The measure that is farthest beyond what is usual, with its value; nothing where none is."""

    def beyond(name: str) -> float:
        usual = USUAL[name]
        return max(usual.least - found[name], found[name] - usual.most, 0) / usual.step

    name = max(found, key=beyond)
    return f"{name} {found[name]:.3g}" if beyond(name) > 0 else "–"


def said(models: Models, args: argparse.Namespace, voice: str, language: Language, text: str) -> Audio:
    """A text, as the task `speak` says it."""
    how = {"model": args.synthesizer, "vocoder": args.vocoder, "seed": args.seed}
    return next(iter(Speak(text=text, voice=voice, language=language, **how).run(models, Progress()))).audio


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Forty texts, spoken, heard and measured.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the sheet")
    parser.add_argument("--texts", type=Path, default=TEXTS, help="voices, languages and texts, with tabs between them")
    parser.add_argument("--synthesizer", default="synthesizer", help="name or folder")
    parser.add_argument("--vocoder", default="vocoder", help="name or folder")
    parser.add_argument("--cache", type=Path, default=None, help="of what judges said; usually in the sheet's folder")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    args.out.mkdir(parents=True, exist_ok=True)
    models, judges, progress = Models(), Judges(args.cache or args.out), TerminalProgress()
    with args.texts.open(encoding="utf-8", newline="") as file:
        texts = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    names = list(USUAL)
    rows = [f"| # | voice | text | {' | '.join(names)} | worst | heard |", "|---" * (len(names) + 5) + "|"]
    for number, (voice, language, text) in enumerate(texts, 1):
        progress.update(number - 1, len(texts), "speaking")
        audio = said(models, args, voice, language, text)
        write(audio, args.out / f"{number:02d}.wav", overwrite=True)
        opinion = judges.opinion([audio], text, language)
        found = figures(measures(audio), opinion)
        shown = " | ".join(f"{value:.3g}" for value in found.values())
        rows.append(f"| {number} | {voice} | {text} | {shown} | {worst(found)} | {opinion.heard} |")
        (args.out / "sheet.md").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
