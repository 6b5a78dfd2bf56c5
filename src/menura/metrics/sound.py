"""The measures of one sound against another, by name: what each is in, and which way is better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from menura.extras import is_there
from menura.metrics.perceptual import pesq, stoi
from menura.metrics.similarity import nsim
from menura.metrics.spectral import log_mel_distance, log_spectral_distance, stft_distance
from menura.metrics.waveform import si_sdr, snr


@dataclass(frozen=True)
class Metric:
    """A measure of one sound against another.

    Args:
        measure: of a reference and an estimate, float32 `[sample]` of one length, and their rate in Hz.
        unit: what a reading is in.
        higher_is_better: which way is better.
        package: what it needs of the `eval` extra.
    """

    measure: Callable[[np.ndarray, np.ndarray, int], float]
    unit: str
    higher_is_better: bool
    package: str | None = None

    @property
    def is_available(self) -> bool:
        """Whether its package is installed."""
        return self.package is None or is_there(self.package)


def _at_any_rate(measure: Callable[[np.ndarray, np.ndarray], float]) -> Callable[[np.ndarray, np.ndarray, int], float]:
    return lambda reference, estimate, _: measure(reference, estimate)


METRICS: dict[str, Metric] = {
    "mel": Metric(log_mel_distance, "log10 amplitude", higher_is_better=False),
    "stft": Metric(_at_any_rate(stft_distance), "", higher_is_better=False),
    "lsd": Metric(_at_any_rate(log_spectral_distance), "dB", higher_is_better=False),
    "snr": Metric(_at_any_rate(snr), "dB", higher_is_better=True),
    "si_sdr": Metric(_at_any_rate(si_sdr), "dB", higher_is_better=True),
    "nsim": Metric(nsim, "0 to 1", higher_is_better=True),
    "pesq": Metric(pesq, "opinion, 1.04 to 4.64", higher_is_better=True, package="pesq"),
    "stoi": Metric(stoi, "0 to 1", higher_is_better=True, package="pystoi"),
}
"""Name -> measure."""
