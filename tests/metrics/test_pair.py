"""What is not a pair of sounds is refused, and spectra taken in blocks are those taken at once."""

import numpy as np
import pytest
import torch

from menura.audio.spectrogram import spectrogram
from menura.metrics import pair
from menura.metrics.pair import audible, checked, spectra

SOUND = np.random.default_rng(0).standard_normal(3000).astype(np.float32)


@pytest.mark.parametrize(
    ("reference", "estimate", "said"),
    [
        (SOUND, SOUND[1:], "3000 samples and the estimate 2999"),
        (SOUND[None], SOUND, r"the reference is \[sample\]"),
        (SOUND, SOUND[:0], r"the estimate is \[sample\]"),
        (SOUND, np.full(3000, np.nan), "the estimate holds NaN"),
        (np.full(3000, np.inf), SOUND, "the reference holds NaN or samples beyond"),
    ],
)
def test_what_is_not_a_pair_of_sounds_is_told(reference, estimate, said):
    with pytest.raises(ValueError, match=said):
        checked(reference, estimate)


def test_a_silent_reference_is_nothing_to_measure_against():
    checked(np.zeros(9), np.ones(9))
    with pytest.raises(ValueError, match="the reference is silent"):
        audible(np.full(9, 1e-9), np.ones(9))


@pytest.mark.parametrize("block_values", [1 << 22, 1 << 11])
def test_spectra_are_those_that_models_see_in_blocks_of_any_size(monkeypatch, block_values):
    monkeypatch.setattr(pair, "_BLOCK_VALUES", block_values)
    found = np.concatenate([ours for ours, _ in spectra(SOUND, -SOUND, 512, 100)])
    expected = spectrogram(torch.from_numpy(SOUND), 512, 100).numpy().T
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
