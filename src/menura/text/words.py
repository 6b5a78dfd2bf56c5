"""Words: a prompt cut into words and numbers, the tables of numbers and units, and the signs read from them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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
            2: "zwei, deux, dos, due, twee",
            3: "drei, trois, tres, tre, drie",
            4: "vier, quatre, cuatro, quattro",
            5: "fünf, cinq, cinco, cinque, vijf",
            6: "sechs, seis, sei, zes",
            7: "sieben, sept, siete, sette, zeven",
            8: "acht, huit, ocho, otto",
            9: "neun, neuf, nueve, nove, negen",
            10: "zehn, dix, diez, dieci, tien",
            12: "zwölf, douze, doce, dodici, twaalf",
            16: "sechzehn, seize",
            32: "zweiunddreissig",
        }
    ),
}
"""Number words; tens and units, and hundreds, are put together by the reader."""

BAR_UNITS = word_set("bar bars measure measures takt takte takten mesure mesures compas compases battute maten")
TIME_UNITS: dict[str, float] = listed(
    {
        1.0: "s, sec, secs, second, seconds, sekunde, sekunden, seconde, secondes, segundos, secondi",
        60.0: "m, min, mins, minute, minutes, minuten, minuto, minutos, minuti",
        3600.0: "h, hour, hours, stunde, stunden, heure, heures",
    }
)
"""Seconds in a unit of time."""

MACHINE = re.compile(r"([1-9])0\1")
"""The number of a drum machine or a synthesiser: 808, 303."""

CONNECTIVES = word_set(
    "for with on at and by in please using or as to from but then plus featuring & + like that "
    "mit für fur und von oder avec pour et sur con para por y e ed per de voor met en"
)
"""Words that may follow whatever is said."""

# A code is letters that digits follow, as Dm7, MP3 or K331: no number is to be read out of it.
_TOKEN = re.compile(
    r"\d{1,3}:\d\d(?![\d:])"  # 1:30
    r"|\d{1,2}['’′](?:\d{1,2}(?![\d'’′])|\s?\d{1,2}\s?(?:[\"”″]|''|’’))"  # 2'30"
    r"|\d+/\d+/\d+"  # 24/12/2025
    r"|\d+\s?/\s?\d+(?:(?:st|nd|rd|ths?)\b)?"  # 3/4, 1/16th
    r"|\d+(?:st|nd|rd|ths?|ère|er|ème|e)\b"  # 2nd
    r"|(?:(?<!\S)-)?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+|,\d(?!\d))?)"  # 90, -90, 1,000, 2.5, 2,5
    r"|(?i:b\.\s?p\.\s?m|m\.\s?m)\b\.?"
    r"|(?<!\d)(?!(?i:bpm|tempo|mm|x)\d)[^\W\d_]+(?:[#♯♭][^\W\d_]*)?\d[\w#♯♭+°ø△]*"  # Dm7, F#m7b5, MP3
    r"|[♩♪]\.?|[=≈%&+×@№]|#(?=\d)"
    r"|[^\W\d_]+(?:[#♯♭][^\W\d_]*)?"  # waltz, F#m
)
_PAUSE = re.compile(r"[,.;!?)\[\]{}…—–|/]|\s-\s")
_ABBREVIATED = word_set("min mins sec secs op no nr approx ca c vol k d hob feat ft vs")
_DOTTED = re.compile(r"(?i:[bm]\..*)")
_FRACTION = re.compile(r"(\d{0,4})\s?([½¼¾])")
_FRACTIONS = {"½": (".5", "1/2"), "¼": (".25", "1/4"), "¾": (".75", "3/4")}
_MAX_PHRASE_WORDS = 5


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that the words from `first` up to `end` say: `kind` names the control, `value` is its value."""

    kind: str
    value: Any
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Taken(Generic[_T]):
    """A value read from words, and the place of the first word after them."""

    value: _T
    end: int


class Words:
    """A prompt cut into words, numbers and the few symbols that matter; places outside it read as ``""``."""

    def __init__(self, prompt: str) -> None:
        composed = unicodedata.normalize("NFC", _FRACTION.sub(_spelt_out, prompt))
        visible = (char if char.isprintable() else " " for char in composed if unicodedata.category(char) != "Cf")
        self._prompt = "".join(visible).replace("⁄", "/")
        self._matches = list(_TOKEN.finditer(self._prompt))
        self._folded = [_folded(match[0]) for match in self._matches]
        self._is_paused = [self._has_pause(at) for at in range(len(self._matches))]
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

    def before(self, at: int) -> str:
        """The word before this one, ``""`` when there is none or punctuation stands between."""
        return self.text(at - 1) if at > 0 and self.then(at) else ""

    def gap(self, at: int) -> str:
        """What stands between this word and the one before it, or the prompt's beginning."""
        if not 0 <= at < len(self):
            return ""
        return self._prompt[self._matches[at - 1].end() if at else 0 : self._matches[at].start()]

    def is_glued(self, at: int) -> bool:
        """Whether nothing stands between this word and the one before it."""
        return 0 < at < len(self) and self.gap(at) == ""

    def is_hyphenated(self, at: int) -> bool:
        """Whether a hyphen alone stands between this word and the one before it."""
        return self.gap(at) in ("-", "‐", "‑", "–", "~")

    def is_capitalised(self, at: int) -> bool:
        """Whether the word begins with a capital, in a prompt that is not all capitals."""
        return self.raw(at)[:1].isupper() and not self.is_shouted

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

    def phrase(self, first: int, end: int) -> str:
        """The words from `first` up to `end`, as `text` has them."""
        return " ".join(self._folded[first:end])

    def has_any(self, texts: frozenset[str]) -> bool:
        """Whether one of these stands anywhere."""
        return not texts.isdisjoint(self._folded)

    def _has_pause(self, at: int) -> bool:
        gap = self.gap(at) if at else ""
        if gap.startswith(".") and self._folded[at - 1] in _ABBREVIATED:
            gap = gap[1:]
        return bool(_PAUSE.search(gap)) and not (gap == "–" and self.raw(at)[:1].isdigit())


def _spelt_out(match: re.Match[str]) -> str:
    decimals, alone = _FRACTIONS[match[2]]
    return match[1] + decimals if match[1] else f" {alone}"


def _folded(word: str) -> str:
    if word.startswith("-"):
        return word
    return fold(word.replace(".", "").replace(" ", "")) if _DOTTED.fullmatch(word) else fold(word)


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


def read_range(words: Words, at: int) -> Taken[float] | None:
    """As `read_number`; of a range (``80-90``, ``2 to 3``, ``between 2 and 3``) its middle."""
    is_between = words.text(at) in ("between", "zwischen", "entre")
    low = read_number(words, at + is_between)
    if not low:
        return None
    joined = words.is_hyphenated(low.end) and words.then(low.end)
    if not joined and words.then(low.end) not in (("and", "und", "et", "y") if is_between else ("to", "bis")):
        return None if is_between else low
    high = read_number(words, low.end + (not joined))
    return Taken((low.value + high.value) / 2, high.end) if high and 0 < low.value < high.value else low


def seconds_per(words: Words, at: int) -> float | None:
    """The unit of time at this place, right after a number."""
    unit = words.then(at)
    return None if unit in ("m", "h") and not words.is_glued(at) else TIME_UNITS.get(unit)


def within(what: str, value: float, low: float, high: float, unit: str = "") -> float:
    """Return `value`, or raise ValueError if it is not within `low` to `high`."""
    if not low <= value <= high:
        raise ValueError(f"{what} must be {low:g} to {high:g}{unit}, not {value:g}")
    return value
