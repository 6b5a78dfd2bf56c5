"""Lengths: bars, seconds, tempi and metres, told from years, clock times, parts of a piece and other numbers."""

from __future__ import annotations

import re

from menura.score.instruments import is_plural, lookup
from menura.text import vocabulary as known
from menura.text.words import (
    BAR_UNITS,
    CONNECTIVES,
    MACHINE,
    TIME_UNITS,
    Sign,
    Taken,
    Words,
    listed,
    read_number,
    read_range,
    seconds_per,
    word_set,
)

_BEATS: dict[str, float] = listed(
    {
        0.5: "♪, eighth, eighth note, eighth notes, quaver, quavers, achtel, croche",
        1.0: "♩, quarter, quarter note, quarter notes, crotchet, crotchets, viertel, noire, negra, semiminima",
        1.5: "♩., dotted quarter, dotted quarter note, dotted crotchet",
        2.0: "half note, half notes, minim, minims, halbe, blanche",
    }
)  # quarter notes in ♩ = 96
_BPM = word_set("bpm bpms")
_TEMPO_LABELS = word_set("at @ tempo bpm metronome mm q")
_ABOUT = word_set("= ≈ of at is about around approximately approx circa ca c roughly a tempo")
_NO_TEMPO_UNITS = word_set(
    "% percent hz khz db am pm o uhr h degrees celsius fahrenheit mph kmh km miles kph knots rpm fps feet meters "
    "metres years months days weeks hours points dollars euros pounds kg watts volts cents people times"
)
# Words beside a length that make it one of a part, or a time that passes otherwise.
_BEFORE_PARTS = word_set("every each per after first last next until before over")
_AFTER_PARTS = word_set(
    "intro outro phrase phrases section sections break breaks fill fills vamp riff riffs verse verses chorus choruses "
    "bridge coda ending breakdown buildup turnaround pattern patterns ostinato fade fades fadeout silence pause gap "
    "delay reverb decay tail echo release attack countdown walk drive run ride ago later away old"
)
_CLOCK_BEFORE = word_set("at from until till by after to the @ um")
_CLOCK_AFTER = word_set("am pm uhr o train bus flight")
_AFTER_SECONDS = frozenset(("", "long", "lang", "of", "for", "in", "clip", "loop", "with", "and"))
_DECADES_BEFORE = word_set("the early mid late in")
_BAR = word_set("bar measure takt mesure compas")
_NOTE_NOUNS = word_set("note notes tone tones step steps speed size triplet triplets swing th delay scale view")
_PRIMES = re.compile(r"(\d{1,2})['’′]\s?(\d{1,2}).*")


def read_duration(words: Words, at: int) -> list[Sign]:
    """``1:30``, ``2'30"``, ``90 seconds``, ``2m30s``, ``two and a half minutes``, ``5 minutes 30``."""
    clock = re.fullmatch(r"(\d+):(\d\d)", words.text(at)) or _PRIMES.fullmatch(words.raw(at))
    if clock:
        is_time = words.before(at) in _CLOCK_BEFORE or words.then(at + 1) in _CLOCK_AFTER
        return [] if is_time else [_duration(words, 60.0 * float(clock[1]) + float(clock[2]), at, at + 1)]
    amount = _amount_of_time(words, at)
    if not amount:
        return []
    more = _half_more(words, amount.end)
    value, unit_at = amount.value + 0.5 * bool(more), amount.end + more
    unit_s = seconds_per(words, unit_at)
    if unit_s is None or _is_decade(words, at, unit_at) or _are_second_players(words, amount.value, unit_at):
        return []
    end = unit_at + 1
    if half := _half_more(words, end):
        value, end = value + 0.5, end + half
    seconds = _seconds_after(words, end, unit_s)
    sign = _duration(words, value * unit_s + seconds.value, at, seconds.end)
    is_part = words.before(at) in _BEFORE_PARTS or _is_of_part(words, sign.end) or _is_open_all_hours(words, unit_at)
    return [Sign("ignored", None, at, sign.end)] if is_part else [sign]


def _is_of_part(words: Words, end: int) -> bool:
    """Whether a length up to `end` is a part's: ``4-bar phrases``, ``8 bar piano intro``, ``5 seconds of silence``."""
    follows = words.then(end)
    is_compound = bool(follows) and follows not in CONNECTIVES - {"of"} and words.then(end + 1) in _AFTER_PARTS
    return follows in _AFTER_PARTS or is_compound


def _is_open_all_hours(words: Words, unit_at: int) -> bool:
    """``24-hour diner``, ``24 hours a day``."""
    unit_s, follows = seconds_per(words, unit_at), words.then(unit_at + 1)
    return unit_s == 3600 and (follows in ("a", "per") or (words.is_hyphenated(unit_at) and follows != ""))


