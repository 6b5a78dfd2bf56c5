"""A field that takes a file takes what it holds: the same result comes of it, and the sidecar says what was given."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from pkgutil import resolve_name

import numpy as np
import pytest
import soundfile
import torch
from pydantic import BaseModel

import menura
from menura import checkpoint, sidecar
from menura.audio import Audio, mnr, write
from menura.models.codec.model import Codec, tiny
from menura.score import midi
from menura.tasks import TASKS
from menura.tasks.inputs import CodesInput, Input, NotesInput, SidecarInput, SoundFontInput, SoundInput
from menura.tasks.replay import Replay

RATE = 16_000


@pytest.fixture(scope="module")
def codec(tmp_path_factory) -> str:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return str(checkpoint.save(Codec(tiny()).eval(), tmp_path_factory.mktemp("models") / "codec", {}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, codec, tunes) -> Path:
    """A sound, notes and codes as files."""
    folder = tmp_path_factory.mktemp("inputs")
    samples = np.round(0.1 * np.random.default_rng(0).standard_normal((2, 6000)) * 2**15) / 2**15
    write(Audio(samples, RATE), folder / "x.wav")
    shutil.copy(tunes(1, bars=2) / "tune-0.mid", folder / "x.mid")
    menura.encode(folder / "x.wav", model=codec, output=folder / "x.mnr")
    return folder


def sounds(path: Path) -> dict[str, object]:
    audio = Audio.of(path)
    return {
        "audio": audio,
        "soundfile": soundfile.read(path),
        "scipy": (RATE, (audio.samples * 2**15).astype(np.int16).T),
        "tensor": (torch.from_numpy(audio.samples.copy()), RATE),
        "result": _Result(audio=audio),
    }


class _Result:
    def __init__(self, **parts: object) -> None:
        vars(self).update(parts)


def forms(path: Path, held: dict[str, object]) -> dict[str, object]:
    """What a file holds, in every form that is no path."""
    return {
        "bytes": path.read_bytes(),
        "bytearray": bytearray(path.read_bytes()),
        "memoryview": memoryview(path.read_bytes()),
        "in memory": io.BytesIO(path.read_bytes()),
        **held,
    }


def test_sound_is_encoded_from_whatever_holds_it(folder, codec):
    expected = menura.encode(str(folder / "x.wav"), model=codec)
    with (folder / "x.wav").open("rb") as file:
        for name, given in (forms(folder / "x.wav", sounds(folder / "x.wav")) | {"file": file}).items():
            found = menura.encode(given, model=codec)
            assert np.array_equal(found.codes.codes, expected.codes.codes), name
            assert found.header == expected.header, name


def test_codes_are_decoded_from_whatever_holds_them(folder, codec):
    header, codes = mnr.read(folder / "x.mnr")
    expected = menura.decode(folder / "x.mnr", model=codec).audio
    held = {"pair": (header, codes), "result": menura.encode(folder / "x.wav", model=codec)}
    for name, given in forms(folder / "x.mnr", held).items():
        assert menura.decode(given, model=codec).audio == expected, name
    for name, given in forms(folder / "x.mnr", held).items():
        told, expected = (dict(menura.info(one).summary()) for one in (given, folder / "x.mnr"))
        assert told.pop("weights")[:39] == expected.pop("weights")[:39], name  # as much as a file has
        assert told == expected, name


def test_notes_are_rendered_from_whatever_holds_them(folder):
    score = midi.read(folder / "x.mid")
    expected = menura.render(folder / "x.mid", rate=8000).audio
    found = forms(folder / "x.mid", {"score": score, "result": _Result(score=score)})
    for name in ("bytes", "in memory", "score", "result"):
        given = found[name]
        assert menura.render(given, rate=8000).audio == expected, name


def test_sounds_are_measured_against_each_other_from_whatever_holds_them(folder):
    quieter = Audio.of(folder / "x.wav").gain(-6)
    for given in sounds(folder / "x.wav").values():
        assert menura.evaluate(given, quieter, metrics="snr").mean["snr"] == pytest.approx(6.04, abs=0.05)
    assert menura.evaluate(folder / "x.wav", quieter, metrics="snr").pairs[0].name == "the sound given"


def test_a_piece_goes_on_from_a_score_and_is_played_by_a_soundfont_in_memory(folder, model_folder, packaged_soundfont):
    score = midi.read(folder / "x.mid")
    options = {"bars": 1, "seed": 1, "rate": 8000, "model": model_folder}
    expected = menura.compose(continue_=folder / "x.mid", soundfont=packaged_soundfont, **options)
    found = menura.compose(continue_=score, soundfont=packaged_soundfont.read_bytes(), **options)
    assert found.audio == expected.audio


@pytest.mark.parametrize("verb", TASKS)
def test_no_field_names_a_file_that_cannot_be_given_as_what_it_holds(verb):
    """Folders aside, which hold files, and the index of one."""
    folders = {"data", "out", "cache", "from_", "folder", "index"}
    for name, field in resolve_name(TASKS[verb][0]).model_fields.items():
        if name != "output" and Path in resolve_name("menura.tasks.task:plain_types")(field):
            assert name in folders, f"{verb}: {name}"


@pytest.mark.parametrize("kind", [SoundInput, NotesInput, CodesInput, SidecarInput, SoundFontInput])
@pytest.mark.parametrize("given", [3, None, 2.5, ["x"], object(), io.StringIO("text"), np.zeros(9), (1, 2, 3)])
def test_what_is_none_of_these_is_refused_in_one_line(kind, given):
    with pytest.raises(ValueError, match=r"\A(takes a|the|sound is)[^\n]+\Z"):
        kind.of(given)


def test_a_wrong_input_is_refused_by_its_name(folder):
    with pytest.raises(menura.Refused, match=r"^file: sound is .*not ndarray without a rate"):
        menura.encode(np.zeros(99))
    with pytest.raises(menura.Refused, match=r"^file: takes a MIDI file, its bytes or a Score, not Audio$"):
        menura.render(Audio.of(folder / "x.wav"))
    with pytest.raises(menura.Refused, match=r"this is not a readable MIDI file"):
        menura.render(b"MThd")


def test_the_sidecar_has_the_hash_of_what_was_given_and_replay_asks_for_it(folder, codec, tmp_path):
    """A sound in memory is found again in any file that holds the same samples; a score in its MIDI file."""
    audio = Audio.of(folder / "x.wav")
    menura.encode(audio, model=codec, output=tmp_path / "y.mnr")
    note = sidecar.read(tmp_path / "y.mnr.json")
    assert note.parameters["file"] is None
    assert note.inputs["file"].startswith("samples-sha256:")
    with pytest.raises(menura.Refused, match="file was not a file but given by a program; name one that holds it"):
        menura.replay(tmp_path / "y.mnr.json")
    shutil.copy(folder / "x.wav", tmp_path / "kept.wav")
    write(audio, tmp_path / "kept.flac", bits=24)
    for same in (tmp_path / "kept.wav", str(tmp_path / "kept.flac"), audio, (audio.samples, RATE)):
        again = menura.replay(tmp_path / "y.mnr.json", given={"file": same})
        assert np.array_equal(again.codes.codes, mnr.read(tmp_path / "y.mnr")[1].codes)
    told = f"file={tmp_path / 'kept.wav'}"  # as the command line says it
    assert Replay.build({"file": tmp_path / "y.mnr.json", "given": told}).recorded().file.read() == audio
    with pytest.warns(UserWarning, match="sound given is not what it was made from"):
        menura.replay(tmp_path / "y.mnr.json", given={"file": audio.gain(-1)})
    with pytest.raises(menura.Refused, match="given: 'prime' is no file"):
        menura.replay(tmp_path / "y.mnr.json", given={"prime": audio})


def test_what_was_given_as_bytes_or_score_has_the_hash_of_its_file(folder, tmp_path):
    for number, given in enumerate((midi.read(folder / "x.mid"), (folder / "x.mid").read_bytes(), folder / "x.mid")):
        menura.render(given, rate=8000, output=tmp_path / str(number))
    notes = [sidecar.read(tmp_path / f"{number}.json") for number in range(3)]
    assert len({note.inputs["file"] for note in notes}) == 1
    assert [note.parameters["file"] is None for note in notes] == [True, True, False]
    again = menura.replay(tmp_path / "0.json", given={"file": folder / "x.mid"})
    assert again.audio == menura.replay(tmp_path / "2.json").audio
    content = (tmp_path / "2.json").read_bytes()
    with pytest.raises(FileNotFoundError):  # its file is looked for from where the program is
        menura.replay(content)
    assert menura.replay(content, given={"file": folder / "x.mid"}).audio == again.audio
    assert menura.replay(notes[2], given={"file": folder / "x.mid"}).audio == again.audio


def test_a_field_of_each_kind_says_which_files_it_takes():
    class Fields(BaseModel):
        sound: SoundInput | None = None
        notes: NotesInput

    properties = Fields.model_json_schema()["properties"]
    assert properties["notes"] | {"type": "string", "x-accept": [".mid", ".midi"]} == properties["notes"]
    assert Fields(notes="x.mid").model_dump(mode="json") == {"sound": None, "notes": "x.mid"}  # pyright: ignore
    assert issubclass(SoundInput, Input)
