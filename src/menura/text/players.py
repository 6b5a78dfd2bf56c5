"""Players: instruments and ensembles, how many of each, and which numbers and names beside them mean something else."""

from __future__ import annotations

import re

from menura.score.instruments import Instrument, is_plural, lookup
from menura.text import vocabulary as known
from menura.text.keys import transposed_end
from menura.text.words import MACHINE, Sign, Taken, Words, read_number, within, word_set

MAX_INSTRUMENTS = 16
FILLERS = word_set("of x × solo full whole more a an the")
_ADJECTIVES = word_set("female male human lead principal muted big small old real")

# Sizes of instruments that are also instruments: alone they play, before one that comes in sizes they tell which.
_SIZES = word_set("soprano sopranino alto tenor baritone bass contrabass mezzo piccolo")
_VOICES = word_set("soprano mezzo alto tenor baritone")
_FAMILIES_IN_SIZES = ("brass", "reed", "pipe")
_NAMES_IN_SIZES = word_set("voice choir banjo harmonica marimba drums")
_GUITARS = ("nylon guitar", "steel guitar", "electric guitar", "viola", "violin")  # "bass guitar" is a name of its own
_ANY_PITCH = frozenset(range(12))
_BUILT_IN = {
    **dict.fromkeys(("soprano sax", "alto sax", "tenor sax", "baritone sax"), frozenset((0, 3, 10))),
    **{"english horn": frozenset((5,)), "oboe": frozenset(), "bassoon": frozenset()},
    **dict.fromkeys(("harmonica", "whistle", "bagpipe", "ocarina", "timpani"), _ANY_PITCH),
}
"""Pitch classes in which an instrument may be built: of others, any for brass and reeds, none for the rest."""

_LABELS = word_set(
    "op opus no nr num number n k kv bwv rv hob hwv twv woo d wq sz vol volume chapter scene act level stage world "
    "boss grade page room floor book lesson week day year age version episode season take # № route area bus line"
)
"""What the number after it numbers."""
_BEFORE_COUNTS = word_set(
    "for with and & + plus of by on featuring using feat ft und mit fur et avec pour con y e per para von de a an the "
    "my our only just exactly about want need use add has have include including or then vs versus from are is = et"
)
_JOINED = word_set("and & + und et y e")
_SECTIONS = word_set("strings brass brasses winds woodwind woodwinds streicher cordes archi cuerdas holzblaser ottoni")
_PARTS_OF_SONGS = word_set("verse verses bridge intro outro refrain reverb")
_COUNTED_AFTER_NAME = word_set("parts players soloists voices lines sections tracks blues")
_STRUNG_FAMILIES, _LEAST_STRINGS = ("guitar", "bass", "strings", "ethnic"), 4
_VOICES_OF_TEXTURES = (2, 3, 4)
_MODEL_NUMBER = 100
"""From here on a number in digits is a machine's or a work's, not a count."""


def names_of(phrase: str) -> tuple[str, ...]:
    """Canonical names of the players that a phrase stands for, or none."""
    return tuple(player.name for player in lookup(phrase))


def read_named(words: Words, at: int) -> Taken[tuple[Instrument, ...]] | None:
    """The longest instrument or ensemble here; ``alto flute`` is one."""
    named = words.longest(at, lookup)
    if words.text(at) in _SIZES and (named is None or named.end == at + 1) and words.then(at + 1):
        head = words.longest(at + 1, lookup)
        if head and _comes_in_sizes(words, at, head):
            return head
    return named


def _comes_in_sizes(words: Words, at: int, head: Taken[tuple[Instrument, ...]]) -> bool:
    if len(head.value) != 1 or words.text(at + 1) in _SIZES:
        return False
    player = head.value[0]
    if player.is_drum:  # a bass drum, but bass, drums
        return words.phrase(at + 1, head.end) == "drum"
    is_guitar = player.name in _GUITARS and words.text(at) != "bass"
    return is_guitar or player.family in _FAMILIES_IN_SIZES or player.name in _NAMES_IN_SIZES


def read_counted(words: Words, at: int) -> list[Sign]:
    """``two flutes``, ``2 x flute``: a number and the players that it counts, where it counts them."""
    number = None if words.longest(at, lookup) else read_number(words, at)
    if not number:
        return _read_ordinals(words, at)
    start = words.skip(number.end, FILLERS)
    if words.then(start) in ("instrument", "instruments"):
        within("the number of instruments", number.value, 1, MAX_INSTRUMENTS)
        return [Sign("ignored", None, at, start + 1)]
    if strung := _strung(words, number):
        return [Sign("ignored", None, at, number.end + 1), *read_players(words, strung)]
    named = read_named(words, start) if words.then(start) else None
    if not named:
        start = _after_attribute(words, start)
        named = read_named(words, start) if words.then(start) else None
    if not named:
        return []
    names = tuple(player.name for player in named.value)
    is_texture = words.text(at - 1) == "in" or (words.text(start) == "voice" and words.then(named.end))
    if names == ("voice",) and number.value > 1 and is_texture:
        kind, value = ("voices", int(number.value)) if number.value in _VOICES_OF_TEXTURES else ("ignored", None)
        return [Sign(kind, value, at, named.end)]  # "in three voices", "four-voice fugue": not singers
    if not _is_count(words, at, number, start, named.end):
        return [Sign("ignored", None, at, number.end)]
    count = within(f"the count in {words.shown(at, named.end)!r}", number.value, 1, MAX_INSTRUMENTS)
    if count != int(count):
        raise ValueError(f"{words.shown(at, named.end)!r} is not a whole number of instruments")
    if words.phrase(start, named.end) in _SECTIONS and count > 1:  # 8 winds: two of each
        players = [name for place, name in enumerate(names) for _ in range(place, int(count), len(names))]
        return [Sign("instruments", tuple(players), at, named.end)]
    return [Sign("instruments", names * int(count), at, _whole_end(words, start, named))]


