"""The sampler: right pitch, level, length and place, whatever the SoundFont asks."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from menura.audio import io
from menura.score import midi
from menura.score.notes import CHANNEL_PRESSURE, PITCH_BEND, Score, Track
from menura.score.synth import soundfont
from menura.score.synth.controls import BEND_RANGE, ControllerState
from menura.score.synth.modulation import modulation_envelope
from menura.score.synth.render import Renderer
from menura.score.synth.sampler import NoteEvents, Sampler, Sends
from menura.score.synth.soundfont import Generator, SoundFont

_RATE = 22_050


def render(score, *, sample_rate_hz=44_100, soundfont=None, **how):
    """Play one score by a player of its own."""
    return Renderer(soundfont, sample_rate_hz).render(score, **how)


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
    Sampler(sounds, rate).play(program, is_drum, NoteEvents(onset, duration, pitch, velocity), out, (1.0, 1.0))
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
    strikes = NoteEvents(np.zeros(1), np.ones(1), np.array([72]), np.array([90]))
    Sampler(sounds, _RATE).play(73, False, strikes, out, (0.0, 1.0))
    assert not out[0].any()
    assert out[1].any()


# What a SoundFont may ask


@pytest.fixture
def made(tmp_path: Path, tiny: Callable[..., bytes]) -> Callable[..., SoundFont]:
    """Makes SoundFonts of one sample."""

    def make(*arguments: object, **named: object) -> SoundFont:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.sf2"
        path.write_bytes(tiny(*arguments, **named))
        return SoundFont(path)

    return make


def _share(sound: np.ndarray, hz: float) -> float:
    """How much of a sound lies within a semitone of a frequency."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    places = np.fft.rfftfreq(len(sound), 1 / _RATE)
    return float(power[np.abs(places / hz - 1) < 0.06].sum() / power.sum())


