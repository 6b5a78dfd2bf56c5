"""TextGrids are as Praat writes them: tiers without gaps, quotes doubled."""

from __future__ import annotations

import re

import textgrid

from menura.text.textgrid import Interval, to_textgrid


def read(written: str) -> dict[str, list[tuple[float, float, str]]]:
    """The intervals of each tier, as a reader of the format finds them."""
    found = {}
    for item in re.split(r"item \[\d+\]:", written)[1:]:
        name = re.search(r'name = "((?:[^"]|"")*)"', item)
        rows = re.findall(r'xmin = (\S+) \n\s+xmax = (\S+) \n\s+text = "((?:[^"]|"")*)"', item)
        assert int(re.findall(r"intervals: size = (\d+)", item)[0]) == len(rows)
        assert name
        found[name[1]] = [(float(start), float(end), text.replace('""', '"')) for start, end, text in rows]
    return found


def test_gaps_are_empty_intervals_and_tiers_end_with_the_sound():
    words = [Interval(0.25, 0.5, "so"), Interval(0.5, 0.75, 'a "b"')]
    found = read(to_textgrid({"words": words, "phonemes": []}, 1.0))
    assert found == {
        "words": [(0.0, 0.25, ""), (0.25, 0.5, "so"), (0.5, 0.75, 'a "b"'), (0.75, 1.0, "")],
        "phonemes": [(0.0, 1.0, "")],
    }


def test_intervals_that_fill_all_stay_as_they_are():
    words = [Interval(0.0, 0.3, "a"), Interval(0.3, 1.0, "b")]
    assert read(to_textgrid({"words": words}, 1.0))["words"] == [tuple(one) for one in words]


def test_it_begins_as_praat_s_files_do():
    first = to_textgrid({"words": []}, 2.5).splitlines()[:5]
    assert first == ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ", "xmax = 2.5 "]


def test_another_reader_finds_the_same_intervals(tmp_path):
    path = tmp_path / "x.TextGrid"
    path.write_text(to_textgrid({"words": [Interval(0.25, 0.5, 'a "b"')], "phonemes": []}, 1.0))
    words, phonemes = textgrid.TextGrid.fromFile(str(path))
    found = [(one.minTime, one.maxTime, one.mark) for one in words]
    assert found == [(0.0, 0.25, ""), (0.25, 0.5, 'a "b"'), (0.5, 1.0, "")]
    assert phonemes.name == "phonemes"
    assert phonemes.maxTime == 1.0
