"""Prompts drawn by seed: sentences such as people write, with what each asks for known from the start.

    python benchmarks/prompts.py --count 5

What a phrase means is written down here by hand and not looked up in Menura, so that its reading of them is tested too.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass

DRUMS = 128
"""Stands for the drum kit among General MIDI's 128 programs."""


@dataclass(frozen=True)
class Ask:
    """A prompt and what it asks for.

    Attributes:
        text: the sentence.
        tonic: pitch class, 0 = C.
        mode: ``"major"`` or ``"minor"``.
        bpm: quarter notes a minute.
        metre: beats a bar and the beat's unit.
        bars: length.
        programs: General MIDI program of every player, ascending; `DRUMS` is the kit.
    """

    text: str
    tonic: int
    mode: str
    bpm: int
    metre: tuple[int, int]
    bars: int
    programs: tuple[int, ...]


_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_MAJORS = ("C", "Db", "D", "Eb", "E", "F", "F#", "Gb", "G", "Ab", "A", "Bb", "B")
_MINORS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_ACCIDENTALS = {"": ("",), "#": ("#", " sharp", "-sharp", "♯"), "b": ("b", " flat", "-flat", "♭")}
_KEYS = ("in {}", "in {}", "in the key of {}", "key: {}", "{}")
_MODES = {"major": ("major", "major", "maj"), "minor": ("minor", "minor", "min")}
_GERMAN = ("c", "cis", "d", "es", "e", "f", "fis", "g", "as", "a", "b", "h")
_GERMAN_MODES = {"major": "Dur", "minor": "Moll"}

_METRES = {
    (2, 4): ("2/4", "in 2/4", "in 2/4 time", "two four time"),
    (3, 4): ("3/4", "in 3/4", "in 3/4 time", "waltz time", "three four time", "in three"),
    (4, 4): ("4/4", "in 4/4", "in 4/4 time", "common time"),
    (6, 8): ("6/8", "in 6/8", "in 6/8 time", "six eight time"),
    (9, 8): ("9/8", "in 9/8", "in 9/8 time", "nine eight time"),
    (12, 8): ("12/8", "in 12/8", "in 12/8 time", "twelve eight time"),
    (5, 4): ("5/4", "in 5/4", "in 5/4 time", "in five"),
    (2, 2): ("2/2", "in 2/2", "cut time", "alla breve"),
}
_DANCES = {
    (2, 4): ("march", "polka", "tango"),
    (3, 4): ("waltz", "minuet", "mazurka", "sarabande", "polonaise"),
    (4, 4): ("gavotte", "reel", "hornpipe", "allemande"),
    (6, 8): ("jig", "gigue", "tarantella", "siciliana"),
}
_GENRES = ("piece", "tune", "song", "nocturne", "prelude", "study", "chorale", "sonata", "theme", "miniature", "hymn")
_STYLES = (
    *("in the style of Bach", "in the style of Schubert", "à la Chopin", "like Mozart", "Haydn style", "baroque"),
    *("romantic", "classical", "jazz", "folk style", "70% Schubert and 30% game", "Beethoven-like", "renaissance"),
)
_MOODS = (
    *("sad", "happy", "calm", "dreamy", "dark", "playful", "solemn", "gentle", "heroic", "mysterious", "elegant"),
    *("melancholic", "cheerful", "peaceful", "festive", "tender", "simple", "virtuosic"),
)
_TEMPO_WORDS = (
    (84, ("slow", "largo", "adagio", "andante")),
    (116, ("moderate", "moderato")),
    (181, ("fast", "allegro", "lively", "quick", "vivace")),
)
"""Words for tempi below a number of bpm; the number is always said too, and wins."""
_BPM = ("{} bpm", "{} bpm", "at {} bpm", "tempo {}", "♩ = {}", "{} beats per minute", "at {}")
_BARS = ("{} bars", "{} bars", "{} bars long", "{} measures", "length: {} bars")
_NUMBERS = {8: "eight", 12: "twelve", 16: "sixteen", 20: "twenty", 24: "twenty-four", 32: "thirty-two"}

_PLAYERS: dict[int, tuple[str, ...]] = {
    **{0: ("piano", "piano", "grand piano"), 6: ("harpsichord",), 11: ("vibraphone", "vibes"), 12: ("marimba",)},
    **{19: ("church organ", "organ"), 21: ("accordion",), 24: ("classical guitar", "nylon guitar", "guitar")},
    **{25: ("acoustic guitar",), 33: ("electric bass",), 40: ("violin",), 41: ("viola",), 42: ("cello",)},
    **{43: ("double bass", "upright bass"), 46: ("harp",), 47: ("timpani",), 52: ("choir",), 53: ("voice",)},
    **{56: ("trumpet",), 57: ("trombone",), 58: ("tuba",), 60: ("french horn", "horn"), 65: ("alto sax",)},
    **{66: ("tenor saxophone",), 68: ("oboe",), 70: ("bassoon",), 71: ("clarinet",), 72: ("piccolo",)},
    **{73: ("flute",), 74: ("recorder",), 79: ("ocarina",), DRUMS: ("drums", "drum kit")},
}
_PLURALS = {
    **{40: "violins", 41: "violas", 42: "cellos", 56: "trumpets", 57: "trombones", 60: "horns", 68: "oboes"},
    **{71: "clarinets", 73: "flutes", 74: "recorders", 24: "guitars", 70: "bassoons"},
}
_ENSEMBLES = {
    "string quartet": (40, 40, 41, 42),
    "string trio": (40, 41, 42),
    "piano trio": (0, 40, 42),
    "piano quartet": (0, 40, 41, 42),
    "piano quintet": (0, 40, 40, 41, 42),
    "clarinet quintet": (71, 40, 40, 41, 42),
    "wind quintet": (73, 68, 71, 70, 60),
    "brass quintet": (56, 56, 60, 57, 58),
    "sax quartet": (64, 65, 66, 67),
    "jazz trio": (0, 43, DRUMS),
}
_MAX_PLAYERS = 6