def test_a_loop_until_release_is_left_then(made: Callable[..., SoundFont]) -> None:
    """The sample goes on an octave and a fifth higher after its loop."""
    time = np.arange(20_000)
    wave = 0.5 * np.where(time < 1000, np.sin(time * 2 * np.pi / 100), np.sin(time * 6 * np.pi / 100))
    for mode, share in ((1, 0.0), (3, 1.0)):
        sounds = made({Generator.SAMPLE_MODES: mode, Generator.VOL_ENV_RELEASE: 0}, wave, loop=(100, 1000))
        sound = _play(sounds, 0, (0.0, 0.5, 69, 100), (1.0, 0.25, 69, 100))[0]
        assert _share(sound[: _RATE // 2], 441) > 0.99
        assert _share(sound[int(0.53 * _RATE) : int(0.8 * _RATE)], 3 * 441) == pytest.approx(share, abs=0.02)
        assert _share(sound[int(1.05 * _RATE) : int(1.25 * _RATE)], 441) > 0.99


@pytest.mark.parametrize("length", [2, 3, 4, 5, 50])
def test_short_loops_are_loops(made: Callable[..., SoundFont], length: int) -> None:
    wave = np.tile(np.concatenate((np.ones(length - length // 2), -np.ones(length // 2))) * 0.5, 100)[: 2 * length]
    sounds = made({Generator.SAMPLE_MODES: 1, Generator.ROOT_KEY: 69}, wave, loop=(length, 2 * length))
    sound = _play(sounds, 0, (0.0, 1.5, 69 - 48, 100))[0]  # four octaves down, to lie below half the rate
    hz = 44_100 / length / 16
    assert _level_db(sound[int(1.2 * _RATE) : int(1.4 * _RATE)]) > -30
    assert _share(sound[_RATE // 2 : _RATE], hz) > 0.5


def test_a_region_may_fix_its_key_and_velocity(made: Callable[..., SoundFont]) -> None:
    sounds = made({Generator.SAMPLE_MODES: 1, Generator.KEY: 69, Generator.VELOCITY: 100})
    low, high = _play(sounds, 0, (0.0, 1.0, 40, 30)), _play(sounds, 0, (0.0, 1.0, 90, 127))
    assert low.any()
    assert np.array_equal(low, high)
    assert _share(low[0], 441) > 0.99


def test_the_modulation_envelope_rises_convexly() -> None:
    values = dict.fromkeys(range(60), 0.0) | {Generator.MOD_ENV_DELAY: -12_000.0, Generator.MOD_ENV_ATTACK: 0.0}
    rise = modulation_envelope(values, 0, 1001, 1000)
    assert rise[500] == pytest.approx(1 + 40 / 96 * np.log10(0.5), abs=1e-3)
    assert (np.diff(rise) >= 0).all()
    assert rise[-1] == pytest.approx(1)


def test_what_a_soundfont_sends_to_effects_goes_there(made: Callable[..., SoundFont]) -> None:
    strikes = NoteEvents(np.zeros(1), np.ones(1), np.array([69]), np.array([100]))
    levels = []
    for reverb, chorus in ((0, 0), (100, 0), (1000, 250)):
        sounds = made({Generator.SAMPLE_MODES: 1, Generator.REVERB_SEND: reverb, Generator.CHORUS_SEND: chorus})
        out, sends = np.zeros((2, _RATE), dtype=np.float32), Sends(_RATE)
        Sampler(sounds, _RATE).play(0, False, strikes, out, (1.0, 1.0), sends=sends)
        assert np.allclose(out, _play(sounds, 0, (0.0, 1.0, 69, 100), length_s=1))
        levels += [np.abs(sends.hall).max() / np.abs(out).max()]
        levels += [0.0 if sends.chorus is None else np.abs(sends.chorus).max() / np.abs(out).max()]
    assert levels == pytest.approx([0.5, 0, 1.0, 0, 5.5, 0.25])


def _moved(*rows: tuple[float, int, int]) -> ControllerState:
    """Controllers moved at times in seconds."""
    return ControllerState.read(np.array([(round(time * _RATE), number, value) for time, number, value in rows]))


def test_sends_follow_their_controllers(made: Callable[..., SoundFont]) -> None:
    strikes = NoteEvents(np.zeros(1), np.full(1, 1.0), np.array([69]), np.array([100]))
    out, sends = np.zeros((2, _RATE), dtype=np.float32), Sends(_RATE)
    controls = _moved((0.5, 91, 127), (0.5, 93, 64))
    Sampler(made({Generator.SAMPLE_MODES: 1}), _RATE).play(
        0, False, strikes, out, (1.0, 1.0), controls=controls, sends=sends
    )
    early, late = slice(0, _RATE // 2), slice(_RATE // 2, None)
    assert np.allclose(sends.hall[:, early], 0.5 * out[:, early])
    assert np.allclose(sends.hall[:, late], (1 + 10 * 0.2 * 127 / 128) / 2 * out[:, late], atol=1e-6)
    assert sends.chorus is not None
    assert not sends.chorus[:, early].any()
    assert np.allclose(sends.chorus[:, late], 0.1 * out[:, late], atol=1e-6)


def test_a_modulator_of_the_soundfont_may_follow_any_controller(made: Callable[..., SoundFont]) -> None:
    """Breath (2) opens a preset that is closed without it, as expressive presets have."""
    sounds = made({Generator.SAMPLE_MODES: 1}, modulators=[(0x0582, Generator.ATTENUATION, 960, 0)])
    strikes = NoteEvents(np.zeros(1), np.full(1, 1.0), np.array([69]), np.array([100]))
    out = np.zeros((2, _RATE), dtype=np.float32)
    Sampler(sounds, _RATE).play(0, False, strikes, out, (1.0, 1.0), controls=_moved((0.5, 2, 127)))
    assert _level_db(out[:, : _RATE // 2]) < _level_db(out[:, _RATE // 2 :]) - 80


@pytest.mark.parametrize("length_s", [25.0, 150.0, 300.0])
def test_however_long_a_note_is_held_it_sounds(made: Callable[..., SoundFont], length_s: float) -> None:
    sounds = made({Generator.SAMPLE_MODES: 1})
    sound = _play(sounds, 0, (0.0, length_s, 69, 100), length_s=length_s + 1, rate=8000)[0]
    start, end = sound[8000:16_000], sound[int(length_s * 8000) - 8000 : int(length_s * 8000)]
    assert _level_db(end) == pytest.approx(_level_db(start), abs=0.1)
    assert not sound[int((length_s + 0.1) * 8000) :].any()


def test_parts_of_a_long_note_join_without_a_seam(sounds: SoundFont) -> None:
    whole = _play(sounds, 48, (0.0, 19.9, 60, 100), length_s=22)
    parts = _play(sounds, 48, (0.0, 20.1, 60, 100), length_s=22)
    before = slice(None, int(19.8 * _RATE))
    assert np.abs(whole - parts)[:, before].max() < 1e-4 * np.abs(whole).max()


def test_a_steady_bend_is_another_pitch_and_a_moving_one_a_glide(made: Callable[..., SoundFont]) -> None:
    sounds = made({Generator.SAMPLE_MODES: 1})
    strikes = NoteEvents(np.array([0.0, 1.0]), np.array([0.4, 0.9]), np.array([69, 69]), np.array([100, 100]))
    out = np.zeros((2, 2 * _RATE), dtype=np.float32)
    rows = [(0, 101, 0), (0, 100, 0), (0, 6, 12), (0, PITCH_BEND, -8192), (1.4, PITCH_BEND, 8191)]
    controls = _moved(*rows)
    assert controls.position(BEND_RANGE, 0) == 12
    Sampler(sounds, _RATE).play(0, False, strikes, out, (1.0, 1.0), controls=controls)
    assert _share(out[0, : int(0.4 * _RATE)], 441 / 2) > 0.99
    assert _share(out[0, _RATE : int(1.4 * _RATE)], 441 / 2) > 0.99
    assert _share(out[0, int(1.42 * _RATE) : int(1.9 * _RATE)], 441 * 2) > 0.99


def test_drums_of_other_tracks_on_the_channel_silence_these(sounds: SoundFont) -> None:
    open_hat, closed_hat = (
        NoteEvents(np.array([onset]), np.array([0.1]), np.array([pitch]), np.array([100]))
        for onset, pitch in ((0.0, 46), (0.2, 42))
    )
    heard = {}
    for name, beside in (("alone", None), ("beside", closed_hat)):
        out = np.zeros((2, _RATE), dtype=np.float32)
        Sampler(sounds, _RATE).play(0, True, open_hat, out, (1.0, 1.0), beside=beside)
        heard[name] = _level_db(out[:, int(0.3 * _RATE) :])
    assert heard["beside"] < heard["alone"] - 20


# As FluidSynth does


def _section(notes: list, *controls: tuple[int, int, int], program: int = 73, is_drum: bool = False) -> Track:
    return Track("", program, is_drum, np.array(notes), np.array(controls).reshape(-1, 3))


_LONG = [(0, 1900, 60, 90), (1920, 1900, 67, 90)]
_SHORT = [(480 * k, 120, pitch, 90) for k, pitch in enumerate((60, 64, 67, 72, 76, 60, 64, 67))]
_SECTIONS = {
    "velocity": _section([(240 * k, 200, 72, 8 * k + 7) for k in range(16)], program=0),
    "sustain": _section(_SHORT, (0, 64, 127), (1900, 64, 0), (1930, 64, 127), (3840, 64, 0), program=0),
    "sostenuto": _section([(0, 200, 60, 90), (100, 400, 64, 90), (900, 200, 67, 90)], (150, 66, 127), (1900, 66, 0)),
    "volume": _section(_LONG, (0, 7, 127), (480, 7, 64), (960, 7, 32), (1440, 7, 100)),
    "expression": _section(_LONG, *((20 * k, 11, 40 + k // 2) for k in range(174)), program=19),
    "pan": _section(_LONG, *((40 * k, 10, 2 * k) for k in range(64))),
    "bend": _section(_LONG, (480, PITCH_BEND, 8191), (960, PITCH_BEND, -8192), (1440, PITCH_BEND, 0)),
    "range of the bend": _section(
        _LONG,
        *((0, 101, 0), (0, 100, 0), (0, 6, 12), (0, 38, 0)),
        *((20 * k, PITCH_BEND, int(8191 * np.sin(k / 15))) for k in range(180)),
        program=56,
    ),
    "tuning": _section(_LONG, (0, 101, 0), (0, 100, 2), (0, 6, 67), (960, 101, 0), (960, 100, 1), (960, 6, 96)),
    "modulation": _section(_LONG, (480, 1, 127), (1920, 1, 40), (2880, 1, 0), program=65),
    "pressure": _section(_LONG, (480, CHANNEL_PRESSURE, 127), (1920, CHANNEL_PRESSURE, 40), program=71),
    "all notes off": _section([(0, 3800, 60, 90), (0, 3800, 64, 90)], (960, 123, 0), program=19),
    "all sound off": _section([(0, 3800, 60, 90), (0, 3800, 64, 90)], (960, 120, 0), program=19),
    "reset": _section([(0, 3800, 60, 90)], (0, 11, 50), (0, PITCH_BEND, 4000), (0, 1, 80), (960, 121, 0)),
    "drums": _section([(240 * k, 120, (36, 42, 46, 38, 49, 51)[k % 6], 100) for k in range(16)], is_drum=True),
}
_SECTION_TICKS, _SECTION_S = 4800, 5.0


@pytest.fixture(scope="module")
def both(
    sounds: SoundFont, tmp_path_factory: pytest.TempPathFactory, program: Callable[..., str]
) -> tuple[np.ndarray, np.ndarray]:
    """All sections, one after another and each on a channel of its own, as we play them and as FluidSynth does."""
    folder = tmp_path_factory.mktemp("fluidsynth")
    score = Score(tuple(track.later(place * _SECTION_TICKS) for place, track in enumerate(_SECTIONS.values())))
    midi.write(score, folder / "all.mid")
    options = ["-ni", "-R", "0", "-C", "0", "-g", "0.5", "-r", str(_RATE), "-O", "float"]
    files = ["-F", str(folder / "all.wav"), str(sounds.path), str(folder / "all.mid")]
    subprocess.run([program("fluidsynth", "fluidsynth"), *options, *files], check=True, capture_output=True)
    played = render(
        midi.read(folder / "all.mid"),
        sample_rate_hz=_RATE,
        soundfont=sounds.path,
        reverb_mix=0.0,
        loudness_lufs=-30.0,
        duration_s=len(_SECTIONS) * _SECTION_S,
    )
    return played.mix.samples, io.read(folder / "all.wav").samples


def _bands_db(sound: np.ndarray) -> np.ndarray:
    """Levels of eight octaves from 55 Hz, each twentieth of a second, left and right."""
    frame = _RATE // 20
    power = np.abs(np.fft.rfft(sound.reshape(2, -1, frame) * np.hanning(frame))) ** 2
    hz = np.fft.rfftfreq(frame, 1 / _RATE)
    octaves = [power[..., (hz >= low) & (hz < 2 * low)].sum(-1) for low in 55 * 2.0 ** np.arange(8)]
    return 10 * np.log10(np.stack(octaves) + 1e-9)


@pytest.mark.parametrize("name", _SECTIONS)
def test_controllers_sound_as_in_fluidsynth(both: tuple[np.ndarray, np.ndarray], name: str) -> None:
    """Of each octave and twentieth of a second down to -45 dB half are within 1 dB and nine of ten within 3 dB."""
    count = int(_SECTION_S * _RATE) // (_RATE // 20) * (_RATE // 20)
    start = round(list(_SECTIONS).index(name) * _SECTION_S * _RATE)
    ours, theirs = (_bands_db(sound[:, start : start + count]) for sound in both)
    heard = np.maximum(ours, theirs) > theirs.max() - 45
    apart = (np.maximum(ours, theirs.max() - 60) - np.maximum(theirs, theirs.max() - 60))[heard]
    apart -= np.median(apart)
    assert np.median(np.abs(apart)) < 1
    assert np.percentile(np.abs(apart), 90) < 3
