"""Damage is drawn by seed, and what is sealed again has checksums that its readers take."""

from __future__ import annotations

import io
import json
import random

import numpy as np
import pytest
import soundfile

from measures.damage import (
    damaged,
    damaged_json,
    damaged_safetensors,
    damaged_text,
    resealed_mnr,
    resealed_ogg,
)
from menura.audio import Audio, encode
from menura.audio.mnr import Header

_VALID = b"RIFF\x10\0\0\0data" + bytes(range(200))
_BODY = {"prompt": "a waltz", "bars": 8, "style": {"bach": 1.0}, "instruments": ["flute", "piano"]}


def _drawn(number: int) -> tuple:
    rng = random.Random(f"x:{number}")
    weights = (20).to_bytes(8, "little") + b'{"a":{"shape":[1]}}\n' + bytes(8)
    return (
        damaged(_VALID, [_VALID, b"MThd" * 9], [b"RIFF", b"data"], rng),
        damaged_text("a slow waltz, 90 bpm", ["fast jazz for 3"], rng),
        damaged_json(_BODY, rng),
        damaged_safetensors(weights, rng),
    )


def test_a_case_is_drawn_again_by_its_number_and_is_not_the_next_one():
    cases = [_drawn(number) for number in range(100)]
    assert cases == [_drawn(number) for number in range(100)]
    for column in zip(*cases, strict=True):
        assert len(set(column)) > 60
    assert all(len(content) <= 1 << 20 for content, *_ in cases)


def test_damaged_weights_keep_a_header_of_the_length_that_is_said():
    for number in range(50):
        content = _drawn(number)[3]
        assert content[8:9] == b"{" or len(content) == 8 + int.from_bytes(content[:8], "little") + 8


def test_json_is_mostly_still_json_and_mostly_another():
    drawn = [_drawn(number)[2] for number in range(200)]
    assert sum(text != json.dumps(_BODY).encode() for text in drawn) > 180
    assert sum(_is_json(text) for text in drawn) > 120


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


@pytest.mark.parametrize("format", ["ogg", "opus"])
def test_pages_of_ogg_are_sealed_again(format):
    sound = Audio(np.full((1, 4000), 0.1, np.float32), 8000)
    content = resealed_ogg(encode(sound, format), serial=7)
    assert content == resealed_ogg(encode(sound, format), serial=7)
    assert soundfile.info(io.BytesIO(content)).frames == pytest.approx(4000, abs=400)


def test_headers_of_mnr_are_sealed_again():
    sizes = {"channels": 1, "num_codebooks": 4, "codebook_size": 32, "sample_rate_hz": 8000, "hop_samples": 128}
    header = Header(**sizes, weights="sha256:", model="x")
    head = bytearray(header.to_bytes())
    head[5] = 9  # channels
    with pytest.raises(ValueError, match="damaged in its header"):
        Header.from_bytes(bytes(head), "x")
    with pytest.raises(ValueError, match="9 channels"):
        Header.from_bytes(resealed_mnr(bytes(head), len(head)), "x")
