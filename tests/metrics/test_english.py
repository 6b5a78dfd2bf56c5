"""Texts are spelled as Whisper's own normaliser spells them."""

from __future__ import annotations

import pytest

from menura.metrics.english import normalised

SAID = {
    "Uh, um, we're gonna go [laughs] (music) to St. Paul.": "we are going to go to saint paul",
    "naïve café, co-operate -- ma'am!": "naive cafe co operate madam",
    "I'm here; you've, they'll, we'd, she's been": "i am here you have they will we would she has been",
    "The colour of the centre; I realise we travelled.": "the color of the center i realize we traveled",
    "In 3.5 million years it paid $1,234.50 (10%).": "in 3500000 years it paid $1234.50",
}


@pytest.mark.parametrize("said", SAID)
def test_words_are_spelled_one_way(said):
    assert normalised(said) == SAID[said]


@pytest.mark.parametrize("said", [said for said in SAID if "colour" not in said])
def test_another_maker_of_the_same_rules_agrees(said):
    theirs = pytest.importorskip("transformers.models.whisper.english_normalizer")
    assert theirs.EnglishTextNormalizer({})(said) == normalised(said)
