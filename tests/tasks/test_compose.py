"""Compose: what is asked is what is written, the same for the same seed, and bad input is one line or a valid piece."""

from __future__ import annotations

import json
import random
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import soundfile
from PIL import Image

import menura
from menura.app import terminal
from menura.app.cli import FAILED, INTERRUPTED, MISUSED, OK, main
from menura.audio import io
from menura.progress import Cancelled, Progress
from menura.score import midi
from menura.score.harmony import QUALITIES, find_chords
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import DURATION, ONSET, PITCH, TICKS_PER_QUARTER, VELOCITY, Key, Metre, Score, Tempo, Track
from menura.score.piano_roll import piano_roll
from menura.score.steps.tokens import tokenise
from menura.tasks.compose import Compose
from menura.tasks.models import Models
from menura.tasks.piece import Piece

Composer = Callable[..., Any]


class Listener(Progress):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture(scope="session")
def models() -> Models:
    return Models()


@pytest.fixture(scope="session")
def settings(model_folder: Path, packaged_soundfont: Path) -> dict[str, Any]:
    """A tiny model, one candidate and quick rendering."""
    return {"model": str(model_folder), "soundfont": str(packaged_soundfont), "rate": 8000, "seed": 1, "n": 1}


@pytest.fixture
def compose(models: Models, settings: dict[str, Any]) -> Composer:
    """`menura.compose`, with the tiny model."""

    def composed(prompt: str = "", **options: Any) -> Any:
        if not {"bars", "duration", "form", "infill"} & options.keys() and "bars" not in prompt:
            options["bars"] = 2
        return menura.compose(prompt, models=models, **{**settings, **options})

    return composed


@pytest.fixture
def notes(compose: Composer, monkeypatch: pytest.MonkeyPatch) -> Composer:
    """As `compose`, but scores alone, unplayed."""

    def unplayed(_self: Compose, score: Score, **_about: Any) -> Score:
        midi.to_bytes(score)
        return score

    monkeypatch.setattr(Compose, "rendered", unplayed)
    return compose


