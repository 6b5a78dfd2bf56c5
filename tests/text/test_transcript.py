"""A transcript knows where its words stand in its text, and which sentence they are of."""

from __future__ import annotations

import pytest

from menura.text.captions import Word
from menura.text.transcript import Segment, Transcript, reworded


def segment(number: int, text: str, speaker: str = "") -> Segment:
    """A segment whose words last half a second each."""
    times = [(number * 10 + place / 2, number * 10 + place / 2 + 0.5) for place in range(len(text.split()))]
    words = tuple(Word(word, *time) for word, time in zip(text.split(), times, strict=True))
    return Segment(number, number * 10.0, number * 10.0 + 9, text, words=words, speaker=speaker)


def test_the_text_is_that_of_the_segments():
    transcript = Transcript.of([segment(0, " He said “Go.” And"), segment(1, " so they went.")], "en", 20.0)
    assert transcript.text == "He said “Go.” And so they went."


def test_words_have_their_places_and_sentences_across_segments():
    transcript = Transcript.of([segment(0, " the cat. The"), segment(1, " cat again.", "ANNA")], "en", 20.0)
    words = transcript.words()
    assert [transcript.text[word.start : word.end] for word in words] == [word.text for word in words]
    assert [word.sentence for word in words] == [0, 0, 1, 1, 1]
    assert [word.speaker for word in words] == ["", "", "", "ANNA", "ANNA"]
    assert words[3].start > words[1].start


def test_a_transcript_without_word_times_has_no_words():
    assert Transcript.of([Segment(0, 0.0, 1.0, " Hello.")], "en", 1.0).words() == []


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("one two three", [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)]),
        ("one too three", [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)]),
        ("one three", [(0.0, 0.5), (1.0, 1.5)]),
        ("one to ten three", [(0.0, 0.5), (0.5, 0.7), (0.7, 1.0), (1.0, 1.5)]),
        ("one two three  and more", [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5), (1.5, 4.714), (4.714, 9.0)]),
        ("so, one two three", [(0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 1.5)]),
    ],
)
def test_words_that_stay_keep_their_times_and_others_share_what_they_replace(text, times):
    """By their letters; those that are put in have what is free between their neighbours."""
    said = reworded(segment(0, " one two three"), text)
    assert said.text == " " + " ".join(text.split())
    assert [word.text for word in said.words] == text.split()
    assert [(word.start_s, word.end_s) for word in said.words] == [pytest.approx(time, abs=1e-3) for time in times]


def test_a_text_without_spaces_is_changed_sign_by_sign():
    words = tuple(Word(sign, place, place + 1.0) for place, sign in enumerate("東京都"))
    said = reworded(Segment(0, 0.0, 3.0, "東京都", words=words), "京都")
    assert [(word.text, word.start_s) for word in said.words] == [("京", 1.0), ("都", 2.0)]


def test_what_is_not_changed_stays_whole():
    one = segment(0, " one two")
    assert reworded(one, "one  two ") == one
    assert reworded(Segment(0, 0.0, 1.0, " so"), "no").words == ()
