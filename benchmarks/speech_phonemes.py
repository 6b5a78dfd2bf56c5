"""How well written words become phonemes: words held out of the dictionaries, sentences of a teacher's data, and speed.

python benchmarks/speech_phonemes.py DATA, where DATA has the folders dict-pronunciation (cmudict, WikiPron) and
speech-en-kokoro (synthetic speech with its phonemes).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from menura.text.speech.build import SOURCES, packed
from menura.text.speech.dictionary import Sounds, unpack
from menura.text.speech.phonemes import STRESSES, from_teacher, to_teacher
from menura.text.speech.phonemize import phonemize, symbols
from menura.text.speech.tokens import PUNCTUATION
from menura.text.speech.words import sounds_of

HELD_OUT = 0.05
TEST_WORDS = 1500
_SILENT = frozenset((*PUNCTUATION, " "))


def is_held_out(word: str) -> bool:
    """A twentieth of the words, by hash."""
    return hashlib.sha256(word.encode()).digest()[0] < 256 * HELD_OUT


def distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Least number of symbols put in, left out or exchanged."""
    row = list(range(len(second) + 1))
    for place, one in enumerate(first, start=1):
        diagonal, row[0] = row[0], place
        for column, other in enumerate(second, start=1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (one != other))
    return row[-1]


def without_stress(sounds: Iterable[str]) -> Sounds:
    return tuple(sound for sound in sounds if sound not in STRESSES)


def held_out_words(folder: Path, language: str) -> dict[str, float]:
    """Error rates of phonemes and of words that the dictionary was built without."""
    entries = dict(SOURCES[language](folder))
    known = {word: sounds for word, sounds in entries.items() if not is_held_out(word)}
    unknown = [word for word in entries if word not in known]
    chosen = unknown[:: max(1, len(unknown) // TEST_WORDS)]
    dictionary = unpack(packed(language, known.items()))
    guesses = {word: tuple(s for part in dictionary.guess(word) or [] for s in part) for word in chosen}
    rates = {"words": len(chosen)}
    for name, change in (("", without_stress), (" with stress", tuple)):
        pairs = [(change(guesses[word]), change(entries[word])) for word in chosen]
        wrong = [distance(*pair) for pair in pairs]
        rates[f"PER{name}"] = sum(wrong) / sum(len(right) for _, right in pairs)
        rates[f"WER{name}"] = sum(map(bool, wrong)) / len(pairs)
    return rates


def teacher_sentences(folder: Path, accent: str, count: int) -> list[tuple[str, Sounds]]:
    """Texts of voices of an accent, with the phonemes they were spoken from."""
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    wanted = [row for row in rows if (row["accent"] or "en-US") == accent]
    lost = [row["phonemes"] for row in wanted if to_teacher(from_teacher(row["phonemes"])) != row["phonemes"]]
    assert not lost, f"written back otherwise: {lost[0]}"
    return [(row["text"], from_teacher(row["phonemes"])) for row in wanted[:: max(1, len(wanted) // count)][:count]]


def against_teacher(sentences: Sequence[tuple[str, Sounds]], language, confusions: Counter[tuple[str, str]]) -> dict:
    """Error rates over sentences, without signs and spaces."""
    pairs = []
    for text, wanted in sentences:
        said = [sound for sentence in phonemize(text, language) for sound in symbols(sentence)]
        pairs.append((_heard(said), _heard(wanted)))
        _count(said, wanted, confusions)
    rates: dict[str, float] = {"sentences": len(pairs)}
    for name, change in (("", without_stress), (" with stress", tuple)):
        changed = [(change(said), change(wanted)) for said, wanted in pairs]
        rates[f"PER{name}"] = sum(distance(*pair) for pair in changed) / sum(len(wanted) for _, wanted in changed)
    return rates


def _heard(sounds: Iterable[str]) -> Sounds:
    return tuple(sound for sound in sounds if sound not in _SILENT)


def _count(said: Iterable[str], wanted: Iterable[str], confusions: Counter[tuple[str, str]]) -> None:
    """Words that differ, where both sides have as many."""
    ours, theirs = (_words(sounds) for sounds in (said, wanted))
    if len(ours) == len(theirs):
        confusions.update(pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1])


def _words(sounds: Iterable[str]) -> list[str]:
    line = "".join(" " if sound in _SILENT else to_teacher([sound]) for sound in sounds)
    return line.split()


def speed(texts: Sequence[str], say: Callable[[str], object]) -> float:
    """Characters a second, after the first text, which loads the dictionary; words are looked up anew."""
    say(texts[0])
    sounds_of.cache_clear()
    started = time.perf_counter()
    for text in texts[1:]:
        say(text)
    return sum(map(len, texts[1:])) / (time.perf_counter() - started)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sentences", type=int, default=1000, help="of the teacher, three quarters of them American")
    parser.add_argument("--differences", type=int, default=0, help="print so many of the words that differ most often")
    parser.add_argument("--no-words", action="store_true", help="leave out the words held out")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(arguments)
    results: dict[str, dict] = {}
    if not args.no_words:
        for language in SOURCES:
            results[f"unknown words, {language}"] = held_out_words(args.data / "dict-pronunciation", language)
    for accent, language, share in (("en-US", "en-us", 0.75), ("en-GB", "en-gb", 0.25)):
        confusions: Counter[tuple[str, str]] = Counter()
        chosen = teacher_sentences(args.data / "speech-en-kokoro", accent, round(args.sentences * share))
        results[f"teacher, {language}"] = against_teacher(chosen, language, confusions)
        texts = [text for text, _ in chosen]
        results[f"teacher, {language}"]["characters/s"] = speed(texts, lambda text, own=language: phonemize(text, own))
        for (ours, theirs), times in confusions.most_common(args.differences):
            print(f"{times:4} {ours} {theirs}")
    if args.json:
        print(json.dumps(results))
        return
    for name, rates in results.items():
        print(f"{name}: " + ", ".join(f"{key} {_shown(key, value)}" for key, value in rates.items()))


def _shown(key: str, value: float) -> str:
    return f"{100 * value:.1f} %" if key[1:3] == "ER" else f"{value:.0f}"


if __name__ == "__main__":
    main()
