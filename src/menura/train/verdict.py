"""Is it learning? The answer in words."""

from __future__ import annotations

from collections.abc import Sequence

_FLAT = 0.003
_WIDE = 0.1


def verdict(
    held_out: Sequence[float], training: float | None, is_over: bool = False, went: tuple[float, float] | None = None
) -> str:
    """What the last check says.

    Args:
        held_out: the loss on held-out data at every check so far, oldest first.
        training: the same of data that were just learnt from; None where it is not known.
        is_over: whether the run has ended, its learning rate with it: then it is compared with its beginning.
        went: the training loss of the first steps and of the last; None where there were none.

    Returns:
        ``"falling (0.213 lower): it is learning; training 6.102, so little is learnt by heart"``, say.
    """
    by_heart = training is not None and held_out[-1] - training > _WIDE * abs(training)
    trend = _outcome(held_out, went) if is_over else _trend(held_out, by_heart)
    if training is None:
        return trend
    return f"{trend}; training {training:.3f}, so {'much' if by_heart else 'little'} is learnt by heart"


def _trend(held_out: Sequence[float], by_heart: bool) -> str:
    """Since the check before."""
    if len(held_out) < 2:
        return "no trend yet, this is the first check"
    change = held_out[-1] - held_out[-2]
    if abs(change) <= _FLAT * abs(held_out[-2]):
        return f"flat ({change:+.3f}): it learns little now"
    if change < 0:
        return f"falling ({-change:.3f} lower): it is learning"
    advice = "stop, or give it more data" if by_heart else "lower the learning rate if it goes on"
    return f"rising ({change:.3f} higher): it is getting worse, {advice}"


def _outcome(held_out: Sequence[float], went: tuple[float, float] | None) -> str:
    """Since the first check; of a run too short for two, since its first steps."""
    if len(held_out) < 2:
        loss = f": its loss went from {went[0]:.3f} to {went[1]:.3f}" if went else ""
        return f"the run is over{loss}; it was judged this once, so there is no trend"
    change, best = held_out[-1] - held_out[0], min(held_out)
    said = f"the run is over: {abs(change):.3f} {'lower' if change < 0 else 'higher'} than at its first check"
    if held_out[-1] - best > _FLAT * abs(best):
        return f"{said}, and best ({best:.3f}) at check {list(held_out).index(best) + 1} of {len(held_out)}"
    return said
