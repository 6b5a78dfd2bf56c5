"""Who says what in a script."""

from __future__ import annotations

from menura.text.script import names, read_script


def said(text):
    return [(line.name, " ".join(text[line.start : line.end].split())) for line in read_script(text)]


def test_lines_belong_to_the_name_before_them():
    text = "A room.\n\nANNA: Hello, Ben.\nHow are you?\n\nBen Smith: Fine. At 5:30 we go: now.\nANNA: Good."
    assert said(text) == [
        ("", "A room."),
        ("ANNA", "Hello, Ben. How are you?"),
        ("Ben Smith", "Fine. At 5:30 we go: now."),
        ("ANNA", "Good."),
    ]
    assert names(read_script(text)) == ["ANNA", "Ben Smith"]


def test_names_may_be_bold_and_addresses_are_none():
    assert said("**Anna:** Hi.\n**Ben**: See https://a.example: it is there.") == [
        ("Anna", "Hi."),
        ("Ben", "See https://a.example: it is there."),
    ]
    assert said("") == []
    assert said("Only text") == [("", "Only text")]
