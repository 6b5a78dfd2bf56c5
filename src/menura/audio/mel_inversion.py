"""Mel energies of sound, and sound moved towards mel energies, as it comes.

Griffin and Lim's rounds (1984), with the momentum of Perraudin, Balazs and Søndergaard (2013), from a sound to begin
with. Theirs hold each frequency to a magnitude, which a mel spectrum does not say; these hold each band to its energy,
and leave it to the sound how a band is filled: a harmonic stays one, and what lies between harmonics sinks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import Complex, Float

from menura.audio.mel import mel_triangles
from menura.progress import check

_WINDOW_HOPS = 4
_SOFTEST = 1e-4
"""Energies below count as this."""
_MOMENTUM = 0.9
_LARGEST_GAIN = 10.0
_LEAST_WEIGHT = 0.1
_BLOCK_S, _AHEAD_S = 1.0, 0.25
"""What is settled at once, and how much more is looked at for it."""


def mel_window(hop_samples: int) -> tuple[Float[np.ndarray, " sample"], int]:
    """The window of a frame, four hops long, and the size of its transform, the next power of two."""
    count = _WINDOW_HOPS * hop_samples
    return np.hanning(count).astype(np.float32), 1 << (count - 1).bit_length()


def mel_energies(
    sound: Float[np.ndarray, " sample"], sample_rate_hz: int, hop_samples: int, num_mels: int
) -> Float[np.ndarray, "frame mel"]:
    """Energies of mel bands from 0 to half the rate, 1e-4 and more; a frame a hop, each centred on its samples."""
    count = -(-len(sound) // hop_samples)
    window, _ = mel_window(hop_samples)
    padded = np.pad(sound, (_lead(hop_samples), len(window) + count * hop_samples - len(sound)))
    magnitudes = np.abs(_spectra(padded, hop_samples, count))
    return np.maximum(magnitudes @ _triangles(sample_rate_hz, hop_samples, num_mels).T, _SOFTEST)


def match_mel(
    parts: Iterable[Float[np.ndarray, " sample"]],
    energies: Float[np.ndarray, "frame mel"],
    sample_rate_hz: int,
    hop_samples: int,
    rounds: int,
) -> Iterator[Float[np.ndarray, " sample"]]:
    """Sound moved until its `mel_energies` are near those told; as long as it was, float32.

    It is settled a second at a time, with what is settled before it and a quarter of a second ahead in view, so the
    parts it comes in do not matter.

    Args:
        parts: of the sound, of any length each.
        energies: of all of it, as `mel_energies` gives them.
        rounds: the more, the nearer; what is gained grows small after 40. 0 leaves the sound as it is.
    """
    if not rounds:
        yield from parts
        return
    block, ahead = (max(1, round(seconds * sample_rate_hz / hop_samples)) for seconds in (_BLOCK_S, _AHEAD_S))
    silence = np.zeros(_WINDOW_HOPS * hop_samples, np.float32)
    to_bands = _triangles(sample_rate_hz, hop_samples, energies.shape[1])
    before, waiting, done = silence, np.zeros(0, np.float32), 0
    for part in parts:
        waiting = np.concatenate((waiting, part.astype(np.float32)))
        while len(waiting) > (block + ahead) * hop_samples:
            seen, later = np.split(waiting, [(block + ahead) * hop_samples])
            made = _moved(before, seen, silence[:0], energies, done, to_bands, hop_samples, rounds)
            settled, begun = np.split(made, [block * hop_samples])
            yield settled
            before = np.concatenate((before, settled))[-len(silence) :]
            waiting, done = np.concatenate((begun, later)), done + block
    if len(waiting):
        yield _moved(before, waiting, silence, energies, done, to_bands, hop_samples, rounds)


def _moved(
    before: np.ndarray,
    sound: np.ndarray,
    after: np.ndarray,
    energies: np.ndarray,
    start: int,
    to_bands: np.ndarray,
    hop: int,
    rounds: int,
) -> np.ndarray:
    """Sound that begins with frame `start`, moved; what is before and after it stays."""
    window, size = mel_window(hop)
    whole = np.concatenate((before, sound, after, np.zeros(-len(sound) % hop, np.float32)))
    first = max(start - 2, 0)  # the first frame all of whose samples are here
    lead = (first - start + _WINDOW_HOPS) * hop - _lead(hop)
    count = min((len(whole) - lead) // hop - _WINDOW_HOPS + 1, len(energies) - first)
    if count < 1:
        return sound
    wanted = energies[first : first + count].astype(np.float32)
    covered = to_bands.sum(0)
    to_frequencies = to_bands / np.maximum(covered, 1e-12)
    weight = _added(np.broadcast_to(window**2, (count, len(window))), hop)
    span, inside = slice(lead, lead + len(weight)), slice(len(before), len(before) + len(sound))
    free = np.zeros(len(whole), bool)
    free[span] = weight > _LEAST_WEIGHT  # what hardly a window sees stays
    free[: inside.start], free[inside.stop :] = False, False
    free = free[span]
    last = None
    for _ in range(rounds):
        check()
        spectra = _spectra(whole[lead:], hop, count)
        lacking = np.log(wanted / np.maximum(np.abs(spectra) @ to_bands.T, _SOFTEST))
        spectra *= np.minimum(np.exp(lacking @ to_frequencies), _LARGEST_GAIN)
        ahead = spectra if last is None else spectra + _MOMENTUM * (spectra - last)
        last = spectra
        made = _added(np.fft.irfft(ahead, size)[:, : len(window)] * window, hop)
        whole[span][free] = made[free] / weight[free]
    return whole[inside]


def _lead(hop: int) -> int:
    """How far a frame begins before its own samples."""
    return _WINDOW_HOPS * hop // 2 - hop // 2


def _triangles(sample_rate_hz: int, hop: int, num_mels: int) -> Float[np.ndarray, "mel frequency"]:
    return mel_triangles(sample_rate_hz, mel_window(hop)[1], num_mels, 0, sample_rate_hz / 2)


def _spectra(sound: np.ndarray, hop: int, count: int) -> Complex[np.ndarray, "frame frequency"]:
    window, size = mel_window(hop)
    frames = np.lib.stride_tricks.sliding_window_view(sound, len(window))[::hop][:count]
    return np.fft.rfft(frames * window, size)


def _added(frames: np.ndarray, hop: int) -> Float[np.ndarray, " sample"]:
    """Frames laid over each other, a hop apart."""
    laid = np.zeros((len(frames) + _WINDOW_HOPS - 1, hop), np.float32)
    for shift in range(_WINDOW_HOPS):
        laid[shift : shift + len(frames)] += frames[:, shift * hop : (shift + 1) * hop]
    return laid.reshape(-1)
