"""Files: what is written is read back, bad files are refused in one line, nothing is half written or overwritten."""

import io
import os
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from menura.audio.formats import FORMATS
from menura.audio.io import append, convert, encode, info, read, write
from menura.audio.samples import Audio

ONE_LINE = r"\A[^\n]+\Z"


def tone(rate_hz: int = 44100, duration_s: float = 0.5, num_channels: int = 2, height: float = 0.5) -> Audio:
    times_s = np.arange(round(rate_hz * duration_s)) / rate_hz
    pitches_hz = 440 * (1 + np.arange(num_channels))[:, None]
    return Audio(height * np.sin(2 * np.pi * pitches_hz * times_s), rate_hz)


@pytest.mark.parametrize("rate_hz", [8000, 22050, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize(
    ("format", "bits", "error"),
    [
        ("wav", 16, 2**-14),
        ("wav", 24, 2**-23),
        ("wav", 32, 0),
        ("flac", 16, 2**-14),
        ("flac", 24, 2**-23),
        ("aiff", 16, 2**-14),
        ("aiff", 24, 2**-23),
        ("aiff", 32, 0),
    ],
)
def test_lossless_formats_give_back_every_sample(format: str, bits: int, error: float, rate_hz: int) -> None:
    audio = tone(rate_hz, 0.1)
    again = read(io.BytesIO(encode(audio, format, bits=bits)))
    assert again.sample_rate_hz == rate_hz
    assert np.abs(again.samples - audio.samples).max() <= error


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("format", ["ogg", "opus", "mp3"])
def test_lossy_formats_take_every_rate_and_keep_the_tone(format: str, rate_hz: int) -> None:
    again = read(io.BytesIO(encode(tone(rate_hz), format)))
    rates_hz = FORMATS[format].rates_hz
    assert again.sample_rate_hz == (min([r for r in rates_hz if r >= rate_hz], default=48000) if rates_hz else rate_hz)
    assert again.duration_s == pytest.approx(0.5, abs=0.06)
    spectrum = np.abs(np.fft.rfft(again.samples[0]))
    assert np.argmax(spectrum) / again.duration_s == pytest.approx(440, abs=4)


@given(
    st.lists(st.integers(-32768, 32767), min_size=1, max_size=50),
    st.sampled_from(["wav", "flac", "aiff"]),
    st.sampled_from([16, 24]),
)
@settings(max_examples=40, deadline=None)
def test_16_bit_samples_pass_through_untouched(values: list[int], format: str, bits: int) -> None:
    audio = Audio(np.array(values, np.int16), 16000)
    assert read(io.BytesIO(encode(audio, format, bits=bits))) == audio


def test_dither_is_seeded_triangular_and_keeps_what_is_under_one_step() -> None:
    faint = tone(duration_s=2, num_channels=1, height=0.4 / 32768)
    assert encode(faint, seed=1) == encode(faint, seed=1) != encode(faint, seed=2)
    again = read(io.BytesIO(encode(faint)))
    steps = (again.samples - faint.samples) * 32768
    assert np.abs(steps).max() <= 1.5
    assert steps.var() == pytest.approx(1 / 12 + 1 / 6, rel=0.05)
    correlation = float(np.vdot(again.samples, faint.samples) / np.vdot(faint.samples, faint.samples))
    assert correlation == pytest.approx(1, abs=0.1)  # plain rounding would give silence


def test_silence_stays_silence() -> None:
    assert read(io.BytesIO(encode(Audio.silence(0.1, 8000)))).peak == 0


@pytest.mark.parametrize(("format", "bits"), [("wav", 16), ("wav", 24), ("flac", 16), ("aiff", 24)])
def test_integer_formats_clip_and_float_does_not(format: str, bits: int) -> None:
    loud = tone(height=3.0)
    assert read(io.BytesIO(encode(loud, format, bits=bits))).peak == 1
    assert read(io.BytesIO(encode(loud, "wav", bits=32))) == loud


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_a_file_is_converted_block_by_block_to_what_the_whole_would_be(tmp_path: Path, format: str) -> None:
    write(tone(44_100, 4.0), tmp_path / "x.wav", bits=24)
    convert(tmp_path / "x.wav", tmp_path / "y", format)
    whole = read(io.BytesIO(encode(read(tmp_path / "x.wav"), format)))
    np.testing.assert_allclose(read(tmp_path / "y").samples, whole.samples, rtol=0, atol=1e-6, equal_nan=False)
    with pytest.raises(FileExistsError):
        convert(tmp_path / "x.wav", tmp_path / "y", format)
    (tmp_path / "x.wav").write_bytes(b"no sound")
    with pytest.raises(ValueError, match="not a sound file"):
        convert(tmp_path / "x.wav", tmp_path / "z", format)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.wav", "y"]


def test_sound_is_added_to_a_file_that_can_be_played_all_along(tmp_path: Path) -> None:
    parts = [tone(8000, 0.5, 1).cut(0, end) for end in (0.1, 0.3, 0.5)]
    for count, part in enumerate(parts, 1):
        append(part, tmp_path / "x.wav")
        assert read(tmp_path / "x.wav").num_samples == sum(one.num_samples for one in parts[:count])
    joined = np.concatenate([part.samples for part in parts], axis=1)
    np.testing.assert_allclose(read(tmp_path / "x.wav").samples, joined, atol=2**-14)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.AIFF", "a.aif", "a.ogg", "a.opus", "a.mp3"])
def test_the_extension_names_the_format(tmp_path: Path, name: str) -> None:
    write(tone(), tmp_path / name)
    container = soundfile.info(tmp_path / name).format
    assert container == {"aif": "AIFF", "opus": "OGG"}.get(name[2:].lower(), name[2:].upper())
    assert list(tmp_path.iterdir()) == [tmp_path / name]


def test_write_to_an_open_file_needs_a_format() -> None:
    file = io.BytesIO()
    write(tone(), file, format="flac")
    assert read(io.BytesIO(file.getvalue())).num_channels == 2
    with pytest.raises(ValueError, match="format is not given"):
        write(tone(), io.BytesIO())


def test_a_file_is_overwritten_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write(tone(), path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="exists already"):
        write(tone(height=0.1), path)
    assert path.read_bytes() == before
    write(tone(height=0.1), path, overwrite=True)
    assert path.read_bytes() != before


def test_a_failed_write_leaves_nothing_and_keeps_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(soundfile.SoundFile, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tone(), path, overwrite=True)
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("a.wav", b"old")]


def test_files_carry_the_usual_permissions(tmp_path: Path) -> None:
    write(tone(), tmp_path / "a.wav")
    (tmp_path / "b").touch()
    assert os.stat(tmp_path / "a.wav").st_mode == os.stat(tmp_path / "b").st_mode


@pytest.mark.parametrize(
    ("audio", "name", "bits", "words"),
    [
        (tone(), "a.xyz", 16, "cannot write 'xyz'"),
        (tone(), "a", 16, "format is not given"),
        (tone(), "a.wav", 8, "bits are 16, 24 or 32"),
        (tone(), "a.flac", 32, "flac holds 16 or 24"),
        (tone(num_channels=3), "a.mp3", 16, "at most 2 channels"),
        (Audio.silence(0, 44100), "a.wav", 16, "zero length"),
        (Audio.silence(1, 4000), "a.wav", 16, "8000 to 192000"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_line(
    tmp_path: Path, audio: Audio, name: str, bits: int, words: str
) -> None:
    with pytest.raises(ValueError, match=ONE_LINE) as caught:
        write(audio, tmp_path / name, bits=bits)
    assert words in str(caught.value)
    assert not list(tmp_path.iterdir())


def _bad_files() -> dict[str, tuple[bytes, str]]:
    whole = {format: encode(tone(), format) for format in ("wav", "flac", "aiff")}
    nan = struct.pack("<f", float("nan"))
    float_wav = encode(tone(duration_s=0.01), "wav", bits=32)
    return {
        "empty.wav": (b"", "is empty"),
        "text.wav": (b"not sound at all\n" * 20, "not a sound file"),
        "header.wav": (whole["wav"][:44], "zero length"),
        "stub.wav": (whole["wav"][:20], "not a sound file"),
        "header.flac": (whole["flac"][:300], "zero length"),
        "nan.wav": (float_wav[:-4] + nan, "not a finite number"),
        "samples.raw": (b"\0" * 64, "not a sound file"),
        "zero.wav": (_wav_of_no_samples(), "zero length"),
    }


def _wav_of_no_samples() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros((0, 1)), 8000, format="WAV")
    return file.getvalue()


@pytest.mark.parametrize("name", _bad_files())
def test_a_bad_file_is_refused_with_its_name_in_one_line(tmp_path: Path, name: str) -> None:
    content, words = _bad_files()[name]
    path = tmp_path / name
    path.write_bytes(content)
    for source in (read, Audio.of):
        with pytest.raises(ValueError, match=ONE_LINE) as caught:
            source(path)
        assert words in str(caught.value)
    with pytest.raises(ValueError, match=str(path)):
        read(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such file"):
        read(tmp_path / "none.wav")
    with pytest.raises(ValueError, match="is a folder"):
        read(tmp_path)


@pytest.mark.parametrize("format", ["wav", "flac", "ogg", "mp3"])
def test_a_file_is_measured_and_its_length_limited_before_it_is_decoded(
    tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"x.{format}"
    write(tone(8000, 60.0), path)
    monkeypatch.setattr(soundfile.SoundFile, "read", None)
    about = info(path)
    assert (about.sample_rate_hz, about.num_channels) == (8000, 2)
    assert about.num_samples == pytest.approx(480_000, abs=3000)
    with pytest.raises(ValueError, match=rf"{path}: is longer than the 30 s that can be read at 16000 Hz"):
        read(path, sample_rate_hz=16_000, mono=True, max_samples=480_000)


def test_what_lies_about_its_length_is_read_no_further_than_allowed() -> None:
    content = bytearray(encode(tone(8000, 10.0, 1), "flac"))
    content[21:26] = bytes([content[21] & 0xF0, 0, 0, 0, 80])
    with pytest.raises(ValueError, match="longer than the 5 s that can be read"):
        read(io.BytesIO(bytes(content)), max_samples=40_000)


def test_what_is_read_at_another_rate_and_mixed_is_the_same_as_what_is_changed_later(tmp_path: Path) -> None:
    write(tone(44_100, 3.0), tmp_path / "x.flac")
    assert read(tmp_path / "x.flac", sample_rate_hz=24_000, mono=True) == read(tmp_path / "x.flac").mono().resampled(
        24_000
    )


@pytest.mark.parametrize("rate_hz", [2_000_000_000, 1])
def test_a_rate_that_nothing_has_costs_nothing(rate_hz: int) -> None:
    content = bytearray(encode(tone(8000, 30.0, 1)))
    content[24:28] = struct.pack("<I", rate_hz)
    with pytest.raises(ValueError, match=r"samples a second|longer than"):
        read(io.BytesIO(bytes(content)), sample_rate_hz=24_000, max_samples=24_000 * 3600)


@pytest.mark.parametrize("words", ["ffconcat version 1.0\nfile {}\n", "#EXTM3U\n#EXTINF:2.0,\n{}\n#EXT-X-ENDLIST\n"])
def test_a_list_of_other_files_is_no_sound(tmp_path: Path, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a stranger's upload would have the server read its own files out to them."""
    write(tone(), tmp_path / "private.wav")
    monkeypatch.chdir(tmp_path)
    for name in ("private.wav", tmp_path / "private.wav", f"file://{tmp_path}/private.wav"):
        (tmp_path / "list.m4a").write_text(words.format(name))
        with pytest.raises(ValueError, match="not a sound file"):
            read("list.m4a")


def test_m4a_without_the_extra_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ValueError, match=r'pip install "menura\[media\]"'):
        read(io.BytesIO(b"\0\0\0\x20ftypM4A " + bytes(200)))


@pytest.mark.filterwarnings("ignore:the given file object")
@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_corrupted_file_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    content = bytearray(encode(tone(8000, 0.05), data.draw(st.sampled_from(sorted(FORMATS)))))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    try:
        outcome = read(io.BytesIO(bytes(content)))
    except ValueError as error:
        outcome = str(error)
    assert outcome.num_samples > 0 if isinstance(outcome, Audio) else "\n" not in outcome
