"""PDF: what its pages say, in paragraphs, without running headers, page numbers and notes.

ISO 32000-1, "Document management: Portable document format", 2008. A page is only letters at places: what is a line of
it, pypdf tells; what is a paragraph or a heading is told here from sizes, indents and distances.
"""

from __future__ import annotations

import io
import logging
import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from menura.extras import require
from menura.text.html import Heading

_MOST_PAGES, _MOST_CHARACTERS, _MOST_OPERATIONS = 10_000, 8_000_000, 20_000_000
_MOST_SAID, _LONGEST_HEADING, _DEEPEST = 200, 120, 2
_HEADING_SIZE, _NOTE_SIZE, _MARK_SIZE = 1.12, 0.93, 0.86
"""Of the usual size: at least that of a heading; at most those of notes under the text, and of their marks in it."""
_NEAR_PAGES, _LEAST_NUMBERED = 2, 3
_GAP, _INDENT_EM, _MOST_INDENT_EM, _SHORT = 1.35, 0.7, 5.0, 0.8
_NUMBER = re.compile(r"\d{1,4}|[ivxlc]{1,8}", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"\W*(?:page|seite|pagina|p\.)?\s*(\d{1,4})\W*(?:\d{1,4}\W*)?", re.IGNORECASE)
_MARK = re.compile(r"\s*(?:\d{1,3}|[*†‡§¶]+)(?:,\s*\d{1,3})*\s*")
_NOTE = re.compile(r"\s*(?:\d{1,3}|[*†‡§¶])\W*\s*\w")
_LEADERS = re.compile(r"(?:[.…·]\s?){4,}\s*\w{1,6}$")
_CONTENTS = re.compile(r"(?:table of )?contents|inhalt(?:sverzeichnis)?|inhoud(?:sopgave)?", re.IGNORECASE)
_ITEM = re.compile(r"[•‣▪◦–—*-]\s")
_ENDS = re.compile(r"[.!?:…][\"'”’»)\]]*$")
_HYPHEN = re.compile(r"(\w+)[-\u2010\u00ad]$")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})

logging.getLogger("pypdf").addHandler(logging.NullHandler())  # a reader of a book cannot mend its file


@dataclass(frozen=True)
class Pages:
    """What a PDF says.

    Attributes:
        text: paragraphs, with empty lines between them.
        contents: the titles of its table of contents, and where they begin in the text, in order.
        headings: as they look.
        title, author, language: as it says; "" where it does not.
    """

    text: str
    contents: tuple[tuple[str, int], ...]
    headings: tuple[Heading, ...]
    title: str = ""
    author: str = ""
    language: str = ""


@dataclass(frozen=True)
class _Line:
    """A line of a page; its place is that of its first letter, in points, upwards from below."""

    text: str
    page: int
    x: float
    y: float
    size: float


def is_pdf(content: bytes) -> bool:
    """Whether some bytes are a PDF."""
    return b"%PDF-" in content[:1024]


def read_pdf(content: bytes) -> Pages:
    """The text of a PDF.

    Raises:
        ValueError: pypdf is not there, or the file is damaged, locked, too large or only pictures; in part of a line.
    """
    require("is a PDF, and reading it", "pypdf")
    from pypdf import PdfReader  # pyright: ignore[reportMissingImports]
    from pypdf.errors import DependencyError  # pyright: ignore[reportMissingImports]

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _Unread("is locked with a password, so it cannot be read")
        if len(reader.pages) > _MOST_PAGES:
            raise _Unread(f"has more than {_MOST_PAGES} pages")
        lines = _lines(reader)
        entries = list(_entries(reader, lines))
        title, author = (_said(reader, name) for name in ("title", "author"))
        language = str(reader.root_object.get("/Lang", ""))[:_MOST_SAID]
    except _Unread as error:
        raise ValueError(str(error)) from None
    except DependencyError:
        raise ValueError("is encrypted, so it cannot be read; save it without encryption") from None
    except Exception as error:  # what is damaged breaks its reader anywhere
        raise ValueError(f"is damaged: {' '.join(str(error).split())[:_MOST_SAID] or type(error).__name__}") from None
    letters = sum(map(str.isalnum, "".join(line.text for line in lines)))
    if not letters:
        raise ValueError("has pictures of pages and no text; recognise it (OCR) first")
    text, places, headings = _laid_out(lines)
    contents = tuple((name, places[number]) for name, number in entries)
    return Pages(text, contents, headings, title, author, language)


