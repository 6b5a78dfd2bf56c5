"""Arranging: from what a prompt says and what options say to every number a piece needs; options win."""

from __future__ import annotations

import difflib
import math
import re
import zlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from statistics import fmean, geometric_mean

import numpy as np

from menura.score.analysis import find_key
from menura.score.arranger.progressions import Chords
from menura.score.arranger.styles import STYLES as GROOVES
from menura.score.form import Section, choruses, sections
from menura.score.harmony import indices, parse_plan
from menura.score.idioms.idiom import Idiom, idiom_of
from menura.score.instruments import expand
from menura.score.lines import usual_bars
from menura.score.notes import Key
from menura.score.roles import ROLES, usual_roles
from menura.score.steps.conditions import Controls
from menura.score.steps.grammar import chord_size
from menura.score.steps.tokens import GRID_PER_QUARTER, NUM_POSITIONS, Slot, bar_length, slots_for
from menura.score.theme import Theme
from menura.tasks.band import BY_ITSELF, Band, band_of
from menura.text.prompts import BARS_RANGE, BPM_RANGE, MOODS, Understanding, understand
from menura.text.vocabulary import Mood

_USUAL_SECONDS = 40.0
_TAIL_S = 2.0
_LEAST_FILLED = 0.75
"""Of an exact duration: with bars and a tempo that fill less of it, one of the three is a mistake."""
_USUAL_BPM = 100.0
_BPM_OF_STYLES = {
    **{"satie": 72, "debussy": 72, "joplin": 88, "sousa": 120, "song": 92, "quartet": 120, "game": 128, "hymn": 96},
    **{"study": 92, "fugue": 88, "chorale": 84, "nocturne": 72, "prelude": 80, "variations": 80, "symphony": 126},
}
"""Near the medians of the training pieces that say their tempo."""
_USUAL_DENSITY = 0.55
"""Left to itself the model takes "slow" and small ensembles for an invitation to rest."""
_USUAL_ENSEMBLES: Sequence[tuple[str, str]] = (
    # The first style asked for whose name is here says who plays, where nobody was named.
    *(("quartet", "string quartet"), ("song", "voice, piano"), ("hymn", "satb"), ("chorale", "satb")),
    *(("game", "rock band"), ("symphony", "orchestra"), ("concerto", "chamber orchestra"), ("sousa", "marching band")),
    *((name, "nylon guitar") for name in ("giuliani", "sor", "carcassi", "diabelli")),
    *((name, "church organ") for name in ("buxtehude",)),
    *((name, "voice, piano") for name in ("franz", "wolf", "lang", "hensel", "chaminade")),
    *((name, "harpsichord") for name in ("handel", "telemann", "baroque")),
    *(("vivaldi", "violin, violin, viola, cello, harpsichord"), ("renaissance", "recorder consort")),
    *(("folk", "folk band"), ("japanese", "koto, shakuhachi"), ("march", "marching band"), ("jazz", "jazz trio")),
)
_BLUES = 12
"""Bars of its chorus."""
_ALONE = (0, 24, 40, 73, *range(128))
"""Who plays alone where nobody was named: the first that was not left out."""


