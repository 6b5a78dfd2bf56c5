"""EPUB: a book's text in reading order, with its table of contents.

Standards: W3C, "EPUB 3.3", 2023; IDPF, "Open Packaging Format 2.0.1", 2010. What is inflated is bounded, nothing is
written, and names that point out of the archive name nothing.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

from menura.text.html import Page, Tag, decoded, read_page, tags

_MOST_ENTRIES = 20_000
_MOST_PAGE_BYTES, _MOST_BYTES = 16 << 20, 64 << 20
_DEEPEST = 2
"""Levels of the table of contents that are chapters."""
_SAID = ("title", "creator", "language")
_MOST_SAID = 200
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


class _Item(NamedTuple):
    """A file of the book: where it is, its media type, and whether it is the table of contents."""

    place: str
    kind: str
    is_navigation: bool


@dataclass(frozen=True)
class Book:
    """What a book says.

    Attributes:
        text: its pages, with empty lines between them.
        chapters: titles and where they begin in the text, in order.
        title, author, language: as it says.
    """

    text: str
    chapters: tuple[tuple[str, int], ...]
    title: str
    author: str
    language: str


def is_epub(content: bytes) -> bool:
    """Whether some bytes are an archive, as an EPUB is."""
    return content.startswith(b"PK\x03\x04")


def read_epub(content: bytes) -> Book:
    """The book in a file.

    Raises:
        ValueError: it is damaged, locked, too large or no book; what is wrong, in part of a line.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > _MOST_ENTRIES:
                raise ValueError(f"holds more than {_MOST_ENTRIES} files, so it is no book")
            return _Archive(archive).book()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise ValueError(f"is damaged or locked: {' '.join(str(error).split())[:200]}") from None


class _Archive:
    """An EPUB's files; together they are inflated to so much at most."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive, self._left = archive, _MOST_BYTES
        self._names = set(archive.namelist())

    def text(self, name: str) -> str:
        most = min(_MOST_PAGE_BYTES, self._left)
        with self._archive.open(name) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise ValueError(f"{name[:80]} is larger than a book's pages are")
        self._left -= len(content)
        return decoded(content)

    def book(self) -> Book:
        place = self._package()
        package = list(tags(self.text(place)))
        said: dict[str, str] = {}
        for tag, following in pairwise(package):
            if tag.name in _SAID and not tag.is_end and following.text.strip():
                said.setdefault(tag.name, " ".join(following.text.split())[:_MOST_SAID])
        base = posixpath.dirname(place)
        items = {
            tag.attributes.get("id", ""): _Item(
                _place(base, tag.attributes.get("href", "")),
                tag.attributes.get("media-type", ""),
                "nav" in tag.attributes.get("properties", "").split(),
            )
            for tag in package
            if tag.name == "item"
        }
        order = [tag.attributes.get("idref", "") for tag in package if tag.name == "itemref" and _is_read(tag)]
        pages = self._pages([items[one].place for one in order if one in items and items[one].kind in _PAGES])
        contents = next((tag.attributes.get("toc", "") for tag in package if tag.name == "spine"), "")
        navigation = next((item.place for item in items.values() if item.is_navigation), "")
        if not navigation and contents in items:
            navigation = items[contents].place
        text, starts = _joined(pages)
        chapters = tuple(_chapters(pages, starts, list(self._entries(navigation))))
        return Book(text, chapters, *(said.get(name, "") for name in _SAID))

    def _package(self) -> str:
        if "META-INF/container.xml" in self._names:
            for tag in tags(self.text("META-INF/container.xml")):
                if tag.name == "rootfile" and tag.attributes.get("full-path", "") in self._names:
                    return tag.attributes["full-path"]
        raise ValueError("is no EPUB: META-INF/container.xml names no book in it")

    def _pages(self, places: list[str]) -> Mapping[str, Page]:
        """Those that are read in turn."""
        if not places:
            raise ValueError("is no EPUB: its spine names no page")
        if "META-INF/encryption.xml" in self._names:
            written = self.text("META-INF/encryption.xml")
            locked = {unquote(tag.attributes.get("uri", "")) for tag in tags(written) if tag.name == "cipherreference"}
            if locked & set(places):
                raise ValueError("is locked (DRM), so it cannot be read")
        if missing := [place for place in places if place not in self._names]:
            raise ValueError(f"is not whole: {missing[0][:80]!r} is not in it")
        return {place: read_page(self.text(place)) for place in places}

    def _entries(self, place: str) -> Iterator[tuple[str, str]]:
        """Titles of the table of contents and where they point, of EPUB 3 (nav, a) or 2 (navPoint, content)."""
        if place not in self._names:
            return
        base, depth, title, target = posixpath.dirname(place), 0, "", ""
        is_contents = is_label = False
        for tag in tags(self.text(place)):
            if tag.name == "nav":
                is_contents = not tag.is_end and tag.attributes.get("epub:type", "toc") == "toc"
            elif tag.name == "navmap":
                is_contents = not tag.is_end
            elif tag.name in ("ol", "navpoint"):
                depth += -1 if tag.is_end else 1
            elif tag.name in ("a", "text"):
                is_label = not tag.is_end
                if not tag.is_end:
                    title, target = "", tag.attributes.get("href", "")
            elif tag.name == "content":
                target = tag.attributes.get("src", "")
            elif not tag.name and is_label:
                title += tag.text
            if is_contents and depth <= _DEEPEST and target and title.strip() and not is_label:
                yield " ".join(title.split()), _place(base, target)
                title = target = ""


def _is_read(itemref: Tag) -> bool:
    """Whether a page is part of the book as it is read from front to back."""
    return not itemref.is_end and itemref.attributes.get("linear") != "no"


def _place(base: str, target: str) -> str:
    """A file of the archive, with its mark, that is named beside `base`."""
    path, sign, mark = target.partition("#")
    return posixpath.normpath(posixpath.join(base, unquote(path))) + sign + mark


def _joined(pages: Mapping[str, Page]) -> tuple[str, dict[str, int]]:
    """All pages, and where each begins."""
    starts: dict[str, int] = {}
    parts: list[str] = []
    reached = 0
    for place, page in pages.items():
        starts[place] = reached
        if page.text:
            parts.append(page.text)
            reached += len(page.text) + 2
    return "\n\n".join(parts), starts


def _chapters(
    pages: Mapping[str, Page], starts: Mapping[str, int], entries: list[tuple[str, str]]
) -> Iterator[tuple[str, int]]:
    """As the table of contents says; without one a page is a chapter, called by its first heading."""
    found: list[tuple[str, int]] = []
    for title, target in entries:
        place, _, mark = target.partition("#")
        if place in pages:
            found.append((title, starts[place] + pages[place].places.get(unquote(mark), 0)))
    if not found:
        for place, page in pages.items():
            heading = page.headings[0] if page.headings else None
            found.append((page.text[heading.start : heading.end] if heading else "", starts[place]))
    yield from sorted(found, key=lambda one: one[1])
