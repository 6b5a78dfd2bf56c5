"""Are voices unlike each other, and clones and conversions like whom they should be? By d-vectors, words and F0.

    python benchmarks/voices.py
    python benchmarks/voices.py --designs "a deep, calm, older man" --mixtures random:7
    python benchmarks/voices.py --clones anna.voice=RECORDINGS
    python benchmarks/voices.py --conversions DATA/speech-en-lj --voices heart,fenrir

First every voice says sentences, and each half of them is compared with the other half, and all with other voices. A
voice that was cloned says them too, and is compared with recordings of who it is of; beside it stands the shipped voice
that is most like them. Recordings that are held out are converted, by their text and without it, and compared with the
voice that they should be in; beside that stand the other voice that is most like it, and the recordings. Words are
Whisper's, before and after; F0 is correlated where both are voiced. Needs what `speak_quality.py` does, and resemblyzer
(`measures/speakers.py`).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from measures.speakers import centroid, similarity
from measures.speech import Judges, error_rate
from menura.audio import Audio, read
from menura.audio.pitch import pitch
from menura.data.folders import files_under
from menura.kinds import SOUND, has_suffix
from menura.progress import Progress
from menura.tasks.convert import Convert
from menura.tasks.design import Design
from menura.tasks.models import Models
from menura.tasks.speak import Speak
from menura.tasks.voices import voices_of
from speak_quality import recordings, sentences

_RATE_HZ, _HOP_SAMPLES = 24_000, 300


@dataclass(frozen=True)
class Bench:
    """Who speaks: models by name or folder, and what they say."""

    models: Models
    given: Mapping[str, str]
    texts: Sequence[str]

    def said(self, voice: str) -> list[Audio]:
        """The sentences in a voice, or a voice's file."""
        return [self._made(Speak, text=text, voice=voice) for text in self.texts]

    def converted(self, audio: Audio, voice: str, text: str) -> Audio:
        """A recording in a voice, by its text or, where that is empty, without."""
        return self._made(Convert, file=audio, voice=voice, text=text)

    def designed(self, words: str) -> str:
        """A design as a mixture."""
        task = Design.build({"words": words, "model": self.given["model"], "seed": 0})
        return next(iter(task.run(self.models, Progress()))).mixture

    def _made(self, kind: Any, **values: Any) -> Audio:
        return next(iter(kind.build({**self.given, "seed": 0, **values}).run(self.models, Progress()))).audio


def told_apart(
    stock: Mapping[str, list[Audio]], others: Mapping[str, list[Audio]], texts: Sequence[str], judges: Judges
) -> None:
    """Print how alike each voice is to itself, and to the shipped one that is most like it, and how it is heard."""
    points = {name: centroid(sounds) for name, sounds in stock.items()}
    print("| voice | itself | nearest shipped voice | | WER % | P.808 |\n|---|---|---|---|---|---|")
    for name, sounds in {**stock, **others}.items():
        own = similarity(centroid(sounds[::2]), centroid(sounds[1::2])) if len(sounds) > 1 else float("nan")
        whole = centroid(sounds)
        found = {other: similarity(whole, point) for other, point in points.items() if other != name}
        nearest = max(found, key=lambda other: found[other])
        heard = [judges.opinion([one], text, "en-us") for one, text in zip(sounds, texts, strict=True)]
        rate, error = error_rate([one.errors for one in heard], [one.words for one in heard])
        words = f"{100 * rate:.1f} ± {100 * error:.1f} | {np.mean([one.p808 for one in heard]):.2f}"
        print(f"| {name} | {own:.2f} | {nearest} | {found[nearest]:.2f} | {words} |", flush=True)


def cloned(bench: Bench, stock: Mapping[str, list[Audio]], file: str, folder: Path) -> None:
    """Print how like a clone is to recordings, beside the best shipped voice and the recordings themselves."""
    paths = files_under(folder, lambda name: has_suffix(name, SOUND), print)
    real = [read(path) for path in paths]
    target = centroid(real)
    found = {name: similarity(centroid(sounds), target) for name, sounds in stock.items()}
    best = max(found, key=lambda name: found[name])
    ours = similarity(centroid(bench.said(file)), target)
    halves = similarity(centroid(real[::2]), centroid(real[1::2]))
    print(f"| {folder.name} | {halves:.2f} | {best} {found[best]:.2f} | {ours:.2f} |", flush=True)


