"""bfloat16 in compiled loops is PyTorch's."""

import numpy as np
import torch

from menura.compiled import QUICK, compiled
from menura.models.whisper.bfloat16 import narrowed, wide


@compiled(**QUICK)
def _wide(values):
    out = np.empty(len(values), np.float32)
    for k in range(len(values)):
        out[k] = wide(values[k])
    return out


def test_numbers_are_rounded_and_read_as_pytorch_does():
    x = torch.cat((torch.randn(1000, generator=torch.Generator().manual_seed(0)), torch.tensor([0.0, -1e30, 1e-30])))
    assert np.array_equal(_wide(narrowed(x)), x.bfloat16().float().numpy())
    assert np.array_equal(_wide(x.numpy()), x.numpy())
