"""`Audio`: what it accepts, that it cannot be changed, and that its operations keep to their arithmetic."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from menura.audio.io import write
from menura.audio.samples import Audio

RATE = 8000


def noise(num_channels: int = 2, num_samples: int = 400, seed: int = 0) -> Audio:
    return Audio(np.random.default_rng(seed).uniform(-0.5, 0.5, (num_channels, num_samples)), RATE)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_any_float_becomes_float32_channels_by_samples(dtype: type) -> None:
    audio = Audio(np.linspace(-1, 1, 5).astype(dtype), 44100)
    assert audio.samples.dtype == np.float32
    assert audio.samples.shape == (1, 5)


@pytest.mark.parametrize(("dtype", "least"), [(np.int16, -(2**15)), (np.int32, -(2**31)), (np.uint8, 0)])
def test_integers_are_scaled_by_their_full_scale(dtype: type, least: int) -> None:
    assert Audio(np.array([least], dtype), RATE).samples[0, 0] == -1


def test_a_tensor_that_needs_a_gradient_is_taken() -> None:
    assert Audio(torch.zeros(2, 7, requires_grad=True), RATE).num_samples == 7  # type: ignore[arg-type]


def test_it_cannot_be_changed_by_its_maker_nor_by_its_user() -> None:
    source = np.zeros((1, 4), np.float32)
    audio = Audio(source, RATE)
    source[:] = 1
    assert audio.peak == 0
    with pytest.raises(ValueError, match="read-only"):
        audio.samples[0, 0] = 1
    with pytest.raises(AttributeError):
        audio.sample_rate_hz = 1  # type: ignore[misc]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_and_located(bad: float) -> None:
    samples = np.zeros((2, 9))
    samples[1, 3] = bad
    with pytest.raises(ValueError, match="sample 3 of channel 1"):
        Audio(samples, RATE)


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        (np.zeros(3), 0),
        (np.zeros(3), 44100.5),
        (np.zeros(3), "44100"),
        (np.zeros((2, 3, 4)), RATE),
        (np.zeros((0, 3)), RATE),
        (np.zeros((400, 2)), RATE),
        (np.array(["a"]), RATE),
    ],
)
def test_what_is_not_sound_is_refused_in_one_line(samples: np.ndarray, rate: int) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        Audio(samples, rate)


def test_of_takes_pairs_in_either_order_and_either_layout() -> None:
    samples = noise().samples
    for pair in ((samples, RATE), (RATE, samples), (samples.T, RATE), (np.int64(RATE), samples.T)):
        assert Audio.of(pair) == Audio(samples, RATE)
    assert Audio.of(noise()) == noise()
    with pytest.raises(ValueError, match="not dict"):
        Audio.of({})


def test_of_takes_what_toolkits_and_programs_hand_over(tmp_path) -> None:
    """One sound, in every form in which it is commonly held: the same samples come of each."""
    audio = Audio(np.round(noise().samples * 2**15) / 2**15, RATE)
    write(audio, tmp_path / "x.wav")
    content = (tmp_path / "x.wav").read_bytes()
    sixteen = (audio.samples * 2**15).astype(np.int16)
    with (tmp_path / "x.wav").open("rb") as file, (tmp_path / "x.wav").open("rb") as beginning:
        beginning.read(0)
        forms = {
            "path": tmp_path / "x.wav",
            "its name": str(tmp_path / "x.wav"),
            "bytes": content,
            "bytearray": bytearray(content),
            "memoryview": memoryview(content),
            "file": file,
            "in memory": io.BytesIO(content),
            "pipe": Pipe(content),
            "soundfile": soundfile.read(tmp_path / "x.wav"),
            "scipy": (RATE, sixteen.T),
            "torchaudio": (torch.from_numpy(audio.samples.copy()), RATE),
            "tensors": (torch.tensor(RATE), torch.from_numpy(audio.samples.copy()).requires_grad_()),
            "lists": (audio.samples.tolist(), float(RATE)),
            "data set": {"path": None, "array": audio.samples.astype(np.float64), "sampling_rate": RATE},
            "result": SimpleNamespace(audio=audio),
        }
        for name, form in forms.items():
            assert Audio.of(form) == audio, name
    for bare in (audio.samples, audio.samples.T, audio.samples.tolist()):
        assert Audio.of(bare, RATE) == audio
    assert Audio.of((torch.zeros(2, 9, dtype=torch.bfloat16), RATE)).num_samples == 9


class Pipe(io.BytesIO):
    """Bytes that come once."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation("seek")


@pytest.mark.parametrize(
    "source",
    [
        None,
        3,
        noise().samples,
        [1.0, 2.0],
        (RATE, RATE),
        ("x.wav", RATE),
        (noise().samples, noise().samples),
        (noise().samples, -1),
        (noise().samples, 44100.5),
        (noise().samples, RATE, RATE),
        b"",
        b"not sound",
        io.StringIO("text"),
        {"array": [0.0]},
        "no/such/file.wav",
    ],
)
def test_of_says_in_one_line_what_it_takes(source) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        Audio.of(source)


def test_cut_pieces_padded_back_add_up_to_the_whole() -> None:
    audio = noise()
    first, second = audio.cut(0, 0.02), audio.cut(0.02)
    assert first + second.padded(before_s=0.02) == audio
    assert audio.padded(0.01, 0.03).duration_s == pytest.approx(audio.duration_s + 0.04)


@pytest.mark.parametrize("span", [(0.01, 0.01), (0.02, 0.01), (-0.01, 0.02), (0.0, 1.0)])
def test_a_cut_outside_the_sound_is_refused(span: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="cannot cut"):
        noise().cut(*span)


@given(db=st.floats(-40, 40))
def test_gain_undoes_itself(db: float) -> None:
    audio = noise()
    np.testing.assert_allclose(audio.gain(db).gain(-db).samples, audio.samples, rtol=1e-5)


@given(hnp.arrays(np.float32, st.tuples(st.just(6), st.integers(1, 20)), elements=st.floats(-1, 1, width=32)))
def test_mixing_down_never_exceeds_full_scale(samples: np.ndarray) -> None:
    surround = Audio(samples, RATE)
    assert surround.stereo().num_channels == 2
    assert surround.stereo().peak <= 1 + 1e-6
    assert surround.mono().peak <= 1 + 1e-6


def test_mono_and_stereo_agree() -> None:
    mono = noise(1)
    assert mono.stereo().mono() == mono
    with pytest.raises(ValueError, match="3 channels"):
        noise(3).stereo()


def test_mixing_needs_one_rate_and_fitting_channels() -> None:
    assert (noise(1) + noise(2)).num_channels == 2
    with pytest.raises(ValueError, match="resample"):
        noise() + Audio(noise().samples, 16000)
    with pytest.raises(ValueError, match="channels"):
        noise(2) + noise(3)


def test_equal_sounds_are_equal_and_hash_alike() -> None:
    assert noise() == noise()
    assert hash(noise()) == hash(noise())
    assert noise() != noise(seed=1)
    assert noise() != Audio(noise().samples, 16000)
