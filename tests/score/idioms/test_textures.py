"""Textures: left hands that do not break off, over harmony and melody that stay as they were."""

import numpy as np

from menura.score.form import sections
from menura.score.harmony import Chord
from menura.score.idioms.textures import TEXTURES, accompanist_of
from menura.score.instruments import INSTRUMENTS
from menura.score.steps.tokens import BAR, DURATIONS, TokenPiece, nearest_duration, slots_for

_BARS, _QUARTER = 8, 12
_PIANO, _FLUTE = 0, 73
_CHORDS = [Chord.parse(name).index for name in ("C", "Am", "F", "G7", "C", "F", "G7", "C")]


def piece(programs: list[int], metre: tuple[int, int] = (4, 4), rests: tuple[int, ...] = ()) -> TokenPiece:
    """Each bar: its chord in low half notes by the first player of chords, and a high scale, by the last player."""
    slots = slots_for(programs)
    chordal = next(index for index, slot in enumerate(slots) if slot.program != _FLUTE)
    quarters = 4 * metre[0] // metre[1]
    whole = int(nearest_duration(np.array([quarters * _QUARTER]))[0])
    quarter = int(nearest_duration(np.array([_QUARTER]))[0])
    rows = []
    for bar, index in enumerate(_CHORDS):
        chord = Chord.of(index)
        assert chord
        low = [(0, chordal, 48 + pitch_class, whole, 8) for pitch_class in sorted(chord.pitch_classes)]
        high = [(beat * _QUARTER, len(slots) - 1, 74 + beat, quarter, 9) for beat in range(quarters)]
        rows += [(BAR, 0, 0, 0, 0), *sorted((*low, *(high if bar not in rests else ())))]
    return TokenPiece(slots, np.tile(np.array(metre, dtype=np.int16), (_BARS, 1)), np.array(rows, dtype=np.int16))


def played(before: TokenPiece, style: str) -> TokenPiece:
    accompanist = accompanist_of([style], before.slots)
    assert accompanist
    return accompanist.apply(before, sections(None, _BARS), np.tile(np.array(_CHORDS)[:, None], (1, 2)), closes=True)


def by_bar(piece: TokenPiece) -> list[np.ndarray]:
    lines = np.flatnonzero(piece.steps[:, 0] == BAR)
    return [part[1:] for part in np.split(piece.steps.astype(int), lines[1:])]


def test_every_bar_has_a_left_hand_of_the_bars_chord_and_keeps_its_melody():
    for texture in TEXTURES:
        programs = [_PIANO] if texture.alone in (None, True) else [_PIANO, _FLUTE]
        before = piece(programs, texture.metre)
        after = played(before, min(texture.styles))
        for index, old, new in zip(_CHORDS, by_bar(before), by_bar(after), strict=True):
            chord = Chord.of(index)
            assert chord
            melody = {tuple(row) for row in old[old[:, 2] >= 70].tolist()}
            assert melody <= {tuple(row) for row in new.tolist()}
            hand = new[new[:, 2] < 70]
            assert len(hand) >= 2
            assert set((hand[:, 2] % 12).tolist()) <= set(chord.pitch_classes)
            length = 48 * texture.metre[0] // texture.metre[1]
            assert (hand[:, 0] + DURATIONS[hand[:, 3]] <= length).all()


def test_no_harmony_stands_for_three_bars():
    before = piece([_PIANO, _FLUTE])
    steps = before.steps.copy()
    low = (steps[:, 1] == 0) & (steps[:, 0] != BAR)
    steps[low, 2] = np.resize([48, 52, 55], low.sum())
    accompanist = accompanist_of(["song"], before.slots)
    assert accompanist
    static = TokenPiece(before.slots, before.metres, steps)
    after = accompanist.apply(static, sections(None, _BARS), None, closes=False)
    hands = [frozenset((bar[bar[:, 1] == 0, 2] % 12).tolist()) for bar in by_bar(after)]
    assert all(len({*hands[bar : bar + 3]}) > 1 for bar in range(_BARS - 2))


def test_no_key_is_struck_twice_at_once():
    steps = played(piece([_PIANO]), "joplin").steps
    bar = np.cumsum(steps[:, 0] == BAR)
    assert len(np.unique(np.column_stack((bar, steps[:, :3])), axis=0)) == len(steps)


def test_a_resting_lead_takes_the_pianists_melody():
    programs = [_PIANO, _FLUTE]
    before = piece(programs, (3, 4))
    steps = before.steps.copy()
    own = np.flatnonzero((steps[:, 1] == 1) & (np.cumsum(steps[:, 0] == BAR) == 3))
    steps[own, 1] = 0  # in the third bar the pianist has it
    after = by_bar(played(TokenPiece(before.slots, before.metres, steps), "waltz"))[2]
    flute = after[after[:, 1] == 1]
    assert len(flute) == 3
    assert (flute[:, 2] >= INSTRUMENTS[_FLUTE].low).all()


def test_other_metres_get_the_same_figure():
    for metre in ((3, 4), (6, 8), (7, 8), (5, 4)):
        after = by_bar(played(piece([_PIANO], metre), "joplin"))
        assert all((bar[:, 2] < 70).any() for bar in after)


def test_who_cannot_play_it_is_let_be():
    assert accompanist_of(["waltz"], slots_for([40, 41, 42])) is None
    assert accompanist_of(["waltz"], slots_for([24])) is None
    assert accompanist_of(["mozart"], slots_for([_PIANO, _FLUTE])) is None
    assert accompanist_of(["bach"], slots_for([_PIANO])) is None
