"""SSML is read into a plain text with places, styles and pauses; broken SSML is refused in one line that says where."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.text.speech.ssml import is_ssml, read_ssml

BROKEN = {
    "<speak>": "line 1, column 8: no element found",
    "<speak>a</p></speak>": "line 1, column 11: mismatched tag",
    "<p>a</p>": "<speak> must be the outermost",
    "<speak>\n <audio/></speak>": "line 2, column 2: <audio> is none of speak",
    '<speak><break time="5"/></speak>': 'time="5" must be as 500ms or 0.5s',
    '<speak><break time="999s"/></speak>': "must be 0 to 60 seconds",
    '<speak><break strength="huge"/></speak>': "is none of none, x-weak",
    "<speak><say-as>1</say-as></speak>": 'needs interpret-as="…"',
    '<speak><say-as interpret-as="x">1</say-as></speak>': "is none of cardinal",
    '<speak><phoneme ph="%">a</phoneme></speak>': "is none of the IPA",
    '<speak><phoneme alphabet="x-sampa" ph="a">a</phoneme></speak>': 'must be "ipa"',
    '<speak><prosody rate="quick">a</prosody></speak>': "is none of x-slow",
    '<speak><prosody rate="9999%">a</prosody></speak>': "must be 10% to 1000%",
    '<speak><prosody pitch="+90st">a</prosody></speak>': "must be within two octaves",
    '<speak><emphasis level="mad">a</emphasis></speak>': "is none of strong",
    "<speak><break>a</break></speak>": "<break> has no text inside",
    '<speak><sub alias="b"><p>a</p></sub></speak>': "<sub> has no elements inside",
    '<!DOCTYPE speak [<!ENTITY a "aaaa">]><speak>&a;</speak>': "a DOCTYPE or entity is not allowed",
    "<speak>&a;</speak>": "line 1, column 8: undefined entity",
}


def test_broken_ssml_is_refused_with_its_place():
    wrong = []
    for document, complaint in BROKEN.items():
        try:
            read_ssml(document)
            wrong.append(f"{document}: was read")
        except ValueError as error:
            if complaint not in str(error) or "\n" in str(error) or not str(error).startswith("SSML, line "):
                wrong.append(f"{document}: {error}")
    assert not wrong, "\n".join(wrong)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=30))
def test_text_keeps_its_places(text):
    """Entities aside, each character of the plain text is that of the document at its place."""
    document = f'<speak>ü<prosody rate="slow">{escape(text)}</prosody></speak>'
    marked = read_ssml(document)
    assert marked.plain == "ü" + text
    for character, place in zip(marked.plain, marked.places, strict=True):
        assert document[place] in (character, "&")


def test_styles_add_up_and_end_with_their_element():
    document = (
        '<speak><prosody rate="150%" pitch="+2st">a<prosody rate="200%" volume="-6dB">b</prosody></prosody>c</speak>'
    )
    marked = read_ssml(document)
    first, second, third = (marked.style_at(place) for place in range(3))
    assert (first.rate, first.pitch_semitones, first.volume_db) == (1.5, 2.0, 0.0)
    assert (second.rate, second.pitch_semitones, second.volume_db) == (3.0, 2.0, -6.0)
    assert third.rate == 1.0


def test_ssml_is_told_from_text():
    assert is_ssml(" <speak>a</speak>")
    assert is_ssml('<?xml version="1.0"?><speak/>')
    assert not is_ssml("<3 you & me")
    with pytest.raises(ValueError, match="SSML"):
        read_ssml("a < b")
