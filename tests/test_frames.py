"""How many calls lie between a user's and the arithmetic: each does work, and there are seven at most."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pkgutil import resolve_name

import numpy as np
import pytest

import menura
from menura.audio import Audio

SOUND = Audio(np.sin(np.arange(8000) / 9)[None].astype(np.float32) / 4, 24_000)
CALLS: dict[str, tuple[str, Callable[[], object]]] = {
    "compose": ("menura.nn.transformer:Decoder.step_each", lambda: menura.compose(bars=1, n=1, seed=1, rate=8000)),
    "encode": ("menura.models.codec.model:Codec.encode_latents_step", lambda: menura.encode(SOUND)),
    "decode": ("menura.models.codec.model:Codec.decode_latents_step", lambda: menura.decode(menura.encode(SOUND))),
    "sample": (
        "menura.models.wavenet.sampling:Generator.draw",
        lambda: menura.sample("wavenet-digits", seconds=0.02, seed=1),
    ),
}
"""Task -> the function that begins the arithmetic, and a call."""
MOST = 7


@pytest.mark.parametrize("task", CALLS)
def test_few_calls_lie_between_a_user_and_the_arithmetic(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, call = CALLS[task]
    owner, name = place.rsplit(".", 1)
    kind = resolve_name(owner)
    work, frames = getattr(kind, name), []

    def reached(*args: object, **more: object) -> object:
        if not frames:
            stack = [frame for frame in traceback.extract_stack() if "/menura/" in frame.filename]
            frames.extend(f"{one.filename.rpartition('/menura/')[2]}: {one.name}" for one in stack)
        return work(*args, **more)

    monkeypatch.setattr(kind, name, reached)
    call()
    print(f"{task}:", *frames, sep="\n  ")
    functions = [one for one in frames if "<" not in one]  # comprehensions are no calls from Python 3.12 on
    assert 0 < len(functions) <= MOST
