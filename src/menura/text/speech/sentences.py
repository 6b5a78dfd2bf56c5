"""A text cut into sentences, with their places in it: abbreviations, quotes, lists and headings considered."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from menura.text.words import word_set

_STARTERS = word_set(
    "The It He She In We I They But And This That A An There If When You My His Her Its What Why How No Yes So Then "
    "At On Der Die Das Es Er Sie Wir Ich Ein Eine Und Aber Wenn Dann Im In Am Was Wer De Het Een Hij Zij Ze Wij We "
    "Ik Maar En Als Dat Dit Er"
)
_ABBREVIATIONS = word_set(
    "mr mrs ms dr prof st gen col capt lt sgt rev gov sen rep hon pres messrs msgr assoc brig vs eg ie cf approx "
    "fig figs vol vols pp p nos no mt ft dept est attn ca c max min tel ext apt jan feb mar apr jun jul aug sep "
    "sept oct nov dec mon tue tues wed thu thurs fri sat sun e.g i.e ed eds univ bzw z.b d.h u.a vgl nr abb bd hr "
    "fr kap s evtl ggf sog str dipl ing geb gest bes allg mio mrd okt dez z d u b n v bijv bv o.a d.w.z blz pag "
    "mevr dhr drs ir mw t.o.v i.v.m m.b.t i.p.v hfst afb mrt mln mld"
)
_MAY_END = word_set(
    "etc inc ltd co corp jr sr bros a.m p.m u.s u.k e.u d.c b.c a.d ph.d usw enz ave blvd rd st hrs ft in"
)
_END = re.compile(r"(?:[.!?…]+|[。！？])[\"”’'»)\]]*(?=\s|$)|[。！？]")
_BREAK = re.compile(r"[^\S\n]*\n\s*")
_MARKER = re.compile(r"(?:[-*•–+]|#+|\(?\d{1,3}[.)]|[a-z]\))\s")
_WRAPPED_WIDTH = 50
"""A line that is shorter and is followed by a capital ends what it says."""
_GERMAN_ORDINAL = re.compile(r"\b(?:der|die|das|den|dem|des|am|im|zum|zur|vom|beim)\s\d{1,4}\.$", re.IGNORECASE)


@dataclass(frozen=True)
class Sentence:
    """`text[start:end]`, and whether a paragraph, a list's item or a heading ends with it."""

    start: int
    end: int
    ends_paragraph: bool


def split(text: str) -> list[Sentence]:
    """The sentences of a text in order; what is between them is white space."""
    found = []
    for start, end in _blocks(text):
        cuts = [start, *_cuts(text, start, end), end]
        spans = [_trimmed(text, *span) for span in itertools.pairwise(cuts)]
        spans = [span for span in spans if span[0] < span[1]]
        found += [Sentence(*span, ends_paragraph=span is spans[-1]) for span in spans]
    return found


def _blocks(text: str) -> list[tuple[int, int]]:
    """Paragraphs, items of lists and headings."""
    starts, line_start = [0], 0
    for gap in _BREAK.finditer(text):
        if _ends_block(text[line_start : gap.start()], gap[0], text[gap.end() : gap.end() + 8]):
            starts.append(gap.end())
        line_start = gap.end()
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def _ends_block(line: str, gap: str, following: str) -> bool:
    if gap.count("\n") > 1 or _MARKER.match(following) or line.startswith("#"):
        return True
    return len(line) < _WRAPPED_WIDTH and not line.endswith((",", ";", "-")) and not following[:1].islower()


def _cuts(text: str, start: int, end: int) -> list[int]:
    return [found.end() for found in _END.finditer(text, start, end) if _is_end(text, start, end, found)]


def _is_end(text: str, start: int, end: int, found: re.Match[str]) -> bool:
    following = text[found.end() : min(end, found.end() + 40)].lstrip()
    if not following or found[0][0] in "。！？":
        return True
    first = following.lstrip("\"“‘'«([¿¡")
    if first[:1].islower():
        return False
    if not found[0].startswith(".") or found[0].startswith(".."):
        return True
    before = text[max(start, found.start() - 40) : found.start()]
    return _is_full_stop(text[start : found.start()], before, first)


def _is_full_stop(line: str, before: str, following: str) -> bool:
    """Whether a single full stop ends a sentence, and not an abbreviation or an ordinal."""
    last = re.search(r"[^\s(\"“„‘'«]*$", before)
    word = last[0] if last else ""
    next_word = re.match(r"[^\W\d_]+", following)
    starts = bool(next_word and next_word[0] in _STARTERS)
    if line.strip() == word and (word.isdecimal() or len(word) == 1):
        return False
    if word.lower() in _MAY_END or re.fullmatch(r"(?:[A-Za-z]\.)*[A-Z]", word):
        return starts
    if word.lower() in _ABBREVIATIONS and not (
        word.lower() in ("no", "in", "sat", "sun", "mar") and not following[:1].isdigit()
    ):
        return False
    return not _GERMAN_ORDINAL.search(before + ".")


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())
