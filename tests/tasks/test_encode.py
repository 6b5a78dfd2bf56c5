"""Sound becomes a file of codes that is what the codec makes of the whole."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

import menura
from menura import sidecar
from menura.app.cli import FAILED, OK, main
from menura.audio import Audio, mnr, read, write
from menura.progress import Cancelled, Progress
from menura.tasks.decode import Decode
from menura.tasks.encode import Encode
from menura.tasks.models import Models
from menura.tasks.perform import perform


@pytest.mark.parametrize("kbps", [0.4, 1.0])
def test_the_file_holds_the_codes_of_the_whole(codec_folder, sound, tmp_path, kbps):
    codec = menura.load(codec_folder)
    result = menura.encode(sound, kbps=kbps, model=str(codec_folder), output=tmp_path / "out.mnr")
    header, codes = mnr.read(tmp_path / "out.mnr")
    whole = codec.encode(read(sound), kbps)
    assert np.array_equal(codes.codes, whole.codes)
    assert (codes.num_samples, header.channels) == (12_000, 2)
    assert header.kbps <= 2 * kbps
    assert result.summary()["kbps"] == round(header.kbps, 3)
    assert (tmp_path / "out.mnr.json").exists()


def test_a_picture_of_the_codes_or_of_the_sound_is_kept_too(codec_folder, sound, tmp_path):
    """And does not take the name of the picture of the sound it was made from."""
    told = {"model": str(codec_folder), "picture": True}
    list(perform(Encode.build({"file": sound, "output": tmp_path / "a.mnr", **told}), Models(), Progress()))
    (done,) = perform(
        Decode.build({"file": tmp_path / "a.mnr", "output": tmp_path / "a.wav", **told}), Models(), Progress()
    )
    assert done.files == (tmp_path / "a.wav", tmp_path / "a.png", tmp_path / "a.json")
    for name in ("a.mnr.png", "a.png"):
        with Image.open(tmp_path / name) as picture:
            assert len(picture.getcolors(1 << 20)) > 8
    assert "a.mnr.png" in sidecar.read(tmp_path / "a.mnr.json").files


def test_effort_searches_and_can_be_stopped(codec_folder, sound, tmp_path):
    codec = menura.load(codec_folder)
    result = menura.encode(sound, kbps=1, model=str(codec_folder), effort=2, output=tmp_path / "out.mnr")
    assert np.array_equal(result.codes.codes, codec.encode(read(sound), 1, 2).codes)
    progress = Progress()
    progress.show = lambda *_: progress.cancel()
    with pytest.raises(Cancelled):
        list(Encode(file=sound, model=str(codec_folder), effort=200).run(Models(), progress))


def test_the_command_line_says_what_it_made_and_replays(codec_folder, sound, tmp_path, capsys):
    out = tmp_path / "in.mnr"
    assert main(["encode", str(sound), "-o", str(out), "--model", str(codec_folder), "--kbps", "1", "--json"]) == OK
    told = json.loads(capsys.readouterr().out)["results"][0]
    assert told["files"] == [str(out), f"{out}.json"]
    assert told["seconds"] == 1.5
    first = out.read_bytes()
    assert main(["replay", f"{out}.json", "-o", str(tmp_path / "again")]) == OK
    assert (tmp_path / "again.mnr").read_bytes() == first
    assert main(["encode", str(sound), "-o", str(out), "--model", str(codec_folder)]) == FAILED
    assert "in.mnr" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        ("empty", "the file is empty"),
        ("text", "damaged or not a sound file"),
        ("eight", "mono or stereo; mix these 8 channels down first"),
        ("rate", "kbps: this codec needs at least"),
        ("nan", "is nan, not a finite number"),
        ("missing", "there is no such file"),
    ],
)
def test_what_cannot_be_encoded_is_refused_in_one_line(codec_folder, sound, tmp_path, capsys, made, complaint):
    path = tmp_path / "bad.wav"
    if made == "empty":
        path.write_bytes(b"")
    elif made == "text":
        path.write_text("no sound")
    elif made == "eight":
        write(Audio(np.zeros((8, 100), np.float32), 192_000), path)
    elif made == "nan":
        write(Audio(np.full((1, 100), 0.5, np.float32), 8000), path, bits=32)
        content = bytearray(path.read_bytes())
        content[-8:-4] = np.float32(np.nan).tobytes()
        path.write_bytes(content)
    elif made == "rate":
        path = sound
    arguments = ["encode", str(path), "-o", str(tmp_path / "x.mnr"), "--model", str(codec_folder)]
    assert main([*arguments, "--kbps", "0.1" if made == "rate" else "1"]) == FAILED
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1
    assert not (tmp_path / "x.mnr").exists()


@pytest.mark.parametrize("count", [30, 100])
def test_the_shortest_sound_and_the_highest_rate_are_coded(codec_folder, tmp_path, count):
    write(Audio(np.full((1, count), 0.1, np.float32), 192_000), tmp_path / "short.wav")
    result = menura.encode(tmp_path / "short.wav", model=str(codec_folder), kbps=1)
    assert result.codes.num_samples == round(count / 24)


def test_less_than_a_sample_is_told(codec_folder, tmp_path):
    write(Audio(np.full((1, 1), 0.1, np.float32), 192_000), tmp_path / "short.wav")
    with pytest.raises(ValueError, match=r"short\.wav: is too short; it has not one sample at 8000 Hz"):
        menura.encode(tmp_path / "short.wav", model=str(codec_folder), kbps=1)


@pytest.mark.parametrize("model", ["score_lm", "wavenet-digits"])
def test_a_model_that_is_no_codec_is_told(sound, model):
    with pytest.raises(ValueError, match=f"model: {model} is not a codec"):
        menura.encode(sound, model=model)
