"""Crops cover a split once, and the three benchmarks of written music run from a folder of MIDI to their tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import score_likelihood
import score_music
import score_styles
from corpora import consecutive_crops, piece_of, sequences_of
from measures.ngram import NOTE_KINDS
from menura.data.midi_folder import find_scores
from menura.data.scores import Corpus, build_corpus
from menura.models.score_lm.recipe import STYLES, styles_of
from menura.progress import Progress
from menura.score import midi
from menura.score.notes import Metre, Score, Tempo, Track
from menura.score.steps.tokens import BAR


def _score(rng: np.random.Generator, bars: int = 8) -> Score:
    onset = np.arange(bars * 8) * 240
    pitch = 60 + rng.choice([0, 2, 4, 5, 7, 9, 11, 12], len(onset))
    notes = np.column_stack((onset, np.full(len(onset), 240), pitch, rng.integers(40, 110, len(onset))))
    return Score((Track("piano", 0, False, notes),), (Tempo(0, 100.0),), (Metre(0, 4, 4),))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty short pieces of two composers."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    rows = []
    for index in range(40):
        name = f"{index}.mid"
        midi.write(_score(rng), folder / name)
        composer = ("Scott Joplin", "Frédéric Chopin")[index % 2]
        split = "test" if index < 6 else "valid" if index < 10 else "train"
        rows.append(json.dumps({"file": name, "split": split, "composer": composer}))
    (folder / "manifest.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def corpus(data: Path) -> Corpus:
    return build_corpus(find_scores(data, Progress().say), styles_of, len(STYLES), Progress())


@pytest.mark.parametrize("length", [5, 20, 96])
def test_every_row_of_a_split_counts_once(corpus: Corpus, length: int) -> None:
    crops = consecutive_crops(corpus, "train", length)
    for piece in {crop.piece for crop in crops}:
        rows = piece_of(corpus, piece).steps
        own = [crop for crop in crops if crop.piece == piece]
        assert all(crop.steps[0, 0] == BAR for crop in own)
        assert all(len(crop.steps) <= length + 1 for crop in own)
        if length > 9:  # longer than a bar
            counted = np.concatenate([crop.steps[1:, 0] for crop in own])
            np.testing.assert_array_equal(counted[:-1], rows[1:, 0])


def test_tokens_of_crops_are_as_many_as_what_a_note_model_predicts(corpus: Corpus) -> None:
    crops = consecutive_crops(corpus, "valid", 50)
    tokens = sequences_of(crops)
    counted = NOTE_KINDS[tokens.tokens[tokens.ages > 0]]
    notes = sum(crop.num_notes for crop in crops)
    assert [(counted == field).sum() for field in (1, 2, 3, 4)] == [notes] * 4
    assert (counted == 0).sum() == sum(len(crop.steps) - 1 for crop in crops)


def test_a_limit_spreads_over_the_split(corpus: Corpus) -> None:
    everything, some = (consecutive_crops(corpus, "train", 40, limit) for limit in (None, 5))
    assert len(some) == 5
    assert some[0].piece == everything[0].piece
    assert some[-1].piece == everything[-1].piece


def _printed(main, arguments: list[str], data: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> dict:
    main([str(data), "--model", str(model), "--cache", str(data), "--json", *arguments])
    return json.loads(capsys.readouterr().out)


def test_likelihoods_stand_beside_each_other(data: Path, tiny_model: Path, capsys) -> None:
    found = _printed(score_likelihood.main, ["--orders", "1", "5"], data, tiny_model, capsys)
    assert set(found["nats"]) == {"unigram", "5-gram", "score_lm", "score_lm, told all"}
    assert found["nats"]["5-gram"]["instrument"] == pytest.approx(0, abs=1e-9)  # known, where only a piano plays
    assert found["nats"]["5-gram"]["per_note"] < found["nats"]["unigram"]["per_note"]


def test_four_sets_are_compared_with_real_pieces(data: Path, tiny_model: Path, capsys) -> None:
    arguments = ["--pieces", "5", "--bars", "4", "--candidates", "2"]
    printed = _printed(score_music.main, arguments, data, tiny_model, capsys)
    found = printed["sets"]
    assert set(found) == {"ours", "first", "5-gram", "shuffled", "training"}
    assert all(0 <= verdict["accuracy"] <= 1 and 0 < verdict["mean_area"] <= 1 for verdict in found.values())
    assert found["training"]["mean_area"] > found["ours"]["mean_area"]
    assert all(0 <= row["AUC all"] <= 1 or np.isnan(row["AUC all"]) for row in printed["measures"].values())


def test_more_and_less_and_alike_are_told_by_pairs() -> None:
    assert score_music.auc([3, 4], [1, 2]) == 1
    assert score_music.auc([1, 2], [3, 4]) == 0
    assert score_music.auc([1, 2, float("nan")], [1, 2]) == 0.5
    assert np.isnan(score_music.auc([float("nan")], [1]))


def test_mixtures_are_read_back(data: Path, tiny_model: Path, capsys) -> None:
    arguments = ["--pairs", "joplin/chopin", "--pieces", "1", "--bars", "2"]
    found = _printed(score_styles.main, arguments, data, tiny_model, capsys)
    assert len(found["pairs"]["joplin/chopin"]["read"]) == len(score_styles.SHARES)
    assert -1 <= found["mean_rank_correlation"] <= 1
