"""Notes are changed note by note, and what was not changed is the same to the last tick."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.app.server.notes import as_json, changed
from menura.app.server.views import TrackChange
from menura.score import midi
from menura.score.notes import Marker, Metre, Score, Tempo, Track

from .conftest import done, refusal, upload

FLUTE = Track("flute", 73, False, np.array([[0, 480, 72, 90], [480, 240, 74, 80], [960, 480, 76, 70]]))
DRUMS = Track("drums", 0, True, np.array([[0, 10, 36, 100], [480, 10, 38, 100]]))
PIECE = Score((FLUTE, DRUMS), (Tempo(0, 90), Tempo(700, 133)), (Metre(0, 3, 4),), markers=(Marker(0, "A"),), title="x")


@pytest.fixture
def piece(tmp_path):
    midi.write(PIECE, tmp_path / "waltz.mid")
    return tmp_path / "waltz.mid"


def test_ticks_stand_beside_seconds(piece):
    read = as_json(piece)
    assert read["tracks"][0]["ticks"] == [[0, 480], [480, 240], [960, 480]]
    assert read["bar_ticks"] == [0]
    assert read["ticks_per_quarter"] == 480


@given(st.data())
def test_what_is_not_changed_stays_as_it_was(data):
    """However notes are taken away and put in, all others, all other tracks and all else are as they were."""
    removed = data.draw(st.lists(st.integers(0, 2), unique=True))
    added = data.draw(
        st.lists(st.tuples(st.integers(0, 9999), st.integers(1, 999), st.integers(0, 127), st.integers(1, 127)))
    )
    fresh = changed(PIECE, [TrackChange(track=0, removed=removed, added=added)])
    kept = [tuple(note) for index, note in enumerate(FLUTE.notes.tolist()) if index not in removed]
    assert sorted(map(tuple, fresh.tracks[0].notes.tolist())) == sorted(kept + added)
    assert fresh.tracks[1] is DRUMS
    assert (fresh.tempos, fresh.metres, fresh.markers) == (PIECE.tempos, PIECE.metres, PIECE.markers)


def test_a_changed_piece_is_a_file_that_tasks_take(serving, piece):
    client = serving()
    file = upload(client, piece)
    change = {"track": 0, "removed": [1], "added": [[480, 480, 79, 100]]}
    edited = client.post("/v1/notes", json={"file": file, "tracks": [change]}).json()
    assert edited["filename"] == "waltz-edited.mid"
    again = client.post("/v1/notes", json={"file": edited["id"], "tracks": []}).json()
    assert again["filename"] == "waltz-edited.mid"
    played = done(client, "render", {"file": edited["id"]})
    (notes,) = [one for one in played["results"][0]["files"] if one["kind"] == "notes"]
    heard = client.get(notes["url"], params={"format": "notes"}).json()
    assert heard["tracks"][0]["ticks"] == [[0, 480], [480, 480], [960, 480]]
    assert client.get(f"/v1/files/{file}/content").content == piece.read_bytes()
    renamed = client.post("/v1/notes", json={"file": f"{played['id']}/{notes['name']}", "tracks": []})
    assert renamed.status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"track": 2},
        {"track": -1},
        {"track": 0, "removed": [3]},
        {"track": 0, "removed": [-1]},
        {"track": 0, "added": [[0, 0, 60, 60]]},
        {"track": 0, "added": [[-1, 1, 60, 60]]},
        {"track": 0, "added": [[0, 1, 128, 60]]},
        {"track": 0, "added": [[0, 1, 60, 0]]},
        {"track": 0, "added": [[0, 2**31 - 1, 60, 60]]},
        {"track": 0, "added": [[2**31 - 1, 2**31 - 1, 60, 60]]},
        {"track": 0, "added": [[0, 1, 60]]},
        {"track": 0, "moved": [1]},
    ],
)
def test_a_change_that_cannot_be_is_refused(shared, piece, change):
    answer = shared.post("/v1/notes", json={"file": upload(shared, piece), "tracks": [change]})
    assert answer.status_code == 400
    assert refusal(answer)


@pytest.mark.parametrize("file", ["/etc/passwd", "file-00000000000000000000", "job-00000000000000000000/x.mid", ""])
def test_only_a_file_of_one_s_own_is_changed(shared, file):
    answer = shared.post("/v1/notes", json={"file": file, "tracks": []})
    assert answer.status_code == 400
    assert refusal(answer)["param"] == "file"