def _duration(words: Words, duration_s: float, at: int, end: int) -> Sign:
    return Sign("duration", duration_s, at, end + (words.then(end) in ("long", "lang")))


def _amount_of_time(words: Words, at: int) -> Taken[float] | None:
    number = read_range(words, at)
    fraction_at = number.end if number and words.then(number.end) else at  # 2 1/2, 1/2
    fraction = re.fullmatch(r"(\d+)\s?/\s?(\d+)", words.text(fraction_at))
    if fraction and float(fraction[2]):
        whole = number.value if number and fraction_at != at else 0.0
        return Taken(whole + float(fraction[1]) / float(fraction[2]), fraction_at + 1)
    if share := words.longest(at, known.SHARES.get):  # half a minute, three quarters of an hour
        return Taken(share.value, words.skip(share.end, word_set("a an of")))
    is_rate = words.before(at) not in CONNECTIVES | known.STOP_WORDS | {""}  # miles an hour
    if words.text(at) in ("a", "an") and words.then(at + 1) in ("minute", "hour", "couple") and not is_rate:
        is_couple = words.then(at + 1) == "couple"
        return Taken(2.0, words.skip(at + 2, word_set("of"))) if is_couple else Taken(1.0, at + 1)
    return number


def _half_more(words: Words, at: int) -> int:
    """The number of words in "and a half" here: three or none."""
    return 3 if [words.then(at + offset) for offset in range(3)] == ["and", "a", "half"] else 0


def _seconds_after(words: Words, end: int, unit_s: float) -> Taken[float]:
    """The seconds after minutes: ``and 5 seconds``, ``30 sec``, or a number alone, as in ``5 minutes 30``."""
    rest = read_number(words, end + (words.then(end) == "and")) if unit_s > 1 and words.then(end) else None
    if not rest:
        return Taken(0.0, end)
    if seconds_per(words, rest.end) == 1:
        return Taken(rest.value, rest.end + 1)
    follows = words.then(rest.end)
    is_bare = unit_s == 60 and words.then(end) != "and" and (follows in ("", "long", "lang") or follows in CONNECTIVES)
    return Taken(rest.value, rest.end) if is_bare and rest.value in range(1, 60) else Taken(0.0, end)


def _is_decade(words: Words, at: int, unit_at: int) -> bool:
    """Whether ``80s`` is meant as years: ``1920s``, ``'80s``, after "the", or before what sounds so; or ``808s``."""
    digits = words.text(at)
    if words.text(unit_at) != "s":
        return False
    if not words.is_glued(unit_at):  # 90's
        return any(mark in words.gap(unit_at) for mark in "'’")
    if MACHINE.fullmatch(digits):
        return True
    if not re.fullmatch(r"(1\d|20)?\d0", digits):
        return False
    is_year = len(digits) == 4 or words.before(at) in _DECADES_BEFORE or words.gap(at).endswith(("'", "’"))
    return is_year or words.then(unit_at + 1) not in _AFTER_SECONDS


def _are_second_players(words: Words, value: float, unit_at: int) -> bool:
    """``two second violins``."""
    named = words.longest(unit_at + 1, lookup) if words.then(unit_at + 1) else None
    is_plural_name = named is not None and is_plural(words.phrase(unit_at + 1, named.end))
    return words.text(unit_at) == "second" and value != 1 and value < 5 and is_plural_name


def read_bars(words: Words, at: int) -> list[Sign]:
    """``32 bars``, ``twelve-bar``, ``8 to 16 bars``; ``4-bar phrases`` and ``every 8 bars`` are not the piece's."""
    number = read_range(words, at)
    if not number:
        return []
    unit_at = words.skip(number.end, word_set("more full whole"))
    if words.then(unit_at) not in BAR_UNITS:
        return []
    if words.before(at) in _BEFORE_PARTS or _is_of_part(words, unit_at + 1):
        return [Sign("ignored", None, at, unit_at + 1)]
    is_range = read_number(words, at) != number
    return [Sign("bars", float(round(number.value)) if is_range else number.value, at, unit_at + 1)]


def _read_pace(words: Words, at: int) -> Taken[float] | None:
    """A number as typed, or the middle of a range, whole."""
    number, typed = read_range(words, at), read_number(words, at)
    return number if number is None or number == typed else Taken(float(round(number.value)), number.end)


