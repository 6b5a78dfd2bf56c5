"""Sound as it comes, without its long silences, held only as far as it is still needed.

As faster-whisper does it: what is not speech is left out before windows of 30 s are cut, and times are told in the
whole sound.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from jaxtyping import Float

from menura.audio import Audio
from menura.audio.resample import in_lengths, resampled
from menura.progress import check

RATE_HZ = 16_000
PAD_S = 0.3
"""Left on either side of speech."""
SHORTEST_SILENCE_S = 2.0
"""That is left out."""
_BLOCK_S = 30.0
_CONTEXT_S = 4.0
"""That is looked at on either side of a block; more than half of the shortest silence and a pad."""
_FLOOR_DB = -65.0
_FRAME_SAMPLES = 160


class Activity(Protocol):
    """Where somebody speaks: `menura.models.contract.VoiceActivity`."""

    def speech(self, samples: Float[np.ndarray, " sample"]) -> Sequence[tuple[float, float]]:
        """Start and end of each stretch of speech in mono sound at 16 kHz, seconds, in order."""
        ...


class Section(NamedTuple):
    """A stretch of a sound.

    Attributes:
        start: its first sample in the whole sound.
        samples: mono, at 16 kHz.
    """

    start: int
    samples: Float[np.ndarray, " sample"]


class Loud:
    """Takes all that is not silent for speech; for sound of which nobody says where speech is."""

    def speech(self, samples: Float[np.ndarray, " sample"]) -> list[tuple[float, float]]:
        loud = frame_levels_db(samples) > _FLOOR_DB
        edges = np.flatnonzero(np.diff(loud.astype(np.int8), prepend=0, append=0)) * _FRAME_SAMPLES / RATE_HZ
        return [(float(start), float(end)) for start, end in edges.reshape(-1, 2)]


def frame_levels_db(samples: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " frame"]:
    """Mean power of each 10 ms, in dB of full scale."""
    count = -(-len(samples) // _FRAME_SAMPLES)
    padded = np.pad(samples.astype(np.float32), (0, count * _FRAME_SAMPLES - len(samples)))
    return 10 * np.log10(np.square(padded.reshape(-1, _FRAME_SAMPLES)).mean(1) + 1e-12)


def mono_blocks(blocks: Audio | Iterable[np.ndarray], sample_rate_hz: int = RATE_HZ) -> Iterator[np.ndarray]:
    """Sound, ``[channel, sample]`` or ``[sample]``, as mono blocks of a length ``[1, sample]`` at 16 kHz."""
    if isinstance(blocks, Audio):
        blocks, sample_rate_hz = [blocks.samples], blocks.sample_rate_hz
    mono = (np.atleast_2d(np.asarray(block, np.float32)).mean(0, keepdims=True) for block in blocks)
    return in_lengths(resampled(mono, sample_rate_hz, RATE_HZ), round(_BLOCK_S * RATE_HZ))


def sections(blocks: Iterable[np.ndarray], activity: Activity) -> Iterator[Section]:
    """What somebody says, with a little before and after it, and silences shorter than 2 s within it.

    Args:
        blocks: mono sound at 16 kHz, ``[1, sample]``.
        activity: where speech is.
    """
    context = round(_CONTEXT_S * RATE_HZ)
    seen, start, decided, is_over = np.zeros(0, np.float32), 0, 0, False
    coming = iter(blocks)
    while not is_over:
        check()
        block = next(coming, None)
        is_over = block is None
        seen = seen if block is None else np.concatenate((seen, block[0]))
        until = start + len(seen) - (0 if is_over else context)
        for first, stop in _kept(activity.speech(seen) if len(seen) else (), start, start + len(seen)):
            first, stop = max(first, decided), min(stop, until)
            if first < stop:
                yield Section(first, seen[first - start : stop - start])
        decided = max(decided, until)
        fresh = max(decided - context, start)
        seen, start = seen[fresh - start :], fresh


def _kept(spans: Iterable[tuple[float, float]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Speech with its pads, joined over short silences, in samples of the whole sound."""
    pad, joined = round(PAD_S * RATE_HZ), round(SHORTEST_SILENCE_S * RATE_HZ)
    waiting: tuple[int, int] | None = None
    for start_s, end_s in spans:
        first = max(start + round(start_s * RATE_HZ) - pad, start)
        stop = min(start + round(end_s * RATE_HZ) + pad, end)
        if waiting and first - waiting[1] < joined - 2 * pad:
            first = waiting[0]
        elif waiting:
            yield waiting
        waiting = (first, stop)
    if waiting:
        yield waiting


class SoundBuffer:
    """Sections one after another as one sound, of which only what may still be asked for is held.

    Args:
        parts: in order.
    """

    def __init__(self, parts: Iterable[Section]) -> None:
        self._parts = iter(parts)
        self._held = np.zeros(0, np.float32)
        self._first = 0
        self._starts: list[int] = []
        self._origins: list[int] = []

    def window(self, start: int, count: int) -> Float[np.ndarray, " sample"]:
        """So many samples from one on, fewer at the end; none before `start` can be asked for again."""
        self._let_go(start)
        self._fill(start + count)
        return self._held[start - self._first : start - self._first + count]

    def boundary(self, start: int, most: int) -> int:
        """The end of a window of at most so many samples, where a section or, in a longer one, a soft place is."""
        self._fill(start + most + 1)
        end = self._first + len(self._held)
        if end <= start + most:
            return end
        ends = [place for place in self._starts if start + most // 2 < place <= start + most]
        if ends:
            return ends[-1]
        tail = self._held[start + most // 2 - self._first : start + most - self._first]
        levels = np.convolve(frame_levels_db(tail), np.ones(11) / 11, mode="same")
        return start + most // 2 + (int(levels[5:-5].argmin()) + 5) * _FRAME_SAMPLES

    def span_s(self, start: float, end: float) -> tuple[float, float]:
        """Two places of this sound, in samples, as times in the whole sound, both in the section of their middle."""
        place = max(bisect_right(self._starts, (start + end) / 2) - 1, 0)
        stop = self._starts[place + 1] if place + 1 < len(self._starts) else np.inf
        first, last = (min(max(one, self._starts[place]), stop) for one in (start, end))
        return self._told_s(first, place), self._told_s(last, place)

    def time_s(self, place: int) -> float:
        """A place of this sound, in samples, as a time in the whole sound."""
        return self.spans_s(place, place)[0]

    def spans_s(self, start: float, end: float) -> tuple[float, float]:
        """As `span_s`, of what may go over several sections."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = max(bisect_left(self._starts, end) - 1, first)
        return self._told_s(start, first), self._told_s(end, last)

    def _told_s(self, place: float, section: int) -> float:
        return float(place + self._origins[section] - self._starts[section]) / RATE_HZ

    def _fill(self, end: int) -> None:
        fresh = [self._held]
        stop = self._first + len(self._held)
        while stop < end and (part := next(self._parts, None)) is not None:
            if not self._origins or part.start - self._origins[-1] != stop - self._starts[-1]:
                self._starts.append(stop)
                self._origins.append(part.start)
            fresh.append(part.samples)
            stop += len(part.samples)
        self._held = np.concatenate(fresh) if len(fresh) > 1 else self._held

    def _let_go(self, start: int) -> None:
        gone = min(max(start - self._first, 0), len(self._held))
        self._held, self._first = self._held[gone:], self._first + gone
        places = max(bisect_right(self._starts, self._first) - 1, 0)
        del self._starts[:places], self._origins[:places]
