"""Captions can be read as they sound: short lines, whole sentences, true times, in files that players take."""

from __future__ import annotations

import json
import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from menura.text.captions import LONGEST_LINE, LONGEST_S, Word, captions, to_json, to_srt, to_vtt


def words(text: str, each_s: float = 0.4) -> list[Word]:
    """The words of a text, one after another, sentences numbered at full stops."""
    found, sentence = [], 0
    for number, match in enumerate(re.finditer(r"\S+", text)):
        times = (number * each_s, (number + 1) * each_s)
        found.append(Word(match[0], *times, *match.span(), sentence=sentence))
        sentence += match[0].endswith(".")
    return found


LONG = (
    "The lyrebird, which lives in the forests of Australia, imitates whatever it hears: other birds, chainsaws, "
    "cameras, and the voices of people. It sings for hours."
)


@given(st.lists(st.from_regex(r"[a-z]{1,60}[.,]?", fullmatch=True), max_size=60), st.floats(0.05, 8))
def test_all_words_are_shown_in_short_lines_at_their_times(given_words, each_s):
    spoken = words(" ".join(given_words), each_s)
    shown = captions(spoken)
    assert "".join("".join(one.lines) for one in shown).replace(" ", "") == "".join(given_words)
    for one, following in pairwise(shown):
        assert one.end_s <= following.start_s + 1e-9
    starts, ends = {word.start_s for word in spoken}, {word.end_s for word in spoken}
    for one in shown:
        assert one.start_s in starts
        assert one.end_s in ends
        assert len(one.lines) <= 2
        assert all(0 < len(line) <= LONGEST_LINE for line in one.lines)
        assert one.end_s - one.start_s <= LONGEST_S or len(" ".join(one.lines).split()) <= 2


def test_no_caption_spans_two_sentences_and_cuts_are_at_clauses():
    shown = [" ".join(one.lines) for one in captions(words(LONG, 0.3))]
    assert shown[-1] == "It sings for hours."
    assert all(text.endswith((",", ":", ".")) for text in shown)


def test_speakers_are_kept_apart_and_named():
    spoken = [Word("Hello.", 0, 0.5, speaker="ANNA"), Word("Hi <there>.", 0.5, 1, speaker="BEN & CO")]
    assert to_vtt(spoken) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\n<v ANNA>Hello.\n\n"
        "00:00:00.500 --> 00:00:01.000\n<v BEN &amp; CO>Hi &lt;there&gt;.\n"
    )
    assert to_srt(spoken).startswith("1\n00:00:00,000 --> 00:00:00,500\nANNA: Hello.\n\n2\n")


def test_times_beyond_an_hour_are_written_as_players_read_them():
    assert "01:01:01,500 --> 01:01:02,000" in to_srt([Word("Late", 3661.4999, 3662.0)])


def test_json_has_every_word_with_its_place():
    (row,) = json.loads(to_json([Word("é", 0.1, 0.2, 3, 4, 5, "A")]))["words"]
    told = {"text": "é", "start_s": 0.1, "end_s": 0.2, "start": 3, "end": 4, "sentence": 5, "speaker": "A"}
    assert row == told


def test_of_nothing_there_are_no_captions():
    assert to_srt([]) == ""
    assert to_vtt([]) == "WEBVTT\n"