@dataclass(frozen=True)
class Arrangement:
    """A piece decided on, before its notes.

    Attributes:
        controls: what the model is asked.
        form: name of a form, or None for the usual one.
        duration_s: exact length asked for, or None.
        understanding: what the prompt was taken to say.
        overruled: control that the prompt sets -> what it gave way to, in words.
        is_fitted: whether the tempo was chosen so that the bars last as long as asked.
        band: who plays the groove under what is composed; None: every part is composed.
        chords: asked for, for every bar; None: the band's usual ones, or the model's own.
        idiom: rules of the style for what goes with a melody; None: there are none.
        imitates: ``"fugue"`` or ``"invention"`` where voices enter one by one with a subject; None: they do not.
    """

    controls: Controls
    form: str | None
    duration_s: float | None
    understanding: Understanding
    overruled: Mapping[str, str]
    is_fitted: bool
    band: Band | None
    chords: Chords | None
    idiom: Idiom | None = None
    imitates: str | None = None

    @property
    def sections(self) -> tuple[Section, ...]:
        """Its form; where none is asked for, a fugue has no sections, and a blues goes through its chorus."""
        bars = len(self.controls.metres)
        if self.form is None and self.imitates:
            return sections("through", bars)
        if self.form is None and self.chords is None and _is_blues(self.band) and bars >= _BLUES:
            return choruses(_BLUES, bars)
        return sections(self.form, bars)

    @property
    def metre(self) -> tuple[int, int]:
        return int(self.controls.metres[0, 0]), int(self.controls.metres[0, 1])


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked outside the prompt; None or empty where nothing was."""

    key: str | None
    bpm: float | None
    metre: str | None
    bars: int | None
    duration_s: float | None
    instruments: Sequence[str]
    style: Mapping[str, float]
    mood: Sequence[str]
    density: float | None
    form: str | None
    chords: str | None = None
    groove: str | None = None
    band: str = "auto"
    theme: Theme | None = None
    syllables: Sequence[int] = ()
    loop: bool = False


def arrange(prompt: str, options: Options, rng: np.random.Generator) -> Arrangement:
    """Decide everything.

    Raises:
        ValueError: the prompt or an option cannot be met, or options contradict each other.
    """
    said = understand(prompt)
    moods = [_mood(name) for name in (options.mood or said.mood)]
    names = _named(options, said)
    left_out = {program for heard in said.heard for name in heard.without for program in _players(name)}
    band = _band(options, said, names, left_out)
    metre = _metre(options, said, band)
    loop = _chords(options.chords)
    # A prompt's length gives way to an option's, whichever of the two it was given as.
    by_option = options.bars is not None or options.duration_s is not None
    bars = options.bars if by_option else said.bars
    duration_s = options.duration_s if by_option else said.duration_s
    bars = bars or _bars_of_lines(options.syllables, metre)
    style = dict(options.style or said.style)
    factor = geometric_mean([mood.bpm_factor for mood in moods]) if moods else 1.0
    pace = _Pace(options.bpm or said.bpm, _usual_bpm(factor, style, options.theme, band), _is_exact(options, said))
    length = _length(bars, duration_s, pace, metre)
    if bars is None and duration_s is None:
        length = replace(length, bars=_usual_bars(length.bars, _round(loop, band), options.theme, metre))
    _refuse_split_lines(options.syllables, length.bars)
    programs = list(band.composed_for) if band else names
    usual = _players("voice") + _players("piano") if options.syllables else _usual_ensemble(style)
    programs = programs or [program for program in usual if program not in left_out]
    programs = programs or [next(program for program in _ALONE if program not in left_out)]
    mode = said.mode or next((mood.mode for mood in moods if mood.mode), None)
    mode = mode or (band.mode if band else None)
    key = Key.parse(options.key) if options.key else said.key or _key_of(loop)
    key = key or (options.theme.key if options.theme else _any_key(mode, prompt, rng))
    density = _mean([said.density], moods, "density")
    chords = [loop[bar % len(loop)] for bar in range(length.bars)] if loop else None
    slots = slots_for(programs)
    roles, activity = _roles(slots, band)
    controls = Controls(
        slots=slots,
        key=key,
        bpm=length.bpm,
        metres=np.tile(np.array(metre), (length.bars, 1)),
        styles=style,
        closes=length.bars >= 4 and not options.loop,
        loops=options.loop,
        density=next(share for share in (options.density, density, _USUAL_DENSITY) if share is not None),
        loudness=_mean([], moods, "loudness"),
        register=_mean([], moods, "register"),
        chromaticism=_mean([], moods, "chromaticism"),
        chords=indices(chords) if chords else None,
        roles=roles,
        activity=activity,
    )
    overruled = _overruled(options, said, metre, key, by_option)
    if said.bpm and options.bpm is None and length.bpm != said.bpm:
        bars_last = f"{length.bars} bars last" if length.bars != 1 else "1 bar lasts"
        overruled["tempo"] = f"{length.bpm:g} bpm, at which {bars_last} {duration_s:g} s"
    is_fitted = duration_s is not None and length.bpm not in (options.bpm, said.bpm)
    form, by_rule = options.form or said.form, _by_rule(options, said, style, slots, band)
    return Arrangement(controls, form, duration_s, said, overruled, is_fitted, band, chords, *by_rule)


def _is_blues(band: Band | None) -> bool:
    return band is not None and band.style.name == "blues shuffle"


def _round(loop: Chords | None, band: Band | None) -> int | None:
    """After how many bars chords come round."""
    return len(loop) if loop else _BLUES if _is_blues(band) else None


def _named(options: Options, said: Understanding) -> list[int]:
    """Those who were asked for."""
    names = [name for asked in (options.instruments or said.instruments) for name in _players(asked)]
    if said.voices and len(names) == 1 and chord_size(names[0]) <= 2:
        names *= said.voices  # each recorder or violin has a voice; a keyboard has them all
    return names


def _band(options: Options, said: Understanding, named: Sequence[int], left_out: Set[int]) -> Band | None:
    groove = options.groove or said.groove
    if groove is not None and groove not in GROOVES:
        near = difflib.get_close_matches(groove[:80], GROOVES, n=3)
        raise ValueError(f"groove: no band plays {groove[:40]!r}; it plays {', '.join(near or sorted(GROOVES)[:8])} …")
    if options.band == "model":
        return None
    if options.band == "arranger" and groove is None:
        raise ValueError("band: the arranger needs a style, as groove=rock, or a word for one in the prompt")
    asked = options.band == "arranger" or options.groove is not None
    if groove is None or not (asked or groove in BY_ITSELF):
        return None
    return band_of(groove, named, left_out, always=asked)


def _by_rule(
    options: Options, said: Understanding, style: Mapping[str, float], slots: Sequence[Slot], band: Band | None
) -> tuple[Idiom | None, str | None]:
    """The rules for what goes with a melody, and the kind of imitation, which nothing else may say anything of."""
    if options.band == "model" or band is not None:
        return None, None
    groove = options.groove or said.groove
    names = [*([groove] if groove else []), *sorted(style, key=lambda name: -style[name])]
    is_free = options.theme is None and not options.syllables and options.chords is None and not options.loop
    imitates = "fugue" if "fugue" in style and is_free else None
    if imitates and any("invention" in heard.words.lower() for heard in said.heard):
        imitates = "invention"
    return idiom_of(names, slots), imitates


def _chords(text: str | None) -> Chords | None:
    """A plan of chords, which returns from its beginning."""
    if text is None:
        return None
    try:
        return parse_plan(text)
    except ValueError as error:
        raise ValueError(f"chords: {error}") from None


def _key_of(chords: Chords | None) -> Key | None:
    """The key that chords are in; where several share them, that of the first chord."""
    if not chords:
        return None
    weight = np.zeros(12)
    for chord in (chord for halves in chords for chord in halves if chord):
        weight[list(chord.pitch_classes)] += 1
        weight[chord.root] += 0.5
    first = next((chord for halves in chords for chord in halves if chord), None)
    if first is None:
        return None
    weight[first.root] += 0.2 * weight.sum()
    return find_key(weight)


def _metre(options: Options, said: Understanding, band: Band | None) -> tuple[int, int]:
    of_theme = options.theme and options.theme.usual_metre
    metre = read_metre(options.metre) if options.metre else said.metre or of_theme
    metre = metre or (band.style.metres[0] if band else (4, 4))
    if bar_length(*metre) > NUM_POSITIONS:
        raise ValueError(f"metre: {metre[0]}/{metre[1]} is longer than the 8 quarter notes a bar may have")
    return metre


def _usual_bpm(factor: float, style: Mapping[str, float], theme: Theme | None, band: Band | None) -> float:
    """The tempo where nobody asks for one; moods make it so much faster."""
    if theme and theme.bpm:
        return min(max(theme.bpm, BPM_RANGE[0]), BPM_RANGE[1])
    if band:
        return min(max(fmean(band.style.bpm) * factor, band.style.bpm[0]), band.style.bpm[1])
    known = [_BPM_OF_STYLES[name] for name in style if name in _BPM_OF_STYLES]
    return round(geometric_mean(known or [_USUAL_BPM])) * factor


def _usual_bars(bars: int, round_: int | None, theme: Theme | None, metre: tuple[int, int]) -> int:
    """About so many bars, that a round of chords comes round in, and a theme is heard again in."""
    if theme:
        bars = max(bars, -(-2 * (theme.length // bar_length(*metre) + 1) // 8) * 8)
    if round_:
        bars = max(round(bars / round_), 1) * round_
    return min(bars, BARS_RANGE[1])


def _bars_of_lines(syllables: Sequence[int], metre: tuple[int, int]) -> int | None:
    return len(syllables) * usual_bars(syllables, metre) if syllables else None


def _refuse_split_lines(syllables: Sequence[int], bars: int) -> None:
    count = len(syllables)
    if count and bars % count:
        raise ValueError(f"syllables: {count} lines cannot share {bars} bars; ask for a multiple of {count}")


def _roles(slots: Sequence[Slot], band: Band | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Roles and activity; where a band accompanies: the lead, and those who play against it."""
    if band is None:
        usual = usual_roles(slots)
        return (tuple(usual.roles.tolist()), tuple(usual.activity.tolist())) if usual else ((), ())
    lead = band.composed_for[0]
    first = next(index for index, slot in reversed(list(enumerate(slots))) if slot.program == lead)
    return tuple(1 + ROLES.index("lead" if index == first else "counter") for index in range(len(slots))), ()


