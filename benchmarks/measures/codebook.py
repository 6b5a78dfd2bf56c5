"""How much of its codebooks a quantiser uses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class CodebookUse(NamedTuple):
    """How evenly codes are used; higher is better, for a code that is never sent is wasted.

    Args:
        perplexity: float64 `[codebook]`, the exponential of the entropy of a code, 1 (one code alone) to the size (all
            alike): as many codes, used alike, would carry as much (van den Oord et al. 2017, VQ-VAE).
        used: float64 `[codebook]`, the share of the codes that came at all, above 0 to 1.
    """

    perplexity: np.ndarray
    used: np.ndarray


def codebook_perplexity(codes: np.ndarray, size: int) -> CodebookUse:
    """Perplexity and use of each codebook. Both are low where there are few frames: give many times `size` of them.

    Args:
        codes: whole numbers `[..., codebook, frame]`, 0 to `size - 1`.
        size: codes in each codebook.

    Raises:
        ValueError: these are not codes, or there are none.
    """
    codes = np.asarray(codes)
    if codes.dtype.kind not in "iu" or codes.ndim < 2 or not codes.size:
        raise ValueError(f"codes are whole numbers [..., codebook, frame], not {codes.dtype} {list(codes.shape)}")
    if codes.min() < 0 or codes.max() >= size:
        raise ValueError(f"codes lie in 0–{size - 1}, not {codes.min()} to {codes.max()}")
    books = np.moveaxis(codes, -2, 0).reshape(codes.shape[-2], -1)
    shares = np.stack([np.bincount(book, minlength=size) / book.size for book in books])
    entropy = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=1)
    return CodebookUse(np.exp(entropy), (shares > 0).mean(axis=1))
