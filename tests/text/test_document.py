"""Documents become text in chapters, whoever wrote them: in reading order, with nothing that is not to be read."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.text.document import Document, read_document
from menura.text.html import read_page

CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
PAGES = {
    "one.xhtml": '<html><head><title>x</title></head><body><h2 id="a">I. <i>Dawn</i></h2><p>It was light.<a '
    'epub:type="noteref" href="#n">1</a></p><h2 id="b">II. Noon</h2><p>Tom &amp; Jerry&#8217;s lunch.</p>'
    "</body></html>",
    "two%20b.xhtml": "<html><body><h2>III. Dusk</h2><p>It was dark.<br/>Night fell.</p></body></html>",
}
NAV = (
    '<html><body><nav epub:type="toc"><ol><li><a href="one.xhtml#a">Dawn</a></li><li><a href="one.xhtml#b">Noon</a>'
    '</li><li><a href="two%20b.xhtml"><span>Du</span>sk</a></li></ol></nav>'
    '<nav epub:type="landmarks"><ol><li><a href="one.xhtml">Start</a></li></ol></nav></body></html>'
)
NCX = (
    '<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "x"><ncx><navMap>'
    + "".join(
        f'<navPoint><navLabel><text>{title}</text></navLabel><content src="{target}"/></navPoint>'
        for title, target in (("Dawn", "one.xhtml#a"), ("Noon", "one.xhtml#b"), ("Dusk", "two%20b.xhtml"))
    )
    + "</navMap></ncx>"
)


def epub(contents: str = "nav", **more: str) -> bytes:
    """A book of three chapters on two pages."""
    items = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>' * (
        contents == "nav"
    )
    items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>' * (contents == "ncx")
    refs = ""
    for number, name in enumerate(PAGES):
        items += f'<item id="p{number}" href="{name}" media-type="application/xhtml+xml"/>'
        refs += f'<itemref idref="p{number}"/>'
    about = "<dc:title>A Day</dc:title><dc:creator>Ann Author</dc:creator><dc:language>en-GB</dc:language>"
    package = (
        f'<package><metadata>{about}</metadata><manifest>{items}</manifest><spine toc="ncx">{refs}</spine></package>'
    )
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": package,
        "OEBPS/nav.xhtml": NAV,
        "OEBPS/toc.ncx": NCX,
        **{f"OEBPS/{name}".replace("%20", " "): page for name, page in PAGES.items()},
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**files, **more}.items():
            archive.writestr(name, text)
    return content.getvalue()


def parts(document: Document) -> list[tuple[str, str]]:
    return [(one.title, document.text[one.start : one.end].strip()) for one in document.chapters]


@pytest.mark.parametrize("contents", ["nav", "ncx"])
def test_a_book_is_read_in_its_order_with_the_titles_of_its_contents(contents):
    book = read_document(epub(contents))
    assert (book.title, book.author, book.language) == ("A Day", "Ann Author", "en-GB")
    assert parts(book) == [
        ("Dawn", "I. Dawn\n\nIt was light."),
        ("Noon", "II. Noon\n\nTom & Jerry’s lunch."),
        ("Dusk", "III. Dusk\n\nIt was dark.\nNight fell."),
    ]


def test_without_contents_a_page_is_a_chapter():
    assert [title for title, _ in parts(read_document(epub("none")))] == ["I. Dawn", "III. Dusk"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (epub()[:200], "damaged"),
        (b"PK\x03\x04nothing", "damaged"),
        (epub(**{"META-INF/container.xml": "<x/>"}), "no EPUB: META-INF/container.xml names no book"),
        (epub(**{"OEBPS/one.xhtml": "x" * (17 << 20)}), "larger than a book's pages"),
        (
            epub(**{"META-INF/encryption.xml": '<enc:CipherReference URI="OEBPS/one.xhtml"/>'}),
            r"is locked \(DRM\)",
        ),
        (epub(**{"OEBPS/book.opf": "<package/>"}), "its spine names no page"),
        (b"\xff\xfe\x00", "is not UTF-8 text: byte 0"),
    ],
)
def test_what_is_no_book_is_told_in_a_line(content, told):
    with pytest.raises(ValueError, match=told):
        read_document(content)


def test_a_page_is_read_without_what_is_no_text():
    page = read_page(
        "<!doctype html><html lang=de><head><title>Ein  Tag</title><style>p{}</style><script>if (a<b) x()</script>"
        "<body><nav>Menu<nav>x</nav></nav><!-- <p>no</p> --><h1>Titel</h1><p>Eins<p>zwei &lt; drei<br>vier < 5"
        '<p hidden="">nie</p><p>ja<svg><title>no</title></svg>'
    )
    assert (page.title, page.language) == ("Ein Tag", "de")
    assert page.text == "Titel\n\nEins\n\nzwei < drei\nvier < 5\n\nja"
    assert [page.text[one.start : one.end] for one in page.headings] == ["Titel"]


def test_headings_of_a_document_are_its_chapters():
    text = "# Book\n\n## One\n\nFirst.\n\n## Two\n\nSecond.\n\n### Deeper\n\nThird.\n"
    assert [title for title, _ in parts(read_document(text.encode(), ".md"))] == ["Book – One", "Two"]
    html = b"<h1>Book</h1><p>Before.<h2>One</h2><p>First.<h2>Two</h2><p>Second."
    assert [title for title, _ in parts(read_document(html, ".html"))] == ["Book", "One", "Two"]
    text = "Title\n\nCHAPTER I. A start\n\nFirst.\n\nChapter II\n\nSecond, the chapter of\nwhich was long.\n"
    assert [title for title, _ in parts(read_document(text.encode(), ".txt"))] == [
        "",
        "CHAPTER I. A start",
        "Chapter II",
    ]


def test_what_is_no_document_of_chapters_is_one():
    assert parts(read_document(b"Just text.\r\nMore.")) == [("", "Just text.\nMore.")]


@given(
    st.lists(
        st.sampled_from(["<", ">", "<!--", "-->", "<p>", "</p", "<a b='", '"', "<script>", "&amp", "&#x;", "x ", "]]>"])
    )
)
def test_no_page_is_refused_and_its_chapters_are_all_of_it(pieces):
    document = read_document("".join(["<html>", *pieces]).encode(), ".html")
    assert "".join(document.text[one.start : one.end] for one in document.chapters) == document.text


@pytest.mark.parametrize("piece", ["<!--", "<a ", "<![CDATA[", "<p x='", "</script", "&#", "<script>", "<h1>", "<nav>"])
def test_a_page_takes_time_as_it_is_long(piece):
    started = time.process_time()
    read_document((piece * 20_000).encode(), ".html")
    assert time.process_time() - started < 3
