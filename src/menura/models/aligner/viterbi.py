"""The best path through states in turn, some of which may be left out (Viterbi 1967)."""

from __future__ import annotations

import numpy as np

from menura.compiled import compiled


@compiled()
def best_path(scores: np.ndarray, classes: np.ndarray, optional: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """The state of every frame.

    Args:
        scores: of each class in each frame, ``[frame, class]``.
        classes: of each state.
        optional: whether a state may be left out; no two neighbours may.
        costs: of entering each state.
    """
    frames, states = len(scores), len(classes)
    moves = np.zeros((frames, states), np.int8)
    best = np.full(states, -np.inf)
    best[0] = scores[0, classes[0]] - costs[0]
    if optional[0]:
        best[1] = scores[0, classes[1]] - costs[1]
    for t in range(1, frames):
        for at in range(states - 1, -1, -1):  # what is before is still that of the frame before
            stay, move = best[at], 0
            entered = -np.inf
            if at > 0:
                entered, move = best[at - 1], 1
            if at > 1 and optional[at - 1] and best[at - 2] > entered:
                entered, move = best[at - 2], 2
            entered -= costs[at]
            if stay >= entered:
                entered, move = stay, 0
            best[at] = entered + scores[t, classes[at]]
            moves[t, at] = move
    at = states - 1
    if optional[at] and best[at - 1] > best[at]:
        at -= 1
    path = np.zeros(frames, np.int64)
    for t in range(frames - 1, -1, -1):
        path[t] = at
        at -= moves[t, at]
    return path
