"""Is it learning? The answer in words."""

from __future__ import annotations

from collections.abc import Sequence

_FLAT = 0.003
_WIDE = 0.1


def verdict(held_out: Sequence[float], training: float) -> str:
    """What the last check says.

    Args:
        held_out: the loss on held-out data at every check so far, oldest first.
        training: the running loss on training data, in the same units.

    Returns:
        ``"falling (0.213 lower): it is learning; training 6.102, so little is learnt by heart"``, say.
    """
    now = held_out[-1]
    gap = now - training
    by_heart = gap > _WIDE * abs(training)
    held = f"training {training:.3f}, so {'much' if by_heart else 'little'} is learnt by heart"
    if len(held_out) < 2:
        return f"no trend yet, this is the first check; {held}"
    change = now - held_out[-2]
    if abs(change) <= _FLAT * abs(held_out[-2]):
        return f"flat ({change:+.3f}): it learns little now; {held}"
    if change < 0:
        return f"falling ({-change:.3f} lower): it is learning; {held}"
    advice = "stop, or give it more data" if by_heart else "lower the learning rate if it goes on"
    return f"rising ({change:.3f} higher): it is getting worse, {advice}; {held}"
