"""Rendering: exact, repeatable, at the loudness asked for, and nothing cut off or left hanging."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from menura.audio import loudness
from menura.score.notes import Score, Tempo, Track
from menura.score.synth import soundfont
from menura.score.synth.render import Renderer

_RATE = 22_050


def render(score, *, sample_rate_hz=44_100, soundfont=None, **how):
    """Play one score by a player of its own."""
    return Renderer(soundfont, sample_rate_hz).render(score, **how)


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


def _with(track: Track, *controls: tuple[int, int, int], channel: int | None = None) -> Track:
    return replace(track, controls=np.array(controls), channel=channel)


def _balance_db(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.divide(*np.square(sound).sum(axis=1))))


def test_a_file_that_mixes_itself_is_heard_as_it_says(renderer: Renderer) -> None:
    """Its pan and volume take the place of seats and of what evens out instruments; both stay where all are alike."""
    violin, cello = _melody(40, 67, 69), _melody(42, 48, 50)
    alike = Score((_with(violin, (0, 10, 64), (0, 7, 100)), _with(cello, (0, 10, 64), (0, 7, 100))))
    plain = renderer.render(Score((violin, cello)), reverb_mix=0.0).mix
    assert renderer.render(alike, reverb_mix=0.0).mix == plain
    panned = Score((_with(violin, (0, 10, 127)), _with(cello, (0, 10, 64))))
    stems = renderer.render(panned, stems=True, reverb_mix=0.0).stems
    assert _balance_db(stems["violin"].samples) < -20
    assert abs(_balance_db(stems["cello"].samples)) < 0.1
    quiet = Score((_with(_melody(73, 72, 74), (0, 7, 50)), _with(_melody(73, 72, 74), (0, 7, 100))))
    stems = renderer.render(quiet, stems=True, reverb_mix=0.0).stems
    powers = [np.square(stem.samples).sum() for stem in stems.values()]
    assert 10 * np.log10(powers[1] / powers[0]) == pytest.approx(40 * np.log10(2), abs=0.2)


def test_what_a_pedal_holds_is_not_cut_off_with_the_last_note(renderer: Renderer) -> None:
    short = Track("", 73, False, np.array([[0, 240, 72, 90]]))
    held = _with(short, (0, 64, 127), (4800, 64, 0))
    durations = [renderer.render(Score((track,)), reverb_mix=0.0).mix.duration_s for track in (short, held)]
    assert durations[0] < 1.5
    assert durations[1] > 5.0


def test_a_note_of_minutes_sounds_to_its_end() -> None:
    score = Score((Track("", 19, False, np.array([[0, 960 * 200, 60, 90]])),))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(soundfont.VARIABLE, raising=False)
        patch.setattr(soundfont, "_FOLDERS", ())
        mix = Renderer(sample_rate_hz=8000).render(score, reverb_mix=0.0).mix.samples
    levels = [np.square(mix[:, 8000 * second : 8000 * (second + 2)]).mean() for second in (10, 119, 121, 197)]
    assert np.ptp(10 * np.log10(levels)) < 1


def test_what_is_sent_to_the_hall_and_the_chorus_is_in_mix_and_stems(renderer: Renderer) -> None:
    part = _melody(73, 72, 74)
    tails = {}
    for name, controls in (("plain", ()), ("hall", ((0, 91, 127),)), ("chorus", ((0, 93, 127),))):
        score = Score((_with(part, *controls), _melody(0, 48, 50)))
        rendering = renderer.render(score, stems=True)
        total = sum(stem.samples for stem in rendering.stems.values())
        assert np.abs(total - rendering.mix.samples).max() < 1e-4
        flute = rendering.stems["flute"].samples
        tails[name] = 10 * np.log10(
            np.square(flute[:, int(1.4 * _RATE) : int(1.8 * _RATE)]).sum() / np.square(flute).sum()
        )
    assert tails["hall"] > tails["plain"] + 3


def test_drums_in_several_tracks_of_one_channel_are_one_kit(renderer: Renderer) -> None:
    hats = [Track("", 0, True, np.array([[onset, 60, pitch, 100]]), channel=9) for onset, pitch in ((0, 46), (192, 42))]
    together = renderer.render(Score(tuple(hats)), stems=True, reverb_mix=0.0).stems["drums"].samples
    apart = renderer.render(Score((hats[0], replace(hats[1], channel=25))), stems=True, reverb_mix=0.0)
    late = slice(int(0.3 * _RATE), int(0.6 * _RATE))
    alone = apart.stems["drums"].samples
    assert np.square(together[:, late]).sum() / np.square(together).sum() < 0.1 * (
        np.square(alone[:, late]).sum() / np.square(alone).sum()
    )
