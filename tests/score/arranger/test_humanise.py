"""Hands: the same notes, a little off, by seed, and never so far that order or bars are lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from menura.score.arranger.arrange import arrange
from menura.score.arranger.humanise import PIECES, TABLE, humanise, piece_of, swing_at
from menura.score.arranger.plan import Plan
from menura.score.arranger.style import Style
from menura.score.arranger.styles import STYLES
from menura.score.form import Section
from menura.score.harmony import parse_plan
from menura.score.notes import DURATION, ONSET, PITCH, VELOCITY, Track


def plan(style: Style, metre: tuple[int, int] | None = None) -> Plan:
    chords = parse_plan("C | Am | F | G | C | Am | F G | C")
    return Plan.of(style, chords, (Section("A", 0, 8),), (0.7,) * 8, metre=metre)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
def test_people_play_the_same_notes_nearly_when_written(style):
    told = plan(style)
    for track in arrange(told, style, 0):
        played = humanise(track, told, style, 1, 1.0)
        straight = humanise(track, told, style, 1, 0.0)
        assert np.array_equal(played.notes, humanise(track, told, style, 1, 1.0).notes)
        assert np.array_equal(np.sort(straight.notes[:, PITCH]), np.sort(track.notes[:, PITCH]))
        assert len(played.notes) >= 0.98 * len(track.notes)
        assert played.end_tick <= told.starts[-1]
        assert (played.notes[:, DURATION] > 0).all()
        assert (played.notes[:, VELOCITY] >= 1).all()
        for pitch in np.unique(played.notes[:, PITCH]):
            own = played.notes[played.notes[:, PITCH] == pitch]
            off = np.abs(own[:, ONSET][:, None] - straight.notes[straight.notes[:, PITCH] == pitch, ONSET]).min(1)
            assert (off * 60_000 / told.bpm / 480 <= 45).all(), "no one is so late"


def test_machines_keep_time():
    style = STYLES["techno"]
    told = plan(style)
    track = arrange(told, style, 0)[0]
    assert np.array_equal(humanise(track, told, style, 1).notes[:, ONSET], track.notes[:, ONSET])


def test_swing_makes_the_off_beat_late_and_leaves_beats():
    style = STYLES["swing"]
    told = plan(style)
    eighths = Track("", 0, False, np.array([[240 * k, 240, 60, 80] for k in range(32)]))
    onsets = humanise(eighths, told, style, 0, 0.0).notes[:, ONSET]
    ratio = swing_at(style, told.bpm)
    assert np.array_equal(onsets[::2], eighths.notes[::2, ONSET])
    assert np.allclose((onsets[1::2] - onsets[::2]) / 480, ratio / (1 + ratio), atol=0.002)


def test_swing_fades_at_high_tempos_and_leaves_compound_metres():
    style = STYLES["swing"]
    assert swing_at(style, 120) == style.swing > swing_at(style, 280) > swing_at(style, 400) == 1
    told = plan(style, (6, 8))
    eighths = Track("", 0, False, np.array([[240 * k, 240, 60, 80] for k in range(24)]))
    assert np.array_equal(humanise(eighths, told, style, 0, 0.0).notes, eighths.notes)


def test_amount_is_how_loose():
    style = STYLES["funk"]
    told = plan(style)
    track = arrange(told, style, 0)[1]
    off = [
        np.abs(humanise(track, told, style, 0, a).notes[:, ONSET] - track.notes[:, ONSET]).mean() for a in (0, 0.5, 2)
    ]
    assert off[0] == 0 < off[1] < off[2]
    with pytest.raises(ValueError, match="amount is from 0 to 2"):
        humanise(track, told, style, 0, 3.0)


def test_notes_of_a_chord_stay_together():
    style = replace(STYLES["pop"], comp=("x---x---x---x---",))
    told = plan(style)
    comp = arrange(told, style, 0)[2]
    assert len(np.unique(humanise(comp, told, style, 0).notes[:, ONSET])) == len(np.unique(comp.notes[:, ONSET]))


def test_every_style_s_drummer_is_in_the_table_and_every_drum_is_a_piece():
    content = TABLE.read_text(encoding="utf-8")
    assert all(f'"{style.human}"' in content for style in STYLES.values() if style.human)
    assert {piece_of(pitch) for pitch in range(27, 88)} == set(PIECES)
