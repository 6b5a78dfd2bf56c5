"""What is not heard as it is written is said again, at most twice, and the best of all is taken; else it is told."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from menura.models.aligner.model import Alignment
from menura.tasks.guard import LEAST_FIT, MOST_MOVED_FRAMES, Guard, Heard, said_words
from menura.tasks.utterances import utterances

ONE = utterances("Hello there, listen!", "en-us", "heart")[0]
WORDS = len(said_words(ONE))


class Listener:
    """An aligner that hears each symbol for some frames, and words as badly as it is told, one row a call."""

    def __init__(self, *shortfalls: float, moved: int = 0) -> None:
        self.left, self.moved = list(shortfalls), moved

    def align(self, _mel: np.ndarray, symbols: tuple[str, ...]) -> Alignment:
        durations = np.full(len(symbols) + 2, 4)
        durations[0] += self.moved
        frames = int(durations.sum())
        short = np.full(frames, self.left.pop(0))
        return Alignment(durations, np.cumsum(durations), float(short.mean()), short, short)


def synthesized(speeds: list[float]):
    def synthesize(speed: float = 1.0) -> SimpleNamespace:
        speeds.append(speed)
        durations = np.full(len(ONE.symbols) + 2, 4)
        return SimpleNamespace(mel=np.zeros((int(durations.sum()), 100)), durations=durations, speed=speed)

    return synthesize


def test_what_is_heard_is_said_once():
    speeds: list[float] = []
    assert Guard(Listener(0.0)).said(ONE, synthesized(speeds)).speed == 1.0
    assert speeds == [1.0]


def test_what_is_not_heard_is_said_again_slower_until_it_is(recwarn):
    speeds: list[float] = []
    assert Guard(Listener(-9.0, 0.0)).said(ONE, synthesized(speeds)).speed == speeds[1] < 1
    assert len(recwarn) == 0


def test_what_is_never_heard_is_told_by_its_words():
    speeds: list[float] = []
    with pytest.warns(UserWarning, match="may not be heard as it is written: Hello, there, listen"):
        Guard(Listener(-9.0, -9.0, -9.0)).said(ONE, synthesized(speeds))
    assert len(speeds) == 3


def test_words_are_amiss_that_fit_badly_or_are_moved():
    good, still = np.zeros(4), np.zeros(4, np.int64)
    assert Heard(good, still).amiss() == []
    assert Heard(np.array([0, LEAST_FIT - 1, 0, 0]), still).amiss() == [1]
    assert Heard(good, np.array([0, 0, 1, 1]) * (MOST_MOVED_FRAMES + 1)).amiss() == [2]
    assert Heard(good, np.array([1, 1, 1, 1]) * (MOST_MOVED_FRAMES + 1)).amiss() == [0]


def test_what_is_too_short_for_its_words_is_amiss():
    class Refusing:
        def align(self, *_: object) -> Alignment:
            raise ValueError("there are fewer frames than sounds")

    spoken = synthesized([])()
    assert Guard(Refusing()).heard(ONE, spoken.mel, spoken.durations).amiss() == list(range(WORDS))
