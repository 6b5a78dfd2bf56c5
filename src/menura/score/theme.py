"""A theme: a melody that a piece quotes and works with, read from text or from the lead of a score."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
from jaxtyping import Int

from menura.score.analysis import KEY_LOG_PROFILES, measure, pitch_class_histogram
from menura.score.notes import Key, Score
from menura.score.roles import ROLES, find_roles
from menura.score.steps.tokens import (
    BAR,
    DURATION_FIELD,
    DURATIONS,
    GRID_PER_QUARTER,
    NUM_POSITIONS,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    bar_length,
    tokenise,
)

ONSET, LENGTH, PITCH = range(3)
"""Columns of `Theme.notes`."""
MOST_NOTES = 400
_BEGINS_WITH, _ENDS_WITH = (0.25, 0.25, 0.2), (0.15, 0.05, 0.05)
"""What speaks for a key, in nats, where its tonic, fifth or third is the first note, and the last."""
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHARPS = {"C": 0, "D": 2, "E": 4, "F": -1, "G": 1, "A": 3, "B": 5}
_SIGNS = {"": 0, "#": 1, "♯": 1, "##": 2, "b": -1, "♭": -1, "bb": -2}
_NOTE = re.compile(r"(?:([A-Ga-g])(##|bb|[#♯b♭])?(-?\d)?|[rR])(?::(\S+))?")
_LENGTH = re.compile(r"\d{1,3}/(\d{1,3})|\d{1,3}(?:\.\d{0,4})?|\.\d{1,4}")
_IS_ABC = re.compile(r"(?:^|\s)[KLM]:")
_ABC_HEADER = re.compile(r"(?:^|(?<=\s))([KLM]):[ \t]*(\S+)")
_ABC_TOKEN = re.compile(
    r"(?P<bar>\|\]|\|\||\[\||\|)|(?P<signs>\^\^|__|[\^_=])?(?P<letter>[A-Ga-g])(?P<octave>[',]*)(?P<length>\d*/*\d*)"
    r"|(?P<rest>[zx])(?P<restlength>\d*/*\d*)|(?P<tie>-)|(?P<space>\s+)"
)
_ABC_SIGNS = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}
_ABC_READS = "notes, octave marks, accidentals, lengths, rests, ties and bar lines, and the headers K, L and M"


@dataclass(frozen=True, eq=False)
class Theme:
    """One melody, a note after the other.

    Attributes:
        notes: int64 ``[note, 3]``: onset and length in twelfths of a quarter, pitch.
        length: of the whole, with rests at its end, twelfths of a quarter.
        bars: how long each of its bars is written; empty where no bar lines are.
        metre: numerator and denominator that it says it has; None: it does not.
        key: that it says it has, or is heard in.
        bpm: of the file it came from; None: from none.
    """

    notes: Int[np.ndarray, "note 3"]
    length: int
    bars: tuple[int, ...] = ()
    metre: tuple[int, int] | None = None
    said_key: Key | None = None
    bpm: float | None = None

    @cached_property
    def key(self) -> Key:
        """The key it says, or that it is heard in: of a few notes, the first and the last tell much."""
        if self.said_key:
            return self.said_key
        pitches = self.notes[:, PITCH]
        likely = KEY_LOG_PROFILES @ pitch_class_histogram(pitches, self.notes[:, LENGTH])
        for note, worth in ((pitches[0], _BEGINS_WITH), (pitches[-1], _ENDS_WITH)):
            for mode in range(2):
                for tone, bonus in zip((0, 7, 3 + (mode == 0)), worth, strict=True):
                    likely[12 * mode + (note - tone) % 12] += bonus
        best = int(likely.argmax())
        return Key(best % 12, "major" if best < 12 else "minor")

    @property
    def usual_metre(self) -> tuple[int, int] | None:
        """The metre that it says, or that its bars have."""
        if self.metre or len(self.bars) < 2:
            return self.metre
        longest = max(self.bars)
        for denominator in (4, 8, 16):
            numerator, rest = divmod(longest * denominator, 4 * GRID_PER_QUARTER)
            if not rest and numerator <= 16 and longest <= NUM_POSITIONS:
                return numerator, denominator
        return None

    def upbeat(self, metre: tuple[int, int]) -> int:
        """How much of it comes before its first whole bar, twelfths of a quarter.

        Raises:
            ValueError: its bar lines are not those of the metre.
        """
        whole, quarter = bar_length(*metre), GRID_PER_QUARTER
        for number, length in enumerate(self.bars, 1):
            may_be_short = number in (1, len(self.bars))
            if length > whole or (length < whole and not may_be_short):
                raise ValueError(
                    f"bar {number} lasts {length / quarter:g} quarters, and a bar of {metre[0]}/{metre[1]} "
                    f"{whole / quarter:g}; mend it, or leave out the bar lines"
                )
        return self.bars[0] if len(self.bars) > 1 and self.bars[0] < whole else 0

    def transposed(self, semitones: int) -> Theme:
        key = self.said_key and Key((self.said_key.tonic + semitones) % 12, self.said_key.mode)
        return replace(self, notes=self.notes + np.array([0, 0, semitones]), said_key=key)

    def within(self, low: int, high: int) -> int:
        """By how many semitones, whole octaves, it is to be moved to lie from pitch `low` to `high`.

        Raises:
            ValueError: there is no such octave.
        """
        lowest, highest = int(self.notes[:, PITCH].min()), int(self.notes[:, PITCH].max())
        for octaves in sorted(range(-9, 10), key=abs):
            if low <= lowest + 12 * octaves and highest + 12 * octaves <= high:
                return 12 * octaves
        raise ValueError(f"it spans {highest - lowest} semitones, and in no octave lies from pitch {low} to {high}")


def parse(text: str) -> Theme:
    """A theme from text: ``"C4 E4 G4:2 | r F#4:1/2"`` or a small part of ABC.

    A note is a letter, an accidental, an octave (C4 is middle C; left out: that of the note before) and, after a colon,
    its length in quarters; ``r`` is a rest. Text that names ``K:``, ``L:`` or ``M:`` is read as ABC (standard 2.1):
    notes, octave marks, accidentals, lengths, rests, ties and bar lines, and those three headers; other headers are
    passed over, all else is refused.

    Raises:
        ValueError: it is neither, has no notes or too many; one line.
    """
    theme = _of_abc(text) if _IS_ABC.search(text) else _of_words(text)
    if not len(theme.notes):
        raise ValueError("it has no notes; write them as C4 E4 G4:2 | F4 E4 D4:2")
    if len(theme.notes) > MOST_NOTES:
        raise ValueError(f"it has {len(theme.notes)} notes; at most {MOST_NOTES} can be given")
    if theme.notes[:, PITCH].min() < 0 or theme.notes[:, PITCH].max() > 127:
        raise ValueError("a note lies outside MIDI's 0 to 127; C4 is middle C")
    return theme


def theme_of(score: Score) -> Theme:
    """The melody of a score: the highest line of its lead, from the bar in which it begins.

    Raises:
        ValueError: it has no melody, changes its metre, or has too many notes; one line.
    """
    piece = tokenise(score, to_end=True)
    is_line = piece.steps[:, POSITION_FIELD] == BAR
    bar, rows = (np.cumsum(is_line) - 1)[~is_line], piece.steps[~is_line].astype(np.int64)
    if changed := np.flatnonzero((piece.metres != piece.metres[0]).any(1)).tolist():
        raise ValueError(f"its metre changes in bar {changed[0] + 1}; give a file of one metre")
    metre = int(piece.metres[0, 0]), int(piece.metres[0, 1])
    onset = bar * bar_length(*metre) + rows[:, POSITION_FIELD]
    is_drum = np.array([slot.program == 128 for slot in piece.slots])
    roles = find_roles(rows, onset, bar, piece.num_bars, is_drum).roles
    leads = [slot for role in ("lead", "solo") for slot in np.flatnonzero(roles == 1 + ROLES.index(role)).tolist()]
    if not leads:
        raise ValueError("it has no melody, but drums alone")
    own = rows[:, SLOT_FIELD] == leads[0]
    lengths = DURATIONS[rows[own, DURATION_FIELD]]
    notes = top_line(np.column_stack((onset[own], lengths, rows[own, PITCH_FIELD])))
    if len(notes) > MOST_NOTES:
        raise ValueError(f"its melody has {len(notes)} notes; at most {MOST_NOTES} can be given")
    notes[:, ONSET] -= notes[0, ONSET] // bar_length(*metre) * bar_length(*metre)
    measured = measure(score)
    return Theme(notes, int((notes[:, ONSET] + notes[:, LENGTH]).max()), (), metre, measured.key, measured.bpm)


def top_line(notes: np.ndarray) -> np.ndarray:
    """The rows (onset, length, pitch) that nothing higher sounds with, each ended where the next begins."""
    notes = notes[np.lexsort((-notes[:, PITCH], notes[:, ONSET]))]
    kept: list[list[int]] = []
    for onset, length, pitch in notes.tolist():
        if kept and (onset == kept[-1][0] or (onset < sum(kept[-1][:2]) and pitch < kept[-1][2])):
            continue
        if kept:
            kept[-1][1] = min(kept[-1][1], onset - kept[-1][0])
        kept.append([onset, length, pitch])
    return np.array(kept, dtype=np.int64)


class _Writer:
    """Notes one after the other, with the bar lines between them."""

    def __init__(self) -> None:
        self.notes: list[list[int]] = []
        self.lines: list[int] = []
        self.now = 0

    def add(self, pitch: int | None, quarters: Fraction, shown: str) -> None:
        """A note, or a rest."""
        length = quarters * GRID_PER_QUARTER
        if length.denominator != 1 or length <= 0:
            raise ValueError(f"{shown[:20]!r}: lengths are whole twelfths of a quarter, as 1/3 or 1.5")
        if pitch is not None:
            self.notes.append([self.now, int(length), pitch])
        self.now += int(length)

    def line(self) -> None:
        self.lines.append(self.now)

    def written(self, metre: tuple[int, int] | None = None, key: Key | None = None) -> Theme:
        edges = sorted({0, *self.lines, self.now})
        bars = tuple(np.diff(edges).tolist()) if self.lines else ()
        return Theme(np.array(self.notes, dtype=np.int64).reshape(-1, 3), self.now, bars, metre, key)


def _of_words(text: str) -> Theme:
    written, octave = _Writer(), 4
    for word in text.replace("|", " | ").split():
        if word == "|":
            written.line()
            continue
        match = _NOTE.fullmatch(word)
        if not match:
            raise ValueError(f"{word[:20]!r} is not a note; write C4, F#4:2 (two quarters), Bb3:1.5, or r for a rest")
        letter, sign, said, length = match.groups()
        octave = octave if said is None else int(said)
        pitch = None if letter is None else 12 * (octave + 1) + _LETTERS[letter.upper()] + _SIGNS[sign or ""]
        written.add(pitch, _fraction(length, word), word)
    return written.written()


def _fraction(text: str | None, word: str) -> Fraction:
    match = _LENGTH.fullmatch("1" if text is None else text)
    if not match or (match[1] and not int(match[1])):
        raise ValueError(f"{word[:20]!r} has no length; write quarters after the colon, as G4:2, G4:1.5 or G4:1/2")
    return Fraction(match[0]).limit_denominator(48)


def _of_abc(text: str) -> Theme:
    said: dict[str, str] = {}
    lines = [re.sub(r"%.*", "", line) for line in text.replace("\\n", "\n").splitlines()]
    body = " ".join(line for line in lines if not re.match(r"\s*[A-JN-Za-z]:", line))
    for match in _ABC_HEADER.finditer(body):
        said.setdefault(match[1], match[2])
    metre = _abc_metre(said.get("M"))
    key, signature = _abc_key(said.get("K", "C"))
    small = metre is not None and metre[0] / metre[1] < 0.75
    unit = 4 * _fraction(said.get("L", "1/16" if small else "1/8"), "L:")
    written, signs, is_tied = _Writer(), dict(signature), False
    for token in _abc_tokens(_ABC_HEADER.sub(" ", body)):
        if token["bar"]:
            written.line()
            signs = dict(signature)
        elif token["tie"]:
            is_tied = True
        elif token["rest"]:
            written.add(None, unit * _abc_length(token["restlength"]), token[0])
        elif token["letter"]:
            name = token["letter"].upper()
            octave = (token["letter"].islower()) + token["octave"].count("'") - token["octave"].count(",")
            place = f"{name}{octave}"
            if token["signs"]:
                signs[place] = _ABC_SIGNS[token["signs"]]
            pitch = 60 + 12 * octave + _LETTERS[name] + signs.get(place, signs[name])
            is_held = is_tied and written.notes and written.notes[-1][PITCH] == pitch
            written.add(None if is_held else pitch, unit * _abc_length(token["length"]), token[0])
            if is_held:
                written.notes[-1][LENGTH] = written.now - written.notes[-1][ONSET]
            is_tied = False
    return written.written(metre, key)


def _abc_tokens(body: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(body):
        match = _ABC_TOKEN.match(body, at)
        if not match:
            raise ValueError(f"{body[at : at + 8]!r} is not read; of ABC these are: {_ABC_READS}")
        yield match
        at = match.end()


def _abc_length(text: str) -> Fraction:
    """``"3/2"``, ``"2"``, ``"/"`` or ``"//"``, in units."""
    whole, slashes, under = re.fullmatch(r"(\d*)(/*)(\d*)", text).groups()  # pyright: ignore[reportOptionalMemberAccess]
    if len(text) > 8:
        raise ValueError(f"{text[:12]!r} is no length; write it as 2, /2 or 3/2")
    below = int(under) if under else 2 ** len(slashes)
    return Fraction(int(whole or 1), max(below, 1))


def _abc_metre(text: str | None) -> tuple[int, int] | None:
    if text is None or text == "none":
        return None
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})", {"C": "4/4", "C|": "2/2"}.get(text, text))
    metre = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= metre[0] <= 16 or metre[1] not in (1, 2, 4, 8, 16) or bar_length(*metre) > NUM_POSITIONS:
        raise ValueError(f"M:{text[:12]} is no metre that is read; write M:3/4 or M:6/8")
    return metre


def _abc_key(text: str) -> tuple[Key, dict[str, int]]:
    """The key, and the accidental of each letter."""
    try:
        key = Key.parse(text)
    except ValueError:
        raise ValueError(f"K:{text[:12]} is no key that is read; write K:G, K:Bb or K:F#m") from None
    fifths = _SHARPS[text[0].upper()] + 7 * _SIGNS.get(text[1:2], 0) - 3 * (key.mode == "minor")
    order: Sequence[str] = "FCGDAEB" if fifths > 0 else "BEADGCF"
    signed = set(order[: abs(fifths)])
    return key, {letter: int(np.sign(fifths)) * (letter in signed) for letter in _LETTERS}
