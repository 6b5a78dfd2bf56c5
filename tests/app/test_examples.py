"""The commands that the help of every verb ends with do what they promise."""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path
from pkgutil import resolve_name

import pytest

from menura.app.cli import COMMANDS, OK, main
from menura.app.examples import EXAMPLES
from menura.app.flags import help_text, parse
from menura.tasks import TASKS
from menura.tasks.models import Models, model_folders
from menura.tasks.task import contract_of


@pytest.mark.parametrize("verb", [*TASKS, *COMMANDS])
def test_the_help_of_every_verb_ends_with_three_commands(verb: str) -> None:
    kind = resolve_name({**TASKS, **COMMANDS}[verb][0])
    shown = [line.strip() for line in help_text(kind).splitlines()[-3:]]
    assert tuple(shown) == EXAMPLES[verb]
    assert shown[0].startswith(f"menura {kind.verb() if verb in TASKS else verb}")
    for example in shown:
        program, named, *words = shlex.split(example)
        kind = resolve_name({**TASKS, **COMMANDS}[named.replace("-", "_")][0])
        assert program == "menura"
        kind.build(parse(kind, words).values)


def test_the_commands_work_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENURA_DEBUG", "1")
    monkeypatch.setattr("menura.app.command.Models", cache(Models))  # loaded once, not by every command
    for verb, examples in EXAMPLES.items():
        for example in examples if verb in TASKS else ():
            if not _has_its_models(example):
                continue
            before = set(tmp_path.rglob("*"))
            assert main(shlex.split(example)[1:]) == OK, f"{example}\n{capsys.readouterr().err}"
            assert ("-o " in example) <= bool(set(tmp_path.rglob("*")) - before), f"{example} wrote nothing"


def _has_its_models(example: str) -> bool:
    """Whether the models that a command uses unless told otherwise come with the package."""
    _, named, *words = shlex.split(example)
    kind = resolve_name(TASKS[named.replace("-", "_")][0])
    task = kind.build(parse(kind, words).values)
    used = (field for name, field in kind.model_fields.items() if contract_of(field) and task.uses(name))
    return all(field.default in (None, *model_folders()) for field in used)
