"""Forms: whatever the length, sections fill the piece, what returns was heard before, and endings are composed anew."""

from __future__ import annotations

import pytest

from menura.score.form import FORMS, choruses, repeats, sections

_LENGTHS = range(1, 129)


@pytest.mark.parametrize("form", [None, *FORMS])
def test_sections_fill_every_length_and_return_only_to_what_was_composed(form: str | None) -> None:
    letters = FORMS[form] if form else None
    for bars in _LENGTHS:
        if letters and len(letters) > 1 and bars < 2 * len(letters):
            with pytest.raises(ValueError, match=f"{form} needs at least {2 * len(letters)} bars, not {bars}"):
                sections(form, bars)
            continue
        found = sections(form, bars)
        assert [section.start for section in found] == [sum(s.bars for s in found[:k]) for k in range(len(found))]
        assert sum(section.bars for section in found) == bars
        assert all(section.bars >= 1 for section in found)
        if letters:
            assert "".join(section.name for section in found) == letters
        plan = repeats(found)
        assert len(plan) == bars
        for bar, source in enumerate(plan):
            assert source is None or (source < bar and plan[source] is None)
        for section in found:
            assert plan[section.start + section.bars - 1] is None, "each section ends with fresh music"


@pytest.mark.parametrize("form", [form for form, letters in FORMS.items() if len(set(letters)) < len(letters)])
def test_what_returns_is_the_beginning_of_its_section(form: str) -> None:
    found = sections(form, 64)
    plan = repeats(found)
    returning = [section for section in found if section.repeats is not None]
    assert returning
    for section in returning:
        own = plan[section.start : section.start + section.bars]
        assert own[0] == section.repeats
        half = section.bars // 2
        repeated = [(section.repeats or 0) + bar for bar in range(half)]
        assert own[:half] == [bar if plan[bar] is None else plan[bar] for bar in repeated]


def test_a_piece_ends_with_two_fresh_bars_where_it_has_room() -> None:
    for bars in range(16, 129):
        assert repeats(sections(None, bars))[-2:] == [None, None]


def test_eight_bars_repeat_what_they_begin_with_in_one_way_or_another() -> None:
    plans = {tuple(repeats(sections("through", 8), seed)) for seed in range(40)}
    assert plans == {
        (None,) * 8,
        ((None,) * 4 + (0, 1, None, None)),
        (None, None, 0, *(None,) * 5),
        (None, 0, None, None, None, 4, None, None),
    }


def test_short_pieces_are_composed_throughout() -> None:
    for bars in range(1, 12):
        assert repeats(sections(None, bars)) == [None] * bars


def test_usual_sections_are_whole_fours_of_bars_where_the_length_allows() -> None:
    for bars in range(16, 129, 16):
        assert all(section.bars % 4 == 0 for section in sections(None, bars))


def test_choruses_follow_one_another_to_the_end():
    form = choruses(12, 30)
    assert [(section.start, section.bars, section.repeats) for section in form] == [
        (0, 12, None),
        (12, 12, 0),
        (24, 6, 0),
    ]
    assert repeats(form)[12:18] == [0, 1, 2, 3, 4, 5]
