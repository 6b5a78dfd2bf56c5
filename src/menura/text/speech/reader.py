"""A reader: rules tried in turn where a word may start, each of which says how its match is spoken, or lets it pass.

What languages share is here: notation of numbers, quantities, ranges, codes, acronyms, signs. `english`, `german` and
`dutch` have tables and the rules that are theirs: dates, times, money, abbreviations, ordinals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from menura.text.speech.numerals import LARGEST, cardinal, ordinal, roman, year
from menura.text.speech.tokens import PUNCTUATION, Token
from menura.text.speech.web import web_rules

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]

WINDOW = 64
"""Characters around a match that a rule may look at."""
DASH = r"[-–—−]"
_PLAIN = re.compile(r"[a-z]{3,}(?=[\s,])")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*['’]?", re.UNICODE)
_CODE = re.compile(r"(?=[A-Za-z]*\d)[A-Za-z]+\d[A-Za-z\d]*|\d+[A-Za-z][A-Za-z\d]*")
_RUN = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Za-z][a-z]*|\d+")
_CAPITALS = re.compile(r"([A-Z]{2,})(?:(['’]?s)\b|(?![\w]))")
_INITIALS = re.compile(r"(?:[A-Za-z]\.){2,}(?:[A-Za-z]\b(?!\.))?|[A-Z]\.(?=\s?[A-Z])")
_GREEK = re.compile(r"GREEK (?:SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)")
_MIXED = re.compile(r"[a-z][A-Z]{2,}\b")
_EMOTICON = re.compile(r"(?<!\w)(?:[:;]-?[)(]|:'\()(?!\w)")
_BETWEEN = re.compile(r"(?<=\s)[-–―](?=\s)|--+|―")
"""A dash that is heard as a pause."""
_VOWELS = re.compile(r"[AEIOUYÄÖÜ]")
_ONSET = re.compile(
    r"(?:[BCFGKP][LR]|[DT]R|SC?[HKLMNPTW]?|S[CPT]R|S[PC]L|SCH|[TCPWS]H|TW|DW|QU|KN|WR|[BCDFGHJKLMNPQRSTVWXYZ])?[AEIOUYÄÖÜ]"
)
_CODA = re.compile(
    r"[AEIOUYÄÖÜ](?:[LMNR]?[BCDFGKLMNPRSTVXZ]|[LMNR]?(?:[CST]H|CK|SS|LL|FF|ST|TS|NG|NK|PS|CT|PT|W)|[HW])?S?$"
)


class Reader:
    """Reads one language; the attributes are its tables."""

    language: ClassVar[str]
    group, decimal = ",", "."
    plural = "'{}"
    """How the s after an acronym is written."""
    minus, to, point, by, times, per = "minus", "to", "point", "by", "times", "per"
    signs: ClassVar[Mapping[str, str]]
    """Sign -> its name in addresses."""
    symbols: ClassVar[Mapping[str, str]]
    """Sign -> how it is said between words."""
    units: ClassVar[Mapping[str, tuple[str, str]]]
    """Unit as written -> one, many."""
    abbreviations: ClassVar[Mapping[str, str]]
    """With their full stops, in small letters -> in words; those that context decides are rules."""
    spoken_capitals: ClassVar[frozenset[str]]
    """Acronyms that are words."""
    spelled_capitals: ClassVar[frozenset[str]]
    """Acronyms that could be words but are spelled."""
    openers: ClassVar[frozenset[str]] = frozenset()
    """Words in small letters that begin what a rule reads."""
    special_words: ClassVar[Mapping[str, str]]
    """Words as written -> as said."""
    dotted = "dot"
    """Between the numbers of an address."""

    def __init__(self) -> None:
        group, decimal = re.escape(self.group), re.escape(self.decimal)
        self.number_pattern = (
            rf"(?:\d{{1,3}}(?:{group}\d{{3}})+(?:{decimal}\d+)?(?!\d)|\d+(?:{decimal}\d+)?|(?<!\d){decimal}\d+)"
        )
        units = "|".join(re.escape(unit) for unit in sorted(self.units, key=len, reverse=True))
        self.unit_pattern = rf"(?:{units})(?![\w²³/]|\.\w)"
        words = "|".join(re.escape(word) for word in sorted(self.abbreviations, key=len, reverse=True))
        self._abbreviation = re.compile(rf"(?:{words})(?!\w)", re.IGNORECASE)
        self.rules: list[Rule] = [
            (_EMOTICON, lambda _: ""),
            *web_rules(self.language, self.signs),
            *self.first_rules(),
            *self._shared_rules(),
            (self._abbreviation, self.expand),
            *self.word_rules(),
            (_INITIALS, lambda found: " ".join(found[0].replace(".", "").upper())),
            (_MIXED, lambda found: " ".join(found[0])),
            (_CAPITALS, self._capitals),
            (_CODE, lambda found: self.read_code(found[0])),
            (_WORD, self._word),
            (_BETWEEN, lambda _: "—"),
            (re.compile(r"[^\w\s]"), lambda found: self.symbols.get(found[0])),
        ]

    def first_rules(self) -> list[Rule]:
        """Rules tried before what languages share: dates, times, money."""
        return []

    def word_rules(self) -> list[Rule]:
        """Rules of words, tried after abbreviations."""
        return []

    def expand(self, found: re.Match[str]) -> str | None:
        """An abbreviation in words."""
        return self.abbreviations[" ".join(found[0].lower().split())]

    def _shared_rules(self) -> list[Rule]:
        number, unit = self.number_pattern, self.unit_pattern
        compiled: list[tuple[str, Callable[[re.Match[str]], str | None]]] = [
            (rf"({number})\s?[x×]\s?({number})(?:\s?({unit}))?", self._product),
            (rf"({number})\s?{DASH}\s?({number})\s?(%|{unit}|)", self._range),
            (rf"([-−]?)({number})\s?({unit})", self._quantity),
            (rf"(?<![\w.,)%])([-−])({number})", lambda found: f"{self.minus} {self.number(found[2])}"),
            (r"\d+", self._leading_zero),
            (number, lambda found: self.number(found[0])),
        ]
        return [(re.compile(pattern), read) for pattern, read in compiled]

    def read(self, text: str) -> Iterator[Token]:
        """The tokens of a text, in order."""
        place = 0
        while place < len(text):
            plain = _PLAIN.match(text, place)
            if plain and not text[place - 1 : place].isalnum() and plain[0] not in self.openers:
                yield Token(plain[0], place, plain.end(), "word")
                place = plain.end()
                continue
            place = yield from self._step(text, place)

    def _step(self, text: str, place: int) -> Iterator[Token]:
        """What stands at `place`; returns where it ends."""
        character = text[place]
        if character.isspace():
            return place + 1
        for pattern, read in self.rules:
            found = pattern.match(text, place)
            if found and found.end() > place:
                said = read(found)
                if said is not None:
                    yield from _tokens(said, found)
                    return found.end()
        if character in PUNCTUATION:
            yield Token(character, place, place + 1, "punctuation")
        elif character.isalnum():
            yield Token(character, place, place + 1, "word")
        return place + 1

    def number(self, written: str) -> str:
        """A number without sign, in this language's notation."""
        whole, mark, digits = written.replace(self.group, "").partition(self.decimal)
        said = self.whole(whole) if whole else ""
        return f"{said} {self.point} {self.digits(digits)}".strip() if mark else said

    def whole(self, digits: str) -> str:
        """Digits as a cardinal, or one by one where they are too many or begin with zero."""
        if len(digits) > 1 and digits[0] == "0":
            return self.digits(digits)
        return cardinal(int(digits), self.language) if len(digits) < len(str(LARGEST)) else self.digits(digits)

    def digits(self, written: str) -> str:
        """Digit by digit; other characters part groups."""
        groups = re.findall(r"\d+", written)
        return " , ".join(" ".join(cardinal(int(digit), self.language) for digit in group) for group in groups)

    def one(self, unit: str) -> str:  # noqa: ARG002 - German asks the unit's gender
        """The number one before a unit."""
        return cardinal(1, self.language)

    def count(self, number: str, unit: tuple[str, str], singular: bool = False) -> str:
        """A number of units."""
        one, many = unit
        if number == "1":
            return f"{self.one(one)} {one}"
        return f"{self.number(number)} {one if singular else many}"

    def is_adjective(self, found: re.Match[str]) -> bool:  # noqa: ARG002 - English asks
        """Whether a quantity stands before a noun that it describes, and so in the singular."""
        return False

    def _quantity(self, found: re.Match[str]) -> str | None:
        if found[1] and re.search(r"[\w)%]$", before(found)):
            return None
        said = self.count(found[2], self.units[found[3]], self.is_adjective(found))
        return f"{self.minus} {said}" if found[1] else said

    def _product(self, found: re.Match[str]) -> str:
        word = self.times if " " in found[0][len(found[1]) : -len(found[2])] and not found[3] else self.by
        last = self.number(found[2])
        if found[3]:
            last = self.count(found[2], self.units[found[3]], self.is_adjective(found))
        return f"{self.number(found[1])} {word} {last}"

    def _range(self, found: re.Match[str]) -> str | None:
        first, last, unit = found[1], found[2], found[3]
        if re.search(r"\d-$", before(found)) or re.match(rf"{DASH}?\d|\s?=", after(found)):
            return None
        if unit:
            return f"{self.number(first)} {self.to} {self.count(last, self.units[unit], self.is_adjective(found))}"
        if len(first) == 4 and 1000 <= int_or_0(first) < 2100 and len(last) in (2, 4):
            start, end = int(first), int_or_0(last)
            if len(last) == 4 and 1000 <= end < 2100:
                return f"{year(start, self.language)} {self.to} {year(end, self.language)}"
            if len(last) == 2 and end > start % 100 and " " not in found[0].strip():
                return f"{year(start, self.language)} {self.to} {self.short_year(last)}"
        return f"{self.number(first)} {self.to} {self.number(last)}"

    def short_year(self, digits: str) -> str:
        """The last two digits of a year."""
        return cardinal(int(digits), self.language)

    def _leading_zero(self, found: re.Match[str]) -> str | None:
        has_zero = len(found[0]) > 1 and found[0][0] == "0"
        return (
            self.digits(found[0]) if has_zero and found.string[found.end() : found.end() + 1] != self.decimal else None
        )

    def _capitals(self, found: re.Match[str]) -> str:
        """An acronym as a word or as letters, with the plural's or the possessive's s."""
        word, ending = found[1], (found[2] or "")
        tail = self.plural.format(ending.strip("'’")) if ending else ""
        if self.special_words.get(word):
            return self.special_words[word] + tail
        if self.is_spoken(found, word):
            return word + tail
        return " ".join(word) + tail

    def is_spoken(self, found: re.Match[str], word: str) -> bool:
        """Whether a word in capitals is read as a word: a known one, one among others in capitals, or a sayable one."""
        if word in self.spelled_capitals:
            return False
        if word in self.spoken_capitals or _shouts(before(found) + word + after(found)):
            return True
        return len(word) > 3 and is_sayable(word)

    def read_code(self, code: str) -> str:
        """Letters and digits, as in MP3, H2O, x86."""
        return " ".join(self._run(run, code) for run in _RUN.findall(code))

    def _run(self, run: str, code: str) -> str:
        if run.isdecimal():
            if len(run) == 4 and 1900 <= int(run) < 2100:
                return year(int(run), self.language)
            return self.whole(run) if len(run) < 4 else self.digits(run)
        is_word = len(run) > 2 and not run.isupper() and code[0] == run[0] and is_sayable(run.upper())
        return run if is_word else " ".join(run.upper() if len(run) > 1 else run)

    def _word(self, found: re.Match[str]) -> str:
        word = found[0].replace("’", "'")
        if word.endswith("'") and word[:-1].lower()[-1:] not in ("s", "x", "z", "n"):
            word = word[:-1]
        name = _GREEK.fullmatch(unicodedata.name(word, "")) if len(word) == 1 else None
        if name:
            return name[1].lower().replace("lamda", "lambda")
        return self.special_words.get(word, word)

    def regnal(self, found: re.Match[str]) -> str | None:
        """A roman numeral as an ordinal."""
        value = roman(found[2])
        return None if value is None else ordinal(value, self.language)


