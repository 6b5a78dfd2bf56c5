"""What is in a file is read, whatever its header says of lengths, and what is odd about it is told."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from menura.audio.containers import Part, PartFile
from menura.audio.io import encode, info, read
from menura.audio.mpeg import frame
from menura.audio.samples import Audio
from menura.progress import Progress

RATE_HZ = 16_000
NUM_SAMPLES = 40_000
SOUND = (
    0.3 * np.sin(np.arange(NUM_SAMPLES) * 0.05) + 0.05 * np.random.default_rng(0).standard_normal(NUM_SAMPLES)
).astype(np.float32)


def stored(container: str, subtype: str, rate_hz: int = RATE_HZ, channels: int = 1, endian: str = "FILE") -> bytes:
    file = io.BytesIO()
    samples = np.repeat(SOUND[:, None], channels, axis=1)
    soundfile.write(file, samples, rate_hz, format=container, subtype=subtype, endian=endian)
    return file.getvalue()


FILES: dict[str, Callable[..., bytes]] = {
    "wav": lambda **how: stored("WAV", "PCM_16", **how),
    "wav-24": lambda **how: stored("WAV", "PCM_24", **how),
    "wav-float": lambda **how: stored("WAV", "FLOAT", **how),
    "wav-ulaw": lambda **how: stored("WAV", "ULAW", **how),
    "wav-extensible": lambda **how: stored("WAVEX", "PCM_16", **how),
    "rifx": lambda **how: stored("WAV", "PCM_16", endian="BIG", **how),
    "rf64": lambda **how: stored("RF64", "PCM_16", **how),
    "w64": lambda **how: stored("W64", "PCM_16", **how),
    "aiff": lambda **how: stored("AIFF", "PCM_16", **how),
    "aifc": lambda **how: stored("AIFF", "FLOAT", **how),
    "au": lambda **how: stored("AU", "PCM_16", **how),
    "au-little": lambda **how: stored("AU", "PCM_16", endian="LITTLE", **how),
    "caf": lambda **how: stored("CAF", "PCM_16", **how),
    "flac": lambda **how: stored("FLAC", "PCM_16", **how),
    "ogg": lambda **how: stored("OGG", "VORBIS", **how),
    "opus": lambda **how: stored("OGG", "OPUS", **how),
    "mp3": lambda **how: stored("MP3", "MPEG_LAYER_III", **how),
}
PLACES = {
    "wav": (b"data", 4, "<I", 0),
    "wav-24": (b"data", 4, "<I", 0),
    "wav-float": (b"data", 4, "<I", 0),
    "wav-ulaw": (b"data", 4, "<I", 0),
    "wav-extensible": (b"data", 4, "<I", 0),
    "rifx": (b"data", 4, ">I", 0),
    "rf64": (b"ds64", 16, "<Q", 0),
    "w64": (b"data", 16, "<Q", 24),
    "aiff": (b"SSND", 4, ">I", 8),
    "aifc": (b"SSND", 4, ">I", 8),
    "au": (b".snd", 8, ">I", 0),
    "au-little": (b"dns.", 8, "<I", 0),
    "caf": (b"data", 4, ">Q", 4),
}
"""Where the length of the sound is said: after which word, how far, as what, and how much it counts besides."""
PIPED = (0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def heard(content: bytes) -> tuple[Audio, list[str]]:
    """The sound of a file, and what was told of it."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        audio = read(io.BytesIO(content))
    return audio, [str(one.message) for one in told]


def saying(name: str, length: int) -> bytes:
    """A file whose header says so many bytes of sound."""
    word, after, kind, more = PLACES[name]
    content = bytearray(FILES[name]())
    place = content.index(word) + after
    said = length + more if length < 1 << 40 and struct.calcsize(kind) == 8 else length
    content[place : place + struct.calcsize(kind)] = struct.pack(kind, said & (256 ** struct.calcsize(kind) - 1))
    return bytes(content)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_whole_is_read_as_ever_and_nothing_is_told(name: str) -> None:
    content = FILES[name]()
    audio, told = heard(content)
    assert told == []
    np.testing.assert_allclose(audio.samples[0], soundfile.read(io.BytesIO(content), dtype="float32")[0], atol=1e-7)
    about = info(io.BytesIO(content))
    assert about[:2] == (audio.sample_rate_hz, 1)
    assert about.num_samples == pytest.approx(audio.num_samples, abs=2400)  # encoders of mp3 add a little


