"""The moving average of weights starts at them, follows them, and is lent and taken back whole."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from menura.train.average import Average, assign


def test_it_follows_quickly_at_first_and_slowly_later():
    model = nn.Linear(2, 2)
    average = Average(model, decay=0.9)
    assign(model, {name: torch.zeros_like(weight) for name, weight in average.weights.items()})
    before = average.weights["weight"].clone()
    average.update(model, 0)
    assert torch.allclose(average.weights["weight"], before * 0.1)
    average.update(model, 10**6)
    assert torch.allclose(average.weights["weight"], before * 0.09)


def test_a_model_gets_its_own_weights_back_even_after_an_error():
    model = nn.Linear(2, 2)
    average = Average(model)
    assign(model, {name: weight + 1 for name, weight in average.weights.items()})
    own = model.weight.detach().clone()

    def fail() -> None:
        with average.within(model):
            assert torch.equal(model.weight, average.weights["weight"])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert torch.equal(model.weight, own)
