"""Usual sounds beside recordings: the table "Compared with recordings" of docs/sound.md.

    python benchmarks/sound_recordings.py DATA… [--kinds rain waves …] [--least 3]

DATA are folders with a `manifest.jsonl` of labelled recordings, of which those count that `sound_fitting.py` counts, of
every split. For each kind of sound are printed the centroid (Hz) and the energies under 100, 400, 1600 and 6400 Hz and
above (dB against the whole) of what the synth makes where nothing is set, and the medians of the recordings, with their
number and the middle half of their centroids.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np

from menura.audio import read
from menura.data.manifests import SPLITS
from menura.synth.catalogue import GENERATORS
from sound_fitting import recordings

_EDGES_HZ = (0.0, 100.0, 400.0, 1600.0, 6400.0, np.inf)
_RATE_HZ = 44_100
_MADE_S = 8.0
_FLOOR_DB = -60.0


def measured(samples: np.ndarray, rate: int) -> np.ndarray:
    """Centroid, and the energies of five bands."""
    power = np.square(np.abs(np.fft.rfft(samples)))
    hz = np.fft.rfftfreq(len(samples), 1 / rate)
    bands = [power[(hz >= low) & (hz < high)].sum() for low, high in pairwise(_EDGES_HZ)]
    shares = 10 * np.log10(np.array(bands) / max(power.sum(), 1e-20) + 10 ** (_FLOOR_DB / 10))
    return np.array([(hz * power).sum() / max(power.sum(), 1e-20), *shares])


def _row(numbers: np.ndarray) -> str:
    return f"{numbers[0]:.0f} Hz; {' '.join(f'{band:.0f}' for band in numbers[1:])}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA")
    parser.add_argument("--kinds", nargs="*", default=[])
    parser.add_argument("--least", type=int, default=3, help="recordings of a kind that is shown")
    options = parser.parse_args()
    heard: dict[str, list[np.ndarray]] = {}
    for one in recordings(options.data, SPLITS):
        if not options.kinds or one.generator.name in options.kinds:
            sound = read(one.path, mono=True, sample_rate_hz=_RATE_HZ)
            heard.setdefault(one.generator.name, []).append(measured(sound.samples[0].astype(float), _RATE_HZ))
    print("| sound | made | recordings |\n|---|---|---|")
    for name, found in sorted(heard.items()):
        if len(found) < options.least:
            continue
        generator = GENERATORS[name]
        values = generator.settled({})
        seconds = generator.natural_s(values) if generator.kind == "event" else _MADE_S
        made = generator.render(values, round(seconds * _RATE_HZ), _RATE_HZ, np.random.default_rng(1))[0]
        low, high = np.quantile([one[0] for one in found], (0.25, 0.75))
        recorded = f"{_row(np.median(found, 0))} ({len(found)}, {low:.0f}–{high:.0f} Hz)"
        print(f"| {name} | {_row(measured(made, _RATE_HZ))} | {recorded} |", flush=True)


if __name__ == "__main__":
    main()
