"""What is told to a Python programmer names parameters, not flags."""

from __future__ import annotations

import logging
from pkgutil import resolve_name

import pytest

from menura.app.watching import watched
from menura.app.wording import in_python
from menura.tasks import TASKS


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("go on with it (--resume)", "go on with it (resume=True)"),
        ("name where it is (--model FOLDER): no", "name where it is (model=…): no"),
        ("--no-resume, --batch-size N or --global", "resume=False, batch_size=… or global_=…"),
        ("--scores 120 has them played", "scores=120 has them played"),
        ("--init codec starts from its weights", 'init="codec" starts from its weights'),
        ("overwrite it (--force)", "overwrite it (overwrite=True)"),
        ("a rule -- of no flag -- and 3--4", "a rule -- of no flag -- and 3--4"),
    ],
)
def test_flags_are_called_as_python_calls_them(told, expected):
    assert in_python(told, resolve_name(TASKS["train"][0])) == expected


def test_what_is_said_and_warned_of_is_in_python_s_words(caplog):
    progress = watched(None, in_python)
    with caplog.at_level(logging.INFO, "menura"):
        progress.say("say --seed 3")
    with pytest.warns(UserWarning, match="say seed=3"):
        progress.warn("say --seed 3")
    assert caplog.messages == ["say seed=3"]
