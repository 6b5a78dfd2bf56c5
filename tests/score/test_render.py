"""Rendering: exact, repeatable, at the loudness asked for, and nothing cut off or left hanging."""

from __future__ import annotations

import numpy as np
import pytest

from menura.audio import loudness
from menura.score import soundfont
from menura.score.notes import Score, Tempo, Track
from menura.score.render import Renderer, render

_RATE = 22_050


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """Plays the SoundFont that comes with the `score` extra."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(soundfont.VARIABLE, raising=False)
        patch.setattr(soundfont, "_FOLDERS", ())
        return Renderer(sample_rate_hz=_RATE)


def _melody(program: int, *pitches: int, name: str = "", velocity: int = 80) -> Track:
    return Track(name, program, False, np.array([[480 * k, 480, pitch, velocity] for k, pitch in enumerate(pitches)]))


def _drums(count: int = 4) -> Track:
    return Track("", 0, True, np.array([[480 * k, 60, (36, 38)[k % 2], 100] for k in range(count)]))


def _band() -> Score:
    return Score((_melody(73, 72, 74, 76, 77), _melody(0, 48, 55, 52, 48), _melody(40, 60, 62, 64, 65), _drums()))


def test_the_same_input_gives_the_same_samples(renderer: Renderer) -> None:
    first, second = (renderer.render(_band(), seed=3).mix for _ in range(2))
    assert first == second
    assert first == render(_band(), sample_rate_hz=_RATE, soundfont=renderer.soundfont.path, seed=3).mix
    assert first != renderer.render(_band(), seed=4).mix


@pytest.mark.parametrize("loudness_lufs", [-23.0, -9.0])
def test_stems_add_up_to_the_mix_whether_or_not_a_limiter_acts(renderer: Renderer, loudness_lufs: float) -> None:
    rendering = renderer.render(_band(), stems=True, loudness_lufs=loudness_lufs)
    total = sum(stem.samples for stem in rendering.stems.values())
    assert np.abs(total - rendering.mix.samples).max() < 1e-4
    assert rendering.mix == renderer.render(_band(), loudness_lufs=loudness_lufs).mix


def test_stems_are_named_apart_and_in_order(renderer: Renderer) -> None:
    score = Score((_melody(40, 60), _drums(1), _melody(40, 64), _melody(0, 40, name="Left hand")))
    assert list(renderer.render(score, stems=True).stems) == ["violin", "drums", "violin 2", "Left hand"]


@pytest.mark.parametrize("loudness_lufs", [-30.0, -16.0, -6.0])
def test_the_mix_is_as_loud_as_asked_and_never_over_the_ceiling(renderer: Renderer, loudness_lufs: float) -> None:
    measured = loudness.measure(renderer.render(_band(), loudness_lufs=loudness_lufs).mix)
    assert measured.true_peak_dbtp <= -0.99
    if loudness_lufs <= -16:
        assert measured.integrated_lufs == pytest.approx(loudness_lufs, abs=0.5)


@pytest.mark.parametrize("duration_s", [0.5, 2.0, 3.3333, 20.0])
def test_an_asked_duration_is_exact_and_ends_in_silence(renderer: Renderer, duration_s: float) -> None:
    mix = renderer.render(_band(), duration_s=duration_s).mix
    assert mix.num_samples == round(duration_s * _RATE)
    assert np.abs(mix.samples[:, -5:]).max() < 1e-3 * mix.peak


def test_the_tail_is_kept_until_it_is_inaudible(renderer: Renderer) -> None:
    mix = renderer.render(_band()).mix
    assert _band().duration_s + 0.3 < mix.duration_s <= _band().duration_s + 8.0
    tail = mix.samples[:, -int(0.1 * _RATE) :]
    assert np.abs(tail).max() < 3e-3 * mix.peak
    assert np.abs(mix.samples[:, -1]).max() < 1e-6


def test_the_beginning_does_not_click_and_there_is_no_dc(renderer: Renderer) -> None:
    mix = renderer.render(_band()).mix
    assert np.abs(mix.samples[:, 0]).max() == 0
    assert np.abs(mix.samples.mean(axis=1)).max() < 1e-3


def test_notes_follow_the_tempo_map(renderer: Renderer) -> None:
    late = Track("", 73, False, np.array([[0, 240, 72, 80], [960, 240, 84, 80]]))
    score = Score((late,), tempos=(Tempo(0, 120), Tempo(480, 60)))
    mix = renderer.render(score, reverb_mix=0.0).mix.samples.mean(axis=0)
    onset = round(1.5 * _RATE)
    before, after = mix[onset - _RATE // 10 : onset], mix[onset : onset + _RATE // 10]
    assert np.square(after).sum() > 100 * np.square(before).sum()


def test_instruments_sit_apart_and_drums_in_the_middle(renderer: Renderer) -> None:
    score = Score((_melody(40, 67, 69), _melody(42, 48, 50), _melody(73, 72, 74), _drums(2)))
    stems = renderer.render(score, stems=True, reverb_mix=0.0).stems
    balance = {name: 10 * np.log10(np.divide(*np.square(stem.samples).sum(axis=1))) for name, stem in stems.items()}
    assert balance["violin"] > 2
    assert balance["cello"] < -2
    assert abs(balance["drums"]) < 1.5


def test_tracks_without_notes_are_passed_over(renderer: Renderer) -> None:
    score = Score((_melody(73, 72), Track("empty", 0, False, np.empty((0, 4)))))
    assert list(renderer.render(score, stems=True).stems) == ["flute"]


def test_what_cannot_be_rendered_is_refused(renderer: Renderer) -> None:
    with pytest.raises(ValueError, match="no notes"):
        renderer.render(Score(()))
    with pytest.raises(ValueError, match="minutes"):
        renderer.render(Score((Track("", 0, False, np.array([[0, 480 * 60 * 70, 60, 80]])),)))
    dense = np.array([[k, 480 * 60, k % 128, 80] for k in range(20_000)])
    with pytest.raises(ValueError, match="too dense"):
        renderer.render(Score((Track("", 0, False, dense),)))
    with pytest.raises(ValueError, match="duration"):
        renderer.render(_band(), duration_s=0)
    with pytest.raises(ValueError, match="sample rate"):
        Renderer(renderer.soundfont.path, 100)
