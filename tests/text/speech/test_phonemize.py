"""Texts become sentences of words with phonemes, each with its place in the source, in four kinds of speech."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.text.speech.normalise import LANGUAGES
from menura.text.speech.phonemes import SYMBOLS, parse_ipa, to_teacher
from menura.text.speech.phonemize import phonemize, symbols

PIECES = (
    "Dr. Smith",
    " [a](/ə/)",
    "[pause:1s]",
    " the ",
    "apple",
    ". ",
    "5.30",
    "\n\n",
    "“Go!”",
    " I read it",
    "猫",
    "A ",
    "😀",
)
SAID = {
    "en-us": ("The apple is for the dog. I want to record it.", "ði ˈæpᵊl ɪz fɔɹ ðə dˈɔɡ. ˌI wˈɑnt tə ɹəkˈɔɹd ɪt."),
    "en-gb": ("The car was hot, but it's new.", "ðə kˈɑː wɒz hˈɒt, bˌʌt ɪts njˈuː."),
    "de": ("Das Haus hat 21 Fenster.", "das hˈWs hat ˈInʊntʦvanʦɪç fˈɛnstɐ."),
    "nl": ("Het huis is groot.", "ɦət ɦˈœ͡ys ɪs ɣrˈoːt."),
}


def line(text: str, language="en-us", lexicon=None) -> str:
    return " ".join(to_teacher(symbols(sentence)) for sentence in phonemize(text, language, lexicon))


def test_sentences_sound_as_each_language_says_them():
    for language, (text, wanted) in SAID.items():
        assert line(text, language) == wanted


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.sampled_from(LANGUAGES))
def test_every_word_has_its_place_and_phonemes_of_the_alphabet(text, language):
    tokens = [token for sentence in phonemize(text, language) for token in sentence]
    for earlier, later in pairwise(tokens):
        assert earlier.start <= later.start
    for token in tokens:
        assert 0 <= token.start <= token.end <= len(text)
        assert set(token.phonemes) <= set(SYMBOLS)
        assert token.phonemes or token.kind == "pause" or not token.text.isascii()
    assert sum(token.kind == "pause" for token in tokens) == text.count("[pause")


def test_a_lexicon_goes_before_everything_but_what_is_marked():
    lexicon = {"the": parse_ipa("zə"), "Apple": parse_ipa("ˈɛp")}
    assert line("the Apple apple", lexicon=lexicon) == "zə ˈɛp ˈæpᵊl"
    assert line("[the](/ðiː/) cat", lexicon=lexicon).startswith("ðiː ")


def test_ssml_marks_reach_the_tokens():
    document = (
        '<speak>One <break time="300ms"/><prosody rate="slow">two</prosody> <sub alias="World Wide">WW</sub> '
        '<phoneme ph="ˈfuː">bar</phoneme> <lang xml:lang="de">Haus</lang><mark name="m"/>.<p>Next</p></speak>'
    )
    first, second = phonemize(document)
    assert [token.text for token in first] == ["One", "", "two", "World", "Wide", "bar", "Haus", "m", "."]
    assert [token.pause_s for token in first if token.kind == "pause"] == [0.3, 0.0]
    two, bar, house = first[2], first[5], first[6]
    assert two.style.rate == 0.75
    assert document[two.start : two.end] == "two"
    assert "".join(bar.phonemes) == "fˈuː"
    assert "".join(house.phonemes) == "hˈaʊs"
    assert document[second[0].start : second[0].end] == "Next"


def test_a_pause_alone_is_a_sentence_of_its_own():
    (sentence,) = phonemize("[pause:2s]")
    assert [(token.kind, token.pause_s) for token in sentence] == [("pause", 2.0)]


def test_unknown_languages_are_refused():
    with pytest.raises(ValueError, match=r'"xx".*en-us'):
        phonemize("a", "xx")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r'"fr".*en-us'):
        phonemize('<speak><lang xml:lang="fr">a</lang></speak>')
