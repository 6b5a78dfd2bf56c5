"""A WaveNet as a vocoder beside Griffin-Lim, from the same mel frames, on held-out speech.

    python benchmarks/wavenet_vocoder.py DATA --model wavenet-voice

DATA is a folder of sound with a held-out split. Mel distance, PESQ and the error of the fundamental frequency (where
both are voiced), and how often they agree on what is voiced: as drawn, and moved towards the frames for some rounds as
`menura vocode` does it. What the rounds do without the model is told beside it: from Griffin-Lim's sound and, where the
model draws excitations, from white noise under the same filters.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from scipy.signal import istft, stft

from menura.app.terminal import TerminalProgress
from menura.audio.mel import mel_triangles
from menura.audio.mel_inversion import match_mel, mel_energies
from menura.data.sound_folder import find_sounds
from menura.metrics.sound import METRICS
from menura.models.wavenet.model import WaveNet, mel_features
from menura.models.wavenet.sampling import sample
from menura.tasks.models import Models

_LOWEST_HZ, _HIGHEST_HZ = 60.0, 400.0
_VOICED = 0.5
"""Of the strongest likeness to itself, above which a frame is voiced."""


def griffin_lim(frames: np.ndarray, rate: int, hop: int, count: int, rounds: int = 60, seed: int = 0) -> np.ndarray:
    """Sound whose mel spectrum is near `frames` (Griffin & Lim 1984, with the momentum of Perraudin et al. 2013)."""
    window = 4 * hop
    size = 1 << (window - 1).bit_length()
    triangles = mel_triangles(rate, size, frames.shape[1], 0, rate / 2)
    energies = 10 ** (2 * (frames.astype(np.float64) - 1))
    wanted = np.maximum(np.linalg.pinv(triangles) @ energies.T, 1e-4)
    for _ in range(100):  # never negative (Lee & Seung 2001)
        wanted *= (triangles.T @ energies.T) / np.maximum(triangles.T @ (triangles @ wanted), 1e-12)
    options = {"fs": rate, "window": "hann", "nperseg": window, "noverlap": window - hop, "nfft": size}
    scale = np.hanning(window).sum()  # scipy divides by the sum of the window, the frames do not
    wanted = wanted / scale
    spectrum = wanted * np.exp(2j * np.pi * np.random.default_rng(seed).random(wanted.shape))
    before = np.zeros_like(spectrum)
    for _ in range(rounds):
        _, sound = istft(spectrum, **options)
        _, _, again = stft(sound, **options)
        again = _as_long(again, wanted.shape[1])
        turned = again + 0.99 * (again - before)
        before = again
        spectrum = wanted * turned / np.maximum(np.abs(turned), 1e-12)
    _, sound = istft(spectrum, **options)
    return np.pad(sound, (0, max(count - len(sound), 0)))[:count].astype(np.float32)


def _as_long(spectrum: np.ndarray, frames: int) -> np.ndarray:
    return np.pad(spectrum, ((0, 0), (0, max(frames - spectrum.shape[1], 0))))[:, :frames]


def pitch(sound: np.ndarray, rate: int) -> np.ndarray:
    """Fundamental frequency of every hundredth of a second, Hz; 0 where it is not voiced. By autocorrelation."""
    window, hop = round(0.04 * rate), round(0.01 * rate)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(sound, window // 2), window)[::hop] * np.hanning(window)
    spectra = np.abs(np.fft.rfft(frames, 2 * window)) ** 2
    reconstruction = np.fft.irfft(spectra)[:, :window]
    own = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(window), 2 * window)) ** 2)[:window]
    reconstruction = reconstruction / np.maximum(reconstruction[:, :1], 1e-9) / np.maximum(own / own[0], 0.05)
    first, last = round(rate / _HIGHEST_HZ), round(rate / _LOWEST_HZ)
    among = reconstruction[:, first:last]
    peaks = np.pad((among[:, 1:-1] >= among[:, :-2]) & (among[:, 1:-1] >= among[:, 2:]), ((0, 0), (1, 1)))
    places = (peaks & (among > 0.9 * among.max(1, keepdims=True))).argmax(1)  # the first: later ones are its multiples
    row, place = np.arange(len(places)), first + places
    before, strength, after = (reconstruction[row, place + shift] for shift in (-1, 0, 1))
    bend = np.minimum(before - 2 * strength + after, -1e-9)
    lag = place + (0.5 * (before - after) / bend).clip(-0.5, 0.5)  # the top of the parabola through three lags
    loud = frames.std(1) > 0.02 * max(float(frames.std(1).max()), 1e-9)
    return np.where((strength > _VOICED) & loud, rate / lag, 0.0)


def readings(reference: np.ndarray, estimate: np.ndarray, rate: int) -> dict[str, float]:
    """Of one pair."""
    ours, theirs = pitch(estimate, rate), pitch(reference, rate)
    count = min(len(ours), len(theirs))
    ours, theirs = ours[:count], theirs[:count]
    both = (ours > 0) & (theirs > 0)
    cents = 1200 * np.abs(np.log2(ours[both] / theirs[both])) if both.any() else np.array([np.nan])
    found = {"mel": METRICS["mel"].measure(reference, estimate, rate)}
    if METRICS["pesq"].is_available:
        found["pesq"] = METRICS["pesq"].measure(reference, estimate, rate)
    return {**found, "F0, median cents": float(np.median(cents)), "voicing": float(((ours > 0) == (theirs > 0)).mean())}


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else np.nan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="wavenet-voice")
    parser.add_argument("--count", type=int, default=10, help="sounds to measure")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each at most")
    parser.add_argument("--temperature", type=float, default=0.8)
    parser.add_argument("--rounds", type=int, default=40, help="of moving towards the frames")
    args = parser.parse_args()
    model: WaveNet = Models().get(args.model)
    rate, hop, features = model.sample_rate_hz, model.config.hop_samples, model.config.features
    sounds = find_sounds(args.data, TerminalProgress().say)
    held_out = [sound for sound in sounds if sound.split() == "test"] or sounds
    rows: dict[str, list[dict[str, float]]] = {}
    rates, moving = [], []
    for index in np.linspace(0, len(held_out) - 1, min(args.count, len(held_out))).astype(int):
        audio = held_out[index].read().mono().resampled(rate)
        sound = audio.samples[0, : round(args.seconds * rate)]
        sound = (sound * (0.8 / max(float(np.abs(sound).max()), 1e-4))).astype(np.float32)
        energies = mel_energies(sound, rate, hop, features)
        frames = mel_features(energies)
        started = time.perf_counter()
        parts = sample(model, len(sound) / rate, frames=frames[None], temperature=args.temperature)
        drawn = np.concatenate(list(parts), 1)[0]
        rates.append(len(sound) / rate / (time.perf_counter() - started))
        ways = {"WaveNet": drawn}
        if (excitation := model.excitation(frames)) is not None:
            noise = np.random.default_rng(index).standard_normal(len(sound))
            ways["noise under the filters"] = excitation.shaped(noise)
        ways["Griffin-Lim"] = griffin_lim(frames, rate, hop, len(sound))
        for way, made in ways.items():
            started = time.perf_counter()
            moved = np.concatenate(list(match_mel([made], energies, rate, hop, args.rounds)))
            moving.append(len(sound) / rate / (time.perf_counter() - started))
            rows.setdefault(way, []).append(readings(sound, made, rate))
            rows.setdefault(f"{way}, moved", []).append(readings(sound, moved.clip(-1, 1), rate))
    names = list(rows["WaveNet"][0])
    print(f"{len(rows['WaveNet'])} sounds of up to {args.seconds:g} s at {rate} Hz, moved for {args.rounds} rounds\n")
    print(f"| | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for way, found in rows.items():
        print(f"| {way} | {' | '.join(f'{_mean([one[name] for one in found]):.3f}' for name in names)} |")
    print(
        f"\ndrawn {np.median(rates):.1f} times as fast as the sound lasts, and moved {np.median(moving):.1f} times, "
        "on one thread"
    )


if __name__ == "__main__":
    main()
