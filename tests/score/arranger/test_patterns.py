"""A bar of one metre becomes a bar of another: whole, in order, and recognisable."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score.arranger.fills import FILLS, LETTERS, PIECES
from menura.score.arranger.patterns import alternatives, beats_of, fit, num_bars
from menura.score.arranger.style import Style
from menura.score.arranger.styles import STYLES

METRES = st.tuples(st.integers(1, 15), st.sampled_from((1, 2, 4, 8, 16)))


@given(METRES)
def test_beats_fill_the_bar(metre):
    assert sum(beats_of(*metre)) == 1920 * metre[0] // metre[1]


def test_beats_are_felt_as_people_count_them():
    assert beats_of(6, 8) == (720, 720)
    assert beats_of(7, 8) == (480, 480, 720)
    assert beats_of(3, 4) == (480, 480, 480)
    with pytest.raises(ValueError, match="is not a metre"):
        beats_of(4, 3)


@given(st.text("x.-", min_size=16, max_size=16), METRES)
def test_what_is_fitted_lies_in_the_bar_without_overlaps(pattern, metre):
    beats = beats_of(*metre)
    events = fit(pattern, 0, beats_of(4, 4), beats)
    assert all(0 <= event.onset < sum(beats) and event.length > 0 for event in events)
    assert all(one.onset + one.length <= other.onset for one, other in itertools.pairwise(events))


def test_in_its_own_metre_a_pattern_is_as_written():
    events = fit("x---..xx........", 0, beats_of(4, 4), beats_of(4, 4))
    assert [tuple(event)[:2] for event in events] == [(0, 480), (720, 120), (840, 120)]


def test_a_backbeat_shuffles_in_twelve_eight_and_limps_in_seven_eight():
    snare = fit("....x.......x...", 0, beats_of(4, 4), beats_of(12, 8))
    assert [event.onset for event in snare] == [720, 2160]
    hats = fit("x.x.x.x.x.x.x.x.", 0, beats_of(4, 4), beats_of(6, 8))
    assert [event.onset for event in hats] == [0, 480, 720, 1200]
    hats = fit("x.x.x.x.x.x.x.x.", 0, beats_of(4, 4), beats_of(7, 8))
    assert [event.onset for event in hats] == [0, 240, 480, 720, 960, 1200, 1440]


def _cells(style: Style) -> list[str]:
    lines = [line.split(maxsplit=1)[1] for level in style.drums for line in level.splitlines()]
    layers = [layer for text in (*style.comp, *style.comp2) for part in text.split("/") for layer in part.split("\n")]
    return [*lines, *style.bass, *layers]


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
def test_tables_hold_whole_bars_of_known_pieces(style):
    """A bar has a whole number of steps a beat, and drums are drums."""
    for text in _cells(style):
        for pattern in alternatives(text):
            bars = pattern.split("|")
            assert len(bars) == num_bars(pattern)
            for bar in bars:
                assert len(bar) * min(style.home) % sum(style.home) == 0, (style.name, bar)
    for level in style.drums:
        for line in level.splitlines():
            assert line.split()[0] in PIECES
    assert style.fills in FILLS


def test_fills_are_of_known_drums():
    for fills in FILLS.values():
        for fill in fills:
            assert len(fill.split()) == 4
            assert set(fill) <= {*LETTERS, ".", " "}
