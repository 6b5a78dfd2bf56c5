"""Tempo: the asked one is the first, the mean and the last; it bends as much as a style does, and ends in a ritard."""

from __future__ import annotations

import numpy as np
import pytest

from menura.score.form import sections
from menura.score.notes import Metre, Score, Tempo, Track
from menura.score.performance.characters import CHARACTERS, PLAIN
from menura.score.performance.perform import perform


def piece(bars: int, metre: tuple[int, int], bpm: float) -> Score:
    """A note on every eighth, and a last one that is held."""
    length = Metre(0, *metre).bar_ticks
    onset = np.arange(0, (bars - 1) * length, 240)
    rows = np.column_stack((onset, np.full(len(onset), 240), 60 + onset // 240 % 12, np.full(len(onset), 80)))
    rows = np.concatenate((rows, [[(bars - 1) * length, length, 60, 80]]))
    return Score((Track("piano", 0, False, rows),), (Tempo(0, bpm),), (Metre(0, *metre),))


@pytest.mark.parametrize("style", sorted(CHARACTERS))
@pytest.mark.parametrize(("bars", "metre", "bpm"), [(16, (4, 4), 100.0), (5, (3, 4), 61.5), (32, (6, 8), 187.0)])
def test_the_asked_tempo_is_kept_on_the_whole(style: str, bars: int, metre: tuple[int, int], bpm: float) -> None:
    score = piece(bars, metre, bpm)
    played = perform(score, sections(None, bars), CHARACTERS[style], 4)
    body = int(score.bar_starts()[-2])
    assert played.tempos[0] == Tempo(0, bpm)
    assert float(played.seconds(body)) == pytest.approx(float(score.seconds(body)), rel=0.01)
    assert played.tempos[-1].bpm == bpm
    per_bar = np.bincount(np.searchsorted(score.bar_starts(), [mark.tick for mark in played.tempos], side="right"))
    assert per_bar.max() <= 6
    factors = np.array([mark.bpm for mark in played.tempos]) / bpm
    assert 0.4 < factors.min() <= factors.max() < 1.3


def test_romantic_pianists_bend_it_more_than_others() -> None:
    def spread(style: str) -> float:
        played = perform(piece(16, (4, 4), 90.0), sections(None, 16), CHARACTERS[style], 0)
        return float(np.std([mark.bpm for mark in played.tempos if mark.tick < 14 * 1920]))

    assert spread("chopin") > 2 * spread("mozart") > 0
    assert spread("chopin") > 4 * spread("bach")
    assert spread("sousa") == spread("joplin") == spread("game") == 0


def test_the_end_slows_as_runners_stop_and_is_held() -> None:
    """Ever faster slower: the tempo falls more from beat to beat; the last chord lasts longer than written."""
    score = piece(16, (4, 4), 100.0)
    played = perform(score, (), PLAIN, 0)
    beats = np.diff(played.seconds(np.arange(14 * 1920, 15 * 1920 + 1, 480)))
    falling = np.diff(1 / beats)
    assert (falling < 0).all()
    assert (np.diff(falling) < 0).all()
    held = float(played.seconds(16 * 1920) - played.seconds(15 * 1920))
    assert 1.1 < held / (4 * 60 / 100) < 1.6


@pytest.mark.parametrize("room_s", [0.0, 0.3, -1.0])
def test_a_piece_of_an_exact_length_gets_no_longer_than_there_is_room(room_s: float) -> None:
    score = piece(16, (4, 4), 100.0)
    played = perform(score, (), CHARACTERS["chopin"], 0, room_s=room_s)
    free = perform(score, (), CHARACTERS["chopin"], 0)
    assert played.duration_s <= score.duration_s + max(room_s, 0) + 0.1
    assert free.duration_s > score.duration_s + 0.5


def test_a_few_bars_keep_their_tempo() -> None:
    assert perform(piece(3, (4, 4), 100.0), (), CHARACTERS["chopin"], 0).tempos == (Tempo(0, 100.0),)
