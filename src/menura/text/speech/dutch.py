"""The reader of Dutch."""

from __future__ import annotations

import re
from typing import ClassVar

from menura.text.speech.continental import Continental
from menura.text.speech.numerals import cardinal, ordinal, roman, year
from menura.text.speech.reader import DASH, Rule
from menura.text.words import word_set

_MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november"),
    "december",
)
_SHORT = {
    **{"jan.": 1, "feb.": 2, "mrt.": 3, "apr.": 4, "jun.": 6, "jul.": 7, "aug.": 8, "sep.": 9, "sept.": 9, "okt.": 10},
    **{"nov.": 11, "dec.": 12},
}
_NAMES = (
    "Willem|Lodewijk|Hendrik|Karel|Filips|Napoleon|Frederik|Albert|Leopold|Elizabeth|George|Paulus|Johannes|Pius|Jan"
)


class Dutch(Continental):
    language = "nl"
    minus, to, point, by, times, per = "min", "tot", "komma", "bij", "keer", "per"
    divided, ratio, hour = "gedeeld door", "staat tot", "uur"
    version, version_point, dotted = "[Vv]ersie", "punt", "punt"
    plural = " '{}"
    months = _MONTHS
    month_names: ClassVar = {name: number for number, name in enumerate(_MONTHS, start=1)} | _SHORT
    labels = "[Hh]oofdstuk|[Dd]eel|[Bb]oek|[Aa]kte|[Aa]rtikel|[Bb]and|Wereldoorlog|[Ff]ase|[Kk]lasse"
    openers = word_set("hoofdstuk deel boek akte artikel band fase klasse versie jaren")
    scales: ClassVar = {
        **{"mln.": "miljoen", "mln": "miljoen", "mld.": "miljard", "mld": "miljard", "miljoen": "miljoen"},
        "miljard": "miljard",
    }
    money: ClassVar = {
        **{"€": ("euro", "cent"), "EUR": ("euro", "cent"), "$": ("dollar", "cent"), "USD": ("dollar", "cent")},
        **{"£": ("pond", "pence"), "¥": ("yen", "sen"), "CHF": ("frank", "centime")},
    }
    signs: ClassVar = {
        **{".": "punt", "/": "schuine streep", "-": "streepje", "_": "laag streepje", ":": "dubbele punt", "=": "is"},
        **{
            "?": "vraagteken",
            "@": "apenstaartje",
            "+": "plus",
            "&": "en",
            "#": "hashtag",
            "%": "procent",
            "~": "tilde",
        },
    }
    symbols: ClassVar = {
        **{"&": "en", "+": "plus", "=": "is", "%": "procent", "@": "apenstaartje", "#": "nummer", "§": "paragraaf"},
        **{"°": "graden", "×": "keer", "÷": "gedeeld door", "±": "plus of min", "≈": "ongeveer", "<": "kleiner dan"},
        **{
            ">": "groter dan",
            "©": "copyright",
            "→": "naar",
            "€": "euro",
            "$": "dollar",
            "~": "ongeveer",
            "²": "kwadraat",
        },
    }
    units: ClassVar = {
        written: (one, many or one)
        for written, one, many in (
            *(("km", "kilometer", ""), ("m", "meter", ""), ("cm", "centimeter", ""), ("mm", "millimeter", "")),
            *(("kg", "kilogram", ""), ("g", "gram", ""), ("mg", "milligram", ""), ("t", "ton", ""), ("l", "liter", "")),
            *(("ml", "milliliter", ""), ("cl", "centiliter", ""), ("%", "procent", ""), ("u", "uur", "")),
            *(("min.", "minuut", "minuten"), ("min", "minuut", "minuten"), ("sec.", "seconde", "seconden")),
            *(("s", "seconde", "seconden"), ("ms", "milliseconde", "milliseconden"), ("km/u", "kilometer per uur", "")),
            *(("km/h", "kilometer per uur", ""), ("m/s", "meter per seconde", ""), ("°C", "graden Celsius", "")),
            *(("°F", "graden Fahrenheit", ""), ("°", "graden", ""), ("m²", "vierkante meter", "")),
            *(("m2", "vierkante meter", ""), ("km²", "vierkante kilometer", ""), ("m³", "kubieke meter", "")),
            *(("m3", "kubieke meter", ""), ("ha", "hectare", ""), ("kB", "kilobyte", ""), ("MB", "megabyte", "")),
            *(("GB", "gigabyte", ""), ("TB", "terabyte", ""), ("Hz", "hertz", ""), ("kHz", "kilohertz", "")),
            *(("MHz", "megahertz", ""), ("GHz", "gigahertz", ""), ("W", "watt", ""), ("kW", "kilowatt", "")),
            *(("MW", "megawatt", ""), ("kWh", "kilowattuur", ""), ("V", "volt", ""), ("A", "ampère", "")),
            *(("dB", "decibel", ""), ("pk", "P K", ""), ("kcal", "kilocalorie", "kilocalorieën"), ("Pa", "pascal", "")),
        )
    }
    abbreviations: ClassVar = {
        **{"bijv.": "bijvoorbeeld", "bv.": "bijvoorbeeld", "d.w.z.": "dat wil zeggen", "enz.": "enzovoort"},
        **{"o.a.": "onder andere", "ca.": "circa", "dr.": "dokter", "prof.": "professor", "dhr.": "de heer"},
        **{
            "mevr.": "mevrouw",
            "mw.": "mevrouw",
            "mr.": "meester",
            "ir.": "ingenieur",
            "drs.": "doctorandus",
            "nr.": "nummer",
        },
        **{
            "blz.": "bladzijde",
            "pag.": "pagina",
            "st.": "Sint",
            "m.b.t.": "met betrekking tot",
            "i.p.v.": "in plaats van",
        },
        **{
            "a.u.b.": "alstublieft",
            "s.v.p.": "alstublieft",
            "vgl.": "vergelijk",
            "excl.": "exclusief",
            "incl.": "inclusief",
        },
        **{
            "tel.": "telefoon",
            "t/m": "tot en met",
            "z.s.m.": "zo snel mogelijk",
            "etc.": "et cetera",
            "n.a.v.": "naar aanleiding van",
        },
        **{
            "t.o.v.": "ten opzichte van",
            "i.v.m.": "in verband met",
            "t.a.v.": "ter attentie van",
            "m.a.w.": "met andere woorden",
        },
        **{
            "o.l.v.": "onder leiding van",
            "e.d.": "en dergelijke",
            "v.chr.": "voor Christus",
            "v. chr.": "voor Christus",
        },
        **{
            "n.chr.": "na Christus",
            "n. chr.": "na Christus",
            "resp.": "respectievelijk",
            "evt.": "eventueel",
            "max.": "maximaal",
        },
        **{
            "afb.": "afbeelding",
            "hfst.": "hoofdstuk",
            "jl.": "jongstleden",
            "a.s.": "aanstaande",
            "i.s.m.": "in samenwerking met",
        },
        **{
            "d.m.v.": "door middel van",
            "m.n.": "met name",
            "o.m.": "onder meer",
            "zgn.": "zogenaamd",
            "gem.": "gemiddeld",
        },
        **{"sint-": "Sint "},
    }
    spoken_capitals = word_set("NAVO NATO UNESCO UNICEF AIDS COVID FIFA UEFA HAVO VUT NASA CAO-2 IKEA OPEC")
    spelled_capitals = word_set("AIVD AOW")
    special_words: ClassVar = {"btw": "B T W", "cd's": "C D 's", "tv": "T V", "π": "pi"}

    def fraction(self, upper: int, lower: int) -> str:
        part = {2: "half", 4: "kwart"}.get(lower) or ordinal(lower, "nl")
        return f"{cardinal(upper, 'nl')} {part}"

    def half(self, whole: str) -> str:
        said = self.whole(whole)
        return said + ("ënhalf" if said.endswith("e") else "enhalf") if whole != "1" else "anderhalf"

    def date_rules(self) -> list:
        return [
            (r"\d{4}-\d\d-\d\d\b|\d{1,2}([-/])\d{1,2}\1\d{4}\b", self._date_in_digits),
            (rf"(\d{{1,2}})\s{self.month_pattern}(?:\s(\d{{4}})\b)?", self._day_and_month),
            (r"(\d+)(?:e|de|ste)\b", lambda found: ordinal(int(found[1]), "nl") if len(found[1]) < 16 else None),
        ]

    def word_rules(self) -> list[Rule]:
        rules = [
            (rf"({_NAMES})\s([IVX]+)\b", self._reign),
            (r"p\.(?=\s\d)", lambda _: "pagina"),
            (r"(en)/(of)\b", lambda _: "en of"),
            (r"['’](?:s|t|n|k|m|r|ns)\b", lambda found: found[0].replace("’", "'")),
            (rf"{DASH}(?=\w)", lambda _: ""),
        ]
        return [*[(re.compile(pattern), read) for pattern, read in rules], *super().word_rules()]

    def date(self, day: int, month: int, year_digits: str, context: str) -> str:  # noqa: ARG002 - German needs it
        said_year = f" {self.said_year(year_digits)}" if year_digits else ""
        return f"{cardinal(day, 'nl')} {_MONTHS[month - 1]}{said_year}"

    def _day_and_month(self, found: re.Match[str]) -> str | None:
        if not 1 <= int(found[1]) <= 31:
            return None
        said = f"{cardinal(int(found[1]), 'nl')} {_MONTHS[self.month_names[found[2]] - 1]}"
        return f"{said} {year(int(found[3]), 'nl')}" if found[3] else said

    def _reign(self, found: re.Match[str]) -> str | None:
        value = roman(found[2])
        return None if value is None else f"{found[1]} de {ordinal(value, 'nl')}"