@pytest.mark.parametrize("length", PIPED)
@pytest.mark.parametrize("name", PLACES)
def test_a_length_that_a_pipe_left_open_is_that_of_the_bytes(name: str, length: int) -> None:
    audio, told = heard(saying(name, length))
    assert audio.samples.tobytes() == heard(FILES[name]())[0].samples.tobytes()
    is_usual = name.startswith("au") and length == 0xFFFFFFFF  # which is how AU itself says it
    assert len(told) == (0 if is_usual else 1)
    assert all("does not say how long it is" in line for line in told)


@pytest.mark.parametrize("name", PLACES)
def test_a_length_that_is_too_short_loses_nothing(name: str) -> None:
    audio, told = heard(saying(name, 20_000))
    assert audio.samples.tobytes() == heard(FILES[name]())[0].samples.tobytes()
    assert len(told) == 1
    assert "are there, and were read" in told[0]


@pytest.mark.parametrize("name", FILES)
def test_what_is_left_of_a_file_that_was_cut_is_read_and_that_is_told(name: str) -> None:
    content = FILES[name]()
    whole, _ = heard(content)
    audio, told = heard(content[: len(content) * 6 // 10])
    assert 0.3 * whole.num_samples < audio.num_samples < 0.7 * whole.num_samples  # pages of ogg are large
    if name not in ("ogg", "opus", "mp3"):
        assert np.array_equal(audio.samples, whole.samples[:, : audio.num_samples])
    assert len(told) == 1
    assert "cut short" in told[0]


@pytest.mark.parametrize("name", FILES)
def test_a_last_byte_that_is_missing_costs_a_moment_and_no_more(name: str) -> None:
    audio, told = heard(FILES[name]()[:-1])
    assert audio.num_samples > 0.7 * NUM_SAMPLES
    assert len(told) == 1


@pytest.mark.parametrize("name", FILES)
def test_files_that_were_joined_are_read_to_the_end_of_the_last(name: str) -> None:
    first, second = FILES[name](), FILES[name](rate_hz=8000, channels=2)
    whole, _ = heard(first)
    audio, told = heard(first + first + second)
    assert audio.sample_rate_hz == whole.sample_rate_hz
    assert audio.num_channels == 1
    assert audio.num_samples == 2 * whole.num_samples + 2 * heard(second)[0].num_samples
    for start in (0, whole.num_samples):
        again = audio.samples[:, start : start + whole.num_samples]
        np.testing.assert_allclose(again, whole.samples, atol=1e-7)
    assert len(told) == 1
    assert "3 sounds one after another" in told[0]


@pytest.mark.parametrize("piped", [0, 0xFFFFFFFF])
def test_files_that_were_piped_and_then_joined_are_both_read(piped: int) -> None:
    audio, told = heard(2 * saying("wav", piped))
    assert audio.num_samples == 2 * NUM_SAMPLES
    assert len(told) == 3


@pytest.mark.parametrize("name", ["wav", "aiff", "caf", "w64"])
def test_what_programs_write_after_the_sound_is_no_sound(name: str) -> None:
    content = FILES[name]()
    whole, _ = heard(content)
    for after in (b"TAG" + bytes(125), bytes(300), b"ID3\x04\0\0" + bytes(2000)):
        assert heard(content + after) == (whole, [])
    audio, told = heard(content + b"\x01by some program")
    assert audio == whole
    assert "ends with 16 bytes that are no sound" in told[0]


def test_flac_that_does_not_say_its_length_is_read_to_its_end() -> None:
    content = bytearray(FILES["flac"]())
    said = bytes(content[21:26])
    for samples in (0, 100, NUM_SAMPLES + 5000, 2**36 - 1):
        content[21:26] = bytes([said[0] & 0xF0 | samples >> 32]) + struct.pack(">I", samples & 0xFFFFFFFF)
        audio, told = heard(bytes(content))
        assert audio.num_samples == NUM_SAMPLES
        assert len(told) == (samples > 0)
    assert info(io.BytesIO(FILES["flac"]())).num_samples == NUM_SAMPLES


def test_flac_that_is_damaged_within_is_read_up_to_there() -> None:
    content = bytearray(FILES["flac"]())
    middle = len(content) // 2
    content[middle : middle + 40] = bytes(40)
    audio, told = heard(bytes(content))
    assert audio.num_samples > 0.3 * NUM_SAMPLES
    assert "cut short or damaged" in told[0]


def test_mp3_with_pictures_between_and_counts_that_are_not_true_is_read_whole() -> None:
    content = FILES["mp3"]()
    whole, _ = heard(content)
    tag = b"ID3\x04\0\0\0\0\x40\0" + bytes(0x2000)
    audio, told = heard(tag + content + tag + content + b"TAG" + bytes(125))
    assert audio.num_samples == 2 * whole.num_samples
    assert len(told) == 1
    place = max(content.find(b"Info"), content.find(b"Xing"))
    for count in (3, 100_000):
        lying = bytearray(content)
        lying[place + 8 : place + 12] = struct.pack(">I", count)
        audio, told = heard(bytes(lying))
        assert audio == whole
        assert len(told) == 1
    first = frame(content)
    assert first is not None
    plain, told = heard(content[first.bytes :])  # nothing says how many frames there are, and their bit rates vary
    assert plain.num_samples == pytest.approx(72 * first.samples, abs=1200)  # decoders leave away a little
    assert told == []


def m4a(seconds: float, streamed: bool = False, title: str = "") -> bytes:
    file = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"} if streamed else {}
    with av.open(file, "w", format="mp4", options=options) as container:
        container.metadata["title"] = title
        stream = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        samples = np.resize(SOUND, (1, round(seconds * RATE_HZ)))
        for start in range(0, samples.shape[1], 1024):
            part = np.ascontiguousarray(samples[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = RATE_HZ, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def test_m4a_with_a_title_that_is_not_utf_8_is_heard() -> None:
    content = m4a(1.0, title="Caf--")
    latin = content.replace(b"Caf--", b"Caf\xe9!")
    assert latin != content
    assert heard(latin)[0] == heard(content)[0]


@pytest.mark.parametrize("streamed", [False, True])
def test_m4a_is_measured_by_its_packets_and_limited(streamed: bool) -> None:
    content = m4a(5.0, streamed)
    audio, told = heard(content)
    assert audio.duration_s == pytest.approx(5, abs=0.2)
    assert told == []
    about = info(io.BytesIO(content))
    assert about.num_samples == pytest.approx(5 * RATE_HZ, abs=3000)
    with pytest.raises(ValueError, match="longer than the 1 s that can be read"):
        read(io.BytesIO(content), max_samples=RATE_HZ)


def test_m4a_that_was_cut_is_read_as_far_as_it_goes_or_says_what_is_missing() -> None:
    content = m4a(5.0)
    with pytest.raises(ValueError, match="cut short: its index, which stands at its end, is missing"):
        read(io.BytesIO(content[: len(content) // 2]))
    streamed = m4a(20.0, streamed=True)
    audio, _ = heard(streamed[: len(streamed) * 3 // 4])
    assert audio.duration_s > 1


@pytest.mark.parametrize(
    "head", [b"RIFF", b"FORM", b".snd", b"fLaC", b"OggS", b"caff", b"ID3\x04", b"\xff\xfb\x90\x00"]
)
def test_a_header_of_nothing_is_refused(head: bytes) -> None:
    for rest in (b"", bytes(100), b"\xff" * 100, bytes(range(256))):
        with pytest.raises(ValueError, match="given file object"):
            read(io.BytesIO(head + rest))


def test_a_part_of_a_file_is_a_file_with_its_patches() -> None:
    file = PartFile(io.BytesIO(b"0123456789"), Part(2, 8, ((1, b"ab"), (5, b"c"))))
    assert file.read() == b"2ab56c"
    for start in range(7):
        for count in range(7):
            assert file.seek(start) == min(start, 6)
            assert file.read(count) == b"2ab56c"[start : start + count]
    assert file.seek(-1, 2) == 5
    assert file.seek(-9) == 5  # stays


def test_what_is_odd_is_told_to_whoever_asked_for_the_work(tmp_path: Path) -> None:
    said: list[str] = []

    class Told(Progress):
        def warn(self, text: str) -> None:
            said.append(text)

    (tmp_path / "x.wav").write_bytes(encode(Audio(SOUND, RATE_HZ))[:1000])
    with Told().active():
        read(tmp_path / "x.wav")
    assert said == [f"{tmp_path / 'x.wav'}: is cut short: 956 of 80000 bytes of sound are there, and were read"]
