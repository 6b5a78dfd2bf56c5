"""Consent: whose voice it is, and that they agree. Without it no voice is cloned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

MOST_CHARACTERS = 1000
_NAME = r"[^\W\d_](?:\.|[\w'’-]*)"
_BEGINS = r"i am|i'm|my name is|i,|ich bin|ich,|ich heiße|mein name ist|ik ben|ik,|ik heet|mijn naam is"
_FOLLOWS = r"$|[,;:.]|\s(?:and|agree|consent|allow|permit|und|stimme|erlaube|en|ga|sta)\b"
_I_AM = re.compile(rf"\b(?:{_BEGINS})\s+(?P<name>{_NAME}(?:\s+{_NAME}){{0,4}}?)(?=\s*(?:{_FOLLOWS}))", re.IGNORECASE)
_AGREES = re.compile(
    r"\b(?:agree|consent|allow|permit|permission|stimme|einverstanden|erlaube|akkoord|toestemming|sta toe)\b",
    re.IGNORECASE,
)
_REFUSES = re.compile(r"\b(?:not|never|n't|nicht|kein\w*|nie|niet|geen|nooit)\b|n['’]t\b", re.IGNORECASE)
_AS = 'say who speaks and that they agree, as "I am Anna Weber and I agree that my voice is cloned"'


@dataclass(frozen=True)
class Consent:
    """What a voice's owner said.

    Attributes:
        speaker: whose voice it is.
        statement: in their words.
        date: when it was given, ``YYYY-MM-DD``.
    """

    speaker: str
    statement: str
    date: str


def given(statement: str) -> Consent:
    """The consent that a statement gives, today.

    Args:
        statement: who they are and that they agree, in English, German or Dutch.

    Raises:
        ValueError: it does not say who speaks, or not that they agree; one line with what to write.
    """
    said = " ".join(statement.split())
    if not said:
        raise ValueError(f"there is none; {_AS}")
    who = _I_AM.search(said)
    if who is None:
        raise ValueError(f"it does not say whose voice it is; {_AS}")
    if not _AGREES.search(said) or _REFUSES.search(said):
        raise ValueError(f"it does not say that they agree; {_AS}")
    return Consent(who["name"], said, datetime.now(UTC).date().isoformat())