def draw_prompts(count: int, seed: int, bars: tuple[int, int] = (8, 48)) -> list[Ask]:
    """`count` prompts, the first of them the same for every count; lengths are within `bars`, inclusive."""
    return [_draw(random.Random(f"prompt {seed} {index}"), bars) for index in range(count)]


def _draw(rng: random.Random, bar_range: tuple[int, int]) -> Ask:
    mode = rng.choice(("major", "minor"))
    name = rng.choice(_MAJORS if mode == "major" else _MINORS)
    letter, accidental = name[0], name[1:]
    tonic = (_NATURALS[letter] + {"": 0, "#": 1, "b": -1}[accidental]) % 12
    spelled = letter + rng.choice(_ACCIDENTALS[accidental])
    named = f"{spelled} {rng.choice(_MODES[mode])}"
    if rng.random() < 0.1:
        german = _GERMAN[tonic]
        named = f"{german.capitalize() if mode == 'major' else german}-{_GERMAN_MODES[mode]}"
    key = rng.choice(_KEYS).format(named)
    metre = rng.choice(list(_METRES))
    bpm = rng.randrange(56, 181, rng.choice((1, 2, 4)))
    bars = rng.choice([n for n in _lengths() if bar_range[0] <= n <= bar_range[1]] or [bar_range[0]])
    players, programs = _players(rng)
    return Ask(_sentence(rng, key, bpm, metre, bars, players), tonic, mode, bpm, metre, bars, programs)


def _lengths() -> list[int]:
    """Eights and twelves more often than odd lengths, as people ask."""
    return [*range(8, 49), *(8, 12, 16, 20, 24, 28, 32, 40, 48) * 4]


def _players(rng: random.Random) -> tuple[str, tuple[int, ...]]:
    """Who plays, in words and as programs."""
    if rng.random() < 0.25:
        name, programs = rng.choice(list(_ENSEMBLES.items()))
        return rng.choice((f"for {name}", f"for a {name}")), tuple(sorted(programs))
    room = rng.randint(1, _MAX_PLAYERS)
    phrases: list[str] = []
    programs: list[int] = []
    for program in rng.sample([program for program in _PLAYERS if room > 1 or program != DRUMS], room):
        own = rng.choice((2, 3, 4)) if program in _PLURALS and rng.random() < 0.3 else 1
        if own > room - len(programs):
            own = 1
        if len(programs) == room:
            break
        many = rng.choice((str(own), ("two", "three", "four")[own - 2]))
        phrases.append(f"{many} {_PLURALS[program]}" if own > 1 else rng.choice(_PLAYERS[program]))
        programs.extend([program] * own)
    listed = _listed(rng, phrases)
    start = rng.choice(("for ", "for ", "played by ", "with ") if len(programs) > 1 else ("for ", "for solo "))
    return start + listed, tuple(sorted(programs))


def _listed(rng: random.Random, phrases: Sequence[str]) -> str:
    last = rng.choice((" and ", " and ", " & ", ", ")) if len(phrases) < 3 else rng.choice((" and ", ", and ", ", "))
    return last.join(filter(None, (", ".join(phrases[:-1]), phrases[-1])))


def _sentence(rng: random.Random, key: str, bpm: int, metre: tuple[int, int], bars: int, players: str) -> str:
    """One way of many to say it."""
    said_metre = rng.choice(_METRES[metre])
    kind = rng.choice(_GENRES)
    if metre in _DANCES and rng.random() < 0.5:
        kind = rng.choice(_DANCES[metre])
        # Where the dance's name already says the metre, some leave it at that.
        said_metre = said_metre if rng.random() < 0.6 else ""
    adjectives = [rng.choice(_MOODS)] if rng.random() < 0.6 else []
    if rng.random() < 0.4:
        adjectives.insert(0, rng.choice(next(words for limit, words in _TEMPO_WORDS if bpm < limit)))
    number = _NUMBERS[bars] if bars in _NUMBERS and rng.random() < 0.3 else str(bars)
    length, pace = rng.choice(_BARS).format(number), rng.choice(_BPM).format(bpm)
    style = rng.choice(_STYLES) if rng.random() < 0.5 else ""
    details = [part for part in (key, said_metre, pace, length, style) if part]
    rng.shuffle(details)
    described = " ".join([*adjectives, kind])
    article = "an" if described[0] in "aeiou" else "a"
    match rng.randrange(4):
        case 0:
            text = f"{article} {described} {players}, " + ", ".join(details)
        case 1:
            text = f"Please write {article} {described} {players}; " + "; ".join(details) + "."
        case 2:
            text = f"{described} {players}. " + ". ".join(details)
        case _:
            text = ", ".join((*details[:2], f"{described} {players}", *details[2:]))
    return text


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Print prompts and what they ask for.")
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    for ask in draw_prompts(args.count, args.seed):
        metre = "/".join(map(str, ask.metre))
        print(f"{ask.text}\n    tonic {ask.tonic} {ask.mode}, {ask.bpm} bpm, {metre}, {ask.bars} bars, {ask.programs}")


if __name__ == "__main__":
    main()
