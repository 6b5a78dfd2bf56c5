"""Fields that several tasks have are the same wherever they stand."""

from __future__ import annotations

from pkgutil import resolve_name

import pytest

import menura
from menura import checkpoint
from menura.app.cli import MISUSED, main
from menura.app.serve import Serve
from menura.tasks import TASKS
from menura.tasks.fields import OnDevice
from menura.tasks.sample import Sample
from menura.tasks.task import Refused, contract_of


def test_every_task_that_uses_a_model_can_be_told_where():
    """But for `prepare`, whose workers may be on other machines and give the same bytes on all of them; `train` has a
    device of its own, which is the quickest there is unless said; `voices` reads what a model says of itself."""
    for name, (reference, _) in TASKS.items():
        kind = resolve_name(reference)
        if name not in ("prepare", "voices") and any(contract_of(field) for field in kind.model_fields.values()):
            assert issubclass(kind, OnDevice), name
    assert issubclass(Serve, OnDevice)


def test_what_every_machine_has_is_known_without_torch(monkeypatch):
    monkeypatch.delattr(checkpoint, "devices")
    assert Sample.build({}).named_device is None
    assert Sample.build({"device": "cpu"}).named_device == "cpu"


@pytest.mark.parametrize("device", ["cuda", "cuda:2", "mps", "meta", "", "a line\nmore", "cuda" * 99])
def test_a_device_that_is_not_here_is_refused_in_one_line_on_every_face(device, monkeypatch, capsys):
    monkeypatch.setattr(checkpoint, "devices", lambda: ["cpu", "xpu", "xpu:0"])
    said = f"device: there is no {device[:20]!r} on this machine; there is cpu, xpu, xpu:0"
    for kind in (Sample, Serve):
        with pytest.raises(Refused) as refused:
            kind.build({"device": device})
        assert str(refused.value) == said
    with pytest.raises(menura.Refused, match=r"^device: there is no "):
        menura.sample(device=device)
    assert main(["sample", "--device", device]) == MISUSED
    assert capsys.readouterr().err == f"menura sample: {said}\n"
    assert Sample.build({"device": "xpu:0"}).named_device == "xpu:0"


def test_the_devices_are_those_torch_counts(monkeypatch):
    assert checkpoint.devices()[0] == "cpu"
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    assert [one for one in checkpoint.devices() if "cuda" in one] == ["cuda", "cuda:0", "cuda:1"]
