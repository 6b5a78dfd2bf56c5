"""Chord progressions by style and mode, where nobody asked for chords: a loop for each section, a cadence at the end.

Loops and cadences are common property; they are written in C major and C minor and moved to the key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from menura.score.arranger.plan import drawn
from menura.score.form import Section
from menura.score.harmony import Chord, parse_plan
from menura.score.notes import Key

Chords = list[tuple[Chord | None, Chord | None]]

_LOOPS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "pop": {
        "major": ("C | G | Am | F", "C | Am | F | G", "F | G | Em | Am", "Am | F | C | G", "C | F | Am | G"),
        "minor": ("Cm | Ab | Eb | Bb", "Ab | Bb | Cm | Eb", "Cm | Fm | Ab | Bb", "Cm | Bb | Ab | Bb"),
    },
    "ballad": {
        "major": ("C | Em | F | G", "C | G Am | F | G", "F | C | Dm | G", "C | Am | Dm | G"),
        "minor": ("Cm | Eb | Ab | Bb", "Cm | Gm | Ab | Bb", "Ab | Eb | Fm | G"),
    },
    "rock": {
        "major": ("C | F | C | G", "C | Bb | F | C", "C | G | F | F", "Am | G | F | G"),
        "minor": ("Cm | Bb | Ab | G", "Cm | Eb | Bb | F", "Cm | Ab | Bb | Cm", "Cm | Fm | Bb | Eb"),
    },
    "metal": {
        "major": ("C | Bb | F | C", "C | Ab | Bb | C"),
        "minor": ("Cm | Ab | Bb | Cm", "Cm | Db | Cm | Bb", "Cm | Cm | Ab | G", "Fm | Ab | Cm | Bb"),
    },
    "jazz": {
        "major": (
            "Cmaj7 | Am7 | Dm7 | G7",
            "Dm7 | G7 | Cmaj7 | A7",
            "Em7 | A7 | Dm7 | G7",
            "Cmaj7 | Cmaj7 | Fmaj7 | Fm7",
        ),
        "minor": ("Cm7 | Am7b5 | Dm7b5 | G7", "Fm7 | Bb7 | Ebmaj7 | Abmaj7", "Cm7 | Fm7 | Dm7b5 | G7"),
    },
    "bossa": {
        "major": ("Cmaj7 | D7 | Dm7 | G7", "Dm7 | G7 | Cmaj7 | A7", "Fmaj7 | Fm7 | Em7 | A7"),
        "minor": ("Cm7 | Dm7b5 | G7 | Cm7", "Fm7 | Bb7 | Ebmaj7 | G7"),
    },
    "blues": {
        "major": ("C7 | F7 | C7 | C7 | F7 | F7 | C7 | C7 | G7 | F7 | C7 | G7",),
        "minor": ("Cm7 | Fm7 | Cm7 | Cm7 | Fm7 | Fm7 | Cm7 | Cm7 | Ab7 | G7 | Cm7 | G7",),
    },
    "funk": {
        "major": ("C7 | C7 | F7 | C7", "C7 | Bb | F7 | C7", "Am7 | D7 | Am7 | D7"),
        "minor": ("Cm7 | Cm7 | Fm7 | Cm7", "Cm7 | F7 | Cm7 | F7", "Abmaj7 | Gm7 | Cm7 | Cm7"),
    },
    "soul": {
        "major": ("C | Am7 | Dm7 | G7", "Cmaj7 | Em7 | Fmaj7 | G7", "F | C | Dm7 | C", "Am7 | Em7 | Fmaj7 | G7"),
        "minor": ("Cm7 | Fm7 | Cm7 | G7", "Abmaj7 | Bb | Cm7 | Cm7"),
    },
    "reggae": {
        "major": ("C | F | C | G", "C | Am | F | G", "C | Dm | C | Dm"),
        "minor": ("Cm | Fm | Cm | Bb", "Cm | Bb | Cm | Bb", "Cm | Ab | Bb | Cm"),
    },
    "country": {
        "major": ("C | F | C | G", "C | C | F | G", "F | C | G | C", "C | G | C | C"),
        "minor": ("Cm | Bb | Cm | G", "Cm | Fm | Cm | G"),
    },
    "machine": {
        "major": ("F | G | Am | C", "C | Em | F | F", "Am | F | C | G", "F | C | G | Am"),
        "minor": ("Cm | Ab | Eb | Bb", "Cm | Cm | Ab | Bb", "Fm | Ab | Cm | Bb", "Ab | Bb | Cm | Cm"),
    },
    "dark": {
        "major": ("C | C | Bb | C", "C | Ab | Bb | C"),
        "minor": ("Cm | Cm | Cm | Bb", "Cm | Cm | Ab | Ab", "Cm | Db | Cm | Db", "Cm | Eb | Ab | G"),
    },
    "lo-fi": {
        "major": (
            "Fmaj7 | Em7 | Dm7 | Cmaj7",
            "Dm7 | G7 | Em7 | Am7",
            "Cmaj7 | Am7 | Dm7 | G7",
            "Fmaj7 | Fm7 | Em7 | A7",
        ),
        "minor": ("Abmaj7 | Gm7 | Cm7 | Cm7", "Cm7 | Fm7 | Bb7 | Ebmaj7", "Fm7 | Gm7 | Cm7 | Bb7"),
    },
    "latin": {
        "major": ("C | F | G7 | F", "C | C | G7 | G7", "Dm7 | G7 | C | C"),
        "minor": ("Cm | Fm | G7 | Cm", "Cm | G7 | G7 | Cm", "Cm | Bb | Ab | G7"),
    },
    "flamenco": {
        "major": ("C | F | G | C",),
        "minor": ("Cm | Bb | Ab | G", "Fm | Eb | Db | C", "Cm | G | Ab | G"),
    },
    "dance": {
        "major": ("C | G7 | G7 | C", "F | C | G7 | C", "C | F | G7 | C", "G | C | G7 | C"),
        "minor": ("Cm | G7 | G7 | Cm", "Fm | Cm | G7 | Cm", "Cm | Fm | G7 | Cm", "Eb | Bb | G7 | Cm"),
    },
    "modal": {
        "major": ("C | Bb | F | C", "C | G | Am | G", "C | F | G | F"),
        "minor": ("Cm | Bb | Cm | Gm", "Cm | Ab | Eb | Bb", "Cm | Fm | Cm | Bb", "Cm | Db | Cm | Db"),
    },
}
_LOOPS_OF = {
    **dict.fromkeys(("rock", "hard rock", "punk", "ska"), "rock"),
    **dict.fromkeys(("blues shuffle",), "blues"),
    **dict.fromkeys(("gospel", "soul"), "soul"),
    **dict.fromkeys(("funk", "afrobeat"), "funk"),
    **dict.fromkeys(("disco", "house", "trance", "drum and bass", "synthwave", "chiptune", "latin pop"), "machine"),
    **dict.fromkeys(("trap", "techno", "dubstep"), "dark"),
    **dict.fromkeys(("lo-fi", "hip hop"), "lo-fi"),
    **dict.fromkeys(("swing", "big band", "jazz waltz", "new orleans", "five four"), "jazz"),
    **dict.fromkeys(("bossa nova", "samba"), "bossa"),
    **dict.fromkeys(("salsa", "cha-cha", "tango"), "latin"),
    **dict.fromkeys(("rumba flamenca",), "flamenco"),
    **dict.fromkeys(("waltz", "march", "polka", "classical", "baroque", "ragtime"), "dance"),
    **dict.fromkeys(("ambient", "cinematic", "jig", "reel", "balkan 7/8"), "modal"),
}

_LEAST_CLOSED = 4
"""Bars of a piece that has a cadence."""
_CADENCES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("pop", "country", "soul", "rock", "machine"), ("F G", "Ab Bb")),
    **dict.fromkeys(("metal", "modal", "dark"), ("Ab Bb", "Ab Bb")),
    **{"ballad": ("F | Fm G", "Ab | Fm G"), "reggae": ("F G", "Fm Bb"), "funk": ("F7 G7", "Fm7 G7")},
    "jazz": ("Em7 A7 | Dm7 G7", "Cm7 Am7b5 | Dm7b5 G7"),
    "bossa": ("Em7 A7 | Dm7 G7", "Abmaj7 | Dm7b5 G7"),
    **{"lo-fi": ("Dm7 G7", "Fm7 Bb7"), "flamenco": ("F G", "Ab G")},
    **dict.fromkeys(("latin", "dance"), ("F G7", "Fm G7")),
}
"""Loops -> what comes before the last bar, in major and in minor. A blues has its own."""
_COMPOSED_CADENCES: Mapping[str, Sequence[str]] = {
    "major": ("F G7", "Dm G7", "C G7", "G7 G7"),
    "minor": ("Fm G7", "Dm7b5 G7", "Cm G7", "G7 G7"),
}


def progression(style: str, key: Key, sections: Sequence[Section], seed: int, *, closes: bool = True) -> Chords:
    """Chords for every bar of a piece.

    Args:
        style: name of one of `menura.score.arranger.styles.STYLES`.
        key: of the piece.
        sections: those of one name have one loop.
        seed: the same gives the same chords.
        closes: whether the last bar is the tonic's.
    """
    loops = _LOOPS[_LOOPS_OF.get(style, style)][key.mode]
    order = drawn(seed, "progression").permutation(len(loops))
    names = list(dict.fromkeys(section.name for section in sections))
    chords: Chords = []
    for section in sections:
        loop = parse_plan(loops[int(order[names.index(section.name) % len(loops)])])
        if len(loop) > section.bars:  # a chorus is longer than a section: it runs through
            chords += [loop[(section.start + bar) % len(loop)] for bar in range(section.bars)]
        else:
            chords += [loop[bar % len(loop)] for bar in range(section.bars)]
    if closes and len(chords) > 1:
        last = _tonic(key, chords[-1])
        chords[-1] = (last, last)
        if len(chords) >= _LEAST_CLOSED and (before := _CADENCES.get(_LOOPS_OF.get(style, style))):
            close = parse_plan(before[key.mode == "minor"])
            chords[-1 - len(close) : -1] = close
    return [(_moved(one, key.tonic), _moved(other, key.tonic)) for one, other in chords]


def cadence(key: Key, bars: int, seed: int) -> Chords:
    """What is asked of a piece whose chords nobody asked for: a dominant before the last bar, and what leads to it.

    Args:
        key: of the piece.
        bars: of the piece, two at least; the last is the tonic's.
        seed: of which it is.

    Returns:
        For every bar its chords, None where nothing is said.
    """
    options = _COMPOSED_CADENCES[key.mode]
    (one, other), *_ = parse_plan(options[int(drawn(seed, "cadence").integers(len(options)))])
    chords: Chords = [(None, None)] * bars
    chords[-2] = (_moved(one, key.tonic), _moved(other, key.tonic))
    last = _moved(_tonic(key, chords[-1]), key.tonic)
    chords[-1] = (last, last)
    return chords


def _tonic(key: Key, last: tuple[Chord | None, Chord | None]) -> Chord:
    """The last chord, with a seventh where the others have them."""
    quality = last[-1].quality if last[-1] else ""
    if len(quality) > 1 and "7" in quality:
        return Chord(0, "maj7" if key.mode == "major" else "m7")
    return Chord(0, "" if key.mode == "major" else "m")


def _moved(chord: Chord | None, semitones: int) -> Chord | None:
    return chord and chord.transposed(semitones)


LEADS: Mapping[str, int] = {
    **{"rock": 29, "hard rock": 30, "metal": 30, "punk": 29, "pop": 65, "ballad": 73, "country": 110, "gospel": 65},
    **{"blues shuffle": 22, "funk": 56, "soul": 65, "disco": 80, "reggae": 22, "ska": 56, "afrobeat": 66, "lo-fi": 11},
    **{"hip hop": 73, "trap": 73, "house": 80, "techno": 81, "trance": 81, "drum and bass": 80, "dubstep": 80},
    **{"synthwave": 81, "chiptune": 80, "ambient": 73, "cinematic": 40, "swing": 71, "big band": 65, "jazz waltz": 11},
    **{"new orleans": 56, "ragtime": 0, "bossa nova": 65, "samba": 73, "salsa": 56, "cha-cha": 73, "latin pop": 56},
    **{"tango": 40, "rumba flamenca": 24, "waltz": 40, "march": 56, "polka": 71, "jig": 40, "reel": 40},
    **{"balkan 7/8": 71, "five four": 65, "classical": 40, "baroque": 73},
}
"""Style -> the General MIDI program that plays the melody where nobody was named."""
