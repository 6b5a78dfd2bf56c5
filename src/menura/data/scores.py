"""A folder of MIDI -> a corpus of steps -> batches of crops, each labelled with what is measured from its own notes."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from menura.score import midi
from menura.score.analysis import chromaticism, find_key, has_dynamics, measure, pitch_class_histogram
from menura.score.conditions import MEASURES
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import DURATION, ONSET, TICKS_PER_QUARTER, VELOCITY, Metre, Score, Track
from menura.score.tokens import (
    BAR,
    DRUMS,
    DURATION_FIELD,
    DURATIONS,
    MAX_SLOTS,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    VELOCITY_FIELD,
    Slot,
    tokenise,
)

SPLITS = ("train", "valid", "test")
_VOICE = re.compile(r"voice|sing|chant|soprano|alt|tenor|bass|cant|gesang|mezzo|baryton|chor|stimme", re.I)
_PIANO = re.compile(r"piano|pf|klavier|hand", re.I)


@dataclass(frozen=True, slots=True)
class ScoreFile:
    """One MIDI file of a folder, with what its manifest says (empty without one)."""

    name: str
    content: bytes
    row: Mapping[str, object]


def find_scores(folder: Path) -> Iterator[ScoreFile]:
    """Every MIDI file under `folder`: rows of each ``manifest.jsonl`` (files beside it or in a zip beside it), then
    loose ``.mid`` files where there is no manifest, in a fixed order."""
    manifests = sorted(folder.rglob("manifest.jsonl"))
    listed = {manifest.parent for manifest in manifests}
    for manifest in manifests:
        archives = [zipfile.ZipFile(path) for path in sorted(manifest.parent.glob("*.zip"))]
        inside = {name: archive for archive in archives for name in archive.namelist()}
        for line in manifest.read_text(encoding="utf-8").splitlines():
            row = {**json.loads(line), "collection": manifest.parent.name}
            name = str(row["file"])
            if name.lower().endswith((".mid", ".midi")):
                beside = manifest.parent / name
                content = inside[name].read(name) if name in inside else beside.read_bytes()
                yield ScoreFile(f"{manifest.parent.name}/{name}", content, row)
    for path in sorted(folder.rglob("*.mid")):
        if not any(parent in listed for parent in path.parents):
            row = {"collection": path.parent.name}
            yield ScoreFile(str(path.relative_to(folder)), path.read_bytes(), row)


def split_of(file: ScoreFile) -> str:
    """The manifest's split, by opus where the same work comes in several editions; else one file in twenty each."""
    row = file.row
    grouped = row.get("opus") if row.get("editions") else None
    if "split" in row and not grouped:
        return str(row["split"])
    digest = hashlib.sha256(str(grouped or file.name).lower().encode()).digest()[0]
    return "valid" if digest < 13 else "test" if digest < 26 else "train"


def tidied(score: Score) -> Score:
    """Mend what exports commonly get wrong: sung parts on a stand-in program, and bar lines shifted by an upbeat."""
    sung = [bool(_VOICE.search(t.name)) and not _PIANO.search(t.name) for t in score.tracks]
    tracks = tuple(
        Track(t.name, 53, False, t.notes) if voice and t.program in (0, 52, 68) else t
        for t, voice in zip(score.tracks, sung, strict=True)
    )
    return _upbeat_aligned(Score(tracks, score.tempos, score.metres, score.keys, score.markers, score.title))


