"""How well a WaveNet of spoken digits knows them: nats a held-out sample, and who is heard in what it draws.

    python benchmarks/wavenet_digits.py DATA --model wavenet-digits

DATA is the folder it was trained on. Beside its nats stand those of a table of μ-law levels, and of linear prediction:
32 samples, weights by least squares on the training clips, a logistic distribution as wide as the last errors. Where
the model draws excitations, its nats count for levels of the sound: a level is as likely as it is dense and wide, and
the filters' gains are taken off. The speaker and the digit of drawn clips are named by classifiers trained on the mel
spectra of real training clips; of a second that is drawn, they are given the first word, cut as the real clips are.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from menura.models.wavenet.model import ANY, EXCITATION_SIZE, Batch, MuLaw, WaveNet, mel_frames
from menura.models.wavenet.recipe import WaveNetRecipe
from menura.models.wavenet.sampling import Generator, sample
from menura.progress import Progress
from menura.tasks.models import Models

ORDER = 32
_MEMORY = 0.98
"""Of the running mean of errors, a sample."""
_SILENT, _GAP_S, _SHORTEST_S = 0.02, 0.03, 0.1
"""Of the peak, what is silence in the recipe; how long it lasts between words; and no word is shorter."""


def clips(recipe: WaveNetRecipe, split: str) -> list[np.ndarray]:
    """The sounds of a split."""
    return [recipe._samples(index) for index in recipe.members[split]]


@torch.inference_mode()
def network_nats(model: WaveNet, recipe: WaveNetRecipe, split: str, compiled: bool) -> float:
    """Of the model, by the readable network or by the compiled step."""
    total = count = 0.0
    for sound, batch in zip(recipe.members[split], recipe.held_out(split), strict=True):
        added = model.conditions(batch.categories, batch.frames)
        number = batch.codes.shape[1] - 1
        if compiled:
            logits = np.zeros((1, number, model.quantization.outputs), np.float32)
            Generator(model, [0]).draw(number, added, forced=batch.codes[:, 1:].numpy(), logits=logits)
            given = torch.from_numpy(logits)
        else:
            given, _ = model(batch.codes[:, :-1], model.repeat_conditions(added, 0, number), model.start(1))
        costs = model.quantization.costs(given, batch.codes[:, 1:])
        wider = _wider(model, recipe._samples(sound), batch) if model.config.lpc_order else 0.0
        total += float((costs * batch.heard).sum()) + wider
        count += float(batch.heard.sum())
    return total / count


def _wider(model: WaveNet, sound: np.ndarray, batch: Batch) -> float:
    """By how many nats the levels of the excitation are wider than those of the sound, summed over all samples."""
    value = int(next(iter(batch.categories.values())))
    excitation = model.excitation(None, value)
    assert excitation is not None
    gain = excitation.under.sizes[0] / EXCITATION_SIZE
    widths = _widths(batch.codes[0, 1:].numpy()) * gain
    return float((np.log(widths) - np.log(_widths(MuLaw().encode(sound)))).sum())


def _widths(codes: np.ndarray) -> np.ndarray:
    """Of μ-law levels."""
    decode = MuLaw().decode
    return decode(codes + 0.5) - decode(codes - 0.5)


def table_nats(train: list[np.ndarray], test: list[np.ndarray]) -> float:
    """Of how often each level is met: the entropy of μ-law symbols."""
    mu_law = MuLaw()
    counts = np.bincount(np.concatenate([mu_law.encode(clip) for clip in train]), minlength=256) + 1.0
    return float(-np.log(counts / counts.sum())[np.concatenate([mu_law.encode(clip) for clip in test])].mean())


def prediction_nats(train: list[np.ndarray], test: list[np.ndarray]) -> float:
    """Of linear prediction."""
    pasts, nexts = zip(*(_pasts(clip) for clip in train), strict=True)
    past, following = np.concatenate(pasts), np.concatenate(nexts)
    weights = np.linalg.solve(past.T @ past + 1e-4 * np.eye(ORDER), past.T @ following)
    widths = np.geomspace(0.2, 2.0, 12)
    chosen = min(widths, key=lambda width: _logistic_nats(train[:100], weights, width))
    return _logistic_nats(test, weights, chosen)


def _pasts(clip: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    padded = np.pad(clip.astype(np.float64), (ORDER, 0))
    return np.lib.stride_tricks.sliding_window_view(padded, ORDER)[: len(clip)], clip.astype(np.float64)


def _logistic_nats(some: list[np.ndarray], weights: np.ndarray, width: float) -> float:
    mu_law, costs = MuLaw(), []
    edges = np.concatenate(([-np.inf], _expanded((np.arange(255) + 0.5) / 255 * 2 - 1), [np.inf]))
    for clip in some:
        past, following = _pasts(clip)
        expected = past @ weights
        errors = np.abs(following - expected)
        scale, seen = np.empty(len(clip)), 0.05
        for t, error in enumerate(errors):
            scale[t] = max(seen, 1e-4) * width
            seen = _MEMORY * seen + (1 - _MEMORY) * error
        codes = mu_law.encode(clip)
        share = _cumulated((edges[codes + 1] - expected) / scale) - _cumulated((edges[codes] - expected) / scale)
        costs.append(-np.log(np.maximum(share, 1e-12)))
    return float(np.concatenate(costs).mean())


def _expanded(squeezed: np.ndarray) -> np.ndarray:
    return np.sign(squeezed) * np.expm1(np.abs(squeezed) * np.log1p(255)) / 255


def _cumulated(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -60, 60)))


def first_word(sound: np.ndarray, rate: int) -> np.ndarray:
    """From the first loud sample to where silence begins, with the peak of real clips."""
    peak = max(float(np.abs(sound).max()), 1e-4)
    loud = np.flatnonzero(np.abs(sound) > _SILENT * peak)
    loud = loud if len(loud) else np.array([0, len(sound) - 1])
    ends = np.flatnonzero((np.diff(loud) > _GAP_S * rate) & (loud[:-1] - loud[0] > _SHORTEST_S * rate))
    end = loud[ends[0]] if len(ends) else loud[-1]
    return sound[loud[0] : max(end + 1, loud[0] + round(_SHORTEST_S * rate))] * (0.8 / peak)


def portrait(clip: np.ndarray, rate: int) -> np.ndarray:
    """What a classifier sees of a clip: means, spreads and steps of its mel spectrum, and its course in five parts."""
    frames = mel_frames(clip, rate, rate // 80, 40)
    frames = frames[frames.max(1) > -0.2] if (frames.max(1) > -0.2).sum() > 10 else frames
    course = np.concatenate([part.mean(0) for part in np.array_split(frames, 5)])
    return np.concatenate((frames.mean(0), frames.std(0), np.abs(np.diff(frames, axis=0)).mean(0), course))


def named(recipe: WaveNetRecipe, drawn: dict[str, list[tuple[str, np.ndarray]]]) -> None:
    """Print how often the asked value of each category is heard."""
    rate, places = recipe.corpus.rate_hz, recipe.places
    real = {split: np.stack([portrait(clip, rate) for clip in clips(recipe, split)]) for split in ("train", "test")}
    for column, (name, values) in enumerate(recipe.network.config.categories.items()):
        judge = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
        judge.fit(real["train"], places[recipe.members["train"], column])
        known = (judge.predict(real["test"]) == places[recipe.members["test"], column]).mean()
        heard = judge.predict(np.stack([portrait(clip, rate) for _, clip in drawn[name]]))
        right = np.mean([values[place] == asked for place, (asked, _) in zip(heard, drawn[name], strict=True)])
        print(f"| {name} | {100 * known:.0f} % | {100 * right:.0f} % | {100 / (len(values) - 1):.0f} % |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="wavenet-digits")
    parser.add_argument("--cache", type=Path, help="the run's folder, to take its sound from")
    parser.add_argument("--clips", type=int, default=20, help="drawn for each value of each category")
    args = parser.parse_args()
    torch.set_num_threads(2)
    model: WaveNet = Models().get(args.model)
    with tempfile.TemporaryDirectory() as folder:
        given = ",".join(model.config.categories)
        recipe = WaveNetRecipe(args.data, args.cache or Path(folder), "nano", 0, Progress(), global_=given)
        recipe.model = recipe.network = model
        train, test = clips(recipe, "train"), clips(recipe, "test")
        print(f"{len(test)} held-out clips\n\n| nats a sample | |\n|---|---|")
        for compiled in (False, True):
            nats = network_nats(model, recipe, "test", compiled)
            print(f"| {args.model}{', by the compiled step' if compiled else ''} | {nats:.4f} |", flush=True)
        print(f"| linear prediction, 32 samples | {prediction_nats(train, test):.4f} |")
        print(f"| entropy of μ-law levels | {table_nats(train, test):.4f} |")
        started = time.perf_counter()
        seconds = sum(part.shape[1] for part in sample(model, 10.0)) / model.sample_rate_hz
        print(
            f"\ndrawn {seconds / (time.perf_counter() - started):.1f} times as fast as the sound lasts, on one thread"
        )
        drawn: dict[str, list[tuple[str, np.ndarray]]] = {}
        for name, values in model.config.categories.items():
            drawn[name] = []
            for value in values:
                if value != ANY:
                    logits = {name: value}
                    parts = list(sample(model, 1.0, seeds=range(args.clips), categories=logits, threads=2))
                    words = [first_word(clip, model.sample_rate_hz) for clip in np.concatenate(parts, 1)]
                    drawn[name] += [(value, word) for word in words]
        print(
            "\n| named by a classifier | of real test clips | of drawn ones, as asked | by chance |\n|---|---|---|---|"
        )
        named(recipe, drawn)


if __name__ == "__main__":
    main()
