"""A loop marked in a WAV file is where samplers look for it, and the sound is read as before."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from menura.audio import io
from menura.audio.samples import Audio
from menura.audio.wav_loop import mark_loop


@pytest.mark.parametrize(("bits", "channels", "count"), [(16, 2, 1000), (24, 1, 333), (32, 2, 77)])
def test_the_chunk_says_that_all_of_it_loops(tmp_path: Path, bits: int, channels: int, count: int) -> None:
    sound = Audio(np.random.default_rng(0).uniform(-0.5, 0.5, (channels, count)), 22_050)
    path = tmp_path / "loop.wav"
    io.write(sound, path, bits=bits)
    before = io.read(path)
    mark_loop(path, count, 22_050)
    assert io.read(path) == before
    content = path.read_bytes()
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    at = content.rindex(b"smpl")
    assert struct.unpack("<I", content[at + 4 : at + 8])[0] == len(content) - at - 8
    assert struct.unpack("<6I", content[-24:]) == (0, 0, 0, count - 1, 0, 0)


def test_what_is_no_wav_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    path.write_bytes(b"fLaC" + bytes(40))
    with pytest.raises(ValueError, match="no WAV file"):
        mark_loop(path, 10, 22_050)
