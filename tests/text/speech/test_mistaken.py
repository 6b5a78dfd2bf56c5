"""A text in another language is told from one in its own."""

import pytest

from menura.text.speech.mistaken import mistaken

ENGLISH = "The river carries all the light that fell upon the hill"
GERMAN = "Ich weiß nicht, was soll es bedeuten, dass ich so traurig bin"
DUTCH = "De trein naar Utrecht vertrekt om half drie van spoor zeven"


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        *[(ENGLISH, language, None) for language in ("en-us", "en-gb")],
        *[(ENGLISH, language, ("English", "en-us")) for language in ("de", "nl")],
        (GERMAN, "de", None),
        *[(GERMAN, language, ("German", "de")) for language in ("en-us", "en-gb", "nl")],
        (DUTCH, "nl", None),
        *[(DUTCH, language, ("Dutch", "nl")) for language in ("en-us", "de")],
        ("Kindergarten, bitte!", "en-us", None),
        ("Pfff brrr tsk xkcd qwrtz mhm la", "en-us", None),
        ("", "de", None),
    ],
)
def test_only_what_is_clearly_another_language_is_told(text, language, found):
    assert mistaken(text, language) == found
