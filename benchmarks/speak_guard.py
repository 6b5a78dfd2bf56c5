"""Does the guard notice words that are missing, said twice or garbled, and does it keep quiet about all others?

    python benchmarks/speak_guard.py

Sentences of `sentences_speech.txt` are synthesised; of each, the frames of a word of three sounds or more are cut out,
repeated, or replaced by as many of another sentence. The bound of what fits too badly is chosen on one half of the
sentences, so that few that are whole are blamed, and judged on the other. A damaged word is found if it, or one beside
it, is blamed. Also told: the time that aligning back takes, over that of speaking.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from menura.tasks.guard import LEAST_FIT, Guard, Heard, said_words
from menura.tasks.models import Models
from menura.tasks.speech import Manner, speak
from menura.tasks.utterances import Utterance, utterances
from menura.text.speech.phonemize import row

SENTENCES = Path(__file__).with_name("sentences_speech.txt")
_FEWEST_SOUNDS = 3
_BLAMED = 0.02
"""Share of whole sentences that the bound may blame."""


class Row(NamedTuple):
    """A sentence: the word that was damaged, and what was heard of it whole and with each damage."""

    place: int
    whole: Heard
    damaged: dict[str, Heard]


def cut(mel: np.ndarray, start: int, end: int, _other: np.ndarray) -> np.ndarray:
    return np.concatenate((mel[:start], mel[end:]))


def twice(mel: np.ndarray, start: int, end: int, _other: np.ndarray) -> np.ndarray:
    return np.concatenate((mel[:end], mel[start:]))


def garbled(mel: np.ndarray, start: int, end: int, other: np.ndarray) -> np.ndarray:
    begin = max(len(other) - (end - start), 0) // 2
    return np.concatenate((mel[:start], other[begin : begin + end - start], mel[end:]))


DAMAGES: dict[str, Callable[[np.ndarray, int, int, np.ndarray], np.ndarray]] = {
    **{"missing": cut, "twice": twice, "garbled": garbled}
}


def measured(texts: list[str], voices: list[str], models: Models, aligner: str) -> tuple[list[Row], float]:
    """What is heard of sentences, and how long that takes beside the time it takes to speak them."""
    guard, rng = Guard(models.get(aligner)), np.random.default_rng(0)
    said = [utterances(text, "en-us", voices[number % len(voices)])[0] for number, text in enumerate(texts)]
    for text, one in zip(texts[:2], said[:2], strict=True):  # what is loaded or compiled at first is not counted
        _heard(guard, one, _synthesized(one, models))
        list(speak([one], text, models.get("synthesizer"), models.get("vocoder"), Manner()))
    begun = time.process_time()
    for text, one in zip(texts, said, strict=True):
        list(speak([one], text, models.get("synthesizer"), models.get("vocoder"), Manner()))
    speaking_s = time.process_time() - begun
    made = [_synthesized(one, models) for one in said]
    begun = time.process_time()
    whole = [_heard(guard, one, spoken) for one, spoken in zip(said, made, strict=True)]
    share = (time.process_time() - begun) / speaking_s
    rows = []
    for number, (one, spoken) in enumerate(zip(said, made, strict=True)):
        counts = [len(set(word.phonemes) - set("ˈˌ")) for word in said_words(one)]
        place = int(rng.choice([place for place, count in enumerate(counts) if count >= _FEWEST_SOUNDS]))
        spans = [span for token, span in zip(one.tokens, row(one.tokens)[1], strict=True) if token in said_words(one)]
        start, end = np.cumsum(spoken.durations)[list(spans[place])]
        damaged = {
            name: guard.heard(one, damage(spoken.mel, start, end, made[number - 1].mel), spoken.durations)
            for name, damage in DAMAGES.items()
        }
        rows.append(Row(place, whole[number], damaged))
    return rows, share


def _synthesized(one: Utterance, models: Models) -> Any:
    model = models.get("synthesizer")
    return model.synthesize(one.symbols, model.speaker({one.voice: 1.0}), one.language)


def _heard(guard: Guard, one: Utterance, spoken: Any) -> Heard:
    return guard.heard(one, spoken.mel, spoken.durations)


def rates(rows: list[Row], least_fit: float) -> dict[str, float]:
    """Of whole sentences the share that is blamed; of damaged ones the share in which the word is found."""
    found = {"whole": [bool(row.whole.amiss(least_fit)) for row in rows]}
    for name in DAMAGES:
        found[name] = [any(abs(at - one.place) <= 1 for at in one.damaged[name].amiss(least_fit)) for one in rows]
    return {name: round(float(np.mean(each)), 3) for name, each in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=120)
    parser.add_argument("--voices", default="heart,fenrir", help="who says them in turn")
    parser.add_argument("--aligner", default="aligner", help="name or folder of the model")
    parser.add_argument("--kept", type=Path, help="a file for all that was heard")
    args = parser.parse_args()
    torch.set_num_threads(1)
    texts = SENTENCES.read_text(encoding="utf-8").split("# ")[1].splitlines()[1:]
    texts = [text for text in texts if text][: args.sentences]
    rows, share = measured(texts, args.voices.split(","), Models(), args.aligner)
    if args.kept:
        kinds = [[one.place, one.whole, *one.damaged.values()] for one in rows]
        heard = [[place, *([part.tolist() for part in each] for each in kept)] for place, *kept in kinds]
        args.kept.write_text(json.dumps(heard))
    first, second = rows[::2], rows[1::2]
    least = float(np.quantile([one.whole.fits.min() for one in first], _BLAMED))
    found = {
        "sentences": len(rows),
        "share_of_time": round(share, 3),
        "bound": round(least, 2),
        "chosen_on": rates(first, least),
        "judged_on": rates(second, least),
        "all_by_the_bound_in_use": {"bound": LEAST_FIT, **rates(rows, LEAST_FIT)},
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