def read_metre(text: str) -> tuple[int, int]:
    """``"3/4"`` as numbers.

    Raises:
        ValueError: it is not a metre of 1 to 16 beats over 1, 2, 4, 8 or 16.
    """
    match = re.fullmatch(r"\s*(\d{1,2})\s*/\s*(\d{1,2})\s*", text)
    if match and 1 <= int(match[1]) <= 16 and int(match[2]) in (1, 2, 4, 8, 16):
        return int(match[1]), int(match[2])
    raise ValueError(f"metre: {text[:20]!r} is not one; write 3/4 or 6/8 (1 to 16 beats over 1, 2, 4, 8 or 16)")


def _mood(name: str) -> Mood:
    if name not in MOODS:
        raise ValueError(f"mood: {name[:20]!r} is not one of {', '.join(MOODS)}")
    return MOODS[name]


def _is_exact(options: Options, said: Understanding) -> bool:
    """Whether a tempo was asked for as a number, and not in words, which give way to a length."""
    return options.bpm is not None or any(control == "bpm" for heard in said.heard for control, _ in heard.meanings)


def _overruled(
    options: Options, said: Understanding, metre: tuple[int, int], key: Key, by_option: bool
) -> dict[str, str]:
    """What the prompt says that options say otherwise."""
    found = {}
    if options.key and said.key not in (None, key):
        found["key"] = f"key={options.key}"
    if options.metre and said.metre not in (None, metre):
        found["metre"] = f"metre={options.metre}"
    if options.bpm and said.bpm not in (None, options.bpm):
        found["bpm"] = found["tempo"] = f"bpm={options.bpm:g}"
    if by_option and (said.bars, said.duration_s) != (options.bars, options.duration_s):
        length = f"bars={options.bars}" if options.bars is not None else f"duration={options.duration_s:g}"
        found["bars"] = found["duration_s"] = length
    for name in ("instruments", "style", "groove", "mood", "density", "form"):
        option = getattr(options, name)
        if option not in (None, (), {}, []) and getattr(said, name) not in (None, option):
            shown = ",".join(map(str, option)) if isinstance(option, Sequence | Mapping) and name != "form" else option
            found[name] = f"{name}={shown}"
    return found


