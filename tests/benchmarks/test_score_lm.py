"""The speed benchmark compares like with like and runs from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from menura.models.score_lm.model import ScoreLM, nano
from menura.models.score_lm.recipe import STYLES
from score_lm import llama_of_equal_size, main


def test_the_other_model_has_as_many_parameters() -> None:
    config = nano(STYLES)
    ours = sum(weight.numel() for weight in ScoreLM(config).parameters())
    theirs = sum(weight.numel() for weight in llama_of_equal_size(config, ours).parameters())
    assert theirs == pytest.approx(ours, rel=1e-3)


def test_it_runs_from_end_to_end(tiny_model: Path, small_soundfont: Path, capsys) -> None:
    common = ["--quick", "--threads", "1", "--model", str(tiny_model), "--soundfont", str(small_soundfont)]
    main([*common, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["fields"] > told["steps"] > 0
    assert told["long_piece"]["instruments"] == 10
    assert told["long_piece"]["bars"] == 8