class _Unread(Exception):
    """Why a PDF is not read."""


def _said(reader: Any, name: str) -> str:
    return " ".join(str(getattr(reader.metadata, name, None) or "").split())[:_MOST_SAID]


def _lines(reader: Any) -> list[_Line]:
    """Those that are read, in the order in which they are written: no table of contents, either."""
    pages: list[list[_Line]] = []
    reading = _Reading()
    for number, page in enumerate(reader.pages):
        pages.append(reading.lines(number, page))
    lines = [line for page in pages for line in page]
    if not lines:
        return []
    usual = _usual_size(lines)
    left_out = _running(pages, usual)
    read = [line for page in pages for line in _without_notes([one for one in page if one not in left_out], usual)]
    leads = [bool(_LEADERS.search(line.text)) for line in read]
    titles = (
        following and bool(_CONTENTS.fullmatch(line.text))
        for line, following in zip(read, [*leads[1:], False], strict=True)
    )
    return [line for line, *is_listed in zip(read, leads, titles, strict=True) if not any(is_listed)]


class _Reading:
    """Pages as lines; all together are so much work at most."""

    def __init__(self) -> None:
        self._operations = self._characters = 0

    def lines(self, number: int, page: Any) -> list[_Line]:
        pieces: list[tuple[str, float, float, float]] = []
        lines: list[_Line] = []

        def end() -> None:
            if not pieces:
                return
            size = max(piece[3] for piece in pieces)
            base = next(piece[2] for piece in pieces if piece[3] == size)
            kept = [
                text
                for text, _, y, own in pieces
                if own > _MARK_SIZE * size or y <= base or not _MARK.fullmatch(text)  # a note's mark is raised
            ]
            text = " ".join("".join(kept).translate(_LIGATURES).replace("\0", "").split())
            if text:
                _, x, y, _ = pieces[0]
                lines.append(_Line(text, number, x, y, size))
            pieces.clear()

        def operation(*_: Any) -> None:
            self._operations += 1
            if self._operations > _MOST_OPERATIONS:
                raise _Unread("takes too long to read")

        def piece(text: str, matrix: Sequence[float], own: Sequence[float], _: Any, size: float) -> None:
            self._characters += len(text)
            if self._characters > _MOST_CHARACTERS:
                raise _Unread(f"has more than {_MOST_CHARACTERS:,} letters")
            a, b, c, d, e, f = (float(value) for value in own)
            right = a * matrix[0] + b * matrix[2], a * matrix[1] + b * matrix[3]
            if text.strip() and abs(right[0]) >= abs(right[1]):  # what stands on its side is no text
                height = math.hypot(c * matrix[0] + d * matrix[2], c * matrix[1] + d * matrix[3])
                x, y = e * matrix[0] + f * matrix[2] + matrix[4], e * matrix[1] + f * matrix[3] + matrix[5]
                pieces.append((text, x, y, abs(float(size)) * height))
            elif text and pieces:
                pieces.append((text, *pieces[-1][1:]))
            if "\n" in text:
                end()

        page.extract_text(visitor_operand_before=operation, visitor_text=piece)
        end()
        return lines


