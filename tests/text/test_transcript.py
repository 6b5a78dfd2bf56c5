"""A transcript knows where its words stand in its text, and which sentence they are of."""

from __future__ import annotations

from menura.text.captions import Word
from menura.text.transcript import Segment, Transcript


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
