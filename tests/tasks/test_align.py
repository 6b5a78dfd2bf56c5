"""What is said in a recording is written with its times, in order; what cannot be is told in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import menura
from menura import checkpoint
from menura.audio import Audio, write
from menura.models.aligner.model import Aligner, tiny
from menura.tasks.task import Refused

TEXT = 'Hello there, "Dr. Smith" paid $5.20. Then he left!'


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        aligner = Aligner(tiny())
    return str(checkpoint.save(aligner, tmp_path_factory.mktemp("models") / "aligner", {}))


@pytest.fixture
def align(model, tmp_path) -> Callable[..., Any]:
    """Aligns four seconds of noise, by a model that has learnt nothing."""
    sound = 0.1 * np.random.default_rng(0).standard_normal((2, 4 * 16_000)).astype(np.float32)
    write(Audio(sound, 16_000), tmp_path / "said.wav")
    return lambda *text, **how: menura.align(tmp_path / "said.wav", *text, **{"model": model, **how})


def test_words_are_as_they_are_written_and_follow_each_other(align):
    result = align(TEXT)
    assert [word.text for word in result.words] == TEXT.split()
    assert all(TEXT[word.start : word.end] in word.text for word in result.words)
    borders = [time for word in result.words for time in (word.start_s, word.end_s)]
    assert borders == sorted(borders)
    assert 0 <= borders[0] < borders[-1] <= result.duration_s == 4.0
    assert result.summary()["words"] == len(TEXT.split())


def test_phonemes_are_those_of_the_words(align):
    result = align("So he sings.")
    assert [one.label for one in result.phonemes] == ["s", "oʊ", "h", "i", "s", "ɪ", "ŋ", "z"]
    assert result.phonemes[0].start_s == result.words[0].start_s
    assert result.phonemes[-1].end_s == result.words[-1].end_s


def test_files_are_of_the_kind_that_is_asked_for(align, tmp_path):
    align(TEXT, output=tmp_path / "grid")
    written = (tmp_path / "grid.TextGrid").read_text()
    assert 'name = "words"' in written
    assert 'text = """Dr."' in written
    align(TEXT, output=tmp_path / "captions", format="srt")
    assert (tmp_path / "captions.srt").read_text().startswith("1\n00:00:0")
    align(TEXT, output=tmp_path / "words", format="json")
    rows = json.loads((tmp_path / "words.words.json").read_text())["words"]
    assert [row["text"] for row in rows] == TEXT.split()


@pytest.mark.parametrize("name", ["x.TextGrid", "x.srt", "x.vtt"])
def test_what_the_output_is_called_says_its_format(align, tmp_path, name):
    align("So.", output=tmp_path / name)
    assert {path.name for path in tmp_path.glob("x*")} == {name, "x.json"}


def test_a_sidecar_makes_it_again(align, tmp_path):
    first = align(TEXT, output=tmp_path / "one")
    again: Any = menura.replay(tmp_path / "one.json", output=tmp_path / "two")
    assert again.words == first.words


def test_a_transcript_is_read_from_its_file(align, tmp_path):
    (tmp_path / "said.txt").write_text("So he sings.", encoding="utf-8")
    assert [word.text for word in align(transcript=tmp_path / "said.txt").words] == ["So", "he", "sings."]


def test_pronunciations_are_those_of_the_lexicon(align):
    result = align("Menura.", lexicon={"menura": "mɛˈnʊɹə"})
    assert [one.label for one in result.phonemes] == ["m", "ɛ", "n", "ʊ", "ɹ", "ə"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("",), "text: give what is said"),
        (("...",), "there is no sound among the symbols"),
        (("word " * 500,), "it is another text"),
    ],
)
def test_what_cannot_be_aligned_is_told(align, given, says):
    with pytest.raises(ValueError, match=says):
        align(*given)


def test_a_model_of_another_kind_is_refused(align):
    with pytest.raises(Refused, match="not an aligner"):
        align("So.", model="codec")
