"""What the melody is given: a theme is found note for note, lines have their notes, and loops lead into themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import menura
from menura.score import midi
from menura.score.development import inversion
from menura.score.harmonise import harmonise
from menura.score.instruments import INSTRUMENTS
from menura.score.lines import usual_bars
from menura.score.notes import DURATION, LOOP_END, LOOP_START, ONSET, PITCH, TICKS_PER_QUARTER, Key, Metre, Score, Track
from menura.score.theme import parse
from menura.tasks.compose import Compose
from menura.tasks.models import Models

GRID = TICKS_PER_QUARTER // 12
Composer = Callable[..., Any]
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@pytest.fixture(scope="module")
def compose(model_folder: Path, packaged_soundfont: Path) -> Composer:
    """`menura.compose`, with the tiny model, one candidate and quick rendering."""
    models = Models()
    usual = {"model": str(model_folder), "soundfont": str(packaged_soundfont), "rate": 8000, "seed": 1, "n": 1}
    return lambda prompt="", **options: menura.compose(prompt, models=models, **{**usual, **options})


@pytest.fixture(scope="module")
def notes(compose: Composer) -> Composer:
    """As `compose`, but scores alone, as they were written."""

    def composed(prompt: str = "", *, straight: bool = True, **options: Any) -> Score:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Compose, "rendered", lambda _self, score, **_about: score)
            return compose(prompt, straight=straight, **options)

    return composed


def lead(score: Score) -> np.ndarray:
    """Onset, length in twelfths of a quarter, and pitch of the first track's highest notes."""
    own = score.tracks[0].notes
    tops = [int(np.flatnonzero(own[:, ONSET] == onset)[-1]) for onset in np.unique(own[:, ONSET])]
    return np.column_stack((own[tops, ONSET] // GRID, own[tops, DURATION] // GRID, own[tops, PITCH]))


@st.composite
def themes(draw: st.DrawFn) -> str:
    """Up to three bars of notes and rests that lie on the grid and in a flute's range."""
    words, quarters = [], 0.0
    for _ in range(draw(st.integers(1, 12))):
        pitch = draw(st.none() | st.integers(64, 88))
        length = draw(st.sampled_from((0.25, 0.5, 1.0, 1.5, 2.0)))
        quarters += length
        if quarters > 8:
            break
        name = _NAMES[pitch % 12] + str(pitch // 12 - 1) if pitch else "r"
        words.append(f"{name}:{length:g}")
    return " ".join(["E5:1", *words])


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(themes(), st.sampled_from(("flute, piano", "piano", "3 flutes", "flute")), st.integers(0, 99))
def test_a_theme_is_found_note_for_note_where_it_begins(notes: Composer, text: str, who: str, seed: int) -> None:
    theme = parse(text).notes
    score = notes(theme=text, instruments=who, bars=6, metre="4/4", seed=seed)
    found, beyond = lead(score), -(-int(theme[-1, :2].sum()) // 48) * 48
    if who == "piano":  # who plays below its own melody while that rests
        found = found[np.isin(found[:, 0], theme[:, 0])]
    within = found[found[:, 0] < beyond]
    assert within[:, [0, 2]].tolist() == theme[:, [0, 2]].tolist()
    assert (within[:, 1] == theme[:, 1]).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_theme_returns_with_its_section_and_is_developed_between(notes: Composer, seed: int) -> None:
    text = "C5 E5 G5 A5 | G5:2 F5:2"
    score = notes(theme=text, key="C major", instruments="flute, piano", bars=32, seed=seed)
    theme, found = parse(text).notes, lead(score)
    for bar in (0, 8, 24):
        own = found[(found[:, 0] >= 48 * bar) & (found[:, 0] < 48 * bar + 96)] - np.array([48 * bar, 0, 0])
        assert own.tolist() == theme.tolist()
    between = found[(found[:, 0] >= 48 * 16) & (found[:, 0] < 48 * 20)] - np.array([48 * 16, 0, 0])
    shapes = {
        "sequence": (np.sign(np.diff(theme[:, 2])), theme[:, 0]),
        "inversion": (np.sign(np.diff(inversion(theme, Key(0, "major"))[:, 2])), theme[:, 0]),
        "augmentation": (np.sign(np.diff(theme[:, 2])), 2 * theme[:, 0]),
    }
    heard = [
        name
        for name, (moves, onsets) in shapes.items()
        if between[: len(onsets), 0].tolist() == onsets.tolist()
        and (np.sign(np.diff(between[: len(onsets), 2])) == moves).all()
    ]
    assert heard


def test_key_and_metre_are_the_themes_where_nobody_says_otherwise(notes: Composer) -> None:
    text = "D5 F5 A5 | A5:1.5 G5:.5 F5 | E5 C#5 D5"
    score = notes(theme=text, instruments="flute", bars=8)
    assert (score.keys[0].key, score.metres) == (Key(2, "minor"), (Metre(0, 3, 4),))
    score = notes("in G major", theme=text.replace("|", ""), metre="4/4", instruments="flute", bars=8)
    assert (score.keys[0].key, score.metres) == (Key(7, "major"), (Metre(0, 4, 4),))
    assert lead(score)[:2, 2].tolist() == [74, 77]


def test_a_file_gives_its_melody_tempo_and_metre(notes: Composer) -> None:
    melody = np.array([[480 * beat, 480, (67, 69, 71)[beat % 3], 90] for beat in range(6)])
    given_ = Score((Track("violin", 40, False, melody),), metres=(Metre(0, 3, 4),))
    score = notes(theme_file=midi.to_bytes(given_), instruments="flute, piano", bars=8)
    assert score.tempos[0].bpm == 120
    assert score.metres == (Metre(0, 3, 4),)
    assert lead(score)[:6].tolist() == [[12 * beat, 12, (67, 69, 71)[beat % 3]] for beat in range(6)]


def test_a_band_plays_chords_that_fit_the_theme_and_it_stays_whoever_leads(notes: Composer) -> None:
    text = "A4 C5 E5:2 | F4 A4 C5:2"
    score = notes("a reggae tune", theme=text, key="A minor", bars=8)
    melody = score.tracks[0].notes[: len(parse(text).notes)]
    assert melody[:, PITCH].tolist() == [69, 72, 76, 65, 69, 72]
    assert np.abs(melody[:, ONSET] - parse(text).notes[:, 0] * GRID).max() < TICKS_PER_QUARTER // 4, "played by hand"
    bass = next(track for track in score.tracks if 32 <= track.program < 40 and not track.is_drum)
    chords = harmonise(parse(text).notes, np.arange(0, 97, 24), Key(9, "minor"))
    for half, chord in enumerate(chords):
        within = bass.notes[np.abs(bass.notes[:, ONSET] - 960 * half) < 100]
        assert all(pitch % 12 in chord.pitch_classes for pitch in within[:, PITCH].tolist())


def test_a_theme_out_of_range_is_moved_by_octaves_and_that_is_told(compose: Composer) -> None:
    said: list[str] = []

    class Listener(menura.Progress):
        def say(self, text: str) -> None:
            said.append(text)

    piece = compose(theme="C2 E2 G2", instruments="flute", bars=4, progress=Listener())
    assert lead(piece.score)[:3, 2].tolist() == [60, 64, 67]
    assert any("2 octaves higher" in line for line in said)
    assert piece.summary()["theme"].startswith("theme 1")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"theme": "C4 H4"}, "theme: 'H4' is not a note"),
        ({"theme": "C4:4 | D4:4 | E4:4", "bars": 2}, "theme: it takes 3 bars of 4/4, and the piece has 2"),
        ({"theme": "C2 C8", "instruments": "flute"}, "theme: it spans 72 semitones"),
        ({"theme": "C4 C4 C4 | C4", "metre": "2/4"}, "theme: bar 1 lasts 3 quarters, and a bar of 2/4 2"),
        ({"theme": "C4", "instruments": "drums"}, "theme: drums alone"),
        ({"theme": "tune.mid"}, "which is given as theme_file"),
        ({"theme": "C4", "theme_file": b"MThd"}, "theme: it is given as text and as theme_file"),
        ({"theme_file": b"MThd"}, "theme_file: "),
        ({"theme": "C4", "syllables": "8,6"}, "syllables: with a theme"),
        ({"syllables": "8,6,8", "bars": 8}, "syllables: 3 lines cannot share 8 bars"),
        ({"syllables": "40,40", "bars": 2}, "syllables: 40 notes and a breath do not fit 1 bar"),
        ({"syllables": "8,0"}, "syllables: "),
        ({"syllables": "8,x"}, "syllables: "),
        ({"loop": True, "duration": 20}, "loop: it lasts as long as its bars"),
        ({"loop": True, "continue_": b"MThd"}, "loop: it shapes a whole piece"),
        ({"theme": "C4", "continue_": b"MThd"}, "theme: it shapes a whole piece"),
    ],
)
def test_what_cannot_be_done_is_one_line_of_the_field(
    compose: Composer, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint.replace("(", r"\(")) as refused:
        compose(**options)
    assert "\n" not in str(refused.value)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.sampled_from(("4/4", "3/4", "6/8")),
    st.sampled_from(("flute, piano", "flute", "piano", "2 flutes, piano, drums")),
    st.integers(0, 99),
)
def test_every_line_has_exactly_its_notes(
    notes: Composer, syllables: list[int], metre: str, who: str, seed: int
) -> None:
    """Of a pianist, who plays chords below, the notes from middle C upwards are the melody."""
    score = notes(syllables=syllables, metre=metre, instruments=who, seed=seed)
    own = score.tracks[0].notes
    own = own[own[:, PITCH] >= 60] if who == "piano" else own
    beats = score.metres[0]
    each = usual_bars(syllables, (beats.numerator, beats.denominator)) * beats.bar_ticks
    for line, count in enumerate(syllables):
        within = own[(own[:, ONSET] >= line * each) & (own[:, ONSET] < (line + 1) * each)]
        assert len(within) == count
        assert within[-1, DURATION] == within[:, DURATION].max()
        assert within[-1, ONSET] + within[-1, DURATION] < (line + 1) * each, "a breath"
    leaps = np.abs(np.diff(own[:, PITCH]))
    assert (leaps <= 12).all()


