"""A text is cut where a voice would stop, each word knows what it was written as, and no row is too long."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from menura.tasks.utterances import (
    CLAUSE_S,
    MOST_SYMBOLS,
    PARAGRAPH_S,
    SENTENCE_S,
    TURN_S,
    Utterance,
    utterances,
    words,
)


def said(text: str, **how) -> list[Utterance]:
    return utterances(text, "en-us", "heart", **how)


def written(text: str, **how) -> list[str]:
    """Each word as captions show it."""
    found = []
    for one in said(text, **how):
        times = [(float(place), place + 1.0) for place in range(len(one.tokens))]
        found += [word.text for word in words(one, text, times)]
    return found


def spoken(one: Utterance) -> str:
    return " ".join(token.text for token in one.tokens if token.kind != "punctuation")


def test_sentences_and_paragraphs_are_apart_and_nothing_follows_the_last():
    found = said("One. Two.\n\nThree.")
    assert [spoken(one) for one in found] == ["One", "Two", "Three"]
    assert [one.pause_s for one in found] == [SENTENCE_S, PARAGRAPH_S, 0]
    assert [one.sentence for one in found] == [0, 1, 2]


def test_a_pause_that_is_asked_for_is_there_and_cuts_the_sentence():
    found = said("One [pause:0.5s] two. [pause:2s] Three [pause:5ms] four. [pause:1s]")
    assert [spoken(one) for one in found] == ["One", "two", "", "Three four"]
    assert [one.pause_s for one in found] == [0.5, 2.0, SENTENCE_S, 1.0]


def test_ssml_changes_voice_and_language():
    text = '<speak>Hello <voice name="emma">you</voice> <lang xml:lang="de-DE">Straße</lang>.</speak>'
    assert [(spoken(one), one.voice, one.language) for one in said(text)][:3] == [
        ("Hello", "heart", "en-us"),
        ("you", "emma", "en-us"),
        ("Straße", "heart", "de"),
    ]


def test_a_script_has_a_voice_for_each_name():
    text = "A room.\nANNA: Hello. You?\nBEN: Fine."
    found = said(text, voices={"ANNA": "emma", "BEN": "fenrir"})
    assert [(one.name, one.voice, spoken(one)) for one in found] == [
        ("", "heart", "A room"),
        ("ANNA", "emma", "Hello"),
        ("ANNA", "emma", "You"),
        ("BEN", "fenrir", "Fine"),
    ]
    assert [one.pause_s for one in found] == [TURN_S, SENTENCE_S, TURN_S, 0]
    assert written(text, voices={})[-1] == "Fine."


def test_headings_end_and_what_formats_markdown_is_not_said():
    text = "# A *long* heading\nand [text](https://a.example).\n```\ncode\n```\n"
    found = said(text, is_markdown=True)
    assert [spoken(one) for one in found] == ["A long heading", "and text"]
    assert found[0].pause_s == PARAGRAPH_S
    assert written(text, is_markdown=True) == ["A", "long", "heading", "and", "text."]


def test_words_are_as_they_are_written():
    assert written('"It\'s $5.20 (really)," she said—well-known, 100%!') == [
        *("\"It's", "$5.20", '(really),"', "she", "said—", "well-known,", "100%!")
    ]
    assert written("[Menura](/mɛˈnʊɹə/), sings.") == ["Menura,", "sings."]
    assert written("<speak>Tom &amp; <sub alias='Jerry Mouse'>J.</sub> sing!</speak>") == ["Tom", "&", "J.", "sing!"]


def test_words_know_their_places():
    text = "It costs $5.20, e.g. here."
    for one in said(text):
        for word in words(one, text, [(0.0, 0.0)] * len(one.tokens)):
            assert text[word.start : word.end].strip() in word.text


def test_a_long_sentence_is_cut_at_clauses():
    text = ", ".join(["the bird that lives in the forest sings all day"] * 12) + "."
    found = said(text)
    assert len(found) > 1
    assert all(len(one.symbols) <= MOST_SYMBOLS for one in found)
    assert all(one.tokens[-1].text in (",", ".") for one in found)
    assert {one.pause_s for one in found[:-1]} == {CLAUSE_S}
    assert {one.sentence for one in found} == {0}


@settings(max_examples=60)
@given(st.text(alphabet="ab, .!?\n()“”—'é5$[]/😀世", max_size=400) | st.just("hammock" * 200))
def test_any_text_gives_rows_of_words_within_the_bound(text):
    for one in said(text):
        assert len(one.symbols) <= MOST_SYMBOLS
        assert one.tokens or one.pause_s
        assert not one.tokens or any(token.kind != "punctuation" and token.phonemes for token in one.tokens)
        for word in words(one, text, [(0.0, 1.0)] * len(one.tokens)):
            assert 0 <= word.start < word.end <= len(text)
            assert word.text == word.text.strip() != ""
