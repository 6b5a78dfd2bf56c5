"""A voice is asked for by name, as a mixture, or drawn; what does not exist is told with what is near."""

from __future__ import annotations

import pytest

from menura.tasks.voices import voice_weights

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
    assert voice_weights(asked, VOICES) == pytest.approx(weights)


def test_a_drawn_voice_is_the_same_for_its_seed_alone():
    one, again, other = (voice_weights(f"random:{seed}", VOICES) for seed in (7, 7, 8))
    assert one == again != other
    assert sum(one.values()) == pytest.approx(1)
    assert len(one) == 3
    assert voice_weights("random:7", VOICES[:1]) == {"heart": 1.0}


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
        ("random:x", "there is no voice 'random'"),
    ],
)
def test_what_is_no_voice_is_told_in_one_line(asked, told):
    with pytest.raises(ValueError, match=told) as raised:
        voice_weights(asked, VOICES)
    assert "\n" not in str(raised.value)


def test_of_many_voices_a_few_are_named():
    with pytest.raises(ValueError, match=r"there are v0, .* v7 and 92 more, which menura voices lists"):
        voice_weights("nobody", [f"v{number}" for number in range(100)])
