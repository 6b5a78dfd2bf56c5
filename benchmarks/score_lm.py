"""How fast is the note model? Side by side with `transformers` generating, and a four-minute orchestral piece.

    python benchmarks/score_lm.py --threads 2
    python benchmarks/score_lm.py --quick

The other model is a Llama of the same width, depth, heads and feed-forward size and as many parameters, in float32
(its half precision is slower on a CPU), with its key-value cache and nucleus sampling on, its weights random: speed
does not depend on them. Runs alternate, ours and theirs, on the same threads (one candidate of ours uses one, eight
share two), and medians are compared. Then one and eight candidates of 32 bars for a band are drawn at once, and four
and eight of which the critic chooses every four bars.
One step of ours is a whole note,
five fields (position, instrument, pitch, length, velocity); a bar line is one field.
Models that write a field a token, as `transformers` does here, need five steps for it, so fields a second are tokens a
second; steps are shown too.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

import menura
from menura.models.score_lm.model import ScoreLM, ScoreLMConfig
from menura.models.score_lm.sampling import Sampling, sample, sample_best, sample_many
from menura.progress import Progress
from menura.score.critic.critic import ranked
from menura.score.notes import Key
from menura.score.steps.conditions import Controls
from menura.score.steps.tokens import BAR, DRUMS, POSITION_FIELD, slots_for

GOAL_RATIO, GOAL_SECONDS = 3.0, 15.0
_PROGRAMS = (0, 40, 42, 73)
_BAND = (DRUMS, 33, 0, 27, 81)


@dataclass(frozen=True)
class Speed:
    """Medians over alternating runs.

    Attributes:
        fields: of ours, a second: tokens as others count them.
        steps: of ours, a second: notes and bar lines.
        theirs: tokens of `transformers`, a second.
        ratio: fields to their tokens, the median of pairs.
        step_ratio: steps to their tokens, likewise.
        guided_fields: of ours with guidance 1.5, as `compose` asks for; it reads everything twice.
        parameters: of ours, and of theirs.
    """

    fields: float
    steps: float
    theirs: float
    ratio: float
    step_ratio: float
    guided_fields: float
    parameters: tuple[int, int]


@dataclass(frozen=True)
class LongPiece:
    """A piece of the length asked for, composed and rendered.

    Attributes:
        bars, instruments, notes, sound_s: what was made.
        composing_s, rendering_s: how long each took; `load_s`, reading the model, comes once before.
    """

    bars: int
    instruments: int
    notes: int
    sound_s: float
    load_s: float
    composing_s: float
    rendering_s: float


class _Stopwatch(Progress):
    """Notes when composing was over."""

    composed_at = 0.0

    def show(self, done: int, total: int, what: str) -> None:
        if what.startswith("composing") and done == total:
            self.composed_at = time.perf_counter()


def llama_of_equal_size(config: ScoreLMConfig, parameters: int) -> Any:
    """A Llama of our width, depth, heads and feed-forward size; its vocabulary makes up the parameters."""
    from transformers import LlamaConfig, LlamaForCausalLM

    body = config.depth * (4 * config.width**2 + 3 * config.width * config.hidden + 2 * config.width) + config.width
    vocabulary = max((parameters - body) // (2 * config.width), 16)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=config.width,
            intermediate_size=config.hidden,
            num_hidden_layers=config.depth,
            num_attention_heads=config.heads,
            max_position_embeddings=config.max_steps,
            tie_word_embeddings=False,
            bos_token_id=0,
            eos_token_id=None,
            pad_token_id=0,
        )
    ).eval()


def time_ours(model: ScoreLM, bars: int, seed: int, guidance: float) -> tuple[float, float]:
    """Fields and steps a second of a piece of `bars` bars for four instruments."""
    controls = Controls(
        slots=slots_for(_PROGRAMS),
        key=Key(0, "major"),
        bpm=100.0,
        metres=np.tile(np.array((4, 4)), (bars, 1)),
    )
    sampling = Sampling(seed=seed, guidance=guidance)
    started = time.perf_counter()
    piece = sample(model, controls, [None] * bars, sampling)
    seconds = time.perf_counter() - started
    is_bar = piece.steps[:, POSITION_FIELD] == BAR
    return (5 * (~is_bar).sum() + is_bar.sum()) / seconds, len(is_bar) / seconds


def time_theirs(llama: Any, tokens: int) -> float:
    """Tokens a second of `transformers`' own `generate`."""
    start = torch.zeros(1, 1, dtype=torch.long)
    options = {"do_sample": True, "top_p": 0.98, "top_k": 0, "temperature": 1.0, "use_cache": True}
    started = time.perf_counter()
    with torch.inference_mode():
        out = llama.generate(start, attention_mask=torch.ones_like(start), max_new_tokens=tokens, **options)
    return (out.shape[1] - 1) / (time.perf_counter() - started)


