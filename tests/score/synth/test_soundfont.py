"""SoundFonts: found in the stated order, read whole, refused in one line when damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from menura.score.synth import soundfont
from menura.score.synth.sampler import NoteEvents, Sampler
from menura.score.synth.soundfont import Generator, SoundFont

Tiny = Callable[..., bytes]
_EMPTY = b"RIFF\4\0\0\0sfbk"


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without SoundFonts of its own."""
    monkeypatch.delenv(soundfont.VARIABLE, raising=False)
    monkeypatch.setattr(soundfont, "_FOLDERS", ())


def _file(folder: Path, name: str, content: bytes = _EMPTY) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.usefixtures("nowhere")
def test_the_argument_comes_before_the_variable_before_the_folders_before_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = soundfont.find()
    assert packaged.parent.name == "pretty_midi"
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.setattr(soundfont, "_FOLDERS", (str(folder), "/nowhere"))
    best_first = (
        "MuseScore_General.sf3",
        "FluidR3_GM.sf2",
        "GeneralUser.sf2",
        "default-GM.sf2",
        "TimGM6mb.sf2",
        "a.sf2",
    )
    for name in best_first:
        _file(folder, name)
    for name in best_first:
        assert soundfont.find() == folder / name
        (folder / name).unlink()
    assert soundfont.find() == packaged
    mine, yours = _file(tmp_path, "mine.sf2"), _file(tmp_path, "yours.sf2")
    monkeypatch.setenv(soundfont.VARIABLE, str(mine))
    assert soundfont.find() == mine
    assert soundfont.find(yours) == yours


@pytest.mark.usefixtures("nowhere")
def test_a_file_that_only_looks_like_one_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _file(tmp_path, "MuseScore_General.sf3", b"not at all")
    monkeypatch.setattr(soundfont, "_FOLDERS", (str(tmp_path),))
    assert soundfont.find().parent.name == "pretty_midi"


@pytest.mark.usefixtures("nowhere")
def test_the_error_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError, match=r"does not exist; .*pip install"):
        soundfont.find(tmp_path / "none.sf2")
    with pytest.raises(ValueError, match=r"is not a SoundFont \(\.sf2 or \.sf3\); .*pip install"):
        soundfont.find(_file(tmp_path, "text.sf2", b"hello"))
    monkeypatch.setattr(soundfont, "find_spec", lambda _: None)
    with pytest.raises(FileNotFoundError, match=r"no SoundFont is on this machine; .*pip install"):
        soundfont.find()


@pytest.mark.usefixtures("nowhere")
def test_every_general_midi_program_has_regions_whose_samples_can_be_read() -> None:
    opened = SoundFont(soundfont.find())
    for program in range(128):
        regions = opened.regions(program, is_drum=False)
        assert regions
        wave = opened.waveform(regions[0].sample)
        assert wave.dtype == np.float32
        assert 0 < np.abs(wave).max() <= 2
    assert opened.regions(0, is_drum=True)
    assert opened.regions(99, is_drum=True) == opened.regions(0, is_drum=True)


@pytest.mark.usefixtures("nowhere")
def test_a_sample_is_kept_once_decoded() -> None:
    opened = SoundFont(soundfont.find())
    sample = opened.regions(0, is_drum=False)[0].sample
    assert opened.waveform(sample) is opened.waveform(sample)


def test_generators_and_samples_are_read_as_written(tmp_path: Path, tiny: Tiny) -> None:
    generators = {Generator.KEY_RANGE: 40 | 80 << 8, Generator.PAN: -500}
    opened = SoundFont(_file(tmp_path, "tiny.sf2", tiny(generators)))
    (region,) = opened.regions(0, is_drum=False)
    assert region.keys == (40, 80)
    assert region.generators[Generator.PAN] == -500
    assert region.sample.root_key == 69
    assert len(opened.waveform(region.sample)) == 1000
    with pytest.raises(ValueError, match="no sound for a drum kit"):
        opened.regions(0, is_drum=True)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_soundfont_gives_a_value_error_or_sound(tmp_path: Path, tiny: Tiny, data: st.DataObject) -> None:
    content = bytearray(tiny({Generator.SAMPLE_MODES: data.draw(st.sampled_from((1, 3)))}, fine=True))
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(12, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path = _file(tmp_path, "damaged.sf2", bytes(content[: data.draw(st.integers(12, len(content)))]))
    strike = NoteEvents(np.zeros(1), np.full(1, 0.2), np.array([60]), np.array([90]))
    out = np.zeros((2, 4000), dtype=np.float32)
    try:
        Sampler(SoundFont(path), 8000).play(0, False, strike, out, (1.0, 1.0))
    except ValueError as error:
        message = str(error)
    else:
        message = ""
    assert "\n" not in message
    assert np.isfinite(out).all()


def test_the_lower_bytes_of_24_bit_samples_are_read(tmp_path: Path, tiny: Tiny) -> None:
    """A sine too faint for 16 bits."""
    wave = 100 / (1 << 23) * np.sin(np.arange(1000) * 2 * np.pi / 100)
    for fine, error in ((True, 0.6 / (1 << 23)), (False, 2 / (1 << 16))):
        opened = SoundFont(_file(tmp_path, f"{fine}.sf2", tiny({}, wave, fine=fine)))
        heard = opened.waveform(opened.regions(0, is_drum=False)[0].sample)
        assert np.abs(heard - wave).max() < error
        assert (np.abs(heard - wave).max() > 0.6 / (1 << 23)) != fine


def test_a_bank_is_looked_in_first_and_missed_without_a_word(tmp_path: Path, tiny: Tiny) -> None:
    opened = SoundFont(_file(tmp_path, "tiny.sf2", tiny({})))
    assert opened.regions(0, is_drum=False, bank=8) is opened.regions(0, is_drum=False)
    banked = SoundFont(_file(tmp_path, "bank.sf2", tiny({}, bank=8)))
    assert banked.regions(0, is_drum=False, bank=8)
    with pytest.raises(ValueError, match="no sound for program 0"):
        banked.regions(0, is_drum=False)


def test_a_preset_of_endless_settings_is_refused_soon(tmp_path: Path, tiny: Tiny) -> None:
    content = bytearray(tiny({Generator.PAN: 1}, zones=30_000, rows_per_zone=30_000))
    opened = SoundFont(_file(tmp_path, "endless.sf2", bytes(content)))
    with pytest.raises(ValueError, match="more than 1000000 settings"):
        opened.regions(0, is_drum=False)
