"""How well does the note model predict music it never saw, beside n-grams of the very same tokens?

    python benchmarks/score_likelihood.py DATA --model score_lm --cache runs/score_lm

Every held-out piece is cut into consecutive crops from bar line to bar line, moved to C by their measured key. The
numbers are negative log-likelihoods in nats per note: position (bar lines included), instrument, pitch, length, and
velocity where a piece has dynamics. All see what stands before in the same crop, and know which instruments play; an
n-gram's instrument probabilities are those of the piece's own. The n-grams are interpolated (Witten & Bell), counted
on the training pieces, tuned on valid ones. The model stands there twice: told nothing but instruments and where in the
piece it is, and told style, mode, tempo, density, loudness, register, chromaticism, chords and roles as well. Of
instruments that play one note at a time its nats a pitch stand by themselves: melodies are theirs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from corpora import Crop, consecutive_crops, fitted_ngrams, load_corpus, parser_for, sequences_of
from measures import ngram
from menura.app.terminal import TerminalProgress
from menura.models.score_lm.model import Batch, ScoreLM
from menura.progress import Progress
from menura.score.harmony import NO_CHORD
from menura.score.steps.conditions import CHORDS
from menura.score.steps.grammar import chord_size
from menura.score.steps.tokens import BAR, DRUMS, PITCH_FIELD, POSITION_FIELD, SLOT_FIELD
from menura.tasks.models import Models

FIELDS = ("position", "instrument", "pitch", "length", "velocity")
BATCH_SIZE = 8


@dataclass(frozen=True, eq=False)
class Likelihood:
    """What one model makes of crops: nats and counts of each field, ``[crop, 5]``, notes ``[crop]``, and, where it was
    counted, nats a pitch of instruments that play one note at a time."""

    name: str
    nats: np.ndarray
    counts: np.ndarray
    notes: np.ndarray
    one_voice: float | None = None

    @property
    def per_note(self) -> float:
        return float(self.nats.sum() / self.notes.sum())

    @property
    def per_field(self) -> dict[str, float]:
        """Nats per field where it exists; positions are those of notes and bar lines."""
        return dict(zip(FIELDS, (self.nats.sum(0) / np.maximum(self.counts.sum(0), 1)).tolist(), strict=True))


def by_ngram(model: ngram.NGram, crops: Sequence[Crop]) -> Likelihood:
    """Likelihood under an n-gram, told which instruments play."""
    sequences = sequences_of(crops)
    fields = ngram.NOTE_KINDS[sequences.tokens]
    crop = np.cumsum(sequences.ages == 0) - 1
    likely = ngram.probabilities(model, sequences)
    players = np.stack([ngram.slot_tokens(c.fields["programs"], c.fields["copies"]) for c in crops])
    played = np.flatnonzero(fields == SLOT_FIELD)
    likely[played] = ngram.probabilities_among(model, sequences, played, players[crop[played]])
    counted = sequences.ages > 0
    nats = np.zeros((len(crops), len(FIELDS)))
    counts = np.zeros_like(nats)
    np.add.at(nats, (crop[counted], fields[counted]), -np.log(likely[counted]))
    np.add.at(counts, (crop[counted], fields[counted]), 1)
    name = "unigram" if model.order == 1 else f"{model.order}-gram"
    return Likelihood(name, nats, counts, _notes(crops))


def by_model(model: ScoreLM, crops: Sequence[Crop], told: bool, progress: Progress) -> Likelihood:
    """Likelihood under the note model; unless told it knows only instruments, metre and the bars done and left."""
    nats, melodic, num_melodic = [], 0.0, 0
    name = "score_lm, told all" if told else "score_lm"
    for start in range(0, len(crops), BATCH_SIZE):
        progress.update(start, len(crops), name)
        batch = Batch.stack([dict(crop.fields) for crop in crops[start : start + BATCH_SIZE]])
        if not told:
            silent = {
                field: torch.zeros_like(getattr(batch.conditions, field))
                for field in ("styles", "mode", "tempo", "shares", "roles", "activity")
            }
            bars = batch.bars.clone()
            bars[..., CHORDS[0] :] = NO_CHORD
            batch = batch._replace(
                bars=bars,
                conditions=batch.conditions._replace(**silent),
                context=batch.context._replace(chord=torch.full_like(batch.context.chord, NO_CHORD)),
            )
        with torch.inference_mode():
            found = model(batch).double().numpy()
        nats.append(found.sum(1))
        lines = _of_lines(batch)
        melodic, num_melodic = melodic + found[lines, PITCH_FIELD].sum(), num_melodic + int(lines.sum())
    notes = _notes(crops)
    rows = np.array([len(crop.steps) - 1 for crop in crops])
    dynamics = np.array([bool(crop.fields["has_velocity"]) for crop in crops])
    counts = np.column_stack((rows, notes, notes, notes, notes * dynamics))
    return Likelihood(name, np.concatenate(nats), counts, notes, melodic / max(num_melodic, 1))


def _of_lines(batch: Batch) -> np.ndarray:
    """Which rows are notes of instruments that play one at a time, ``[crop, row]``."""
    programs, rows = batch.conditions.programs.numpy(), batch.steps[:, 1:].numpy()
    one_at_a_time = np.array([chord_size(program) == 1 for program in range(DRUMS + 1)])
    played = np.take_along_axis(programs, np.clip(rows[..., SLOT_FIELD], 0, programs.shape[1] - 1), 1)
    exists = (rows[..., POSITION_FIELD] < BAR) & (batch.weight.numpy() > 0)
    return exists & one_at_a_time[np.clip(played, 0, DRUMS)]


def interval(better: Likelihood, worse: Likelihood, pieces: np.ndarray, seed: int) -> tuple[float, float]:
    """95 % interval of the difference in nats per note, over pieces drawn again and again (bootstrap)."""
    difference = (worse.nats - better.nats).sum(1)
    own = np.unique(pieces, return_inverse=True)[1]
    totals = np.bincount(own, difference), np.bincount(own, better.notes)
    drawn = np.random.default_rng(seed).integers(len(totals[0]), size=(2000, len(totals[0])))
    low, high = np.quantile(totals[0][drawn].sum(1) / totals[1][drawn].sum(1), (0.025, 0.975))
    return float(low), float(high)


def _notes(crops: Sequence[Crop]) -> np.ndarray:
    return np.array([crop.num_notes for crop in crops])


def _table(results: Sequence[Likelihood]) -> str:
    lines = [f"| nats | per note | {' | '.join(FIELDS)} |", "|---|---|" + "---|" * len(FIELDS)]
    for result in results:
        parts = " | ".join(f"{value:.3f}" for value in result.per_field.values())
        lines.append(f"| {result.name} | **{result.per_note:.3f}** | {parts} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = parser_for("Held-out likelihood per note, beside n-grams of the same tokens.")
    parser.add_argument("--split", choices=("valid", "test"), default="test")
    parser.add_argument("--limit", type=int, help="crops to measure, spread evenly; default: all")
    parser.add_argument("--orders", type=int, nargs="+", default=[1, 5, 10], help="of the n-grams")
    args = parser.parse_args(arguments)
    started = time.perf_counter()
    progress = TerminalProgress()
    corpus = load_corpus(args, progress)
    model: ScoreLM = Models().get(args.model)
    length = model.config.max_steps
    crops = consecutive_crops(corpus, args.split, length, args.limit)
    results = []
    for counted in fitted_ngrams(corpus, length, args.orders, progress.say):
        results.append(by_ngram(counted, crops))
    results += [by_model(model, crops, told, progress) for told in (False, True)]
    progress.close()
    ours, pieces = results[-2], np.array([crop.piece for crop in crops])
    better = {result.name: interval(ours, result, pieces, args.seed) for result in results[:-2]}
    if args.json:
        rows = {
            result.name: {"per_note": result.per_note, **result.per_field, "one_voice": result.one_voice}
            for result in results
        }
        print(json.dumps({"crops": len(crops), "notes": int(ours.notes.sum()), "nats": rows, "better_by": better}))
        return
    print(f"{args.split}: {len(set(pieces))} pieces, {len(crops)} crops, {ours.notes.sum()} notes\n")
    print(_table(results), "\n")
    for result in results[:-2]:
        low, high = better[result.name]
        print(
            f"score_lm is better than the {result.name} by {result.per_note - ours.per_note:.3f} nats per note", end=""
        )
        print(f" (95 % over pieces: {low:.3f} to {high:.3f})")
    for result in results[-2:]:
        print(f"{result.name}: {result.one_voice:.3f} nats a pitch of instruments that play one note at a time")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
