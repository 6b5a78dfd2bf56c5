"""Sentences as layers of sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.synth.catalogue import GENERATORS
from menura.synth.generator import Choice
from menura.text.sound_words import SOUNDS
from menura.text.sounds import stem, understand_sounds


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("heavy rain on a tin roof, distant thunder", ["rain", "thunder"]),
        ("gentle waves and wind in the trees", ["waves", "wind"]),
        ("a wooden door creaks, then slams", ["creak", "door"]),
        ("hail on a window during a storm", ["hail", "wind"]),
        ("glass breaking", ["breaking"]),
        ("someone knocks on the door", ["door"]),
        ("a crackling fire with rain in the background", ["fire", "rain"]),
    ],
)
def test_each_sound_of_a_sentence_is_a_layer(prompt, expected):
    assert [layer.generator for layer in understand_sounds(prompt).layers] == expected


def test_words_go_to_the_sound_that_they_stand_by():
    rain, thunder = understand_sounds("very heavy rain on a tin roof, distant thunder").layers
    assert rain.axes["intensity"] > 0.6
    assert ("tin", "metal") in rain.meanings
    assert rain.distance_m is None
    assert thunder.distance_m is not None
    assert thunder.distance_m > 50
    assert not thunder.meanings


def test_a_clause_without_a_sound_goes_to_the_one_before():
    (layer,) = understand_sounds("a heartbeat, fast, far away").layers
    assert layer.axes == {"speed": 0.6}
    assert layer.distance_m
    assert layer.words == "a heartbeat"


def test_one_is_not_many():
    assert not understand_sounds("a door slams").layers[0].is_many
    assert understand_sounds("doors slamming").layers[0].is_many


def test_what_is_not_understood_is_told():
    assert understand_sounds("purple rain on tin").unknown == ("purple",)
    with pytest.raises(ValueError, match="did you mean thunder"):
        understand_sounds("thundr")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_in_one_line(text):
    try:
        said = str(understand_sounds(text).layers[0].generator)
    except ValueError as error:
        said = str(error)
    assert said
    assert "\n" not in said


@pytest.mark.parametrize(("phrases", "name", "settings"), SOUNDS)
def test_the_table_names_sounds_that_there_are(phrases, name, settings):
    GENERATORS[name].settled(settings)
    for phrase in phrases.split(", "):
        words = phrase.strip("~ ")
        assert understand_sounds(words).layers[-1].generator == name, words


def test_every_sound_can_be_asked_for_by_name():
    assert {name for _, name, _ in SOUNDS} == set(GENERATORS)


@pytest.mark.parametrize("generator", GENERATORS.values(), ids=lambda one: one.name)
def test_every_choice_can_be_said(generator):
    """By a word that means it, or by the name of a sound."""
    for choice in (one for one in generator.parameters if isinstance(one, Choice)):
        named = {settings.get(choice.name) for _, name, settings in SOUNDS if name == generator.name}
        phrase = next(phrases.split(", ")[0] for phrases, name, _ in SOUNDS if name == generator.name).strip("~ ")
        for value in choice.values:
            layer = understand_sounds(f"{phrase} on {value}").layers[-1]
            meant = any(value in words for words in layer.meanings)
            assert meant or value in named or value == choice.usual, (choice.name, value)


def test_endings_do_not_matter():
    assert stem("drips") == stem("dripping") == stem("dripped") == stem("drip")
    assert stem("glass") == stem("glasses")
