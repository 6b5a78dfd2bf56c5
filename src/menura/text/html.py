"""HTML as a text to be spoken: its paragraphs, headings and the places of its marks. XML is read alike.

Nothing is refused for how it is written, no entity is expanded but the named signs of HTML, and the time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from menura.text.words import word_set

_TAG = re.compile(r"(/?)([A-Za-z][\w:.-]{0,60})((?:[^>\"']|\"[^\"]*+\"|'[^']*+')*+)>")
_LOOSE_TAG = re.compile(r"(/?)([A-Za-z][\w:.-]{0,60})([^>]*+)>")
_ATTRIBUTE = re.compile(r"([A-Za-z_][\w:.-]*)\s*+=\s*+(\"[^\"]*+\"|'[^']*+'|[^\s\"'>]++)")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_RAW = ("script", "style")
_NOT_READ = word_set("title script style nav svg math template noscript iframe object audio video form button rp rt")
_BLOCKS = word_set(
    "address article aside blockquote body dd details div dl dt fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "head header hr html li main ol p pre section summary table td th tr ul"
)
_EMPTY = word_set("area base br col embed hr img input link meta source track wbr")
_NOT_READ_KINDS = re.compile(r"noteref|pagebreak")
_ENCODING = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})")


class Tag(NamedTuple):
    """The beginning or the end of an element, or what stands before the next one.

    Attributes:
        name: in small letters, without a prefix; "" for text.
        attributes: by their names in small letters.
        is_end, is_empty: whether the element ends here, at once.
        text: what is written, where it is no element.
    """

    name: str
    attributes: Mapping[str, str]
    is_end: bool = False
    is_empty: bool = False
    text: str = ""


class Heading(NamedTuple):
    """`text[start:end]` is a heading of a level, 1 for the highest."""

    level: int
    start: int
    end: int


@dataclass
class Page:
    """What a page says.

    Attributes:
        text: paragraphs, with empty lines between them.
        title, language: as its head says.
        headings: in order.
        places: id of an element -> its place in `text`.
    """

    text: str = ""
    title: str = ""
    language: str = ""
    headings: list[Heading] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)


def decoded(content: bytes) -> str:
    """Bytes of a page as text: UTF-8, else as it says, else as Windows-1252."""
    for encoding in ("utf-8-sig", *(found.decode() for found in _ENCODING.findall(content[:2048])), "cp1252"):
        try:
            return content.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return content.decode("latin-1")


def tags(markup: str) -> Iterator[Tag]:
    """The elements of a page, and the text between them, in order."""
    before, *pieces = markup.split("<")
    yield Tag("", {}, text=unescape(before))
    waits_for = ""  # the end of a comment, a CDATA section or a script
    for piece in pieces:
        if waits_for.startswith("/"):
            if piece[: len(waits_for)].lower() != waits_for:
                continue
        elif waits_for:
            inside, end, rest = piece.partition(waits_for)
            if waits_for == "]]>":
                yield Tag("", {}, text="<" + inside)
            if end:
                waits_for = ""
                yield Tag("", {}, text=unescape(rest))
            continue
        if piece.startswith(("!--", "![CDATA[")):
            opening, closing = ("!--", "-->") if piece.startswith("!--") else ("![CDATA[", "]]>")
            inside, end, rest = piece[len(opening) :].partition(closing)
            waits_for = "" if end else closing
            yield Tag("", {}, text=(inside if closing == "]]>" else "") + unescape(rest))
            continue
        tag, rest = _tag(piece)
        waits_for = f"/{tag.name}" if tag.name in _RAW and not (tag.is_end or tag.is_empty) else ""
        yield tag
        if rest and not waits_for:
            yield Tag("", {}, text=unescape(rest))


def _tag(piece: str) -> tuple[Tag, str]:
    """What begins after a ``<``, and the text after it."""
    if piece.startswith(("!", "?")):
        return Tag("", {}), piece.partition(">")[2]
    found = _TAG.match(piece) or _LOOSE_TAG.match(piece)
    if found is None:
        return Tag("", {}, text="<"), piece
    attributes = {name.lower(): unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(found[3])}
    name = found[2].lower().rpartition(":")[2]
    return Tag(name, attributes, bool(found[1]), found[3].endswith("/") or name in _EMPTY), piece[found.end() :]


def read_page(markup: str) -> Page:
    """What a page says, without menus, scripts, pictures and the marks of notes and pages."""
    writer = _Writer()
    for tag in tags(markup):
        writer.take(tag)
    return writer.page()


class _Writer:
    """The text of a page, as far as it was read."""

    def __init__(self) -> None:
        self._found = Page()
        self._parts: list[str] = []
        self._length = 0
        self._gap = ""
        self._left_out: list[str] = []
        self._heading: tuple[int, int] | None = None
        self._title: list[str] | None = None
        self._waiting: list[str] = []
        self._is_as_written = 0

    def take(self, tag: Tag) -> None:
        if not tag.name:
            self._write(tag.text)
            return
        if tag.name == "title":
            self._found.title = " ".join("".join(self._title or [self._found.title]).split())
            self._title = None if tag.is_end or self._found.title else []
        if tag.name == "html":
            self._found.language = tag.attributes.get("lang") or tag.attributes.get("xml:lang") or self._found.language
        if self._left_out:
            self._follow(tag)
        elif self._is_left_out(tag):
            self._left_out += [] if tag.is_end or tag.is_empty else [tag.name]
        else:
            self._lay_out(tag)

    def _follow(self, tag: Tag) -> None:
        """Elements of one name within each other, of something that is not read."""
        if tag.name != self._left_out[-1] or tag.is_empty:
            return
        if tag.is_end:
            self._left_out.pop()
        else:
            self._left_out.append(tag.name)

    def _is_left_out(self, tag: Tag) -> bool:
        kinds = f"{tag.attributes.get('epub:type', '')} {tag.attributes.get('role', '')}"
        return tag.name in _NOT_READ or "hidden" in tag.attributes or bool(_NOT_READ_KINDS.search(kinds))

    def _lay_out(self, tag: Tag) -> None:
        if tag.name == "br":
            self._gap = max(self._gap, "\n", key=len)
        elif tag.name in _BLOCKS:
            self._gap = "\n\n"
        if tag.name == "pre":
            self._is_as_written = max(self._is_as_written + (-1 if tag.is_end else 1), 0)
        if not tag.is_end and (name := tag.attributes.get("id") or (tag.name == "a" and tag.attributes.get("name"))):
            self._waiting.append(name)
        if re.fullmatch(r"h[1-6]", tag.name):
            if self._heading and self._heading[1] < self._length:
                self._found.headings.append(Heading(*self._heading, self._length))
            start = self._length + len(self._gap) * bool(self._length)
            self._heading = None if tag.is_end else (int(tag.name[1]), start)

    def _write(self, text: str) -> None:
        if self._title is not None:
            self._title.append(text)
        if self._left_out or not text:
            return
        text = text if self._is_as_written else _SPACE.sub(" ", text)
        if self._gap or not self._length:
            text = text.lstrip()
        elif self._parts[-1].endswith(" "):
            text = text.lstrip(" ")
        if not text:
            return
        if self._gap and self._length:
            self._add(self._gap)
        self._gap = ""
        for name in self._waiting:
            self._found.places.setdefault(name, self._length)
        self._waiting.clear()
        self._add(text)

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def page(self) -> Page:
        for name in self._waiting:
            self._found.places.setdefault(name, self._length)
        self._found.text = "".join(self._parts)
        return self._found
