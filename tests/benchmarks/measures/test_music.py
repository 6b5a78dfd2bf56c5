"""Features say what they are named for and nothing else changes them; overlap is greatest for what is alike."""

import numpy as np
import pytest

from measures import music
from menura.score.steps.tokens import BAR, DRUMS, Slot, TokenPiece, nearest_duration

PIANO, FLUTE, KIT = Slot(0), Slot(73), Slot(DRUMS)
QUARTER = 12


def piece_of(bars: list[list[tuple[int, ...]]], slots: tuple[Slot, ...] = (PIANO,)) -> TokenPiece:
    """Bars of 4/4 from notes given as position, slot, pitch and length."""
    rows = []
    for notes in bars:
        rows.append((BAR, 0, 0, 0, 0))
        rows += [(p, s, pitch, int(nearest_duration(np.array([length]))[0]), 8) for p, s, pitch, length in notes]
    return TokenPiece(slots, np.tile([4, 4], (len(bars), 1)).astype(np.int16), np.array(rows, dtype=np.int16))


def scale(shift: int = 0, slot: int = 0) -> list[tuple[int, ...]]:
    return [(QUARTER * at, slot, pitch + shift, QUARTER) for at, pitch in enumerate((60, 64, 67, 72))]


def random_piece(seed: int) -> TokenPiece:
    rng = np.random.default_rng(seed)
    bars = [
        sorted({(int(p), 0, int(rng.choice([60, 62, 64, 65, 67, 69, 71])), 6) for p in rng.integers(8, size=5) * 6})
        for _ in range(12)
    ]
    return piece_of(bars)


@pytest.mark.parametrize("name", [name for name in music.BINS if name != "self_similarity"])
def test_a_distribution_sums_to_one_and_has_a_name_for_every_bin(name):
    found = music.features(random_piece(1))[name]
    assert found.sum() == pytest.approx(1)
    assert found.shape == (len(music.BINS[name]),)


def test_features_are_the_same_in_every_key():
    one, other = (music.features(piece_of([scale(shift), scale(shift + 5)])) for shift in (0, 3))
    for name in music.BINS:
        np.testing.assert_allclose(one[name], other[name], err_msg=name)


def test_features_count_what_they_are_named_for():
    found = music.features(piece_of([scale(), scale()]))
    assert found["pitch_classes"][[0, 4, 7]].tolist() == [0.5, 0.25, 0.25]
    assert {music.BINS["intervals"][at]: found["intervals"][at] for at in np.flatnonzero(found["intervals"])} == (
        pytest.approx({"+4": 2 / 7, "+3": 2 / 7, "+5": 2 / 7, "-12": 1 / 7})
    )
    assert found["note_lengths"][music.BINS["note_lengths"].index("12/12")] == 1
    assert np.flatnonzero(found["onsets"]).tolist() == [0, 6, 12, 18]
    assert found["polyphony"][1] == 1
    assert found["notes_per_bar"][music.BINS["notes_per_bar"].index("4 or more")] == 1
    assert found["self_similarity"][0] == 1


def test_bars_that_share_nothing_but_rhythm_are_alike_in_rhythm_alone():
    found = music.features(piece_of([scale(), scale(1)]))["self_similarity"]
    assert found[0] == 0
    assert found[music.MAX_LAG] == 1


def test_a_note_held_over_the_end_stops_there_and_a_chord_sounds_as_many_notes():
    found = music.features(piece_of([[(0, 0, 60, 192), (0, 0, 64, 192), (24, 0, 67, 12)]]))
    assert found["polyphony"][[2, 3]].tolist() == [0.75, 0.25]


def test_drums_have_rhythm_but_neither_pitch_nor_idiom():
    silent = piece_of([scale()], (PIANO, KIT))
    drummed = piece_of([sorted([*scale(), (6, 1, 38, 1)])], (PIANO, KIT))
    one, other = music.features(silent), music.features(drummed)
    for name in ("pitch_classes", "intervals", "polyphony"):
        np.testing.assert_array_equal(one[name], other[name])
    assert (one["onsets"] != other["onsets"]).any()
    np.testing.assert_array_equal(music.idiom(silent), music.idiom(drummed))


def test_idiom_does_not_hear_who_plays():
    alone = piece_of([scale(), scale()])
    shared = piece_of([scale(), scale(slot=1)], (PIANO, FLUTE))
    np.testing.assert_allclose(music.idiom(alone), music.idiom(shared))


def test_a_piece_without_notes_has_features_too():
    empty = piece_of([[], []])
    assert all(np.isfinite(values).all() for values in music.features(empty).values())
    assert np.isfinite(music.idiom(empty)).all()


def test_an_excerpt_is_its_bars_and_keeps_who_is_heard():
    piece = piece_of([scale(), scale(slot=1), scale(2, slot=1)], (PIANO, FLUTE))
    part = music.excerpt(piece, 1, 5)
    assert part.num_bars == 2
    assert part.steps[1].tolist() == piece.steps[6].tolist()
    assert music.heard(part).slots == (FLUTE,)
    assert set(music.heard(part).steps[:, 1].tolist()) == {0}


def test_moved_to_c_a_piece_is_in_c():
    for shift in range(12):
        assert music.key_of(music.in_c(piece_of([scale(shift), scale(shift)]))).tonic == 0


def test_shuffled_bars_are_bars_of_the_pieces():
    pieces = [random_piece(seed) for seed in (1, 2)]
    mixed = music.shuffled_bars(pieces, 8, np.random.default_rng(0))
    known = {music.excerpt(piece, bar, 1).steps.tobytes() for piece in pieces for bar in range(piece.num_bars)}
    assert mixed.num_bars == 8
    assert all(music.excerpt(mixed, bar, 1).steps.tobytes() in known for bar in range(8))
    with pytest.raises(ValueError, match="same instruments"):
        music.shuffled_bars([pieces[0], piece_of([scale()], (FLUTE,))], 8, np.random.default_rng(0))


def test_a_set_of_the_same_kind_overlaps_more_than_another():
    rng = np.random.default_rng(0)
    reference, alike = rng.dirichlet(np.ones(6), 60), rng.dirichlet(np.ones(6), 40)
    other = rng.dirichlet([20, 1, 1, 1, 1, 1], 40)
    same, different = music.style_overlap(alike, reference), music.style_overlap(other, reference)
    assert same.area > 0.9 > different.area
    assert same.divergence < 0.05 < different.divergence
    assert same.shared > different.shared
    assert 0 <= different.area <= same.area <= 1


def test_copies_of_one_piece_are_not_a_style():
    rng = np.random.default_rng(1)
    reference = rng.dirichlet(np.ones(6), 60)
    mean = np.tile(reference.mean(0), (40, 1))
    assert music.style_overlap(mean, reference).shared == pytest.approx(1)
    assert music.style_overlap(mean, reference).area < 0.8


def test_too_few_pieces_are_refused():
    with pytest.raises(ValueError, match="at least 1 and 3"):
        music.style_overlap(np.ones((1, 3)), np.ones((2, 3)))
