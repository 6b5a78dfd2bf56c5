"""Words of verse by theme (words.txt), as the phrases that its grammar has names for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from menura.text.words import word_set

_FILE = Path(__file__).parent / "words.txt"
_WITHOUT_ARTICLE = word_set("love hope darkness winter summer autumn thunder our my your")
_MASS = "~"
_OF_PEOPLE = word_set("you your me my")


@dataclass(frozen=True)
class Theme:
    """Attributes: name; keys: words of a prompt that ask for it; phrases: by the name that the grammar has for them."""

    name: str
    keys: Set[str]
    phrases: Mapping[str, Sequence[str]]


@cache
def themes() -> Mapping[str, Theme]:
    """All themes by name; "all" goes with any of them, "bright" and "dark" with a mood."""
    blocks = re.split(r"(?m)^= ", _FILE.read_text(encoding="utf-8"))[1:]
    return {theme.name: theme for theme in map(_theme, blocks)}


def about(noun: str) -> Theme:
    """A noun that no theme has, as one."""
    return Theme(noun, frozenset((noun,)), {"THING": [f"the {noun}"]})


def of_person(name: str) -> Theme:
    """Somebody who is sung of by name."""
    return Theme(name, frozenset((name,)), {"NAMED": [name]})


def _theme(block: str) -> Theme:
    head, *lines = block.strip().splitlines()
    name, _, keys = (part.strip() for part in head.partition(":"))
    rows = dict(line.split(": ", 1) for line in lines)
    many, one = _clauses(rows.get("many", "")), _clauses(rows.get("one", ""))
    acts, asked = _listed(rows.get("act", "")), _listed(rows.get("you", ""))
    hows = _listed(rows.get("how", ""))
    phrases = {
        "MANY": [f"{_with_article(subject)} {verb}" for subject, verb in many],
        "HOWMANY": [f"the {how} {subject} {verb}" for subject, verb in many if " " not in subject for how in hows],
        "ONE": [f"{_with_article(subject)} {verb}" for subject, verb in one],
        **_of_things(_listed(rows.get("thing", ""))),
        "PLACE": _listed(rows.get("place", "")),
        "ACT": acts,
        "ACTWE": [act for act in acts if not _OF_PEOPLE.intersection(act.split())],
        "ACTYOU": asked,
        "CALL": asked + [act for act in acts if not _OF_PEOPLE.intersection(act.split())],
        "HOW": hows,
        "TIME": _listed(rows.get("time", "")),
        "FEEL": _listed(rows.get("feel", "")),
        "STATE": _listed(rows.get("state", "")),
        "SAME": _listed(rows.get("same", "")),
        "CALLME": _listed(rows.get("callme", "")),
    }
    return Theme(name, frozenset(keys.split()), {symbol: found for symbol, found in phrases.items() if found})


def _of_things(things: Sequence[str]) -> dict[str, list[str]]:
    countable = [thing for thing in things if not thing.endswith(_MASS) and " " not in thing]
    return {"THING": [_with_article(thing.rstrip(_MASS)) for thing in things], "ONETHING": countable}


def _with_article(noun: str) -> str:
    return noun if noun.split()[0] in _WITHOUT_ARTICLE else f"the {noun}"


def _clauses(row: str) -> list[tuple[str, str]]:
    pairs = (one.split(": ") for one in row.split("; ") if one)
    return [(subject.strip(), verb) for subject, verbs in pairs for verb in _listed(verbs)]


def _listed(row: str) -> list[str]:
    return [one.strip() for one in row.split(",") if one.strip()]
