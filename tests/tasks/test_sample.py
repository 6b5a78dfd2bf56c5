"""Sound from a WaveNet, with a file that grows while it is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import menura
from menura import checkpoint
from menura.audio import Audio, read, write
from menura.models.autoencoder.model import Autoencoder
from menura.models.autoencoder.model import tiny as tiny_autoencoder
from menura.models.wavenet.model import WaveNet, tiny
from menura.progress import Cancelled, Progress
from menura.tasks.models import Models
from menura.tasks.perform import perform
from menura.tasks.sample import Sample


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = WaveNet(tiny(categories={"speaker": ("any", "ada"), "text": ("any", "one")}))
    network.last.weight.data *= 8  # untaught, but decided
    return str(checkpoint.save(network.eval(), tmp_path_factory.mktemp("models") / "small", {}))


def test_it_is_as_long_as_asked_and_the_same_again(model, tmp_path):
    one = menura.sample(model, seconds=0.3, speaker="ada", given={"text": "one"}, seed=2, output=tmp_path / "a.flac")
    assert one.audio.num_samples == 2400
    assert one.summary() == {"seconds": 0.3, "rate": 8000, "channels": 1, "speaker": "ada", "text": "one", "seed": 2}
    again = menura.replay(tmp_path / "a.json", output=tmp_path / "b")
    assert (again.audio.samples == one.audio.samples).all()
    assert (tmp_path / "a.flac").read_bytes() == (tmp_path / "b.flac").read_bytes()
    assert menura.sample(model, samples=77).audio.num_samples == 77


def test_a_stream_is_the_whole(model):
    task = Sample.build({"model": model, "seconds": 0.6, "seed": 4})
    stream = task.stream(Models(), Progress())
    parts = list(stream.parts)
    assert len(parts) == 3
    (whole,) = task.run(Models(), Progress())
    assert (np.concatenate(parts, 1) == whole.audio.samples).all()
    assert stream.num_samples == 4800


def test_a_file_grows_and_stays_playable_when_it_is_stopped(model, tmp_path):
    task = Sample.build({"model": model, "seconds": 2, "seed": 1, "save_every": 2000, "output": tmp_path / "x"})

    class Impatient(Progress):
        def show(self, done: int, total: int, what: str) -> None:  # noqa: ARG002
            if done > 8000:
                self.cancel()

    with pytest.raises(Cancelled):
        list(perform(task, Models(), Impatient()))
    part = read(tmp_path / "x.part.wav")
    assert 6000 <= part.num_samples < 16_000
    assert [path.name for path in tmp_path.iterdir()] == ["x.part.wav"]
    with pytest.raises(FileExistsError, match=r"x\.part\.wav exists already"):
        list(perform(task, Models(), Progress()))
    (done,) = perform(task, Models(), Progress(), overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.json", "x.wav"]
    sound = done.result.audio.samples[:, : part.num_samples]
    assert np.abs(part.samples - sound).max() < 1e-4


def test_it_goes_on_from_a_prime(model, tmp_path):
    write(Audio(0.3 * np.sin(np.arange(1000) / 4)[None].astype(np.float32), 8000), tmp_path / "p.wav")
    primed = menura.sample(model, seconds=0.1, seed=0, prime=tmp_path / "p.wav")
    assert not (primed.audio.samples == menura.sample(model, seconds=0.1, seed=0).audio.samples).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"speaker": "eve"}, "there are any, ada"),
        ({"given": "text"}, "write it as name=value"),
        ({"given": "mood=sad"}, "conditioned on speaker, text"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": -2}, "seconds"),
        ({"model": "score_lm"}, "not a WaveNet"),
        ({"model": "nothing"}, "no model"),
        ({"prime": Path("none.wav")}, "none.wav"),
    ],
)
def test_what_cannot_be_drawn_is_told(model, options, words):
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        menura.sample(**{"model": model, **options})


def test_a_prime_of_another_rate_is_told(model, tmp_path):
    write(Audio(np.zeros((1, 1000), np.float32) + 0.1, 16_000), tmp_path / "p.wav")
    with pytest.raises(ValueError, match="at 16000 Hz; the model goes on from sound at 8000 Hz"):
        menura.sample(model, prime=tmp_path / "p.wav")


@pytest.fixture(scope="module")
def blending(tmp_path_factory) -> str:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Autoencoder(tiny_autoencoder()).eval()
    return str(checkpoint.save(network, tmp_path_factory.mktemp("models") / "blending", {}))


def test_between_two_sounds_lies_another_as_long_as_the_longer(blending, tmp_path):
    rng = np.random.default_rng(0)
    for name, shape in (("a", (1, 3000)), ("b", (2, 5000))):
        write(Audio(0.1 * rng.standard_normal(shape).astype(np.float32), 8000), tmp_path / f"{name}.wav")
    files = {"interpolate": tmp_path / "a.wav", "other": tmp_path / "b.wav"}
    ends = [menura.sample(blending, **files, share=share).audio.samples for share in (0.0, 1.0)]
    middle = menura.sample(blending, **files, output=tmp_path / "m.flac")
    assert middle.audio.samples.shape == (2, 5000)
    assert middle.summary()["share"] == 0.5
    network = menura.load(blending)
    whole = network.decode(network.encode(read(tmp_path / "b.wav"))).samples[:, :5000]
    assert np.allclose(ends[1], whole, atol=1e-5)
    assert np.abs(ends[0] - ends[1]).max() > 1e-4
    assert (menura.replay(tmp_path / "m.json").audio.samples == middle.audio.samples).all()


def test_two_sounds_and_an_autoencoder_are_needed_for_it(blending, model, tmp_path):
    write(Audio(np.zeros((1, 500), np.float32), 8000), tmp_path / "a.wav")
    with pytest.raises(ValueError, match="takes two sounds"):
        menura.sample(blending, interpolate=tmp_path / "a.wav")
    with pytest.raises(ValueError, match="is not an autoencoder of sound"):
        menura.sample(model, interpolate=tmp_path / "a.wav", other=tmp_path / "a.wav")
