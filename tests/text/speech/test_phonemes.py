"""One alphabet for all languages: it is written as IPA and as Kokoro's data, and read back without loss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.text.speech.phonemes import CONSONANTS, SYMBOLS, TEACHER, VOWELS, from_teacher, parse_ipa, to_teacher

ENGLISH = "əɪɛæɑɔʊʌɐᵊᵻɜiuaɒAIOWYQ ptkbdɡfvθðszʃʒhmnŋlɹjwʧʤTˈˌː,.;:!?…—“”()"


@given(st.text(alphabet=ENGLISH, max_size=40))
def test_any_line_of_kokoro_s_symbols_is_read_without_loss(line):
    assert to_teacher(from_teacher(line)) == line


@given(st.lists(st.sampled_from(sorted(VOWELS | CONSONANTS)), max_size=8))
def test_ipa_is_read_into_symbols_of_the_alphabet(symbols):
    """Joined symbols may merge (t and ʃ), but none is lost or made up."""
    parsed = parse_ipa("".join(symbols))
    assert "".join(parsed) == "".join(symbols)
    assert set(parsed) <= set(SYMBOLS)


def test_no_two_symbols_are_written_alike():
    assert len(set(TEACHER.values())) == len(TEACHER)


def test_stress_before_a_syllable_is_moved_to_its_vowel():
    assert "".join(parse_ipa("təˈmeɪ.toʊ")) == "təmˈeɪtoʊ"
    assert "".join(parse_ipa("ˈstɹiːt")) == "stɹˈiːt"


def test_what_is_no_symbol_is_named_with_its_place():
    with pytest.raises(ValueError, match=r'"a%", character 2: "%" is none of the IPA'):
        parse_ipa("a%")
