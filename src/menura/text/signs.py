"""Signs: what single phrases of a prompt say, read by tables in one pass from left to right."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from menura.score.instruments import lookup
from menura.text import vocabulary as known
from menura.text.words import BAR_UNITS, TIME_UNITS, Taken, Words, listed, read_number, seconds_per, word_set

MAX_INSTRUMENTS = 16


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that the words from `first` up to `end` say: `kind` names the control, `value` is its value."""

    kind: str
    value: Any
    first: int
    end: int


def within(what: str, value: float, low: float, high: float, unit: str = "") -> float:
    """Return `value`, or raise ValueError if it is not within `low` to `high`."""
    if not low <= value <= high:
        raise ValueError(f"{what} must be {low:g} to {high:g}{unit}, not {value:g}")
    return value


def _meanings() -> dict[str, tuple[tuple[str, Any], ...]]:
    tables: dict[str, dict[str, Any]] = {
        "tempo": known.TEMPO_WORDS,
        "dance": known.DANCES,
        "metre": known.METRE_WORDS,
        "mood": known.MOOD_WORDS,
        "density": known.DENSITY_WORDS,
        "form": known.FORM_WORDS,
        "mode": {word: "major" if word in known.MAJOR_WORDS else "minor" for word in known.BARE_MODES},
        "style": {word: (style, None) for word, style in known.STYLE_WORDS.items()},
    }
    meanings: dict[str, tuple[tuple[str, Any], ...]] = {}
    for kind, table in tables.items():
        for phrase, value in table.items():
            meanings[phrase] = (*meanings.get(phrase, ()), (kind, value))
    return meanings


_MEANINGS = _meanings()
_MIXING = word_set("style styles mix mixture blend cross between manner")
_FILLERS = word_set("of x × solo full whole more a an the")
_AFTER_TONIC = frozenset(("", "for", "with", "on", "at", "and", "by", "in", "please", "using"))
_BEATS: dict[str, float] = listed(
    {
        0.5: "♪, eighth, eighth note, quaver",
        1.0: "♩, quarter, quarter note, crotchet",
        1.5: "♩., dotted quarter, dotted quarter note, dotted crotchet",
        2.0: "half note, minim",
    }
)  # quarter notes in ♩ = 96
_AFTER_SECONDS = frozenset(("", "long", "lang", "of", "for", "in", "clip", "loop", "track"))
_KEY_NOUNS = word_set("key mode scale tonality")
_LETTER = re.compile(r"([A-Ga-g])([#♯♭b]?)(m|min|maj)?")
_TONICS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}


def _names(phrase: str) -> tuple[str, ...]:
    return tuple(player.name for player in lookup(phrase))


def _style_of(phrase: str) -> str | None:
    return known.STYLE_WORDS.get(phrase)


def _read_metre(words: Words, at: int) -> list[Sign]:
    """``3/4``, ``in three``, ``six eight time``."""
    fraction = re.fullmatch(r"(\d+)\s?/\s?(\d+)", words.text(at))
    if fraction and words.then(at + 1) not in TIME_UNITS:
        return [Sign("metre", (float(fraction[1]), float(fraction[2])), at, at + 1)]
    counted = words.text(at) == "in"
    beats = read_number(words, at + counted) if not counted or words.then(at + 1) else None
    if not beats:
        return []
    unit = read_number(words, beats.end) if words.then(beats.end) else None
    if unit and unit.value in (2, 4, 8, 16) and (counted or words.then(unit.end) in ("time", "metre", "meter", "takt")):
        return [Sign("metre", (beats.value, unit.value), at + counted, unit.end)]
    follows = words.then(beats.end)
    if counted and beats.value in range(2, 17) and (follows in _AFTER_TONIC or follows in ("time", "beat")):
        metre = known.COUNTED_METRES.get(int(beats.value), (int(beats.value), 8))
        return [Sign("metre", metre, at, beats.end)]
    return []