@pytest.fixture
def command(settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Composer:
    """``menura compose …`` in an empty folder: its exit code, and what it printed on stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MENURA_DEBUG", raising=False)
    own = [word for name, value in settings.items() for word in (f"--{name}", str(value))]

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["compose", *own, *words])
        return code, *capsys.readouterr()

    return run


def plain(score: Score) -> list[tuple]:
    return [(part.name, part.program, part.is_drum, part.notes.tolist()) for part in score.tracks]


def equal(one: Piece, other: Piece) -> bool:
    return plain(one.score) == plain(other.score) and one.audio == other.audio


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# What is asked is what is written


def test_a_sentence_becomes_a_piece_and_no_file(compose: Composer, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    piece = compose("a slow waltz for flute and piano in D minor, 90 bpm, 8 bars")
    assert isinstance(piece, Piece)
    score = piece.score
    assert len(score.bar_starts()) == 8
    assert score.metres == (Metre(0, 3, 4),)
    assert (score.tempos[0], score.tempos[-1]) == (Tempo(0, 90.0), Tempo(8 * 1440, 90.0))
    assert score.keys[0].key == Key(2, "minor")
    assert [part.name for part in score.tracks] == ["flute", "piano"]
    assert all(len(part.notes) for part in score.tracks)
    assert [marker.tick for marker in score.markers] == [0]
    assert piece.audio.sample_rate_hz == 8000
    assert piece.audio.duration_s >= score.duration_s
    assert np.abs(piece.audio.samples).max() > 0.01
    assert piece.summary()["key"] == "D minor"
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("options", "is_met"),
    [
        ({"key": "F# minor"}, lambda s: s.keys[0].key == Key(6, "minor")),
        ({"bpm": 143.5}, lambda s: s.tempos == (Tempo(0, 143.5),)),
        ({"metre": "6/8"}, lambda s: s.metres == (Metre(0, 6, 8),)),
        ({"metre": "1/16"}, lambda s: s.end_tick <= 240),
        ({"bars": 5}, lambda s: len(s.bar_starts()) == 5),
        (
            {"instruments": "2 violins, cello"},
            lambda s: [p.name for p in s.tracks] == ["violin 1", "violin 2", "cello"],
        ),
        ({"instruments": ["drums", "tuba"]}, lambda s: [p.is_drum for p in s.tracks] == [False, True]),
        ({"form": "ABA", "bars": 6}, lambda s: [m.text for m in s.markers] == ["A", "B", "A"]),
        ({"style": "bach=0.7,game=0.3"}, lambda s: s.num_notes),
        ({"style": {"bach": 1}}, lambda s: s.num_notes),
        ({"mood": ["sad", "calm"]}, lambda s: s.keys[0].key.mode == "minor"),
        ({"density": 1.0}, lambda s: s.num_notes),
        ({"temperature": 2.0, "top_p": 1.0}, lambda s: s.num_notes),
        ({"guidance": 1.0}, lambda s: s.num_notes),
        ({"guidance": 0.0}, lambda s: s.num_notes),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",  # a function's name holds its address
)
def test_every_option_is_met(notes: Composer, options: dict[str, Any], is_met: Callable[[Score], object]) -> None:
    score = notes("", **options)
    assert is_met(score)
    for part in score.tracks:
        instrument = INSTRUMENTS[128 if part.is_drum else part.program]
        assert len(part.notes)
        assert instrument.low <= part.notes[:, PITCH].min() <= part.notes[:, PITCH].max() <= instrument.high


def test_sections_that_return_are_the_same_bars(notes: Composer) -> None:
    score = notes(bars=16, form="AABA", metre="3/4", instruments="flute, piano", straight=True)
    starts = [*score.bar_starts().tolist(), score.end_tick]
    assert len(starts) == 17

    def bar(index: int) -> list:
        return [
            [(n[ONSET] - starts[index], n[PITCH], n[VELOCITY]) for n in p.notes.tolist() if _is_in(n, starts, index)]
            for p in score.tracks
        ]

    assert bar(0) == bar(4) == bar(12)
    assert bar(1) == bar(5) == bar(13)


def _is_in(note: list[int], starts: list[int], bar: int) -> bool:
    return starts[bar] <= note[ONSET] < starts[bar + 1]


@pytest.mark.parametrize("asked", [{"duration": 3.0}, {"duration": 7.77, "bars": 4}, {"duration": 5, "bpm": 100}])
def test_a_duration_is_met_to_the_sample(compose: Composer, asked: dict[str, Any]) -> None:
    piece = compose(**asked)
    assert piece.audio.num_samples == round(asked["duration"] * 8000)
    assert piece.score.duration_s <= asked["duration"]
    assert np.abs(piece.audio.samples[:, -1]).max() < 1e-3, "it ends in silence, without a click"
    if "bars" in asked:
        assert len(piece.score.bar_starts()) == asked["bars"]


def test_what_was_understood_and_what_was_not_is_told(compose: Composer) -> None:
    listener = Listener()
    compose("brisk zorblax in G major", progress=listener)
    told = "\n".join(listener.said)
    assert "“in G major” → key G major" in told or "G major” → key G major" in told
    assert "not used: zorblax" in told
    assert "2 bars of 4/4" in told


# The same for the same seed


def test_what_was_made_by_rule_stands_in_the_remarks(compose: Composer) -> None:
    assert compose("a waltz for piano", bars=4).remarks == {"texture": "oom-pah-pah"}


def test_a_seed_gives_the_same_samples_and_another_seed_others(compose: Composer) -> None:
    assert equal(compose(bars=4), compose(bars=4))
    assert not equal(compose(bars=4), compose(bars=4, seed=2))


def test_candidates_do_not_depend_on_how_many_there_are(compose: Composer) -> None:
    alone, three, two = compose("flute", n=1), compose("flute", n=3), compose("flute", n=2)
    assert isinstance(three, list)
    assert [piece.name for piece in three] == ["", "-2", "-3"]
    assert equal(alone, three[0])
    assert equal(two[1], three[1])
    assert not equal(three[0], three[1])


def test_the_best_are_kept_and_they_are_among_the_candidates(notes: Composer) -> None:
    everything = [plain(score) for score in notes(n=4, temperature=2.0)]
    kept = notes(n=4, keep=2, temperature=2.0)
    assert len(kept) == 2
    assert all(plain(score) in everything for score in kept)
    assert isinstance(notes(n=4, keep=1, temperature=2.0), Score)
    assert plain(notes(n=4, keep=1, temperature=2.0)) == plain(kept[0])


def test_where_nobody_says_how_many_the_best_of_four_is_kept(notes: Composer) -> None:
    best = notes(n=4, keep=1, temperature=1.5)
    assert plain(notes(n=None, temperature=1.5)) == plain(best)
    assert plain(notes(n=None, keep=1, temperature=1.5)) == plain(best)


def test_a_band_plays_under_the_melody(compose: Composer) -> None:
    piece = compose("a reggae tune in G major", bars=4)
    names = [track.name for track in piece.score.tracks]
    assert (names[0], *names[-2:]) == ("harmonica", "electric bass", "drums")
    assert all(len(track.notes) for track in piece.score.tracks)
    assert piece.summary()["groove"] == "reggae"
    assert len(piece.summary()["chords"].split("|")) == 4
    assert plain(compose("a reggae tune in G major", bars=4).score) == plain(piece.score)


def test_chords_are_kept_bar_by_bar(notes: Composer) -> None:
    """With a model that knows no harmony: what is asked is kept by the bias alone."""
    edges = np.arange(9) * 4 * TICKS_PER_QUARTER
    kept = []
    for seed in range(8):
        score = notes("string quartet", chords="C | F | G7 | Am", bars=8, form="AB", n=None, seed=seed)
        found = np.concatenate([track.notes for track in score.tracks])
        onset, duration, pitch = found[np.argsort(found[:, ONSET], kind="stable"), :3].T
        roots = (find_chords(onset, duration, pitch, edges, TICKS_PER_QUARTER) - 1) // len(QUALITIES)
        kept.append(np.mean(roots == [0, 5, 7, 9, 0, 5, 7, 9]))
    assert np.mean(kept) >= 0.75


def test_older_sidecars_without_a_band_replay_as_the_model_composed_them(
    compose: Composer, models: Models, tmp_path: Path
) -> None:
    compose("a reggae tune for flute and piano", band="model", output=tmp_path / "old")
    note = json.loads((tmp_path / "old.json").read_text())
    for name in ("band", "groove", "chords", "straight"):
        del note["parameters"][name]
    (tmp_path / "old.json").write_text(json.dumps(note))
    again = cast(Any, menura.replay(tmp_path / "old.json", models=models))
    assert [track.name for track in again.score.tracks] == ["flute", "piano"]
    straight = compose("a reggae tune for flute and piano", band="model", straight=True)
    assert plain(again.score) == plain(straight.score)


# Performance


def steps_of(score: Score) -> tuple[np.ndarray, np.ndarray]:
    """What a model reads of it, and how loud that is."""
    steps = tokenise(score, to_end=True).steps
    return steps[:, :4], steps[:, 4]


def test_a_performance_is_the_straight_piece_played(notes: Composer) -> None:
    """The same notes to whoever reads them on the grid: what is added is tempo, loudness, pedal and a little time."""
    asked = {"prompt": "a nocturne for piano", "bars": 8, "bpm": 80}
    straight, played = notes(straight=True, **asked), notes(**asked)
    (wrote, written), (heard, loud) = steps_of(straight), steps_of(played)
    assert np.array_equal(wrote, heard)
    assert not np.array_equal(written, loud)
    assert straight.tempos == (Tempo(0, 80.0),)
    assert len({round(mark.bpm) for mark in played.tempos}) > 4
    assert played.duration_s > straight.duration_s
    assert played.markers == straight.markers
    assert played.end_tick == straight.end_tick


def test_a_band_has_hands_of_its_own(notes: Composer) -> None:
    asked = {"prompt": "a reggae tune in G major", "bars": 4}
    assert plain(notes(**asked)) == plain(notes(straight=True, **asked))


def test_a_performed_piece_is_gone_on_from_at_its_own_tempo(notes: Composer, tmp_path: Path) -> None:
    """New bars are played, over the file's tempo map, and without a pedal."""
    first = notes("a nocturne for piano", bars=8, bpm=80)
    midi.write(first, tmp_path / "a.mid")
    longer = notes(continue_=tmp_path / "a.mid", bars=4, prompt="a nocturne")
    assert longer.tempos == midi.read(tmp_path / "a.mid").tempos
    assert longer.tempos[-1] == Tempo(8 * 1920, 80.0)
    given, end = first.tracks[0].notes, 8 * 1920
    kept = longer.tracks[0].notes
    assert np.array_equal(kept[kept[:, ONSET] < end][:, [ONSET, PITCH, VELOCITY]], given[:, [ONSET, PITCH, VELOCITY]])
    assert not (longer.tracks[0].controls[:, 0] > end).any()
    straight = notes(continue_=tmp_path / "a.mid", bars=4, prompt="a nocturne", straight=True)
    assert np.array_equal(steps_of(longer)[0], steps_of(straight)[0])
    assert not np.array_equal(longer.tracks[0].notes, straight.tracks[0].notes)


def test_without_a_seed_each_run_is_new_and_its_sidecar_says_which(compose: Composer, tmp_path: Path) -> None:
    for name in ("one", "two"):
        compose(seed=None, output=tmp_path / name)
    seeds = [json.loads((tmp_path / f"{name}.json").read_text())["seed"] for name in ("one", "two")]
    assert seeds[0] != seeds[1]
    assert equal(compose(seed=seeds[0]), compose(seed=seeds[0]))


def test_a_piece_is_replayed_from_its_sidecar_byte_for_byte(compose: Composer, models: Models, tmp_path: Path) -> None:
    piece = compose("sad song for flute", style={"bach": 0.7, "game": 0.3}, bits="24", output=tmp_path / "a")
    assert names(tmp_path) == ["a.json", "a.mid", "a.png", "a.wav"]
    listener = Listener()
    again = cast(Any, menura.replay(tmp_path / "a.json", output=tmp_path / "b", models=models, progress=listener))
    assert not any("warning" in line for line in listener.said)
    assert equal(piece, again)
    for suffix in ("mid", "wav", "png"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()
    one, two = (json.loads((tmp_path / f"{name}.json").read_text()) for name in "ab")
    assert one["parameters"] == two["parameters"]
    assert one["models"] == two["models"] != {}


# Files


@pytest.mark.parametrize(
    ("options", "subtype"),
    [({"format": "flac", "bits": 24, "rate": 11_025}, "PCM_24"), ({"format": "wav", "bits": 32}, "FLOAT")],
    ids=str,
)
def test_the_sound_is_written_as_asked(compose: Composer, tmp_path: Path, options: dict, subtype: str) -> None:
    compose(output=tmp_path / "new" / "a", **options)
    info = soundfile.info(tmp_path / "new" / f"a.{options['format']}")
    assert (info.subtype, info.samplerate, info.channels) == (subtype, options.get("rate", 8000), 2)


def test_stems_and_a_bundle_are_written_where_wanted(compose: Composer, tmp_path: Path) -> None:
    compose(instruments="flute, piano", stems=True, bundle=True, bits=32, output=tmp_path / "a")
    assert names(tmp_path) == ["a-stems/01-flute.wav", "a-stems/02-piano.wav", *(f"a.{s}" for s in _SUFFIXES)]
    stems = sum(io.read(path).samples for path in (tmp_path / "a-stems").iterdir())
    assert np.abs(stems - io.read(tmp_path / "a.wav").samples).max() < 1e-4
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert midi.read(archive.read("a/a.mid")).title == ""
    recorded = json.loads((tmp_path / "a.json").read_text())["files"]
    assert sorted(recorded) == [name for name in names(tmp_path) if name != "a.json"]


_SUFFIXES = ("json", "mid", "png", "wav", "zip")


# Going on from a file, and filling in


def given_piece(seed: int) -> Score:
    """Two violins (the second first), a piano's two hands and drums, played a little off the grid, five bars of 3/4."""
    rng = np.random.default_rng(seed)
    tracks = []
    for name, program, is_drum, low in (
        ("second", 40, False, 55),
        ("first", 40, False, 76),
        ("right", 0, False, 60),
        ("left", 0, False, 36),
        ("kit", 0, True, 36),
    ):
        onset = 240 * np.arange(30) + rng.integers(-9, 10, 30).clip(0)
        pitch = low + rng.integers(0, 12, 30)
        tracks.append(
            Track(name, program, is_drum, np.column_stack((onset, rng.integers(60, 900, 30), pitch, onset % 99 + 1)))
        )
    return Score(tuple(tracks), (Tempo(0, 97.0),), (Metre(0, 3, 4),), title="Given")


def around(score: Score, first: int, end: int) -> dict[str, list]:
    """The notes of each track that start outside, those before cut where the region begins."""
    found = {}
    for part in score.tracks:
        onset, pitch, velocity = (part.notes[:, column] for column in (ONSET, PITCH, VELOCITY))
        kept = (onset < first) | (onset >= end)
        ends = onset + part.notes[:, DURATION]
        ends = np.where(onset < first, np.minimum(ends, first), ends)
        rows = np.column_stack((onset, pitch, velocity, ends))[kept]
        found[part.name] = sorted(map(tuple, rows.tolist()))
    return found


@pytest.mark.parametrize("infill", ["2-3", "1", "5", "1-5", "4 – 5"])
def test_infilling_leaves_the_other_bars_note_for_note(notes: Composer, tmp_path: Path, infill: str) -> None:
    first, last = ([int(part) for part in infill.replace("–", "-").split("-")] * 2)[:2]
    for seed in range(3):
        midi.write(given_piece(seed), tmp_path / f"{seed}.mid")
        original = midi.read(tmp_path / f"{seed}.mid")
        score = notes(continue_=tmp_path / f"{seed}.mid", infill=infill, seed=seed)
        region = (1440 * (first - 1), 1440 * last)
        before, after = around(original, *region), around(score, *region)
        assert {name: rows for name, rows in after.items() if name in before and rows} == {
            name: rows for name, rows in before.items() if rows
        }
        assert any(rows for name, rows in after.items() if name not in before) is False
        fresh = [n for part in score.tracks for n in part.notes.tolist() if region[0] <= n[ONSET] < region[1]]
        assert fresh
        assert all((n[ONSET] + 19) % 40 <= 38 for n in fresh)
        assert (score.tempos, score.metres, score.title) == (original.tempos, original.metres, "Given")
        assert {part.program for part in score.tracks} <= {0, 40}


def test_players_keep_their_heights_where_bars_are_filled_in(notes: Composer, tmp_path: Path) -> None:
    midi.write(given_piece(0), tmp_path / "a.mid")
    score = notes(continue_=tmp_path / "a.mid", infill="1")
    assert [part.name for part in score.tracks] == ["second", "first", "right", "left", "kit"]
    kept = {part.name: part.notes[part.notes[:, ONSET] >= 1440, PITCH].mean() for part in score.tracks}
    assert kept["first"] > kept["second"]


@pytest.mark.parametrize(
    ("options", "bars", "metre"),
    [
        ({"bars": 3}, 8, "3/4"),
        ({"bars": 2, "metre": "4/4"}, 7, "4/4"),
        ({"duration": 60 / 97 * 3 * 4}, 9, "3/4"),
        ({"prompt": "sad, 4 bars", "style": "bach"}, 9, "3/4"),
    ],
    ids=str,
)
def test_a_file_is_gone_on_from_at_its_end(
    notes: Composer, tmp_path: Path, options: dict[str, Any], bars: int, metre: str
) -> None:
    midi.write(given_piece(1), tmp_path / "a.mid")
    original = midi.read(tmp_path / "a.mid")
    score = notes(continue_=tmp_path / "a.mid", **options)
    assert len(score.bar_starts()) == bars
    assert str(score.metres[-1]) == metre
    assert around(score, 5 * 1440, 1 << 30) == around(original, 5 * 1440, 1 << 30)
    assert score.tempos == original.tempos
    assert max(part.end_tick for part in score.tracks) <= score.bar_starts()[-1] + score.metres[-1].bar_ticks


@pytest.mark.parametrize(
    ("onset", "duration", "first"), [(0, 3840, 2), (960, 1920, 2), (1440, 960, 1), (0, 57_600, 30)]
)
def test_what_is_held_over_the_last_bar_line_is_not_cut_and_new_bars_come_after_it(
    notes: Composer, tmp_path: Path, onset: int, duration: int, first: int
) -> None:
    held = np.array([[0, 480, 67, 80], [onset, duration, 48, 80]])
    midi.write(Score((Track("", 0, False, held),), metres=(Metre(0, 4, 4),)), tmp_path / "held.mid")
    score = notes(continue_=tmp_path / "held.mid", bars=2, seed=1)
    rows = np.concatenate([part.notes for part in score.tracks])
    fresh = rows[rows[:, ONSET] > onset]
    assert [onset, duration, 48, 80] in rows.tolist() or (fresh[:, PITCH] == 48).any()
    assert len(fresh)
    assert fresh[:, ONSET].min() >= first * 1920
    assert len(score.bar_starts()) >= first + 2


def test_a_piece_gone_on_from_is_played_and_kept_and_replayed(
    compose: Composer, models: Models, tmp_path: Path
) -> None:
    midi.write(given_piece(2), tmp_path / "in.mid")
    piece = compose(continue_=tmp_path / "in.mid", infill="2", output=tmp_path / "out")
    assert equal(piece, cast(Any, menura.replay(tmp_path / "out.json", models=models)))
    with pytest.raises(ValueError, match=r"would take the place of in\.mid itself"):
        compose(continue_=tmp_path / "in.mid", infill="2", output=tmp_path / "in")
    assert plain(midi.read(tmp_path / "in.mid")) == plain(midi.read(midi.to_bytes(given_piece(2))))


# Bad input


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["x" * 2001], MISUSED, "prompt: 2001 characters are more than 2000"),
        (["x" * 1_000_000], MISUSED, "prompt: 1000000 characters are more than 2000"),
        (["a", "b"], MISUSED, "'b' is one word too many"),
        (["--colour", "red"], MISUSED, "no flag --colour"),
        (["--bpm", "nan"], MISUSED, "bpm: nan is not in 20–300"),
        (["--bpm", "inf"], MISUSED, "bpm: inf is not in 20–300"),
        (["--duration", "nan"], MISUSED, "duration: nan is not in 1–1200"),
        (["--density", "nan"], MISUSED, "density: nan is not in 0–1"),
        (["--temperature", "nan"], MISUSED, "temperature: nan is not in 0.2–2"),
        (["--top-p", "0"], MISUSED, "top_p: 0 is not above 0 and at most 1"),
        (["--guidance", "inf"], MISUSED, "guidance: inf is not in 0–5"),
        (["--bars", "0"], MISUSED, "bars: 0 is not in 1–512"),
        (["--n", "1000"], MISUSED, "n: 1000 is not in 1–64"),
        (["--seed", "-1"], MISUSED, "seed: -1 is not "),
        (["--instruments", *["flute"] * 17], MISUSED, "instruments: more than 16 given"),
        (["--style", ""], MISUSED, "style: no style is called ''"),
        (["--style", "polka"], MISUSED, "style: no style is called 'polka'"),
        (["--style", "bach=nan"], MISUSED, "style: 'bach=nan' is not a style and its weight"),
        (["--style", "bach=inf,game=1"], MISUSED, "style: 'bach=inf' is not a style and its weight"),
        (["--style", "bach=0"], MISUSED, "has a weight above zero"),
        (["--form", "sonata"], MISUSED, "form: sonata is not one of AABA, ABA, AB, ABAC, rondo, strophic, through"),
        (["--format", "flac", "--bits", "32"], MISUSED, "format: flac holds 16 or 24 bits, not 32"),
        (["--mood", "purple"], MISUSED, "mood: 'purple' is not one of happy, sad"),
        (["--key", "H minor"], MISUSED, "'H minor' is not a key"),
        (["--metre", "0/4"], MISUSED, "metre: '0/4' is not one"),
        (["--metre", "17/4"], MISUSED, "metre: '17/4' is not one"),
        (["--metre", "4/3"], MISUSED, "metre: '4/3' is not one"),
        (["--metre", "16/1"], MISUSED, "metre: 16/1 is longer than the 8 quarter notes"),
        (["--instruments", "5 flutes"], MISUSED, "at most 4 of one instrument; flute was asked 5 times"),
        (["--instruments", "theremin"], MISUSED, "no instrument is called 'theremin'"),
        (["--form", "AABA", "--bars", "7"], MISUSED, "form: AABA needs at least 8 bars, not 7"),
        (["--bars", "9", "--duration", "3", "--bpm", "60"], MISUSED, "leave out bars, bpm or duration"),
        (["--n", "2", "--keep", "3"], MISUSED, "keep: 3 of 2 candidates cannot be kept; raise n"),
        (["--infill", "1-2"], MISUSED, "infill: name the MIDI file"),
        (["--model", "nobody"], MISUSED, "no model 'nobody'"),
        (["--soundfont", "nowhere.sf2"], FAILED, "nowhere.sf2 does not exist"),
        (["--continue", "nowhere.mid"], FAILED, "nowhere.mid: no such file"),
        (["--continue", "."], FAILED, "is a directory"),
        (["-o", "."], FAILED, "is a folder; add a name"),
        (["400 trumpets"], MISUSED, "must be 1 to 16, not 400"),
        (["in C major and in D major"], MISUSED, "two different keys"),
        (["a rondo, 6 bars"], MISUSED, "rondo needs at least 10 bars, not 6"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_met_is_one_line_and_no_file(
    command: Composer, tmp_path: Path, words: list[str], code: int, message: str
) -> None:
    found, out, err = command(*words)
    *told, complaint = err.splitlines()
    assert found == code
    assert out == ""
    assert complaint.startswith("menura compose: ")
    assert message in complaint
    assert len(complaint) < 500
    assert not any("Traceback" in line or "internal error" in line for line in (*told, complaint))
    assert names(tmp_path) == []


HOSTILE = [
    "",
    " \t\n ",
    "\x00\x01\x02\x7f",
    "flute\x00piano",
    "\x1b[2J\x1b]0;owned\x07 flute \x9b31m",
    "🎹🎺 💥" * 50,
    "\u202eetulf\u202c \u200b\u2066",
    "%s %n %x {0} {self} ${HOME} `id` $(id)",
    "../../etc/passwd /dev/null C:\\con",
    "'; DROP TABLE pieces; --",
    "<script>alert(1)</script> [red]markup[/red]",
    "a " * 1000,
    "\ud800 lone",
    "ﷺ" * 100,
    "Ⅷ flutes ½ ² ٣",
]


@pytest.mark.parametrize("prompt", HOSTILE, ids=lambda prompt: ascii(prompt)[:30])
def test_a_hostile_prompt_is_a_valid_piece_or_one_line(command: Composer, tmp_path: Path, prompt: str) -> None:
    code, out, err = command(prompt, "--bars", "1")
    assert code in (OK, FAILED, MISUSED)
    assert "Traceback" not in err
    assert "internal error" not in err
    for text in (out, err):
        assert all(letter.isprintable() for line in text.splitlines() for letter in line), "no control characters"
    if code != OK:
        assert len(err.splitlines()) <= 3
        assert names(tmp_path) == []
        return
    (path,) = tmp_path.glob("*.mid")
    assert len(names(tmp_path)) == 4
    assert len(midi.read(path).bar_starts()) == 1
    assert json.loads(path.with_suffix(".json").read_text())["task"] == "compose"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"infill": "3-9"}, r"infill: '3-9' is not bars of 1–5; write them as 1-5"),
        ({"infill": "0"}, "infill: '0' is not bars"),
        ({"infill": "3-2"}, "infill: '3-2' is not bars"),
        ({"infill": "x" * 1000}, "infill: 'x{20}' is not bars"),
        ({"bpm": 90}, "bpm: with continue it is that of the file; leave it out"),
        ({"instruments": "flute"}, "instruments: with continue it is that of the file; leave it out"),
        ({"groove": "rock"}, "groove: with continue it is that of the file; leave it out"),
        ({"form": "AB", "bars": 8}, "form: with continue it is that of the file; leave it out"),
    ],
    ids=str,
)
def test_what_contradicts_a_file_is_refused(notes: Composer, tmp_path: Path, options: dict, message: str) -> None:
    midi.write(given_piece(0), tmp_path / "in.mid")
    with pytest.raises(ValueError, match=message):
        notes(continue_=tmp_path / "in.mid", **options)


