"""Latents of a corpus are those of its sounds, computed once."""

from __future__ import annotations

import numpy as np
import pytest

from menura import checkpoint
from menura.audio import Audio, write
from menura.data.contents import sounds_in
from menura.data.sounds import SoundCorpus
from menura.models.autoencoder.model import Autoencoder, tiny
from menura.progress import Progress
from menura.train.latents import latents_of, loaded


def test_each_sound_has_its_own_latents_and_they_are_kept(tmp_path):
    folder = checkpoint.save(Autoencoder(tiny()).eval(), tmp_path / "model", {})
    rng = np.random.default_rng(0)
    for index in range(3):
        sound = 0.1 * rng.standard_normal((1, 1000 + 500 * index)).astype(np.float32)
        write(Audio(sound, 8000), tmp_path / "data" / f"{index}.wav")
    found = [("sounds", sound) for sound in sounds_in(tmp_path / "data", lambda _: None)]
    corpus = SoundCorpus.of(found, 8000, tmp_path, Progress())
    latents, starts = latents_of(corpus, tmp_path, Progress(), folder)
    assert starts[-1] == len(latents)
    start, stop = corpus.starts[1:3]
    own = loaded("autoencoder", folder).encode(Audio(corpus.samples[None, start:stop] / np.float32(32767), 8000))[0]
    assert np.allclose(latents[starts[1] : starts[2]], own, atol=2e-3)
    (kept,) = tmp_path.glob("latents-*.npz")
    before = kept.stat().st_mtime_ns
    assert (latents_of(corpus, tmp_path, Progress(), folder)[0] == latents).all()
    assert kept.stat().st_mtime_ns == before
    with pytest.raises(ValueError, match=r"embedder: .*model is not one"):
        loaded("embedder", folder)
