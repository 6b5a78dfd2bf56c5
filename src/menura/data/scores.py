"""A corpus: many pieces as steps, what is known of each, and what is measured from their notes."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from menura.data.manifests import SPLITS
from menura.data.mending import mended
from menura.data.midi_folder import ScoreFile
from menura.files import writing
from menura.progress import Progress
from menura.score import midi
from menura.score.analysis import chromaticism, find_key, has_dynamics, measure, pitch_class_histogram
from menura.score.harmony import NO_CHORD, find_chords, half_bars
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import VELOCITY
from menura.score.steps.conditions import MEASURES, NUM_SHARES
from menura.score.steps.context import Music
from menura.score.steps.tokens import (
    BAR,
    DRUMS,
    DURATION_FIELD,
    DURATIONS,
    GRID_PER_QUARTER,
    MAX_SLOTS,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    VELOCITY_FIELD,
    Slot,
    TokenPiece,
    bar_length,
    tokenise,
)

TRAIN, VALID, TEST = range(len(SPLITS))
DROPPED = -1
"""In place of a split: held out by name, but found in training."""

_MAX_BARS = 32_000
_SAME_MUSIC = 1 / 3
_MIDDLES = np.array([(instrument.low + instrument.high) / 2 for instrument in INSTRUMENTS])


@dataclass(frozen=True, eq=False)
class Corpus:
    """Pieces as steps, end to end, with an index.

    Args:
        steps: int16 ``[step, 5]``, each piece closed by one BAR row.
        bars: int16 ``[step, 4]``: numerator, denominator, bars done, bars left at every step.
        chords: int16 ``[step, 3]``: at every step those of its bar's halves and of the next bar's first half.
        starts: first row of each piece, and the end: ``[piece + 1]``.
        programs, copies: int16 ``[piece, 16]``; the program is -1 where a slot is empty.
        styles: bool ``[piece, style]``.
        bpm: ``[piece]``.
        dynamics: bool ``[piece]``, whether its velocities mean anything.
        split: ``[piece]``, index into SPLITS, or DROPPED.
        names: what each piece was called, ``collection/path``.
        edges: for each of MEASURES, the values that part the training crops into equal shares.
    """

    steps: np.ndarray
    bars: np.ndarray
    chords: np.ndarray
    starts: np.ndarray
    programs: np.ndarray
    copies: np.ndarray
    styles: np.ndarray
    bpm: np.ndarray
    dynamics: np.ndarray
    split: np.ndarray
    names: np.ndarray
    edges: np.ndarray

    def save(self, path: Path) -> None:
        """Write it whole or not at all, over a former one."""
        with writing(path, overwrite=True) as temporary:
            np.savez(temporary, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Corpus:
        """Read what `save` wrote.

        Raises:
            ValueError: the file is something else, or damaged.
            OSError: it cannot be opened.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                return cls(**{field.name: stored[field.name] for field in fields(cls)})
        except (KeyError, ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
            raise ValueError(f"{path} is not a sound corpus ({error}); delete it and it is made again") from error

    def sha256(self) -> str:
        """Of the music, and of what is known of it, its names aside."""
        digest = hashlib.sha256()
        for name in ("steps", "bars", "starts", "programs", "copies", "styles", "bpm", "dynamics", "split"):
            digest.update(np.ascontiguousarray(getattr(self, name)).tobytes())
        return digest.hexdigest()

    def piece_rows(self, piece: int) -> slice:
        return slice(int(self.starts[piece]), int(self.starts[piece + 1]))

    def bar_lines(self, piece: int) -> np.ndarray:
        """Rows at which the piece's bars begin, without the line that closes it."""
        rows = self.piece_rows(piece)
        return rows.start + np.flatnonzero(self.steps[rows, POSITION_FIELD] == BAR)[:-1]

    def minutes(self, piece: int) -> float:
        """How long a piece lasts, at its tempo."""
        rows = self.piece_rows(piece)
        lines = np.flatnonzero(self.steps[rows, POSITION_FIELD] == BAR)[:-1]
        numerators, denominators = self.bars[rows][lines, 0], self.bars[rows][lines, 1]
        return float((4.0 * numerators / denominators).sum()) / float(self.bpm[piece])

    def slots(self, piece: int) -> tuple[Slot, ...]:
        pairs = zip(self.programs[piece], self.copies[piece], strict=True)
        return tuple(Slot(int(program), int(copy)) for program, copy in pairs if program >= 0)

    def weights(self, pieces: np.ndarray) -> np.ndarray:
        """How often each of some pieces is drawn, summing to 1."""
        # Between one vote a piece and one a note: long quartets should not drown short songs.
        weights = np.diff(self.starts)[pieces].astype(float) ** 0.75
        return weights / weights.sum()


@dataclass(frozen=True, slots=True)
class _Piece:
    file: ScoreFile
    slots: tuple[Slot, ...]
    steps: np.ndarray
    bars: np.ndarray
    chords: np.ndarray
    bpm: float
    dynamics: bool
    split: str

    @property
    def num_bars(self) -> int:
        return int((self.steps[:, POSITION_FIELD] == BAR).sum()) - 1

    def rows(self, rows: slice, split: str) -> _Piece:
        """A stretch of it, from a bar line to a bar line."""
        return replace(self, steps=self.steps[rows], bars=self.bars[rows], chords=self.chords[rows], split=split)


def build_corpus(
    files: Sequence[ScoreFile],
    styles_of: Callable[[ScoreFile], Sequence[int]],
    num_styles: int,
    progress: Progress,
) -> Corpus:
    """Read every file, skip by name what cannot be used, and drop held-out pieces that training holds under another
    name (a third of their ten-note figures are in training). Of one work alone the last tenth is held out.

    Args:
        styles_of: indices of a file's style labels.

    Raises:
        ValueError: no usable piece was found, or one of one bar.
    """
    pieces = list(_usable(files, progress))
    if not pieces:
        raise ValueError(f"none of {len(files)} MIDI files can be used; give a folder of .mid files")
    if len({piece.file.group() for piece in pieces}) > 1:
        split = _splits(pieces)
    else:
        pieces = [half for piece in pieces for half in _halves(piece)]
        split = np.array([SPLITS.index(piece.split) for piece in pieces], dtype=np.int8)
        if VALID not in split:
            raise ValueError(f"there is too little music to learn from: {pieces[0].file.name} alone, of one bar")
        progress.say("there is one work alone: its last tenth is held out to judge by")
    programs = np.full((len(pieces), MAX_SLOTS), -1, dtype=np.int16)
    copies = np.zeros_like(programs)
    styles = np.zeros((len(pieces), num_styles), dtype=bool)
    for index, piece in enumerate(pieces):
        programs[index, : len(piece.slots)] = [slot.program for slot in piece.slots]
        copies[index, : len(piece.slots)] = [slot.copy for slot in piece.slots]
        styles[index, list(styles_of(piece.file))] = True
    corpus = Corpus(
        steps=np.concatenate([piece.steps for piece in pieces]),
        bars=np.concatenate([piece.bars for piece in pieces]),
        chords=np.concatenate([piece.chords for piece in pieces]),
        starts=np.concatenate(([0], np.cumsum([len(piece.steps) for piece in pieces]))),
        programs=programs,
        copies=copies,
        styles=styles,
        bpm=np.array([piece.bpm for piece in pieces]),
        dynamics=np.array([piece.dynamics for piece in pieces]),
        split=split,
        names=np.array([piece.file.name for piece in pieces]),
        edges=np.zeros((len(MEASURES), NUM_SHARES - 1)),
    )
    return replace(corpus, edges=_equal_shares(corpus))


def _usable(files: Sequence[ScoreFile], progress: Progress) -> list[_Piece]:
    pieces = []
    for done, file in enumerate(files):
        progress.update(done, len(files), "reading music")
        try:
            pieces.append(_piece(file))
        except (ValueError, OSError) as error:
            progress.say(f"skipped {file.name}: {error}")
    return pieces


def _piece(file: ScoreFile) -> _Piece:
    score = mended(midi.read(file.read()), str(file.row.get("instrumentation") or ""))
    piece = tokenise(score)
    if piece.num_bars > _MAX_BARS:
        raise ValueError(f"it has {piece.num_bars} bars, more than {_MAX_BARS}")
    steps = np.concatenate((piece.steps, [[BAR, 0, 0, 0, 0]])).astype(np.int16)
    bar = np.minimum(np.cumsum(steps[:, POSITION_FIELD] == BAR) - 1, piece.num_bars - 1)
    bars = np.column_stack((piece.metres[bar], bar, piece.num_bars - 1 - bar)).astype(np.int16)
    velocities = np.concatenate([track.notes[:, VELOCITY] for track in score.tracks])
    chords = bar_chords(piece)[bar].astype(np.int16)
    dynamics = has_dynamics(velocities)
    return _Piece(file, piece.slots, steps, bars, chords, measure(score).bpm, dynamics, file.split())


def _halves(piece: _Piece) -> Iterator[_Piece]:
    """What is learnt from, and the last tenth of the bars."""
    if piece.num_bars < 2:
        yield piece.rows(slice(None), "train")
        return
    lines = np.flatnonzero(piece.steps[:, POSITION_FIELD] == BAR)
    line = int(lines[piece.num_bars - max(piece.num_bars // 10, 1)])
    yield piece.rows(slice(0, line + 1), "train")
    yield piece.rows(slice(line, None), "valid")


def bar_chords(piece: TokenPiece) -> np.ndarray:
    """The chords heard in each bar's halves and in the next bar's first half, ``[bar, 3]``."""
    drums = np.array([slot.program == DRUMS for slot in piece.slots])
    music = Music.of(piece.steps, piece.metres, drums)
    notes = (piece.steps[:, POSITION_FIELD] != BAR) & ~music.is_drum[piece.steps[:, SLOT_FIELD]]
    starts = music.onset[music.lines]
    numerator, denominator = (int(number) for number in piece.metres[-1])
    edges = half_bars(starts, piece.metres, int(starts[-1]) + bar_length(numerator, denominator))
    onset, end = music.onset[notes], music.end[notes]
    halves = find_chords(onset, end - onset, piece.steps[notes, PITCH_FIELD], edges, GRID_PER_QUARTER).reshape(-1, 2)
    return np.column_stack((halves, np.append(halves[1:, 0], NO_CHORD)))


def figures(steps: np.ndarray, length: int = 10) -> np.ndarray:
    """Hashes of every run of `length` notes, by pitch interval and time between onsets: the same in any key."""
    bar = np.cumsum(steps[:, POSITION_FIELD] == BAR)
    notes = steps[:, POSITION_FIELD] != BAR
    place = (bar * 1000 + steps[:, POSITION_FIELD])[notes].astype(np.int64)
    pitch = steps[notes, PITCH_FIELD].astype(np.int64)
    moves = (np.diff(pitch) + 128) * 1009 + np.where(np.diff(place) >= 900, np.diff(place) - 900, np.diff(place))
    if len(moves) < length:
        return np.zeros(0, dtype=np.uint64)
    hashed = np.zeros(len(moves) - length + 1, dtype=np.uint64)
    for offset in range(length):
        hashed = hashed * np.uint64(6364136223846793005) + moves[offset : offset + len(hashed)].astype(np.uint64)
    return np.unique(hashed)


def _splits(pieces: Sequence[_Piece]) -> np.ndarray:
    """Each piece's split, int8; there are always some to learn from and some to judge by."""
    groups = np.array([piece.file.group() for piece in pieces])
    known = [figures(piece.steps) for piece in pieces]
    split = np.array([SPLITS.index(piece.split) for piece in pieces], dtype=np.int8)
    dropped = split.copy()
    dropped[_found_in_training(known, split)] = DROPPED
    if (dropped == TRAIN).any() and (dropped == VALID).any():
        return dropped
    # Few pieces, or a manifest that keeps none to judge by.
    free = split == TRAIN if len(set(groups[split == TRAIN])) > 1 else np.ones(len(split), dtype=bool)
    held_out = _least_alike(groups[free], [own for own, is_free in zip(known, free, strict=True) if is_free])
    split[free] = np.where(np.isin(groups[free], held_out), VALID, TRAIN)
    found = _found_in_training(known, split)
    if set(np.flatnonzero(split == VALID)) - set(found):
        split[found] = DROPPED
    return split


def _least_alike(groups: np.ndarray, known: Sequence[np.ndarray]) -> list[str]:
    """A twentieth of the groups, at least one: those that share fewest figures with other pieces."""
    values, counts = np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *known]), return_counts=True)
    reconstruction: dict[str, float] = {}
    for group, own in zip(groups, known, strict=True):
        shared = float((counts[np.searchsorted(values, own)] > 1).mean()) if len(own) else 1.0
        reconstruction[str(group)] = max(reconstruction.get(str(group), 0.0), shared)
    return sorted(reconstruction, key=lambda group: (reconstruction[group], group))[: max(len(reconstruction) // 20, 1)]


def _found_in_training(known: Sequence[np.ndarray], split: np.ndarray) -> np.ndarray:
    """Held-out pieces of whose figures more than a third stand in training."""
    training = [known[index] for index in np.flatnonzero(split == TRAIN).tolist()]
    stored = np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *training]))
    if not len(stored):
        return np.zeros(0, dtype=np.int64)
    found = []
    for index in np.flatnonzero(split > TRAIN).tolist():
        own = known[index]
        # `stored` is sorted, which np.isin would do again for every piece.
        at = np.minimum(np.searchsorted(stored, own), len(stored) - 1)
        if len(own) and (stored[at] == own).mean() > _SAME_MUSIC:
            found.append(index)
    return np.array(found, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class CropMeasures:
    """What a run of steps is.

    Attributes:
        tonic: pitch class of its key.
        mode: 0 major, 1 minor, None where nothing has a pitch.
        values: MEASURES in order: notes a quarter (of an ensemble as large as one player), mean velocity step,
            distance from the middle of the instruments' ranges in semitones, share of chromatic time; nan = not known.
    """

    tonic: int
    mode: int | None
    values: tuple[float, float, float, float]


def measure_steps(steps: np.ndarray, programs: np.ndarray, bars: np.ndarray, dynamics: bool) -> CropMeasures:
    """Measure steps, as `menura.score.analysis` measures scores.

    Args:
        steps: ``[step, 5]`` from a bar line on.
        programs: ``[16]``.
        bars: ``[step, 4]``.
        dynamics: whether velocities mean anything.
    """
    notes = steps[steps[:, POSITION_FIELD] != BAR].astype(np.int64)
    program = programs[notes[:, SLOT_FIELD]]
    density = len(notes) / max(_quarters(steps, bars), 1.0) / float((programs >= 0).sum()) ** 0.7
    loudness = float(notes[:, VELOCITY_FIELD].mean()) if dynamics and len(notes) else np.nan
    pitched = notes[program != DRUMS]
    if not len(pitched):
        return CropMeasures(0, None, (density, loudness, np.nan, np.nan))
    weight = DURATIONS[pitched[:, DURATION_FIELD]].astype(float)
    histogram = pitch_class_histogram(pitched[:, PITCH_FIELD], weight)
    key = find_key(histogram)
    register = float(np.average(pitched[:, PITCH_FIELD] - _MIDDLES[program[program != DRUMS]], weights=weight))
    mode = 0 if key.mode == "major" else 1
    return CropMeasures(key.tonic, mode, (density, loudness, register, chromaticism(histogram, key)))


def _quarters(steps: np.ndarray, bars: np.ndarray) -> float:
    """Length of a run of steps; of its last bar only as much as is there."""
    lines = steps[:, POSITION_FIELD] == BAR
    lengths = 4.0 * bars[lines, 0] / bars[lines, 1]
    last = int(steps[-1, POSITION_FIELD])
    return float(lengths[:-1].sum()) + (0.0 if last == BAR else last / GRID_PER_QUARTER)


def _equal_shares(corpus: Corpus, sample: int = 4000, length: int = 400) -> np.ndarray:
    """Values that part the training music into equal shares by each of MEASURES: ``[4, 7]``."""
    rng = np.random.default_rng(0)
    training = np.flatnonzero(corpus.split == TRAIN)
    values = []
    for piece in rng.choice(training, sample, p=corpus.weights(training)):
        start = int(rng.choice(corpus.bar_lines(int(piece))))
        rows = slice(start, min(start + length, corpus.piece_rows(int(piece)).stop))
        measured = measure_steps(
            corpus.steps[rows], corpus.programs[piece], corpus.bars[rows], bool(corpus.dynamics[piece])
        )
        values.append(measured.values)
    quantiles = np.linspace(0, 1, NUM_SHARES + 1)[1:-1]
    edges = np.zeros((len(MEASURES), len(quantiles)))
    for index, column in enumerate(np.array(values).T):
        known = column[~np.isnan(column)]
        if len(known):
            edges[index] = np.quantile(known, quantiles)
    return edges
