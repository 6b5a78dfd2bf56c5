"""An audit of MIDI files says of each what a note model would learn of it, and names those that cannot be used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from menura.data.midi_folder import find_scores
from menura.data.score_audit import ScoreAudit, hear_score
from menura.progress import Progress
from menura.score import midi
from menura.score.notes import VELOCITY, Score


def audit_of(folder) -> ScoreAudit:
    return ScoreAudit([hear_score(file) for file in find_scores(folder, Progress().say)], {})


def test_a_piece_is_measured(tunes):
    (heard,) = audit_of(tunes(1, bars=12)).heard
    assert (heard.bars, heard.notes) == (12, 12 * 8 + 12 * 3)
    assert heard.instruments == ("piano", "flute")
    assert heard.seconds == pytest.approx(12 * 4 * 60 / 80)
    assert heard.dynamics


def test_short_and_flat_pieces_and_copies_are_named(tunes, tmp_path):
    folder = tunes(3, tmp_path / "music")
    score = midi.read(folder / "tune-0.mid")
    flat = []
    for track in score.tracks:
        notes = track.notes.copy()
        notes[:, VELOCITY] = 64
        flat.append(replace(track, notes=notes))
    midi.write(replace(score, tracks=tuple(flat)), folder / "flat.mid")
    short = tunes(1, tmp_path / "short", bars=2) / "tune-0.mid"
    (folder / "short.mid").write_bytes(short.read_bytes())
    (folder / "copy.mid").write_bytes((folder / "tune-1.mid").read_bytes())
    audit = audit_of(folder)
    found = [found for found, _ in audit.findings()]
    assert "1 are shorter than 4 bars: music/short.mid" in found
    assert "1 are of one loudness throughout: music/flat.mid" in found
    assert any(line.startswith("1 are the same as another: music/") for line in found)
    assert audit.pieces_with() == {"piano": 6, "flute": 6}
    assert audit.notes == sum(one.notes for one in audit.heard)


def test_what_cannot_be_learnt_is_an_error_of_one_line(tunes, tmp_path):
    folder = tunes(1, tmp_path / "music")
    midi.write(Score(()), folder / "silent.mid")
    (folder / "text.mid").write_text("no music")
    for file in find_scores(folder, Progress().say)[:2]:
        with pytest.raises(ValueError, match=r"\w") as refusal:
            hear_score(file)
        assert "\n" not in str(refusal.value)
