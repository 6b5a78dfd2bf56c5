"""Imitation: voices enter one after the other with the subject, which the answer has a fifth higher."""

import numpy as np

from menura.score.idioms.imitation import exposition_of
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import Key
from menura.score.steps.tokens import DURATIONS, slots_for

_MINOR = Key(7, "minor")
_QUARTET = (40, 40, 41, 42)


def test_a_quartet_enters_one_by_one_with_subject_and_answer():
    slots = slots_for(_QUARTET)
    for seed in range(4):
        for metre in ((4, 4), (3, 4), (6, 8)):
            fugue = exposition_of("fugue", slots, _MINOR, metre, 24, None, seed)
            assert fugue
            lines = {}
            for entry, slot in enumerate((2, 3, 1, 0)):  # second violin, first, viola, cello
                rows = np.concatenate([fugue.bars[2 * entry], fugue.bars[2 * entry + 1]])
                assert len(set(rows[:, 1].tolist())) == entry + 1
                lines[entry] = rows[rows[:, 1] == slot]
            assert (lines[0][:, 0] == lines[1][:, 0]).all()
            assert (lines[0][:, 2] % 12 == lines[2][:, 2] % 12).all()
            up = (lines[1][:, 2] - lines[0][:, 2]) % 12
            assert set(up.tolist()) <= {5, 7}
            assert (up[len(up) // 2 :] == 7).all()


def test_bars_are_whole_and_playable():
    length = 48
    for program, voices, kind in ((6, 2, "invention"), (19, 4, "fugue"), (0, 3, "fugue")):
        written = exposition_of(kind, slots_for([program]), Key(0, "major"), (4, 4), 24, voices, 1)
        assert written
        instrument = INSTRUMENTS[program]
        for rows in written.bars.values():
            assert (rows[:, 0] + DURATIONS[rows[:, 3]] <= length).all()
            assert instrument.low <= rows[:, 2].min() <= rows[:, 2].max() <= instrument.high
            assert sorted(map(tuple, rows[:, :3].tolist())) == [tuple(row) for row in rows[:, :3].tolist()]


def test_a_high_instrument_keeps_the_subject_whole():
    written = exposition_of("invention", slots_for([73, 73]), Key(3, "major"), (3, 4), 16, None, 0)
    assert written
    subject, imitated = written.bars[0], written.bars[1][written.bars[1][:, 1] == 0]
    assert (np.diff(subject[:, 2]) == np.diff(imitated[:, 2])).all()


def test_on_beats_two_voices_are_consonant():
    harsh = beats = 0
    for seed in range(8):
        written = exposition_of("invention", slots_for([40, 42]), Key(0, "major"), (4, 4), 16, None, seed)
        assert written
        rows = written.bars[1]
        for position in range(0, 48, 12):
            sounding = rows[(rows[:, 0] <= position) & (rows[:, 0] + DURATIONS[rows[:, 3]] > position)]
            beats += 1
            harsh += abs(int(sounding[0, 2]) - int(sounding[-1, 2])) % 12 not in (0, 3, 4, 7, 8, 9)
    assert harsh <= beats // 8


def test_the_same_seed_has_the_same_subject_and_little_room_has_none():
    one, same, other = (exposition_of("fugue", slots_for([19]), _MINOR, (4, 4), 24, 3, seed) for seed in (1, 1, 2))
    assert one
    assert same
    assert other
    assert all(np.array_equal(one.bars[bar], same.bars[bar]) for bar in one.bars)
    assert not np.array_equal(one.bars[0], other.bars[0])
    assert exposition_of("fugue", slots_for([19]), _MINOR, (4, 4), 8, 3, 1) is None
    assert exposition_of("fugue", slots_for([73]), _MINOR, (4, 4), 24, None, 1) is None
