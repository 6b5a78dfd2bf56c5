"""Lyrics are read as a singer reads them: sections, what returns, and words in syllables."""

from __future__ import annotations

import pytest

from menura.text.captions import Word
from menura.text.lyrics import MOST_LINES, read_sections, to_lrc


def names(text: str) -> list[tuple[str, int]]:
    return [(section.name, len(section.lines)) for section in read_sections(text)]


def test_tags_name_sections_and_a_chorus_alone_returns():
    text = "[Verse 1]\none\ntwo\n\n[Chorus]\nla\n[Instrumental]\n[verse 2]\nthree\n[CHORUS]\n"
    assert names(text) == [("verse", 2), ("chorus", 1), ("instrumental", 0), ("verse", 1), ("chorus", 1)]
    assert read_sections(text)[-1].lines == ("la",)


def test_without_tags_a_stanza_that_returns_is_the_chorus():
    assert names("a\nb\n\nc\n\nd\n\nc") == [("verse", 2), ("chorus", 1), ("verse", 1), ("chorus", 1)]


def test_other_brackets_and_empty_lines_are_not_sung():
    assert read_sections("[softly]\n\n la   la \n---\n")[0].lines == ("la la",)


@pytest.mark.parametrize("text", ["", "\n \n", "?!", "la\n" * (MOST_LINES + 1)])
def test_nothing_and_too_much_are_refused(text):
    with pytest.raises(ValueError, match=r"empty|more than"):
        read_sections(text)


def test_lrc_has_a_line_a_sentence_and_a_time_a_word():
    words = [Word("La", 1.0, 1.5), Word("lo", 1.5, 2.0), Word("End", 61.25, 62.0, sentence=1)]
    assert to_lrc(words, "T") == "[ti:T]\n[00:01.00] <00:01.00> La <00:01.50> lo\n[01:01.25] <01:01.25> End\n"
