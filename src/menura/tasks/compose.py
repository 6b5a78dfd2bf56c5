"""Compose: a sentence in, a piece of music out, as sound and as notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from menura.progress import Progress
from menura.score import midi, soundfont
from menura.score.analysis import find_key, measure, pitch_class_histogram
from menura.score.conditions import Wish
from menura.score.form import Section, repeats, sections
from menura.score.grammar import one_voice
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import DURATION, PITCH, Key, KeyMark, Marker, Score
from menura.score.splice import splice
from menura.score.tokens import (
    BAR,
    GRID_PER_QUARTER,
    GRID_TICKS,
    POSITION_FIELD,
    TokenPiece,
    bar_length,
    detokenise,
    slot_names,
    tokenise,
)
from menura.tasks.arrange import Arrangement, Options, arrange
from menura.tasks.models import Models
from menura.tasks.piece import Piece, Rendered
from menura.tasks.task import Task, offers, takes
from menura.text.prompts import BARS_RANGE, MOODS, STYLES, parse_style

if TYPE_CHECKING:
    from menura.models.score_lm import Sampling, ScoreLM


_MAX_GIVEN_BARS = 2048
_KEYS = [str(Key(tonic, mode)) for mode in ("major", "minor") for tonic in range(12)]


def _style(value: object) -> object:
    """A mixture as text or as a mapping, its names and weights checked."""
    if isinstance(value, Mapping):
        if not value:
            return None
        value = ",".join(f"{name}={weight}" for name, weight in value.items())
    return parse_style(value) if isinstance(value, str) else value


class Compose(Rendered, Task):
    """Compose a piece of music from a sentence, as notes and as sound.

    The sentence is understood openly: keys, tempi, metres, dances, instruments, styles, moods, length and form. Options
    win over it. Two runs with one seed give the same samples, whatever the number of candidates.
    """

    name: ClassVar[str] = "compose"
    positional: ClassVar[tuple[str, ...]] = ("prompt",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Music": (
            *("key", "bpm", "metre", "bars", "duration", "instruments", "style", "mood", "density", "form"),
            *("continue_", "infill"),
        ),
        "Sampling": ("n", "keep", "seed", "temperature", "top_p", "guidance", "model"),
        "Sound": ("rate", "bits", "format", "loudness", "soundfont", "stems", "bundle", "output"),
    }

    prompt: Annotated[str, Field(max_length=2000, description="what to compose, in words")] = ""
    key: Annotated[str | None, Field(description="tonic and mode, as 'D minor'", json_schema_extra=offers(_KEYS))] = (
        None
    )
    bpm: Annotated[float | None, Field(ge=20, le=300, description="quarter notes a minute")] = None
    metre: Annotated[
        str | None, Field(description="as 3/4 or 6/8", json_schema_extra=offers(("4/4", "3/4", "2/4", "6/8", "5/4")))
    ] = None
    bars: Annotated[int | None, Field(ge=1, le=512, description="length in bars")] = None
    duration: Annotated[float | None, Field(ge=1, le=1200, description="exact length of the sound, seconds")] = None
    instruments: Annotated[
        tuple[str, ...],
        Field(
            max_length=16,
            description="who plays, as 'flute, 2 violins, piano'",
            json_schema_extra=offers(instrument.name for instrument in INSTRUMENTS),
        ),
    ] = ()
    style: Annotated[
        dict[str, float] | None,
        BeforeValidator(_style),
        Field(description="a mixture, as schubert=0.7,game=0.3", json_schema_extra=offers(STYLES)),
    ] = None
    mood: Annotated[
        tuple[str, ...], Field(description=f"any of {', '.join(MOODS)}", json_schema_extra=offers(MOODS))
    ] = ()
    density: Annotated[float | None, Field(ge=0, le=1, description="from few notes to many")] = None
    form: Annotated[
        Literal["AABA", "ABA", "AB", "ABAC", "rondo", "strophic", "through"] | None,
        Field(description="which sections return"),
    ] = None
    n: Annotated[int, Field(ge=1, le=64, description="candidates to compose")] = 1
    keep: Annotated[int | None, Field(ge=1, le=64, description="how many of the best candidates to keep")] = None
    seed: Annotated[int | None, Field(ge=0, lt=2**31, description="the same seed gives the same piece")] = None
    temperature: Annotated[float, Field(ge=0.2, le=2, description="higher is wilder")] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1, description="keep the likeliest choices that make up this share")] = 0.97
    guidance: Annotated[
        float | None,
        Field(ge=0, le=5, description="how strictly to follow what was asked; default: 1.25, or 3 for a mixture"),
    ] = None
    continue_: Annotated[
        Path | None,
        Field(description="a MIDI file to go on from, or to infill", json_schema_extra=takes(".mid", ".midi")),
    ] = None
    infill: Annotated[str | None, Field(description="bars of that file to compose anew, as 9-16")] = None
    model: Annotated[str, Field(description="name or folder of a score_lm model")] = "score_lm"
    output: Annotated[Path | None, Field(description="stem of the files to write")] = None

    def single(self) -> bool:
        return (self.keep or self.n) == 1

    def run(self, models: Models, progress: Progress) -> Iterator[Piece]:
        """Yield the candidates as they are ready, or, where only some are kept, the best, best first."""
        if self.infill and not self.continue_:
            raise ValueError("infill: name the MIDI file whose bars to compose anew with continue")
        if taken := [name for name in ("bpm", "instruments", "form") if self.continue_ and getattr(self, name)]:
            raise ValueError(f"{taken[0]}: with continue it is that of the file; leave it out")
        if (self.keep or 0) > self.n:
            raise ValueError(f"keep: {self.keep} of {self.n} candidates cannot be kept; raise n")
        soundfont.find(self.soundfont)  # before the work, for without one it would be in vain
        seed = self.seed or 0
        job = self._existing(seed) if self.continue_ else self._fresh(seed)
        for line in job.told:
            progress.say(line)
        network: ScoreLM = models.get(self.model)
        if self.keep is None or self.keep == self.n:
            for index in range(self.n):
                yield self._played(job, self._composed(network, job, seed, index, progress), index, seed, progress)
            return
        scores = [self._composed(network, job, seed, index, progress) for index in range(self.n)]
        order = sorted(range(self.n), key=lambda index: -_fitness(scores[index], job.wish.key))
        for rank, index in enumerate(order[: self.keep]):
            yield self._played(job, scores[index], rank, seed, progress)

    def _composed(self, network: ScoreLM, job: _Job, seed: int, index: int, progress: Progress) -> Score:
        what = f"composing {index + 1} of {self.n}" if self.n > 1 else "composing"
        sampling = _sampling(network)(
            seed=int(np.random.SeedSequence((seed, index)).generate_state(1)[0]),
            temperature=self.temperature,
            top_p=self.top_p,
            guidance=self.guidance if self.guidance is not None else usual_guidance(job.wish.styles),
            progress=lambda done, total: progress.update(done, total, what),
        )
        return job.finished(network.sample(job.wish, job.plan, sampling))

    def _played(self, job: _Job, score: Score, index: int, seed: int, progress: Progress) -> Piece:
        progress.update(0, 1, "rendering")
        about = {
            "key": str(job.wish.key),
            "bpm": round(job.wish.bpm, 3),
            "metre": f"{job.wish.metres[-1, 0]}/{job.wish.metres[-1, 1]}",
            "instruments": [track.name for track in score.tracks],
            "form": "".join(section.name for section in job.form) or "as given",
            "seed": seed,
        }
        name = f"-{index + 1}" if index else ""
        return self.rendered(score, name=name, seed=seed, about=about, duration_s=job.duration_s)

    def _arranged(self, seed: int) -> Arrangement:
        options = Options(
            key=self.key,
            bpm=self.bpm,
            metre=self.metre,
            bars=self.bars,
            duration_s=self.duration,
            instruments=self.instruments,
            style=self.style or {},
            mood=self.mood,
            density=self.density,
            form=self.form,
        )
        return arrange(self.prompt, options, np.random.default_rng((seed, 1)))

    def _fresh(self, seed: int) -> _Job:
        arrangement = self._arranged(seed)
        wish = arrangement.wish
        form = sections(arrangement.form, len(wish.metres))
        return _Job(wish, repeats(form), form, arrangement.duration_s, tuple(_told(arrangement)), self.prompt[:80])

    def _existing(self, seed: int) -> _Job:
        """Bars to compose within, or after, a given piece."""
        assert self.continue_ is not None
        original = midi.read(self.continue_)
        try:
            given = _whole_bars(original)
        except ValueError as error:
            raise ValueError(f"continue: {self.continue_.name}: {error}") from error
        asked = self._arranged(seed)
        rows = np.split(given.steps, given.bar_rows[1:-1])
        plan: list[np.ndarray | int | None] = [row[row[:, POSITION_FIELD] != BAR] for row in rows]
        metres, bpm = given.metres, original.tempos[-1].bpm
        added = asked.metre if self.metre else (int(metres[-1, 0]), int(metres[-1, 1]))
        first, last = self._open_bars(given, _new_bars(asked, bpm, added))
        if last > given.num_bars:
            metres = np.concatenate((metres, np.tile(added, (last - given.num_bars, 1)))).astype(np.int16)
        plan[first - 1 :] = [None] * (last - first + 1) + plan[last:]
        measured = measure(original)
        wish = replace(
            asked.wish,
            slots=given.slots,
            key=Key.parse(self.key) if self.key else measured.key,
            bpm=bpm,
            metres=metres,
        )
        told = (f"bars {first}–{last} of {self.continue_.name}, in {wish.key}",)
        return _Job(wish, plan, (), None, told, original.title, original, (first, last))

    def _open_bars(self, given: TokenPiece, new_bars: int) -> tuple[int, int]:
        """First and last bar to compose, counted from 1."""
        if not self.infill:
            return given.num_bars + 1, given.num_bars + new_bars
        match = re.fullmatch(r"\s*(\d{1,4})\s*(?:[-–]\s*(\d{1,4}))?\s*", self.infill)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= given.num_bars:
            raise ValueError(
                f"infill: {self.infill[:20]!r} is not bars of 1–{given.num_bars}; write them as 1-{given.num_bars}"
            )
        return first, last


def usual_guidance(styles: Mapping[str, float]) -> float:
    """A mixture of styles is heard as mixed only if the model is held to it more firmly than to one style."""
    return 3.0 if len(styles) > 1 else 1.25


@dataclass(frozen=True)
class _Job:
    """What the model is to do, and what becomes of it."""

    wish: Wish
    plan: Sequence[np.ndarray | int | None]
    form: tuple[Section, ...]
    duration_s: float | None
    told: tuple[str, ...]
    title: str
    original: Score | None = None
    open_bars: tuple[int, int] = (0, 0)

    def finished(self, piece: TokenPiece) -> Score:
        """The piece with its key, its sections' names and its title, or spliced into the piece it belongs to."""
        bars = [bar_length(int(n), int(d)) * GRID_TICKS for n, d in piece.metres]
        starts = np.concatenate(([0], np.cumsum(bars)))
        markers = [Marker(int(starts[section.start]), section.name) for section in self.form]
        keys = [KeyMark(0, self.wish.key)]
        score = detokenise(one_voice(piece), self.wish.bpm, keys=keys, markers=markers, title=self.title)
        if self.original is None:
            return score
        first, last = self.open_bars
        return splice(self.original, score, int(starts[first - 1]), int(starts[last]))


