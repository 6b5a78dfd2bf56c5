"""Single words: known ones, their forms, compounds, and any other that letters can spell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from menura.text.speech.normalise import LANGUAGES
from menura.text.speech.phonemes import SYMBOLS, VOWELS
from menura.text.speech.words import sounds_of

AMERICAN = {
    **{"water": "wˈɔɾəɹ", "hurry": "hˈɜɹi", "bird": "bˈɜɹd", "hot": "hˈɑt", "caught": "kˈɔt", "carry": "kˈɛɹi"},
    **{"little": "lˈɪɾᵊl", "wanted": "wˈɑntᵻd", "before": "bəfˈɔɹ", "fire": "fˈaɪəɹ", "hear": "hˈɪɹ"},
    **{"glasses'": "ɡlˈæsᵻz", "googled": "ɡˈuɡᵊld", "snowboat": "snˈoʊbˌoʊt"},
}
BRITISH = {
    **{"water": "wˈɔːtə", "hurry": "hˈʌɹi", "bird": "bˈɜːd", "hot": "hˈɒt", "caught": "kˈɔːt", "carry": "kˈaɹi"},
    **{"bath": "bˈɑːθ", "new": "njˈuː", "wanted": "wˈɒntɪd", "here": "hˈɪə", "can't": "kˈɑːnt"},
}
OTHERS = {
    "de": {"haus": "hˈaʊs", "verstehen": "fɛɐʃtˈeːən", "natur": "natˈuːɐ", "studieren": "ʃtudˈiːʁən"},
    "nl": {"huis": "ɦˈœys", "begrijpen": "bəɣrˈɛipən", "schrijven": "sxrˈɛivən"},
}


def test_words_are_said_as_each_country_says_them():
    wrong = []
    for language, words in (("en-us", AMERICAN), ("en-gb", BRITISH), *OTHERS.items()):
        for word, wanted in words.items():
            if (said := "".join(sounds_of(word, language))) != wanted:
                wrong.append(f"{language}: {word} {said}, not {wanted}")
    assert not wrong, "\n".join(wrong)


@given(st.text("abcdefghijklmnopqrstuvwxyz'", min_size=1, max_size=12), st.sampled_from(LANGUAGES))
def test_whatever_is_spelled_with_letters_is_said(word, language):
    """With symbols of the alphabet, and one main stress at most where a dictionary does not know better."""
    sounds = sounds_of(word, language)
    assert set(sounds) <= set(SYMBOLS)
    assert sounds or not any(letter.isalpha() for letter in word)
    for place, sound in enumerate(sounds):
        if sound in "ˈˌ":
            assert sounds[place + 1] in VOWELS


def test_letters_of_other_alphabets_are_said_by_what_they_stand_for():
    for word in ("škoda", "ångström", "мир", "ωμέγα", "naïve", "straße"):
        assert sounds_of(word, "en-us"), word
