"""The copy benchmark finds every shared run, in any key, and no longer one than there is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.score import midi
from menura.score.notes import Metre, Score, Tempo, Track
from menura.score.steps.tokens import tokenise
from score_copies import LONG_RUN, Passage, RunFinder, longest_runs, main

_SEQUENCES = st.lists(st.lists(st.integers(0, 2), max_size=12), min_size=1, max_size=5)


def _shared(one: list[int], other: list[int]) -> int:
    """Length of the longest run two sequences share, the slow way."""
    return max(
        (
            length
            for length in range(1, min(len(one), len(other)) + 1)
            for a in range(len(one) - length + 1)
            for b in range(len(other) - length + 1)
            if one[a : a + length] == other[b : b + length]
        ),
        default=0,
    )


@settings(deadline=None, max_examples=60)
@given(known=_SEQUENCES, asked=_SEQUENCES)
def test_runs_are_the_longest_there_are(known: list[list[int]], asked: list[list[int]]) -> None:
    finder = RunFinder([np.array(k, dtype=int) for k in known], [np.array(a, dtype=int) for a in asked])
    for index, sequence in enumerate(asked):
        run = finder.longest(index)
        assert run.notes == 1 + max(_shared(sequence, other) for other in known)
        if run.notes > 1:
            assert _shared(sequence, known[run.source]) == run.notes - 1


def _piece(rng: np.random.Generator, notes: int = 60) -> Score:
    onset = np.cumsum(rng.integers(1, 4, notes)) * 240
    track = np.column_stack((onset, np.full(notes, 240), rng.integers(50, 80, notes), np.full(notes, 80)))
    return Score((Track("flute", 73, False, track),), (Tempo(0, 100.0),), (Metre(0, 4, 4),))


def _passage(score: Score) -> Passage:
    piece = tokenise(score)
    bar = np.cumsum(piece.steps[:, 0] == 96) - 1
    return Passage(piece.steps, piece.metres[bar])


@pytest.mark.parametrize("by_part", [False, True])
def test_a_copy_in_another_key_and_place_is_found_with_its_source(by_part: bool) -> None:
    rng = np.random.default_rng(1)
    training = [_piece(rng) for _ in range(5)]
    own = _piece(rng).tracks[0].notes.copy()
    copied = training[3].tracks[0].notes[10:40].copy()
    copied[:, 2] += 5
    copied[:, 0] += own[-1, 0] + 720 - copied[0, 0]
    joined = Score((Track("oboe", 68, False, np.concatenate((own, copied))),))
    run = longest_runs([_passage(t) for t in training], [_passage(joined)], by_part)[0]
    assert run.notes == 30
    assert run.source == 3
    assert run.covered == pytest.approx(30 / 90)


def test_short_runs_are_not_counted_as_covered() -> None:
    rng = np.random.default_rng(2)
    training = [_passage(_piece(rng)) for _ in range(3)]
    run = longest_runs(training, [_passage(_piece(rng))], by_part=False)[0]
    assert run.notes < LONG_RUN
    assert run.covered == 0


def test_it_runs_from_end_to_end(tiny_model: Path, tmp_path: Path, capsys) -> None:
    rng = np.random.default_rng(3)
    for number in range(60):
        midi.write(_piece(rng), tmp_path / "data" / f"{number}.mid")
    common = [str(tmp_path / "data"), "--cache", str(tmp_path), "--model", str(tiny_model)]
    main([*common, "--pieces", "2", "--bars", "2", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert {len(side["runs"]) for side in told.values()} == {2}
    main([*common, "--pieces", "2", "--bars", "2"])
    assert "held out" in capsys.readouterr().out
