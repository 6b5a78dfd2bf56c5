"""A verb does what its task declares, whichever face asks, and prints it for people or machines."""

from __future__ import annotations

import io
import json
import weakref
from itertools import pairwise

import pytest

from menura.app.cli import FAILED, MISUSED, OK, main
from menura.app.function import task_function


@pytest.fixture
def here(sketch, tmp_path, monkeypatch):  # noqa: ARG001
    monkeypatch.chdir(tmp_path)
    return tmp_path


pytestmark = pytest.mark.usefixtures("here")


def test_files_are_named_for_the_words_in_this_folder(here, capsys):
    assert main(["sketch", "A cat, sitting!"]) == OK
    assert sorted(path.name for path in here.iterdir()) == ["a-cat-sitting.json", "a-cat-sitting.mid"]
    shown = capsys.readouterr()
    assert shown.out.splitlines()[1:] == ["a-cat-sitting.mid", "a-cat-sitting.json"]
    assert shown.err == ""


def test_words_without_letters_are_named_for_the_verb(here):
    assert main(["sketch", "…"]) == OK
    assert (here / "sketch.mid").exists()


def test_nothing_is_overwritten_without_force(here, capsys):
    assert main(["sketch", "a", "-o", "cat", "--seed", "1"]) == OK
    before = (here / "cat.mid").read_bytes()
    assert main(["sketch", "b", "-o", "cat", "--seed", "1"]) == FAILED
    assert capsys.readouterr().err == (
        "menura sketch: cat.json exists already; name another output, or overwrite it (--force)\n"
    )
    assert (here / "cat.mid").read_bytes() == before
    assert main(["sketch", "b", "-o", "cat", "--seed", "1", "--force"]) == OK
    assert (here / "cat.mid").read_bytes() != before


def test_the_same_words_again_get_a_numbered_name(here):
    """Where no name was given nothing is refused and nothing overwritten, however many results there are."""
    kept: list[dict[str, str]] = []
    for flags in ([], [], ["--n", "2"], ["--n", "2"], []):
        assert main(["sketch", "a cat", *flags]) == OK
        kept.append({path.name: path.read_text() for path in here.iterdir()})
    assert all(earlier.items() < later.items() for earlier, later in pairwise(kept))
    names = ("a-cat", "a-cat-2", "a-cat-2-1", "a-cat-2-2", "a-cat-3", "a-cat-3-1", "a-cat-3-2")
    assert set(kept[-1]) == {f"{name}.{suffix}" for name in names for suffix in ("mid", "json")}
    assert main(["sketch", "a cat", "--force"]) == OK
    assert (here / "a-cat.mid").read_text() != kept[0]["a-cat.mid"]
    assert len(list(here.iterdir())) == len(kept[-1])


def test_quiet_is_quiet(capsys):
    """Nothing on either stream but what is nowhere else; errors are still told."""
    assert main(["sketch", "a", "--quiet"]) == OK
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "")
    assert main(["styles", "--quiet"]) == OK
    assert "bach" in capsys.readouterr().out
    assert main(["sketch", "b", "-o", "a", "--quiet"]) == FAILED
    assert "exists already" in capsys.readouterr().err


def test_one_result_at_a_time_is_in_memory(sketch, monkeypatch):
    """However many candidates there are."""
    alive: list[weakref.ref] = []
    drawn = sketch.run

    def run(self, models, progress):
        for result in drawn(self, models, progress):
            assert [one for one in alive if one() is not None] == []
            alive.append(weakref.ref(result))
            yield result
            del result

    monkeypatch.setattr(sketch, "run", run)
    assert main(["sketch", "a", "--n", "5"]) == OK
    assert len(alive) == 5


def test_json_is_one_document(capsys):
    assert main(["sketch", "a", "--n", "2", "--json"]) == OK
    document = json.loads(capsys.readouterr().out)
    assert document["task"] == "sketch"
    assert [result["files"] for result in document["results"]] == [["a-1.mid", "a-1.json"], ["a-2.mid", "a-2.json"]]
    assert all(result["text"].startswith("a ") for result in document["results"])


def test_a_dash_reads_the_words_from_stdin(here, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a dog\n"))
    assert main(["sketch", "-"]) == OK
    assert (here / "a-dog.mid").read_text().startswith("a dog ")


def test_a_result_is_replayed(here):
    assert main(["sketch", "a cat", "--continue", "nothing.mid", "--quiet"]) == FAILED
    assert main(["sketch", "a cat"]) == OK
    assert main(["replay", "a-cat.json"]) == OK
    assert (here / "a-cat-replay.mid").read_bytes() == (here / "a-cat.mid").read_bytes()


@pytest.mark.parametrize(
    ("flags", "values"),
    [
        (["--bpm", "900"], {"bpm": 900}),
        (["--bars", "many", "--bpm", "1"], {"bars": "many", "bpm": 1}),
        (["--format", "mp3"], {"format": "mp3"}),
        (["--instruments", "a,b,c,d"], {"instruments": "a,b,c,d"}),
    ],
)
def test_every_face_refuses_the_same_request_in_the_same_words(sketch, here, capsys, flags, values):
    assert main(["sketch", "a", *flags]) == MISUSED
    with pytest.raises(ValueError, match=r".") as refusal:
        task_function(sketch)("a", **values)
    assert capsys.readouterr().err == f"menura sketch: {refusal.value}\n"
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("threads", ["0", "two", "99999999999", "-1", "１"])
def test_threads_are_checked(capsys, threads):
    assert main(["sketch", "a", f"--threads={threads}"]) == MISUSED
    assert capsys.readouterr().err == f"menura sketch: threads: {threads} is not in 1–1024\n"


def test_rows_are_printed_as_a_table_and_as_json(capsys):
    assert main(["styles"]) == OK
    assert capsys.readouterr().out.split()[0] == "style"
    assert main(["styles", "--json"]) == OK
    assert {"style": "bach"} in json.loads(capsys.readouterr().out)["results"][0]["styles"]