def _upbeat_aligned(score: Score) -> Score:
    metre = score.metres[0]
    if len(score.metres) > 1 or not score.num_notes:
        return score
    notes = np.concatenate([track.notes for track in score.tracks])
    beat = TICKS_PER_QUARTER * 4 // metre.denominator
    weight = np.minimum(notes[:, DURATION], metre.bar_ticks).astype(float)
    downbeat = [
        float(weight[(notes[:, ONSET] - k * beat) % metre.bar_ticks < beat // 8].sum()) for k in range(metre.numerator)
    ]
    upbeat = int(np.argmax(downbeat))
    if downbeat[upbeat] < 1.25 * downbeat[0]:
        return score
    shift = metre.bar_ticks - upbeat * beat
    tracks = []
    for track in score.tracks:
        moved = track.notes.copy()
        moved[:, ONSET] += shift
        tracks.append(Track(track.name, track.program, track.is_drum, moved))
    return Score(tuple(tracks), score.tempos, (Metre(0, metre.numerator, metre.denominator),), (), (), score.title)


@dataclass(frozen=True, eq=False)
class Corpus:
    """Pieces as steps, end to end, with an index.

    Args:
        steps: int16 ``[step, 5]``, each piece closed by one BAR row.
        bars: int16 ``[step, 4]``: numerator, denominator, bars done, bars left at every step.
        starts: first row of each piece, and the end: ``[piece + 1]``.
        programs, copies: int16 ``[piece, 16]``, -1 where a slot is empty.
        styles: bool ``[piece, style]``.
        bpm: ``[piece]``.
        dynamics: bool ``[piece]``, whether its velocities mean anything.
        split: ``[piece]``, index into SPLITS.
        names: what each piece was called.
        edges: for each of MEASURES, the values that part the training crops into equal shares.
    """

    steps: np.ndarray
    bars: np.ndarray
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
        buffer = io.BytesIO()
        np.savez(buffer, **{name: getattr(self, name) for name in self.__dataclass_fields__})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(buffer.getvalue())

    @classmethod
    def load(cls, path: Path) -> Corpus:
        with np.load(path, allow_pickle=False) as stored:
            return cls(**{name: stored[name] for name in cls.__dataclass_fields__})

    def piece_rows(self, piece: int) -> slice:
        return slice(int(self.starts[piece]), int(self.starts[piece + 1]))

    def slots(self, piece: int) -> tuple[Slot, ...]:
        pairs = zip(self.programs[piece], self.copies[piece], strict=True)
        return tuple(Slot(int(program), int(copy)) for program, copy in pairs if program >= 0)


def build_corpus(
    files: Sequence[ScoreFile],
    styles_of: Callable[[ScoreFile], Sequence[int]],
    num_styles: int,
    report: Callable[[int, int, str], None],
) -> Corpus:
    """Read every file, skip by name what cannot be used, and drop held-out pieces that training holds under another
    name (a third of their ten-note figures in common with one training piece).

    Args:
        styles_of: indices of a file's style labels.
        report: called with files done, files in all and a word on what was skipped (empty if nothing).

    Raises:
        ValueError: nothing usable was found.
    """
    pieces = []
    for done, file in enumerate(files):
        try:
            pieces.append((file, *_one_piece(tidied(midi.read(file.content)))))
            skipped = ""
        except ValueError as error:
            skipped = f"skipped {file.name}: {error}"
        report(done + 1, len(files), skipped)
    if not pieces:
        raise ValueError("no usable MIDI files were found; expected .mid files or a manifest.jsonl that lists them")
    split = np.array([SPLITS.index(split_of(file)) for file, *_ in pieces], dtype=np.int8)
    split[_found_in_training([steps for _, _, steps, *_ in pieces], split)] = -1
    programs = np.full((len(pieces), MAX_SLOTS), -1, dtype=np.int16)
    copies = np.zeros_like(programs)
    styles = np.zeros((len(pieces), num_styles), dtype=bool)
    for index, (file, slots, *_) in enumerate(pieces):
        programs[index, : len(slots)] = [slot.program for slot in slots]
        copies[index, : len(slots)] = [slot.copy for slot in slots]
        styles[index, list(styles_of(file))] = True
    lengths = [len(steps) for _, _, steps, *_ in pieces]
    corpus = Corpus(
        steps=np.concatenate([steps for _, _, steps, *_ in pieces]),
        bars=np.concatenate([bars for _, _, _, bars, *_ in pieces]),
        starts=np.concatenate(([0], np.cumsum(lengths))),
        programs=programs,
        copies=copies,
        styles=styles,
        bpm=np.array([bpm for *_, bpm, _ in pieces]),
        dynamics=np.array([dynamics for *_, dynamics in pieces]),
        split=split,
        names=np.array([file.name for file, *_ in pieces]),
        edges=np.zeros((len(MEASURES), 0)),
    )
    return Corpus(**{**corpus.__dict__, "edges": _equal_shares(corpus)})


def _one_piece(score: Score) -> tuple[tuple[Slot, ...], np.ndarray, np.ndarray, float, bool]:
    piece = tokenise(score)
    steps = np.concatenate((piece.steps, [[BAR, 0, 0, 0, 0]])).astype(np.int16)
    bar = np.minimum(np.cumsum(steps[:, POSITION_FIELD] == BAR) - 1, piece.num_bars - 1)
    bars = np.column_stack((piece.metres[bar], bar, piece.num_bars - 1 - bar)).astype(np.int16)
    velocities = np.concatenate([track.notes[:, VELOCITY] for track in score.tracks])
    return piece.slots, steps, bars, measure(score).bpm, has_dynamics(velocities)


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


def _found_in_training(all_steps: Sequence[np.ndarray], split: np.ndarray) -> np.ndarray:
    """Held-out pieces a third of whose figures stand in training."""
    known = np.unique(
        np.concatenate([figures(steps) for steps, part in zip(all_steps, split, strict=True) if part == 0])
    )
    found = []
    for index in np.flatnonzero(split > 0):
        own = figures(all_steps[index])
        # `known` is sorted, which np.isin would do again for every piece.
        at = np.minimum(np.searchsorted(known, own), len(known) - 1)
        if len(own) and (known[at] == own).mean() > 1 / 3:
            found.append(index)
    return np.array(found, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class CropMeasures:
    """What a run of steps is: its key as tonic and mode (0 major, 1 minor), and MEASURES in order (nan = unknown)."""

    tonic: int
    mode: int
    values: tuple[float, float, float, float]


def measure_steps(steps: np.ndarray, programs: np.ndarray, bars: np.ndarray, dynamics: bool) -> CropMeasures:
    """Measure steps as `menura.score.analysis` measures scores.

    Args:
        steps: ``[step, 5]``, programs: ``[16]``, bars: ``[step, 4]``.
        dynamics: whether velocities mean anything.
    """
    notes = steps[steps[:, POSITION_FIELD] != BAR].astype(np.int64)
    program = programs[notes[:, SLOT_FIELD]]
    pitched = notes[program != DRUMS]
    if not len(pitched):
        return CropMeasures(0, 0, (np.nan, np.nan, np.nan, np.nan))
    weight = DURATIONS[pitched[:, DURATION_FIELD]].astype(float)
    histogram = pitch_class_histogram(pitched[:, PITCH_FIELD], weight)
    key = find_key(histogram)
    lines = steps[:, POSITION_FIELD] == BAR
    quarters = float((4.0 * bars[lines, 0] / bars[lines, 1]).sum())
    middles = _MIDDLES[program[program != DRUMS]]
    density = len(notes) / max(quarters, 1.0) / float((programs >= 0).sum()) ** 0.7
    loudness = float(notes[:, VELOCITY_FIELD].mean()) if dynamics else np.nan
    register = float(np.average(pitched[:, PITCH_FIELD] - middles, weights=weight))
    mode = 0 if key.mode == "major" else 1
    return CropMeasures(key.tonic, mode, (density, loudness, register, chromaticism(histogram, key)))


_MIDDLES = np.array([(instrument.low + instrument.high) / 2 for instrument in INSTRUMENTS])


def _equal_shares(corpus: Corpus, shares: int = 8, sample: int = 4000) -> np.ndarray:
    rng = np.random.default_rng(0)
    training = np.flatnonzero(corpus.split == 0)
    values = []
    for piece in rng.choice(training, sample, p=_piece_weights(corpus, training)):
        rows = corpus.piece_rows(int(piece))
        start = int(rng.integers(rows.start, max(rows.stop - 400, rows.start + 1)))
        rows = slice(start, min(start + 400, rows.stop))
        measured = measure_steps(
            corpus.steps[rows], corpus.programs[piece], corpus.bars[rows], bool(corpus.dynamics[piece])
        )
        values.append(measured.values)
    quantiles = np.linspace(0, 1, shares + 1)[1:-1]
    return np.nan_to_num(np.nanquantile(np.array(values), quantiles, axis=0).T)


def _piece_weights(corpus: Corpus, pieces: np.ndarray) -> np.ndarray:
    # Between one vote a piece and one a note: long quartets should not drown short songs.
    weights = np.diff(corpus.starts)[pieces].astype(float) ** 0.75
    return weights / weights.sum()
