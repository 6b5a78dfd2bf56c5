"""The reader of English, American or British."""

from __future__ import annotations

import re

from menura.text.speech import english_words as words
from menura.text.speech.numerals import cardinal, ordinal, roman, year
from menura.text.speech.reader import DASH, Reader, Rule, after, before, int_or_0
from menura.text.words import word_set

_MONTH = "(" + "|".join(sorted(words.MONTH_NAMES, key=len, reverse=True)) + r")\b\.?"
_FRACTIONS = {
    "½": (1, 2),
    "¼": (1, 4),
    "¾": (3, 4),
    "⅓": (1, 3),
    "⅔": (2, 3),
    "⅕": (1, 5),
    "⅛": (1, 8),
    "⅜": (3, 8),
    "⅝": (5, 8),
}
_VULGAR = "".join(_FRACTIONS)
_TITLES = word_set("gen. sen. rep. hon. rev. adm. pres. maj. gov. mr. mrs. ms. mr mrs lt. capt.")
_ANY_CASE_BEFORE_DIGIT = word_set("fig. ext. ed. sq. ft. mt.")
_PER = "second|minute|hour|day|week|month|year|night|person|head|gallon|mile|litre|liter|h|hr|kg"


class English(Reader):
    """`language`: "en-us" or "en-gb"."""

    signs = words.SIGNS
    symbols = words.SYMBOLS
    units = words.UNITS
    abbreviations = words.ABBREVIATIONS
    spoken_capitals = words.SPOKEN_CAPITALS
    spelled_capitals = words.SPELLED_CAPITALS
    special_words = words.SPECIAL_WORDS
    openers = words.OPENERS
    language = "en-us"

    @property
    def is_british(self) -> bool:
        return self.language == "en-gb"

    def first_rules(self) -> list[Rule]:
        number, unit = self.number_pattern, self.unit_pattern
        money = "|".join(re.escape(sign) for sign in sorted(words.MONEY, key=len, reverse=True))
        scale = "|".join(sorted(words.SCALES, key=len, reverse=True))
        half_day = r"(?:\s?([ap])(?:\.m\.|\.?m\b)|\s?([AP])(?:\.M\.|M\b))"
        rules = [
            (r"\d+(?:/\d+){2}(?!\w)|\d{4}-\d\d-\d\d(?!\w)|\d{1,2}\.\d{1,2}\.\d{4}(?!\w)", self._date_in_digits),
            *self._codes(),
            (
                rf"{_MONTH}\s(\d{{1,2}})(?:st|nd|rd|th)?(?:{DASH}(\d{{1,2}}))?\b(?:,?\s(\d{{4}})(?!\w))?",
                self._month_first,
            ),
            (rf"(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s(\d{{4}})(?!\w))?", self._day_first),
            (rf"{_MONTH},?\s(\d{{4}})(?![\w,])", self._month_year),
            (r"(" + "|".join(words.DAYS) + r")\.(?=[,\s]|$)|(Tues|Thurs|Wed|Thu)\b", self._day_of_week),
            (r"(" + "|".join(words.MONTH_NAMES) + r")\.", self._month),
            (rf"(\d{{1,2}}){DASH}(\d{{1,2}}){half_day}", self._hours),
            (rf"(\d{{1,2}})(?:[:.](\d\d))?{half_day}", self._half_day),
            (r"(\d{1,2})h(\d\d)\b", lambda found: f"{self._hour(found[1])} {self.number(found[2].lstrip('0') or '0')}"),
            (r"([01]?\d|2[0-4]):([0-5]\d):([0-5]\d)(?!\w)", self._time),
            (r"([01]?\d|2[0-4]):([0-5]\d)(?![\w:])", self._time),
            (r"([01]?\d|2[0-4])\.([0-5]\d)(?![\w.%])(?!\.\d)", self._british_time),
            (r"(\d+):(\d+)", self._ratio),
            (
                rf"([-−]?)({money})\s?({number})(?:{DASH}({number}))?(?:\s?({scale})\b)?(s\b)?(/(?:{_PER})\b)?",
                self._money,
            ),
            (rf"({number})\s?({money})(?!\w)", self._money_after),
            (rf"({number})(¢|p\b)", self._pence),
            (r"'(\d0)s\b|’(\d0)s\b|((?:\d,)?\d*0)['’]?s\b", self._decade),
            (r"['’](\d\d)(?!\w)", lambda found: self.short_year(found[1])),
            (r"(\d+)(?:['’′]|\s?(?:ft\.?|feet)\s)\s?(\d+)(?:[\"”″]|\s?(?:in\b\.?|inches))", self._feet_and_inches),
            (rf"({number})['’′](?!\w)", lambda found: self.count(found[1], ("foot", "feet"))),
            (rf"({number})[\"”″]", self._inches),
            (rf"(?:(\d{{1,9}})\s)?(\d{{1,9}})/(\d{{1,9}})(?!\w)(?:\s({unit}))?", self._fraction),
            (rf"(\d*)([{_VULGAR}])(?:\s?({unit}))?", self._vulgar),
            *self._numbers(),
        ]
        return [(re.compile(pattern), read) for pattern, read in rules]

    def _codes(self) -> list[tuple]:
        """Telephone numbers, versions, addresses, references."""
        return [
            (r"\+\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,5}", lambda found: f"plus {self.digits(found[0])}"),
            (r"(?:\d-)?\(?\b\d{3}\)?[ .-]\d{3}[-.]\d{4}\b|\d{3}-\d{4}\b|\d{3}-\d\d-\d{4}\b", self._digits),
            (r"0\d{2,4}\s\d{3,4}\s\d{3,4}\b|97[89](?:-\d+){4}", self._digits),
            (r"(?:\d{1,3}\.){3}\d{1,3}(?![\w.])", self._address),
            (r"[vV](?=\d)((?:\d+\.)+\d+|\d+)\b", lambda found: f"version {self._version(found[1])}"),
            (r"([vV]ersion|[vV]ersions)\s((?:\d+\.)+\d+)", lambda found: f"{found[1]} {self._version(found[2])}"),
            (r"(?:\d+\.){2,}\d+(?![\w])", lambda found: self._version(found[0])),
            (r"\d+(?:-\d+){2,}(?!\w)", lambda found: " ".join(map(self.whole, found[0].split("-")))),
        ]

    def _numbers(self) -> list[tuple]:
        number, unit = self.number_pattern, self.unit_pattern
        return [
            (r"(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b", lambda found: self._ordinal(found[1])),
            (r"(\d+)\^(-?\d+)", lambda found: f"{self.number(found[1])} to the {self._signed(found[2])}"),
            (rf"({number})[eE]([-+]?\d+)\b", self._scientific),
            (r"([A-Za-z]{0,3}\d+)([²³])", self._power),
            (rf"({number})[xX](?![\w])", self._times),
            (rf"(\d+(?:\.\d+)?)(k|K|M|bn|mn|tn)(?:\s({unit}))?(?!\w)", self._scaled),
            (rf"({number})\s(mg|g|kg|ml|l)/(kg|l|ml|dl|day)\b", self._per),
            (r"(\d+)%?\s?-\s(\d+)\s?=", lambda found: f"{self.number(found[1])} minus {self.number(found[2])} equals"),
            (r"(\d+)\s\*\s(?=\d)", lambda found: f"{self.number(found[1])} times"),
            (r"(\d+)\+", lambda found: f"{self.number(found[1])} plus"),
            (r"\d{3}(?![\d,.]\d|\d|\w)", self._labelled),
            (r"\d{5}(?!\w)", self._zip),
            (rf"(\d{{4}})(['’]s\b)?(?!\w|%|[.,]\d|{DASH}\d|\s?[x×])", self._year),
            (r"(\d+)-(?=[A-Za-z])", lambda found: self.whole(found[1])),
        ]

    def word_rules(self) -> list[Rule]:
        names = r"[A-Z][a-z]+"
        rules = [
            (r"Dr\.", self._doctor),
            (r"St\.", self._street),
            (r"[Nn]o\.(?=\s?\d)", lambda _: "number"),
            (r"([Cc]ol|[Aa]rt|[Pp]|[Cc]|[Ff]l|[Cc]h|[Ss]ec)\.(?=\s?\d)", self._reference),
            (r"fl\.", lambda _: "floor"),
            (r"Col\.", lambda _: "Colonel"),
            (r"Co\.", lambda _: "Company"),
            (r"(AD|BC|BCE|CE)\b", lambda found: " ".join(found[0])),
            (rf"({words.CHAPTERS})\s([IVXLC]+|[ivxl]+)\b(?!['’.]\w)", self._chapter),
            (rf"({names})\s([IVX]+)\b(?!\.\w)(['’]s\b)?", self._reign),
            (r"[MDCLXVI]{5,}\b|[IVX]{2,}\b", self._roman),
            (r"([A-G])#", lambda found: f"{found[1]} sharp"),
            (r"C\+\+", lambda _: "C plus plus"),
            (r"([A-Za-z])\+(?=\w)", lambda found: f"{found[1]} plus"),
            (r"(and|or)/(or|and)\b", lambda found: f"{found[1]} {found[2]}"),
            (r"/(?=(?:" + _PER + r")\b)", lambda _: "per"),
            (r"km/h", lambda _: "kilometers per hour"),
            (r"/(?=[a-z])", lambda found: "or" if before(found)[-1:].isalpha() and after(found)[:2] != "or" else ""),
            (r"([A-Z]{1,2})&([A-Z])\b", lambda found: f"{' '.join(found[1])} and {found[2]}"),
            (r"([A-F])-(?=\s|$)", lambda found: f"{found[1]} minus"),
            (r"['’](n|tis|twas|em|til|cause)\b(['’]?)", lambda found: found[0].replace("’", "'")),
            (
                rf"{DASH}(?=[$£€]?\d)",
                lambda found: self.to if re.search(r"\d\s?(?:[a-zA-Z.]{1,4}|%)?$", before(found)) else "",
            ),
            (r"(?<=\w)~|_|/|\*|\|", lambda _: ""),
            (r"([A-Za-z]+)([²³])", self._power),
            (r"([A-Z](?=['’])|[B-HJ-TV-Z])['’]?s\b(?!['’])", lambda found: f"{found[1]}'s"),
        ]
        return [(re.compile(pattern), read) for pattern, read in rules]

    def expand(self, found: re.Match[str]) -> str | None:
        written = " ".join(found[0].lower().split())
        if written in _TITLES and not found[0][0].isupper():
            return None
        is_reference = written in _ANY_CASE_BEFORE_DIGIT and found[0][0].islower()
        return None if is_reference and not re.match(r"\s?\d", after(found)) else self.abbreviations[written]

    def is_adjective(self, found: re.Match[str]) -> bool:
        noun = re.match(r"[\s-]([a-z]+)", after(found))
        if not noun or noun[1] in words.NO_NOUNS:
            return False
        if re.match(r"(?:sprint|relay|dash|hurdles|freestyle)\b", noun[1]):
            return True
        earlier = before(found)
        return bool(re.search(words.DETERMINERS, earlier, re.I) or (earlier.endswith("of ") and noun[1].endswith("s")))

    # Numbers of several kinds

    def _signed(self, written: str) -> str:
        return f"minus {self.number(written[1:])}" if written[0] in "-−" else self.number(written.lstrip("+"))

    def _ordinal(self, written: str) -> str | None:
        digits = written.replace(",", "")
        return ordinal(int(digits), self.language) if len(digits) < 16 else None

    def _digits(self, found: re.Match[str]) -> str | None:
        return None if re.search(r"[\d$£€]$", before(found)) else self.digits(found[0])

    def _address(self, found: re.Match[str]) -> str:
        return " dot ".join(self.digits(part) for part in found[0].split("."))

    def _version(self, written: str) -> str:
        return " point ".join(self.whole(part) for part in written.split("."))

    def _scientific(self, found: re.Match[str]) -> str:
        return f"{self.number(found[1])} times ten to the {self._signed(found[2])}"

    def _power(self, found: re.Match[str]) -> str:
        base = self.whole(found[1]) if found[1].isdecimal() else found[1]
        return f"{base} {'squared' if found[2] == '²' else 'cubed'}"

    def _times(self, found: re.Match[str]) -> str:
        return f"{self.number(found[1])} {'x' if before(found).rstrip().endswith('=') else 'times'}"

    def _scaled(self, found: re.Match[str]) -> str | None:
        if found[2] == "K" and len(found[1]) < 2:
            return None
        said = f"{self.number(found[1])} {words.SCALES[found[2]]}"
        return f"{said} {self.units[found[3]][1]}" if found[3] else said

    def _per(self, found: re.Match[str]) -> str:
        lower = "day" if found[3] == "day" else "deciliter" if found[3] == "dl" else self.units[found[3]][0]
        return f"{self.count(found[1], self.units[found[2]])} per {lower}"

    def _word_before(self, found: re.Match[str]) -> str:
        words_before = re.findall(r"[\w']+", before(found))
        return words_before[-1].lower() if words_before and re.search(r"[\w']\s$", before(found)) else ""

    def _labelled(self, found: re.Match[str]) -> str | None:
        word = self._word_before(found)
        if word in words.DIGITS_AFTER:
            return self.digits(found[0])
        hundreds, rest = found[0][0], found[0][1:]
        if word not in words.NUMBERED or rest == "00" or hundreds == "0":
            return None
        return f"{self.whole(hundreds)} {'oh ' if rest[0] == '0' else ''}{self.whole(rest.lstrip('0'))}"

    def _zip(self, found: re.Match[str]) -> str | None:
        word = re.findall(r"\w+\s$", before(found))
        label = word[0].strip() if word else ""
        return self.digits(found[0]) if label in words.STATES or label.lower() in words.DIGITS_AFTER else None

    def _year(self, found: re.Match[str]) -> str | None:
        number, word, later = int(found[1]), self._word_before(found), after(found)
        if word in words.DIGITS_AFTER or found[1][0] == "0":
            return self.digits(found[1])
        ending = "'s" if found[2] else ""
        if re.match(r"\s(?:BCE?|B\.C|CE|AD|A\.D)\b", later) or word in words.NUMBERED | {"year", "ad"}:
            return year(number, self.language) + ending
        noun = re.match(r"\s([a-z]+)", later)
        is_count = noun and (
            noun[1] in words.PEOPLE or (noun[1].endswith("s") and len(noun[1]) > 3 and noun[1] not in words.NO_PLURALS)
        )
        earliest = 1001 if word in ("in", "since") else 1100
        return None if is_count or not earliest <= number < 2100 else year(number, self.language) + ending

    def short_year(self, digits: str) -> str:
        return f"oh {self.whole(digits[1])}" if digits[0] == "0" else self.whole(digits)

    def _decade(self, found: re.Match[str]) -> str | None:
        digits = (found[1] or found[2] or found[3]).replace(",", "")
        if len(digits) == 2:
            return _plural(self.whole(digits)) if digits[0] in "23456789" else None
        if len(digits) == 4 and (digits[0] == "1" or digits[:2] == "20") and digits != "1000" and "," not in found[0]:
            return _plural(year(int(digits), self.language))
        if set(digits[1:]) == {"0"} and digits[0] == "1" and len(digits) in (3, 4):
            return "hundreds" if len(digits) == 3 else "thousands"
        return None

    def _fraction(self, found: re.Match[str]) -> str | None:
        whole, upper, lower = found[1], int(found[2]), int(found[3])
        pair = f"{found[2]}/{found[3]}"
        if not whole and (pair in ("24/7", "9/11") or upper == lower):
            return f"{self.whole(found[2])} {self.whole(found[3])}"
        is_date = not whole and re.search(r"\b[Oo]n\s$", before(found)) and lower <= 31 and upper <= 31
        if is_date:
            day, month = (upper, lower) if self.is_british else (lower, upper)
            return self._said_date(day, month, "") if 1 <= month <= 12 and day else None
        if not 2 <= lower <= 100 or (whole and upper >= lower) or upper > 999:
            return None
        said = self._parts(upper, lower)
        unit = f" {self.units[found[4]][bool(whole)]}" if found[4] else ""
        if whole:
            start = "" if upper > 1 else ("a " if lower != 8 else "an ")
            return f"{self.whole(whole)} and {start}{said.removeprefix('one ') if start else said}{unit}"
        return said + unit

    def _parts(self, upper: int, lower: int) -> str:
        if upper == 1 and lower == 100:
            return "one hundredth"
        one = {2: "half", 4: "quarter"}.get(lower) or ordinal(lower, "en-us")
        many = {2: "halves"}.get(lower, one + "s")
        return f"{cardinal(upper, self.language)} {one if upper == 1 else many}"

    def _vulgar(self, found: re.Match[str]) -> str:
        upper, lower = _FRACTIONS[found[2]]
        unit = self.units[found[3]] if found[3] else None
        if found[1]:
            part = self._parts(upper, lower)
            part = "a half" if lower == 2 else "a quarter" if (upper, lower) == (1, 4) else part
            return f"{self.whole(found[1])} and {part}" + (f" {unit[1]}" if unit else "")
        if unit and lower == 2:
            return f"half a {unit[0]}"
        return self._parts(upper, lower) + (f" of a {unit[0]}" if unit else "")

    def _feet_and_inches(self, found: re.Match[str]) -> str:
        if re.search(r"ft|feet", found[0]):
            return f"{self.count(found[1], ('foot', 'feet'))} {self.count(found[2], ('inch', 'inches'))}"
        return f"{self.whole(found[1])} foot {self.whole(found[2])}"

    def _inches(self, found: re.Match[str]) -> str | None:
        text = found.string[: found.start()]
        is_quoted = text.count('"') % 2 or text.count("“") > text.count("”")
        return None if is_quoted else self.count(found[1], ("inch", "inches"), self.is_adjective(found))

    def _ratio(self, found: re.Match[str]) -> str | None:
        if len(found[1]) + len(found[2]) > 8:
            return None
        joint = " to " if re.search(r"(?:ratio|scale|odds)\W", before(found)) else " "
        return f"{self.whole(found[1])}{joint}{self.whole(found[2])}"

    # Money

    def _money(self, found: re.Match[str]) -> str:
        minus, sign, amount, last, scale, many, per = found.groups()
        one, plural, cent, cents = words.MONEY[sign]
        if many:
            kind = {"100": "hundreds", "1,000": "thousands", "1000": "thousands"}.get(amount, self.number(amount))
            return f"{kind} of {plural}"
        start, amount = ("", amount) if last is None else (f"{self.number(amount)} to ", last)
        singular = self.is_adjective(found)
        said = self._sum(amount, one if singular else plural, one, cent, cents) if not scale else ""
        if scale:
            said = f"{self.number(amount)} {words.SCALES[scale]} {one if singular else plural}"
        ending = f" per {per[1:]}" if per else ""
        return ("minus " if minus else "") + start + said + ending

    def _sum(self, amount: str, plural: str, one: str, cent: str, cents: str) -> str:
        whole, mark, part = amount.partition(".")
        if not mark or len(part) != 2:
            return f"{self.number(amount)} {one if amount == '1' else plural}"
        units = f"{self.number(whole)} {one if whole == '1' else plural}" if whole and whole != "0" else ""
        parts = f"{self.whole(part.lstrip('0') or '0')} {cent if part == '01' else cents}"
        if part == "00":
            return units or f"zero {plural}"
        if units and self.is_british:
            return f"{units} {self.whole(part.lstrip('0'))}"
        return f"{units} and {parts}" if units else parts

    def _money_after(self, found: re.Match[str]) -> str:
        one, plural, cent, cents = words.MONEY[found[2]]
        return self._sum(found[1], plural, one, cent, cents)

    def _pence(self, found: re.Match[str]) -> str | None:
        if found[2] == "p" and not self.is_british:
            return None
        return self.count(found[1], ("cent", "cents") if found[2] == "¢" else ("penny", "pence"))

    # Dates and times

    def _said_date(self, day: int, month: int, year_digits: str, day_first: bool | None = None) -> str:
        name, said_day = words.MONTHS[month - 1], ordinal(day, self.language)
        day_first = self.is_british if day_first is None else day_first
        said = f"the {said_day} of {name}" if day_first else f"{name} {said_day}"
        if len(year_digits) == 2:
            return f"{said} {self.short_year(year_digits)}"
        return f"{said} {year(int(year_digits), self.language)}" if year_digits else said

    def _date_in_digits(self, found: re.Match[str]) -> str | None:
        parts = re.findall(r"\d+", found[0])
        is_american = "/" in found[0] and not self.is_british and int(parts[0]) <= 12
        if "-" in found[0]:
            parts.reverse()
        elif is_american or int(parts[1]) > 12:
            parts[:2] = parts[1::-1]
        day, month = int(parts[0]), int(parts[1])
        if not (1 <= day <= 31 and 1 <= month <= 12 and len(parts[2]) in (2, 4)):
            return None
        return self._said_date(day, month, parts[2])

    def _month_first(self, found: re.Match[str]) -> str | None:
        name, day, last, year_digits = found.groups()
        if not 1 <= int(day) <= 31 or re.match(r"[:\d%]|\.\d|,\d| times| percent", after(found)):
            return None
        month = words.MONTHS[words.MONTH_NAMES[name] - 1]
        the = "the " if self.is_british else ""
        said = f"{month} {the}{ordinal(int(day), self.language)}"
        if last:
            said += f" to {the}{ordinal(int(last), self.language)}"
        return said + (f" {year(int(year_digits), self.language)}" if year_digits else "")

    def _day_first(self, found: re.Match[str]) -> str | None:
        day, name, year_digits = found.groups()
        if not 1 <= int(day) <= 31 or (
            name in ("Mar", "May") and not year_digits and re.match(r"\s[a-z]+\b", after(found))
        ):
            return None
        said = self._said_date(int(day), words.MONTH_NAMES[name], year_digits or "", day_first=True)
        return said.removeprefix("the ") if self._word_before(found) == "the" else said

    def _month_year(self, found: re.Match[str]) -> str:
        return f"{words.MONTHS[words.MONTH_NAMES[found[1]] - 1]} {year(int(found[2]), self.language)}"

    def _month(self, found: re.Match[str]) -> str | None:
        return None if len(found[1]) > 4 or found[1] == "May" else words.MONTHS[words.MONTH_NAMES[found[1]] - 1]

    def _day_of_week(self, found: re.Match[str]) -> str:
        return words.DAYS[found[1] or found[2]]

    def _hour(self, digits: str) -> str:
        return self.count(digits.lstrip("0") or "0", ("hour", "hours"))

    def _hours(self, found: re.Match[str]) -> str:
        half = (found[3] or found[4]).upper()
        return f"{self.whole(found[1])} to {self.whole(found[2])} {half} M"

    def _half_day(self, found: re.Match[str]) -> str | None:
        if int(found[1]) > 12:
            return None
        hour = self.whole(found[1].lstrip("0") or "0")
        minutes = "" if found[2] in (None, "00") else f" {self.short_year(found[2])}"
        return f"{hour}{minutes} {(found[3] or found[4]).upper()} M"

    def _time(self, found: re.Match[str]) -> str | None:
        if re.search(r"(?:ratio|scale|odds)\W[^.]*$", before(found)) or found[0] == "16:9":
            return None
        hour, minutes = int(found[1]), found[2]
        said = self.whole(str(hour))
        if found.re.groups == 3:
            seconds = found[3].lstrip("0") or "0"
            return f"{said} {self.short_year(minutes)} and {self.count(seconds, ('second', 'seconds'))}"
        if minutes == "00":
            return f"{said} o'clock" if 1 <= hour <= 12 else f"{said} hundred"
        return f"{said} {self.short_year(minutes)}"

    def _british_time(self, found: re.Match[str]) -> str | None:
        is_time = self.is_british and re.search(r"\b(?:at|by|until|till|before|after)\s$", before(found))
        return self._time(found) if is_time else None

    # Words

    def _doctor(self, found: re.Match[str]) -> str:
        name_before = re.search(r"\b([A-Z][a-z]+)\s$", before(found))
        name_after = re.match(r"\s[A-Z]", after(found))
        is_title = re.search(r"(?:Prof|Assoc)\.?\s$|\b(?:The|A|My|Our)\s$", before(found))
        return "Drive" if name_before and not name_after and not is_title else "Doctor"

    def _street(self, found: re.Match[str]) -> str:
        name_before = re.search(r"\b(?:[A-Z][a-z]+\.?|\d+(?:st|nd|rd|th))\s$", before(found))
        name_after = re.match(r"[\s-][A-Z]", after(found))
        return "Street" if name_before and not name_after else "Saint"

    def _reference(self, found: re.Match[str]) -> str:
        kinds = {
            "col": "Column",
            "art": "article",
            "p": "page",
            "c": "circa",
            "fl": "floor",
            "ch": "chapter",
            "sec": "section",
        }
        return kinds[found[1].lower()]

    def _chapter(self, found: re.Match[str]) -> str | None:
        value = roman(found[2].upper())
        if value is None or (found[2] == "I" and re.match(r"\s[a-z]", after(found))):
            return None
        label = self.abbreviations.get(found[1].lower(), found[1])
        return f"{label} {cardinal(value, self.language)}"

    def _reign(self, found: re.Match[str]) -> str | None:
        value = roman(found[2])
        if value is None or value > 30:
            return None
        if len(found[2]) == 1 and found[1] not in _RULERS:
            return None
        if found[1] in _RULERS or re.search(
            r"\b(?:King|Queen|Pope|Emperor|Tsar|Saint)\s(?:[A-Z][a-z]+\s)*$", before(found)
        ):
            return f"{found[1]} the {ordinal(value, self.language)}" + ("'s" if found[3] else "")
        return None

    def _roman(self, found: re.Match[str]) -> str | None:
        value = roman(found[0])
        if value is None:
            return None
        if re.match(r"\scentur", after(found)):
            return ordinal(value, self.language)
        return year(value, self.language) if 1100 <= value < 2100 else cardinal(value, self.language)

    def is_spoken(self, found: re.Match[str], word: str) -> bool:
        if re.search(r"\b[Tt]he\s$|\b(?:and|an|a|of)\s$", before(found)) and word in words.AFTER_THE:
            return False
        return word in words.AFTER_THE - {"US"} or super().is_spoken(found, word)


class British(English):
    """With "and" after hundreds, days before months, pounds before pence."""

    language = "en-gb"

    def _range(self, found: re.Match[str]) -> str | None:
        is_score = found[3] == "" and "0" in (found[1], found[2]) and max(int_or_0(found[1]), int_or_0(found[2])) < 20
        if is_score:
            return " ".join("nil" if part == "0" else self.number(part) for part in (found[1], found[2]))
        return super()._range(found)


_RULERS = word_set(
    "Henry Louis Elizabeth Charles Richard Edward George William James John Paul Pius Napoleon Philip Ferdinand "
    "Francis Frederick Wilhelm Nicholas Alexander Peter Catherine Mary Ivan Leo Benedict Clement Gregory Innocent "
    "Urban Alexander Ramesses Ramses Thutmose Amenhotep Xerxes Darius Cyrus Ptolemy Otto Conrad Harold Robert "
    "Baldwin Stephen Alfonso Isabella Margaret Christian Gustav Olaf Haakon Juan Carlos Felipe Leopold Albert "
    "Rudolf Maximilian Joseph"
)


def _plural(words_: str) -> str:
    return words_.removesuffix("y") + "ies" if words_.endswith("y") else words_ + "s"
