"""Form: which bars of a piece return.

A small model remembers some tens of bars; what makes a piece a piece is that its sections come back. A form is a row
of letters; a letter that was heard before begins as it did, bar for bar, and its second half is composed anew, so that
it leads where it now has to lead. Eight bars repeat what they begin with, too: their second half begins as the first (a
period), or the idea is heard twice at once (a sentence), or they go on without (Schoenberg, "Fundamentals of Musical
Composition", 1967; Caplin, "Classical Form", 1998).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FORMS = {"AABA": "AABA", "ABA": "ABA", "AB": "AB", "ABAC": "ABAC", "rondo": "ABACA", "strophic": "AAA", "through": "A"}
"""Name -> letters."""
_MIN_SECTION_BARS = 8
_PHRASE = 8
_KINDS: tuple[dict[int, int], ...] = ({}, {4: 0, 5: 1}, {2: 0}, {1: 0, 5: 4})
"""Kinds of eight bars: bar -> the earlier one that it repeats."""
_SHARES = (0.35, 0.3, 0.25, 0.1)
"""How often each is drawn."""


@dataclass(frozen=True, slots=True)
class Section:
    """Bars `start` to ``start + bars - 1``; `repeats` is the first bar of the section it repeats, or None."""

    name: str
    start: int
    bars: int
    repeats: int | None = None


def sections(form: str | None, bars: int) -> tuple[Section, ...]:
    """A piece's sections.

    Args:
        form: one of `FORMS`, or None: the form whose sections come out as fours of bars, of about eight.
        bars: of the whole piece.

    Raises:
        ValueError: the piece is too short for the form.
    """
    letters = FORMS[form] if form else _usual_letters(bars)
    length, rest = divmod(bars, len(letters))
    if form and len(letters) > 1 and length < 2:
        raise ValueError(f"form: {form} needs at least {2 * len(letters)} bars, not {bars}")
    found: list[Section] = []
    for index, letter in enumerate(letters):
        first = next((section.start for section in found if section.name == letter), None)
        own = length + (rest if index == len(letters) - 1 else 0)
        found.append(Section(letter, index * length, own, first))
    return tuple(found)


def choruses(length: int, bars: int) -> tuple[Section, ...]:
    """A piece that goes through one chorus over and over, as a blues does through its twelve bars; the last may be
    shorter.

    Args:
        length: of a chorus, in bars.
        bars: of the whole piece.
    """
    starts = range(0, bars, length)
    return tuple(Section("A", start, min(length, bars - start), 0 if start else None) for start in starts)


def repeats(form: tuple[Section, ...], seed: int = 0) -> list[int | None]:
    """For each bar the earlier bar that it repeats, or None where music is to be composed.

    Args:
        form: the sections.
        seed: of what eight bars repeat within themselves.
    """
    plan: list[int | None] = []
    for section in form:
        fresh = (section.bars + 1) // 2
        if section is form[-1]:
            fresh = max(fresh, min(2, section.bars - 1))
        usual = form[0].bars
        for bar in range(section.bars):
            source = None
            if section.repeats is not None and bar < min(section.bars - fresh, usual):
                source = section.repeats + bar
            elif section.repeats is None and (first := _repeated(section, bar, seed)) is not None:
                source = section.start + first
            plan.append(source if source is None or plan[source] is None else plan[source])
    return plan


def _repeated(section: Section, bar: int, seed: int) -> int | None:
    """The earlier bar of a section that one repeats within its eight, if any."""
    first = bar - bar % _PHRASE
    if first + _PHRASE > section.bars:
        return None
    rng = np.random.default_rng((seed, *section.name.encode(), first))
    of = _KINDS[int(rng.choice(len(_KINDS), p=_SHARES))].get(bar - first)
    return None if of is None else first + of


def _usual_letters(bars: int) -> str:
    candidates = [letters for letters in ("AABA", "ABA", "ABACA", "AABACA") if bars % (4 * len(letters)) == 0]
    fitting = [letters for letters in candidates if bars // len(letters) >= _MIN_SECTION_BARS]
    if fitting:
        return min(fitting, key=lambda letters: abs(bars // len(letters) - 8))
    return "AABA" if bars >= 24 else "A"
