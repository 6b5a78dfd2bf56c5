"""A sidecar says how a result was made; one from elsewhere is not trusted."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura import sidecar


def note(**changes):
    return sidecar.now(
        "compose", {"prompt": "a waltz", "seed": 7}, {"score_lm": "sha256:1"}, {}, {"waltz.wav": "sha256:2"}
    ).model_copy(update=changes)


def test_what_was_written_is_read_back(tmp_path):
    path = tmp_path / "waltz.json"
    sidecar.write(path, note())
    again = sidecar.read(path)
    assert again == note(created=again.created)
    assert again.seed == 7
    assert again.menura == version("menura")
    assert datetime.fromisoformat(again.created).utcoffset().total_seconds() == 0


def test_a_sidecar_is_never_written_over(tmp_path):
    sidecar.write(tmp_path / "waltz.json", note())
    with pytest.raises(FileExistsError):
        sidecar.write(tmp_path / "waltz.json", note())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"extra": 1}, "extra"),
        ({"\0\x1b[2J": 1}, "x1b"),
        ({"task": 3}, "task"),
        ({"parameters": []}, "parameters"),
        ({"models": {"score_lm": {}}}, "models.score_lm"),
        ({"seed": "x" * 5000}, "seed"),
    ],
)
def test_what_is_no_sidecar_is_refused_in_one_line(tmp_path, change, words):
    path = tmp_path / "waltz.json"
    path.write_text(json.dumps(json.loads(note().model_dump_json()) | change))
    with pytest.raises(ValueError, match=words) as refusal:
        sidecar.read(path)
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 400


def test_a_huge_sidecar_is_not_read(tmp_path):
    path = tmp_path / "waltz.json"
    path.write_bytes(b" " * (sidecar.MAX_BYTES + 1))
    with pytest.raises(ValueError, match="larger than"):
        sidecar.read(path)


@given(
    st.dictionaries(st.sampled_from([*sidecar.Sidecar.model_fields, "other"]), st.integers() | st.text() | st.none())
)
def test_any_object_is_a_sidecar_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("sidecar") / "a.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="is not a sidecar"):
        sidecar.read(path)