def _read_negation(words: Words, at: int) -> list[Sign]:
    """``without drums``, ``no piano or harp``, ``not sad``: what is named is left out."""
    if words.text(at) not in known.NEGATORS or words.longest(at, _MEANINGS.get):
        return []
    start = words.skip(at + 1, word_set("any a an the too very so use of"))
    if words.then(start) in ("instrument", "instruments"):
        raise ValueError(f"a piece needs at least one instrument, but the prompt says {words.shown(at, start + 1)!r}")
    named = words.longest(start, _names) if words.then(start) else None
    if not named:
        other = words.longest(start, _MEANINGS.get) if words.then(start) else None
        return [Sign("ignored", None, at, other.end)] if other else []
    names, end = named.value, named.end
    while words.then(end) in ("or", "nor") and (named := words.longest(end + 1, _names)):
        names, end = names + named.value, named.end
    return [Sign("without", names, at, end)]


def _share(words: Words, at: int) -> Taken[float] | None:
    """How much of a style: ``70%``, ``half``, ``two thirds``, ``0.7``."""
    text = words.text(at)
    if text in ("1/2", "1/3", "2/3"):
        return Taken(int(text[0]) / int(text[2]), at + 1)
    number = read_number(words, at)
    if number and words.then(number.end) in ("%", "percent", "prozent"):
        return Taken(within("a style's share", number.value, 0, 100, " %") / 100, number.end + 1)
    if number and "." in words.text(at) and 0 <= number.value <= 1:
        return number
    return words.longest(at, known.SHARES.get)


def _read_share(words: Words, at: int) -> list[Sign]:
    """``70% schubert``, ``half a waltz``, ``a touch of jazz``; ``schubert 70%``, ``schubert=0.7``."""
    share = _share(words, at)
    if share:
        start = words.skip(share.end, _FILLERS)
        style = words.longest(start, _style_of) if words.then(start) else None
        return _style_signs(words, at, start, style.end, style.end, share.value) if style else []
    style = words.longest(at, _style_of)
    if not style:
        return []
    has_equals = words.then(style.end) == "="
    share = _share(words, style.end + has_equals) if words.then(style.end) else None
    if has_equals and not share and (number := read_number(words, style.end + 1)):
        share = Taken(within("a style's share", number.value, 0, 100), number.end)
    is_own = share and (has_equals or words.text(share.end - 1) in ("%", "percent", "prozent"))
    return _style_signs(words, at, at, style.end, share.end, share.value) if share and is_own else []


def _style_signs(words: Words, first: int, start: int, stop: int, end: int, share: float) -> list[Sign]:
    """All that the style phrase from `start` to `stop` says, the style with its share."""
    signs = []
    for kind, value in _MEANINGS[" ".join(words.text(place) for place in range(start, stop))]:
        signs.append(Sign(kind, (value[0], share) if kind == "style" else value, first, end))
    return signs


def _mode(word: str) -> str | None:
    return "major" if word in known.MAJOR_WORDS else "minor" if word in known.MINOR_WORDS else None


def _read_foreign_key(words: Words, at: int) -> list[Sign]:
    """``d-Moll``, ``Es-Dur``, ``ré mineur``, ``si bemol mayor``."""
    tonic, end = known.GERMAN_TONICS.get(words.text(at)), at + 1
    if tonic is None or words.then(end) not in ("dur", "moll"):
        tonic = known.SOLFEGE_TONICS.get(words.text(at))
        shift = (words.then(end) in known.SHARP_WORDS) - (words.then(end) in known.FLAT_WORDS)
        tonic, end = (None if tonic is None else (tonic + shift) % 12), end + abs(shift)
    mode = _mode(words.then(end))
    return [Sign("key", (tonic, mode), at, end + 1)] if tonic is not None and mode else []


def _read_key(words: Words, at: int) -> list[Sign]:
    """``D minor``, ``F# major``, ``B♭m``, ``in E-flat``; the value is a tonic and a mode, None where unsaid."""
    foreign, match = _read_foreign_key(words, at), _LETTER.fullmatch(words.raw(at))
    if foreign or not match:
        return foreign
    mark, glued = match[2], match[3]
    shift, end = (mark in ("#", "♯")) - (mark in ("♭", "b") and mark != ""), at + 1
    if not mark and not glued and words.then(end) in known.SHARP_WORDS | known.FLAT_WORDS:
        shift, end = (1 if words.then(end) in known.SHARP_WORDS else -1), end + 1
    mode = "minor" if glued == "m" else _mode(glued or words.then(end))
    end += bool(mode and not glued)
    if words.then(end) == "clef" or not _is_key(words, at, end, mode, shift != 0):
        return []
    tonic = (_TONICS[match[1].lower()] + shift) % 12
    return [Sign("key", (tonic, mode), at - (words.text(at - 1) == "in"), end)]


