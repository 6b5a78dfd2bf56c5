"""The benchmark prepares a folder by several workers and reads it in every way it names."""

from __future__ import annotations

import json

import numpy as np

import prepare
from menura.audio import Audio, write


def test_it_runs_from_a_folder_to_its_tables(tmp_path, capsys):
    rng = np.random.default_rng(0)
    for index in range(6):
        write(Audio(0.1 * rng.standard_normal((1, 8000)).astype(np.float32), 8000), tmp_path / "data" / f"{index}.wav")
    prepare.main([str(tmp_path / "data"), "--workers", "1,2", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [run["workers"] for run in told["made"]] == [1, 2]
    assert len({run["digest"] for run in told["made"]}) == 1
    assert told["reading"].pop("sounds") == 6
    assert all(value > 0 for value in told["reading"].values())
    prepare.main([str(tmp_path / "data"), "--workers", "1"])
    assert "read through a handle" in capsys.readouterr().out
