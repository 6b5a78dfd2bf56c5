"""A folder of the wrong kind is refused at once, with what it holds, and what is left aside is said."""

from __future__ import annotations

import numpy as np
import pytest

from menura.audio import Audio, write
from menura.data.contents import contents, scores_in, sounds_in


@pytest.fixture
def music(tunes, tmp_path):
    return tunes(2, tmp_path / "music")


def with_sound(folder):
    folder.mkdir(exist_ok=True)
    write(Audio(np.full((1, 400), 0.1, np.float32), 8000), folder / "a.wav")
    return folder


def test_each_kind_is_found_alone_and_together(music, tmp_path):
    said: list[str] = []
    sound = with_sound(tmp_path / "sound")
    assert [len(found) for found in contents(music, said.append)] == [0, 2]
    assert len(scores_in(music, said.append)) == 2
    assert len(sounds_in(sound, said.append)) == 1
    assert said == []
    both = with_sound(music)
    assert [len(found) for found in contents(both, said.append)] == [1, 2]
    assert len(scores_in(both, said.append)) == 2
    assert len(sounds_in(both, said.append)) == 1
    assert said == ["1 sounds are left aside", "2 MIDI files are left aside"]


def test_the_wrong_kind_is_refused_with_what_would_be_right(music, tmp_path):
    with pytest.raises(ValueError, match="holds 2 MIDI files and no sound; did you mean score_lm"):
        sounds_in(music, print)
    with pytest.raises(ValueError, match="holds 1 sounds and no MIDI files; did you mean codec or wavenet"):
        scores_in(with_sound(tmp_path / "sound"), print)


@pytest.mark.parametrize("look", [contents, sounds_in, scores_in])
def test_an_empty_folder_is_told_and_archives_in_it_are_named(tmp_path, look):
    with pytest.raises(ValueError, match=r"holds neither sound nor MIDI files$"):
        look(tmp_path, print)
    (tmp_path / "train.zip").write_bytes(b"PK")
    with pytest.raises(ValueError, match=r"train\.zip is not looked into, unpack it first"):
        look(tmp_path, print)
