"""Codes become sound again: the same as the codec's own, in any format, and only with the weights they were made by."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
import torch

import menura
from menura import checkpoint
from menura.app.cli import FAILED, OK, main
from menura.audio import mnr, read
from menura.models.codec import Codec, tiny


@pytest.fixture
def coded(codec_folder, sound, tmp_path):
    menura.encode(sound, kbps=1, model=str(codec_folder), output=tmp_path / "a.mnr")
    return tmp_path / "a.mnr"


def test_the_sound_is_the_codec_s_own(codec_folder, coded, sound):
    codec = menura.load(codec_folder)
    result = menura.decode(coded, model=str(codec_folder))
    whole = codec.decode(codec.encode(read(sound), 1))
    assert result.audio.samples == pytest.approx(whole.samples, abs=1e-5)
    assert result.summary() == {"seconds": 1.5, "rate": 8000, "channels": 2, "kbps": 1.875}


@pytest.mark.parametrize("name", ["b.wav", "b.flac", "b"])
def test_the_output_s_name_says_the_format_and_the_sidecar_knows_it(codec_folder, coded, tmp_path, capsys, name):
    out = tmp_path / name
    assert main(["decode", str(coded), "-o", str(out), "--model", str(codec_folder)]) == OK
    path = out if out.suffix else tmp_path / "b.wav"
    assert read(path).num_channels == 2
    assert main(["replay", str(tmp_path / "b.json"), "-o", str(tmp_path / "again")]) == OK
    assert (tmp_path / f"again{path.suffix}").read_bytes() == path.read_bytes()
    capsys.readouterr()


def test_other_weights_and_a_codec_that_is_not_here_are_told(coded, codec_folder, tmp_path):
    with pytest.raises(ValueError, match=r"a\.mnr was made with the codec 'mine': no model 'mine'"):
        menura.decode(coded)
    torch.manual_seed(1)
    other = checkpoint.save(Codec(tiny()), tmp_path / "other", {})
    with pytest.raises(ValueError, match=r"made with other weights than those of .* \(sha256:"):
        menura.decode(coded, model=str(other))
    content = bytearray(coded.read_bytes())
    content[100] ^= 4
    coded.write_bytes(content)
    with pytest.raises(ValueError, match=r"is damaged at 0\.00 s"):
        menura.decode(coded, model=str(codec_folder))


def test_more_samples_than_the_frames_hold_are_refused(coded, codec_folder):
    header, codes = mnr.read(coded)
    few = mnr.Codes(codes.codes[:, :5], 5 * header.hop_samples, codes.sample_rate_hz)
    mnr.write(coded, few, header, overwrite=True)
    with pytest.raises(ValueError, match="more samples than its frames hold"):
        menura.decode(coded, model=str(codec_folder))


def test_pipes_carry_sound_and_codes(codec_folder, sound, tmp_path, capsys):
    """``menura encode - -o - | menura decode - -o -``: nothing but data on stdout."""
    menura_ = [sys.executable, "-m", "menura"]
    model = ["--model", str(codec_folder)]
    coded = subprocess.run(
        [*menura_, "encode", "-", "-o", "-", "--kbps", "1", *model], input=sound.read_bytes(), capture_output=True
    )
    assert coded.returncode == 0, coded.stderr
    header, _ = mnr.read(io.BytesIO(coded.stdout))
    assert header.channels == 2
    back = subprocess.run([*menura_, "decode", "-", "-o", "-", *model], input=coded.stdout, capture_output=True)
    assert back.returncode == 0, back.stderr
    audio = read(io.BytesIO(back.stdout))
    assert main(["encode", str(sound), "-o", str(tmp_path / "c.mnr"), "--kbps", "1", *model]) == OK
    assert (tmp_path / "c.mnr").read_bytes() == coded.stdout
    assert np.isfinite(audio.samples).all()
    capsys.readouterr()


def test_what_is_no_file_of_codes_is_refused(sound, tmp_path, capsys):
    assert main(["decode", str(sound), "-o", str(tmp_path / "x.wav")]) == FAILED
    assert "in.wav: is not a .mnr file" in capsys.readouterr().err
