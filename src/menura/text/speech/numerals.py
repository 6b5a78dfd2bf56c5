"""Numbers as words in English, German and Dutch: cardinals, ordinals, years, and roman numerals as numbers."""

from __future__ import annotations

import re

LARGEST = 10**15 - 1
"""Beyond this a number is read digit by digit."""

_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def roman(numeral: str) -> int | None:
    """The value of a roman numeral in capitals, or None where it is not spelled as one."""
    if not numeral or not _ROMAN.fullmatch(numeral):
        return None
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(
        value if value >= following else -value for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def cardinal(number: int, language: str) -> str:
    """`number` from 0 to `LARGEST` in words of "en-us", "en-gb", "de" or "nl"."""
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number} is not a number from 0 to {LARGEST}")
    if language == "de":
        return _german(number)
    return _dutch(number) if language == "nl" else _english(number, " and" if language == "en-gb" else "")


def ordinal(number: int, language: str, ending: str = "e") -> str:
    """First, second, …; German ones end in `ending`: "e", "en", "er" or "es"."""
    if language == "de":
        return _german_ordinal(number) + ending
    return _dutch_ordinal(number) if language == "nl" else _english_ordinal(cardinal(number, language))


def year(number: int, language: str) -> str:
    """A year as it is said: nineteen ninety nine."""
    century, rest = divmod(number, 100)
    if language == "de":
        if 1100 <= number < 2000:
            return _german(century) + "hundert" + (_german(rest) if rest else "")
    elif language == "nl":
        if 1100 <= number < 2000:
            return _dutch(century) + ("honderd" if rest < 10 else "") + (_dutch(rest) if rest else "")
    elif 1000 < number < 10000 and number % 1000 > 9:
        tail = _english(rest, "") if rest > 9 else f"oh {_ENGLISH[rest]}"
        return f"{_english(century, '')} {tail if rest else 'hundred'}"
    return cardinal(number, language)


_ENGLISH = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_ENGLISH_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ENGLISH_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_ENGLISH_ORDINALS = {
    **{"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"},
    "twelve": "twelfth",
}


def _english(number: int, joint: str) -> str:
    """`joint`: what stands before the last two digits, " and" in Britain."""
    if number < 20:
        return _ENGLISH[number]
    if number < 100:
        return _ENGLISH_TENS[number // 10] + (f" {_ENGLISH[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = number % 100
        return f"{_ENGLISH[number // 100]} hundred" + (f"{joint} {_english(rest, joint)}" if rest else "")
    scale, name = next((scale, name) for scale, name in _ENGLISH_SCALES if number >= scale)
    count, rest = divmod(number, scale)
    tail = f"{joint if rest < 100 else ''} {_english(rest, joint)}" if rest else ""
    return f"{_english(count, joint)} {name}{tail}"


def _english_ordinal(words: str) -> str:
    start, _, last = words.rpartition(" ")
    last = last[:-1] + "ieth" if last.endswith("y") else _ENGLISH_ORDINALS.get(last, last + "th")
    return f"{start} {last}".strip()


_GERMAN = (
    *("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"),
    *("dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"),
)
_GERMAN_TENS = ("", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_GERMAN_SCALES = (
    (10**12, "Billion", "Billionen"),
    (10**9, "Milliarde", "Milliarden"),
    (10**6, "Million", "Millionen"),
)
_GERMAN_ORDINALS = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}


def _german(number: int) -> str:
    for scale, one, many in _GERMAN_SCALES:
        if number >= scale:
            count, rest = divmod(number, scale)
            head = f"eine {one}" if count == 1 else f"{_german(count)} {many}"
            return head + (f" {_german(rest)}" if rest else "")
    if number >= 1000:
        count, rest = divmod(number, 1000)
        return _german_before(count) + "tausend" + (_german(rest) if rest else "")
    if number >= 100:
        count, rest = divmod(number, 100)
        return _german_before(count) + "hundert" + (_german(rest) if rest else "")
    if number < 20:
        return _GERMAN[number]
    tens, unit = divmod(number, 10)
    return (f"{_german_before(unit)}und" if unit else "") + _GERMAN_TENS[tens]


def _german_before(number: int) -> str:
    """As it stands before hundert, tausend, und: ein, not eins."""
    return _german(number).removesuffix("s") if number % 100 == 1 else _german(number)


def _german_ordinal(number: int) -> str:
    head, last = divmod(number, 100)
    if not last or last >= 20:
        return _german(number) + "st"
    start = _german(head * 100) if head else ""
    return start + _GERMAN_ORDINALS.get(last, _GERMAN[last] + "t")


_DUTCH = (
    *("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"),
    *("dertien", "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien"),
)
_DUTCH_TENS = ("", "", "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig")
_DUTCH_SCALES = ((10**12, "biljoen"), (10**9, "miljard"), (10**6, "miljoen"))
_DUTCH_ORDINALS = {0: "nulde", 1: "eerste", 3: "derde", 8: "achtste"}


def _dutch(number: int) -> str:
    for scale, name in _DUTCH_SCALES:
        if number >= scale:
            count, rest = divmod(number, scale)
            return f"{_dutch(count)} {name}" + (f" {_dutch(rest)}" if rest else "")
    if number >= 1000:
        count, rest = divmod(number, 1000)
        return (_dutch(count) if count > 1 else "") + "duizend" + (f" {_dutch(rest)}" if rest else "")
    if number >= 100:
        count, rest = divmod(number, 100)
        return (_dutch(count) if count > 1 else "") + "honderd" + (_dutch(rest) if rest else "")
    if number < 20:
        return _DUTCH[number]
    tens, unit = divmod(number, 10)
    joint = "ën" if unit in (2, 3) else "en"
    return (_DUTCH[unit] + joint if unit else "") + _DUTCH_TENS[tens]


def _dutch_ordinal(number: int) -> str:
    last = number % 100
    if last in _DUTCH_ORDINALS and (last or not number):
        words = _dutch(number)
        return words.removesuffix(_DUTCH[last]) + _DUTCH_ORDINALS[last]
    return _dutch(number) + ("de" if 0 < last < 20 else "ste")