def line(*onsets: int) -> Track:
    return Track("", 0, False, np.array([[onset, 240, 60, 80] for onset in onsets]).reshape(-1, 4))


@pytest.mark.parametrize(
    ("score", "message"),
    [
        (Score(()), "continue: in.mid: the piece has no notes"),
        (Score((line(),)), "continue: in.mid: the piece has no notes"),
        (Score((line(0, 480 * 90_000),)), "continue: in.mid: it has 22501 bars; at most 2048"),
        (Score((line(0, 480 * 3000),), metres=(Metre(0, 1, 64),)), "it has 48001 bars; at most 2048"),
        (Score((line(0),), metres=(Metre(0, 9, 4),)), "a bar of 9 quarters is too long; bars have at most 8"),
        (Score((line(0, 500),), metres=(Metre(0, 3, 32),)), "bar 1 does not last a whole number of twelfths"),
        (Score((line(0, 4000),), metres=(Metre(0, 4, 4), Metre(1921, 4, 4))), "bar 2 does not last a whole number"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_gone_on_from_is_refused(
    notes: Composer, tmp_path: Path, score: Score, message: str
) -> None:
    midi.write(score, tmp_path / "in.mid")
    with pytest.raises(ValueError, match=message):
        notes(continue_=tmp_path / "in.mid", bars=1)


@pytest.mark.parametrize("bpm", [4.0, 60e6])
def test_a_file_s_tempo_may_be_absurd(notes: Composer, tmp_path: Path, bpm: float) -> None:
    midi.write(Score((line(0, 480),), (Tempo(0, bpm),)), tmp_path / "in.mid")
    assert len(notes(continue_=tmp_path / "in.mid", bars=1).bar_starts()) == 2


@pytest.mark.parametrize("how", ["continue", "infill"])
def test_a_damaged_file_is_one_line_or_a_valid_piece(notes: Composer, tmp_path: Path, how: str) -> None:
    chance = random.Random(how)
    sound = bytearray(midi.to_bytes(given_piece(0)))
    path, refused, met = tmp_path / "in.mid", 0, 0
    for _ in range(70):
        damaged = bytearray(sound)
        for _ in range(chance.choice((1, 2, 5, 20))):
            damaged[chance.randrange(12 if chance.random() < 0.9 else 0, len(damaged))] = chance.randrange(256)
        if chance.random() < 0.2:
            damaged = damaged[: chance.randrange(len(damaged))]
        path.write_bytes(damaged)
        try:
            score = notes(
                continue_=path, n=1, **({"bars": 1} if how == "continue" else {"infill": "2", "guidance": 1.0})
            )
        except ValueError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017
            assert len(str(error)) < 300  # noqa: PT017
            refused += 1
        else:
            assert score.num_notes
            met += 1
    assert refused > 5
    assert met > 5


# The command line


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"prompt": "slow waltz in D minor for flute, 4 bars"}, ["70 bpm", "3/4", "key D minor", "flute"]),
        ({"prompt": "a rondo, 90 bpm", "bars": 1}, ["rondo", "90 bpm"]),
        ({"prompt": "sad, 20 bars", "infill": "2"}, ["20 bars"]),
    ],
)
def test_what_a_file_makes_of_the_sentence_is_told(
    notes: Composer, tmp_path: Path, options: dict[str, Any], told: list[str]
) -> None:
    """Of a prompt, a piece that goes on takes style, mood, density and length; the rest is said to give way to it."""
    midi.write(given_piece(1), tmp_path / "a.mid")
    listener = Listener()
    notes(continue_=tmp_path / "a.mid", progress=listener, **options)
    overruled = "; ".join(line for line in listener.said if "overruled by" in line)
    assert "a.mid" in overruled or "infill=2" in overruled
    assert all(word in overruled for word in told)
    assert "sad" not in overruled