@dataclass(frozen=True, slots=True)
class _Pace:
    """Quarter notes a minute as asked for, or None, and as usual; and whether the asked are exact."""

    asked: float | None
    usual: float
    is_exact: bool


@dataclass(frozen=True, slots=True)
class _Length:
    bars: int
    bpm: float


def _length(bars: int | None, duration_s: float | None, pace: _Pace, metre: tuple[int, int]) -> _Length:
    quarters, bpm = bar_length(*metre) / GRID_PER_QUARTER, pace.asked
    if duration_s is None:
        bpm = bpm or round(pace.usual)
        if bars is None:
            bars = min(max(round(_USUAL_SECONDS * bpm / 60 / quarters / 8), 1) * 8, BARS_RANGE[1])
        return _Length(bars, bpm)
    sounding_s = _sounding_s(duration_s)
    if bars is None:
        used = bpm or pace.usual
        bars = int(sounding_s * used / 60 / quarters) if bpm else max(round(sounding_s * used / 60 / quarters), 1)
        if bpm and not 1 <= bars <= BARS_RANGE[1] and not pace.is_exact:
            return _length(None, duration_s, replace(pace, asked=None), metre)
        if bars < 1:
            raise ValueError(
                f"duration: one bar of {metre[0]}/{metre[1]} at {used:g} bpm is longer than {duration_s:g} s"
            )
        if bars > 512:
            raise ValueError(f"duration: {duration_s:g} s at {used:g} bpm are {bars} bars, more than 512")
        return _Length(bars, bpm or _needed_bpm(bars, quarters, duration_s))
    lasts_s = bars * quarters * 60 / bpm if bpm else sounding_s
    if bpm and not _LEAST_FILLED * sounding_s <= lasts_s <= duration_s:
        if pace.is_exact:
            raise ValueError(
                f"{bars} bars of {metre[0]}/{metre[1]} at {bpm:g} bpm last {lasts_s:.1f} s, not {duration_s:g}; "
                "leave out bars, bpm or duration"
            )
        bpm = None
    return _Length(bars, bpm or _needed_bpm(bars, quarters, duration_s))