def _usual_size(lines: Sequence[_Line]) -> float:
    """The size of most letters."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0]


def _running(pages: Sequence[Sequence[_Line]], usual: float) -> set[_Line]:
    """Page numbers, and what stands above or below the text of one page as of the next."""
    found: set[_Line] = set()
    for _ in range(2):  # headers have two lines at most
        outer = [_outermost([line for line in page if line not in found], usual) for page in pages]
        numbers = [(line.page, _page_number(line.text)) for lines in outer for line in lines]
        shifts = Counter(number - page for page, number in numbers if number is not None)
        shift, count = shifts.most_common(1)[0] if shifts else (0, 0)
        keys = [{(_key(line.text), row) for line in lines for row in _rows(line)} for lines in outer]
        for page, lines in enumerate(outer):
            near = set().union(*keys[max(page - _NEAR_PAGES, 0) : page], *keys[page + 1 : page + 1 + _NEAR_PAGES])
            for line in lines:
                numbered = count >= _LEAST_NUMBERED and _page_number(line.text) == shift + line.page
                if numbered or (_key(line.text), round(line.y)) in near:
                    found.add(line)
        rows = Counter((row, round(line.size)) for line in found for row in _rows(line))
        for page, lines in zip(pages, outer, strict=True):
            found |= {
                line
                for line in lines
                if rows[round(line.y), round(line.size)] >= 2
                and all(abs(line.y - one.y) > 1.5 * usual for one in page if abs(line.y - one.y) > usual / 2)
            }
    return found


def _rows(line: _Line) -> range:
    """Heights, in points, that are as good as a line's."""
    return range(round(line.y) - 2, round(line.y) + 3)


def _outermost(lines: Sequence[_Line], usual: float) -> list[_Line]:
    """The lines of a page with none above, or none below, that are not large."""
    if not lines:
        return []
    edges = max(line.y for line in lines), min(line.y for line in lines)
    return [
        line
        for line in lines
        if line.size < _HEADING_SIZE * usual and min(abs(line.y - edge) for edge in edges) < usual / 2
    ]


def _page_number(text: str) -> int | None:
    """The number that a line is, and nothing else."""
    found = _PAGE_NUMBER.fullmatch(text)
    return int(found[1]) if found else None


def _key(text: str) -> str:
    """What two running lines have in common."""
    return _NUMBER.sub("#", text) if re.search(r"\d", text) or _NUMBER.fullmatch(text.strip("-– .")) else text


def _without_notes(lines: Sequence[_Line], usual: float) -> Sequence[_Line]:
    """The lines of a page without the small ones at its foot that begin with a note's mark."""
    count = len(lines)
    while count and lines[count - 1].size <= _NOTE_SIZE * usual:
        count -= 1
    return lines[:count] if count and any(_NOTE.match(line.text) for line in lines[count : count + 1]) else lines


def _entries(reader: Any, lines: Sequence[_Line]) -> Iterator[tuple[str, int]]:
    """Titles of the table of contents, and the number of the line where each begins."""
    outline: list[Any] = []
    with suppress(Exception):  # a table that is damaged is none
        outline = reader.outline
    pages = [line.page for line in lines]
    found = []
    for title, page, top in _flat(reader, outline, 1):
        own = range(bisect_left(pages, page), bisect_right(pages, page))
        if own.start == len(lines):
            continue
        folded = _folded(title)
        named = (number for number in own if (text := _folded(lines[number].text)) and folded.startswith(text[:40]))
        below = (number for number in own if top is not None and lines[number].y <= top)
        found.append((title, next(named, next(below, own.start))))
    yield from sorted(found, key=lambda one: one[1])


def _flat(reader: Any, outline: Sequence[Any], depth: int) -> Iterator[tuple[str, int, float | None]]:
    """Titles with the pages and heights that they point at, from the highest levels."""
    for one in outline:
        if isinstance(one, list):
            if depth < _DEEPEST:
                yield from _flat(reader, one, depth + 1)
            continue
        with suppress(Exception):  # an entry that points nowhere is none
            page = reader.get_destination_page_number(one)
            title = " ".join(str(one.title).replace("\0", "").split())[:_MOST_SAID]
            if page is not None and page >= 0 and title:
                top = one.get("/Top")
                yield title, page, float(top) if isinstance(top, int | float) else None