@pytest.mark.parametrize(("options", "new_bars"), [({"infill": "2-3"}, (2, 3)), ({"bars": 2}, (6, 7))])
def test_new_bars_are_known_and_drawn_as_such(
    compose: Composer, tmp_path: Path, options: dict[str, Any], new_bars: tuple[int, int]
) -> None:
    midi.write(given_piece(1), tmp_path / "a.mid")
    piece = compose(continue_=tmp_path / "a.mid", output=tmp_path / "out", **options)
    assert piece.new_bars == new_bars
    with Image.open(tmp_path / "out.png") as picture:
        assert np.array_equal(np.asarray(picture), np.asarray(piano_roll(piece.score, new_bars, piece.chords)))
    assert compose("", bars=1).new_bars is None


def test_the_title_is_the_whole_sentence(notes: Composer) -> None:
    prompt = "a slow waltz  for flute and piano in D minor, with a melody that climbs, falls and comes to rest, 2 bars"
    assert notes(prompt).title == prompt.replace("  ", " ")


def test_the_command_writes_files_named_for_the_prompt_and_never_over_others(command: Composer, tmp_path: Path) -> None:
    words = ("A Waltz, for flute!", "--bars", "1")
    code, out, err = command(*words)
    assert code == OK
    assert names(tmp_path) == [f"a-waltz-for-flute.{suffix}" for suffix in ("json", "mid", "png", "wav")]
    assert "a-waltz-for-flute.wav" in out
    assert "1 bar" in err
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert command(*words, "--seed", "2")[0] == OK
    assert (tmp_path / "a-waltz-for-flute-2.mid").exists()
    assert {path: path.read_bytes() for path in before} == before
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    code, out, err = command(*words, "-o", "a-waltz-for-flute")
    assert (code, out) == (FAILED, "")
    assert "exists already; name another output, or overwrite it (--force)" in err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert command(*words, "--seed", "2", "--force")[0] == OK
    assert (tmp_path / "a-waltz-for-flute.mid").read_bytes() != before[tmp_path / "a-waltz-for-flute.mid"]


