"""`menura check` answers for the models that come with the package, and names what is wrong with others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pkgutil import resolve_name

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from menura import checkpoint
from menura.checkpoint import CheckReport
from menura.progress import Progress
from menura.tasks import check as check_module
from menura.tasks.check import Check
from menura.tasks.models import PRETRAINED, Models

SHIPPED = sorted(path.parent.name for path in PRETRAINED.glob("*/config.json"))


@pytest.mark.parametrize("name", SHIPPED)
def test_each_shipped_model_answers_as_it_did(name):
    (result,) = Check.build({"model": name}).run(Models(), Progress())
    assert result.summary()["family"]
    assert result.report.ok


def test_a_model_that_answers_otherwise_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text("{}")
    report = CheckReport(tmp_path, "inner", 1, "sha256:0", 0.0, 1e-3)
    report = replace(report, parts=(replace(report, difference=0.25),))
    monkeypatch.setattr(check_module, "resolve_name", lambda _: lambda *_: report)
    with pytest.raises(ValueError, match=r"differs by 2\.5e-01 of its peak"):
        list(Check.build({"model": str(tmp_path)}).run(Models(), Progress()))


def test_what_is_no_model_is_told(tmp_path):
    with pytest.raises(ValueError, match="no model"):
        list(Check.build({"model": str(tmp_path)}).run(Models(), Progress()))
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(ValueError, match=r"config\.json holds list"):
        list(Check.build({"model": str(tmp_path)}).run(Models(), Progress()))


COMPILED = [
    ("score_lm", "menura.nn.transformer.rows"),
    ("wavenet-digits", "menura.models.wavenet.model.packed"),
    ("wavenet-voice", "menura.models.wavenet.model.packed"),
]
"""Models that are drawn from with a compiled step, and what packs its weights."""


def _fault(monkeypatch, where: str, factor: float) -> None:
    """What the compiled step multiplies by is not what the weights say."""
    module, _, name = where.rpartition(".")
    module = resolve_name(module)
    packs = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *given: (made := packs(*given))._replace(scales=made.scales * factor))


@pytest.mark.parametrize("factor", [np.float32(1.5), np.float32(1.02)])
@pytest.mark.parametrize(("name", "where"), COMPILED)
def test_the_compiled_step_is_replayed(monkeypatch, name, where, factor):
    """It is what is heard; the readable one alone would answer as ever."""
    _fault(monkeypatch, where, factor)
    with pytest.raises(ValueError, match="differs by"):
        list(Check.build({"model": name}).run(Models(), Progress()))


@pytest.mark.parametrize(("name", "where"), COMPILED[:2])
def test_a_folder_saved_before_compiled_steps_had_probes_is_held_to_its_readable_one(
    tmp_path, monkeypatch, name, where
):
    folder = shutil.copytree(PRETRAINED / name, tmp_path / name)
    saved = load_file(folder / "probe.safetensors")
    old = {key: tensor for key, tensor in saved.items() if not key.startswith("compiled.")}
    save_file(old, folder / "probe.safetensors")
    assert checkpoint.check(folder).ok
    _fault(monkeypatch, where, np.float32(1.5))
    assert "the compiled step differs" in str(checkpoint.check(folder).complaint)


def test_what_filters_say_is_heard_and_so_replayed(tmp_path):
    """The network's answer does not depend on them."""
    folder = shutil.copytree(PRETRAINED / "wavenet-digits", tmp_path / "digits")
    weights = load_file(folder / "model.safetensors")
    save_file(weights | {"usual": weights["usual"] * 0.9}, folder / "model.safetensors")
    assert not checkpoint.check(folder).ok
