"""`menura check` answers for the models that come with the package, and names what is wrong with others."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

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
    report = SimpleNamespace(ok=False, difference=0.25, tolerance=1e-3)
    monkeypatch.setattr(check_module, "resolve_name", lambda _: lambda *_: report)
    with pytest.raises(ValueError, match=r"differs by 2\.5e-01 of its peak"):
        list(Check.build({"model": str(tmp_path)}).run(Models(), Progress()))


def test_what_is_no_model_is_told(tmp_path):
    with pytest.raises(ValueError, match="no model"):
        list(Check.build({"model": str(tmp_path)}).run(Models(), Progress()))
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(ValueError, match=r"config\.json holds list"):
        list(Check.build({"model": str(tmp_path)}).run(Models(), Progress()))