def before(found: re.Match[str]) -> str:
    """Some characters before a match."""
    return found.string[max(0, found.start() - WINDOW) : found.start()]


def after(found: re.Match[str]) -> str:
    """Some characters after a match."""
    return found.string[found.end() : found.end() + WINDOW]


def is_sayable(word: str) -> bool:
    """Whether capitals can be said as one word: a vowel, and possible sounds before the first and after the last."""
    if not _VOWELS.search(word):
        return False
    inner = re.search(r"[BCDFGHJKLMNPQRSTVWXZ]{4,}", word)
    return bool(_ONSET.match(word) and _CODA.search(word) and not inner)


def int_or_0(digits: str) -> int:
    """The whole number, or 0 where a mark or sign makes it another kind."""
    return int(digits) if digits.isdecimal() and len(digits) < 10 else 0


def _shouts(text: str) -> bool:
    """Whether a text is all in capitals."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    return len(words) > 2 and all(word.isupper() for word in words)


def _tokens(said: str, found: re.Match[str]) -> Iterator[Token]:
    start, end = found.span()
    for word in said.split():
        if word in PUNCTUATION:
            yield Token(word, start, end, "punctuation")
        else:
            is_letter = (
                word.rstrip("s").rstrip("'") != "" and len(word.rstrip("s").rstrip("'")) == 1 and word != found[0]
            )
            yield Token(word, start, end, "letter" if is_letter and word[0].isalpha() else "word")
    if found[0].endswith(".") and not after(found).strip():
        yield Token(".", end - 1, end, "punctuation")
