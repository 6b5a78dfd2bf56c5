"""Whether written verse is what was asked: syllables, rhymes, stresses, repeated and copied lines, time.

python benchmarks/verse.py DATA [--songs 200], where DATA has what `menura.text.verse.build` reads, and
dict-pronunciation (cmudict), which counts syllables and rhymes beside the front end of `speak`.
"""

from __future__ import annotations

import argparse
import gzip
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from menura.text.speech.syllables import read_lyrics
from menura.text.verse import Verse, compose
from menura.text.verse.build import lines as parts_of
from menura.text.verse.build import texts

THEMES = (Path(__file__).parent / "verse_themes.txt").read_text(encoding="utf-8").splitlines()
COPIED = 8
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def pronunciations(folder: Path) -> dict[str, list[list[str]]]:
    """cmudict: a word's ways to be said."""
    found: dict[str, list[list[str]]] = {}
    with gzip.open(folder / "cmudict.dict.gz", "rt", encoding="utf-8") as rows:
        for row in rows:
            word, *sounds = row.partition("#")[0].split()
            found.setdefault(re.sub(r"\(\d\)", "", word), []).append(sounds)
    return found


def rhyme(sounds: list[str]) -> tuple[str, ...]:
    """Sounds from the last stressed vowel on."""
    stressed = [place for place, sound in enumerate(sounds) if sound[-1] in "12"] or [
        place for place, sound in enumerate(sounds) if sound[-1] == "0"
    ]
    return tuple(sound.rstrip("012") for sound in sounds[stressed[-1] :])


def sung_lines(verse: Verse) -> Iterator[tuple[str, int]]:
    """Each different line with the syllables it was to have."""
    seen: set[str] = set()
    for (_, lines), counts in zip(verse.sections, verse.syllables, strict=True):
        for line, count in zip(lines, counts, strict=True):
            if line not in seen:
                yield line, count
            seen.add(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--songs", type=int, default=200)
    args = parser.parse_args()
    known = pronunciations(args.data / "dict-pronunciation")
    trained = {
        tuple(words[start : start + COPIED])
        for text in texts(args.data)
        for words in parts_of(text)
        for start in range(len(words) - COPIED + 1)
    }
    score: Counter[str] = Counter()
    begun = time.perf_counter()
    verses = [compose(THEMES[seed % len(THEMES)], seed=seed) for seed in range(args.songs)]
    seconds = (time.perf_counter() - begun) / args.songs
    for verse in verses:
        for line, count in sung_lines(verse):
            words = _WORD.findall(line.lower())
            score["lines"] += 1
            score["syllables, as speak says them"] += len(read_lyrics(line)) == count
            ways = [{sum(sound[-1].isdigit() for sound in way) for way in known.get(word, [])} for word in words]
            if all(ways):
                totals = {0}
                for of_word in ways:
                    totals = {total + one for total in totals for one in of_word}
                score["lines cmudict knows"] += 1
                score["syllables, by cmudict"] += count in totals
            score["copied"] += any(tuple(words[at : at + COPIED]) in trained for at in range(len(words) - COPIED + 1))
        for (name, lines), scheme in zip(verse.sections, verse.scheme, strict=True):
            score["titles returning"] += name == "chorus" and lines[0].lower().startswith(verse.title.lower())
            score["choruses"] += name == "chorus"
            for letter in set(scheme) - {"-"}:
                first, second = (_WORD.findall(lines[at].lower())[-1] for at, own in enumerate(scheme) if own == letter)
                sounds = [{rhyme(way) for way in known.get(word, [])} for word in (first, second)]
                score["pairs"] += 1
                score["rhymes, by cmudict"] += first != second and bool(sounds[0] & sounds[1])
        written = [line for name, lines in verse.sections if name != "chorus" for line in lines]
        score["repeated"] += len(written) - len(set(written))
    print(f"songs {args.songs}, {seconds:.2f} s each; different lines {score['lines']}")
    print(
        f"syllables right: {score['syllables, as speak says them'] / score['lines']:.2%} as speak says them, ", end=""
    )
    print(f"{score['syllables, by cmudict'] / score['lines cmudict knows']:.2%} by cmudict")
    print(f"rhymes by cmudict: {score['rhymes, by cmudict'] / score['pairs']:.2%} of {score['pairs']} pairs")
    print(f"title in the chorus: {score['titles returning']} of {score['choruses']}")
    print(f"lines repeated outside choruses: {score['repeated']}; with {COPIED} words of training: {score['copied']}")


if __name__ == "__main__":
    main()
