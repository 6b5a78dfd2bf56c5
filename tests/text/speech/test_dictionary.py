"""Dictionaries keep every word's sounds in few bytes, and come with the package."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from menura.text.speech.alignment import align
from menura.text.speech.dictionary import FOLDER, dictionary, encode, pack, unpack
from menura.text.speech.phonemes import SYMBOLS, VOWELS

VOWEL = st.tuples(st.sampled_from(("", "ˈ", "ˌ")), st.sampled_from(sorted(VOWELS)))
SOUNDS = st.lists(VOWEL, min_size=1, max_size=5).map(lambda pairs: tuple(one for pair in pairs for one in pair if one))
LARGEST_BYTES = 3 << 20


@settings(max_examples=25)
@given(st.dictionaries(st.text("aeß'é-", min_size=1, max_size=5), SOUNDS, max_size=12))
def test_what_is_packed_is_unpacked(words):
    pairs = [(word, encode(sounds)) for word, sounds in words.items()]
    parts = align(pairs)
    aligned = {word: found for (word, _), found in zip(pairs, parts, strict=True) if found is not None}
    others = {word: said for word, said in pairs if word not in aligned}
    found = unpack(pack(aligned, others, "xx"))
    assert len(found) == len(words)
    for word, sounds in words.items():
        assert tuple(sound for part in found.parts(word) or () for sound in part) == sounds


def test_the_dictionaries_of_the_package_are_small_and_whole():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.bin")) < LARGEST_BYTES
    for language, words in (("en-us", 100_000), ("de", 40_000), ("nl", 35_000)):
        found = dictionary(language)
        assert len(found) > words
        for word in found.words()[:: len(found) // 500]:
            parts = found.parts(word)
            assert parts is not None
            assert len(parts) == len(word)
            assert {sound for part in parts for sound in part} <= set(SYMBOLS)


def test_symbols_are_kept_by_name():
    """A file written with another order of the alphabet is still read rightly: its own table tells."""
    assert "".join(sound for part in dictionary("en-us").parts("hello") or () for sound in part) == "həlˈoʊ"
