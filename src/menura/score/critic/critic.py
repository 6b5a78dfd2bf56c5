"""The critic: which of several candidates is most like music that people wrote.

A piece is as far from real music as its measures are, on average, from those of real pieces for as many players, each
in the spread of real ones. The numbers of real music stand in ``reference.json``, which ``benchmarks/score_critic.py``
measures. Candidates that lost their key or their chords, or in which somebody hardly plays, come after the others;
distance decides among equals.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from menura.score.analysis import find_key, krumhansl_key, pitch_class_histogram
from menura.score.critic.measures import chords_of, measures, notes_of
from menura.score.harmony import NO_CHORD, NUM_CHORDS, QUALITIES, Chord
from menura.score.notes import Key
from menura.score.steps.tokens import DRUMS, TokenPiece

TABLE = Path(__file__).with_name("reference.json")
KINDS = {"alone": 1, "duo": 2, "few": 5, "many": 16}
"""Name -> for at most how many pitched players."""
OF_DRUMS = ("drums_again", "backbeat", "even_hats", "kit_pieces", "drum_density")
CHOSEN_BY = (
    *("steps", "repeated", "leaps_answered", "turns", "lead_range", "lead_sounds", "long_ends"),
    *("tonic_root", "root_entropy", "chord_changes", "fifths_down", "bass_is_root", "outside"),
    *("rhythm_1", "density", "off_beat", "least_heard", "uneven", "silence", "loudness_returns"),
    *OF_DRUMS[:4],
)
"""What the critic listens to: twenty measures, and four of drums where there are any. Others are for judging it.
Motifs are none of them: the median piece has next to none, and to be near it is to have none."""
OF_MELODIES = ("steps", "repeated", "leaps_answered", "turns", "lead_sounds", "lead_density", "lead_range", "long_ends")
"""What it listens to where a band plays the rest."""
_LEAST_HEARD = 0.4
_FARTHEST = 4.0
"""Spreads: no measure may count more."""


def kind_of(piece: TokenPiece) -> str:
    """Which of KINDS a piece is."""
    players = sum(slot.program != DRUMS for slot in piece.slots)
    return next((name for name, most in KINDS.items() if players <= most), "many")


@cache
def reference() -> Mapping[str, Mapping[str, tuple[float, float]]]:
    """Kind -> measure -> median and spread among real pieces; drums are the same for all kinds."""
    return json.loads(TABLE.read_text(encoding="utf-8"))


def distance(piece: TokenPiece, names: Sequence[str] = CHOSEN_BY, kind: str | None = None) -> float:
    """How far a piece is from real music, in spreads of real pieces: about .7 for real ones themselves.

    Args:
        piece: that is judged.
        names: of the measures that count.
        kind: of KINDS, of the real music; None: as many play there as here.
    """
    found, real = measures(piece), reference()[kind or kind_of(piece)]
    away = [
        min(abs(found[name] - real[name][0]) / real[name][1], _FARTHEST)
        for name in names
        if name in real and not np.isnan(found[name])
    ]
    return float(np.mean(away)) if away else _FARTHEST


def keeps(piece: TokenPiece, key: Key) -> int:
    """How many of two key finders hear the key."""
    notes = notes_of(piece)
    notes = notes.where(notes.pitched)
    if not len(notes):
        return 2
    histogram = pitch_class_histogram(notes.pitch, notes.length)
    return int(find_key(histogram) == key) + int(krumhansl_key(histogram) == key)


def follows(piece: TokenPiece, chords: np.ndarray) -> float:
    """In how many halves of its bars a piece has the root and the third of the chords that were asked.

    Args:
        chords: int ``[bar, 2]`` of `menura.score.harmony.Chord.index`; halves without one do not count.
    """
    heard, asked = chords_of(piece), chords.ravel()
    told = (asked != NO_CHORD) & (heard != NO_CHORD)
    return float((_CORES[heard] == _CORES[asked])[told].mean()) if told.any() else 1.0


def silent_players(piece: TokenPiece) -> int:
    """How many of up to five pitched players sound in less than two fifths of the bars; in orchestras many rest."""
    notes = notes_of(piece)
    pitched = [index for index, slot in enumerate(piece.slots) if slot.program != DRUMS]
    if len(pitched) > KINDS["few"]:
        return 0
    sounds_in = [len(np.unique(notes.bar[notes.slot == index])) for index in pitched]
    return sum(bars < _LEAST_HEARD * piece.num_bars for bars in sounds_in)


def ranked(
    pieces: Sequence[TokenPiece], key: Key, chords: np.ndarray | None = None, *, accompanied: bool = False
) -> list[int]:
    """The numbers of candidates, best first; equals stay in order.

    Args:
        pieces: the candidates.
        key: that was asked.
        chords: as of `follows`; None where none were asked.
        accompanied: whether a band plays under them, so that only the melody is judged.
    """
    names, kind = (OF_MELODIES, "few") if accompanied else (CHOSEN_BY, None)

    def faults(number: int) -> tuple[float, float]:
        piece, lost = pieces[number], 0
        if not accompanied:
            lost = 2 - keeps(piece, key) if chords is None else round(4 * (1 - follows(piece, chords)))
        return lost + silent_players(piece), distance(piece, names, kind)

    return sorted(range(len(pieces)), key=faults)


def _core(chord: Chord | None) -> int:
    return -1 if chord is None else 2 * chord.root + (3 in QUALITIES[chord.quality])


_CORES = np.array([_core(Chord.of(index)) for index in range(NUM_CHORDS)])
"""Root and third of every chord, as one number."""
