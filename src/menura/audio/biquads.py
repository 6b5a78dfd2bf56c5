"""Second-order sections of recursive filters, compiled. In silence scipy's own decay into numbers so small that a
processor takes ten times as long over each; these are let go of."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from menura.compiled import compiled

_BLOCK = 256
_NOTHING = 1e-25


def filtered(
    sections: Float[np.ndarray, "section 6"],
    samples: Float[np.ndarray, "channel sample"],
    state: Float[np.ndarray, "section channel 2"] | None = None,
) -> Float[np.ndarray, "channel sample"]:
    """Samples through sections one after another, in float64 (as `scipy.signal.sosfilt`).

    Args:
        sections: b0 b1 b2 1 a1 a2 of each.
        samples: of any channels.
        state: what the samples before have left, moved on in place; None: there were none.
    """
    if state is None:
        state = np.zeros((len(sections), len(samples), 2))
    out = samples.astype(np.float64)
    _run(np.ascontiguousarray(sections, np.float64), out, state)
    return out


def filtered_in_phase(
    sections: Float[np.ndarray, "section 6"], samples: Float[np.ndarray, "channel sample"]
) -> Float[np.ndarray, "channel sample"]:
    """Samples forwards and then backwards through sections, so that nothing is delayed; silence is around them."""
    forwards = filtered(sections, samples)
    return filtered(sections, forwards[:, ::-1])[:, ::-1]


@compiled(nogil=True)
def _run(sections: np.ndarray, out: np.ndarray, state: np.ndarray) -> None:
    for number in range(len(sections)):
        b0, b1, b2, _, a1, a2 = sections[number]
        for channel in range(len(out)):
            first, second = state[number, channel]
            for start in range(0, out.shape[1], _BLOCK):
                for place in range(start, min(start + _BLOCK, out.shape[1])):
                    given = out[channel, place]
                    made = b0 * given + first
                    first = b1 * given - a1 * made + second
                    second = b2 * given - a2 * made
                    out[channel, place] = made
                if abs(first) + abs(second) < _NOTHING:
                    first = second = 0.0
            state[number, channel, 0], state[number, channel, 1] = first, second
