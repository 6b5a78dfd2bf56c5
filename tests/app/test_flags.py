"""Flags and help are drawn from the declaration and leave the checking to it."""

from __future__ import annotations

import pytest

from menura.app.flags import help_text, parse
from menura.tasks.compose import Compose
from menura.tasks.evaluate import Evaluate
from menura.tasks.task import limits, spoken


def values(task, *words):
    return parse(task, words).values


def test_values_stay_text_for_the_task_to_check(sketch):
    assert values(sketch, "a cat", "--bpm", "fast", "--bars=8") == {"prompt": "a cat", "bpm": "fast", "bars": "8"}
    assert values(sketch) == {}
    assert values(sketch, "-", "--bars", "-3") == {"prompt": "-", "bars": "-3"}


def test_truths_have_two_flags(sketch):
    assert values(sketch, "--stems") == {"stems": True}
    assert values(sketch, "--no-stems") == {"stems": False}


def test_several_values_follow_one_another_or_commas(sketch):
    for words in (["flute", "piano"], ["flute,piano"], ["flute", "--instruments", "piano"]):
        given = values(sketch, "a", "--instruments", *words)
        assert sketch.build(given).instruments == ("flute", "piano")


@pytest.mark.parametrize(
    ("words", "prompt", "instruments"),
    [
        (["--instruments", "flute", "a slow waltz"], "a slow waltz", ("flute",)),
        (["--instruments", "flute", "piano", "a slow waltz"], "a slow waltz", ("flute", "piano")),
        (["--instruments", "flute,piano", "waltz"], "waltz", ("flute", "piano")),
        (["--instruments=flute", "waltz"], "waltz", ("flute",)),
        (["--instruments", "flute", "--bars", "8", "waltz"], "waltz", ("flute",)),
        (["--instruments", "flute", "--instruments", "piano", "waltz", "--bars", "8"], "waltz", ("flute", "piano")),
        (["--bars", "8", "--stems", "waltz"], "waltz", ()),
        (["waltz", "--instruments", "flute", "piano"], "waltz", ("flute", "piano")),
        (["--instruments", "flute", "--", "-waltz-"], "-waltz-", ("flute",)),
    ],
)
def test_flags_before_the_sentence_leave_it_alone(sketch, words, prompt, instruments):
    task = sketch.build(values(sketch, *words))
    assert (task.prompt, task.instruments) == (prompt, instruments)


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["--instruments", "flute", "waltz"], {"prompt": "waltz", "instruments": ["flute"]}),
        (["--instruments", "flute", "piano"], {"instruments": ["flute", "piano"]}),
        (["--mood", "sad", "tango", "--bars", "8"], {"prompt": "tango", "mood": ["sad"], "bars": "8"}),
        (["--mood", "sad", "dark"], {"mood": ["sad", "dark"]}),
    ],
)
def test_a_sentence_that_may_be_missing_is_told_from_what_a_flag_offers(words, given):
    assert values(Compose, *words) == given


@pytest.mark.parametrize("place", range(3))
def test_a_verb_of_two_words_gets_them_wherever_its_flags_stand(place):
    words = ["A", "B"]
    words[place:place] = ["--metrics", "mel"]
    assert values(Evaluate, *words) == {"reference": "A", "estimate": "B", "metrics": ["mel"]}
    assert values(Evaluate, "A", "B", "--metrics", "mel", "nsim")["metrics"] == ["mel", "nsim"]


def test_names_may_have_dashes_or_underscores_and_python_s_words_lose_theirs(sketch):
    assert values(sketch, "--continue", "in.mid") == {"continue": "in.mid"}
    assert values(sketch, "-o", "a") == values(sketch, "--output", "a") == {"output": "a"}


def test_what_every_verb_takes_is_kept_apart(sketch):
    request = parse(sketch, ["--json", "--quiet", "--force", "--threads", "2", "a"])
    assert (request.json, request.quiet, request.force, request.threads, request.help) == (True, True, True, "2", False)
    assert request.values == {"prompt": "a"}
    assert parse(sketch, ["-h"]).help
    assert parse(sketch, ["--help", "--nonsense"]).help


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--bmp", "90"], "no flag --bmp; did you mean --bpm?"),
        (["--qqq=90"], "no flag --qqq; --help lists them"),
        (["--stem"], "no flag --stem; did you mean --stems or --seed?"),
        (["a", "cat"], "'cat' is one word too many: it takes prompt; put a sentence in quotes"),
        (["--bpm"], "--bpm: needs a value"),
        (["--instruments"], "--instruments: needs a value"),
        (["-o"], "--output: needs a value"),
    ],
)
def test_complaints_are_one_line(sketch, words, complaint):
    with pytest.raises(ValueError, match=r".") as refusal:
        parse(sketch, words)
    assert str(refusal.value) == complaint


def test_the_help_shows_every_field_with_its_limits_and_default(sketch):
    text = help_text(sketch)
    joined = " ".join(text.split())
    assert text.startswith("usage: menura sketch PROMPT [options]\n\nDraw a thing.\n")
    for name, field in sketch.model_fields.items():
        assert (spoken(name).upper() if name in sketch.positional else f"--{spoken(name)}" in joined) or name == "stems"
        assert field.description in joined
        assert limits(field) in joined
    assert "--[no-]stems" in text
    assert "--format wav|flac" in text
    assert "how long (at least 1; default 4)" in joined
    assert text.index("Sound:") < text.index("--bpm") < text.index("\nOptions:") < text.index("--bars")


def test_the_help_fits_the_terminal(sketch, monkeypatch):
    monkeypatch.setenv("COLUMNS", "72")
    assert max(map(len, help_text(sketch).splitlines())) <= 72
