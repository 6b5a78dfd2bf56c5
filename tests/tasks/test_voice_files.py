"""A voice's file comes back as it was written, and nothing that is not one is taken for one."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from menura.tasks.consent import Consent
from menura.tasks.voice_files import VoiceFile, parse, to_bytes


def voice(**told: Any) -> VoiceFile:
    consent = Consent("Anna", "I am Anna and I agree.", "2026-11-27")
    usual = {
        "name": "anna",
        "language": "de",
        "synthesizer": "sha256:0",
        "point": np.arange(4, dtype=np.float32),
        "changes": {"mel.1.bias": np.full(3, 0.5, np.float32)},
        "consent": consent,
        "about": "cloned – „so“",
        "provenance": {"seconds": 61.5, "recordings": ["a.wav"]},
    }
    return VoiceFile(**usual | told)


@pytest.mark.parametrize("one", [voice(), voice(consent=None, changes={}, gender="female")])
def test_a_voice_comes_back_as_it_was(one):
    again = parse(to_bytes(one), "x.voice")
    plain = ("name", "language", "synthesizer", "consent", "gender", "about", "provenance")
    assert {key: getattr(again, key) for key in plain} == {key: getattr(one, key) for key in plain}
    np.testing.assert_array_equal(again.point, one.point)
    assert {name: change.tolist() for name, change in again.changes.items()} == {
        name: change.tolist() for name, change in one.changes.items()
    }


def test_a_voice_of_other_weights_is_refused():
    voice().require("sha256:0", "synthesizer")
    with pytest.raises(ValueError, match="anna was made for other weights than those of synthesizer"):
        voice().require("sha256:1", "synthesizer")


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_in_one_line(content):
    with pytest.raises(ValueError, match=r"x\.voice") as raised:
        parse(content, "x.voice")
    assert "\n" not in str(raised.value)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_damaged_files_are_read_or_refused(place, damage):
    content = bytearray(to_bytes(voice()))
    content[place : place + len(damage)] = damage
    with suppress(ValueError):
        parse(bytes(content), "x.voice")


@pytest.mark.parametrize(("number", "added"), [(1, 4), (2, 2)])
def test_a_voice_of_an_earlier_format_speaks_as_it_did(number, added):
    """The first had a point alone; what was added since is added as nothing."""
    content = save(
        {"point": np.ones(4, np.float32)}, {"voice": json.dumps(described_of(to_bytes(voice())) | {"format": number})}
    )
    np.testing.assert_array_equal(parse(content, "x.voice").point, [*[1] * 4, *[0] * added])


def described_of(content: bytes) -> dict[str, Any]:
    (size,) = struct.unpack_from("<Q", content)
    return json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["voice"])


@pytest.mark.parametrize(
    ("tensors", "told", "says"),
    [
        ({}, {}, "no point"),
        ({"point": np.zeros((2, 2), np.float32)}, {}, "no point"),
        ({"point": np.full(4, np.nan, np.float32)}, {}, "not finite"),
        ({"point": np.zeros(4, np.float32)}, {"format": 4}, "format 4 is not known; this version reads 1 to 3"),
        ({"point": np.zeros(4, np.float32)}, {"language": "xx"}, "language: Input should be"),
        ({"point": np.zeros(4, np.float32)}, {"name": None}, "name: Input should be"),
    ],
)
def test_what_is_wrong_is_told(tensors, told, says):
    content = save(tensors, {"voice": json.dumps(described_of(to_bytes(voice())) | told)})
    with pytest.raises(ValueError, match=says):
        parse(content, "x.voice")
