"""A tune to be sung: one note after another in seconds, and the lyrics that a file has with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from menura.score.notes import DURATION, ONSET, PITCH, Score, Text, Track
from menura.score.steps.tokens import GRID_PER_QUARTER
from menura.score.theme import Theme, theme_of, top_line

START_S, LENGTH_S, KEY = range(3)
"""Columns of `Tune.notes`."""
HELD = "_"


@dataclass(frozen=True, eq=False)
class Tune:
    """One melody.

    Attributes:
        notes: float64 ``[note, 3]``: beginning and length in seconds, MIDI pitch; none overlaps the next.
        lyrics: of the file, as `menura.text.speech.syllables` reads them; empty where it has none.
    """

    notes: Float[np.ndarray, "note 3"]
    lyrics: str = ""


def of_theme(theme: Theme, bpm: float) -> Tune:
    """A theme at a tempo, in quarters a minute."""
    notes = theme.notes.astype(np.float64)
    notes[:, :2] *= 60 / bpm / GRID_PER_QUARTER
    return Tune(notes)


def of_score(score: Score) -> Tune:
    """The melody of a score with its lyrics: the highest line of the track that they go with, else of the lead.

    Raises:
        ValueError: it has no melody; one line.
    """
    lyrics = [text for text in score.texts if text.kind == "lyric" and text.text.strip()]
    if not lyrics:
        theme = theme_of(score)
        return of_theme(theme, theme.bpm or 120.0)
    ticks = np.array([text.tick for text in lyrics])
    sung = max(
        (track for track in score.tracks if not track.is_drum), key=lambda one: _carried(one, ticks), default=None
    )
    if sung is None or not len(sung.notes):
        raise ValueError("it has lyrics and no melody")
    line = top_line(sung.notes[:, [ONSET, DURATION, PITCH]].astype(np.int64))
    starts, ends = score.seconds(line[:, 0]), score.seconds(line[:, 0] + line[:, 1])
    return Tune(np.column_stack((starts, ends - starts, line[:, 2])), _written(line[:, 0], lyrics))


def _carried(track: Track, ticks: np.ndarray) -> tuple[float, float]:
    """Which share of the lyrics stand where a track has notes, and how high these are."""
    if not len(track.notes):
        return 0.0, 0.0
    return float(np.isin(ticks, track.notes[:, ONSET]).mean()), float(track.notes[:, PITCH].mean())


def _written(onsets: np.ndarray, lyrics: Sequence[Text]) -> str:
    """Lyrics as text: a hyphen where a word goes on, ``_`` for notes without a syllable of their own.

    In karaoke files a word ends where a space stands, in others where no hyphen does.
    """
    by_spaces = any(text.text != text.text.strip() for text in lyrics)
    nearest = np.abs(onsets[None] - np.array([text.tick for text in lyrics])[:, None]).argmin(1)
    at: dict[int, list[str]] = {}
    for note, text in zip(nearest.tolist(), lyrics, strict=True):
        at.setdefault(note, []).append(text.text)
    written = ""
    for note in range(min(at), len(onsets)):
        if note not in at:
            written = f"{written.rstrip('- ')} {HELD} "
            continue
        said = "".join(at[note]).replace("/", " ").replace("\\", " ").replace(HELD, " ")
        if by_spaces:
            word = said.strip()
            written = f"{written.rstrip('-')} {word}" if said[:1] == " " else written + word
            written += " " if said[-1:] == " " else "-"
        else:
            written += said.strip() + ("" if said.rstrip().endswith("-") else " ")
    return " ".join(written.rstrip("- ").split())
