"""A voice is asked for by name, as a mixture, or drawn; what does not exist is told with what is near."""

from __future__ import annotations

import pytest

from menura.tasks.voices import Mixture, mixture

VOICES = ("heart", "fenrir", "emma", "kerstin")


@pytest.mark.parametrize(
    ("asked", "weights"),
    [
        ("heart", {"heart": 1.0}),
        ("Heart", {"heart": 1.0}),
        ("heart:0.6,fenrir:0.4", {"heart": 0.6, "fenrir": 0.4}),
        ("heart:3, emma:1", {"heart": 0.75, "emma": 0.25}),
        ("heart,emma", {"heart": 0.5, "emma": 0.5}),
        ("emma:1,emma:1", {"emma": 1.0}),
    ],
)
def test_names_and_mixtures_are_weights_that_add_up_to_one(asked, weights):
    assert mixture(asked, VOICES).shares == pytest.approx(weights)


def test_a_mixture_may_have_a_body_and_a_pitch_of_its_own_and_is_read_as_it_is_written():
    asked = mixture("heart:0.6,fenrir:0.4,formant:0.9,semitones:-2", VOICES)
    assert asked == Mixture({"heart": 0.6, "fenrir": 0.4}, 0.9, -2.0)
    assert mixture(str(asked), VOICES) == asked


def test_a_drawn_voice_is_the_same_for_its_seed_alone():
    one, again, other = (mixture(f"random:{seed}", VOICES) for seed in (7, 7, 8))
    assert one == again != other
    assert sum(one.shares.values()) == pytest.approx(1)
    assert len(one.shares) == 3
    assert one.formant != 1
    assert (one.formant > 1) == (one.semitones > 0), "who is smaller speaks higher"
    assert mixture("random:7", VOICES[:1]).shares == {"heart": 1.0}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("hart", "there is no voice 'hart'; did you mean heart?"),
        ("fenris:0.5,heart", "did you mean fenrir?"),
        ("zzz", "there are heart, fenrir, emma, kerstin"),
        ("", "the voice is empty"),
        (" , ", "the voice is empty"),
        ("heart:much", "'heart:much' has no weight above 0"),
        ("heart:-1", "no weight above 0"),
        ("heart:nan", "no weight above 0"),
        ("heart:0", "no weight above 0"),
        ("heart,formant:3", "'formant:3' has no number from 0.7 to 1.4"),
        ("heart,semitones:x", "no number from -12 to 12"),
        ("formant:0.9", "the voice is empty"),
        ("random:x", "there is no voice 'random'"),
    ],
)
def test_what_is_no_voice_is_told_in_one_line(asked, told):
    with pytest.raises(ValueError, match=told) as raised:
        mixture(asked, VOICES)
    assert "\n" not in str(raised.value)


def test_of_many_voices_a_few_are_named():
    with pytest.raises(ValueError, match=r"there are v0, .* v7 and 92 more, which menura voices lists"):
        mixture("nobody", [f"v{number}" for number in range(100)])