def _new_bars(asked: Arrangement, bpm: float, metre: tuple[int, int]) -> int:
    """How many bars to add; for a duration, as many as last about as long at the file's own pace."""
    if asked.duration_s is None:
        return len(asked.wish.metres)
    bars = asked.duration_s * bpm / 60 * GRID_PER_QUARTER / bar_length(*metre)
    return min(max(round(bars), 1), BARS_RANGE[1])


def _whole_bars(original: Score) -> TokenPiece:
    """A given piece as steps.

    Raises:
        ValueError: it is empty or too long, or its bars do not lie on the grid, so that ours would not lie on them.
    """
    given = tokenise(original)
    if given.num_bars > _MAX_GIVEN_BARS:
        raise ValueError(f"it has {given.num_bars} bars; at most {_MAX_GIVEN_BARS} can be read")
    lengths = [bar_length(int(n), int(d)) * GRID_TICKS for n, d in given.metres]
    starts = original.bar_starts(original.end_tick + GRID_TICKS)[: given.num_bars]
    if wrong := np.flatnonzero(starts != np.cumsum([0, *lengths[:-1]])).tolist():
        raise ValueError(
            f"bar {wrong[0]} does not last a whole number of twelfths of a quarter note; mend its metre first"
        )
    return given


def _sampling(network: ScoreLM) -> type[Sampling]:
    """The model's own way to say how to draw; the module it lives in needs torch, this one does not."""
    return network.Sampling


def _told(arrangement: Arrangement) -> Iterator[str]:
    wish, said = arrangement.wish, arrangement.understanding
    for heard in said.heard:
        yield f"“{heard.words}” → {heard.meaning}"
    if said.unused:
        yield f"not used: {', '.join(said.unused[:12])}"
    players = ", ".join(reversed(slot_names(wish.slots)))
    metre = "{}/{}".format(*arrangement.metre)
    yield f"{len(wish.metres)} bars of {metre} at {wish.bpm:g} bpm in {wish.key} for {players}"


def _fitness(score: Score, key: Key) -> float:
    """How well a candidate keeps its key: 1 if the key finder hears it, and how much of it lies in the scale."""
    notes = [track.notes for track in score.tracks if not track.is_drum]
    if not notes:
        return 0.0
    joined = np.concatenate(notes)
    histogram = pitch_class_histogram(joined[:, PITCH], joined[:, DURATION])
    return float(find_key(histogram) == key) + float(sum(histogram[pc] for pc in key.scale))
