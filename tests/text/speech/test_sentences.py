"""Text is cut where a reader draws breath, and nothing of it is lost."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from menura.text.speech.sentences import split

CASES = Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").splitlines()


def test_sentences_end_where_people_say():
    """`|` marks the ends; abbreviations, decimals, initials, ordinals and quotes are not ends."""
    wrong = []
    for case in CASES:
        wanted = [part.strip() for part in case.split(" | ")]
        text = " ".join(wanted)
        found = [text[one.start : one.end] for one in split(text)]
        if found != wanted:
            wrong.append(f"{wanted} != {found}")
    assert not wrong, "\n".join(wrong)


def test_headings_items_and_paragraphs_end_what_they_say():
    text = "# A heading\nSome text that was broken into lines at some width,\nand goes on. More.\n\n"
    text += "- one\n- two\n\nThe End"
    found = [(text[one.start : one.end], one.ends_paragraph) for one in split(text)]
    assert [part for part, _ in found] == [
        *(
            "# A heading",
            "Some text that was broken into lines at some width,\nand goes on.",
            "More.",
            "- one",
            "- two",
        ),
        "The End",
    ]
    assert [ends for _, ends in found] == [True, False, True, True, True, True]


@given(st.text(alphabet=st.sampled_from("aB1 .!?…\n\"”'(),-#é。"), max_size=60))
def test_nothing_is_lost_between_sentences(text):
    place = 0
    for sentence in split(text):
        assert sentence.start < sentence.end
        assert not text[place : sentence.start].strip()
        place = sentence.end
    assert not text[place:].strip()
