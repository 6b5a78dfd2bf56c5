"""Performing: what is played is what was written to whoever reads it on the grid, and a person could play it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.score.form import sections
from menura.score.notes import DURATION, ONSET, PITCH, TICKS_PER_QUARTER, VELOCITY, Marker, Metre, Score, Tempo, Track
from menura.score.performance.characters import CHARACTERS, PLAIN, Character
from menura.score.performance.perform import perform
from menura.score.performance.reading import Reading
from menura.score.steps.grammar import chord_size, one_voice
from menura.score.steps.tokens import BAR, DRUMS, DURATIONS, TokenPiece, bar_length, detokenise, slots_for, tokenise

PEDAL = 64


@st.composite
def written(draw: st.DrawFn) -> Score:
    """Any notes on the grid, by any players, as a model writes them."""
    metre = draw(st.sampled_from([(4, 4), (3, 4), (6, 8), (7, 8), (2, 2), (1, 16)]))
    num_bars, length = draw(st.integers(1, 12)), bar_length(*metre)
    slots = slots_for(draw(st.lists(st.sampled_from([0, 24, 40, 46, 52, 73, DRUMS]), min_size=1, max_size=4)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = []
    for bar in range(num_bars):
        rows.append((bar, BAR, 0, 0, 0, 0))
        count = int(rng.integers(0 if bar else 1, 14))
        position, slot = rng.integers(0, length, count), rng.integers(0, len(slots), count)
        pitch, loud = rng.integers(58, 64, count), rng.integers(0, 16, count)
        own = np.column_stack((position, slot, pitch, rng.integers(0, len(DURATIONS), count), loud))
        own = own[np.unique(own[:, :3], axis=0, return_index=True)[1]]
        rows += [(bar, *row) for row in own.tolist()]
    steps = np.array(rows, dtype=np.int16)[:, 1:]
    piece = TokenPiece(slots, np.tile(np.array(metre, dtype=np.int16), (num_bars, 1)), steps)
    return detokenise(one_voice(piece), draw(st.sampled_from([30.0, 72.0, 120.0, 280.0])))


@settings(max_examples=60)
@given(score=written(), style=st.sampled_from(sorted(CHARACTERS)), seed=st.integers(0, 9), joins=st.booleans())
def test_whoever_reads_it_on_the_grid_reads_what_was_written(score, style, seed, joins):
    """So a performed piece is gone on from as well as a straight one."""
    form = sections(None, len(score.bar_starts()))
    played = perform(score, form, CHARACTERS[style], seed, joins=joins)
    for to_end in (False, True):
        one, other = tokenise(score, to_end=to_end), tokenise(played, to_end=to_end)
        assert one.slots == other.slots
        assert np.array_equal(one.steps[:, :4], other.steps[:, :4])
        assert np.array_equal(one.metres, other.metres)
    assert played.end_tick == score.end_tick
    assert np.array_equal(played.bar_starts(), score.bar_starts())
    if joins:
        assert played.tempos == score.tempos
        assert all(np.array_equal(a.controls, b.controls) for a, b in zip(played.tracks, score.tracks, strict=True))


@settings(max_examples=40)
@given(score=written(), style=st.sampled_from(sorted(CHARACTERS)), seed=st.integers(0, 9))
def test_it_can_be_played(score, style, seed):
    """Velocities are MIDI's, keys are let go before they are struck again, and a flute plays one note at a time."""
    played = perform(score, (), CHARACTERS[style], seed)
    for before, track in zip(score.tracks, played.tracks, strict=True):
        notes = track.notes
        assert ((notes[:, VELOCITY] >= 1) & (notes[:, VELOCITY] <= 127)).all()
        assert (notes[:, ONSET] >= 0).all()
        assert (notes[:, DURATION] >= 1).all()
        alone = not track.is_drum and chord_size(track.program) == 1
        for key in np.unique(notes[:, PITCH]):
            assert not _overlaps(notes[notes[:, PITCH] == key])
        if alone and not _overlaps(before.notes):
            assert not _overlaps(notes)
        pedal = track.controls[track.controls[:, 1] == PEDAL]
        assert pedal[:, 2].tolist() == [127, 0] * (len(pedal) // 2), "it is up at the end, and down but once"
        assert (np.diff(pedal[:, 0]) >= 0).all()
        assert pedal[:, 0].max(initial=0) <= score.end_tick


def _overlaps(notes: np.ndarray) -> bool:
    ends = notes[:, ONSET] + notes[:, DURATION]
    return bool((np.maximum.accumulate(ends)[:-1] > notes[1:, ONSET]).any())


def test_a_seed_is_a_performance_and_markers_stay():
    score = _nocturne()
    one, again, other = (perform(score, (), PLAIN, seed) for seed in (1, 1, 2))
    assert [track.notes.tolist() for track in one.tracks] == [track.notes.tolist() for track in again.tracks]
    assert one.tempos == again.tempos
    assert [track.notes.tolist() for track in one.tracks] != [track.notes.tolist() for track in other.tracks]
    assert one.markers == score.markers
    assert perform(Score(()), (), PLAIN, 0).tracks == ()


def test_a_machine_joins():
    played = perform(_nocturne(), (), CHARACTERS["game"], 0)
    assert played.tempos == (Tempo(0, 90.0),)
    assert all((track.notes[:, ONSET] % 40 == 0).all() for track in played.tracks)


def test_melody_is_before_and_above_what_is_under_it():
    played = perform(_nocturne(), (), CHARACTERS["chopin"], 3)
    melody, under = _hands(played)
    assert melody[:, VELOCITY].mean() > under[:, VELOCITY].mean() + 5
    starts = {(note[ONSET] + 20) // 40: note[ONSET] for note in melody.tolist()}
    places = [((note[ONSET] + 20) // 40, note[ONSET]) for note in under.tolist()]
    late = [onset - starts[place] for place, onset in places if place in starts]
    milliseconds = np.mean(late) * 60_000 / 90 / TICKS_PER_QUARTER
    assert 5 < milliseconds < 25


def test_phrases_swell_and_a_flat_piece_gets_the_dynamics_of_real_ones():
    played = perform(_nocturne(), sections(None, 16), CHARACTERS["chopin"], 0)
    notes = np.concatenate([track.notes for track in played.tracks])
    bar = (notes[:, ONSET] + 20) // 1920
    loud = np.array([notes[bar == index, VELOCITY].mean() for index in range(15)])
    assert loud[[1, 5, 9]].mean() > loud[[3, 7, 11]].mean(), "phrases end softer than they are in their middles"
    assert 8 < notes[:, VELOCITY].std() < 20
    usual = loud - loud.mean()
    assert usual[1:] @ usual[:-1] / (usual @ usual) > 0.2


@pytest.mark.parametrize(("style", "presses"), [("chopin", True), ("bach", False)])
def test_the_pedal_changes_with_the_harmony(style: str, presses: bool):
    played = perform(_nocturne(), (), CHARACTERS[style], 0)
    rows = played.tracks[-1].controls
    assert bool(len(rows)) is presses
    if presses:
        down, up = rows[rows[:, 2] == 127, 0], rows[rows[:, 2] == 0, 0]
        assert len(down) > 10
        assert {tick % 1920 for tick in up.tolist()[:-1]} == {0}, "the harmony changes at bar lines"
        assert all(0 < (tick % 1920) < 200 for tick in down.tolist()), "the new chord is struck before it goes down"


def test_repeated_notes_are_parted_and_steps_are_bound():
    pitches = [60, 60, 60, 62, 64, 65, 67, 67]
    rows = [[240 * k, 240, pitch, 80] for k, pitch in enumerate(pitches * 4)]
    played = perform(Score((Track("violin", 40, False, np.array(rows)),)), (), Character(loose=0.0, detached=0.0), 0)
    notes = played.tracks[0].notes
    gaps = notes[1:, ONSET] - notes[:-1, ONSET] - notes[:-1, DURATION]
    same = np.diff(notes[:, PITCH]) == 0
    steps = np.isin(np.abs(np.diff(notes[:, PITCH])), (1, 2))
    assert gaps[same].min() > 0 > gaps[steps].max()


def test_bars_that_join_a_piece_are_as_loud_as_written_and_begin_no_softer():
    (quiet,) = _nocturne().tracks
    louder = np.array([0, 0, 0, 30])
    loud = Score((replace(quiet, notes=quiet.notes + louder),))
    joined, alone = (perform(loud, (), CHARACTERS["chopin"], 0, joins=joins).tracks[0].notes for joins in (True, False))
    assert joined[:, VELOCITY].mean() == pytest.approx(110, abs=4)
    assert alone[:, VELOCITY].mean() < 105
    assert joined[joined[:, ONSET] < 1900, VELOCITY].mean() > alone[alone[:, ONSET] < 1900, VELOCITY].mean() + 8


def test_swing_makes_eighths_uneven_but_no_triplets():
    rows = [[240 * k, 240, 60 + k % 5, 80] for k in range(64)]
    score = Score((Track("piano", 0, False, np.array(rows)),), metres=(Metre(0, 4, 4),))
    onset = perform(score, (), Character(loose=0.0, swing=1.3), 0).tracks[0].notes[:, ONSET]
    long, short = np.diff(onset)[2:-1:2], np.diff(onset)[3::2]
    assert long.mean() / short.mean() == pytest.approx(1.3, abs=0.05)


def _nocturne() -> Score:
    """A melody over broken chords, a harmony a bar, all equally loud."""
    roots = [45, 50, 40, 45] * 4
    rows = []
    for bar, root in enumerate(roots):
        for eighth, tone in enumerate((0, 7, 12, 16, 12, 7, 12, 16) if bar < 15 else (0,)):
            rows.append([1920 * bar + 240 * eighth, 240 if bar < 15 else 1920, root + tone, 80])
        for beat, tone in enumerate((24, 28, 31, 28) if bar < 15 else (24,)):
            rows.append([1920 * bar + 480 * beat, 480 if bar < 15 else 1920, root + tone, 80])
    tracks = (Track("piano", 0, False, np.array(rows)),)
    return Score(tracks, (Tempo(0, 90.0),), markers=(Marker(0, "A"), Marker(8 * 1920, "B")))


def _hands(score: Score) -> tuple[np.ndarray, np.ndarray]:
    """The notes of `_nocturne` that are melody, and the others."""
    notes = score.tracks[0].notes
    roots = np.array([45, 50, 40, 45] * 4)[((notes[:, ONSET] + 20) // 1920).clip(0, 15)]
    is_melody = notes[:, PITCH] - roots >= 24
    return notes[is_melody], notes[~is_melody]


def test_phrases_cover_sections():
    reading = Reading.of(_nocturne(), sections("AB", 16))
    assert [span.name for span in reading.sections] == ["A", "B"]
    assert (reading.phrases[0].start, reading.phrases[-1].end) == (0, 16 * 1920)
    assert all(one.end == other.start for one, other in pairwise(reading.phrases))
    assert {span.end - span.start for span in reading.phrases} == {4 * 1920}
