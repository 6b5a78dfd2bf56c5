"""The card of a model says what its folder knows."""

from __future__ import annotations

from menura.train.card import card
from menura.train.loop import Trained


def test_a_card_names_data_length_and_figures(toy):
    trained = Trained(20, 1.5, {"squared_error": 0.1234}, "falling (0.100 lower): it is learning")
    text = card(toy(), trained, {"data": ["set-a", "set-b"], "menura": "0.1.0"})
    assert text.startswith("# toy (only)\n\nMaps five numbers to three.")
    for words in (
        "set-a, set-b; 80 pairs",
        "20 steps, 1.5 minutes, seed 0",
        "batch size 16",
        "peak learning rate 0.03",
        "| squared error | 0.123 |",
        "falling",
    ):
        assert words in text
