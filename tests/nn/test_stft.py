"""Causal spectra lose nothing, whole or in chunks, and do not see ahead."""

import pytest
import torch

from menura.nn.stft import CausalSTFT

STFT = CausalSTFT(64, 16)
SOUND = torch.randn(2, 160, generator=torch.Generator().manual_seed(0))


def test_the_inverse_gives_the_sound_back_late_by_its_context():
    padded = torch.nn.functional.pad(SOUND, (0, STFT.context_samples))
    back, _ = STFT.inverse(STFT(padded))
    assert torch.allclose(back[:, STFT.context_samples :], SOUND, atol=1e-6)


@pytest.mark.parametrize("hops", [1, 2, 3, 5, 10])
def test_chunks_give_what_the_whole_does(hops):
    whole = STFT(SOUND)
    past, tail, frames, sounds = torch.zeros(2, 48), torch.zeros(2, 48), [], []
    for chunk in SOUND.split(16 * hops, dim=-1):
        frames.append(STFT(chunk, past))
        past = torch.cat((past, chunk), -1)[:, -48:]
        sound, tail = STFT.inverse(frames[-1], tail)
        sounds.append(sound)
    assert torch.allclose(torch.cat(frames, 1), whole, atol=1e-5)
    assert torch.allclose(torch.cat(sounds, 1), STFT.inverse(whole)[0], atol=1e-6)


def test_a_frame_does_not_see_what_comes_after_its_hop():
    changed = SOUND.clone()
    changed[:, 80:] = 1.0
    assert torch.equal(STFT(changed)[:, :5], STFT(SOUND)[:, :5])
    assert not torch.equal(STFT(changed)[:, 5], STFT(SOUND)[:, 5])