def test_json_is_for_machines(command: Composer) -> None:
    code, out, _ = command("", "--bars", "1", "--json", "--quiet", "--n", "2", "-o", "a")
    told = json.loads(out)
    assert code == OK
    assert told["task"] == "compose"
    first, second = told["results"]
    assert first["files"] == ["a.mid", "a.wav", "a.png", "a.json"]
    assert second["files"] == ["a-2.mid", "a-2.wav", "a-2.png", "a-2.json"]
    assert (first["bars"], first["seed"]) == (1, 1)


def test_a_file_s_name_cannot_speak_to_the_terminal(command: Composer, tmp_path: Path) -> None:
    midi.write(given_piece(0), tmp_path / "\x1b[31m[red].mid")
    code, _, err = command("--continue", "\x1b[31m[red].mid", "--bars", "1", "-o", "out")
    assert code == OK
    assert "\x1b" not in err
    assert "[red].mid" in err


@pytest.mark.parametrize("when", ["composing 1 of 2", "composing 2 of 2"])
@pytest.mark.parametrize("bar", [1, 4])
def test_ctrl_c_stops_and_leaves_no_half_file(
    command: Composer, tmp_path: Path, monkeypatch, when: str, bar: int
) -> None:
    def show(_self: object, done: int, _total: int, what: str) -> None:
        if what == when and done == bar:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(terminal.TerminalProgress, "show", show)
    code, out, err = command("", "--bars", "4", "--n", "2", "-o", "a")
    assert (code, out) == (INTERRUPTED, "")
    assert "menura compose: stopped" in err
    whole = ["a.json", "a.mid", "a.png", "a.wav"]
    assert [path.name for path in sorted(tmp_path.iterdir())] == ([] if when.startswith("composing 1") else whole)


def test_cancelled_in_python_it_raises_and_leaves_nothing(compose: Composer, tmp_path: Path) -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        compose(output=tmp_path / "a", progress=progress)
    assert list(tmp_path.iterdir()) == []
