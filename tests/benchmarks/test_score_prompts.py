"""The prompt benchmark hears what a file holds, forgives nothing, and runs from end to end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from menura.score import midi
from menura.score.notes import Metre, Score, Tempo, Track
from prompts import DRUMS, Ask
from score_prompts import HEADLINE, hear, judge, main, mirex_score, summary

_C_MAJOR = (60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60, 60)
_ASK = Ask("", 0, "major", 90, (6, 8), 4, (40, 40, 73, DRUMS))


@pytest.fixture
def piece() -> Score:
    """Four bars of 6/8 in C for the instruments of `_ASK`."""
    tune = np.array([[480 * k, 480, pitch, 80] for k, pitch in enumerate(_C_MAJOR)])
    beat = np.array([[480 * k, 60, 38, 100] for k in range(8)])
    tracks = (Track("flute", 73, False, tune), *(Track("violin", 40, False, tune) for _ in range(2)))
    return Score((*tracks, Track("drums", 0, True, beat)), (Tempo(0, 90.0),), (Metre(0, 6, 8),))


def _judged(piece: Score, ask: Ask, folder: Path):
    midi.write(piece, folder / "piece.mid", overwrite=True)
    return judge(ask, hear(folder / "piece.mid"), 0.0)


def test_a_piece_as_asked_meets_every_wish(piece: Score, tmp_path: Path) -> None:
    outcome = _judged(piece, _ASK, tmp_path)
    assert (outcome.bars, outcome.metre, outcome.tempo, outcome.instruments) == (True, True, True, True)
    assert set(outcome.keys.values()) == {1.0}
    assert len(outcome.keys) == 3


@pytest.mark.parametrize(
    ("wish", "change"),
    [
        ("bars", {"bars": 3}),
        ("bars", {"bars": 5}),
        ("metre", {"metre": (3, 4)}),
        ("tempo", {"bpm": 91}),
        ("instruments", {"programs": (40, 73, DRUMS)}),
        ("instruments", {"programs": (40, 40, 73)}),
        ("instruments", {"programs": (40, 40, 72, DRUMS)}),
    ],
)
def test_a_wish_that_was_not_met_is_noticed(piece: Score, tmp_path: Path, wish: str, change: dict) -> None:
    assert not getattr(_judged(piece, replace(_ASK, **change), tmp_path), wish)


@pytest.mark.parametrize(
    ("tempos", "is_kept"),
    [
        ([(0, 90.0), (720, 80.0), (1440, 96.0), (2880, 60.0), (5760, 90.0)], True),
        ([(0, 90.0), (720, 80.0)], False),
        ([(0, 91.0), (720, 89.0)], False),
    ],
)
def test_a_tempo_may_bend_but_not_drift(piece: Score, tmp_path: Path, tempos: list, is_kept: bool) -> None:
    """The first tempo is the asked one, and the mean is; how it ends is free."""
    bent = replace(piece, tempos=tuple(Tempo(tick, bpm) for tick, bpm in tempos))
    assert _judged(bent, _ASK, tmp_path).tempo is is_kept


def test_an_instrument_without_notes_does_not_count(piece: Score, tmp_path: Path) -> None:
    silent = replace(piece.tracks[1], notes=np.zeros((0, 4), dtype=int))
    kept = replace(piece, tracks=(piece.tracks[0], silent, *piece.tracks[2:]))
    assert not _judged(kept, _ASK, tmp_path).instruments


def test_keys_are_scored_as_mirex_does() -> None:
    c, a = (0, "major"), (9, "minor")
    assert mirex_score(c, c) == mirex_score(a, a) == 1
    assert mirex_score(c, (7, "major")) == mirex_score(c, (5, "major")) == 0.5
    assert mirex_score(c, a) == mirex_score(a, c) == 0.3
    assert mirex_score(c, (0, "minor")) == mirex_score((0, "minor"), c) == 0.2
    assert mirex_score(c, (2, "major")) == mirex_score(c, (4, "minor")) == 0


def test_the_key_of_another_piece_is_not_that_of_this_one(piece: Score, tmp_path: Path) -> None:
    outcome = _judged(piece, replace(_ASK, tonic=2), tmp_path)
    assert summary([outcome])[f"key, {HEADLINE}"] == 0


def test_it_runs_from_end_to_end(tiny_model: Path, small_soundfont: Path, capsys) -> None:
    common = ["--count", "2", "--bars", "2", "3", "--model", str(tiny_model), "--soundfont", str(small_soundfont)]
    main([*common, "--json"])
    told = json.loads(capsys.readouterr().out)
    # Untrained weights know no keys, but the grammar already keeps everything else.
    assert told["bars"] == told["metre"] == told["tempo"] == told["instruments"] == 1
    assert len(told["prompts"]) == len(told["repeats"]) == 2
    for repeat in told["repeats"]:
        assert (repeat["again"], repeat["among_three"], repeat["replayed"]) == (True, True, True)


def test_real_pieces_are_heard_too(piece: Score, tmp_path: Path, tiny_model: Path, small_soundfont: Path, capsys):
    for number in range(40):
        midi.write(piece, tmp_path / "data" / f"{number}.mid")
    common = ["--count", "1", "--bars", "2", "2", "--model", str(tiny_model), "--soundfont", str(small_soundfont)]
    main([*common, "--repeats", "0", "--data", str(tmp_path / "data"), "--pieces", "2"])
    assert f"{HEADLINE} agrees with Menura's measure: 100.0%" in capsys.readouterr().out
