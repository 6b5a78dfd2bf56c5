"""What the readers of German and Dutch share: decimal commas, twenty-four hours, days before months."""

from __future__ import annotations

import re
from typing import ClassVar

from menura.text.speech.numerals import cardinal, roman, year
from menura.text.speech.reader import DASH, Reader, Rule, after, before

VULGAR = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8)}


class Continental(Reader):
    """Tables and words beside those of `Reader`."""

    group, decimal = ".", ","
    months: ClassVar[tuple[str, ...]]
    month_names: ClassVar[dict[str, int]]
    """Months as written, short and long -> 1 to 12."""
    money: ClassVar[dict[str, tuple[str, str]]]
    """Sign or code -> the unit, its hundredth."""
    scales: ClassVar[dict[str, str]]
    """Mio. -> Millionen."""
    hour: ClassVar[str]
    labels: ClassVar[str]
    """Words that a roman numeral numbers, as a pattern."""
    version: ClassVar[str]
    version_point: ClassVar[str]

    @property
    def month_pattern(self) -> str:
        return "(" + "|".join(re.escape(name) for name in sorted(self.month_names, key=len, reverse=True)) + r")(?!\w)"

    def first_rules(self) -> list[Rule]:
        number, unit = self.number_pattern, self.unit_pattern
        money = "|".join(re.escape(sign) for sign in sorted(self.money, key=len, reverse=True))
        scale = "|".join(re.escape(name) for name in sorted(self.scales, key=len, reverse=True))
        hour = rf"(?:\s?{self.hour}\b)"
        rules = [
            (r"(?:\d{1,3}\.){3}\d{1,3}(?![\w.])", self._address),
            (r"\+\d{1,3}(?:[ ./-]?\(?\d{1,9}\)?){1,5}", lambda found: f"plus {self.digits(found[0])}"),
            (r"0\d{1,5}[ /-]?\d{3,8}(?:[ -]\d+)*\b", lambda found: self.digits(found[0])),
            *self.date_rules(),
            (rf"(\d{{1,2}}){DASH}(\d{{1,2}}){hour}", self._hours),
            (rf"(\d{{1,2}})(?::(\d\d)|\.(\d\d)(?={hour}))?{hour}", self._time),
            (r"(\d{1,2}):([0-5]\d)(?![\w:])", self._time),
            (r"(\d+)\s:\s(\d+)", lambda found: f"{self.number(found[1])} {self.divided} {self.number(found[2])}"),
            (r"(\d+):(\d+)", lambda found: f"{self.whole(found[1])} {self.ratio} {self.whole(found[2])}"),
            (
                rf"({money})\s?({number})(?:,-)?(?:\s({scale})(?!\w))?",
                lambda found: self.sum(found[2], found[1], found[3]),
            ),
            (rf"({number})(?:\s({scale}))?\s?({money})(?!\w)", lambda found: self.sum(found[1], found[3], found[2])),
            (rf"({number})\s({scale})(?!\w)", lambda found: f"{self.number(found[1])} {self.scales[found[2]]}"),
            (rf"({number})-({unit})(?=[-\s])", lambda found: self.count(found[1], self.units[found[2]], True)),
            (rf"(\d{{1,9}})/(\d{{1,9}})(?!\w)(?:\s({unit}))?", self._fraction),
            (rf"(\d*)([{''.join(VULGAR)}])", self._vulgar),
            (rf"({number})[xX](?!\w)", lambda found: self.often(found[1])),
            (rf"({self.version})\s((?:\d+\.)+\d+)", lambda found: f"{found[1]} {self._version(found[2])}"),
            (
                r"\d+\.\d{1,2}(?:\.\d+)*(?![\w.,])|(?!\d{1,3}(?:\.\d{3})+\b)(?:\d+\.){2,}\d+(?!\w)",
                lambda found: self._version(found[0]),
            ),
            (rf"\d{{4}}(?![\d%]|[.,]\d|{DASH}\d|\s?[x×]|\s?{unit})", self._year),
        ]
        return [(re.compile(pattern), read) for pattern, read in rules]

    def date_rules(self) -> list:
        """Dates and ordinals."""
        return []

    def word_rules(self) -> list[Rule]:
        rules = [
            (rf"({self.labels})\s([IVXLC]+)\b", self._chapter),
            (r"[IVX]{2,}\b", self._roman),
            (r"['’]\d\d\b", lambda found: self.whole(found[0][1:])),
            (rf"(?<=\d){DASH}(?=\d)", lambda _: self.to),
            (r"[_/*|]", lambda _: ""),
        ]
        return [(re.compile(pattern), read) for pattern, read in rules]

    divided, ratio = "", ""
    """Between the numbers of 10 : 2, of 3:1."""

    def often(self, number: str) -> str:
        """So many times."""
        return f"{self.number(number)} {self.times}"

    def fraction(self, upper: int, lower: int) -> str:
        """A fraction in words; the denominator is 2 to 100."""
        raise NotImplementedError

    def half(self, whole: str) -> str:
        """A whole number and a half."""
        raise NotImplementedError

    def sum(self, amount: str, sign: str, scale: str | None) -> str:
        """Money."""
        unit, hundredth = self.money[sign]
        whole, _, part = amount.partition(self.decimal)
        if scale:
            return f"{self.number(amount)} {self.scales[scale]} {unit}"
        if len(part) != 2:
            return self.count(amount, (unit, unit))
        cents = self.whole(part.lstrip("0") or "0")
        if part == "00":
            return self.count(whole, (unit, unit))
        return f"{self.count(whole, (unit, unit))} {cents}" if whole.strip("0") else f"{cents} {hundredth}"

    def _address(self, found: re.Match[str]) -> str:
        return f" {self.dotted} ".join(self.digits(part) for part in found[0].split("."))

    def _version(self, written: str) -> str:
        return f" {self.version_point} ".join(self.whole(part) for part in written.split("."))

    def _hours(self, found: re.Match[str]) -> str:
        return f"{self.whole(found[1])} {self.to} {self.whole(found[2])} {self.hour}"

    def _time(self, found: re.Match[str]) -> str | None:
        minutes = next((group for group in found.groups()[1:] if group), "")
        if int(found[1]) > 24:
            return None
        said = f"{self.one(self.hour) if int(found[1]) == 1 else self.whole(str(int(found[1])))} {self.hour}"
        return f"{said} {self.whole(str(int(minutes)))}" if minutes.strip("0") else said

    def _fraction(self, found: re.Match[str]) -> str | None:
        upper, lower = int(found[1]), int(found[2])
        if found[0].startswith("24/7"):
            return f"{self.whole('24')} {self.whole('7')}"
        if not 2 <= lower <= 100 or upper > 999:
            return None
        return self.fraction(upper, lower) + (f" {self.units[found[3]][0]}" if found[3] else "")

    def _vulgar(self, found: re.Match[str]) -> str:
        upper, lower = VULGAR[found[2]]
        if found[1] and lower == 2:
            return self.half(found[1])
        return f"{self.whole(found[1])} {self.fraction(upper, lower)}" if found[1] else self.fraction(upper, lower)

    def _year(self, found: re.Match[str]) -> str | None:
        number = int(found[0])
        return year(number, self.language) if 1100 <= number < 2100 else None

    def _chapter(self, found: re.Match[str]) -> str | None:
        value = roman(found[2])
        return None if value is None else f"{found[1]} {cardinal(value, self.language)}"

    def _roman(self, found: re.Match[str]) -> str | None:
        value = roman(found[0])
        return None if value is None or re.search(r"\w$|-$", before(found)) else cardinal(value, self.language)

    def date(self, day: int, month: int, year_digits: str, context: str) -> str | None:
        """A date; `context` is what stands before it."""
        raise NotImplementedError

    def _date_in_digits(self, found: re.Match[str]) -> str | None:
        parts = re.findall(r"\d+", found[0])
        if len(parts[0]) == 4:
            parts.reverse()
        day, month, year_digits = int(parts[0]), int(parts[1]), parts[2] if len(parts) > 2 else ""
        if not (1 <= day <= 31 and 1 <= month <= 12):
            return None
        return self.date(day, month, year_digits, before(found))

    def said_year(self, digits: str) -> str:
        """A year of four digits, or of two."""
        return year(int(digits), self.language) if len(digits) == 4 else self.whole(digits)

    def follows_sentence(self, found: re.Match[str]) -> bool:
        """Whether a capital follows, as where a sentence has ended."""
        return bool(re.match(r"\s+[A-ZÄÖÜ]|\s*$", after(found)))
