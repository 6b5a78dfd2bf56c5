"""A lead sheet as MusicXML 4.0: one staff with melody, chords and words, which notation programs open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np

from menura.score.harmony import Chord
from menura.score.notes import DURATION, ONSET, PITCH, TICKS_PER_QUARTER, Key, Score

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_GRID = TICKS_PER_QUARTER // 4
"""Notes stand on sixteenths: a swung or played one is written straight."""
_DIVISIONS = 4
_LOW = 60
"""Under so high a middle pitch notes are written an octave higher."""
_KINDS = {
    **{"": "major", "m": "minor", "dim": "diminished", "aug": "augmented", "7": "dominant", "maj7": "major-seventh"},
    **{"m7": "minor-seventh", "dim7": "diminished-seventh", "m7b5": "half-diminished", "sus4": "suspended-fourth"},
}
_TYPES = {16: ("whole", 0), 12: ("half", 1), 8: ("half", 0), 6: ("quarter", 1), 4: ("quarter", 0), 3: ("eighth", 1)}
_TYPES |= {2: ("eighth", 0), 1: ("16th", 0)}
_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")


def to_musicxml(score: Score, chords: Sequence[tuple[Chord | None, Chord | None]]) -> str:
    """The first track of a score, its lyrics under it and chords above it.

    Args:
        score: of one metre and key; its track has one note at a time.
        chords: those of the halves of every bar.
    """
    metre, key = score.metres[0], score.keys[0].key if score.keys else Key(0, "major")
    bar = metre.bar_ticks // _GRID
    root = ElementTree.Element("score-partwise", version="4.0")
    _child(_child(root, "work"), "work-title", score.title or "Song")
    one = _child(_child(root, "part-list"), "score-part", id="P1")
    _child(one, "part-name", score.tracks[0].name)
    part = _child(root, "part", id="P1")
    bars = list(pieces(score, max(len(chords), 1)))
    names = {mark.tick // metre.bar_ticks: mark.text for mark in score.markers}
    before: Chord | None = None
    for number in range(max(len(chords), 1)):
        measure = _child(part, "measure", number=str(number + 1))
        if number == 0:
            _attributes(measure, score, key)
        if number in names:
            kind = _child(_child(measure, "direction", placement="above"), "direction-type")
            _child(kind, "rehearsal", names[number])
        halves = chords[number] if number < len(chords) else (None, None)
        waiting = [(place, chord) for place, chord in zip((0, bar // 2), halves, strict=True) if chord]
        for start, length, pitch, tie, syllable in bars[number]:
            while waiting and waiting[0][0] <= start:
                before = _harmony(measure, waiting.pop(0)[1], before, key)
            _note(measure, (length, pitch), tie, syllable, key)
        while waiting:
            before = _harmony(measure, waiting.pop(0)[1], before, key)
    ElementTree.indent(root)
    return _HEAD + ElementTree.tostring(root, encoding="unicode") + "\n"


Piece = tuple[int, int, int | None, tuple[bool, bool], tuple[str, str] | None]
"""Place in the bar, length, pitch or a rest, whether tied from and to others, and syllable with its place in a word."""


def pieces(score: Score, bars: int) -> Iterator[list[Piece]]:
    """What stands in each bar of the first track of a score, in lengths that one note can have."""
    bar = score.metres[0].bar_ticks // _GRID
    notes = score.tracks[0].notes
    onsets = np.rint(notes[:, ONSET] / _GRID).astype(int)
    ends = np.maximum(np.rint((notes[:, ONSET] + notes[:, DURATION]) / _GRID).astype(int), onsets + 1)
    ends[:-1] = np.minimum(ends[:-1], onsets[1:])
    words = {text.tick: text.text for text in score.texts if text.kind == "lyric"}
    spans: list[tuple[int, int, int | None, tuple[str, str] | None]] = []
    at, goes_on = 0, False
    for onset, end, tick, pitch in zip(onsets, ends, notes[:, ONSET], notes[:, PITCH], strict=True):
        if onset > at:
            spans.append((at, int(onset), None, None))
        syllable = None
        if (text := words.get(int(tick))) is not None:
            more = text.endswith("-")
            syllable = (text.rstrip("-"), ("middle" if more else "end") if goes_on else ("begin" if more else "single"))
            goes_on = more
        if end > onset:
            spans.append((int(onset), int(end), int(pitch), syllable))
        at = max(int(end), at)
    if at < bars * bar:
        spans.append((at, bars * bar, None, None))
    found: list[list[Piece]] = [[] for _ in range(bars)]
    for start, end, pitch, syllable in spans:
        cuts = [start]
        while cuts[-1] < end:
            room = min(end, (cuts[-1] // bar + 1) * bar) - cuts[-1]
            cuts.append(cuts[-1] + next(length for length in _TYPES if length <= room))
        for place, (first, last) in enumerate(pairwise(cuts)):
            ties = (pitch is not None and place > 0, pitch is not None and last < end)
            if first // bar < bars:
                found[first // bar].append((first % bar, last - first, pitch, ties, syllable if not place else None))
    yield from found


def _attributes(measure: ElementTree.Element, score: Score, key: Key) -> None:
    attributes = _child(measure, "attributes")
    _child(attributes, "divisions", str(_DIVISIONS))
    signature = _child(attributes, "key")
    _child(signature, "fifths", str(key.fifths))
    _child(signature, "mode", key.mode)
    time = _child(attributes, "time")
    _child(time, "beats", str(score.metres[0].numerator))
    _child(time, "beat-type", str(score.metres[0].denominator))
    clef = _child(attributes, "clef")
    _child(clef, "sign", "G")
    _child(clef, "line", "2")
    if is_low(score):
        _child(clef, "clef-octave-change", "-1")
    sound = _child(_child(measure, "direction"), "direction-type")
    metronome = _child(sound, "metronome")
    _child(metronome, "beat-unit", "quarter")
    _child(metronome, "per-minute", f"{score.tempos[0].bpm:g}")


def _harmony(measure: ElementTree.Element, chord: Chord, before: Chord | None, key: Key) -> Chord:
    """A chord above the staff, where it is another than before."""
    if chord != before:
        harmony = _child(measure, "harmony")
        name = name_of(chord.root, key)
        root = _child(harmony, "root")
        _child(root, "root-step", name[0])
        if len(name) > 1:
            _child(root, "root-alter", "1" if name[1] == "#" else "-1")
        _child(harmony, "kind", _KINDS[chord.quality])
    return chord


def _note(
    measure: ElementTree.Element,
    sounding: tuple[int, int | None],
    ties: tuple[bool, bool],
    syllable: tuple[str, str] | None,
    key: Key,
) -> None:
    length, pitch = sounding
    note = _child(measure, "note")
    if pitch is None:
        _child(note, "rest")
    else:
        name, place = name_of(pitch % 12, key), _child(note, "pitch")
        _child(place, "step", name[0])
        if len(name) > 1:
            _child(place, "alter", "1" if name[1] == "#" else "-1")
        _child(place, "octave", str(pitch // 12 - 1))
    _child(note, "duration", str(length))
    kinds = [kind for kind, there in zip(("stop", "start"), ties, strict=True) if there]
    for kind in kinds:
        _child(note, "tie", type=kind)
    name, dots = _TYPES[length]
    _child(note, "type", name)
    for _ in range(dots):
        _child(note, "dot")
    if kinds:
        notations = _child(note, "notations")
        for kind in kinds:
            _child(notations, "tied", type=kind)
    if syllable:
        lyric = _child(note, "lyric")
        _child(lyric, "syllabic", syllable[1])
        _child(lyric, "text", syllable[0])


def is_low(score: Score) -> bool:
    """Whether the first track is written an octave above its sound, as men's voices are."""
    pitches = score.tracks[0].notes[:, PITCH]
    return len(pitches) > 0 and float(np.median(pitches)) < _LOW


def value_of(sixteenths: int) -> tuple[str, int]:
    """What a note of a length that one note can have is called, and how many dots it has."""
    return _TYPES[sixteenths]


def name_of(pitch_class: int, key: Key) -> str:
    """A pitch as it is written in a key, as F# or Bb."""
    return (_FLATS if key.fifths < 0 else _SHARPS)[pitch_class]


def _child(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, tag, attributes)
    child.text = text
    return child