def f0_correlation(one: Audio, other: Audio) -> float:
    """Of the logarithms of F0, where both are voiced."""
    first, second = (
        pitch(sound.mono().resampled(_RATE_HZ).samples[0], _RATE_HZ, _HOP_SAMPLES) for sound in (one, other)
    )
    count = min(len(first), len(second))
    first, second = first[:count], second[:count]
    voiced = (first > 0) & (second > 0)
    return float(np.corrcoef(np.log(first[voiced]), np.log(second[voiced]))[0, 1])


def conversions(
    bench: Bench, stock: Mapping[str, list[Audio]], folder: Path, voices: Sequence[str], count: int, judges: Judges
) -> None:
    """Print how like converted recordings are to whom they should be, their words, and F0."""
    rows = list(recordings(folder, count))
    texts, sounds = [row[1] for row in rows], [row[3] for row in rows]
    source = centroid(sounds)

    def words(heard: Sequence[Audio]) -> str:
        found = [judges.opinion([one], text, "en-us") for one, text in zip(heard, texts, strict=True)]
        rate, error = error_rate([one.errors for one in found], [one.words for one in found])
        return f"{100 * rate:.1f} ± {100 * error:.1f}"

    print(f"| {folder.name} | recordings | – | – | – | – | {words(sounds)} |", flush=True)
    for voice in voices:
        target = centroid(stock[voice])
        found = {name: similarity(centroid(said), target) for name, said in stock.items() if name != voice}
        best = max(found, key=lambda name: found[name])
        for how, given in (("by text", texts), ("as heard", [""] * len(texts))):
            made = [bench.converted(sound, voice, text) for sound, text in zip(sounds, given, strict=True)]
            nearness = similarity(centroid(made), target)
            course = np.mean([f0_correlation(*pair) for pair in zip(sounds, made, strict=True)])
            cells = f"{nearness:.2f} | {similarity(source, target):.2f} | {best} {found[best]:.2f} | {course:.2f}"
            print(f"| {folder.name} | {voice}, {how} | {cells} | {words(made)} |", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthesizer", default="synthesizer", help="name or folder")
    parser.add_argument("--vocoder", default="vocoder", help="name or folder")
    parser.add_argument("--sentences", type=int, default=6, help="that each voice says")
    parser.add_argument("--mixtures", action="append", default=[], help="as --voice takes them")
    parser.add_argument("--designs", action="append", default=[], help="in words")
    parser.add_argument("--clones", action="append", default=[], help="x.voice=FOLDER of recordings of whom it is of")
    parser.add_argument("--conversions", type=Path, action="append", default=[], help="a folder with a manifest")
    parser.add_argument("--voices", default="heart,fenrir", help="to convert to")
    parser.add_argument("--count", type=int, default=12, help="recordings to convert")
    parser.add_argument("--cache", type=Path, default=Path("runs/voices"), help="of what judges heard")
    args = parser.parse_args(arguments)
    models = Models()
    given = {"model": args.synthesizer, "vocoder": args.vocoder}
    bench = Bench(models, given, sentences("en", args.sentences))
    stock = {voice["name"]: bench.said(voice["name"]) for voice in voices_of(models, args.synthesizer)}
    designs = {f"{words} = {(mixture := bench.designed(words))}": bench.said(mixture) for words in args.designs}
    judges = Judges(args.cache)
    told_apart(stock, {**{one: bench.said(one) for one in args.mixtures}, **designs}, bench.texts, judges)
    if args.clones:
        print("\n| of whom | recordings | best shipped voice | clone |\n|---|---|---|---|")
    for file, _, folder in (one.partition("=") for one in args.clones):
        cloned(bench, stock, file, Path(folder))
    if args.conversions:
        print(
            "\n| recordings | | to the voice | recordings to it | best other voice to it | F0 | WER % |\n"
            + 7 * "|---"
            + "|"
        )
    for folder in args.conversions:
        conversions(bench, stock, folder, args.voices.split(","), args.count, judges)


if __name__ == "__main__":
    main()
