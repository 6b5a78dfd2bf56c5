"""Loops: what rings past the end is heard at the beginning, and nobody hears where one round ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from menura.audio import loudness
from menura.audio.samples import Audio
from menura.score.notes import Score, Track
from menura.score.synth import loop, soundfont
from menura.score.synth.render import Renderer

RATE = 22_050
LOOP_S, BARS = 8.0, 4


@pytest.fixture(scope="module")
def renderer(packaged_soundfont) -> Renderer:
    assert soundfont.find(packaged_soundfont)
    return Renderer(packaged_soundfont, RATE)


def _score(rounds: int = 1) -> Score:
    """Four bars at 120 bpm that are played to their very end, over and over; the flute rings on over it."""
    rng = np.random.default_rng(1)
    flute = [[480 * beat, 480, int(rng.choice((72, 74, 76, 79))), 80] for beat in range(15)] + [[7200, 900, 77, 80]]
    organ = [[1920 * bar, 1920, pitch, 70] for bar in range(BARS) for pitch in (48, 55, 64)]
    drums = [[240 * eighth, 120, (36, 46, 38, 46)[eighth % 4], 90] for eighth in range(8 * BARS)]
    parts = (("flute", 73, False, flute), ("organ", 19, False, organ), ("drums", 0, True, drums))
    again = [[1920 * BARS * number, 0, 0, 0] for number in range(rounds)]
    tracks = [
        Track(name, program, is_drum, np.concatenate([np.array(notes) + np.array(later) for later in again]))
        for name, program, is_drum, notes in parts
    ]
    return Score(tuple(tracks))


def _flux(sound: np.ndarray, at: int) -> float:
    """How much the spectrum changes from the 1024 samples before a place to those after it."""
    window = np.hanning(1024)
    before, after = (np.abs(np.fft.rfft(sound[start : start + 1024] * window)) for start in (at - 1024, at))
    return float(np.abs(after - before).sum())


@pytest.mark.parametrize("loudness_lufs", [-30.0, -9.0])
def test_the_seam_is_like_any_other_bar_line(renderer: Renderer, loudness_lufs: float) -> None:
    mix = renderer.render(_score(), loop_s=LOOP_S, loudness_lufs=loudness_lufs).mix
    assert mix.num_samples == round(LOOP_S * RATE)
    twice = np.tile(mix.samples.mean(0), 2)
    lines = np.arange(1, 2 * BARS) * mix.num_samples // BARS
    seam, others = lines[BARS - 1], np.delete(lines, BARS - 1)
    steps = np.abs(np.diff(twice))
    assert steps[seam - 1] <= 1.5 * max(steps[line - 1] for line in others)
    assert _flux(twice, seam) <= 1.2 * max(_flux(twice, line) for line in others)
    measured = loudness.measure(Audio(np.tile(mix.samples, 3), RATE))
    assert measured.true_peak_dbtp <= -0.99
    if loudness_lufs < -16:
        assert measured.integrated_lufs == pytest.approx(loudness_lufs, abs=0.3)


def test_a_loop_is_what_is_heard_from_the_second_round_on(renderer: Renderer) -> None:
    """Against the same music written out and played through: hall, releases, and drums that silence drums."""
    own = renderer.render(_score(), loop_s=LOOP_S, loudness_lufs=-40).mix.samples
    length = own.shape[1]
    through = renderer.render(_score(4), loudness_lufs=-40).mix.samples
    third = through[:, 2 * length : 3 * length]
    gain = float((own * third).sum() / (third * third).sum())
    assert np.abs(own - gain * third).max() < 2e-3 * np.abs(own).max()


@pytest.mark.parametrize("loudness_lufs", [-30.0, -9.0])
def test_layers_are_as_long_as_the_loop_and_add_up_to_it(renderer: Renderer, loudness_lufs: float) -> None:
    rendering = renderer.render(_score(), loop_s=LOOP_S, stems=True, loudness_lufs=loudness_lufs)
    assert {stem.num_samples for stem in rendering.stems.values()} == {rendering.mix.num_samples}
    total = sum(stem.samples for stem in rendering.stems.values())
    assert np.abs(total - rendering.mix.samples).max() < 1e-4


def test_chorus_too_ends_where_it_began(renderer: Renderer) -> None:
    """A chorus sways in time; were its sway cut at the seam, that would be heard."""
    sends = np.array([[0, 93, 127]])
    score = _score()
    score = replace(score, tracks=tuple(replace(track, program=48, controls=sends) for track in score.tracks[1:2]))
    mix = renderer.render(score, loop_s=LOOP_S).mix
    steps = np.abs(np.diff(np.tile(mix.samples, 2), axis=1))
    assert steps[:, mix.num_samples - 1].max() < np.quantile(steps, 0.999)


def test_a_loop_of_less_than_its_own_tail_is_folded_more_than_once() -> None:
    sound = np.zeros((2, 10), np.float32)
    sound[:, [0, 4, 9]] = 1, 2, 4
    assert loop.folded(sound, 4)[0].tolist() == [3, 4, 0, 0]
