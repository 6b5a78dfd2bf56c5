"""What a song is planned to be before a note is sung."""

from __future__ import annotations

import pytest

from menura.score.vocal import melody
from menura.tasks.song_plan import SongOptions, plan_song, refuse_imitation, single_name
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


@pytest.mark.parametrize(
    ("prompt", "who"),
    [
        ("a Taylor Swift song", "Taylor Swift"),
        ("by Taylor Swift", "Taylor Swift"),
        ("a pop song about the sea by Taylor Swift", "Taylor Swift"),
        ("an Elton John piano ballad", "Elton John"),
        ("Johnny Cash style country", "Johnny Cash"),
        ("a song by Beyoncé", "Beyoncé"),
        ("like Adele", "Adele"),
        ("a ballad, sung like Adele", "Adele"),
        ("in the voice of Adele", "Adele"),
        ("a song like Taylor Swift sings", "Taylor Swift"),
        ("Freddie Mercury's voice", "Freddie Mercury"),
    ],
)
def test_nobody_is_imitated_by_name(prompt, who):
    with pytest.raises(ValueError, match=f"^prompt: nobody is imitated by name, '{who}' neither"):
        refuse_imitation(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "A Hopeful Folk Ballad About The Sea",
        "a Bossa Nova song by the sea",
        "a song about New York",
        "a song about stars like Venus",
        "a Merry Christmas song for Anna Maria",
        "An Irish Folk Song",
        "a song like thunder in Bb Major",
    ],
)
def test_what_is_no_name_is_served(prompt):
    refuse_imitation(prompt)
    assert not single_name(prompt)


@pytest.mark.parametrize(("prompt", "name"), [("an Adele ballad", "Adele"), ("a Beatles-style song", "Beatles")])
def test_a_single_name_is_told_to_be_a_theme(prompt, name):
    refuse_imitation(prompt)
    assert single_name(prompt) == name