def read_players(words: Words, at: int) -> list[Sign]:
    """``flute``, ``string quartet``, ``flute duet``, ``quartet of horns``, ``flute x2``, ``horn in F``."""
    size = known.GROUP_SIZES.get(words.text(at), 0)
    named = read_named(words, words.skip(at + 2, FILLERS)) if size > 1 and words.then(at + 1) == "of" else None
    if named and len(named.value) == 1:
        return [Sign("instruments", (named.value[0].name,) * size, at, named.end)]
    named = read_named(words, at)
    is_refrain = words.text(at) == "chorus" and words.has_any(_PARTS_OF_SONGS)
    if not named or words.then(named.end) == "clef" or is_refrain:
        return []
    names, end = tuple(player.name for player in named.value), _whole_end(words, at, named)
    if words.text(at) == "bass" and words.text(at - 1 - (words.text(at - 1) in ("and", "&"))) in _VOICES:
        return [Sign("instruments", ("voice",), at, end)]
    if len(names) > 1 or end > named.end:
        return [Sign("instruments", names, at, end)]
    size = known.GROUP_SIZES.get(words.then(end), 0)
    times = read_number(words, end + 1) if words.then(end) in ("x", "×") else None
    if times and times.value in range(1, MAX_INSTRUMENTS + 1):
        return [Sign("instruments", names * int(times.value), at, times.end)]
    first, joined, second = (words.then(end + offset) for offset in range(3))
    is_pair = (first, second) == ("i", "ii") or ((first, second) == ("1", "2") and is_plural(words.phrase(at, end)))
    if is_pair and joined in ("and", "&"):
        return [Sign("instruments", names * 2, at, end + 3)]
    is_listed = words.before(at) in _JOINED  # a flute and harp duet has one harp
    return [Sign("instruments", names * (1 if is_listed else size or 1), at, end + bool(size))]


def _whole_end(words: Words, start: int, named: Taken[tuple[Instrument, ...]]) -> int:
    """The place after a name and, of a transposing instrument, after the pitch it is built in."""
    player = named.value[0]
    is_alto_flute = player.family == "pipe" and words.text(start) in _SIZES and named.end > start + 1
    usual = _ANY_PITCH if player.family in ("brass", "reed") or is_alto_flute else frozenset()
    built_in = _BUILT_IN.get(player.name, usual)
    return transposed_end(words, named.end, built_in) if len(named.value) == 1 else named.end


def _read_ordinals(words: Words, at: int) -> list[Sign]:
    """``1st and 2nd violins``."""
    if words.text(at) not in ("1st", "first") or words.then(at + 1) not in ("and", "&"):
        return []
    named = words.longest(at + 3, lookup) if words.then(at + 2) in ("2nd", "second") and words.then(at + 3) else None
    if not named or len(named.value) != 1:
        return []
    return [Sign("instruments", (named.value[0].name,) * 2, at, named.end)]


def _strung(words: Words, number: Taken[float]) -> int:
    """The place of the instrument in ``4-string bass``, where the number counts strings; else 0."""
    head_at = number.end + 1
    head = words.longest(head_at, lookup) if words.then(number.end) == "string" and words.then(head_at) else None
    if not head or len(head.value) != 1 or head.value[0].family not in _STRUNG_FAMILIES:
        return 0
    is_single = number.value >= _LEAST_STRINGS and not is_plural(words.phrase(head_at, head.end))
    return head_at if is_single or words.is_hyphenated(number.end) else 0


def _after_attribute(words: Words, start: int) -> int:
    """The place after ``5-string`` in ``two 5-string basses``, or after an adjective."""
    number = read_number(words, start) if words.then(start) else None
    if number and words.then(number.end) == "string":
        return number.end + 1
    return words.skip(start, _ADJECTIVES)


def _is_count(words: Words, at: int, number: Taken[float], start: int, end: int) -> bool:
    """Whether a number before an instrument counts players, and is not part of another name."""
    before, has_digits = words.before(at), words.text(at)[:1].isdigit()
    if before in _LABELS or _is_numbered(words, at) or MACHINE.fullmatch(words.text(at)):
        return False
    if is_plural(words.phrase(start, end)):
        return True
    follows = words.then(end)
    is_plural_noun = re.fullmatch(r"\w{3,}[^suia]s", follows) and follows not in _COUNTED_AFTER_NAME
    if number.value > 1 and is_plural_noun and not lookup(follows):  # two piano pieces
        return False
    if has_digits and number.value >= _MODEL_NUMBER:
        return False
    starts = before == "" or before in _BEFORE_COUNTS or ":" in words.gap(at) or words.is_hyphenated(number.end)
    return starts or not has_digits


def _is_numbered(words: Words, at: int) -> bool:
    """Whether the number follows a label and its point: ``No. 5``, ``Op. 10``; or belongs to ``TR-808``, ``B52``."""
    has_point = words.gap(at).strip() == "." and words.text(at - 1) in _LABELS
    is_model = words.is_hyphenated(at) and not read_number(words, at - 1)
    return at > 0 and (has_point or is_model or words.is_glued(at))
