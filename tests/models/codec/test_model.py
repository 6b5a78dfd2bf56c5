"""The codec on spectral frames: quick by design, and exact where nothing is quantised."""

import torch

from menura.models.codec.model import Codec, nano, tiny


def test_the_shipped_size_fits_into_sixteen_megabytes_in_half_precision():
    with torch.device("meta"):
        model = Codec(nano())
    numbers = sum(weight.numel() for weight in model.state_dict().values())
    assert numbers * 2 <= 16e6
    assert model.frames_per_s == 75
    assert [model.kbps(num_codebooks) for num_codebooks in (1, 2, 4, 8)] == [0.75, 1.5, 3.0, 6.0]
    assert model.latency_s < 0.07


def test_softer_sound_is_not_lost_in_the_decoder():
    """Magnitudes are told as logarithms: an untaught decoder's levels spread around one that is neither 0 nor full."""
    torch.manual_seed(0)
    model = Codec(tiny()).eval()
    with torch.inference_mode():
        out = model.decode_latents(torch.randn(1, 40, 8))
    assert 1e-5 < float(out.std()) < 0.1
