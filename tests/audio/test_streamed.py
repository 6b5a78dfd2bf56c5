"""Bytes that come while sound is made are, joined, a file that others read."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pytest

from menura.audio import read
from menura.audio.streamed import STREAMED, StreamEncoder


def tone(seconds: float) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(24_000 * seconds)) / 24_000)[None].astype(np.float32)


@pytest.mark.parametrize("format", [name for name in STREAMED if name != "pcm"])
def test_what_comes_in_parts_is_a_file(format):
    if format == "aac":
        pytest.importorskip("av")
    encoder, sound = StreamEncoder(format, 24_000), tone(2.0)
    parts = [encoder.encode(part) for part in np.split(sound, (7000, 7001, 20_000), axis=1)]
    parts.append(encoder.end())
    if format not in ("flac", "opus"):  # which wait for more
        assert len(parts[0]) > 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the length that a header does not say
        heard = read(io.BytesIO(b"".join(parts)))
    assert heard.sample_rate_hz in (24_000, 48_000)
    assert heard.duration_s == pytest.approx(2.0, abs=0.15)
    assert np.sqrt(np.square(heard.samples).mean()) == pytest.approx(0.5 / 2**0.5, rel=0.08)  # some have silence around


def test_pcm_is_samples_alone():
    encoder = StreamEncoder("pcm", 24_000)
    sound = np.array([[0.0, 0.5, -1.0, 1.0, 2.0]], np.float32)
    content = encoder.encode(sound[:, :2]) + encoder.encode(sound[:, 2:]) + encoder.end()
    assert np.frombuffer(content, "<i2").tolist() == [0, 16_384, -32_768, 32_767, 32_767]


def test_what_cannot_be_is_told():
    with pytest.raises(ValueError, match="no streamed format 'midi'"):
        StreamEncoder("midi", 24_000)
    with pytest.raises(ValueError, match="opus has no 11025 Hz"):
        StreamEncoder("opus", 11_025)
