"""The benchmark of performances measures what is in the notes, and runs from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from menura.score import midi
from menura.score.notes import Score, Tempo, Track
from score_performance import main, opening, profile


def piece(loud: list[int], tempos: tuple[Tempo, ...] = ()) -> Score:
    """Bars of four quarter notes, each as loud as said."""
    rows = [[1920 * bar + 480 * beat, 480, 60, value] for bar, value in enumerate(loud) for beat in range(4)]
    return Score((Track("", 0, False, np.array(rows)),), tempos)


def test_loudness_and_tempo_are_those_of_the_notes() -> None:
    found = profile(piece([40, 80] * 4, (Tempo(0, 100.0), Tempo(1920, 50.0), Tempo(3840, 100.0))))
    assert found["mean velocity"] == 60
    assert found["spread of velocities"] == found["spread of bars"] == 20
    assert found["spread within bars"] == 0
    assert found["loudness of a bar like the bar's before"] < -0.8
    assert found["spread of tempo, %"] > 20
    assert profile(piece([80] * 8))["spread of tempo, %"] == pytest.approx(0, abs=1e-9)


def test_real_pieces_are_their_first_bars_where_they_have_dynamics() -> None:
    assert opening(piece([80] * 12), 8) is None
    assert opening(piece([40, 60, 80, 100]), 8) is None
    found = opening(piece([40, 60, 80, 100] * 4), 8)
    assert found is not None
    assert len(found.bar_starts()) == 8


def test_it_runs_from_end_to_end(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    midi.write(piece([40, 60, 80, 100] * 4), tmp_path / "data" / "0.mid")
    main([str(tmp_path / "data"), "--count", "1", "--bars", "4", "--model", str(tiny_model), "--json"])
    told = json.loads(capsys.readouterr().out)["medians"]
    assert told["as written"]["spread of tempo, %"] == pytest.approx(0, abs=1e-9)
    assert told["played"]["slowest beat of the end, % of tempo"] < 100