def _folded(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def _laid_out(lines: Sequence[_Line]) -> tuple[str, list[int], tuple[Heading, ...]]:
    """Lines as paragraphs; where each line begins in the text; and the headings, the largest first in rank."""
    usual = _usual_size(lines)
    leading = _leading(lines, usual)
    width = sorted(len(line.text) for line in lines)[int(0.9 * (len(lines) - 1))]
    margins = _margins(lines)
    words = Counter(re.findall(r"\w+(?:-\w+)*", " ".join(line.text for line in lines).lower()))
    parts: list[str] = []
    places: list[int] = []
    headings: list[tuple[float, int, int]] = []
    reached = 0
    before: _Line | None = None
    for line in lines:
        begins = before is None or _begins(line, before, usual, leading, width, margins)
        gap = "" if before is None else "\n\n" if begins else " "
        if not begins and parts and line.text[0].islower() and (cut := _HYPHEN.search(parts[-1])):
            kept = _hyphenless(parts[-1], cut[1], line.text, words)
            reached += len(kept) - len(parts[-1])
            parts[-1], gap = kept, ""
        parts += [gap, line.text]
        places.append(reached + len(gap))
        reached += len(gap) + len(line.text)
        if line.size >= _HEADING_SIZE * usual and len(line.text) <= _LONGEST_HEADING:
            if begins or not headings:
                headings.append((round(line.size), places[-1], reached))
            else:
                headings[-1] = (headings[-1][0], headings[-1][1], reached)
        before = line
    sizes = sorted({size for size, _, _ in headings}, reverse=True)
    return "".join(parts), places, tuple(Heading(sizes.index(size) + 1, start, end) for size, start, end in headings)


def _leading(lines: Sequence[_Line], usual: float) -> float:
    """From one line to the next, as a rule."""
    steps = [before.y - line.y for before, line in pairwise(lines) if before.page == line.page]
    return median([step for step in steps if 0.5 * usual < step < 3 * usual] or [1.2 * usual])


def _margins(lines: Sequence[_Line]) -> dict[int, float]:
    """Where most lines of each page begin."""
    starts: dict[int, Counter[int]] = {}
    for line in lines:
        starts.setdefault(line.page, Counter())[round(line.x)] += 1
    return {page: min(counts, key=lambda x: (-counts[x], x)) for page, counts in starts.items()}


def _begins(line: _Line, before: _Line, usual: float, leading: float, width: int, margins: dict[int, float]) -> bool:
    """Whether a line begins a paragraph."""
    if abs(line.size - before.size) > 0.1 * usual and max(line.size, before.size) >= _HEADING_SIZE * usual:
        return True
    if _ITEM.match(line.text):
        return True
    is_ended = bool(_ENDS.search(before.text))
    if line.text[0].islower() and not is_ended:
        return False
    step = before.y - line.y
    if line.page == before.page and step > _GAP * max(leading, line.size):
        return True
    indent = (line.x - margins[line.page]) / usual
    was = (before.x - margins[before.page]) / usual
    if _INDENT_EM < indent < _MOST_INDENT_EM and indent - was > _INDENT_EM / 2:
        return True
    return is_ended and (len(before.text) < _SHORT * width or _INDENT_EM < indent < _MOST_INDENT_EM)


def _hyphenless(text: str, head: str, following: str, words: Counter[str]) -> str:
    """A text without the hyphen at its end, unless the word has one wherever else it is written."""
    tail = re.match(r"\w+", following)
    rest = tail[0] if tail else ""
    written = f"{head}-{rest}".lower()
    return text if words[written] > words[(head + rest).lower()] else text[:-1]
