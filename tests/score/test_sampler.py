"""The sampler: right pitch, level, length and place, whatever the SoundFont asks."""

from __future__ import annotations

import numpy as np
import pytest

from menura.score import soundfont
from menura.score.sampler import Sampler, Strikes
from menura.score.soundfont import SoundFont

_RATE = 22_050


@pytest.fixture(scope="module")
def sounds() -> SoundFont:
    """The SoundFont that comes with the `score` extra."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(soundfont.VARIABLE, raising=False)
        patch.setattr(soundfont, "_FOLDERS", ())
        return SoundFont(soundfont.find())


def _play(
    sounds: SoundFont,
    program: int,
    *notes: tuple[float, float, int, int],
    is_drum: bool = False,
    length_s: float = 2.0,
    rate: int = _RATE,
) -> np.ndarray:
    onset, duration, pitch, velocity = (np.array(column) for column in zip(*notes, strict=True))
    out = np.zeros((2, int(length_s * rate)), dtype=np.float32)
    Sampler(sounds, rate).play(program, is_drum, Strikes(onset, duration, pitch, velocity), out, (1.0, 1.0))
    return out


def _level_db(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(sound)) + 1e-20))


def _fundamental_hz(sound: np.ndarray, near_hz: float, rate: int) -> float:
    """The strongest frequency within three semitones of `near_hz`."""
    mono = sound.mean(axis=0)
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), 8 * len(mono)))
    hz = np.fft.rfftfreq(8 * len(mono), 1 / rate)
    near = (hz > near_hz * 2 ** (-3 / 12)) & (hz < near_hz * 2 ** (3 / 12))
    return float(hz[near][spectrum[near].argmax()])


@pytest.mark.parametrize("rate", [22_050, 96_000])
@pytest.mark.parametrize(("program", "pitch"), [(0, 48), (0, 69), (73, 76), (40, 69), (56, 60), (24, 52), (19, 64)])
def test_notes_sound_at_their_pitch_at_any_rate(sounds: SoundFont, program: int, pitch: int, rate: int) -> None:
    wanted_hz = 440 * 2 ** ((pitch - 69) / 12)
    heard_hz = _fundamental_hz(_play(sounds, program, (0, 1.9, pitch, 90), rate=rate), wanted_hz, rate)
    assert abs(1200 * np.log2(heard_hz / wanted_hz)) < 25


def test_velocity_is_heard_as_level(sounds: SoundFont) -> None:
    levels = [_level_db(_play(sounds, 73, (0, 1.5, 72, velocity))) for velocity in (20, 50, 90, 127)]
    assert levels == sorted(levels)
    # 40 log10(velocity), the standard's default curve
    assert levels[2] - levels[1] == pytest.approx(40 * np.log10(90 / 50), abs=0.5)


def test_notes_add_up(sounds: SoundFont) -> None:
    first, second = (0.0, 0.5, 60, 80), (0.25, 0.5, 64, 100)
    together = _play(sounds, 0, first, second)
    assert np.allclose(together, _play(sounds, 0, first) + _play(sounds, 0, second), atol=1e-6)


def test_a_later_onset_is_the_same_sound_later(sounds: SoundFont) -> None:
    now, later = _play(sounds, 40, (0.0, 0.5, 67, 80)), _play(sounds, 40, (0.5, 0.5, 67, 80))
    delay = round(0.5 * _RATE)
    assert not later[:, :delay].any()
    assert np.allclose(later[:, delay:], now[:, :-delay], atol=1e-6)


@pytest.mark.parametrize("program", [0, 19, 48, 56, 73, 89])
def test_no_note_hangs(sounds: SoundFont, program: int) -> None:
    sound = _play(sounds, program, (0.0, 0.5, 60, 100), length_s=9)
    assert _level_db(sound[:, -_RATE // 2 :]) < _level_db(sound[:, : _RATE // 2]) - 60


def test_a_released_note_fades_without_a_click(sounds: SoundFont) -> None:
    sound = _play(sounds, 73, (0.0, 0.5, 72, 100), length_s=2)[0]
    steepest_while_held = np.abs(np.diff(sound[: _RATE // 2])).max()
    assert np.abs(np.diff(sound[_RATE // 2 - 10 :])).max() < 1.2 * steepest_while_held


def test_a_closing_hi_hat_silences_an_open_one(sounds: SoundFont) -> None:
    ringing = _play(sounds, 0, (0.0, 0.1, 46, 100), is_drum=True)
    choked = _play(sounds, 0, (0.0, 0.1, 46, 100), (0.2, 0.1, 42, 1), is_drum=True)
    late = slice(int(0.35 * _RATE), None)
    assert _level_db(choked[:, late]) < _level_db(ringing[:, late]) - 20


def test_drum_pitches_are_different_drums(sounds: SoundFont) -> None:
    kick, hat = (_play(sounds, 0, (0.0, 0.2, pitch, 100), is_drum=True)[0] for pitch in (36, 42))
    hz = np.fft.rfftfreq(len(kick), 1 / _RATE)
    centres = [float((hz * power).sum() / power.sum()) for power in (np.abs(np.fft.rfft(x)) ** 2 for x in (kick, hat))]
    assert centres[0] < 500 < 3000 < centres[1]


def test_a_long_note_lasts(sounds: SoundFont) -> None:
    sound = _play(sounds, 73, (0.0, 19.5, 72, 100), length_s=20)
    assert _level_db(sound[:, 18 * _RATE : 19 * _RATE]) > _level_db(sound[:, :_RATE]) - 40


def test_gains_place_the_sound(sounds: SoundFont) -> None:
    out = np.zeros((2, _RATE), dtype=np.float32)
    strikes = Strikes(np.zeros(1), np.ones(1), np.array([72]), np.array([90]))
    Sampler(sounds, _RATE).play(73, False, strikes, out, (0.0, 1.0))
    assert not out[0].any()
    assert out[1].any()
