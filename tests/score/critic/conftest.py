"""Small pieces, for the tests of what listens to them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from menura.score.steps.tokens import BAR, DURATIONS, Slot, TokenPiece

QUARTER = 12


@pytest.fixture
def piece_of() -> Callable[..., TokenPiece]:
    """Makes a piece of bars of 4/4, each of notes: position, slot, pitch, length in twelfths of a quarter."""

    def made(bars: list[list[tuple[int, int, int, int]]], *programs: int) -> TokenPiece:
        steps = []
        for bar in bars:
            steps.append((BAR, 0, 0, 0, 0))
            for position, slot, pitch, length in sorted(bar):
                steps.append((position, slot, pitch, int(np.searchsorted(DURATIONS, length)), 8))
        slots = tuple(Slot(program) for program in programs)
        return TokenPiece(slots, np.tile((4, 4), (len(bars), 1)), np.array(steps, dtype=np.int16))

    return made


@pytest.fixture
def line() -> Callable[..., list[tuple[int, int, int, int]]]:
    """Makes a bar of quarter notes."""
    return lambda *pitches: [(index * QUARTER, 0, pitch, QUARTER) for index, pitch in enumerate(pitches)]
