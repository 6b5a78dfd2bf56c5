"""What `make` needs of the system is installed where it can be; else one line says how to, and the rest goes on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


class Machine:
    """A machine that has some programs: a folder of them is all its PATH."""

    def __init__(self, folder: Path, user: int, programs: tuple[str, ...], installs: bool = True) -> None:
        self.folder, self.told = folder, folder / "told"
        for name in ("bash", "env"):
            (folder / name).symlink_to(str(shutil.which(name)))
        self.add("id", f"echo {user}")
        for name in programs:
            self.add(name, f'echo "{name} $*" >> {self.told}; exit {0 if installs else 1}')
        if "sudo" in programs:
            self.add("sudo", f'echo "sudo $*" >> {self.told}; while [ "${{1#-}}" != "$1" ]; do shift; done; "$@"')

    def add(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/usr/bin/env bash\n{text}\n")
        path.chmod(0o755)

    def install(self, *packages: str) -> tuple[list[str], str]:
        """What was called, and what was said on stderr."""
        done = subprocess.run(
            [str(self.folder / "bash"), str(ROOT / ".ci" / "install"), *packages],
            env={"PATH": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 0, "what needs nothing more goes on"
        return (self.told.read_text().splitlines() if self.told.exists() else []), done.stderr


UPDATE, INSTALL = "apt-get -qq update", "apt-get -qq install --yes --no-install-recommends {}"
SUDO = "sudo --non-interactive"


@pytest.mark.parametrize(
    ("user", "programs", "called"),
    [
        (0, ("apt-get",), [UPDATE, INSTALL]),
        (0, ("apt-get", "sudo"), [UPDATE, INSTALL]),
        (1000, ("apt-get", "sudo"), [f"{SUDO} {UPDATE}", UPDATE, f"{SUDO} {INSTALL}", INSTALL]),
        (1000, ("apt-get",), []),
        (0, (), []),
    ],
    ids=["root", "root with sudo", "sudo", "nobody", "no Debian"],
)  # fmt: skip
def test_what_is_missing_is_installed_by_whoever_may(tmp_path, user, programs, called):
    told, said = Machine(tmp_path, user, programs).install("chromium", "fluidsynth")
    assert told == [line.format("chromium fluidsynth") for line in called]
    if called:
        assert not said
    else:
        assert said.count("\n") == 1
        assert "without chromium fluidsynth" in said
        assert ("sudo apt-get install chromium fluidsynth" in said) == ("apt-get" in programs)


def test_what_is_there_is_left_alone(tmp_path):
    machine = Machine(tmp_path, 0, ("apt-get", "google-chrome", "cc"))
    assert machine.install("chromium", "build-essential") == ([], "")
    assert machine.install("chromium", "fluidsynth")[0][-1].endswith(" fluidsynth")


def test_an_install_that_fails_is_told_in_one_line(tmp_path):
    told, said = Machine(tmp_path, 0, ("apt-get",), installs=False).install("chromium")
    assert told == [UPDATE, INSTALL.format("chromium")]
    assert said.splitlines()[-1].endswith("sudo apt-get install chromium")


@pytest.mark.parametrize(
    ("target", "steps"),
    [
        ("test", [".ci/install chromium", "pytest"]),
        ("demo", [".ci/install musescore-general-soundfont-small", "menura compose"]),
    ],
)
def test_one_command_sets_up_all_it_needs(target, steps, tmp_path):
    """Each step before the one that needs it, on a clone where nothing was done yet."""
    copy = shutil.copytree(ROOT / ".ci", tmp_path / ".ci").parent
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, copy)
    done = subprocess.run(
        ["make", "-n", "--no-print-directory", target], cwd=copy, capture_output=True, text=True, timeout=20, check=True
    )
    steps = [".ci/install python3-venv", "-m venv .venv", "pip install", *steps]
    places = [done.stdout.index(step) for step in steps]
    assert places == sorted(places)


def test_continuous_integration_runs_the_commands_of_the_readme_and_nothing_else():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in lines if not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make check", "make test"]
    assert os.access(ROOT / ".ci" / "install", os.X_OK)


@pytest.mark.parametrize("path", ["README.md", "Makefile", "docs/serving.md", "deploy/Containerfile"])
def test_what_is_installed_exists_and_serves_as_well_as_plays(path):
    """The first install goes on to `menura serve`."""
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"].keys()
    installs = [
        set(found.split(",")) for found in re.findall(r'"(?:\.|menura|/src)\[([a-z,]+)\]"', (ROOT / path).read_text())
    ]
    assert set.union(*installs) <= known
    assert {"score", "serve"} <= installs[0]
