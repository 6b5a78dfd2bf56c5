"""The autoencoder: exact where nothing is learnt, of a size that can be shipped, and learning."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura.audio import Audio
from menura.models.autoencoder.model import Autoencoder, nano, tiny


@pytest.fixture(scope="module")
def model() -> Autoencoder:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Autoencoder(tiny()).eval()


def test_the_usual_size_fits_into_eight_megabytes_and_has_few_latents_a_second():
    with torch.device("meta"):
        model = Autoencoder(nano())
    assert sum(weight.numel() for weight in model.state_dict().values()) * 2 <= 8e6
    assert 21 < model.frames_per_s < 43.1


@pytest.mark.parametrize("channels", [1, 2])
def test_sound_of_any_length_becomes_a_latent_a_hop_and_comes_back_as_long(model, channels):
    sound = Audio(0.1 * np.random.default_rng(0).standard_normal((channels, 1000)).astype(np.float32), 8000)
    latents = model.encode(sound)
    assert latents.shape == (channels, -(-1000 // model.hop_samples), 8)
    assert model.decode(latents).samples.shape == (channels, latents.shape[1] * model.hop_samples)


def test_frames_stand_where_their_sound_is(model):
    """What the encoder reads, written by the decoder unchanged, is the sound, in its place."""
    sound, seen = 0.1 * torch.randn(1, 40 * model.hop_samples), []
    reading = model.read.register_forward_pre_hook(lambda _module, given: seen.append(given[0]))
    latents, _ = model.posterior(sound)
    reading.remove()
    real, imaginary = (seen[0][..., part : 2 * 129 : 2] for part in (0, 1))  # compressed
    size = real.square() + imaginary.square()  # which is the magnitude: levels are its logarithm
    written = torch.cat((size.log() + 7, 1e4 * real, 1e4 * imaginary, torch.full_like(size, -20.0)), -1)  # no noise
    writing = model.write.register_forward_hook(lambda *_: written)
    out = model.decode_latents(latents)
    writing.remove()
    assert (out - sound)[:, 256:-256].abs().max() < 1e-3


def test_noise_is_as_loud_as_the_decoder_says(model):
    """White noise of unit variance reads as its level, whatever stands beside it."""
    quiet = torch.full((1, 4 * 200, 129), -30.0)
    written = torch.cat((quiet, quiet * 0, quiet * 0, quiet * 0 + 7 + np.log(0.1)), -1)
    writing = model.write.register_forward_hook(lambda *_: written)
    out = model.decode_latents(torch.zeros(1, 200, 8), torch.randn(1, 200 * model.hop_samples))[0, 256:-256]
    writing.remove()
    gain = 0.5 * model.config.window_samples / model.stft.window.square().sum().sqrt()
    assert float(out.std()) == pytest.approx(0.1 * float(gain), rel=0.1)


def test_stereo_of_two_like_channels_is_mono(model):
    one = 0.1 * np.random.default_rng(1).standard_normal((1, 2048)).astype(np.float32)
    both = model.encode(Audio(np.repeat(one, 2, 0), 8000))
    assert np.allclose(both[:1], model.encode(Audio(one, 8000)), atol=1e-5)


@pytest.mark.parametrize("given", [np.zeros((1, 0), np.float32), np.zeros((3, 100), np.float32)])
def test_what_is_no_sound_for_it_is_told(model, given):
    with pytest.raises(ValueError, match="mono or stereo"):
        model.encode(Audio(given, 8000))


def test_latents_of_another_size_are_told(model):
    with pytest.raises(ValueError, match=r"\[1 or 2, frame, 8\]"):
        model.decode(np.zeros((1, 4, 9), np.float32))
