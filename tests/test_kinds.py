"""One table says of every file what it is, whoever asks: readers, folders, results, HTTP and the page."""

from __future__ import annotations

from itertools import combinations
from typing import get_args

import pytest

from menura import kinds
from menura.audio.chapters import MARKED
from menura.audio.formats import FORMATS
from menura.data.midi_folder import find_scores
from menura.data.sound_folder import find_sounds
from menura.tasks.inputs import CodesInput, NotesInput, SidecarInput, SoundFontInput, SoundInput


def test_a_suffix_is_of_one_kind():
    for one, other in combinations(kinds.KINDS, 2):
        assert not set(one.suffixes) & set(other.suffixes)
    for kind in kinds.KINDS:
        assert kind.view in get_args(kinds.View)
        assert set(kind.written) <= set(kind.suffixes)
        assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in kind.suffixes)


def test_what_is_written_can_be_read_and_is_what_fields_take():
    assert set(kinds.SOUND.written) == {f".{name}" for name in (*FORMATS, *MARKED)}
    fields = {
        SoundInput: kinds.SOUND,
        NotesInput: kinds.NOTES,
        CodesInput: kinds.CODES,
        SidecarInput: kinds.SIDECAR,
        SoundFontInput: kinds.SOUNDFONT,
    }
    for field, kind in fields.items():
        assert field.suffixes == kind.suffixes


@pytest.mark.parametrize(
    ("name", "media_type", "view"),
    [
        ("a.WAV", "audio/wav", "audio"),
        ("a.oga", "audio/ogg", "audio"),
        ("a.midi", "audio/midi", "notes"),
        ("a.mnr.png", "image/png", "picture"),
        ("a.mnr", "application/octet-stream", "codes"),
        ("a.txt", "text/plain", "other"),
        ("a.html", "application/octet-stream", "other"),
        ("wav", "application/octet-stream", "other"),
    ],
)
def test_the_name_decides_in_letters_of_any_size(name, media_type, view):
    assert (kinds.media_type(name), kinds.view(name)) == (media_type, view)


def test_folders_hold_what_fields_take(tmp_path):
    """Whatever one file may be given as is found in a folder too."""
    for suffix in kinds.SOUND.suffixes:
        (tmp_path / f"{suffix[1:]}{suffix.upper()}").touch()
    for suffix in kinds.NOTES.suffixes:
        (tmp_path / f"notes{suffix}").touch()
    assert len(find_sounds(tmp_path, print)) == len(kinds.SOUND.suffixes)
    assert len(find_scores(tmp_path, print)) == len(kinds.NOTES.suffixes)
