"""How near the aligner's word starts are to those that are known, and to those of CMU Sphinx's aligner.

    python benchmarks/aligner.py --teachers heart kokoro --recordings speech-en-lj speech-en-kathleen

Three questions: of held-out teacher speech, whose durations are known to 25 ms, how far from where the teacher says a
word begins it is found; of our own synthesis, whose word times are exact, the same; of recordings, how far it is from
where CMU Sphinx's aligner finds it (``pip install pocketsphinx``; without it recordings are left out). All errors are
in milliseconds; "later" is the median of ours minus theirs, and "beside that" what is left when it is taken off.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from menura import checkpoint
from menura.audio import read
from menura.audio.mel_inversion import mel_energies
from menura.data.speech import FRAME_MS, SpeechCorpus
from menura.extras import is_there
from menura.progress import Progress
from menura.tasks.align import Align
from menura.tasks.models import Models
from menura.tasks.speech import SAMPLE_RATE_HZ, Manner, speak
from menura.tasks.utterances import utterances
from menura.train.aligning import ALIGNER

_SPHINX_HZ, _SPHINX_FRAME_MS = 16_000, 10.0
_SENTENCES = Path(__file__).with_name("sentences_speech.txt")
_WORD = re.compile(r"[A-Za-z']+")
_MOST_WORDS = 40


def of_teachers(folder: Path, count: int, aligner: Any) -> np.ndarray:
    """Milliseconds from known word starts to those that are found, in held-out sentences of a folder."""
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    held_out = [row for row in rows if row["split"] == "test"][:count]
    with tempfile.TemporaryDirectory(prefix="menura-aligner-") as place:
        made = [{**row, "file": str(folder.resolve() / row["file"])} for row in held_out]
        for row in made:
            link = Path(place) / "audio" / Path(row["file"]).name
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(row["file"])
            row["file"] = f"audio/{link.name}"
        text = "".join(json.dumps(row) + "\n" for row in made)
        (Path(place) / "manifest.jsonl").write_text(text, encoding="utf-8")
        corpus = SpeechCorpus.of(Path(place), Path(place) / "cache", Progress())
        found: list[float] = []
        for index, one in enumerate(corpus.utterances):
            assert one.durations is not None
            starts = word_starts(one.symbols)
            known = np.cumsum(one.durations)[starts]
            found += (aligner.align(corpus.mel(index), one.symbols).ends[starts] - known).tolist()
    return np.array(found) * FRAME_MS


def word_starts(symbols: Sequence[str]) -> list[int]:
    """The first symbols of words."""
    return [
        place for place, symbol in enumerate(symbols) if symbol.isalpha() and symbols[place - 1 : place] in ((), (" ",))
    ]


def of_synthesis(count: int, aligner: Any) -> np.ndarray:
    """The same of sentences that are synthesised."""
    models, found = Models(), []
    texts = _SENTENCES.read_text(encoding="utf-8").split("# ")[1].splitlines()[1:]
    for text in [text for text in texts if text][:count]:
        (one,) = utterances(text, "en-us", "heart")
        (part,) = speak([one], text, models.get("synthesizer"), models.get("vocoder"), Manner())
        starts = word_starts(one.symbols)
        if len(starts) != len(part.words):
            continue
        mel = np.log(mel_energies(part.samples, SAMPLE_RATE_HZ, 300, 100))
        ends = aligner.align(mel, one.symbols).ends[starts]
        found += (ends * FRAME_MS - [1000 * word.start_s for word in part.words]).tolist()
    return np.array(found)


def of_recordings(folder: Path, count: int, model: Path) -> np.ndarray:
    """Milliseconds from the word starts that CMU Sphinx finds to those that are found."""
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    found: list[float] = []
    models, done = Models(), 0
    for row in map(json.loads, lines):
        words = _WORD.findall(row["text"])
        if done >= count or len(words) > _MOST_WORDS or len(words) != len(row["text"].split()):
            continue
        sphinx = list(of_sphinx(folder / row["file"], [word.lower() for word in words]))
        if len(sphinx) != len(words):
            continue
        (ours,) = Align.build({"file": folder / row["file"], "text": row["text"], "model": model}).run(
            models, Progress()
        )
        if len(ours.words) == len(sphinx):
            done += 1
            found += [1000 * word.start_s - start for word, start in zip(ours.words, sphinx, strict=True)]
    return np.array(found)


def of_sphinx(path: Path, words: Sequence[str]) -> Iterator[float]:
    """When words begin, milliseconds; nothing where one is unknown to it."""
    import pocketsphinx

    samples = read(path, mono=True, sample_rate_hz=_SPHINX_HZ).samples[0]
    decoder = pocketsphinx.Decoder(lm=None, loglevel="FATAL")
    if any(decoder.lookup_word(word) is None for word in words):
        return
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    for segment in decoder.seg() or ():
        if segment.word[0] not in "<[":
            yield segment.start_frame * _SPHINX_FRAME_MS


def told(errors: np.ndarray) -> dict[str, float]:
    """Medians and shares of errors in milliseconds."""
    if not len(errors):
        return {"words": 0}
    later = float(np.median(errors))
    beside = np.abs(errors - later)
    shares = {f"beside_that_within_{bound}": round(float((beside <= bound).mean()), 3) for bound in (50, 100)}
    return {
        "words": len(errors),
        "median": round(float(np.median(np.abs(errors))), 1),
        "p90": round(float(np.quantile(np.abs(errors), 0.9)), 1),
        "later": round(later, 1),
        "beside_that_median": round(float(np.median(beside)), 1),
        **shares,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], help="folders of speech with known durations")
    parser.add_argument("--recordings", type=Path, nargs="*", default=[], help="folders of recordings and their texts")
    parser.add_argument("--sentences", type=int, default=60, help="of each folder, and of the synthesis")
    parser.add_argument("--model", type=Path, default=ALIGNER, help="folder of the aligner")
    args = parser.parse_args()
    torch.set_num_threads(1)
    aligner = checkpoint.load(args.model)
    found = {folder.name: told(of_teachers(folder, args.sentences, aligner)) for folder in args.teachers}
    found["synthesis"] = told(of_synthesis(args.sentences, aligner))
    if is_there("pocketsphinx"):
        found |= {folder.name: told(of_recordings(folder, args.sentences, args.model)) for folder in args.recordings}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
