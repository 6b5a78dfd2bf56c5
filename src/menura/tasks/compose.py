"""Compose: a sentence in, a piece of music out, as sound and as notes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from menura.models.contract import needs
from menura.progress import Progress, aside
from menura.score.analysis import measure
from menura.score.arranger.plan import Plan
from menura.score.arranger.progressions import cadence, progression
from menura.score.arranger.styles import STYLES as GROOVES
from menura.score.critic.critic import ranked
from menura.score.critic.measures import chords_of
from menura.score.form import Section, repeats
from menura.score.harmony import NO_CHORD, indices
from menura.score.idioms.idiom import Idiom
from menura.score.idioms.imitation import Exposition, exposition_of
from menura.score.instruments import INSTRUMENTS, track_names
from menura.score.lines import MOST_SYLLABLES
from menura.score.notes import LOOP_END, LOOP_START, Key, KeyMark, Marker, Score
from menura.score.performance.characters import Character, character_of
from menura.score.performance.perform import perform
from menura.score.splice import between, splice
from menura.score.steps.conditions import Controls
from menura.score.steps.grammar import one_voice
from menura.score.steps.tokens import (
    BAR,
    DRUMS,
    GRID_PER_QUARTER,
    GRID_TICKS,
    POSITION_FIELD,
    TokenPiece,
    bar_length,
    detokenise,
    tokenise,
)
from menura.score.theme import Theme
from menura.tasks.arrange import Arrangement, Options, arrange
from menura.tasks.band import Band
from menura.tasks.fields import OnDevice, Seed
from menura.tasks.inputs import ModelName, NotesInput
from menura.tasks.melody import melody_of, read_theme
from menura.tasks.models import Models
from menura.tasks.piece import Piece, Rendered
from menura.tasks.task import Category, Task, offers
from menura.tasks.told import chord_names, heard, messages_of
from menura.text.prompts import BARS_RANGE, MOODS, STYLES, parse_style

if TYPE_CHECKING:
    from menura.models.score_lm.model import ScoreLM
    from menura.models.score_lm.sampling import Sampling


_MAX_GIVEN_BARS = 2048
_AT_ONCE = 8
"""Whole candidates that are drawn together."""
_USUAL_CANDIDATES = 4
_MOST_BARS_OF_PARTS = 4800
"""Among all candidates, where nobody said how many."""
_OF_ROOM = 0.5
"""How much of what an exact duration leaves after the last note a ritard may take."""
_KEPT = frozenset(("key", "bpm", "tempo", "metre", "instruments", "form"))
"""What goes on as it is in a piece that is continued, whatever the prompt says."""
_SAMPLING = "menura.models.score_lm.sampling"
"""Reached by name, for it needs torch and declarations do without."""
_KEYS = [str(Key(tonic, mode)) for mode in ("major", "minor") for tonic in range(12)]


def _style(value: object) -> object:
    """A mixture as text or as a mapping, its names and weights checked."""
    if isinstance(value, Mapping):
        if not value:
            return None
        value = ",".join(f"{name}={weight}" for name, weight in value.items())
    return parse_style(value) if isinstance(value, str) else value


class Compose(Rendered, OnDevice, Task):
    """Compose a piece of music from a sentence, as notes and as sound.

    The sentence is understood openly: keys, tempi, metres, dances, instruments, styles, moods, length and form. Options
    win over it. Of several candidates a critic keeps what is most like music that people wrote. Two runs with one seed
    give the same samples.
    """

    name: ClassVar[str] = "compose"
    category: ClassVar[Category] = "Music"
    positional: ClassVar[tuple[str, ...]] = ("prompt",)
    counted_by: ClassVar[tuple[str, ...]] = ("keep", "n")
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Music": (
            *("key", "bpm", "metre", "bars", "duration", "instruments", "style", "mood", "density", "form"),
            *("chords", "groove", "band", "theme", "theme_file", "syllables", "loop", "continue_", "infill"),
        ),
        "Sampling": ("n", "keep", "seed", "temperature", "top_p", "guidance", "model", "device"),
        "Sound": ("straight", "rate", "bits", "format", "loudness", "soundfont", "stems", "bundle", "output"),
    }

    older: ClassVar[Mapping[str, object]] = {"band": "model", "straight": True}

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
    chords: Annotated[
        str | None,
        Field(max_length=4000, description="a bar after the other, over and over, as 'Dm | G7 | C | %'"),
    ] = None
    groove: Annotated[
        str | None,
        Field(description="what a band plays under the melody, as reggae", json_schema_extra=offers(sorted(GROOVES))),
    ] = None
    band: Annotated[
        Literal["auto", "arranger", "model"],
        Field(description="who writes grooves and textures: rules, the model, or rules where a style asks for them"),
    ] = "auto"
    theme: Annotated[
        str | None,
        Field(max_length=8000, description="a melody to quote and work with, as 'C4 E4 G4:2 | F4 E4 D4:2', or ABC"),
    ] = None
    theme_file: Annotated[NotesInput | None, Field(description="a MIDI file whose melody is the theme")] = None
    syllables: Annotated[
        tuple[Annotated[int, Field(ge=1, le=MOST_SYLLABLES)], ...],
        Field(max_length=64, description="notes of the melody in each line of words, as 8,6,8,6"),
    ] = ()
    loop: Annotated[bool, Field(description="let the end run into the beginning, to the sample")] = False
    n: Annotated[
        int | None,
        Field(
            ge=1,
            le=64,
            description="candidates, of which the critic keeps the best; default: up to 4, chosen every 4 bars",
        ),
    ] = None
    keep: Annotated[int | None, Field(ge=1, le=64, description="how many of the best candidates to keep")] = None
    seed: Annotated[Seed | None, Field(description="the same seed gives the same piece")] = None
    temperature: Annotated[float, Field(ge=0.2, le=2, description="higher is wilder")] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1, description="keep the likeliest choices that make up this share")] = 0.97
    guidance: Annotated[
        float | None,
        Field(ge=0, le=5, description="how strictly to follow what was asked; default: 1.25, or 3 for a mixture"),
    ] = None
    continue_: Annotated[NotesInput | None, Field(description="a MIDI file to go on from, or to infill")] = None
    infill: Annotated[str | None, Field(description="bars of that file to compose anew, as 9-16")] = None
    straight: Annotated[
        bool, Field(description="leave notes as written: at one tempo, on the grid, without pedal or phrasing")
    ] = False
    model: Annotated[
        ModelName, Field(description="name or folder of a score_lm model", json_schema_extra=needs("NoteModel"))
    ] = "score_lm"
    output: Annotated[Path | None, Field(description="stem of the files to write")] = None

    def names(self) -> tuple[str, ...]:
        return ("", *(f"-{number}" for number in range(2, (self.keep or self.n or 1) + 1)))

    def check(self) -> None:
        if self.infill and not self.continue_:
            raise ValueError("infill: name the MIDI file whose bars to compose anew with continue")
        if self.theme is not None and self.theme_file is not None:
            raise ValueError("theme: it is given as text and as theme_file; leave one out")
        if self.syllables and (self.theme is not None or self.theme_file is not None):
            raise ValueError("syllables: with a theme the melody's notes are the theme's; leave one out")
        if self.loop and self.duration is not None:
            raise ValueError("loop: it lasts as long as its bars; give bars and bpm instead of duration")
        of_file = ("bpm", "instruments", "form", "groove")
        if taken := [name for name in of_file if self.continue_ and getattr(self, name)]:
            raise ValueError(f"{taken[0]}: with continue it is that of the file; leave it out")
        of_whole = ("theme", "theme_file", "syllables", "loop")
        if taken := [name for name in of_whole if self.continue_ and getattr(self, name)]:
            raise ValueError(f"{taken[0]}: it shapes a whole piece, and continue brings one; leave one of them out")
        if self.n is not None and (self.keep or 0) > self.n:
            raise ValueError(f"keep: {self.keep} of {self.n} candidates cannot be kept; raise n")
        if self.continue_:
            self._arranged(self.seed or 0)
        else:
            self._fresh(self.seed or 0)

    def run(self, models: Models, progress: Progress) -> Iterator[Piece]:
        """Yield the candidates as they are ready, or, where only some are kept, the best, best first."""
        self.find_soundfont()
        seed = self.seed or 0
        job = aside(lambda: self._existing(seed)) if self.continue_ else self._fresh(seed)
        for line in job.messages:
            progress.say(line)
        network: ScoreLM = models.get(self.model)
        count = self.n or max(_usual_candidates(job.controls), self.keep or 1)
        if self.n is not None and self.keep in (None, self.n):
            for index in range(count):
                (piece,) = self._composed(network, job, seed, range(index, index + 1), count, progress)
                yield self._played(job, piece, index, seed, progress)
            return
        if self.keep in (None, 1):
            yield self._played(job, self._best(network, job, seed, count, progress), 0, seed, progress)
            return
        parts = (range(first, min(first + _AT_ONCE, count)) for first in range(0, count, _AT_ONCE))
        pieces = [piece for part in parts for piece in self._composed(network, job, seed, part, count, progress)]
        for rank, index in enumerate(job.ranked(pieces)[: self.keep or 1]):
            yield self._played(job, pieces[index], rank, seed, progress)

    def _composed(
        self, network: ScoreLM, job: _Job, seed: int, indices: range, count: int, progress: Progress
    ) -> list[TokenPiece]:
        """Some of the candidates, drawn at once."""
        numbers = f"{indices[0] + 1}–{indices[-1] + 1}" if len(indices) > 1 else f"{indices[0] + 1}"
        what = f"composing {numbers} of {count}" if count > 1 else "composing"
        settings = self._settings(job, seed, indices, what, progress)
        return resolve_name(f"{_SAMPLING}:sample_many")(network, job.controls, job.plan, settings)

    def _best(self, network: ScoreLM, job: _Job, seed: int, count: int, progress: Progress) -> TokenPiece:
        """The piece of which, every few bars, the best candidate goes on."""
        settings = self._settings(job, seed, range(count), "composing", progress)
        sample_best = resolve_name(f"{_SAMPLING}:sample_best")
        return sample_best(network, job.controls, job.plan, settings, lambda pieces: job.ranked(pieces)[0])

    def _settings(self, job: _Job, seed: int, indices: range, what: str, progress: Progress) -> list[Sampling]:
        """How the candidates are drawn."""

        def advanced(index: int, done: int, total: int) -> None:
            if index == indices[0]:  # the others are in step with it
                progress.update(done, total, what)
            else:
                progress.check()

        sampling = resolve_name(f"{_SAMPLING}:Sampling")
        return [
            sampling(
                seed=int(np.random.SeedSequence((seed, index)).generate_state(1)[0]),
                temperature=self.temperature,
                top_p=self.top_p,
                guidance=self.guidance if self.guidance is not None else usual_guidance(job.controls.styles),
                progress=partial(advanced, index),
            )
            for index in indices
        ]

    def _played(self, job: _Job, piece: TokenPiece, index: int, seed: int, progress: Progress) -> Piece:
        piece = job.accompanied(piece)
        score = job.finished(piece, seed)
        progress.update(0, 1, "rendering")
        asked = job.controls.chords if job.original is None else None  # a given piece has chords of its own
        found = chords_of(piece).reshape(-1, 2)
        if asked is not None and not job.has_plan:  # chords under the theme alone
            asked = np.where(asked == NO_CHORD, found, asked)
        names = chord_names(found if asked is None else asked, job.controls.key)
        about = {
            "key": str(job.controls.key),
            "bpm": round(job.controls.bpm, 2),
            "metre": f"{job.controls.metres[-1, 0]}/{job.controls.metres[-1, 1]}",
            "instruments": track_names(score.tracks),
            "form": "".join(section.name for section in job.form) or "as given",
            **({"groove": job.band.style.name} if job.band else {}),
            **job.about,
            "chords": " | ".join("%" if bar and name == names[bar - 1] else name for bar, name in enumerate(names)),
            "seed": seed,
        }
        return self.rendered(
            score,
            name=self.names()[index],
            seed=seed,
            about=about,
            duration_s=job.duration_s,
            loop_tick=job.loop_tick,
            remarks=job.about,
            new_bars=job.open_bars if job.original else None,
            chords=names,
            notes_will_do=True,
        )

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
            chords=self.chords,
            groove=self.groove,
            band=self.band,
            theme=self._theme,
            syllables=self.syllables,
            loop=self.loop,
        )
        return arrange(self.prompt, options, np.random.default_rng((seed, 1)))

    @cached_property
    def _theme(self) -> Theme | None:
        return read_theme(self.theme, self.theme_file)

    @property
    def _led_by(self) -> str:
        """The field that says what the melody is."""
        return next((name for name in ("theme", "theme_file") if getattr(self, name) is not None), "syllables")

    def _fresh(self, seed: int) -> _Job:
        arrangement = self._arranged(seed)
        controls, band = arrangement.controls, arrangement.band
        form = arrangement.sections
        own_seed = zlib.crc32(f"{seed} {self.prompt}".encode())  # with one seed, prompts do not share what is drawn
        plan: list[np.ndarray | int | None] = [*repeats(form, own_seed)]
        accompaniment = None
        chords = arrangement.chords
        melody = melody_of(arrangement, self._theme, self.syllables, form, seed, field=self._led_by)
        if band is not None:
            chords = chords or progression(band.style.name, controls.key, form, seed, closes=not self.loop)
        if melody is not None:
            chords = arrangement.chords or melody.harmonised(chords, controls.key, controls.metres)
            controls, given = replace(controls, given=melody.given), melody.given
            plan = [old if isinstance(old, int) and given.is_same(bar, old) else None for bar, old in enumerate(plan)]
            if melody.stated and given.bars[-1] is not None:
                controls = replace(controls, closes=False)  # the theme has the last word
        if band is not None and chords is not None:
            accompaniment = band.plan(chords, controls.metres, form, controls.bpm, loops=self.loop)
        if chords is None and controls.closes:
            chords = cadence(controls.key, len(controls.metres), own_seed)
        if chords is not None:
            controls = replace(controls, chords=indices(chords))
            # What returns must return over its chords.
            plan = [
                old if isinstance(old, int) and chords[old] == chords[bar] else None for bar, old in enumerate(plan)
            ]
        exposition = self._exposition(arrangement, seed)
        for bar, rows in exposition.bars.items() if exposition else ():
            plan[bar] = rows
        title = " ".join(self.prompt.split())
        messages = (
            *messages_of(replace(arrangement, controls=controls)),
            *(melody.messages if melody else ()),
            *([exposition.told()] if exposition else ()),
        )
        about = {
            **(melody.about if melody else {}),
            **({"texture": arrangement.idiom.name} if arrangement.idiom else {}),
            **({exposition.kind: ", ".join(exposition.entries)} if exposition else {}),
        }
        return _Job(
            controls,
            plan,
            form,
            None if self.loop else arrangement.duration_s,
            messages,
            title,
            band=band,
            plan_of_band=accompaniment,
            has_plan=band is not None or arrangement.chords is not None,
            about=about,
            character=None if band else self._character(controls),
            idiom=arrangement.idiom,
        )

    def _exposition(self, arrangement: Arrangement, seed: int) -> Exposition | None:
        """The bars in which voices enter one by one, where that is asked for."""
        if arrangement.imitates is None:
            return None
        controls, voices = arrangement.controls, arrangement.understanding.voices
        bars = len(controls.metres)
        return exposition_of(arrangement.imitates, controls.slots, controls.key, arrangement.metre, bars, voices, seed)

    def _character(self, controls: Controls) -> Character | None:
        """How the piece is played; None: as it is written."""
        has_drums = any(slot.program == DRUMS for slot in controls.slots)
        return None if self.straight else character_of(controls.styles, has_drums=has_drums)

    def _existing(self, seed: int) -> _Job:
        """Bars to compose within, or after, a given piece."""
        assert self.continue_ is not None
        original = self.continue_.read()
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
        chords = None
        if asked.chords is not None:
            chords = np.full((len(metres), 2), NO_CHORD)
            chords[first - 1 : last] = np.resize(indices(asked.chords), (last - first + 1, 2))
        controls = replace(
            asked.controls,
            chords=chords,
            roles=(),
            slots=given.slots,
            key=Key.parse(self.key) if self.key else measured.key,
            bpm=bpm,
            metres=metres,
        )
        kept: dict[str, str] = dict.fromkeys(_KEPT - ({"key"} if self.key else set()), self.continue_.name)
        if self.metre:
            del kept["metre"]
        if self.infill:
            kept |= dict.fromkeys(("bars", "duration_s"), f"infill={self.infill}")
        messages = (
            *heard(replace(asked, overruled={**asked.overruled, **kept})),
            f"{f'bars {first}–{last}' if first < last else f'bar {first}'} of {self.continue_.name}, in {controls.key}",
        )
        return _Job(
            controls,
            plan,
            (),
            None,
            messages,
            original.title,
            original,
            (first, last),
            not self.infill,
            character=self._character(controls),
        )

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


def _usual_candidates(controls: Controls) -> int:
    """Fewer of what takes longer."""
    return min(max(_MOST_BARS_OF_PARTS // (len(controls.metres) * len(controls.slots)), 1), _USUAL_CANDIDATES)


def usual_guidance(styles: Mapping[str, float]) -> float:
    """A mixture of styles is heard as mixed only if the model is held to it more firmly than to one style."""
    return 3.0 if len(styles) > 1 else 1.25


@dataclass(frozen=True)
class _Job:
    """What the model is to do, and what becomes of it."""

    controls: Controls
    plan: Sequence[np.ndarray | int | None]
    form: tuple[Section, ...]
    duration_s: float | None
    messages: tuple[str, ...]
    title: str
    original: Score | None = None
    open_bars: tuple[int, int] = (0, 0)
    rings_on: bool = False
    band: Band | None = None
    plan_of_band: Plan | None = None
    has_plan: bool = True
    about: Mapping[str, str] = field(default_factory=dict)
    character: Character | None = None
    idiom: Idiom | None = None

    @property
    def loop_tick(self) -> int | None:
        """Where a loop begins again."""
        metres = self.controls.metres.astype(int).tolist()
        return sum(bar_length(*metre) for metre in metres) * GRID_TICKS if self.controls.loops else None

    def ranked(self, pieces: Sequence[TokenPiece]) -> list[int]:
        """The numbers of candidates, or of their beginnings, best first."""
        pieces = [self.accompanied(piece) for piece in pieces]
        chords = (
            self.controls.chords[: pieces[0].num_bars] if self.has_plan and self.controls.chords is not None else None
        )
        return ranked(pieces, self.controls.key, chords, accompanied=self.band is not None)

    def accompanied(self, piece: TokenPiece) -> TokenPiece:
        """A piece, or its beginning, with what goes by rule with its melody."""
        if self.idiom is None:
            return piece
        controls = self.controls
        return self.idiom.apply(
            piece, self.form, controls.chords, closes=controls.closes, is_given=controls.given is not None
        )

    def finished(self, piece: TokenPiece, seed: int) -> Score:
        """The piece with its key, its sections' names, its title and its band, or spliced into the piece it belongs
        to; played, but by a band, which has hands of its own."""
        bars = [bar_length(int(n), int(d)) * GRID_TICKS for n, d in piece.metres]
        starts = np.concatenate(([0], np.cumsum(bars)))
        markers = [Marker(int(starts[section.start]), section.name) for section in self.form]
        if self.loop_tick is not None:
            markers += [Marker(0, LOOP_START), Marker(self.loop_tick, LOOP_END)]
        keys = [KeyMark(0, self.controls.key)]
        score = detokenise(one_voice(piece), self.controls.bpm, keys=keys, markers=markers, title=self.title)
        if self.band and self.plan_of_band:
            score = self.band.joins(score, self.plan_of_band, seed)
        if self.original is None:
            room_s = None if self.duration_s is None else _OF_ROOM * (self.duration_s - score.duration_s)
            if not self.character:
                return score
            # A loop joins itself.
            return perform(score, self.form, self.character, seed, joins=self.loop_tick is not None, room_s=room_s)
        first, last = self.open_bars
        start, end = int(starts[first - 1]), int(starts[last])
        if self.character:
            opened = [replace(track, notes=between(track.notes, start, end)) for track in score.tracks]
            section = Section("", first - 1, last - first + 1)
            score = perform(replace(score, tracks=tuple(opened)), (section,), self.character, seed, joins=True)
        return splice(self.original, score, start, end, rings_on=self.rings_on)


def _new_bars(asked: Arrangement, bpm: float, metre: tuple[int, int]) -> int:
    """How many bars to add; for a duration, as many as last about as long at the file's own pace."""
    if asked.duration_s is None:
        return len(asked.controls.metres)
    bars = asked.duration_s * bpm / 60 * GRID_PER_QUARTER / bar_length(*metre)
    return min(max(round(bars), 1), BARS_RANGE[1])


def _whole_bars(original: Score) -> TokenPiece:
    """A given piece as steps.

    Raises:
        ValueError: it is empty or too long, or its bars do not lie on the grid, so that ours would not lie on them.
    """
    given = tokenise(original, to_end=True)
    if given.num_bars > _MAX_GIVEN_BARS:
        raise ValueError(f"it has {given.num_bars} bars; at most {_MAX_GIVEN_BARS} can be read")
    lengths = [bar_length(int(n), int(d)) * GRID_TICKS for n, d in given.metres]
    starts = original.bar_starts(original.end_tick + GRID_TICKS)[: given.num_bars]
    if wrong := np.flatnonzero(starts != np.cumsum([0, *lengths[:-1]])).tolist():
        raise ValueError(
            f"bar {wrong[0]} does not last a whole number of twelfths of a quarter note; mend its metre first"
        )
    return given