def read_bpm(words: Words, at: int) -> list[Sign]:
    """``90 bpm``, ``80 to 90 bpm``, ``120 beats per minute``, ``120/min``."""
    number = _read_pace(words, at)
    if not number:
        return []
    unit_at = words.skip(number.end, word_set("ish +"))
    if words.then(unit_at) in _BPM:
        return [Sign("bpm", number.value, at, unit_at + 1)]
    beat = words.longest(unit_at, _BEATS.get) if words.then(unit_at) else None
    value, end = (number.value * beat.value, beat.end) if beat else (number.value, unit_at)
    if not beat and words.then(unit_at) in ("beats", "schlage", "battements", "pulsaciones", "battiti"):
        end = unit_at + 1
    if end == number.end and words.gap(end).strip() != "/":
        return []
    per_minute = words.gap(end).strip() == "/" or words.then(end) in ("per", "a", "pro", "par", "por", "al")
    minute_at = end + (words.gap(end).strip() != "/")
    is_minute = words.text(minute_at) in ("minute", "min", "minuto", "minuut")
    return [Sign("bpm", value, at, minute_at + 1)] if per_minute and is_minute else []


def read_labelled(words: Words, at: int) -> list[Sign]:
    """``at 120``, ``tempo: 96``, ``♩ = 96``, ``bars: 32``: a number after what it measures."""
    beat = words.longest(at, _BEATS.get)
    if beat and words.then(beat.end) in ("=", "≈", "equals"):
        number = _read_pace(words, words.skip(beat.end + 1, _ABOUT))
        return [Sign("bpm", number.value * beat.value, at, number.end)] if number else []
    label = words.text(at)
    if label not in BAR_UNITS and label not in _TEMPO_LABELS:
        return []
    start = words.skip(at + 1, _ABOUT)
    number = _read_pace(words, start) if words.then(start) else None
    if not number or (label in ("at", "@") and not 20 <= number.value <= 300):
        return []
    follows = words.then(number.end)
    if label in BAR_UNITS:
        # "bar 5" and "bars 9-16" are places, not lengths
        is_singular = label in _BAR and ":" not in words.gap(at + 1) and words.text(at + 1) != "="
        is_place = (
            is_singular or words.is_hyphenated(start + 1) or follows.isdigit() or read_number(words, start) != number
        )
        return [] if is_place else [Sign("bars", number.value, at, number.end)]
    is_measured = follows in BAR_UNITS or seconds_per(words, number.end) or words.longest(number.end, lookup)
    if follows and (is_measured or follows in _NO_TEMPO_UNITS or follows in ("bpm", "bpms", "beats")):
        return []
    return [Sign("bpm", number.value, at, number.end)]


def read_metre(words: Words, at: int) -> list[Sign]:
    """``3/4``, ``in three``, ``six eight time``."""
    fraction = re.fullmatch(r"(\d+)\s?/\s?(\d+)", words.text(at))
    if fraction and words.then(at + 1) not in TIME_UNITS:
        beats, unit = float(fraction[1]), float(fraction[2])
        # 24/7 and 50/50 are not even meant as one; 17/4 and 3/5 are refused later
        is_meant = unit in (1, 2, 4, 8, 16, 32) or (beats <= 16 and unit < 10)
        return [Sign("metre", (beats, unit), at, at + 1)] if is_meant and not _is_note(words, beats, at) else []
    counted = words.text(at) == "in"
    beats = read_number(words, at + counted) if not counted or words.then(at + 1) else None
    if not beats:
        return []
    if words.then(beats.end) == "beats":  # 3 beats per bar, four beats to the bar
        bar_at = words.skip(beats.end + 1, word_set("per to in a the each every"))
        is_counted = bar_at > beats.end + 1 and words.then(bar_at) in _BAR
        return [Sign("metre", (beats.value, 4.0), at, bar_at + 1)] if is_counted else []
    unit = read_number(words, beats.end) if words.then(beats.end) else None
    is_named = words.then(unit.end) in ("time", "metre", "meter", "takt") if unit else False
    is_counted_off = bool(unit and words.then(unit.end) and read_number(words, unit.end))  # in 1 2 3 4
    if unit and unit.value in (2, 4, 8, 16) and (is_named or (counted and not is_counted_off)):
        return [Sign("metre", (beats.value, unit.value), at + counted, unit.end)]
    follows = words.then(beats.end)
    goes_on = follows == "" or follows in CONNECTIVES or follows in ("time", "beat")
    if counted and beats.value in range(2, 17) and goes_on and not words.is_glued(beats.end):
        metre = known.COUNTED_METRES.get(int(beats.value), (int(beats.value), 8))
        return [Sign("metre", metre, at, beats.end)]
    return []


def _is_note(words: Words, beats: float, at: int) -> bool:
    """Whether a fraction is a note's length, a speed or a size: ``1/16 notes``, ``3/4 size``."""
    follows = words.then(at + 1)
    return follows in _NOTE_NOUNS or (beats == 1 and follows != "" and follows not in CONNECTIVES | {"time"})
