"""Say-as has the last word about what a text is."""

from __future__ import annotations

from menura.text.speech.say_as import say_as

CASES = (
    ("cardinal", "1984", "one thousand nine hundred eighty four"),
    ("ordinal", "3", "third"),
    ("characters", "NASA1", "N A S A one"),
    ("digits", "42", "four two"),
    ("telephone", "+1 555 0100", "plus one five five five zero one zero zero"),
    ("date", "3/4/2024", "March fourth twenty twenty four"),
    ("time", "5.30", "five thirty"),
    ("currency", "$5.50", "five dollars and fifty cents"),
    ("cardinal", "many", "many"),
)


def test_things_are_said_as_what_they_are_called():
    for kind, text, wanted in CASES:
        tokens = say_as(kind, text, "en-us")
        assert " ".join(token.text for token in tokens if token.kind != "punctuation") == wanted
        assert all(0 <= token.start < token.end <= len(text) for token in tokens)
