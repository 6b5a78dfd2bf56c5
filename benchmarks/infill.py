"""How near infilled speech comes to what was said: a word of every recording is hidden and made anew.

python benchmarks/infill.py FOLDER … --model runs/voicebox/model, where folders hold speech that no model has learnt
from: rows of manifest.jsonl whose split is test or valid, or all of them with --all. Beside the model stand the nearest
voice of the synthesizer, as `menura edit-speech` uses it, and straight lines from the frame before to the one after.
All are told the true durations.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import menura
from menura.audio import read
from menura.tasks.editing import Said, cut, words_of
from menura.tasks.models import Models
from menura.tasks.nearest import NearestVoice
from menura.tasks.splicing import Frames, Recording
from menura.tasks.utterances import utterances
from menura.tasks.voices import voices_of
from menura.text.speech.normalise import Language

_AROUND_FRAMES = 320
_FEWEST_WORDS = 5
_LEAST_SCORE = -1.3
_LANGUAGES: dict[str, Language] = {"en": "en-us", "de": "de", "nl": "nl"}


class Hidden(NamedTuple):
    """A recording around a word that is hidden."""

    said: Said
    frames: Frames
    known: np.ndarray
    nearest: NearestVoice


def hidden_words(folders: Sequence[Path], count: int, whole: bool, words: int) -> Iterator[Hidden]:
    """So many recordings of each folder, with the longest words about their middles hidden."""
    models = Models()
    aligner, synthesizer = models.get("aligner"), models.get("synthesizer")
    own = {one["name"]: str(one["language"]) for one in voices_of(models, "synthesizer")}
    for folder in folders:
        rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
        fitting = [row for row in rows if _is_fit(row, whole)]
        for row in fitting[:: max(1, len(fitting) // count)][:count]:
            language = _LANGUAGES[row["language"][:2]]
            symbols, spans = words_of([one for one in utterances(row["text"], language, "") if one.tokens])
            frames = Recording.of(read(folder / row["file"])).frames
            found = aligner.align(frames.mel, symbols)
            if found.score < _LEAST_SCORE:
                continue
            said = Said(symbols, found.durations, spans)
            start, stop = _longest(said, words)
            around = slice(max(start - _AROUND_FRAMES, 0), min(stop + _AROUND_FRAMES, len(frames.mel)))
            names = [name for name, spoken in own.items() if spoken[:2] == language[:2]]
            nearest = NearestVoice(synthesizer, names, language, said, *frames)
            symbols, durations = cut(said, around.start, around.stop)
            known = np.ones(around.stop - around.start, bool)
            known[start - around.start : stop - around.start] = False
            here = Frames(*(one[around] for one in frames))
            yield Hidden(replace(said, symbols=symbols, durations=durations), here, known, nearest)


def _is_fit(row: dict, whole: bool) -> bool:
    usable = (whole or row.get("split") in ("test", "valid")) and 2.5 < row["duration_s"] < 15
    return usable and row["language"][:2] in _LANGUAGES and len((row.get("text") or "").split()) >= _FEWEST_WORDS


def _longest(said: Said, count: int) -> tuple[int, int]:
    """Frames of the longest so many words in the middle half."""
    last = len(said.words) - count
    places = range(last // 4, last - last // 4 + 1)
    spans = [(int(said.edges[said.words[one][0]]), int(said.edges[said.words[one + count - 1][1]])) for one in places]
    return max(spans, key=lambda span: span[1] - span[0])


def straight(one: Hidden) -> Frames:
    """In straight lines over what is hidden."""
    places, known = np.arange(len(one.known)), np.flatnonzero(one.known)
    mel = np.stack([np.interp(places, known, row[known]) for row in one.frames.mel.T], 1)
    return Frames(mel, np.interp(places, known, one.frames.f0[known]))


def off(one: Hidden, made: Frames) -> dict[str, float]:
    """Mean difference of log-mels, of F0 in semitones where both are voiced, and how often voicing differs."""
    hidden = ~one.known
    true, ours = (frames.f0[hidden] for frames in (one.frames, made))
    both = (true > 0) & (ours > 0)
    return {
        "mel": float(np.abs(made.mel - one.frames.mel)[hidden].mean()),
        "F0 st": float(np.abs(12 * np.log2(ours[both] / true[both])).mean()) if both.any() else np.nan,
        "voicing %": 100 * float(((true > 0) != (ours > 0)).mean()),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--model", help="folder of a voicebox")
    parser.add_argument("--count", type=int, default=20, help="recordings of each folder")
    parser.add_argument("--words", type=int, default=1, help="that are hidden, one after another")
    parser.add_argument("--all", action="store_true", help="of all splits")
    parser.add_argument(
        "--settings", nargs="*", default=["1,0", "1,0,0.5"],
        help="of the voicebox: guidance, temperature and, to begin with the nearest voice's frames, trust in them",
    )  # fmt: skip
    chosen = parser.parse_args(arguments)
    makers: dict[str, Callable[[Hidden], Frames]] = {
        "straight lines": straight,
        "nearest voice": lambda one: Frames(*one.nearest.infill(*_given(one))),
    }
    if chosen.model:
        voicebox = menura.load(chosen.model)
        makers |= {
            f"voicebox {one}": partial(_infilled, voicebox, [*map(float, one.split(","))]) for one in chosen.settings
        }
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in makers}
    for one in hidden_words(chosen.folders, chosen.count, chosen.all, chosen.words):
        for name, make in makers.items():
            rows[name].append(off(one, make(one)))
    print(
        f"{len(rows['straight lines'])} recordings\n\n| | {' | '.join(rows['straight lines'][0])} |\n|---|---|---|---|"
    )
    for name, found in rows.items():
        figures = {key: np.array([row[key] for row in found]) for key in found[0]}
        told = (f"{np.nanmean(one):.3f} ± {np.nanstd(one) / len(one) ** 0.5:.3f}" for one in figures.values())
        print(f"| {name} | {' | '.join(told)} |")


def _infilled(voicebox: Any, setting: Sequence[float], one: Hidden) -> Frames:
    guidance, temperature, *trust = setting
    how: dict[str, Any] = {"guidance": guidance, "temperature": temperature}
    if trust:
        how |= {"trust": trust[0], "draft": one.nearest.infill(*_given(one))}
    return Frames(*voicebox.infill(*_given(one), **how))


def _given(one: Hidden) -> tuple:
    return (one.said.symbols, one.said.durations, *one.frames, one.known)


if __name__ == "__main__":
    main()
