"""Codes become sound again: the same as the codec's own, in any format, and only with the weights they were made by."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

import menura
from menura import checkpoint
from menura.app.cli import FAILED, OK, main
from menura.audio import mnr, read
from menura.models.codec.model import Codec, tiny
from menura.progress import Progress
from menura.tasks.decode import Decode
from menura.tasks.models import Models


@pytest.fixture
def coded(codec_folder, sound, tmp_path):
    menura.encode(sound, kbps=1, model=str(codec_folder), output=tmp_path / "a.mnr")
    return tmp_path / "a.mnr"


def test_the_sound_is_the_codec_s_own(codec_folder, coded, sound):
    codec = menura.load(codec_folder)
    result = menura.decode(coded, model=str(codec_folder))
    whole = codec.decode(codec.encode(read(sound), 1))
    np.testing.assert_allclose(result.audio.samples, whole.samples, rtol=0, atol=1e-5, equal_nan=False)
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
    with pytest.raises(ValueError, match=r"a\.mnr was made with the codec 'mine'; name where it is \(model=…\): no"):
        menura.decode(coded)
    with pytest.raises(ValueError, match=r"'mine'; name where it is \(--model FOLDER\): no model 'mine'"):
        list(Decode(file=coded).run(Models(), Progress()))
    only_named = Models(only_named=True)
    with pytest.raises(ValueError, match="'mine'; name where it is: no model 'mine': give one of aligner, codec"):
        list(Decode(file=coded).run(only_named, Progress()))
    torch.manual_seed(1)
    other = checkpoint.save(Codec(tiny()), tmp_path / "other", {})
    with pytest.raises(ValueError, match=r"made with other weights than those of .* \(sha256:"):
        menura.decode(coded, model=str(other))
    content = bytearray(coded.read_bytes())
    content[100] ^= 4
    coded.write_bytes(content)
    with pytest.raises(ValueError, match=r"is damaged at 0\.00 s"):
        menura.decode(coded, model=str(codec_folder))


def test_what_is_there_of_a_file_is_decoded_and_what_is_odd_is_told(coded, codec_folder):
    header, codes = mnr.read(coded)
    few = mnr.Codes(codes.codes[:, :5], 5 * header.hop_samples, codes.sample_rate_hz)
    whole = menura.decode(coded, model=str(codec_folder)).audio
    content = coded.read_bytes()
    mnr.write(coded, few, header, overwrite=True)
    with pytest.warns(UserWarning, match="its frames hold"):
        part = menura.decode(coded, model=str(codec_folder)).audio
    assert 0 < part.num_samples < 5 * header.hop_samples
    np.testing.assert_allclose(part.samples, whole.samples[:, : part.num_samples], rtol=0, atol=1e-5, equal_nan=False)
    coded.write_bytes(content[:-20])
    with pytest.warns(UserWarning, match=r"a\.mnr: is cut short after"):
        part = menura.decode(coded, model=str(codec_folder)).audio
    with pytest.warns(UserWarning, match=r"a\.mnr: is cut short after"):
        _, codes = mnr.read(coded)
    assert menura.load(codec_folder).decode(codes).num_samples == part.num_samples
    np.testing.assert_allclose(part.samples, whole.samples[:, : part.num_samples], rtol=0, atol=1e-5, equal_nan=False)


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


@pytest.mark.parametrize("where", [".", "model"])
def test_a_codec_of_one_s_own_is_known_by_the_name_of_its_run(codec_folder, sound, tmp_path, where):
    """And not as "model", as the folder in it is."""
    run = tmp_path / "bells"
    shutil.copytree(codec_folder, run / "model")
    menura.encode(sound, kbps=1, model=str(run / where), output=tmp_path / "b.mnr")
    assert mnr.read(tmp_path / "b.mnr")[0].model == "bells"
    with pytest.raises(ValueError, match="made with the codec 'bells'; name where it is"):
        menura.decode(tmp_path / "b.mnr")
    assert menura.decode(tmp_path / "b.mnr", model=str(run)).audio.num_channels == 2
