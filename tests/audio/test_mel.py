"""The mel scale is Slaney's, and its filterbank is shared safely."""

import numpy as np
import pytest

from menura.audio.mel import hz_to_mel, mel_to_hz, mel_triangles


def test_the_mel_scale_is_slaney_s_and_invertible():
    np.testing.assert_allclose(hz_to_mel([0, 200, 1000, 6400]), [0, 3, 15, 42], atol=1e-9)
    hz = np.linspace(0, 20000, 100)
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(hz)), hz, atol=1e-6)


def test_the_cached_filterbank_cannot_be_changed():
    bank = mel_triangles(16000, 512, 20, 0.0, 8000.0)
    with pytest.raises(ValueError, match="read-only"):
        bank[:] = 0


def test_an_empty_band_is_refused():
    with pytest.raises(ValueError, match="mel bands"):
        mel_triangles(16000, 512, 20, 4000.0, 4000.0)
