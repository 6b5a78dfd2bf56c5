"""Perplexity counts codes as they are used."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.codebook import codebook_perplexity


def test_codes_used_alike_count_fully_and_one_alone_counts_once():
    codes = np.stack((np.arange(64) % 16, np.full(64, 3), np.arange(64) % 4))
    found = codebook_perplexity(codes, 16)
    np.testing.assert_allclose(found.perplexity, [16, 1, 4])
    np.testing.assert_allclose(found.used, [1, 1 / 16, 1 / 4])


@given(st.lists(st.integers(0, 7), min_size=1, max_size=50))
def test_perplexity_lies_between_one_and_the_codes_used(codes):
    (perplexity,), (used,) = codebook_perplexity(np.array([codes]), 8)
    assert 1 - 1e-9 <= perplexity <= 8 * used + 1e-9
    assert used == len(set(codes)) / 8


def test_batches_are_counted_together():
    codes = np.random.default_rng(0).integers(0, 32, (4, 2, 100))
    np.testing.assert_array_equal(codebook_perplexity(codes, 32), codebook_perplexity(np.hstack([*codes]), 32))


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (np.zeros((2, 0), int), "whole numbers"),
        (np.zeros((2, 3)), "whole numbers"),
        (np.zeros(3, int), "whole numbers"),
        (np.array([[0, 8]]), "lie in 0–7, not 0 to 8"),
        (np.array([[-1, 2]]), "lie in 0–7"),
    ],
)
def test_what_are_no_codes_is_refused(codes, said):
    with pytest.raises(ValueError, match=said):
        codebook_perplexity(codes, 8)
