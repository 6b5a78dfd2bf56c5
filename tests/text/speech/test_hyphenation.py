"""Words are cut on paper where they are cut by ear, and silent letters stay with what they belong to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.text.speech.hyphenation import hyphenate
from menura.text.speech.syllables import read_lyrics

ENGLISH = """
wa-ter har-bour a-pron fa-ther's bro-ther lit-tle gen-tle chil-dren sing-ing fin-ger rock-et
fire our hours choir flour de-sire si-ren fire-side flow-er high-er li-ar i-ron
home-land some-thing some-one love-ly lone-li-ness there-fore
light-house lan-guage en-gine qui-et cru-el ra-di-o i-de-a pi-a-no
sta-tion ques-tion o-cean u-nion be-yond play-ing yel-low a-new cof-fee jour-ney
end-less child-hood down-town rhy-thm eve-ning love
"""
"""As they are sung; what leads to the r of fire and hour has no note."""
GERMAN = "was-ser him-mel schö-ne feu-er"


@pytest.mark.parametrize(("words", "language"), [(ENGLISH, "en-us"), (GERMAN, "de")])
def test_words_are_cut_as_they_are_sung(words, language):
    for expected in words.split():
        word = expected.replace("-", "")
        count = len(read_lyrics(word, language))
        pieces = [expected] if word == expected else expected.split("-")
        assert hyphenate(word, count, language) == pieces


@given(st.text(min_size=1, max_size=20), st.integers(1, 6))
def test_nothing_of_a_word_is_lost(word, count):
    pieces = hyphenate(word, count, "en-us")
    assert "".join(pieces) == word
    assert len(pieces) == count
