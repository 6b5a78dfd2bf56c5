"""The reader of German."""

from __future__ import annotations

import re
from typing import ClassVar

from menura.text.speech.continental import Continental
from menura.text.speech.numerals import cardinal, ordinal, roman, year
from menura.text.speech.reader import Rule, after, before
from menura.text.words import word_set

_MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November"),
    "Dezember",
)
_SHORT = {
    **{"Jan.": 1, "Feb.": 2, "Febr.": 2, "Mrz.": 3, "Apr.": 4, "Jun.": 6, "Jul.": 7, "Aug.": 8, "Sep.": 9, "Sept.": 9},
    **{"Okt.": 10, "Nov.": 11, "Dez.": 12},
}
_FEMININE = word_set("Stunde Minute Sekunde Tonne Meile Kilowattstunde")
_EN = re.compile(
    r"\b(?:am|im|zum|zur|vom|beim|dem|den|des|seinem|ihrem|meinem|unserem|einem|"
    r"(?:in|aus|bei|mit|nach|von|zu|seit|auf|an) der)\s$",
    re.I,
)
_E = re.compile(r"\b(?:der|die|das|eine|ihre|seine|meine|unsere|jede|diese|dieses|dieser|ins|ans|und)\s$", re.I)


class German(Continental):
    language = "de"
    minus, to, point, by, times, per = "minus", "bis", "Komma", "mal", "mal", "pro"
    divided, ratio, hour = "geteilt durch", "zu", "Uhr"
    version, version_point, dotted = "[Vv]ersion", "Punkt", "Punkt"
    plural = " {}"
    months = _MONTHS
    month_names: ClassVar = {name: number for number, name in enumerate(_MONTHS, start=1)} | _SHORT
    labels = "Kapitel|Teil|Band|Akt|Szene|Abschnitt|Buch|Artikel|Weltkrieg|Stufe|Klasse"
    scales: ClassVar = {
        **{"Mio.": "Millionen", "Mio": "Millionen", "Mrd.": "Milliarden", "Mrd": "Milliarden", "Tsd.": "Tausend"},
        **{"Millionen": "Millionen", "Milliarden": "Milliarden", "Million": "Million", "Milliarde": "Milliarde"},
    }
    money: ClassVar = {
        **{"€": ("Euro", "Cent"), "EUR": ("Euro", "Cent"), "Euro": ("Euro", "Cent"), "$": ("Dollar", "Cent")},
        **{"USD": ("US-Dollar", "Cent"), "£": ("Pfund", "Pence"), "CHF": ("Franken", "Rappen"), "¥": ("Yen", "Sen")},
    }
    signs: ClassVar = {
        **{
            ".": "Punkt",
            "/": "Schrägstrich",
            "-": "minus",
            "_": "Unterstrich",
            ":": "Doppelpunkt",
            "?": "Fragezeichen",
        },
        **{"=": "gleich", "@": "ät", "+": "plus", "&": "und", "#": "Hashtag", "%": "Prozent", "~": "Tilde"},
    }
    symbols: ClassVar = {
        **{
            "&": "und",
            "+": "plus",
            "=": "gleich",
            "%": "Prozent",
            "@": "ät",
            "#": "Nummer",
            "§": "Paragraf",
            "°": "Grad",
        },
        **{"×": "mal", "÷": "geteilt durch", "±": "plus minus", "≈": "ungefähr", "<": "kleiner als", ">": "größer als"},
        **{
            "©": "Copyright",
            "→": "nach",
            "€": "Euro",
            "$": "Dollar",
            "~": "ungefähr",
            "²": "Quadrat",
            "√": "Wurzel aus",
        },
    }
    units: ClassVar = {
        written: (one, many or one)
        for written, one, many in (
            *(("km", "Kilometer", ""), ("m", "Meter", ""), ("cm", "Zentimeter", ""), ("mm", "Millimeter", "")),
            *(("kg", "Kilogramm", ""), ("g", "Gramm", ""), ("mg", "Milligramm", ""), ("t", "Tonne", "Tonnen")),
            *(("l", "Liter", ""), ("ml", "Milliliter", ""), ("cl", "Zentiliter", ""), ("%", "Prozent", "")),
            *(("h", "Stunde", "Stunden"), ("Std.", "Stunde", "Stunden"), ("Min.", "Minute", "Minuten")),
            *(("min", "Minute", "Minuten"), ("s", "Sekunde", "Sekunden"), ("Sek.", "Sekunde", "Sekunden")),
            *(("ms", "Millisekunde", "Millisekunden"), ("km/h", "Kilometer pro Stunde", ""), ("°", "Grad", "")),
            *(("m/s", "Meter pro Sekunde", ""), ("°C", "Grad Celsius", ""), ("°F", "Grad Fahrenheit", "")),
            *(("m²", "Quadratmeter", ""), ("m2", "Quadratmeter", ""), ("km²", "Quadratkilometer", "")),
            *(("m³", "Kubikmeter", ""), ("m3", "Kubikmeter", ""), ("ha", "Hektar", ""), ("J.", "Jahr", "Jahre")),
            *(("kB", "Kilobyte", ""), ("MB", "Megabyte", ""), ("GB", "Gigabyte", ""), ("TB", "Terabyte", "")),
            *(("Hz", "Hertz", ""), ("kHz", "Kilohertz", ""), ("MHz", "Megahertz", ""), ("GHz", "Gigahertz", "")),
            *(
                ("W", "Watt", ""),
                ("kW", "Kilowatt", ""),
                ("MW", "Megawatt", ""),
                ("kWh", "Kilowattstunde", "Kilowattstunden"),
            ),
            *(("V", "Volt", ""), ("A", "Ampere", ""), ("dB", "Dezibel", ""), ("PS", "P S", ""), ("ct", "Cent", "")),
            *(("kcal", "Kilokalorie", "Kilokalorien"), ("Pa", "Pascal", ""), ("hPa", "Hektopascal", "")),
        )
    }
    abbreviations: ClassVar = {
        **{
            "z. b.": "zum Beispiel",
            "z.b.": "zum Beispiel",
            "d. h.": "das heißt",
            "d.h.": "das heißt",
            "etc.": "et cetera",
        },
        **{"u. a.": "unter anderem", "u.a.": "unter anderem", "usw.": "und so weiter", "bzw.": "beziehungsweise"},
        **{"ca.": "circa", "dr.": "Doktor", "prof.": "Professor", "hr.": "Herr", "hrn.": "Herrn", "nr.": "Nummer"},
        **{"st.-": "Sankt ", "bd.": "Band", "abb.": "Abbildung", "vgl.": "vergleiche", "inkl.": "inklusive"},
        **{
            "exkl.": "exklusive",
            "mwst.": "Mehrwertsteuer",
            "evtl.": "eventuell",
            "tel.": "Telefon",
            "mind.": "mindestens",
        },
        **{
            "max.": "maximal",
            "ggf.": "gegebenenfalls",
            "sog.": "sogenannt",
            "u. u.": "unter Umständen",
            "o. ä.": "oder Ähnliches",
        },
        **{"o.ä.": "oder Ähnliches", "i. d. r.": "in der Regel", "i.d.r.": "in der Regel", "n. chr.": "nach Christus"},
        **{"v. chr.": "vor Christus", "jh.": "Jahrhundert", "geb.": "geboren", "gest.": "gestorben", "dipl.": "Diplom"},
        **{
            "ing.": "Ingenieur",
            "allg.": "allgemein",
            "bes.": "besonders",
            "einschl.": "einschließlich",
            "u.s.w.": "und so weiter",
        },
        **{
            "str.": "Straße",
            "kap.": "Kapitel",
            "fam.": "Familie",
            "jr.": "junior",
            "sen.": "senior",
            "s.o.": "siehe oben",
        },
        **{"s.u.": "siehe unten", "m.e.": "meines Erachtens", "u.v.m.": "und vieles mehr", "zzgl.": "zuzüglich"},
    }
    spoken_capitals = word_set("NATO UNO UNESCO UNICEF AIDS COVID FIFA UEFA TÜV NASA RAF BAFÖG LASER OPEC IKEA DAX")
    spelled_capitals = word_set("ADAC ADHS USA ARD ZDF AIDA-2 DIHK IHK")
    special_words: ClassVar = {"GmbH": "G M B H", "PKW": "P K W", "Pkw": "P K W", "Lkw": "L K W", "π": "Pi"}

    def one(self, unit: str) -> str:
        return "eine" if unit in _FEMININE else "ein"

    def often(self, number: str) -> str:
        return self.number(number).removesuffix("s" if number == "1" else "") + "mal"

    def fraction(self, upper: int, lower: int) -> str:
        count = "ein" if upper == 1 else cardinal(upper, "de")
        if lower == 2:
            return f"{count} {'halb' if upper == 1 else 'Halbe'}"
        return f"{count} {ordinal(lower, 'de', 'el').capitalize()}"

    def half(self, whole: str) -> str:
        return self.whole(whole).removesuffix("s" if whole == "1" else "") + "einhalb"

    def date_rules(self) -> list:
        return [
            (r"\d{4}-\d\d-\d\d\b", self._date_in_digits),
            (r"\d{1,2}\.\s?\d{1,2}\.(?:\s?(?:\d{4}|\d\d)\b)?(?!\d)", self._date_in_digits),
            (rf"(\d{{1,2}})\.\s?{self.month_pattern}(?:\s(\d{{4}})\b)?", self._day_and_month),
            (r"(\d{1,4})\.(?=\s[\wÄÖÜ])", self._ordinal),
            (r"(\d{2,4})er\b", lambda found: year(int(found[1]), "de") + "er"),
            (r"ab\s(\d+)\sJ\.", lambda found: f"ab {self.number(found[1])} Jahren"),
        ]

    def word_rules(self) -> list[Rule]:
        rules = [
            (r"([A-ZÄÖÜ][a-zäöü]+)\s([IVX]+)\.", self._reign),
            (r"([A-ZÄÖÜ]\w*)str\.", lambda found: f"{found[1]}straße"),
            (r"Fr\.(?=\s[A-ZÄÖÜ])", lambda _: "Frau"),
            (r"St\.(?=[\s-])", lambda _: "Sankt"),
            (r"S\.(?=\s\d)", lambda _: "Seite"),
            (r"(und)/(oder)\b", lambda _: "und oder"),
        ]
        return [*[(re.compile(pattern), read) for pattern, read in rules], *super().word_rules()]

    def date(self, day: int, month: int, year_digits: str, context: str) -> str:
        ending = _ending(context)
        in_words = re.search(r"\d{4}-$", context)
        name = ordinal(month, "de", ending) if not in_words else _MONTHS[month - 1]
        return f"{ordinal(day, 'de', ending)} {name} {self.said_year(year_digits) if year_digits else ''}".strip()

    def _date_in_digits(self, found: re.Match[str]) -> str | None:
        if "-" in found[0]:
            year_digits, month, day = found[0].split("-")
            if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
                return None
            said_day = ordinal(int(day), "de", _ending(before(found)))
            return f"{said_day} {_MONTHS[int(month) - 1]} {year(int(year_digits), 'de')}"
        return super()._date_in_digits(found)

    def _day_and_month(self, found: re.Match[str]) -> str | None:
        if not 1 <= int(found[1]) <= 31:
            return None
        said = f"{ordinal(int(found[1]), 'de', _ending(before(found)))} {_MONTHS[self.month_names[found[2]] - 1]}"
        return f"{said} {year(int(found[3]), 'de')}" if found[3] else said

    def _ordinal(self, found: re.Match[str]) -> str | None:
        context, number = before(found), int(found[1])
        if not context.strip(" \n") or context.endswith("\n"):
            return f"{ordinal(number, 'de')}ns" if re.match(r"\s[A-ZÄÖÜ]", after(found)) and number else None
        if not (_EN.search(context) or _E.search(context)) and self.follows_sentence(found):
            return None
        return ordinal(number, "de", "en" if _EN.search(context) else "e") if number else None

    def _reign(self, found: re.Match[str]) -> str | None:
        value = roman(found[2])
        if value is None or re.fullmatch(self.labels, found[1]):
            return None
        return f"{found[1]} der {ordinal(value, 'de').capitalize()}"


def _ending(context: str) -> str:
    """Of a day's ordinal after these words: am dritten, der dritte, dritter."""
    return "en" if _EN.search(context) else "e" if _E.search(context) else "er"
