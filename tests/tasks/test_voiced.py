"""What speaking and singing share."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import menura
from menura.tasks.models import Models


@pytest.fixture(autouse=True)
def all_looks_german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("menura.tasks.voiced.mistaken", lambda *_: ("German", "de"))


def test_words_of_another_language_are_told_unless_it_is_asked_for(speech_models: Path):
    models = Models(shelves=(speech_models,))
    with pytest.warns(UserWarning, match="look German, and are said as en-us; language de"):
        menura.speak("One two.", models=models)
    with pytest.warns(UserWarning, match="look German, and are sung as en-us; language de"):
        menura.sing("la la", tune="C4 E4", models=models)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        menura.speak("One two.", language="en-us", models=models)
