"""When training stops, and its learning rate until then."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class State:
    """Where training stands.

    Attributes:
        step: how many steps are done.
        spent_s: seconds spent on them, over however many resumes.
    """

    step: int = 0
    spent_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A run as long as `minutes` or `steps` say, the shorter of the two.

    The learning rate follows what has been spent. A run by steps alone is the same on every machine and after every
    resume, to the last bit; a run by minutes gets as far as the machine does.

    Args:
        minutes: of training in all, over however many resumes; None for any.
        steps: in all; None for any.
        warmup_steps: of rising learning rate.
        decay_share: share of the run, at its end, over which the rate falls to zero.
        checkpoint_minutes: between checkpoints.

    Raises:
        ValueError: neither minutes nor steps are given, or one is not above 0.
    """

    minutes: float | None = None
    steps: int | None = None
    warmup_steps: int = 200
    decay_share: float = 0.5
    checkpoint_minutes: float = 5.0

    def __post_init__(self) -> None:
        given = [limit for limit in (self.minutes, self.steps) if limit is not None]
        if not given or min(given) <= 0:
            raise ValueError("training needs minutes or steps, above 0")

    def spent(self, state: State) -> float:
        """Share of the run that is over, 0 to 1."""
        by_time = 0.0 if self.minutes is None else state.spent_s / (60.0 * self.minutes)
        by_steps = 0.0 if self.steps is None else state.step / self.steps
        return min(max(by_time, by_steps), 1.0)

    def rate(self, state: State) -> float:
        """Share of the peak learning rate, 0 to 1: rising over the first steps, falling to 0 at the end."""
        rising = (state.step + 1) / max(self.warmup_steps, 1)
        falling = (1.0 - self.spent(state)) / max(self.decay_share, 1e-9)
        return min(1.0, rising, falling)
