"""Lines of words: as many notes as were asked, the last of a line long, and time to breathe after it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score.lines import as_given, first_notes, rhythm, usual_bars
from menura.score.steps.given import HIGHEST, LOWEST
from menura.score.steps.tokens import DURATIONS, bar_length

METRES = st.sampled_from(((4, 4), (3, 4), (2, 4), (6, 8), (5, 4), (7, 8), (2, 2), (12, 8)))


@given(st.integers(1, 24), METRES, st.integers(0, 1000))
def test_a_line_has_its_notes_a_long_last_one_and_a_breath(count: int, metre: tuple[int, int], seed: int) -> None:
    bars = usual_bars([count], metre)
    notes, length = rhythm(count, bars, metre, seed), bar_length(*metre)
    assert len(notes) == count
    assert (np.diff(notes[:, 0]) == notes[:-1, 1]).all()
    assert (notes[:, 1] > 0).all()
    assert notes[-1, 1] == notes[:, 1].max()
    assert notes[-1].sum() <= bars * length - 3
    assert (rhythm(count, bars, metre, seed) == notes).all()


@given(st.lists(st.integers(1, 16), min_size=1, max_size=6), METRES, st.integers(0, 3))
def test_every_line_begins_where_its_bars_do_and_is_written_as_asked(
    syllables: list[int], metre: tuple[int, int], seed: int
) -> None:
    each = usual_bars(syllables, metre)
    given_ = as_given(syllables, each * len(syllables), metre, 1, (48, 84), seed)
    assert len(given_.bars) == each * len(syllables)
    for number, count in enumerate(syllables):
        rows = [row for bar in given_.bars[number * each : (number + 1) * each] for row in bar.tolist()]  # pyright: ignore[reportOptionalMemberAccess]
        assert len(rows) == count
        assert all(48 <= row[LOWEST] < row[HIGHEST] <= 84 for row in rows)
        assert DURATIONS[rows[-1][3]] == max(DURATIONS[row[3]] for row in rows)
    assert first_notes(syllables) == [1 + sum(syllables[:line]) for line in range(len(syllables))]


@given(st.integers(1, 64), st.integers(1, 8), METRES)
def test_what_does_not_fit_is_one_line(count: int, bars: int, metre: tuple[int, int]) -> None:
    if count <= bars * bar_length(*metre) / 12 - 2:
        assert len(rhythm(count, bars, metre, 0)) == count
    elif count > bars * bar_length(*metre) / 3:
        with pytest.raises(ValueError, match=f"{count} notes and a breath do not fit"):
            rhythm(count, bars, metre, 0)


def test_a_compass_that_is_narrow_or_low_is_kept() -> None:
    for compass in ((28, 55), (60, 65), (72, 108)):
        rows = as_given([4], 2, (4, 4), 0, compass, 0).bars[0]
        assert rows is not None
        assert compass[0] <= rows[0, LOWEST] <= rows[0, HIGHEST] <= compass[1]


def test_usual_bars_give_each_syllable_time() -> None:
    assert [usual_bars([count], (4, 4)) for count in (1, 8, 12, 30)] == [1, 2, 4, 8]
    with pytest.raises(ValueError, match="do not fit 1 bar of 4/4"):
        rhythm(30, 1, (4, 4), 0)