def compare(model: ScoreLM, pairs: int, bars: int, tokens: int) -> Speed:
    """Alternate ours and theirs."""
    parameters = sum(weight.numel() for weight in model.parameters())
    llama = llama_of_equal_size(model.config, parameters)
    tokens = min(tokens, model.config.max_steps - 1)
    for guidance in (1.0, 1.5):
        time_ours(model, 1, 0, guidance)  # compiles, once on a machine
    time_theirs(llama, 8)
    runs = []
    for pair in range(pairs):
        fields, steps = time_ours(model, bars, pair, 1.0)
        theirs = time_theirs(llama, tokens)
        guided, _ = time_ours(model, bars, pair, 1.5)
        runs.append((fields, steps, theirs, fields / theirs, steps / theirs, guided))
    medians = [median(values) for values in zip(*runs, strict=True)]
    return Speed(*medians, parameters=(parameters, sum(weight.numel() for weight in llama.parameters())))


def compose_long(model: str, bars: int, seed: int, soundfont: Path | None) -> LongPiece:
    """Compose and render `bars` bars of 4/4 at 120 bpm for the ten instruments of an orchestra, as a user would."""
    models, watch = menura.Models(), _Stopwatch()
    started = time.perf_counter()
    models.get(model)
    loaded = time.perf_counter()
    piece = menura.compose(
        f"orchestra, 120 bpm, 4/4, {bars} bars",
        seed=seed,
        model=model,
        soundfont=soundfont,
        models=models,
        progress=watch,
    )
    ended = time.perf_counter()
    return LongPiece(
        bars=bars,
        instruments=len(piece.score.tracks),
        notes=piece.score.num_notes,
        sound_s=round(piece.audio.duration_s, 1),
        load_s=round(loaded - started, 2),
        composing_s=round(watch.composed_at - loaded, 2),
        rendering_s=round(ended - watch.composed_at, 2),
    )


def time_candidates(model: ScoreLM, bars: int, count: int, *, chosen: bool = False) -> tuple[float, int]:
    """Seconds for `count` candidates of a piece for a band, and how many rows they have: drawn at once, or chosen by
    the critic on the way, where only rows of what was kept are counted."""
    controls = Controls(
        slots=slots_for(_BAND),
        key=Key(0, "major"),
        bpm=110.0,
        metres=np.tile(np.array((4, 4)), (bars, 1)),
    )
    settings, plan = [Sampling(seed=seed) for seed in range(count)], [None] * bars
    started = time.perf_counter()
    if chosen:
        best = sample_best(model, controls, plan, settings, lambda pieces: ranked(pieces, controls.key)[0])
        return time.perf_counter() - started, len(best.steps)
    pieces = sample_many(model, controls, plan, settings)
    return time.perf_counter() - started, sum(len(piece.steps) for piece in pieces)


def _report(speed: Speed, long: LongPiece, candidates: dict[str, tuple[float, int]], threads: int) -> None:
    ours, theirs = speed.parameters
    print(f"{threads} thread{'s' * (threads > 1)}, batch 1, {ours / 1e6:.1f} M parameters against {theirs / 1e6:.1f} M")
    print(f"  Menura        {speed.fields:8.0f} fields/s  {speed.steps:8.0f} steps/s")
    print(f"  with guidance {speed.guided_fields:8.0f} fields/s")
    print(f"  transformers  {speed.theirs:8.0f} tokens/s")
    print(f"  ratio {speed.ratio:.2f}x in fields (tokens), goal {GOAL_RATIO:g}x; {speed.step_ratio:.2f}x in steps")
    total = long.composing_s + long.rendering_s
    print(
        f"{long.bars} bars, {long.instruments} instruments, {long.notes} notes, {long.sound_s:.0f} s of sound: "
        f"{total:.1f} s = {long.composing_s:.1f} s composing + {long.rendering_s:.1f} s rendering "
        f"(goal {GOAL_SECONDS:g} s for 120 bars; loading the model took {long.load_s:.1f} s before)"
    )
    for name, (seconds, rows) in candidates.items():
        print(f"{name} of a band's piece: {seconds:.1f} s, {rows} rows, {1e3 * seconds / rows:.2f} ms a row")
    print(f"ratio {speed.ratio:.2f}, seconds {total:.1f}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Speed of the note model against transformers, and of a long piece.")
    parser.add_argument("--model", default="score_lm", help="name or folder of a score_lm model")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--pairs", type=int, default=5, help="of alternating runs")
    parser.add_argument("--bars", type=int, default=120, help="of the long piece")
    parser.add_argument("--seed", type=int, default=0, help="of the long piece")
    parser.add_argument("--quick", action="store_true", help="three short pairs and a piece of eight bars")
    parser.add_argument("--soundfont", type=Path, help="the SoundFont that plays; default: as found")
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    model = menura.Models().get(args.model)
    pairs, bars, tokens, long_bars = (3, 2, 64, 8) if args.quick else (args.pairs, 12, 400, args.bars)
    speed = compare(model, pairs, bars, tokens)
    of_band = 4 if args.quick else 32
    candidates = {f"{count} drawn at once": time_candidates(model, of_band, count) for count in (1, 8)}
    candidates |= {f"best of {n}": time_candidates(model, of_band, n, chosen=True) for n in (4, 8)}
    long = compose_long(args.model, long_bars, args.seed, args.soundfont)
    if args.json:
        print(
            json.dumps({"threads": args.threads, **asdict(speed), "long_piece": asdict(long), "candidates": candidates})
        )
    else:
        _report(speed, long, candidates, args.threads)


if __name__ == "__main__":
    main()
