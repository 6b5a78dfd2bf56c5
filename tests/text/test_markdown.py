"""Of a document in Markdown only what a reader would say is left, at its place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.text.markdown import read_markdown


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("# A title\n\nText.", "A title Text."),
        ("Title\n=====\n\nText.", "Title Text."),
        ("See [the guide](https://a.example/b_c) now.", "See the guide now."),
        ("See [the guide][1] now.\n\n[1]: https://a.example", "See the guide now."),
        ("Before\n\n```python\nx = 1  # no heading\n```\n\nafter", "Before after"),
        ("Run `make test` *now*, **please**, __please__.", "Run make test now, please, please."),
        ("![a picture](x.png) Text", "Text"),
        ("<b>Bold</b> and <!-- no\nmore --> plain", "Bold and plain"),
        ("---\ntitle: x\n---\n\nText", "Text"),
        ("> Quoted\n> text", "Quoted text"),
        ("| a | b |\n|---|:-:|\n| one | two |", "a b one two"),
        ("One\n\n***\n\nTwo", "One Two"),
        ("[Menura](/mɛˈnʊɹə/) sings. [pause:0.5s]", "[Menura](/mɛˈnʊɹə/) sings. [pause:0.5s]"),
        ("2 * 3 is 6; snake_case stays", "2 * 3 is 6; snake_case stays"),
    ],
)
def test_what_formats_is_not_read(document, said):
    plain, _ = read_markdown(document)
    assert re.sub(r" (?=[,.])", "", " ".join(plain.split())) == said


@given(st.text(alphabet="ab #*_`[]()!<>-=|~\n:/\\1.", max_size=200))
def test_every_character_stays_at_its_place(document):
    plain, headings = read_markdown(document)
    assert len(plain) == len(document)
    assert all(now in (was, " ") for now, was in zip(plain, document, strict=True))
    assert all(0 <= start < end <= len(document) for start, end in headings)


def test_headings_are_found_but_not_in_code():
    document = "# One\ntext\n\n```\n# none\n```\nTwo\n---\n"
    assert [document[start:end] for start, end in read_markdown(document)[1]] == ["# One", "Two\n---"]
