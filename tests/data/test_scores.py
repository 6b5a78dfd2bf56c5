"""A corpus holds each piece whole, keeps what is learnt from what is judged by, and measures as scores are measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.data.midi_folder import find_scores
from menura.data.scores import DROPPED, TRAIN, VALID, Corpus, build_corpus, figures, measure_steps
from menura.progress import Progress
from menura.score import midi
from menura.score.analysis import measure
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import TICKS_PER_QUARTER, Score, Track
from menura.score.steps.conditions import MEASURES
from menura.score.steps.tokens import BAR, DRUMS, MAX_SLOTS, POSITION_FIELD, TokenPiece, detokenise, slots_for, tokenise


class Listening(Progress):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def built(folder, progress=None):
    return build_corpus(find_scores(folder, Progress().say), lambda _: [], 3, progress or Progress())


def test_every_piece_is_there_whole_and_ends_with_a_bar_line(corpus, ten_tunes):
    files = find_scores(ten_tunes, Progress().say)
    assert list(corpus.names) == [file.name for file in files]
    for piece, file in enumerate(files):
        rows, given = corpus.piece_rows(piece), tokenise(midi.read(file.read()))
        assert np.array_equal(corpus.steps[rows][:-1], given.steps)
        assert corpus.steps[rows][-1].tolist() == [BAR, 0, 0, 0, 0]
        assert corpus.slots(piece) == given.slots
        assert np.array_equal(corpus.bar_lines(piece) - rows.start, given.bar_rows[:-1])
        done, left = corpus.bars[rows][:, 2], corpus.bars[rows][:, 3]
        assert set(done + left) == {given.num_bars - 1}
        assert (np.diff(done) >= 0).all()
        assert corpus.bpm[piece] == 80 + 5 * piece
        assert corpus.minutes(piece) == pytest.approx(given.num_bars * 4 / (80 + 5 * piece))
        assert corpus.dynamics[piece]


def test_a_corpus_is_the_same_after_saving_and_a_damaged_one_is_told(corpus, tmp_path):
    path = tmp_path / "new" / "corpus.npz"
    corpus.save(path)
    corpus.save(path)
    again = Corpus.load(path)
    for name in Corpus.__dataclass_fields__:
        assert np.array_equal(getattr(corpus, name), getattr(again, name))
    assert [file.name for file in path.parent.iterdir()] == ["corpus.npz"]
    for content in (b"", b"no zip at all", path.read_bytes()[:2000]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="is not a sound corpus"):
            Corpus.load(path)


def test_a_save_that_fails_leaves_the_former_corpus(corpus, tmp_path, monkeypatch):
    path = tmp_path / "corpus.npz"
    corpus.save(path)
    before = path.read_bytes()

    def full(file, **_):
        file.write_bytes(b"half")
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space"):
        corpus.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["corpus.npz"]


def test_what_cannot_be_read_is_skipped_by_name(tunes):
    folder = tunes(4)
    (folder / "broken.mid").write_bytes(b"MThd nothing")
    midi.write(Score(()), folder / "silent.mid")
    progress = Listening()
    corpus = built(folder, progress)
    assert len(corpus.names) == 4
    assert [line.partition(":")[0] for line in progress.said] == [
        "skipped tunes/broken.mid",
        "skipped tunes/silent.mid",
    ]


def test_too_little_music_is_told(tunes, tmp_path):
    with pytest.raises(ValueError, match=r"there is too little music to learn from: one/tune-0\.mid alone, of one bar"):
        built(tunes(1, tmp_path / "one", bars=1))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="none of 0 MIDI files can be used"):
        built(tmp_path / "empty")


@pytest.mark.parametrize("bars", [2, 9, 40])
def test_of_one_piece_alone_the_end_is_held_out_from_a_bar_line_on(tunes, tmp_path, bars):
    """A folder of one long piece trains; nothing of it is lost, and none of it is both learnt from and judged by."""
    folder = tunes(1, tmp_path / "music", bars=bars)
    progress = Listening()
    corpus = built(folder, progress)
    assert corpus.split.tolist() == [TRAIN, VALID]
    assert progress.said == ["there is one work alone: its last tenth is held out to judge by"]
    whole = tokenise(midi.read(folder / "tune-0.mid"))
    learnt, judged = (corpus.steps[corpus.piece_rows(piece)] for piece in (0, 1))
    assert np.array_equal(np.concatenate((learnt[:-1], judged[:-1])), whole.steps)
    assert len(corpus.bar_lines(0)) + len(corpus.bar_lines(1)) == whole.num_bars
    assert len(corpus.bar_lines(1)) == max(whole.num_bars // 10, 1)
    assert learnt[-1, POSITION_FIELD] == judged[0, POSITION_FIELD] == BAR


@pytest.mark.parametrize("count", [2, 3, 5])
def test_few_pieces_still_leave_some_to_judge_by(tunes, count):
    corpus = built(tunes(count))
    assert (corpus.split == VALID).any()
    assert (corpus.split == TRAIN).any()


def test_a_held_out_piece_that_training_holds_in_another_key_is_dropped(tunes):
    folder = tunes(40)
    parts = {file.split(): file for file in find_scores(folder, Progress().say)}
    original = midi.read(parts["train"].path)
    midi.write(original.transposed(3), parts["valid"].path, overwrite=True)
    corpus = built(folder)
    split = dict(zip(corpus.names, corpus.split, strict=True))
    assert split[parts["valid"].name] == DROPPED
    assert split[parts["test"].name] == 2


def test_no_two_splits_share_music_even_where_all_pieces_are_copies_but_one(tunes):
    folder = tunes(2)
    original = midi.read(folder / "tune-0.mid")
    for semitones in range(1, 6):
        midi.write(original.transposed(semitones), folder / f"copy-{semitones}.mid")
    corpus = built(folder)
    held_out = [str(name) for name, split in zip(corpus.names, corpus.split, strict=True) if split == VALID]
    assert held_out == ["tunes/tune-1.mid"]


def test_figures_are_the_same_in_any_key_and_others_in_other_music(tunes):
    folder = tunes(2)
    one, other = (midi.read(folder / f"tune-{seed}.mid") for seed in (0, 1))
    own, moved = (figures(tokenise(score).steps) for score in (one, one.transposed(5)))
    assert np.array_equal(own, moved)
    assert not set(own) & set(figures(tokenise(other).steps))
    assert len(figures(tokenise(one).steps[:8])) == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_crops_are_measured_as_scores_are(seed, with_drums):
    rng = np.random.default_rng(seed)
    onset = np.sort(rng.choice(np.arange(4 * 8 * 4), 40, replace=False)) * TICKS_PER_QUARTER // 4
    notes = np.column_stack((onset, np.full(40, TICKS_PER_QUARTER // 4), rng.integers(40, 80, 40), np.full(40, 68)))
    notes[:, 3] += 8 * rng.integers(0, 5, 40)
    tracks = [Track("piano", 0, False, notes)]
    if with_drums:
        tracks.append(Track("drums", 0, True, notes[:9]))
    piece = tokenise(Score(tuple(tracks)))
    as_score = detokenise(piece, 100)
    slots = np.full(MAX_SLOTS, -1)
    slots[: len(piece.slots)] = [slot.program for slot in piece.slots]
    places = np.column_stack((piece.metres, np.arange(piece.num_bars), np.arange(piece.num_bars)[::-1]))
    bar = np.cumsum(piece.steps[:, POSITION_FIELD] == BAR) - 1
    steps, bars = np.concatenate((piece.steps, [[BAR, 0, 0, 0, 0]])), np.concatenate((places[bar], places[-1:]))
    ours, theirs = measure_steps(steps, slots, bars, True), measure(as_score)
    named = dict(zip(MEASURES, ours.values, strict=True))
    assert (ours.tonic, ours.mode) == (theirs.key.tonic, ("major", "minor").index(theirs.key.mode))
    assert named["chromaticism"] == pytest.approx(theirs.chromaticism)
    assert named["register"] == pytest.approx(theirs.register - (INSTRUMENTS[0].low + INSTRUMENTS[0].high) / 2)
    assert named["loudness"] == pytest.approx((theirs.loudness - 4) / 8)
    players = len(piece.slots)
    assert named["density"] * players**0.7 == pytest.approx(as_score.num_notes / (4 * piece.num_bars))


def test_drums_alone_have_a_density_and_no_key():
    steps = np.array([[BAR, 0, 0, 0, 0], [0, 0, 36, 2, 10], [12, 0, 38, 2, 12], [BAR, 0, 0, 0, 0]])
    programs = np.array([DRUMS] + [-1] * (MAX_SLOTS - 1))
    measured = measure_steps(steps, programs, np.array([[4, 4, 0, 0]] * 4), True)
    assert measured.mode is None
    assert measured.values[:2] == (0.5, 11.0)
    assert np.isnan(measured.values[2:]).all()


def test_an_unfinished_bar_counts_as_far_as_it_goes():
    rows = [[BAR, 0, 0, 0, 0], *([12 * beat, 0, 60, 11, 8] for beat in range(4))]
    steps = np.array([*rows, *rows[:3]])
    programs = np.array([slots_for([0])[0].program] + [-1] * (MAX_SLOTS - 1))
    measured = measure_steps(steps, programs, np.array([[4, 4, 0, 1]] * len(steps)), False)
    assert measured.values[0] == pytest.approx(6 / 5)
    assert np.isnan(measured.values[1])


def test_edges_part_the_training_music_into_equal_shares(corpus):
    assert corpus.edges.shape == (4, 7)
    assert np.isfinite(corpus.edges).all()
    assert (np.diff(corpus.edges, axis=1) >= 0).all()


def test_music_without_dynamics_makes_no_noise(tunes, recwarn):
    folder = tunes(3)
    for path in folder.iterdir():
        score = midi.read(path)
        flat = [
            Track(t.name, t.program, False, np.column_stack((t.notes[:, :3], np.full(len(t.notes), 80))))
            for t in score.tracks
        ]
        midi.write(Score(tuple(flat), score.tempos), path, overwrite=True)
    corpus = built(folder)
    assert not corpus.dynamics.any()
    assert np.isfinite(corpus.edges).all()
    assert not recwarn.list


def test_piece_round_trips_through_the_corpus(corpus):
    rows = corpus.piece_rows(0)
    metres = corpus.bars[corpus.bar_lines(0), :2]
    piece = TokenPiece(corpus.slots(0), metres, corpus.steps[rows][:-1])
    assert detokenise(piece, 80).num_notes == (piece.steps[:, POSITION_FIELD] != BAR).sum()