def _is_key(words: Words, at: int, end: int, mode: str | None, is_altered: bool) -> bool:
    """Whether a letter is meant as a key, and not as the article "a", a unit or a word."""
    before = words.text(at - 1) if words.then(at) else ""
    is_named = before == "key" or (before in ("of", "=") and words.text(at - 2) in ("key", "tonality"))
    is_placed = before == "in" or is_named
    follows = words.then(end)
    if mode and end == at + 1:  # Am, F#m, Dmin
        return words.raw(at)[0].isupper() and (is_placed or follows == "" or is_altered or words.text(at) != "am")
    if words.text(at) == "a" and not (mode and is_altered):
        is_capital = words.raw(at) == "A" and not words.is_shouted
        if follows in _KEY_NOUNS:
            return is_capital and is_placed
        if mode:
            return is_capital or is_placed or follows in _AFTER_TONIC
        return is_named or (is_placed and (is_capital or (follows in _AFTER_TONIC and is_altered)))
    stands_alone = is_altered and follows == "" and (at == 0 or words.then(at) == "")
    return mode is not None or is_placed or stands_alone


def _half_more(words: Words, at: int) -> int:
    """The number of words in "and a half" here: three or none."""
    return 3 if [words.then(at + offset) for offset in range(3)] == ["and", "a", "half"] else 0


def _read_duration(words: Words, at: int) -> list[Sign]:
    """``1:30``, ``90 seconds``, ``2m30s``, ``half a minute``, ``two and a half minutes``, ``a minute and a half``."""
    clock = re.fullmatch(r"(\d+):(\d\d)", words.text(at))
    if clock:
        return [Sign("duration", 60.0 * float(clock[1]) + float(clock[2]), at, at + 1)]
    fraction = re.fullmatch(r"(\d+)\s?/\s?(\d+)", words.text(at))
    if fraction and float(fraction[2]):
        amount = Taken(float(fraction[1]) / float(fraction[2]), at + 1)
    elif words.text(at) == "half":
        amount = Taken(0.5, words.skip(at + 1, frozenset(("a", "an", "of"))))
    elif words.text(at) in ("a", "an") and words.then(at + 1) in ("minute", "hour", "couple"):
        amount = Taken(1.0, at + 1) if words.then(at + 1) != "couple" else Taken(2.0, words.skip(at + 2, _FILLERS))
    else:
        amount = read_number(words, at)
    if not amount:
        return []
    more = _half_more(words, amount.end)
    value, unit_at = amount.value + 0.5 * bool(more), amount.end + more
    unit_s = seconds_per(words, unit_at)
    if unit_s is None or _is_decade(words, at, unit_at):
        return []
    end = unit_at + 1
    if half := _half_more(words, end):
        value, end = value + 0.5, end + half
    duration_s = value * unit_s
    rest = read_number(words, end + (words.then(end) == "and")) if unit_s > 1 and words.then(end) else None
    if rest and seconds_per(words, rest.end) == 1:
        duration_s, end = duration_s + rest.value, rest.end + 1
    return [Sign("duration", duration_s, at, end + (words.then(end) in ("long", "lang")))]


def _is_decade(words: Words, at: int, unit_at: int) -> bool:
    """Whether ``80s`` is meant as years: ``1920s``, after "the", or before what sounds that way."""
    if words.text(unit_at) != "s" or not words.is_glued(unit_at) or not re.fullmatch(r"(1\d|20)?\d0", words.text(at)):
        return False
    is_year = len(words.text(at)) == 4 or words.text(at - 1) == "the"
    return is_year or words.then(unit_at + 1) not in _AFTER_SECONDS


