"""Loops: is the seam heard more than other bar lines, and do the layers add up to the mix?

    python benchmarks/score_loops.py

Composes loops of eight bars with `menura.compose(..., loop=True, stems=True)` and plays each round and round. At every
bar line, and at the seam: the step from one sample to the next, of full scale, and the spectral flux (what is louder in
the spectrum of the 46 ms after than in that of the 46 ms before, summed). A click is a step; flux is also whatever
begins with the first bar.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

import menura
from menura.tasks.piece import Piece

PROMPTS = (
    *("lo-fi hip hop", "calm strings", "techno", "orchestral battle music", "a waltz for piano", "reggae"),
    *("chiptune for a platform game", "a chorale for organ", "jazz trio", "ambient music for meditation"),
)
BARS, RATE = 8, 22_050
_WINDOW = 1024


def at_lines(samples: np.ndarray, lines: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Steps and flux at places of a sound ``[channel, sample]`` that goes round; the first is the seam."""
    steps = np.array([np.abs(samples[:, line] - samples[:, line - 1]).max() for line in lines])
    mono = samples.mean(0)
    window = np.hanning(_WINDOW)

    def spectrum(start: int) -> np.ndarray:
        return np.abs(np.fft.rfft(window * np.take(mono, range(start, start + _WINDOW), mode="wrap")))

    flux = np.array([np.maximum(spectrum(line) - spectrum(line - _WINDOW), 0).sum() for line in lines])
    return steps, flux


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Loops: their seams, and their layers.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="score_lm")
    args = parser.parse_args(arguments)
    models = menura.Models()
    print(
        "| loop | step at the seam | largest elsewhere | flux at the seam | largest elsewhere | layers from the mix |"
    )
    print("|---|---|---|---|---|---|")
    within = np.zeros(2, dtype=int)
    for prompt in PROMPTS:
        piece = menura.compose(
            prompt, bars=BARS, seed=args.seed, rate=RATE, loop=True, stems=True, models=models, model=args.model
        )
        assert isinstance(piece, Piece)
        assert piece.rendering
        mix, stems = piece.audio.samples, [stem.samples for stem in piece.rendering.stems.values()]
        bars = piece.score.bar_starts()[:BARS]
        steps, flux = at_lines(mix, [round(float(piece.score.seconds(tick)) * RATE) for tick in bars.tolist()])
        apart = float(np.abs(sum(stems) - mix).max())
        within += [steps[0] <= steps[1:].max(), flux[0] <= flux[1:].max()]
        cells = (f"{steps[0]:.3f}", f"{steps[1:].max():.3f}", f"{flux[0]:.1f}", f"{flux[1:].max():.1f}", f"{apart:.1e}")
        print(f"| {prompt} | {' | '.join(cells)} |", flush=True)
    print(f"\nno larger at the seam than elsewhere: steps of {within[0]}, flux of {within[1]} of {len(PROMPTS)} loops")


if __name__ == "__main__":
    main()
