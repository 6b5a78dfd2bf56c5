"""What SSML's say-as asks for, as words; what does not look like it is read as usual."""

from __future__ import annotations

import re

from menura.text.speech.normalise import Language, normalise
from menura.text.speech.numerals import LARGEST, cardinal, ordinal
from menura.text.speech.tokens import Token


def say_as(kind: str, text: str, language: Language) -> list[Token]:
    """The tokens of a text of a kind (`ssml.SAY_AS`), all with places in that text."""
    digits = re.sub(r"\D", "", text)
    if kind in ("characters", "spell-out"):
        return [token for place, character in enumerate(text) for token in _character(character, place, language)]
    if kind in ("digits", "telephone") and digits:
        said = [" ".join(cardinal(int(digit), language) for digit in group) for group in re.findall(r"\d+", text)]
        start = "plus , " if text.strip().startswith("+") else ""
        return _spread(start + " , ".join(said), text)
    if (
        kind in ("cardinal", "number")
        and digits
        and int(digits[:16]) <= LARGEST
        and re.fullmatch(r"\s*[\d.,']+\s*", text)
    ):
        grouped = re.fullmatch(r"\s*\d{1,3}(?:[.,']\d{3})+\s*|\s*\d+\s*", text)
        if grouped:
            return _spread(cardinal(int(digits), language), text)
    if kind == "ordinal" and digits and int(digits[:16]) <= LARGEST:
        return _spread(ordinal(int(digits), language), text)
    if kind == "time" and re.fullmatch(r"\s*\d{1,2}\.\d\d\s*", text):
        return [Token(token.text, 0, len(text), token.kind) for token in normalise(text.replace(".", ":"), language)]
    return normalise(text, language)


def _spread(said: str, text: str) -> list[Token]:
    return [Token(word, 0, len(text), "punctuation" if word == "," else "word") for word in said.split()]


def _character(character: str, place: int, language: Language) -> list[Token]:
    if character.isalpha():
        return [Token(character.upper() if len(character.upper()) == 1 else character, place, place + 1, "letter")]
    tokens = [] if character.isspace() else normalise(character, language)
    return [Token(token.text, place, place + 1, token.kind) for token in tokens]
