"""A book is written with its chapters as it is made, in bounded memory, and a run that was cut off goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import menura
from menura.audio import read
from menura.files import sha256
from menura.progress import Cancelled, Progress
from menura.tasks import book
from menura.tasks.models import Models
from menura.text.document import plain, read_document

TEXT = (
    "Before all.\n\n## One\n\nFirst words. And more.\n\nOf one.\n\n## Two: two\n\nThe second.\n\n## Three\n\nThird.\n"
)


@pytest.fixture
def say(speech_models: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Speaks books with models that have learnt nothing, in passages of a few words."""
    monkeypatch.setattr(book, "_MOST_CHARACTERS", 20)
    models = Models(shelves=(speech_models,))
    return lambda **how: menura.speak(**{"file": TEXT.encode(), "models": models, **how})


class Stopping(Progress):
    """Stops after some updates."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left, self.said = after, []

    def show(self, *_: object) -> None:
        self.left -= 1
        if not self.left:
            self.cancel()

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.mark.parametrize("format", ["m4b", "mp3"])
def test_marks_stand_where_chapters_begin(say, tmp_path, format):
    made = say(output=tmp_path / f"x.{format}")
    with av.open(str(tmp_path / f"x.{format}")) as file:
        marks = [(one["metadata"].get("title", ""), float(one["start"] * one["time_base"])) for one in file.chapters()]
    assert [title for title, _ in marks] == ["1", "One", "Two: two", "Three"]
    assert [start for _, start in marks] == pytest.approx([start for _, start in made.chapters], abs=2e-3)
    for title, start_s in made.chapters[1:]:
        first = next(word for word in made.words if word.start_s >= start_s)
        assert first.text.strip(":") == title.split(":")[0]
        assert TEXT[first.start : first.end] == title.split(":")[0]
    assert read(tmp_path / f"x.{format}").duration_s == pytest.approx(made.num_samples / 24_000, abs=0.05)


def test_a_run_that_was_cut_off_goes_on_and_is_the_same(say, tmp_path):
    whole = say(output=tmp_path / "a" / "x.m4b", captions="json")
    for after in (1, 3, 9):
        progress, target = Stopping(after), tmp_path / str(after) / "x.m4b"
        with pytest.raises(Cancelled):
            say(output=target, captions="json", progress=progress)
        assert [path.name for path in target.parent.iterdir() if not path.name.startswith(".")] == []
        assert "the same request goes on" in progress.said[-1]
        again = Stopping(-1)
        assert say(output=target, captions="json", progress=again).words == whole.words
        assert "passages were spoken before" in again.said[0]
        for name in ("x.m4b", "x.words.json"):
            assert sha256(target.parent / name) == sha256(tmp_path / "a" / name)
        assert sorted(path.name for path in target.parent.iterdir()) == ["x.json", "x.m4b", "x.words.json"]


def test_chapters_may_be_a_file_each(say, tmp_path):
    made = say(output=tmp_path / "x.flac", chapters="files", captions="srt")
    names = ["x-01", "x-02-one", "x-03-two-two", "x-04-three"]
    assert sorted(path.name for path in tmp_path.glob("*.flac")) == [f"{name}.flac" for name in names]
    assert [read(tmp_path / f"{name}.flac").num_samples for name in names] == [one.num_samples for one in made]
    assert (tmp_path / "x-03-two-two.srt").read_text().startswith("1\n00:00:00,0")
    whole = say(output=tmp_path / "all.m4b")
    assert sum(one.num_samples for one in made) == whole.num_samples


def test_what_is_long_is_a_book_and_what_is_short_is_held(say, tmp_path, monkeypatch):
    monkeypatch.setattr("menura.tasks.speak.MOST_CHARACTERS", 40)
    with pytest.raises(menura.Refused, match="is a book; name an output"):
        say(output=None)
    made = say(output=tmp_path / "x.wav")
    assert np.isclose(read(tmp_path / "x.wav").duration_s, made.num_samples / 24_000)
    assert say(file=b"Short.", output=tmp_path / "y.wav").audio.num_samples > 0


def test_passages_are_all_of_a_document_whatever_it_is():
    for text in ("a" * 50_000, "One. " * 8000, "x\n\n" * 9000, "short"):
        found = book.passages(plain(text))
        assert "".join(text[one.start : one.end] for one in found) == text
        assert max(one.end - one.start for one in found) <= book._MOST_CHARACTERS
    document = read_document(TEXT.encode(), ".md")
    assert [one.chapter for one in book.passages(document)] == [0, 1, 2, 3]
