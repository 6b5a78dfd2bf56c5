"""PDF becomes paragraphs and chapters, without what only fills its pages; a file that cannot be read says why."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from menura.text.document import read_document

pypdf = pytest.importorskip("pypdf")

Line = tuple[int, int, int, str]
"""x, y, size, text."""
TITLES, BELLS = ("1. Dawn", "2. Noon", "3. Dusk"), ("once", "twice", "thrice")


def pdf(pages: list[list[Line]], outline: tuple[str, ...] = (), trailer: str = "") -> bytes:
    """A file of pages; entries of the outline point at every second page."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    first = 4 + 2 * len(pages)
    catalogue = f"/Outlines {first} 0 R" * bool(outline)
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) {catalogue} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>",
    ]
    for number, lines in enumerate(pages):
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F 3 0 R >> >> >>"
        )
        content = "\n".join(f"BT /F {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET" for x, y, size, text in lines)
        bodies.append(f"<< /Length {len(content)} >> stream\n{content}\nendstream")
    if outline:
        bodies.append(f"<< /First {first + 1} 0 R /Last {first + len(outline)} 0 R /Count {len(outline)} >>")
    for number, title in enumerate(outline):
        following = f"/Next {first + 2 + number} 0 R" * (number + 1 < len(outline))
        page = 4 + 4 * number
        bodies.append(f"<< /Title ({title}) /Parent {first} 0 R {following} /Dest [{page} 0 R /XYZ 0 600 0] >>")
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(content))
        content += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    about = f"/Size {len(bodies) + 1} /Root 1 0 R {trailer}"
    end = f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer << {about} >>\nstartxref\n{len(content)}\n%%EOF"
    return content + end.encode()


def book(size: int) -> list[list[Line]]:
    """Three chapters on two pages each: headings, a table of contents, running headers, page numbers and a note."""
    pages: list[list[Line]] = [
        [(50, 500, 11, "Contents"), *((50, 480 - 14 * n, 11, f"{t} . . . . . {n}") for n, t in enumerate(TITLES))]
    ]
    for number, title in enumerate(TITLES):
        first = 2 * number + 1
        pages.append(
            [
                (50, 500, size, title),
                (62, 470, 11, "The sea was grey and the harbour was still beneath the morn-"),
                (50, 456, 11, "ing, and the well-known boats lay there. Nobody had seen such a"),
                (50, 442, 11, "thing before."),
                (62, 428, 11, f"Then a bell rang {BELLS[number]}, and whoever heard it knew what it meant: well-"),
                (190, 30, 9, str(first)),
            ]
        )
        pages.append(
            [
                (150, 560, 9, "The Grey Sea" if number else title),
                (50, 500, 11, f"known boats go out {BELLS[number]} in any weather at all, and so do their crews."),
                (50, 486, 11, "All of them."),
                (50, 60, 8, "1 A note that stands under the text."),
                (190, 30, 9, str(first + 1)),
            ]
        )
    return pages


@pytest.mark.parametrize(("outline", "size"), [(TITLES, 11), ((), 18)])
def test_a_book_is_read_by_its_outline_or_headings_without_headers_numbers_contents_and_notes(outline, size):
    pages = book(size)[1:] if outline else book(size)
    document = read_document(pdf(pages, outline))
    said = "The sea was grey and the harbour was still beneath the morning, and the well-known boats lay there. "
    said += "Nobody had seen such a thing before.\n\nThen a bell rang {}, and whoever heard it knew what it meant: "
    said += "well-known boats go out {} in any weather at all, and so do their crews. All of them."
    texts = [document.text[one.start : one.end].strip() for one in document.chapters]
    assert [one.title for one in document.chapters] == list(TITLES)
    assert texts == [f"{title}\n\n{said.format(bells, bells)}" for title, bells in zip(TITLES, BELLS, strict=True)]
    assert document.language == "en-GB"


WORDS: list[list[Line]] = [[(50, 500, 11, "Some words.")]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (pdf(WORDS)[:200], "is damaged: "),
        (b"%PDF-1.7\n", "is damaged: "),
        (pdf([[]]), "has pictures of pages and no text"),
        (
            pdf(WORDS, trailer=f"/Encrypt << /Filter /Standard /V 1 /R 2 /P 0 /O <{'0' * 64}> /U <{'0' * 64}> >>"),
            "is locked with a password",
        ),
    ],
)
def test_what_cannot_be_read_is_told_in_a_line(content, told):
    with pytest.raises(ValueError, match=told) as error:
        read_document(content, ".pdf")
    assert "\n" not in str(error.value)


def test_whatever_is_damaged_is_read_or_refused():
    rng, whole = random.Random(1), pdf(book(18))
    for _ in range(20):
        content = bytearray(whole)
        for _ in range(rng.choice((1, 10, 100))):
            content[rng.randrange(len(content))] = rng.randrange(256)
        with suppress(ValueError):
            document = read_document(bytes(content), ".pdf")
            assert document.chapters[-1].end == len(document.text)