def _read_count(words: Words, at: int) -> list[Sign]:
    """``90 bpm``, ``32 bars``, ``two flutes``: a number and what it counts."""
    number = None if words.longest(at, _MEANINGS.get) else read_number(words, at)
    if not number:
        return []
    unit = words.then(number.end)
    if unit == "bpm":
        return [Sign("bpm", number.value, at, number.end + 1)]
    if unit in ("beats", "schlage") and words.then(number.end + 1) in ("per", "a", "pro"):
        return [Sign("bpm", number.value, at, number.end + 3)] if words.then(number.end + 2) == "minute" else []
    start = words.skip(number.end, _FILLERS)
    if words.then(start) in BAR_UNITS:
        return [Sign("bars", number.value, at, start + 1)]
    if words.then(start) in ("instrument", "instruments"):
        within("the number of instruments", number.value, 1, MAX_INSTRUMENTS)
        return [Sign("ignored", None, at, start + 1)]
    named = words.longest(start, _names) if words.then(start) else None
    if not named:
        return []
    is_texture = words.text(at - 1) == "in" or (words.text(start) == "voice" and words.then(named.end))
    if named.value == ("voice",) and number.value > 1 and is_texture:
        return [Sign("ignored", None, at, named.end)]  # "in three voices", "four-voice fugue": not singers
    count = within(f"the count in {words.shown(at, named.end)!r}", number.value, 1, MAX_INSTRUMENTS)
    if count != int(count):
        raise ValueError(f"{words.shown(at, named.end)!r} is not a whole number of instruments")
    return [Sign("instruments", named.value * int(count), at, named.end)]


def _read_labelled(words: Words, at: int) -> list[Sign]:
    """``at 120``, ``tempo: 96``, ``♩=96``, ``bars: 32``: a number after what it measures."""
    beat = words.longest(at, _BEATS.get)
    if beat and words.then(beat.end) == "=" and (number := read_number(words, beat.end + 1)):
        return [Sign("bpm", number.value * beat.value, at, number.end)]
    label = words.text(at)
    if label not in BAR_UNITS and label not in ("at", "tempo", "bpm", "metronome", "mm", "q"):
        return []
    start = words.skip(at + 1, word_set("= of at is about around approximately circa"))
    number = read_number(words, start) if words.then(start) else None
    if not number or (label == "at" and number.value not in range(20, 301)):
        return []
    follows = words.then(number.end)
    if label in BAR_UNITS and follows.isdigit():
        return []  # "bars 9-16" are a place, not a length
    is_measured = follows in BAR_UNITS or seconds_per(words, number.end) or words.longest(number.end, _names)
    if follows and (is_measured or follows in ("bpm", "beats", "%", "percent", "hz", "khz", "db", "am", "pm")):
        return []
    return [Sign("bars" if label in BAR_UNITS else "bpm", number.value, at, number.end)]


def _read_phrase(words: Words, at: int) -> list[Sign]:
    """The longest known phrase: an instrument or ensemble, and whatever else the same words mean."""
    named, meant = words.longest(at, _names), words.longest(at, _MEANINGS.get)
    end = max(named.end if named else 0, meant.end if meant else 0)
    signs = []
    if named and named.end == end:
        size = known.GROUP_SIZES.get(words.then(end), 0) if len(named.value) == 1 else 0
        signs.append(Sign("instruments", named.value * (size or 1), at, end + bool(size)))
    if meant and meant.end == end:
        is_generic = end == at + 1 and words.text(at) == "song" and not words.has_any(_MIXING)
        signs.extend(Sign(kind, value, at, end) for kind, value in meant.value if not is_generic)
    return signs


_READERS: tuple[Callable[[Words, int], list[Sign]], ...] = (
    _read_negation,
    _read_share,
    _read_key,
    _read_duration,
    _read_metre,
    _read_count,
    _read_labelled,
    _read_phrase,
)


def read_signs(words: Words) -> list[Sign]:
    """Everything that the words say, in order; at each place the first reader that recognises something wins.

    Raises:
        ValueError: a count of instruments or a style's share is out of range.
    """
    signs: list[Sign] = []
    at = 0
    while at < len(words):
        found = next((signs_here for reader in _READERS if (signs_here := reader(words, at))), [])
        signs.extend(found)
        at = max((sign.end for sign in found), default=at + 1)
    return signs