def test_lines_stand_in_summary_and_sidecar(compose: Composer, tmp_path: Path) -> None:
    piece = compose("a song", syllables="4,3", output=tmp_path / "song")
    assert piece.summary()["lines"] == "1, 5"
    note = json.loads((tmp_path / "song.json").read_text())
    assert note["remarks"] == {"lines": "1, 5"}
    assert note["parameters"]["syllables"] == [4, 3]
    assert {track.program for track in piece.score.tracks} == {INSTRUMENTS[53].program, 0}
    again = menura.replay(tmp_path / "song.json")
    assert again.audio == piece.audio


def test_a_loop_lasts_as_long_as_its_bars_and_is_marked(compose: Composer, tmp_path: Path) -> None:
    piece = compose("a reggae tune", bars=4, bpm=97, loop=True, stems=True, output=tmp_path / "loop")
    length = round(4 * 4 * 60 / 97 * 8000)
    assert piece.audio.num_samples == length
    assert [(mark.tick, mark.text) for mark in piece.score.markers if mark.text in (LOOP_START, LOOP_END)] == [
        (0, LOOP_START),
        (4 * 4 * TICKS_PER_QUARTER, LOOP_END),
    ]
    assert {stem.num_samples for stem in piece.rendering.stems.values()} == {length}
    for path in (tmp_path / "loop.wav", *(tmp_path / "loop-stems").iterdir()):
        assert b"smpl" in path.read_bytes()
        assert soundfile.info(path).frames == length
    assert midi.read(tmp_path / "loop.mid").markers == piece.score.markers


def test_a_loop_does_not_close(notes: Composer) -> None:
    """No held chord at its end, by the model or the band: whoever plays begins notes in its last half bar too."""
    score = notes("a disco tune", bars=8, loop=True)
    drums = next(track for track in score.tracks if track.is_drum)
    last = drums.notes[drums.notes[:, ONSET] >= 7 * 1920]
    assert len(last) >= 6
    assert int(last[:, ONSET].max()) > 7 * 1920 + 960


def test_a_loop_is_played_in_time(notes: Composer) -> None:
    """Hands are people's, but the tempo is the same on either side of the seam, and no pedal is held over it."""
    written, played = (notes("a nocturne for piano", bars=8, loop=True, straight=how) for how in (True, False))
    assert played.tempos == written.tempos
    assert played.end_tick == written.end_tick
    assert not len(played.tracks[0].controls)
    assert played.tracks[0].notes.tolist() != written.tracks[0].notes.tolist()
