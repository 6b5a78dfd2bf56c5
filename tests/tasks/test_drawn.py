"""Sound drawn from noise: as long as asked, the same by seed, seamless as a loop; of a recording only what is asked
for is changed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import menura
from menura import checkpoint
from menura.audio import Audio
from menura.models.autoencoder.model import Autoencoder
from menura.models.autoencoder.model import tiny as tiny_autoencoder
from menura.models.embedder.model import Embedder
from menura.models.embedder.model import tiny as tiny_embedder
from menura.models.latent_diffusion.model import LatentDiffusion, tiny
from menura.progress import Cancelled, Progress, cancel_after
from menura.tasks.drawn import Drawer
from menura.text.sounds import clauses

RATE_HZ = 8000
LONGEST_S = 48 * 256 / RATE_HZ


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    home = tmp_path_factory.mktemp("models")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        diffusion = LatentDiffusion(tiny())
        for part in ("write", *(f"blocks.{number}.cross.out" for number in range(tiny().depth))):
            torch.nn.init.normal_(diffusion.get_submodule(part).get_parameter("weight"), std=0.3)
        networks = {
            "model": diffusion,
            "autoencoder": Autoencoder(tiny_autoencoder()),
            "embedder": Embedder(tiny_embedder()),
        }
    return {name: str(checkpoint.save(one.eval(), home / name, {})) for name, one in networks.items()}


@pytest.fixture(scope="module")
def drawn(folders):
    def sound(prompt: str, **options):
        return menura.sound(prompt, **{"rate": RATE_HZ, "steps": 2, "seed": 1, **folders, **options})

    return sound


@pytest.fixture(scope="module")
def recording():
    time = np.arange(3 * RATE_HZ) / RATE_HZ
    return Audio((0.3 * np.sin(2 * np.pi * 440 * time) * np.exp(-time)).astype(np.float32), RATE_HZ)


@pytest.mark.parametrize("seconds", [0.05, 0.731, LONGEST_S + 1])
@pytest.mark.parametrize("loop", [False, True])
def test_it_is_as_long_as_asked(drawn, seconds, loop):
    audio = drawn("nobody knows what", engine="diffusion", seconds=seconds, loop=loop).audio
    assert audio.num_samples == round(seconds * RATE_HZ)
    assert np.isfinite(audio.samples).all()
    assert np.abs(audio.samples).max() > 0.01


def test_a_seed_decides_and_so_do_words(drawn):
    first, again, other, words = (
        drawn(words, engine="diffusion", seconds=1, seed=seed).audio
        for words, seed in (("a thing", 1), ("a thing", 1), ("a thing", 2), ("a bell", 1))
    )
    assert first == again
    assert first != other
    assert first != words


def test_parts_of_the_words_are_layers_and_the_nearer_engine_is_taken(drawn):
    both = drawn("rain, a thing and frogs", engine="auto", seconds=1).summary()["layers"]
    assert [layer["layer"] for layer in both] == ["rain", "a thing", "frogs"]
    assert both[1]["sound"] == "drawn"
    assert {both[0]["sound"], both[2]["sound"]} <= {"rain", "frogs", "drawn"}
    assert clauses("rain while it thunders; and,, a dog") == ("rain", "it thunders", "a dog")


def test_outside_of_what_is_filled_in_nothing_changes(drawn, recording):
    filled = drawn("bell", init=recording, inpaint="1.0-1.5").audio
    assert (filled.samples[:, :RATE_HZ] == recording.samples[:, :RATE_HZ]).all()
    assert (filled.samples[:, 3 * RATE_HZ // 2 :] == recording.samples[:, 3 * RATE_HZ // 2 :]).all()
    inside = slice(round(1.1 * RATE_HZ), round(1.4 * RATE_HZ))
    assert np.abs(filled.samples[:, inside] - recording.samples[:, inside]).max() > 1e-3


def test_it_goes_on_after_a_recording(drawn, recording):
    longer = drawn("bell", init=recording, extend=0.7).audio
    assert longer.num_samples == round(3.7 * RATE_HZ)
    assert (longer.samples[:, : 3 * RATE_HZ] == recording.samples).all()


def test_a_recording_is_given_up_as_far_as_asked(drawn, recording):
    short = Audio(recording.samples[:, :RATE_HZ], RATE_HZ)
    little, much = (drawn("bell", init=short, strength=strength).audio for strength in (0.01, 1.0))
    assert little.num_samples == much.num_samples == RATE_HZ
    assert little != much


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"engine": "diffusion", "prompt": ""}, "prompt: is empty"),
        ({"engine": "auto", "set_": {"drop_rate": "3"}}, "set: is for sounds made by rules"),
        ({"engine": "diffusion", "seconds": 121}, "seconds: at most 120 are drawn"),
        ({"inpaint": "1-2"}, "init: is the recording"),
        ({"init": True, "prompt": "", "table": b"prompt\nbell\n"}, "init: there is a table too"),
        ({"init": True, "inpaint": "2.5-3.5"}, "inpaint: 2.5-3.5 is not within the 3.00 s"),
        ({"init": True, "inpaint": "1-2", "extend": 1}, "inpaint: and extend"),
        ({"init": True, "loop": True}, "init: decides the length"),
        ({"init": True}, "init: lasts 3.0 s; 1.5 s are changed at once"),
        ({"init": True, "extend": 3}, "too long to be filled in at once"),
    ],
)
def test_what_cannot_be_is_one_line(drawn, recording, options, said):
    options = {"prompt": "bell"} | options | ({"init": recording} if options.get("init") else {})
    with pytest.raises(ValueError, match=said):
        drawn(**options)


def test_without_a_model_that_is_said_before_any_work():
    with pytest.raises(ValueError, match="model: "):
        menura.sound("bell", engine="diffusion", model="no-such-model")


def test_it_can_be_stopped_between_two_steps(folders):
    progress = Progress()
    drawer = Drawer(*(checkpoint.load(folders[name]) for name in ("model", "autoencoder", "embedder")))
    with progress.active(), cancel_after(0), pytest.raises(Cancelled):
        drawer.changed(Audio(np.zeros((1, RATE_HZ), np.float32), RATE_HZ), "bell", 1.0, 0)
