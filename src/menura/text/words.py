"""Words: a prompt cut into words and numbers, and the tables of numbers and units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from menura.score.instruments import fold

_T = TypeVar("_T")


def listed(table: Mapping[_T, str]) -> dict[str, _T]:
    """Turn ``{meaning: "word, word"}`` into ``{word: meaning}``, the words folded."""
    return {fold(word): meaning for meaning, words in table.items() for word in words.split(", ")}


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBERS: dict[str, int] = {
    **{word: value for value, word in enumerate(_SMALL)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
    **{"fourty": 40, "hundred": 100, "dozen": 12, "couple": 2, "pair": 2},
    **listed(
        {
            1: "ein, eine, einen, un, une, uno, una",
            2: "zwei, deux, dos, due",
            3: "drei, trois, tres, tre",
            4: "vier, quatre, cuatro, quattro",
            5: "fünf, cinq, cinco, cinque",
            6: "sechs",
            8: "acht, huit, ocho, otto",
            16: "sechzehn, seize",
            32: "zweiunddreissig",
        }
    ),
}
"""Number words; tens and units, and hundreds, are put together by the reader."""

BAR_UNITS = word_set("bar bars measure measures takt takte takten mesure mesures compas compases battute")
TIME_UNITS: dict[str, float] = listed(
    {
        1.0: "s, sec, secs, second, seconds, sekunde, sekunden, seconde, secondes, segundos, secondi",
        60.0: "m, min, mins, minute, minutes, minuten, minuto, minutos, minuti",
        3600.0: "h, hour, hours, stunde, stunden, heure, heures",
    }
)
"""Seconds in a unit of time."""

_TOKEN = re.compile(
    r"\d{1,3}:\d\d(?![\d:])"  # 1:30
    r"|\d+\s?/\s?\d+"  # 3/4
    r"|\d+(?:st|nd|rd|th)\b"  # 2nd
    r"|(?:(?<!\S)-)?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+|,\d(?!\d))?)"  # 90, -90, 1,000, 2.5, 2,5
    r"|[♩♪]\.?|[=%&+×]"
    r"|[^\W\d_]+(?:[#♯♭][^\W\d_]*)?"  # waltz, F#m
)
_PAUSE = re.compile(r"[,.;!?)\[\]{}…—–|/]|\s-\s")
_HALF = re.compile(r"(\d?)½")
_MAX_PHRASE_WORDS = 5


@dataclass(frozen=True, slots=True)
class Taken(Generic[_T]):
    """A value read from words, and the place of the first word after them."""

    value: _T
    end: int


class Words:
    """A prompt cut into words, numbers and the few symbols that matter; places outside it read as ``""``."""

    def __init__(self, prompt: str) -> None:
        composed = unicodedata.normalize("NFC", _HALF.sub(lambda match: (match[1] or "0") + ".5", prompt))
        visible = (char if char.isprintable() else " " for char in composed if unicodedata.category(char) != "Cf")
        self._prompt = "".join(visible).replace("⁄", "/")
        self._matches = list(_TOKEN.finditer(self._prompt))
        self._folded = [fold(match[0]) if not match[0].startswith("-") else match[0] for match in self._matches]
        self._is_paused = [
            at > 0 and bool(_PAUSE.search(self._prompt, self._matches[at - 1].end(), match.start()))
            for at, match in enumerate(self._matches)
        ]
        self.is_shouted = self._prompt.isupper()

    def __len__(self) -> int:
        return len(self._matches)

    def raw(self, at: int) -> str:
        """The word as typed."""
        return self._matches[at][0] if 0 <= at < len(self) else ""

    def text(self, at: int) -> str:
        """The word in lower case without accents."""
        return self._folded[at] if 0 <= at < len(self) else ""

    def then(self, at: int) -> str:
        """As `text`, but ``""`` when punctuation stands between the word and the one before it."""
        return "" if 0 <= at < len(self) and self._is_paused[at] else self.text(at)

    def is_glued(self, at: int) -> bool:
        """Whether nothing stands between this word and the one before it."""
        return 0 < at < len(self) and self._matches[at - 1].end() == self._matches[at].start()

    def shown(self, first: int, end: int) -> str:
        """The words from `first` up to `end` as typed."""
        return self._prompt[self._matches[first].start() : self._matches[end - 1].end()]

    def skip(self, at: int, fillers: frozenset[str]) -> int:
        """The place after at most two filler words."""
        for _ in range(2):
            at += self.then(at) in fillers
        return at

    def longest(self, at: int, find: Callable[[str], _T | None]) -> Taken[_T] | None:
        """The longest phrase starting here for which `find` has a value."""
        best, phrase = None, ""
        for end in range(at + 1, at + 1 + _MAX_PHRASE_WORDS):
            word = self.text(at) if end == at + 1 else self.then(end - 1)
            if not word:
                break
            phrase = f"{phrase} {word}".lstrip()
            value = find(phrase)
            if value:
                best = Taken(value, end)
        return best

    def has_any(self, texts: frozenset[str]) -> bool:
        """Whether one of these stands anywhere."""
        return not texts.isdisjoint(self._folded)


def _below_hundred(words: Words, at: int) -> Taken[int] | None:
    value, more = NUMBERS.get(words.text(at), 100), NUMBERS.get(words.then(at + 1), 0)
    if value >= 100:
        return None
    return Taken(value + more, at + 2) if value >= 20 and 1 <= more <= 9 else Taken(value, at + 1)


def read_number(words: Words, at: int) -> Taken[float] | None:
    """A number in digits, or in words up to 999."""
    text = words.text(at)
    if re.fullmatch(r"-?\d[\d,.]*", text):
        has_thousands = re.fullmatch(r"-?\d{1,3}(,\d{3})+", text)
        return Taken(float(text.replace(",", "" if has_thousands else ".")), at + 1)
    if text not in NUMBERS:
        return None
    is_hundred = text == "hundred"
    number = Taken(1, at) if is_hundred else _below_hundred(words, at)
    if number is None or not (is_hundred or (number.value < 10 and words.then(number.end) == "hundred")):
        return number and Taken(float(number.value), number.end)
    end = number.end + 1
    rest_at = end + (words.then(end) == "and")
    rest = _below_hundred(words, rest_at) if words.then(rest_at) else None
    return Taken(100.0 * number.value + (rest.value if rest else 0), rest.end if rest else end)


def seconds_per(words: Words, at: int) -> float | None:
    """The unit of time at this place, right after a number."""
    unit = words.then(at)
    return None if unit in ("m", "h") and not words.is_glued(at) else TIME_UNITS.get(unit)
