"""The mel scale is Slaney's, and its filterbank is shared safely."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.audio.mel import hz_to_mel, mel_to_hz, mel_triangles, warped


def test_the_mel_scale_is_slaney_s_and_invertible():
    np.testing.assert_allclose(hz_to_mel(np.array([0, 200, 1000, 6400])), [0, 3, 15, 42], atol=1e-9)
    hz = np.linspace(0, 20000, 100)
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(hz)), hz, atol=1e-6)


def test_the_cached_filterbank_cannot_be_changed():
    bank = mel_triangles(16000, 512, 20, 0.0, 8000.0)
    with pytest.raises(ValueError, match="read-only"):
        bank[:] = 0


def test_an_empty_band_is_refused():
    with pytest.raises(ValueError, match="mel bands"):
        mel_triangles(16000, 512, 20, 4000.0, 4000.0)


@given(st.integers(0, 1000), st.floats(0.7, 1.4))
def test_a_resonance_moves_by_the_factor(seed, factor):
    place = 20 + seed % 30
    mel = -np.square(np.arange(100) - place)[None].astype(np.float32) / 50
    moved = warped(mel, factor, 24_000)
    assert moved.shape == mel.shape
    assert np.sign(int(moved.argmax()) - place) in (0, np.sign(factor - 1))
    np.testing.assert_allclose(warped(mel, 1.0, 24_000), mel, atol=1e-4)
