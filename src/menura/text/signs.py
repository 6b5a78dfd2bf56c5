"""Signs: what single phrases of a prompt say, read by tables in one pass from left to right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from menura.text import vocabulary as known
from menura.text.keys import is_mode, read_key
from menura.text.lengths import read_bars, read_bpm, read_duration, read_labelled, read_metre
from menura.text.players import FILLERS, names_of, read_counted, read_players
from menura.text.words import BAR_UNITS, Sign, Taken, Words, read_number, within, word_set


def _styles_of_grooves() -> Iterator[tuple[str, str]]:
    """``doom metal`` is said of music in the style that ``metal`` means."""
    for phrase in known.GROOVE_WORDS:
        styles = [known.STYLE_WORDS[word] for word in phrase.split() if word in known.STYLE_WORDS]
        yield from ((phrase, style) for style in styles[-1:])


def _meanings() -> dict[str, tuple[tuple[str, Any], ...]]:
    tables: dict[str, dict[str, Any]] = {
        "tempo": known.TEMPO_WORDS,
        "dance": known.DANCES,
        "metre": known.METRE_WORDS,
        "mood": known.MOOD_WORDS,
        "density": known.DENSITY_WORDS,
        "form": known.FORM_WORDS,
        "mode": {word: "major" if word in known.MAJOR_WORDS else "minor" for word in known.BARE_MODES},
        "groove": known.GROOVE_WORDS,
        "style": {word: (style, None) for word, style in (*_styles_of_grooves(), *known.STYLE_WORDS.items())},
    }
    meanings: dict[str, tuple[tuple[str, Any], ...]] = {}
    for kind, table in tables.items():
        for phrase, value in table.items():
            meanings[phrase] = (*meanings.get(phrase, ()), (kind, value))
    return meanings


_MEANINGS = _meanings()
_MIXING = word_set("style styles mix mixture blend cross between manner")
_LABELS = BAR_UNITS | word_set("tempo bpm time metre meter")
_BEGINNINGS = frozenset("0123456789♩♪")


def _style_of(phrase: str) -> str | None:
    return known.STYLE_WORDS.get(phrase)


def _is_known(words: Words, at: int) -> bool:
    """Whether something that is understood begins here."""
    meant = words.longest(at, _MEANINGS.get) or words.longest(at, names_of) or read_number(words, at)
    return bool(meant) or words.text(at) in _LABELS or words.text(at)[:1] in _BEGINNINGS


def _read_negation(words: Words, at: int) -> list[Sign]:
    """``without drums``, ``no piano or harp``, ``not sad``: what is named is left out."""
    if words.text(at) not in known.NEGATORS or words.longest(at, _MEANINGS.get):
        return []
    start = words.skip(at + 1, word_set("any a an the too very so use of"))
    if words.then(start) in ("instrument", "instruments"):
        raise ValueError(f"a piece needs at least one instrument, but the prompt says {words.shown(at, start + 1)!r}")
    named = words.longest(start, names_of) if words.then(start) else None
    if not named:
        other = words.longest(start, _MEANINGS.get) if words.then(start) else None
        return [Sign("ignored", None, at, other.end)] if other else []
    names, end = named.value, named.end
    while words.then(end) in ("or", "nor", "and", "&") and (named := words.longest(end + 1, names_of)):
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
        start = words.skip(share.end, FILLERS)
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
    for kind, value in _MEANINGS[words.phrase(start, stop)]:
        signs.append(Sign(kind, (value[0], share) if kind == "style" else value, first, end))
    return signs


def _read_key(words: Words, at: int) -> list[Sign]:
    return read_key(words, at, _is_known)


def _read_count(words: Words, at: int) -> list[Sign]:
    """``90 bpm``, ``32 bars``, ``two flutes``: a number and what it counts."""
    if words.longest(at, _MEANINGS.get):
        return []
    return read_bpm(words, at) or read_bars(words, at) or read_counted(words, at)


def _read_phrase(words: Words, at: int) -> list[Sign]:
    """The longest known phrase: an instrument or ensemble, and whatever else the same words mean."""
    players, meant = read_players(words, at), words.longest(at, _MEANINGS.get)
    named = words.longest(at, names_of)
    end = max(named.end if named else 0, meant.end if meant else 0)
    is_longest = bool(players) and max(sign.end for sign in players) >= end
    signs = list(players) if is_longest else []
    if meant and (meant.end == end or not named):
        is_generic = end == at + 1 and words.text(at) == "song" and not words.has_any(_MIXING)
        for kind, value in meant.value:
            if not is_generic and (kind != "mode" or is_mode(words, at, meant.end, _is_known)):
                signs.append(Sign(kind, value, at, meant.end))
    return signs


_READERS: tuple[Callable[[Words, int], list[Sign]], ...] = (
    _read_negation,
    _read_share,
    _read_key,
    read_duration,
    read_metre,
    _read_count,
    read_labelled,
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
