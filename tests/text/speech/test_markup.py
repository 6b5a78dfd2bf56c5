"""Pronunciations and pauses in square brackets, in any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.text.speech.markup import read_inline


@given(
    st.lists(st.sampled_from(["a b", "[x](/y/)", "[pause:0.5s]", "[pause: 20ms]", "[z]", " (/k/)", "\n"]), max_size=8)
)
def test_what_is_plain_stays_where_it_was(pieces):
    text = "".join(pieces)
    marked = read_inline(text)
    assert len(marked.plain) == len(marked.places)
    assert all(text[place] == character for character, place in zip(marked.plain, marked.places, strict=True))
    assert len(marked.pauses) == text.count("[pause")
    assert all(one.seconds in (0.5, 0.02) for one in marked.pauses)


def test_what_cannot_be_said_is_refused_with_its_place():
    for text, complaint in (
        ("a [b](/%/)", "character 8: .* is none of the IPA"),
        ("[b](//)", "character 6: a pronunciation"),
        ("[pause:61s]", "0 to 60 seconds"),
        ("[pause:1.2.3s]", "0 to 60 seconds"),
    ):
        with pytest.raises(ValueError, match=complaint):
            read_inline(text)
