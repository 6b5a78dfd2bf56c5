"""A lead sheet is whole: bars are full, notes, chords and words are those of the song."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from menura.score.harmony import parse_plan
from menura.score.musicxml import to_musicxml
from menura.score.notes import Key, KeyMark, Metre, Score, Text, Track


@pytest.mark.parametrize("metre", [(4, 4), (3, 4), (6, 8)])
def test_bars_are_full_and_notes_and_words_are_read_back(metre):
    notes = np.array([(480, 240, 65, 90), (720, 700, 70, 90), (1440, 2000, 63, 90)])
    texts = tuple(Text(tick, "lyric", text) for tick, text in ((480, "wa-"), (720, "ter"), (1440, "<sea>")))
    score = Score(
        (Track("voice", 52, False, notes),),
        metres=(Metre(0, *metre),),
        keys=(KeyMark(0, Key(10, "major")),),
        texts=texts,
    )
    root = ElementTree.fromstring(to_musicxml(score, parse_plan("Bb | Eb F7 | Bb | Gm")))
    measures = root.findall("part/measure")
    lengths = [sum(int(note.findtext("duration", "0")) for note in one.findall("note")) for one in measures]
    assert lengths == [16 * metre[0] // metre[1]] * 4
    begun = [note for note in root.iter("note") if note.find("pitch") is not None and not _is_tied(note)]
    names = ["".join(note.findtext(f"pitch/{part}", "") for part in ("step", "alter", "octave")) for note in begun]
    assert names == ["F4", "B-14", "E-14"]
    words = [(lyric.findtext("syllabic"), lyric.findtext("text")) for lyric in root.iter("lyric")]
    assert words == [("begin", "wa"), ("end", "ter"), ("single", "<sea>")]
    assert [one.findtext("kind") for one in root.iter("harmony")] == ["major", "major", "dominant", "major", "minor"]


def _is_tied(note: ElementTree.Element) -> bool:
    return any(tie.get("type") == "stop" for tie in note.findall("tie"))
