"""Verse keeps its syllables, its rhymes and its title, and is the same again by its seed."""

from __future__ import annotations

import pytest

from menura.text.speech.syllables import read_lyrics
from menura.text.verse import compose, write_verse
from menura.text.verse.metre import fault, measured, rhymes
from menura.text.verse.model import WordModel, counted


def last_word(line: str) -> str:
    return line.lower().rstrip(".,?").split()[-1]


def test_lines_have_the_syllables_and_rhymes_they_were_to_have() -> None:
    verse = compose("a ballad about the sea", seed=5)
    for (_, lines), counts, scheme in zip(verse.sections, verse.syllables, verse.scheme, strict=True):
        assert [len(read_lyrics(line)) for line in lines] == list(counts)
        for letter in set(scheme) - {"-"}:
            first, second = (last_word(line) for line, own in zip(lines, scheme, strict=True) if own == letter)
            assert rhymes(first, second)


def test_the_title_returns_and_no_other_line_does() -> None:
    verse = compose("rain", seed=1)
    choruses = [lines for name, lines in verse.sections if name == "chorus"]
    assert choruses[:1] * 3 == choruses
    assert all(lines[place].startswith(verse.title) for lines in choruses for place in (0, 2))
    others = [line for name, lines in verse.sections if name != "chorus" for line in lines]
    assert len(others) == len(set(others))


def test_words_depend_on_theme_and_seed_alone() -> None:
    form = ["intro", "verse", "chorus"]
    text = write_verse("winter", form, seed=3)
    assert text == write_verse("winter", form, seed=3) != write_verse("winter", form, seed=4)
    assert text.startswith("[intro]\n\n[verse]\n")


def test_what_no_theme_knows_is_sung_of() -> None:
    assert "zeppelin" in write_verse("a song about my zeppelin", seed=2).lower()


@pytest.mark.parametrize("name", ["Anna", "John", "Emily", "Marie", "Elizabeth"])
def test_a_birthday_has_its_name_in_the_title(name: str) -> None:
    verse = compose(f"a birthday song for {name}", ["chorus"], seed=3)
    assert name in verse.title
    assert [len(read_lyrics(line)) for line in verse.sections[0][1]] == list(verse.syllables[0])


def test_asked_syllables_are_kept() -> None:
    verse = compose("love", ["verse"], seed=1, syllables=[6, 6, 8, 6])
    assert [len(read_lyrics(line)) for line in verse.sections[0][1]] == [6, 6, 8, 6]


@pytest.mark.parametrize(("form", "syllables"), [(["solo"], []), ([], []), (["verse"], [8, 8]), (["verse"], [3] * 4)])
def test_what_cannot_be_written_is_refused(form: list[str], syllables: list[int]) -> None:
    with pytest.raises(ValueError, match=r"^(form|syllables):"):
        write_verse("love", form, syllables=syllables)


def test_metre_wants_stresses_on_beats() -> None:
    assert fault(["away"], 2) == 0  # a-WAY, and the line ends on a beat
    assert fault(["river"], 2) is None
    assert measured("river").rhyme is None
    assert rhymes("sea", "free")
    assert not rhymes("sea", "see")
    assert not rhymes("love", "move")


def test_likely_words_are_fluent() -> None:
    model = WordModel(counted([["the", "sea", "is", "deep"]] * 3 + [["deep", "is", "the", "night"]]))
    assert model.fluency(["the", "sea", "is", "deep"]) > model.fluency(["sea", "deep", "the", "is"])
