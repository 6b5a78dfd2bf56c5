"""Documents and books as text in chapters: plain, Markdown, HTML, EPUB and PDF."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from menura.text.epub import is_epub, read_epub
from menura.text.html import Heading, decoded, read_page
from menura.text.markdown import read_markdown
from menura.text.pdf import is_pdf, read_pdf

Kind = Literal["plain", "markdown", "html", "epub", "pdf"]
KINDS: dict[str, Kind] = {
    **{".txt": "plain", ".md": "markdown", ".markdown": "markdown"},
    **{".html": "html", ".htm": "html", ".xhtml": "html", ".epub": "epub", ".pdf": "pdf"},
}
"""How names of documents end."""
_LONGEST_TITLE = 120
_MARKDOWN = re.compile(r"^#{1,6} |\]\(https?://|^```", re.MULTILINE)
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,400}?-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_CHAPTER_LINE = re.compile(
    r"(?:\A|\n[ \t]*\n)[ \t]*"
    r"((?:chapter|part|book|volume|act|prologue|epilogue|preface|introduction|kapitel|teil|buch|vorwort|nachwort|"
    r"hoofdstuk|deel|boek|voorwoord|nawoord)\b[^\n]{0,80})(?=\n[ \t]*\n)",
    re.IGNORECASE,
)


class Chapter(NamedTuple):
    """`text[start:end]` of a document; the title is "" where there is none."""

    title: str
    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """What a document says.

    Attributes:
        text: all of it; of plain text and Markdown, as it is written.
        chapters: one after another, from the beginning of the text to its end.
        title, author, language: as it says; "" where it does not.
        is_markdown: whether what formats the text is still in it.
    """

    text: str
    chapters: tuple[Chapter, ...]
    title: str = ""
    author: str = ""
    language: str = ""
    is_markdown: bool = False


def plain(text: str) -> Document:
    """A text as a document of one chapter."""
    return Document(text, (Chapter("", 0, len(text)),))


def kind_of(content: bytes, suffix: str) -> Kind:
    """What a file is, by the end of its name, else by what it holds."""
    if is_epub(content):
        return "epub"
    if is_pdf(content):
        return "pdf"
    if found := KINDS.get(suffix.lower()):
        return found
    if _HTML.match(content[:1024]):
        return "html"
    return "markdown" if _MARKDOWN.search(content.decode("utf-8", "replace")) else "plain"


def read_document(content: bytes, suffix: str = "") -> Document:
    """A document in the bytes of its file.

    Raises:
        ValueError: it cannot be read; what is wrong with it, in part of a line.
    """
    kind = kind_of(content, suffix)
    if kind == "epub":
        book = read_epub(content)
        return Document(
            book.text, _chapters(book.text, book.chapters, book.title), book.title, book.author, book.language
        )
    if kind == "pdf":
        pages = read_pdf(content)
        chapters = _chapters(pages.text, pages.contents, pages.title)
        if len(chapters) < 2:
            chapters = of_headings(pages.text, pages.headings, pages.title)
        if len(chapters) < 2:
            chapters = _of_lines(pages.text, pages.title)
        return Document(pages.text, chapters, pages.title, pages.author, pages.language)
    if kind == "html":
        page = read_page(decoded(content))
        return Document(page.text, of_headings(page.text, page.headings, page.title), page.title, "", page.language)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text: byte {error.start}") from None
    if kind == "markdown":
        headings = [Heading(_level(text[start:end]), start, end) for start, end in read_markdown(text)[1]]
        return Document(text, of_headings(text, headings), is_markdown=True)
    return Document(text, _of_lines(text))


def of_headings(text: str, headings: Sequence[Heading], title: str = "") -> tuple[Chapter, ...]:
    """The chapters of a text by its headings of the highest level that has several."""
    levels = [heading.level for heading in headings]
    level = next((one for one in sorted(set(levels)) if levels.count(one) > 1), 0)
    return _chapters(text, [(text[one.start : one.end], one.start) for one in headings if one.level <= level], title)


def _of_lines(text: str, title: str = "") -> tuple[Chapter, ...]:
    """The chapters of a text by lines of their own that say so."""
    return _chapters(text, [(found[1], found.start(1)) for found in _CHAPTER_LINE.finditer(text)], title)


def _chapters(text: str, starts: Sequence[tuple[str, int]], title: str = "") -> tuple[Chapter, ...]:
    """Chapters that begin at some places; one that says nothing but its title is part of the next."""
    found: list[tuple[str, int]] = [("", 0)]
    for (name, start), (_, end) in pairwise([*starts, ("", len(text))]):
        said = _title(name)
        is_empty = not any(map(str.isalnum, text[found[-1][1] : start].replace(found[-1][0] or "\0", "", 1)))
        if is_empty or start == found[-1][1]:
            joined = " – ".join(part for part in (found[-1][0], said) if part)
            found[-1] = (joined[:_LONGEST_TITLE], found[-1][1])
        elif end > start:
            found.append((said, start))
    found[0] = (found[0][0] or title, 0)
    return tuple(Chapter(name, start, end) for (name, start), (_, end) in pairwise([*found, ("", len(text))]))


def _title(written: str) -> str:
    """A heading on one line, without its marks."""
    return " ".join(written.strip("#=-*_ \t\n").replace("*", "").split())[:_LONGEST_TITLE]


def _level(heading: str) -> int:
    marks = len(heading.lstrip()) - len(heading.lstrip().lstrip("#"))
    return marks or (1 if heading.rstrip().endswith("=") else 2)
