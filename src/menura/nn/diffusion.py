"""Paths from data to noise, and the way back along them.

Data ``x`` and noise ``e`` meet at a time from 0 (data) to 1 (noise): ``alpha x + sigma e``. A network predicts there

    flow    alpha = 1 - t,          sigma = t,              e - x                (Liu et al., rectified flow, 2023)
    v       alpha = cos(pi t / 2),  sigma = sin(pi t / 2),  alpha e - sigma x    (Salimans & Ho 2022)

and samplers follow ``dx/dt``, which is what flow predicts, and pi/2 times v.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

Path = Literal["flow", "v"]
Sampler = Literal["euler", "heun", "dpm"]
Predict = Callable[[Float[Tensor, "batch *any"], float], Float[Tensor, "batch *any"]]
"""A network with its conditions: at a place on the path and its time, what the path's network predicts."""


def signal_and_noise(path: Path, time: Float[Tensor, "*any"]) -> tuple[Float[Tensor, "*any"], Float[Tensor, "*any"]]:
    """`alpha` and `sigma` at times."""
    if path == "flow":
        return 1 - time, time
    return torch.cos(time * math.pi / 2), torch.sin(time * math.pi / 2)


def noised(
    path: Path, x: Float[Tensor, "batch *any"], noise: Float[Tensor, "batch *any"], time: Float[Tensor, " batch"]
) -> tuple[Float[Tensor, "batch *any"], Float[Tensor, "batch *any"]]:
    """Where data and noise meet at each item's time, and what is to be predicted there."""
    alpha, sigma = (part.view(-1, *[1] * (x.ndim - 1)) for part in signal_and_noise(path, time))
    return alpha * x + sigma * noise, noise - x if path == "flow" else alpha * noise - sigma * x


def guided(
    told: Float[Tensor, "batch *any"], untold: Float[Tensor, "batch *any"], guidance_scale: float
) -> Float[Tensor, "batch *any"]:
    """Predictions moved away from those that were told nothing, or what is not wanted (Ho & Salimans 2022); 1 leaves
    them."""
    return untold + guidance_scale * (told - untold)


def waves(x: Float[Tensor, " batch"], count: int, slowest: float, quickest: float) -> Float[Tensor, "batch wave"]:
    """Sines and cosines of numbers, `count` of each, of angles that are `slowest` to `quickest` times as large."""
    powers = torch.linspace(0, 1, count, device=x.device)
    angles = x.unsqueeze(-1) * (slowest * (quickest / slowest) ** powers)
    return torch.cat((angles.sin(), angles.cos()), -1)


@torch.no_grad()
def sample(
    predict: Predict,
    noise: Float[Tensor, "batch *any"],
    path: Path = "flow",
    sampler: Sampler = "heun",
    steps: int = 20,
    init: Float[Tensor, "batch *any"] | None = None,
    strength: float = 1.0,
    kept: Bool[Tensor, "batch *any"] | None = None,
    turn: Callable[[int], None] | None = None,
) -> Float[Tensor, "batch *any"]:
    """Data from noise.

    Args:
        predict: the network; heun asks it twice a step but for the last one.
        noise: of unit variance.
        path: the one that the network learnt.
        sampler: euler, heun (Karras et al. 2022) or dpm, DPM-Solver++ (Lu et al. 2022), which remembers
            the step before.
        steps: 1 or more, evenly in time.
        init: data to begin from or to keep.
        strength: over 0 to 1: how far `init` is taken towards noise before the way back; 1: altogether.
        kept: where `init` is kept as it is, and the rest is made to fit.
        turn: called before each step with its number; what it raises ends the work.

    Raises:
        ValueError: a number is out of its range, or something of `init` is to be kept and there is none.
    """
    if steps < 1 or not 0 < strength <= 1:
        raise ValueError(f"steps are 1 or more and strength is over 0 to 1, not {steps} and {strength:g}")
    if init is None and (kept is not None or strength < 1):
        raise ValueError("init: is needed, to begin from or to keep some of")

    def along(time: float) -> Tensor:
        assert init is not None
        return noised(path, init, noise, noise.new_full((len(noise),), time))[0]

    times = [strength * (1 - step / steps) for step in range(steps + 1)]
    x = noise if init is None or strength == 1 else along(strength)
    rate, before = 1.0 if path == "flow" else math.pi / 2, None
    for number, (time, after) in enumerate(pairwise(times)):
        if turn is not None:
            turn(number)
        prediction = predict(x, time)
        if sampler == "dpm":
            data = _data(path, x, prediction, time)
            x, before = _multistep(path, x, data, before, time, after), (data, time)
        else:
            moved = x + (after - time) * rate * prediction
            if sampler == "heun" and after > 0:
                prediction = 0.5 * (prediction + predict(moved, after))
                moved = x + (after - time) * rate * prediction
            x = moved
        if kept is not None and init is not None:
            x = torch.where(kept, along(after), x)
    return x


def _at(path: Path, time: float) -> tuple[float, float]:
    alpha, sigma = signal_and_noise(path, torch.tensor(time, dtype=torch.float64))
    return max(float(alpha), 0.0), float(sigma)


def _data(path: Path, x: Tensor, prediction: Tensor, time: float) -> Tensor:
    """What the data would be, going by a prediction."""
    alpha, sigma = _at(path, time)
    return x - time * prediction if path == "flow" else alpha * x - sigma * prediction


def _multistep(
    path: Path, x: Tensor, data: Tensor, before: tuple[Tensor, float] | None, time: float, after: float
) -> Tensor:
    """A step in which the data are thought to change as they did since the step before; not in the first steps from
    pure noise nor in the last one, where logarithms of signal to noise are infinite."""
    (alpha, sigma), (next_alpha, next_sigma) = _at(path, time), _at(path, after)
    if before is not None and before[1] < 1 and after > 0:
        earlier, here, later = (_log_ratio(path, moment) for moment in (before[1], time, after))
        data = data + 0.5 * (later - here) / (here - earlier) * (data - before[0])
    return next_sigma / sigma * x + (next_alpha - alpha * next_sigma / sigma) * data


def _log_ratio(path: Path, time: float) -> float:
    alpha, sigma = _at(path, time)
    return math.log(alpha / sigma)
