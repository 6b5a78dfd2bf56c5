"""Loudness: it swells with phrases and sections, melody stands out, metre is heard, higher is louder.

Loudness follows the arches of tempo (Todd 1992); "high loud", accents and the melody before the accompaniment are rules
of Friberg, Bresin & Sundberg ("Overview of the KTH rule system for musical performance", 2006) and what pianists were
seen to do (Palmer, "Music performance", 1997; Goebl, "Melody lead in piano performance", 2001). Numbers are of MIDI
velocity, set so that spreads and returns come out as in scores with dynamics (`benchmarks/score_performance.py`).
"""

from __future__ import annotations

import numpy as np

from menura.score.notes import PITCH, VELOCITY
from menura.score.performance.characters import Character
from menura.score.performance.reading import Reading, Span, within
from menura.score.roles import ROLES

_PHRASE, _SECTION, _PIECE = 11.0, 18.0, 13.0
"""How far loudness rises from the ends of a phrase, a section and the piece to their height."""
_PEAKS = (0.6, 0.6, 0.7)
_BEGINS = 0.6
"""How much softer each begins, of how much softer it ends."""
_CONTRAST, _AGAIN = 7.0, 3.0
"""How much louder a section of another name is, and one that returns."""
_OF_PARTS, _OF_BARS, _OF_NOTES = 0.5, 0.6, 0.3
"""How much is kept of what was written: how parts differ, how bars do, smoothed, and what is left."""
_SMOOTHED_BARS = 5
_BEFORE = {"lead": 8.0, "counter": 1.0, "comp": -6.0, "bass": -2.0}
_MELODY, _LOWEST, _INNER = 7.0, -2.0, -7.0
"""In the hands of one player who has melody and accompaniment."""
_PER_OCTAVE = 5.0
_DOWNBEAT, _MIDDLE, _OFF = 6.0, 2.5, -3.0
_WOBBLE = 3.0
_FULL_BARS = 4
_KNEE = ((0, 40, 104, 150), (26, 40, 104, 124))
"""What would be very soft or very loud is drawn nearer, so that lines keep their shape there."""
_USUAL, _OF_LEVEL = 84.0, 0.5
"""The mean of scores with dynamics, and how much of what a piece is louder is kept."""


def velocities(reading: Reading, character: Character, rng: np.random.Generator, *, joins: bool = False) -> np.ndarray:
    """The velocity of every note, int64 ``[note]``; loud pieces stay loud, but leave room for what is louder.

    Args:
        reading: the piece.
        character: of which dynamics and accents count.
        rng: of what cannot be foreseen.
        joins: it goes into a piece: its level is kept, and it swells with phrases alone.
    """
    written = reading.notes[:, VELOCITY].astype(np.float64)
    loud = _kept(reading, written)
    loud += character.dynamics * min(reading.num_bars / _FULL_BARS, 1.0) * _arches(reading, joins)
    loud += _voices(reading) + character.accents * _metre(reading)
    loud += _WOBBLE * np.clip(rng.standard_normal(len(loud)), -2, 2)
    loud += _USUAL + (1 if joins else _OF_LEVEL) * (written.mean() - _USUAL) - loud.mean()
    return np.round(np.interp(loud, *_KNEE)).astype(np.int64)


def _kept(reading: Reading, written: np.ndarray) -> np.ndarray:
    """What of the written loudness stays."""
    part, bar, count = reading.part, reading.bar, reading.num_bars
    notes_of = np.maximum(np.bincount(part), 1)
    parts = (np.bincount(part, written) / notes_of)[part] - written.mean()
    rest = written - written.mean() - parts
    weight = np.convolve(np.bincount(bar, minlength=count), np.ones(_SMOOTHED_BARS))
    total = np.convolve(np.bincount(bar, rest, minlength=count), np.ones(_SMOOTHED_BARS))
    margin = _SMOOTHED_BARS // 2
    smooth = (total / np.maximum(weight, 1))[margin : margin + count][bar]
    own = rest - (np.bincount(bar, rest, minlength=count) / np.maximum(np.bincount(bar, minlength=count), 1))[bar]
    return _OF_PARTS * parts + _OF_BARS * smooth + _OF_NOTES * own


def _arches(reading: Reading, joins: bool) -> np.ndarray:
    """Phrases, sections and the piece, one on the other; sections also against each other."""
    sections = reading.sections
    whole = [Span(sections[0].start, sections[-1].end, "")]
    levels = zip((reading.phrases, sections, whole), (_PHRASE, _SECTION, _PIECE), _PEAKS, strict=True)
    found = np.zeros(len(reading.notes))
    for spans, height, peak in levels:
        found += height * _arch(within(spans, reading.onset), peak)
        if joins:
            return found
    heard: dict[str, int] = {}
    for span in sections:
        known = list(heard)
        step = _CONTRAST * (known.index(span.name) if span.name in known else len(known)) ** 0.5
        step += _AGAIN * min(heard.get(span.name, 0), 2)
        heard[span.name] = heard.get(span.name, 0) + 1
        found += step * ((reading.onset >= span.start) & (reading.onset < span.end))
    return found


def _arch(through: np.ndarray, peak: float) -> np.ndarray:
    through = np.nan_to_num(through, nan=0.0)
    return 1 - np.where(through < peak, _BEGINS * (1 - through / peak) ** 2, ((through - peak) / (1 - peak)) ** 2)


def _voices(reading: Reading) -> np.ndarray:
    """The melody before the rest, and every part louder upwards."""
    names = ("", *ROLES)
    roles = [names[role] for role in reading.roles.tolist()]
    alone = np.array([role == "solo" for role in roles])[reading.part]
    by_part = np.array([_BEFORE.get(role, 0.0) for role in roles])[reading.part]
    several = ~reading.top & ~reading.drums
    in_hands = np.where(reading.top, _MELODY, np.where(reading.lowest, _LOWEST, _INNER))
    loud = np.where(alone, in_hands, by_part - 3.0 * several)
    means = np.bincount(reading.part, reading.notes[:, PITCH]) / np.maximum(np.bincount(reading.part), 1)
    octaves = np.clip((reading.notes[:, PITCH] - means[reading.part]) / 12, -1.5, 1.5)
    return loud + np.where(reading.drums, 0.0, np.where(alone, 0.5, 1.0) * _PER_OCTAVE * octaves)


def _metre(reading: Reading) -> np.ndarray:
    """Accents: the first beat, less so the one in the middle of the bar; what is off the beat is softer."""
    strength = {}
    for bar in reading.beats:
        middle = len(bar) // 2 if len(bar) % 2 and len(bar) > 4 else -1
        strength |= {
            tick: _DOWNBEAT if not beat else _MIDDLE if beat == middle else 0.0 for beat, tick in enumerate(bar[:-1])
        }
    return np.array([strength.get(tick, _OFF) for tick in reading.onset.tolist()])
