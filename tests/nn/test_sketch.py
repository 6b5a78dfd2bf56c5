"""A sketch has the shapes of what it stands for, and takes no memory."""

from __future__ import annotations

import torch
from torch import Tensor

from menura.nn.sketch import Sketch


def test_tables_have_their_shapes_and_no_numbers() -> None:
    def tables() -> list[Tensor]:
        rates = 10_000.0 ** (-torch.arange(0, 8, 2) / 8)
        angles = torch.outer(torch.arange(5), rates)
        return [torch.cat((angles.cos(), -angles.sin()), -1), torch.hann_window(6), torch.randn(2, 3) * 0.3]

    with torch.device("meta"), Sketch(1):
        sketched = tables()
    assert all(table.is_meta for table in sketched)
    assert [table.shape for table in sketched] == [table.shape for table in tables()]
