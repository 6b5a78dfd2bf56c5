"""What README.md and docs/ show is true: Python and console snippets run, links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/menura/pretrained/**/*.md")])
NO_TEST = "<!-- no-test -->"
"""Stands on the line before a snippet that needs the network or a file of the reader's own."""

LOADED_ONCE = "from menura.app import command; command.Models = command.Models().unused"
"""Commands of one process share models, as requests to a server do."""

_SNIPPET = re.compile(r"^(?P<before>[^\n]*)\n```(?P<kind>python|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(?P<text>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Snippet:
    kind: str
    text: str

    def script(self) -> str:
        """The Python that runs the snippet; of a console it is the ``menura`` lines, one after the other."""
        if self.kind == "python":
            return self.text
        lines = (line.removeprefix("$ ") for line in self.text.splitlines())
        commands = [line for line in lines if line.startswith("menura ")]
        calls = [f"main({shlex.split(command, comments=True)[1:]!r}) == 0 or sys.exit(1)" for command in commands]
        return "\n".join(["import sys", "from menura.app.cli import main", *calls])


def snippets(page: Path) -> list[Snippet]:
    found = _SNIPPET.finditer("\n" + page.read_text(encoding="utf-8"))
    return [Snippet(match["kind"], match["text"]) for match in found if match["before"].strip() != NO_TEST]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if snippets(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_snippets_run_one_after_the_other_as_a_reader_would(page, tmp_path):
    """In one process, each with names of its own: most of a process is spent on importing torch and loading models."""
    scripts = [LOADED_ONCE, *(snippet.script() for snippet in snippets(page))]
    done = subprocess.run(
        [sys.executable, "-c", f"for script in {scripts!r}:\n    print(script, flush=True)\n    exec(script, {{}})"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "MENURA_DEBUG": "1"},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_project_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for match in _LINK.finditer(re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        target = match["target"]
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name) if name else page
        assert path.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(path), f"{target}: no such heading"


def anchors(page: Path) -> set[str]:
    """The anchors that headings get on the usual hosts."""
    headings = (match["text"].lower().strip() for match in _HEADING.finditer(page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def test_the_words_of_a_console_snippet_are_run_and_its_output_is_not():
    snippet = Snippet("console", '$ menura compose "a waltz" -o waltz  # a comment\nwaltz.mid\n$ ls\n')
    assert "main(['compose', 'a waltz', '-o', 'waltz'])" in snippet.script()
    assert "waltz.mid" not in snippet.script()
    assert "ls" not in snippet.script()


def test_a_marked_snippet_is_left_out(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"```python\n1\n```\n\n{NO_TEST}\n```python\n2\n```\ntext\n```python\n3\n```\n")
    assert [snippet.text for snippet in snippets(page)] == ["1\n", "3\n"]
