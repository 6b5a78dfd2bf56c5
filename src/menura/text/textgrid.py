"""Praat's TextGrid: tiers of labelled intervals (Boersma & Weenink), in the long text format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Interval(NamedTuple):
    """A label and when it holds, seconds."""

    start_s: float
    end_s: float
    label: str


def to_textgrid(tiers: Mapping[str, Sequence[Interval]], end_s: float) -> str:
    """Tiers of intervals as a TextGrid; what is between intervals is empty there.

    Args:
        tiers: name -> intervals in order, none of which overlaps the one before.
        end_s: where the sound ends.
    """
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0 ",
        f"xmax = {_seconds(end_s)} ",
        "tiers? <exists> ",
        f"size = {len(tiers)} ",
        "item []: ",
    ]
    for number, (name, intervals) in enumerate(tiers.items(), start=1):
        whole = _whole(intervals, end_s)
        lines += [
            f"    item [{number}]:",
            '        class = "IntervalTier" ',
            f"        name = {_quoted(name)} ",
            "        xmin = 0 ",
            f"        xmax = {_seconds(end_s)} ",
            f"        intervals: size = {len(whole)} ",
        ]
        for place, one in enumerate(whole, start=1):
            lines += [
                f"        intervals [{place}]:",
                f"            xmin = {_seconds(one.start_s)} ",
                f"            xmax = {_seconds(one.end_s)} ",
                f"            text = {_quoted(one.label)} ",
            ]
    return "\n".join(lines) + "\n"


def _whole(intervals: Sequence[Interval], end_s: float) -> list[Interval]:
    """Without gaps from beginning to end."""
    found: list[Interval] = []
    at_s = 0.0
    for one in intervals:
        if one.start_s > at_s:
            found.append(Interval(at_s, one.start_s, ""))
        found.append(one)
        at_s = one.end_s
    if at_s < end_s or not found:
        found.append(Interval(at_s, end_s, ""))
    return found


def _seconds(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
