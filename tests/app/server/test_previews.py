"""What is drawn of a sound is what is in it, however long it is."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from menura.app.server.previews import peaks, spectrogram
from menura.audio import Audio, write

from .conftest import COMPOSE, done, refusal


@given(
    num_samples=st.integers(1, 60_000),
    rate=st.sampled_from([8000, 44_100]),
    channels=st.integers(1, 2),
    where=st.floats(0, 1, exclude_max=True),
)
@settings(max_examples=30, deadline=None)
def test_one_click_is_one_peak_where_it_is(tmp_path_factory, num_samples, rate, channels, where):
    """Wherever a single loud sample is, in whichever channel, it is drawn there and nowhere else."""
    samples = np.zeros((channels, num_samples), np.float32)
    at = int(where * num_samples)
    samples[-1, at] = 1.0
    path = tmp_path_factory.mktemp("click") / "x.wav"
    write(Audio(samples, rate), path)
    found = peaks(path)
    assert found["seconds"] == pytest.approx(num_samples / rate, abs=1e-4)
    (place,) = np.flatnonzero(found["peaks"])
    assert found["peaks"][place] == 127
    each = found["seconds"] / len(found["peaks"])
    assert place * each == pytest.approx(at / rate, abs=2 * each + 1 / rate)


def test_a_long_sound_has_no_more_peaks_than_can_be_sent(tmp_path):
    """Half an hour is told in a few kilobytes, and its loud half is the loud half."""
    samples = np.full((1, 8000 * 1800), 0.25, np.float32)
    samples[:, 8000 * 900 :] = 0.5
    write(Audio(samples, 8000), tmp_path / "x.wav")
    found = peaks(tmp_path / "x.wav")["peaks"]
    assert len(found) <= 24_000
    assert set(found[: len(found) // 2 - 1]) == {32}
    assert set(found[len(found) // 2 + 1 :]) == {64}


def test_a_tone_is_a_line_in_its_picture(tmp_path):
    tone = np.sin(2 * np.pi * 1000 * np.arange(44_100) / 44_100).astype(np.float32)[None]
    write(Audio(0.5 * tone, 44_100), tmp_path / "x.wav")
    picture = np.asarray(Image.open(io.BytesIO(spectrogram(tmp_path / "x.wav"))).convert("L"), np.float32)
    row = int(picture.mean(axis=1).argmin())  # the darkest
    assert row == pytest.approx(np.log(20_000 / 1000) / np.log(20_000 / 40) * picture.shape[0], abs=3)


def test_peaks_and_pictures_are_of_sounds_alone(shared):
    files = done(shared, "compose", COMPOSE)["results"][0]["files"]
    url = {file["kind"]: file["url"] for file in files}
    found = shared.get(url["audio"], params={"format": "peaks"})
    assert max(found.json()["peaks"]) > 20
    assert "max-age" in found.headers["cache-control"]
    assert shared.get(url["audio"], params={"format": "spectrogram"}).headers["content-type"] == "image/png"
    for kind in ("notes", "picture", "sidecar"):
        for format in ("peaks", "spectrogram"):
            assert refusal(shared.get(url[kind], params={"format": format}))["param"] == "format"


def test_what_is_no_sound_has_no_peaks(tmp_path):
    (tmp_path / "x.wav").write_bytes(b"RIFF, but no more")
    for made in (peaks, spectrogram):
        with pytest.raises(ValueError, match=r"x\.wav"):
            made(tmp_path / "x.wav")
