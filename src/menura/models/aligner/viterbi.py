"""The best path through states in turn, some of which may be left out, and through any (Viterbi 1967)."""

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


@compiled()
def freest_path(scores: np.ndarray, cost: float) -> np.ndarray:
    """The class of every frame, where any class may follow any other.

    Args:
        scores: of each class in each frame, ``[frame, class]``.
        cost: of another class than that of the frame before.
    """
    frames, classes = scores.shape
    before = np.zeros((frames, classes), np.int16)
    best = scores[0].astype(np.float64)
    for t in range(1, frames):
        likeliest = int(np.argmax(best))
        entered = best[likeliest] - cost
        for one in range(classes):
            before[t, one] = one
            if entered > best[one]:
                best[one] = entered
                before[t, one] = likeliest
            best[one] += scores[t, one]
    path = np.zeros(frames, np.int64)
    path[-1] = int(np.argmax(best))
    for t in range(frames - 1, 0, -1):
        path[t - 1] = before[t, path[t]]
    return path
