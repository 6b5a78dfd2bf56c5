"""When training stops, and its learning rate until then."""

from __future__ import annotations

import math
from dataclasses import dataclass

_LARGEST_WARMUP = 0.1
"""Share of the run: a short one would else be over before it has reached its rate."""


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
        warmup_steps: of rising learning rate, in a tenth of the run at most.
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

    def fraction_done(self, state: State) -> float:
        """Share of the run that is over, 0 to 1."""
        by_time = 0.0 if self.minutes is None else state.spent_s / (60.0 * self.minutes)
        by_steps = 0.0 if self.steps is None else state.step / self.steps
        return min(max(by_time, by_steps), 1.0)

    def rate(self, state: State) -> float:
        """Share of the peak learning rate, 0 to 1: rising over the first steps, falling to 0 at the end."""
        fraction_done = self.fraction_done(state)
        rising = max((state.step + 1) / max(self.warmup_steps, 1), fraction_done / _LARGEST_WARMUP)
        falling = (1.0 - fraction_done) / max(self.decay_share, 1e-9)
        return min(1.0, rising, falling)

    def steps_in_all(self, state: State, step_s: float) -> int:
        """How many steps the run will have, if each of those to come takes `step_s` seconds."""
        by_time = math.inf if self.minutes is None else state.step + (60 * self.minutes - state.spent_s) / step_s
        return math.ceil(min(by_time, math.inf if self.steps is None else self.steps))

    def words(self) -> str:
        """Its length, as ``"2.5 minutes"`` or ``"40 steps"``."""
        said = [f"{self.minutes:g} minutes"] if self.minutes is not None else []
        said += [f"{self.steps} steps"] if self.steps is not None else []
        return " or ".join(said) + (", whichever is less" if len(said) > 1 else "")
