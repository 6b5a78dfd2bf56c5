"""Sound from words: exact, seamless, the same again, and refused in one line."""

from __future__ import annotations

import numpy as np
import pytest

import menura
from menura.audio import measure, read
from menura.progress import Progress
from menura.synth.presets import presets
from menura.tasks import layers
from menura.tasks.layers import Scene
from menura.tasks.models import Models
from menura.tasks.scene import Sound

RATE = 8000


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten seconds, so that what is made in several is not long."""
    monkeypatch.setattr(layers, "_BLOCK_SAMPLES", 10 * RATE)


def made(prompt: str, **options):
    return menura.sound(prompt, rate=RATE, **{"seed": 1, **options})


@pytest.mark.parametrize("seconds", [0.05, 0.6137, 2.5, 26.003])
@pytest.mark.parametrize("loop", [False, True])
def test_it_is_as_long_as_asked(seconds, loop):
    (block_sum,) = {
        sum(block.shape[1] for block in one.blocks())
        for one in [made("rain, thunder, drip", seconds=seconds, loop=loop)]
    }
    assert block_sum == round(seconds * RATE)


def test_the_same_seed_gives_the_same_samples_and_another_gives_others():
    first, again, other = (made("rain and thunder", seconds=2, seed=seed).audio for seed in (4, 4, 5))
    assert first == again
    assert first != other


def test_a_variation_is_the_take_of_the_next_seed():
    takes = list(
        Sound.build({"prompt": "a glass breaks", "variations": 3, "seed": 7, "rate": RATE}).run(Models(), Progress())
    )
    assert [take.name for take in takes] == ["-1", "-2", "-3"]
    assert takes[1].audio == made("a glass breaks", seed=8).audio


def test_the_stream_is_the_sound():
    task = Sound.build({"prompt": "rain, thunder", "seconds": 30, "seed": 3, "rate": RATE})
    stream = task.stream(Models(), Progress())
    parts = list(stream.parts)
    assert len(parts) > 1
    (result,) = task.run(Models(), Progress())
    np.testing.assert_array_equal(np.concatenate(parts, 1), result.audio.samples)


def test_a_loop_has_no_seam():
    audio = made("heavy rain, distant thunder", seconds=6, loop=True).audio
    samples = np.roll(audio.samples[0].astype(float), RATE)
    steps = np.abs(np.diff(samples))
    assert steps[RATE - 1] <= np.quantile(steps, 0.999)
    levels = np.log(np.square(samples).reshape(-1, RATE // 10).mean(1))
    assert abs(levels[10] - levels[9]) <= np.abs(np.diff(levels)).max()


def test_it_is_as_loud_as_asked_and_never_too_loud():
    rain = made("rain", seconds=3, loudness=-30)
    assert measure(rain.audio).integrated_lufs == pytest.approx(-30, abs=0.3)
    loud = measure(made("thunder, fire, breaking glass", seconds=4, loudness=-8).audio)
    assert loud.true_peak_dbtp < -0.9


def test_stems_add_up_to_the_sound(tmp_path):
    made("rain on leaves, wind", seconds=2, stems=True, bits=32, output=tmp_path / "x.wav")
    stems = [read(path).samples for path in sorted((tmp_path / "x-stems").iterdir())]
    assert len(stems) == 2
    np.testing.assert_allclose(sum(stems), read(tmp_path / "x.wav").samples, atol=1e-4)


def test_a_parameter_can_be_set_by_name_or_of_one_layer():
    scene = made("rain and hail", seconds=1, set_="drop_rate=80,hail.surface=glass").scene
    assert scene.layers[0].values["drop_rate"] == 80
    assert scene.layers[1].values["surface"] == "glass"
    for wrong in ("drop_rate=1e9", "colour=3", "hail.colour=3", "drop_rate"):
        with pytest.raises(ValueError, match=r"^set: ") as raised:
            made("rain and hail", set_=wrong)
        assert "\n" not in str(raised.value)


def test_every_layer_has_a_level_and_a_distance():
    usual, moved = (
        made("rain, hail", seconds=1, set_=said).scene.layers for said in ("", "rain.gain_db=-6,distance_m=30")
    )
    assert moved[0].level_db < usual[0].level_db - 6
    assert {layer.distance_m for layer in moved} == {30}
    assert made("thunder", set_="distance_m=500").scene.layers[0].values["distance_m"] == 500


def test_a_clock_ticks_evenly_in_a_long_loop():
    """In blocks of which some are a sample shorter, without a second clock where they meet."""
    length = 25 * RATE + 1
    samples = made("a ticking clock", seconds=length / RATE, loop=True, mono=True).audio.samples[0]
    assert len(samples) == length
    levels = np.square(samples[: 25 * RATE].reshape(-1, RATE // 20)).mean(1)
    loud = levels > 0.1 * levels.max()
    assert (loud & ~np.roll(loud, 1)).sum() == pytest.approx(50, abs=1)


def test_a_preset_is_a_sound_by_itself_and_gives_way_to_what_is_set():
    name, one = next(iter(presets().items()))
    (layer,) = made("", preset=name, seconds=1).scene.layers
    assert layer.values == one.values
    with pytest.raises(ValueError, match="which the words do not name"):
        made("siren", preset=next(name for name, one in presets().items() if one.generator != "siren"))


def test_what_is_far_is_softer_and_duller():
    near, far = (made(words, seconds=3).scene.layers[0] for words in ("rain nearby", "rain far away"))
    assert far.level_db < near.level_db
    scenes = [Scene((layer,), 3 * RATE, RATE, 1, False, 1) for layer in (near, far)]
    spectra = [np.abs(np.fft.rfft(next(scene.mixed())[0])) for scene in scenes]
    hz = np.arange(len(spectra[0]))
    centres = [float((hz * one).sum() / one.sum()) for one in spectra]
    assert centres[1] < centres[0]


@pytest.mark.parametrize("prompt", ["", " ", "<b></b>", "x" * 10_000, "Regen auf dem Dach", "\x00"])
def test_what_names_no_sound_is_refused_in_one_line(prompt):
    with pytest.raises(ValueError, match="prompt") as raised:
        made(prompt)
    assert "\n" not in str(raised.value)
