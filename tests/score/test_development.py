"""What becomes of a theme: it stays in its scale and its range, where the form says, and never over itself."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.score.development import Statement, as_given, augmentation, inversion, named, sequence, statements
from menura.score.form import FORMS, sections
from menura.score.notes import Key
from menura.score.steps.given import LOWEST, POSITION
from menura.score.steps.tokens import DURATIONS, bar_length
from menura.score.theme import LENGTH, ONSET, PITCH, Theme, parse

KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(("major", "minor")))


@st.composite
def melodies(draw: st.DrawFn, key: Key) -> np.ndarray:
    """Notes of a key's scale in twelfths of a quarter, within two octaves."""
    scale = [pitch for pitch in range(60, 84) if pitch % 12 in key.scale]
    pitches = draw(st.lists(st.sampled_from(scale), min_size=1, max_size=20))
    lengths = draw(st.lists(st.sampled_from((3, 6, 12, 18, 24)), min_size=len(pitches), max_size=len(pitches)))
    onsets = np.cumsum([0, *lengths[:-1]])
    return np.column_stack((onsets, lengths, pitches))


@given(KEYS, st.data(), st.integers(-7, 7))
def test_sequences_and_inversions_stay_in_the_scale_and_undo_themselves(
    key: Key, data: st.DataObject, steps: int
) -> None:
    """And they undo themselves."""
    notes = data.draw(melodies(key))
    for changed in (sequence(notes, key, steps), inversion(notes, key)):
        assert {pitch % 12 for pitch in changed[:, PITCH].tolist()} <= key.scale
        assert (changed[:, :PITCH] == notes[:, :PITCH]).all()
    assert (sequence(sequence(notes, key, steps), key, -steps) == notes).all()
    assert (inversion(inversion(notes, key), key) == notes).all()
    assert (np.sign(np.diff(inversion(notes, key)[:, PITCH])) == -np.sign(np.diff(notes[:, PITCH]))).all()
    assert (sequence(notes, key, 7)[:, PITCH] == notes[:, PITCH] + 12).all()


def test_what_is_raised_stays_raised_and_augmentation_is_twice_as_slow() -> None:
    notes = parse("C4 F#4 G4:2").notes
    assert sequence(notes, Key(0, "major"), 1)[:, PITCH].tolist() == [62, 68, 69]
    assert inversion(notes, Key(0, "major"))[:, PITCH].tolist() == [60, 54, 53]
    assert augmentation(notes).tolist() == [[0, 24, 60], [24, 24, 66], [48, 48, 67]]


@settings(max_examples=30)
@given(st.sampled_from([None, *FORMS]), st.integers(12, 64), KEYS, st.integers(0, 1000), st.data())
def test_statements_stand_where_the_form_says_and_not_over_one_another(
    form: str | None, bars: int, key: Key, seed: int, data: st.DataObject
) -> None:
    notes, made = data.draw(melodies(key)), sections(form, bars)
    theme, compass = Theme(notes, int(notes[-1, :2].sum())), (55, 91)
    found = statements(theme, (4, 4), key, made, compass, seed)
    assert found[0].name == "theme"
    assert found[0].notes.tolist() == notes.tolist()
    for one, other in pairwise(found):
        assert one.reached.stop <= other.bar
    assert found[-1].reached.stop <= bars
    fitting = [section for section in made[1:] if section.name == made[0].name and section.bars >= found[0].bars]
    assert [one.bar for one in found if one.name == "theme"] == [0, *(section.start for section in fitting)]
    for one in found:
        assert one.notes[:, PITCH].min() >= compass[0]
        assert one.notes[:, PITCH].max() <= compass[1]
    assert [(one.name, one.bar) for one in found] == [
        (one.name, one.bar) for one in statements(theme, (4, 4), key, made, compass, seed)
    ]


def test_contrasting_sections_develop_the_theme_differently_by_seed() -> None:
    theme = parse("C4 E4 G4 A4 | G4:2 F4:2")
    found = {named(statements(theme, (4, 4), Key(0, "major"), sections("ABAC", 32), (55, 91), s)) for s in range(12)}
    assert len(found) > 3
    assert all(one.startswith("theme 1–2, 17–18; ") and one.count(";") >= 2 for one in found)


def test_an_upbeat_stands_before_the_first_bar_line() -> None:
    (one,) = statements(parse("G3 | C4 E4 G4 E4 | C4:3"), (4, 4), Key(0, "major"), sections(None, 4), (40, 90), 0)
    assert one.notes[:2, ONSET].tolist() == [36, 48]
    assert one.bars == 3


@pytest.mark.parametrize(("bars", "text", "complaint"), [(1, "C4:4 | D4:4", "2 bars of 4/4, and the piece has 1")])
def test_a_theme_longer_than_the_piece_is_refused(bars: int, text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        statements(parse(text), (4, 4), Key(0, "major"), sections(None, bars), (40, 90), 0)


@given(st.data(), st.sampled_from(((4, 4), (3, 4), (6, 8), (7, 8))))
def test_what_is_given_is_what_is_stated(data: st.DataObject, metre: tuple[int, int]) -> None:
    notes, length = data.draw(melodies(Key(0, "major"))), bar_length(*metre)
    bars = -(-int(notes[-1, :2].sum()) // length)
    given = as_given([Statement("theme", 2, bars, notes)], 0, bars + 3, length)
    assert [bar for bar, rows in enumerate(given.bars) if rows is not None] == list(range(2, 2 + bars))
    rows = [
        ((bar - 2) * length + row[POSITION], int(DURATIONS[row[3]]), row[LOWEST])
        for bar, own in enumerate(given.bars)
        for row in (own.tolist() if own is not None else [])
    ]
    assert [[onset, pitch] for onset, _, pitch in rows] == notes[:, [ONSET, PITCH]].tolist()
    assert all(short <= long for (_, short, _), long in zip(rows, notes[:, LENGTH].tolist(), strict=True))
