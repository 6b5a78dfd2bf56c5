"""What a song is planned to be before a note is sung."""

from __future__ import annotations

import pytest

from menura.score.vocal import melody
from menura.tasks.song_plan import SongOptions, plan_song
from menura.text.lyrics import LyricSection
from menura.text.speech.syllables import read_lyrics


def planned(prompt: str, seed: int, *lines: str):
    options = SongOptions(
        key=None,
        bpm=None,
        metre=None,
        groove=None,
        chords=None,
        instruments=(),
        jingle_s=None,
        has_band=True,
        compass=(54, 71),
    )
    words = [(LyricSection("verse", lines), [(line, read_lyrics(line)) for line in lines])]
    return plan_song(prompt, words, options, seed)


@pytest.mark.parametrize("prompt", ["a waltz at 113 bpm", "a pop song at 110 bpm", "a ballad", "a jazz song"])
def test_the_last_note_is_the_tonic_over_its_chord(prompt):
    for seed in range(4):
        plan = planned(prompt, seed, "And nobody will carry me away", "we go")
        onset, _, pitch = melody([line.place for line in plan.lines], plan.ground, seed)[-1][-1]
        chord = plan.ground.chord_at(onset)
        assert chord is not None
        assert pitch % 12 == chord.root == plan.ground.key.tonic
