"""Letters find the sounds they stand for, from whole words and their sounds alone."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from menura.text.speech.alignment import align

WORDS = st.dictionaries(st.text("abc", min_size=1, max_size=6), st.text("xyz", min_size=1, max_size=6), min_size=1)


@given(WORDS)
def test_the_parts_of_a_word_are_its_sounds(words):
    for (word, sounds), parts in zip(words.items(), align(list(words.items())), strict=True):
        if parts is None:
            assert len(sounds) > 2 * len(word)
        else:
            assert len(parts) == len(word)
            assert "".join(parts) == sounds


def test_silent_and_double_letters_are_learnt():
    words = ["".join(letters) for length in range(1, 5) for letters in itertools.product("abhx", repeat=length)]
    pairs = [(word, word.replace("h", "").replace("x", "ks")) for word in words]
    found = dict(zip(words, align(pairs), strict=True))
    assert found["axb"] == ["a", "ks", "b"]
    assert found["haha"] == ["", "a", "", "a"]
