"""Stretches of speech from probabilities of frames, as they come: silero-vad's rules (``get_speech_timestamps``)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class SegmentOptions:
    """What counts as a stretch of speech.

    Attributes:
        threshold: the probability at which one begins, 0 to 1.
        end_threshold: it ends where the probability stays below.
        min_speech_s: shorter ones are none.
        min_silence_s: so long the probability has to stay below for it to end.
        pad_s: added at either end, as far as the sound and the neighbours leave room.

    Raises:
        ValueError: a number is out of its range.
    """

    threshold: float = 0.5
    end_threshold: float = 0.35
    min_speech_s: float = 0.25
    min_silence_s: float = 0.1
    pad_s: float = 0.03

    def __post_init__(self) -> None:
        if not 0 < self.end_threshold <= self.threshold < 1:
            raise ValueError("thresholds lie between 0 and 1, that of the end at most at that of the start")
        if min(self.min_speech_s, self.min_silence_s, self.pad_s) < 0:
            raise ValueError("lengths of time are 0 or more")


class Segmenter:
    """Finds stretches in probabilities that come in pieces; how they are cut does not matter.

    Args:
        options: what counts as one.
        frame_s: seconds a frame.
    """

    def __init__(self, options: SegmentOptions, frame_s: float) -> None:
        self.options, self.frame_s = options, frame_s
        self._frame = 0
        self._start: int | None = None
        self._quiet: int | None = None
        self._last: tuple[int, int] | None = None
        self._before = 0.0
        """Where the last stretch that was given out ends, with its pad."""

    @property
    def is_speech(self) -> bool:
        """Whether a stretch has begun and not ended."""
        return self._start is not None

    def push(self, probabilities: Float[np.ndarray, " frame"]) -> list[tuple[float, float]]:
        """The stretches that are over, of which nothing that comes can change the pads: starts and ends in seconds."""
        options, done = self.options, []
        for probability in probabilities.tolist():
            if probability >= options.threshold:
                self._quiet = None
                if self._start is None:
                    self._start = self._frame
            elif self._start is not None and probability < options.end_threshold:
                if self._quiet is None:
                    self._quiet = self._frame
                if (self._frame + 1 - self._quiet) * self.frame_s >= options.min_silence_s:
                    done += self._close(self._quiet)
            elif self._start is not None and self._quiet is not None and probability >= options.end_threshold:
                self._quiet = None
            self._frame += 1
        settled = self._last and self._start is None and self._frame * self.frame_s
        if settled and self._last and settled >= self._last[1] * self.frame_s + 2 * options.pad_s:
            done += self._give_out(settled)
        return done

    def flush(self, duration_s: float) -> list[tuple[float, float]]:
        """What is left at the end of a sound so long."""
        done = self._close(self._frame if self._quiet is None else self._quiet) if self._start is not None else []
        return [*done, *self._give_out(duration_s)]

    def _close(self, end: int) -> list[tuple[float, float]]:
        """End the stretch that runs; the one before it can be given out now."""
        assert self._start is not None
        start, self._start, self._quiet = self._start, None, None
        if (end - start) * self.frame_s < self.options.min_speech_s:
            return []
        done = self._give_out(start * self.frame_s)
        self._last = (start, end)
        return done

    def _give_out(self, room_s: float) -> list[tuple[float, float]]:
        """The last stretch with its pads; two that are near share what is between them."""
        if self._last is None:
            return []
        (first, last), self._last, pad = self._last, None, self.options.pad_s
        start, end = first * self.frame_s, last * self.frame_s
        own_end = min(end + pad, (end + room_s) / 2 if room_s - end < 2 * pad else end + pad)
        span = (max(start - pad, self._before, 0.0), own_end)
        self._before = own_end
        return [span]