def _sounding_s(duration_s: float) -> float:
    """What an exact duration leaves for notes, before the last of them dies away."""
    return duration_s - min(_TAIL_S, 0.1 * duration_s)


def _needed_bpm(bars: int, quarters: float, duration_s: float) -> float:
    needed = 60 * quarters * bars / _sounding_s(duration_s)
    if not BPM_RANGE[0] <= needed <= BPM_RANGE[1]:
        plural = "s" * (bars != 1)
        raise ValueError(f"{bars} bar{plural} in {duration_s:g} s would need {needed:.0f} bpm; 20 to 300 are possible")
    return float(math.ceil(needed))


_COUNTED = re.compile(r"^\s*(\d{1,2})\s*[x×]?\s+(.*)$")


def _players(asked: str) -> list[int]:
    """Programs of ``"flute"``, ``"2 violins"`` or ``"string quartet"``; 128 is the drum kit."""
    match = _COUNTED.match(asked)
    count, name = (int(match[1]), match[2]) if match else (1, asked)
    if not 1 <= count <= 16:
        raise ValueError(f"instruments: {asked[:40]!r}: 1 to 16 players, not {count}")
    return [128 if player.is_drum else player.program for _ in range(count) for player in expand(name)]


def _usual_ensemble(style: Mapping[str, float]) -> list[int]:
    ensembles = dict(_USUAL_ENSEMBLES)
    for name in sorted(style, key=lambda name: -style[name]):
        if name in ensembles:
            return [program for part in ensembles[name].split(", ") for program in _players(part)]
    return [0]


def _any_key(mode: str | None, prompt: str, rng: np.random.Generator) -> Key:
    """A key of up to three sharps or flats, as most music has; with one seed, other words may have another one."""
    words = " ".join(prompt.lower().split())
    rng = np.random.default_rng((int(rng.integers(1 << 32)), zlib.crc32(words.encode())))
    mode = mode or ("major", "minor")[int(rng.random() < 0.4)]
    tonics = [tonic for tonic in range(12) if abs(Key(tonic, mode).fifths) <= 3]
    return Key(int(rng.choice(tonics)), mode)


def _mean(said: Sequence[float | None], moods: Sequence[Mood], name: str) -> float | None:
    values = [value for value in (*said, *(getattr(mood, name) for mood in moods)) if value is not None]
    return fmean(values) if values else None
