"""An audit of a folder of MIDI files: what each piece is like, and what is to be mended before a model learns them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from menura.data.audit import Audit
from menura.data.mending import mended
from menura.data.midi_folder import ScoreFile
from menura.score import midi
from menura.score.analysis import has_dynamics
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import VELOCITY
from menura.score.steps.tokens import DRUMS, tokenise

_SHORT_BARS = 4


@dataclass(frozen=True)
class HeardScore:
    """What one piece is like, as a note model would learn it.

    Attributes:
        name, split: of the file.
        seconds, bars, notes: how long it is, and how much is in it.
        instruments: who plays, each once.
        dynamics: whether its velocities mean anything.
        content: hash of the notes.
        row: what is said of it.
    """

    name: str
    split: str
    seconds: float
    bars: int
    notes: int
    instruments: tuple[str, ...]
    dynamics: bool
    content: str
    row: Mapping[str, object]


def hear_score(file: ScoreFile) -> HeardScore:
    """Read a file and measure it.

    Raises:
        ValueError, OSError: it cannot be used; one line.
    """
    score = mended(midi.read(file.read()), str(file.row.get("instrumentation") or ""))
    piece = tokenise(score)
    programs = {slot.program for slot in piece.slots}
    return HeardScore(
        name=file.name,
        split=file.split(),
        seconds=score.duration_s,
        bars=piece.num_bars,
        notes=score.num_notes,
        instruments=tuple("drums" if program == DRUMS else INSTRUMENTS[program].name for program in sorted(programs)),
        dynamics=has_dynamics(np.concatenate([track.notes[:, VELOCITY] for track in score.tracks])),
        content=hashlib.sha256(piece.steps.tobytes()).hexdigest(),
        row=file.row,
    )


class ScoreAudit(Audit[HeardScore]):
    """Of a folder of MIDI files."""

    @property
    def notes(self) -> int:
        return sum(one.notes for one in self.heard)

    def pieces_with(self) -> dict[str, int]:
        """How many pieces each instrument plays in, the most first."""
        return dict(Counter(name for one in self.heard for name in one.instruments).most_common())

    def _marks(self) -> Iterator[tuple[str, list[str], str]]:
        short = self._where(lambda one: one.bars < _SHORT_BARS)
        yield f"shorter than {_SHORT_BARS} bars", short, "there is no form to learn from them"
        flat = self._where(lambda one: not one.dynamics)
        yield "of one loudness throughout", flat, "their velocities are not learnt; prefer versions that were played"
