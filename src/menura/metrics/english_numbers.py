"""English numbers in words as digits: "twenty one" -> 21, "nineteen ninety" -> 1990, "five dollars" -> $5."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: number for number, word in enumerate(_ONES.split())} | {"oh": 0}
_TEN = {word: 10 * number for number, word in enumerate(_TENS.split(), start=2)}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_HUNDRED = "hundred"
_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fifth": 5,
    "eighth": 8,
    "ninth": 9,
    "twelfth": 12,
    **{f"{word}th": number for word, number in _SMALL.items() if number in (4, 6, 7, 10, 11, *range(13, 20))},
    **{f"{word[:-1]}ieth": number for word, number in _TEN.items()},
    "hundredth": 100,
    "thousandth": 1000,
    "millionth": 10**6,
}
_DECADES = {f"{word[:-1]}ies": number for word, number in _TEN.items()}
_MONEY = {
    **dict.fromkeys(("dollar", "dollars"), "$"),
    **dict.fromkeys(("pound", "pounds"), "£"),
    **dict.fromkeys(("euro", "euros"), "€"),
}
_SUFFIX = {1: "st", 2: "nd", 3: "rd"}
_DIGITS = re.compile(r"[$£€¢]?\d+(?:\.\d+)?")
_DOLLARS_AND_CENTS = re.compile(r"([$€])(\d+)(?: and)? ¢(\d\d?)\b")
_NUMBER_WORDS = {*_SMALL, *_TEN, *_SCALES, _HUNDRED} - {"oh"}


def in_digits(text: str) -> str:
    """Words with single spaces between them, their numbers in digits. The text has small letters and no commas."""
    words, found, place = text.split(), list[str](), 0
    while place < len(words):
        written, after = _number(words, place)
        found.append(written if after > place else words[place])
        place = max(after, place + 1)
    joined = _DOLLARS_AND_CENTS.sub(lambda money: f"{money[1]}{money[2]}.{money[3]:0>2}", " ".join(found))
    return re.sub(r"\b(\d+) and a half\b", r"\1.5", joined)


def _number(words: Sequence[str], place: int) -> tuple[str, int]:
    """The number that begins at a place, in digits, and the place after it; the same place where there is none."""
    if words[place] in _ORDINALS:
        return _ordinal(_ORDINALS[words[place]]), place + 1
    if words[place] in _DECADES:
        return f"{_DECADES[words[place]]}s", place + 1
    digits, after = _cardinal(words, place)
    if after == place:
        return "", place
    is_and = words[after : after + 1] == ["and"] and digits.endswith("00")
    following = "".join(words[after + is_and : after + is_and + 1])
    if following in _ORDINALS and _continues(digits, _ORDINALS[following]):
        return _ordinal(int(Decimal(digits)) + _ORDINALS[following]), after + is_and + 1
    if following in _DECADES and len(digits) == 2:
        return f"{digits}{_DECADES[following]}s", after + 1
    if following == "point":
        decimals, end = _decimals(words, after + 1)
        if decimals:
            digits, after = f"{digits}.{decimals}", end
            if after < len(words) and words[after] in _SCALES:
                digits, after = _plain(Decimal(digits) * _SCALES[words[after]]), after + 1
    return _with_unit(digits, words, after)


def _cardinal(words: Sequence[str], place: int) -> tuple[str, int]:
    """Digits of the words of a number, and the place after them.

    Years and telephone numbers are read as they are said: what does not fit into what was said before follows it.
    """
    start, written, total, part = place, "", Decimal(0), Decimal(-1)
    while place < len(words):
        word = words[place]
        if word == "and" and _goes_on(words, place, total, part):
            place += 1
            word = words[place]
        if word in _SCALES and part != 0:
            total, part = total + abs(part) * _SCALES[word], Decimal(0)
        elif word == _HUNDRED and part < 100 and part != 0:
            part = abs(part) * 100
        elif (value := _value(word, place > start)) is None:
            break
        elif part < 0 or (_joins(total, part, value) and value):
            part = max(part, Decimal(0)) + value
        else:
            written, total, part = written + _plain(total + part), Decimal(0), value
        place += 1
    return (written + _plain(total + part), place) if place > start else ("", place)


def _goes_on(words: Sequence[str], place: int, total: Decimal, part: Decimal) -> bool:
    """Whether an "and" is within a number, as of two hundred and one."""
    after = words[place + 1] if place + 1 < len(words) else ""
    return (part >= 100 or total > 0 == part) and after in _SMALL.keys() | _TEN.keys()


def _value(word: str, within: bool) -> Decimal | None:
    """Of a word by itself: of a number in digits, or of one in words."""
    if word == "oh" and not within:
        return None
    known = _SMALL.get(word, _TEN.get(word))
    if known is not None:
        return Decimal(known)
    return Decimal(word) if _DIGITS.fullmatch(word) and word[0].isdigit() and not within else None


def _joins(total: Decimal, part: Decimal, value: Decimal) -> bool:
    """Whether a value fits behind what was said: 1 behind 20, 21 behind 300, but not 19 behind 19, nor 1 behind 0."""
    if part % 100 == 0:
        return value < 100 and total + part > 0
    return part % 10 == 0 and part % 100 >= 20 and 0 < value < 10


def _continues(digits: str, ordinal: int) -> bool:
    return digits.isdigit() and int(digits) > 0 and _joins(Decimal(0), Decimal(digits), Decimal(ordinal))


def _decimals(words: Sequence[str], place: int) -> tuple[str, int]:
    found = ""
    while place < len(words) and words[place] in _SMALL and _SMALL[words[place]] < 10:
        found, place = f"{found}{_SMALL[words[place]]}", place + 1
    if not found and place < len(words) and words[place] in _NUMBER_WORDS:
        return _cardinal(words, place)
    return found, place


def _with_unit(digits: str, words: Sequence[str], place: int) -> tuple[str, int]:
    """A number with the sign of the money or the share that it counts."""
    unit = words[place] if place < len(words) else ""
    if unit in _MONEY:
        return f"{_MONEY[unit]}{digits}", place + 1
    if unit in ("cent", "cents"):
        return f"¢{digits}", place + 1
    if unit == "percent":
        return f"{digits}%", place + 1
    if words[place : place + 2] == ["per", "cent"]:
        return f"{digits}%", place + 2
    return digits, place


def _ordinal(number: int) -> str:
    return f"{number}{'th' if number // 10 % 10 == 1 else _SUFFIX.get(number % 10, 'th')}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
