"""Characters: every style has one, mixtures lie between, and beats keep time."""

from __future__ import annotations

from menura.score.performance.characters import CHARACTERS, PLAIN, character_of
from menura.text.vocabulary import STYLES


def test_every_style_that_can_be_asked_has_a_character() -> None:
    assert set(CHARACTERS) == set(STYLES)


def test_a_mixture_lies_between_its_styles() -> None:
    mixed = character_of({"chopin": 0.25, "bach": 0.75})
    assert mixed.rubato == 0.25 * CHARACTERS["chopin"].rubato + 0.75 * CHARACTERS["bach"].rubato
    assert CHARACTERS["bach"].pedal < mixed.pedal < CHARACTERS["chopin"].pedal
    assert character_of({}) == PLAIN


def test_with_a_drum_kit_the_tempo_does_not_bend() -> None:
    assert character_of({"chopin": 1.0}, has_drums=True).rubato == 0
    assert character_of({}, has_drums=True).ritard < PLAIN.ritard
