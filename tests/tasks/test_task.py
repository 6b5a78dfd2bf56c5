"""A declaration is checked in one place and complains in one line, and every verb in the table is as declared."""

from __future__ import annotations

import re
from pkgutil import resolve_name
from typing import get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.tasks import TASKS
from menura.tasks.task import Category, Refused, Task, limits, plain_types, takes_several


@pytest.mark.parametrize("verb", TASKS)
def test_the_table_says_what_the_class_says(verb):
    reference, summary = TASKS[verb]
    task = resolve_name(reference)
    assert issubclass(task, Task)
    assert task.name == verb
    assert task.summary() == summary
    assert task.category in get_args(Category)
    assert summary.endswith(".")


@pytest.mark.parametrize("verb", TASKS)
def test_every_field_is_described_and_in_one_group_where_there_are_any(verb):
    task = resolve_name(TASKS[verb][0])
    for name, field in task.model_fields.items():
        assert field.description, f"{verb}: {name}"
    grouped = [name for names in task.groups.values() for name in names]
    assert len(grouped) == len(set(grouped))
    placed, fields = set(grouped) | set(task.positional), set(task.model_fields)
    assert placed == fields if grouped else placed <= fields


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"bpm": 900}, "bpm: 900 is not in 20–300"),
        ({"bpm": "fast"}, "bpm: fast is not a number"),
        ({"bpm": "nan"}, "bpm: nan is not in 20–300"),
        ({"bars": 0}, "bars: 0 is not at least 1"),
        ({"bars": "many"}, "bars: many is not a whole number"),
        ({"bars": 1.5}, "bars: 1.5 is not a whole number"),
        ({"warmth": 0}, "warmth: 0 is not above 0 and at most 1"),
        ({"format": "mp3"}, "format: mp3 is not one of wav, flac"),
        ({"instruments": "a,b,c,d"}, "instruments: more than 3 given"),
        ({"stems": "perhaps"}, "stems: perhaps is not yes or no"),
        ({"continue": 3}, "continue: 3 is not a file's name"),
        ({"prompt": ""}, "prompt: is empty"),
        ({"prompt": "x" * 51}, "prompt: 51 characters are more than 50"),
        ({"prompt": None}, "prompt: None: input should be a valid string"),
        ({"continue_": "in.mid"}, "continue_: no such parameter; did you mean continue?"),
        ({"bmp": 90}, "bmp: no such parameter; did you mean bpm?"),
        ({"bpm": 900, "bars": 0}, "bpm: 900 is not in 20–300; bars: 0 is not at least 1"),
    ],
)
def test_complaints_say_what_was_wrong_and_what_would_be_right(sketch, values, complaint):
    with pytest.raises(ValueError, match=r".") as refusal:
        sketch.build({"prompt": "a cat", **values})
    assert str(refusal.value) == complaint


def test_what_is_needed_is_named(sketch):
    with pytest.raises(ValueError, match=r"^prompt: is needed$"):
        sketch.build({})


@given(values=st.dictionaries(st.text() | st.sampled_from(["model", "tolerance"]), st.text()))
def test_any_text_is_accepted_or_refused_in_one_short_line(values):
    task = resolve_name(TASKS["check"][0])
    try:
        task.build(values)
    except ValueError as error:
        assert len(str(error)) < 800  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017


def test_text_for_several_is_split_at_commas(sketch):
    for given_ in ("flute, piano", ["flute", "piano"], ["flute,piano"], ("flute", " piano,")):
        assert sketch.build({"prompt": "a", "instruments": given_}).instruments == ("flute", "piano")
    assert sketch.build({"prompt": "a, b"}).prompt == "a, b"


def test_an_open_seed_is_drawn_once_and_a_given_one_kept(sketch):
    task = sketch.build({"prompt": "a"})
    assert isinstance(task.seeded().seed, int)
    assert task.seeded().seed != task.seeded().seed
    assert sketch.build({"prompt": "a", "seed": 5}).seeded().seed == 5
    assert sketch.build({"prompt": "a", "seed": 0}).seeded().seed == 0


def test_limits_are_read_through_optional_and_annotated_types(sketch):
    fields = sketch.model_fields
    assert limits(fields["bpm"]) == "20–300"
    assert limits(fields["warmth"]) == "above 0 and at most 1"
    assert limits(fields["prompt"]) == ""
    assert plain_types(fields["bpm"]) == (float,)
    assert takes_several(fields["instruments"])
    assert get_origin(fields["instruments"].annotation) is tuple


def test_a_thousand_wrong_parameters_are_still_one_short_line(sketch):
    with pytest.raises(ValueError, match="and 995 more") as refusal:
        sketch.build({"prompt": "a"} | {f"{'x' * 1000}{index}": 1 for index in range(1001)})
    assert len(str(refusal.value)) < 800


@pytest.mark.parametrize(
    ("task", "given", "words"),
    [
        ("compose", {"keep": 3, "n": 2}, "keep: 3 of 2 candidates cannot be kept; raise n"),
        ("compose", {"infill": "2-3"}, "infill: name the MIDI file whose bars to compose anew with continue"),
        ("compose", {"key": "H sharp"}, "key"),
        ("compose", {"metre": "17/4"}, "metre: '17/4' is not one"),
        ("compose", {"bars": 4, "bpm": 20, "duration": 5}, "last 48.0 s, not 5"),
        ("compose", {"mood": ["purple"]}, "mood: 'purple' is not one of"),
        ("compose", {"instruments": ["kazoo orchestra"]}, "kazoo"),
    ],
)
def test_what_fields_say_together_is_looked_at_when_a_task_is_built(task, given, words):
    """Not after it has waited in a queue."""
    kind = resolve_name(TASKS[task][0])
    with pytest.raises(Refused, match=re.escape(words)):
        kind.build(given)
