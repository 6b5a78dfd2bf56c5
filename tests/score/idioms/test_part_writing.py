"""Four parts: in their ranges, in order, without parallels, under the melody that was composed."""

from itertools import combinations

import numpy as np
import pytest

from menura.score.form import sections
from menura.score.harmony import Chord
from menura.score.idioms.part_writing import RANGES, choir_of
from menura.score.steps.tokens import BAR, DURATIONS, TokenPiece, slots_for

_CHOIR, _ORGAN = [52] * 4, [19]
_CHORDS = [Chord.parse(name).index for name in ("C", "F", "G", "Am", "Dm", "G7", "C", "C")]
_SCALE = (60, 62, 64, 65, 67, 69, 71, 72, 74, 76)


def piece(programs: list[int], seed: int) -> TokenPiece:
    """Eight bars of quarters by everybody, who cross and leap as dice say."""
    rng, slots = np.random.default_rng(seed), slots_for(programs)
    rows = []
    for _ in _CHORDS:
        notes = {
            (beat * 12, slot, int(rng.choice(_SCALE)) - 12 * int(rng.integers(2))): (11, 8)
            for beat in range(4)
            for slot in range(len(slots))
            for _ in range(4 // len(slots))
        }
        rows += [(BAR, 0, 0, 0, 0), *((*place, *rest) for place, rest in sorted(notes.items()))]
    metres = np.tile(np.array((4, 4), dtype=np.int16), (len(_CHORDS), 1))
    return TokenPiece(slots, metres, np.array(rows, dtype=np.int16))


def written(before: TokenPiece, chords: np.ndarray | None = None) -> TokenPiece:
    choir = choir_of(["chorale"], before.slots)
    assert choir
    return choir.apply(before, sections(None, len(_CHORDS)), chords, closes=True)


def beats(piece: TokenPiece) -> np.ndarray:
    """What bass, tenor, alto and soprano sing on every beat, ``[beat, 4]``."""
    is_line = piece.steps[:, 0] == BAR
    rows, bar = piece.steps[~is_line].astype(int), (np.cumsum(is_line) - 1)[~is_line]
    onset, end = 48 * bar + rows[:, 0], 48 * bar + rows[:, 0] + DURATIONS[rows[:, 3]]
    at = np.arange(0, 48 * piece.num_bars, 12)
    sounding = [[rows[(rows[:, 1] == v) & (onset <= now) & (end > now), 2] for v in range(4)] for now in at]
    return np.array([[int(one[-1]) for one in voices] for voices in sounding])


def test_voices_keep_their_ranges_and_their_order_and_move_in_no_parallels():
    for seed in range(3):
        sung = beats(written(piece(_CHOIR, seed)))
        for voice, (low, high) in enumerate(RANGES):
            assert low <= sung[:, voice].min() <= sung[:, voice].max() <= high
        assert (np.diff(sung, axis=1) >= 0).all()
        steps = np.diff(sung, axis=0)
        for low, high in combinations(range(4), 2):
            apart = (sung[:, high] - sung[:, low]) % 12
            moved = (steps[:, low] != 0) & (steps[:, high] != 0)
            parallel = moved & (apart[1:] == apart[:-1]) & np.isin(apart[1:], (0, 7))
            assert parallel.mean() < 0.03


def test_the_bass_moves_and_fills_its_thirds():
    moved, passing = [], 0
    for seed in range(3):
        after = written(piece(_CHOIR, seed))
        moved.append((np.diff(beats(after)[:-4, 0]) != 0).mean())
        bass = after.steps[(after.steps[:, 1] == 0) & (after.steps[:, 0] != BAR)]
        passing += int((bass[:, 0] % 12 == 6).sum())
    assert np.mean(moved) > 0.6
    assert passing


def test_the_melody_is_the_sopranos_and_asked_chords_are_kept():
    before = piece(_CHOIR, 0)
    after = written(before, np.tile(np.array(_CHORDS)[:, None], (1, 2)))
    top, kept = beats(before)[:, 3], beats(after)
    assert (top % 12 == kept[:, 3] % 12).all()
    for beat, voices in enumerate(kept[:, :3]):
        chord = Chord.of(_CHORDS[beat // 4])
        assert chord
        assert set((voices % 12).tolist()) <= set(chord.pitch_classes)


@pytest.mark.parametrize("player", [_ORGAN, [52]])
def test_an_organ_or_a_choir_has_all_of_them(player):
    before = piece(player, 1)
    after = written(before)
    assert set(after.steps[:, 1].tolist()) == {0}
    place = np.column_stack((np.cumsum(after.steps[:, 0] == BAR), after.steps[:, :3]))
    assert len(np.unique(place, axis=0)) == len(place)


def test_others_are_let_be():
    assert choir_of(["chorale"], slots_for([40, 41, 42])) is None
    assert choir_of(["waltz"], slots_for(_CHOIR)) is None
    assert choir_of(["chorale"], slots_for([0])) is None
