"""A song is made of its words: sung in order, over the band, as notes and as captions; else a line says why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pysubs2
import pytest
from PIL import Image

import menura
from menura.audio import read
from menura.audio.loudness import integrated_lufs
from menura.audio.true_peak import true_peak_dbtp
from menura.score import midi
from menura.score.notes import Score, Track
from menura.score.theme import parse
from menura.tasks import singer, song_voice
from menura.tasks.models import Models
from menura.tasks.song_voice import KEPT

WORDS = "[verse]\nThe wind is on the bay\n[chorus]\nCar-ry me home _"


@pytest.fixture
def song(speech_models: Path, packaged_soundfont: Path) -> Callable[..., Any]:
    """Makes songs with models that have learnt nothing."""
    models = Models(shelves=(speech_models,))
    usual = {"seed": 3, "models": models, "rate": 24_000, "soundfont": packaged_soundfont, "bpm": 100, "metre": "4/4"}
    return lambda *prompt, **how: menura.song(*prompt, **{**usual, **how})


def test_words_become_sound_notes_and_captions(song, tmp_path):
    result = song("guitar", lyrics=WORDS, output=tmp_path / "sea.wav")
    assert [word.text for word in result.words] == ["The", "wind", "is", "on", "the", "bay", "Carry", "me", "home"]
    assert all(one.start_s < two.start_s for one, two in zip(result.words, result.words[1:], strict=False))
    assert integrated_lufs(result.audio) == pytest.approx(-14, abs=1.5)
    assert true_peak_dbtp(result.audio) <= -1 + 1e-3
    score = midi.read(tmp_path / "sea.mid")
    assert [text.text for text in score.texts if text.kind == "lyric"][-4:] == ["Car-", "ry", "me", "home"]
    assert [marker.text for marker in score.markers] == ["intro", "verse", "chorus", "outro"]
    assert "Carry me home" in (tmp_path / "sea.srt").read_text()
    assert "<syllabic>begin</syllabic>" in (tmp_path / "sea.musicxml").read_text()
    assert Image.open(tmp_path / "sea.sheet.png").width == 1400
    assert r"{\k" in (tmp_path / "sea.ass").read_text()
    assert (tmp_path / "sea.lrc").read_text().count("\n[") == 2
    assert_others_read(tmp_path / "sea")
    stems = sorted(path.stem for path in (tmp_path / "sea-stems").iterdir())
    assert stems[:3] == ["01-voice", "02-harmony", "03-double"]
    assert len(stems) > 3
    assert read(tmp_path / "sea.wav").num_samples == result.audio.num_samples
    assert json.loads((tmp_path / "sea.json").read_text())["task"] == "song"


def assert_others_read(stem: Path) -> None:
    """Programs of other people find the words and notes in the files."""
    sung = ["The", "wind", "is", "on", "the", "bay", "Car", "ry", "me", "home"]
    for suffix in (".srt", ".ass"):
        lines = pysubs2.load(str(stem.with_suffix(suffix)))
        assert [line.plaintext for line in lines] == ["The wind is on the bay", "Carry me home"]
    events = [
        message.text
        for track in mido.MidiFile(stem.with_suffix(".mid")).tracks
        for message in track
        if message.type == "lyrics"
    ]
    assert [text.rstrip("-") for text in events] == sung
    music21 = pytest.importorskip("music21")
    sheet = music21.converter.parseFile(stem.with_suffix(".musicxml"), storePickle=False)
    notes = [note for note in sheet.recurse().notes if isinstance(note, music21.note.Note)]
    assert [note.lyric for note in notes if note.lyric] == sung
    ours = midi.read(stem.with_suffix(".mid")).tracks[0].notes[:, 2].tolist()
    assert [note.pitch.midi for note in notes if not (note.tie and note.tie.type in ("stop", "continue"))] == ours
    assert len(list(sheet.recurse().getElementsByClass(music21.harmony.ChordSymbol))) >= 2


def test_one_seed_gives_the_same_samples_and_another_another_song(song):
    how = {"lyrics": WORDS, "a_cappella": True}
    first, again, other = (song(seed=seed, **how) for seed in (1, 1, 2))
    assert np.array_equal(first.audio.samples, again.audio.samples)
    assert not np.array_equal(first.score.tracks[0].notes, other.score.tracks[0].notes)


def test_a_changed_line_leaves_the_others_as_they_were(song):
    lines = ["The wind is on the bay", "The sun is on the hill", "The moon is in the sky"]
    changed = [*lines[:2], "The rain is in the sky"]
    one, two = (song(lyrics="\n".join(words), a_cappella=True, loudness=-20) for words in (lines, changed))
    count = 10
    assert np.array_equal(one.score.tracks[0].notes[:count], two.score.tracks[0].notes[:count])
    assert [word.start_s for word in one.words][:count] == [word.start_s for word in two.words][:count]


def test_what_was_kept_is_what_would_be_made(song, monkeypatch, tmp_path):
    changed = WORDS.replace("bay", "sea")
    song("piano", lyrics=WORDS)
    kept = song("piano", lyrics=changed)
    monkeypatch.setenv("MENURA_CACHE", str(tmp_path))
    KEPT.forget()
    made = song("piano", lyrics=changed)
    assert np.array_equal(kept.audio.samples, made.audio.samples)
    assert all(np.array_equal(one.samples, made.mix.stems[name].samples) for name, one in kept.mix.stems.items())


def test_only_the_line_that_changed_is_sung_again(song, monkeypatch):
    song(lyrics="one la la\ntwo la la\nthree la la", a_cappella=True)
    sung = []
    monkeypatch.setattr(song_voice, "sung", lambda *how: sung.append(how[-1]) or singer.sung(*how))
    song(lyrics="one la la\ntwo la lo\nthree la la", a_cappella=True)
    assert [[word for word, _, _ in phrase.words] for phrase in sung] == [["two", "la", "lo"]]


def test_without_voices_the_band_plays_and_without_a_band_voices_sing(song, tmp_path):
    played = song("piano", lyrics=WORDS, instrumental=True, output=tmp_path / "band")
    assert not played.words
    assert not list(tmp_path.glob("*.srt"))
    sung = song(lyrics=WORDS, a_cappella=True)
    assert len(sung.score.tracks) == 1
    assert set(sung.mix.stems) == {"voice", "harmony", "double"}


def test_words_of_another_language_are_told(song, monkeypatch):
    monkeypatch.setattr("menura.tasks.voiced.mistaken", lambda *_: ("German", "de"))
    with pytest.warns(UserWarning, match="look German, and are sung as en-us; language de"):
        song(lyrics="la la", a_cappella=True)


def test_a_duet_is_sung_by_two(song):
    duet = song(lyrics="[verse]\nla la la\n[verse]\nlo lo lo\n", a_cappella=True, duet=True)
    assert set(duet.mix.stems) == {"voice", "second voice"}
    assert [word.text for word in duet.words] == ["la"] * 3 + ["lo"] * 3


def test_a_jingle_lasts_about_as_long_as_asked(song):
    assert song(lyrics="Buy our bread", jingle=8, bpm=None, a_cappella=True).audio.duration_s == pytest.approx(8, abs=3)


def test_words_are_written_where_that_is_asked(song):
    result = song("a folk song about the sea", write=True, jingle=14, seed=3)
    assert len({word.sentence for word in result.words}) >= 2
    assert "sea" in {word.text.strip(",.").lower() for word in result.words}
    with pytest.raises(menura.Refused, match="words are given as well"):
        song("the sea", write=True, lyrics=WORDS)


def test_a_file_is_read_where_lyrics_are_called_as_one(song, tmp_path):
    (tmp_path / "words.txt").write_text("la lo")
    assert len(song(lyrics=str(tmp_path / "words.txt"), a_cappella=True).words) == 2


def test_a_given_melody_is_sung_note_for_note_and_misfits_are_named(song, tmp_path):
    tune = parse("C4 D4 E4:2 | F4 E4 D4:2 | E4 D4 C4:2")
    notes = tune.notes * np.array([40, 40, 1])
    path = tmp_path / "tune.mid"
    midi.write(Score((Track("lead", 73, False, np.column_stack((notes, np.full(len(notes), 90)))),)), path)
    how = {"melody": path, "a_cappella": True, "bpm": None, "metre": None}
    result = song(lyrics="[verse]\none two three\nfour five six\nse-ven eight\n[chorus]\n" + "la " * 18, **how)
    sung = result.score.tracks[0].notes
    assert np.array_equal(np.diff(sung[:9, 2]), np.diff(tune.notes[:, 2]))
    assert np.array_equal(np.diff(sung[:9, 0]), 40 * np.diff(tune.notes[:, 0]))
    assert len(sung) == 27
    with pytest.raises(ValueError, match=r"melody: has 9 notes, and .* need 3, 2, 5 in all; hold"):
        song(lyrics="one two three\nfour five", **how)


def test_a_syllable_may_be_held_for_long(song):
    result = song(lyrics="la" + " _" * 40, a_cappella=True)
    assert len(result.words) == 1
    assert len(result.score.tracks[0].notes) == 41


@pytest.mark.parametrize(
    ("prompt", "how", "complaint"),
    [
        ("", {}, "lyrics: are empty"),
        ("", {"lyrics": "[verse]\n?!"}, "lyrics: "),
        ("", {"lyrics": "[intro]\n[instrumental]"}, "lyrics: have no line of words"),
        ("", {"lyrics": "la\n" * 1000}, "lyrics: 1000 lines are more than"),
        ("", {"lyrics": "la la\n" * 10_000}, "lyrics: 60000 characters are more than"),
        ("", {"lyrics": "_ la"}, "lyrics: '_ la': _ holds"),
        ("", {"lyrics": "la la la la la la la la\n" * 20, "jingle": 10}, "jingle: these words take"),
        ("in the voice of Adele", {"lyrics": "la"}, "prompt: nobody is imitated by name"),
        ("a Taylor Swift song", {"lyrics": "la"}, "'Taylor Swift' neither"),
        ("", {"lyrics": "日本の歌"}, "'日' is of a script"),
        ("", {"lyrics": "\N{THUMBS UP SIGN}"}, "lyrics: are empty"),
        ("", {"lyrics": "la", "key": "H"}, "key: "),
        ("", {"lyrics": "la", "groove": "mazurka-core"}, "groove: no band plays"),
        ("", {"lyrics": "la", "instrumental": True, "a_cappella": True}, "a_cappella: "),
    ],
)
def test_what_cannot_be_sung_is_told(song, prompt, how, complaint):
    how = {"a_cappella": "instrumental" not in how, **how}
    with pytest.raises(ValueError, match=complaint):
        song(prompt, **how)


@pytest.mark.parametrize(
    ("count", "complaint"),
    [(3, r"melody: has 3 notes, and .* need 4, 4 in all; leave words out"), (600, "has 600 notes; at most 400")],
)
def test_a_melody_that_does_not_fit_is_told(song, tmp_path, count, complaint):
    notes = np.column_stack(
        (240 * np.arange(count), np.full(count, 240), 60 + np.arange(count) % 8, np.full(count, 90))
    )
    midi.write(Score((Track("lead", 73, False, notes),)), tmp_path / "tune.mid")
    with pytest.raises(ValueError, match=complaint):
        song(lyrics="one two three four", melody=tmp_path / "tune.mid", a_cappella=True, bpm=None, metre=None)


@pytest.mark.parametrize(("lyrics", "words"), [("pffft shhh\nbrr", 3), ("Über allen 12", 3), ("x" * 60, 1)])
def test_odd_words_are_sung(song, lyrics, words):
    result = song(lyrics=lyrics, a_cappella=True)
    assert len(result.words) == words
    assert np.isfinite(result.audio.samples).all()
    assert np.abs(result.audio.samples).max() > 0.05


def test_a_name_alone_is_told_to_be_a_theme(song):
    with pytest.warns(UserWarning, match="'Adele' is taken as what the song is about; nobody is imitated"):
        song("an Adele ballad", lyrics="la", a_cappella=True)
