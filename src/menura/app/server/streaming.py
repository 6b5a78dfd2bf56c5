"""Live sound: a task's stream, from the thread that makes it to a client that may be slow."""

from __future__ import annotations

import asyncio
import struct
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import chain, islice
from queue import Full, Queue
from threading import Thread
from typing import Any

import numpy as np

from menura.app.server.errors import Refusal
from menura.progress import Cancelled, Noting
from menura.tasks.models import Models
from menura.tasks.task import Stream, Task

_AHEAD = 4
"""Parts that wait for a slow client; the task waits when there are as many."""
_UNKNOWN = 0xFFFFFFFF
_FULL_SCALE = 32768.0


class Slots:
    """How many streams there may be, so that nobody can take all of them.

    Args:
        most, max_queued_of_client: at once, of all and of one client.
    """

    def __init__(self, most: int, max_queued_of_client: int) -> None:
        self._most, self._most_of_client = most, max_queued_of_client
        self._taken: Counter[str] = Counter()

    @property
    def num_taken(self) -> int:
        return self._taken.total()

    @contextmanager
    def taken(self, client: str) -> Iterator[None]:
        """One of them, for a client.

        Raises:
            Refusal: there is none left.
        """
        if self.num_taken >= self._most:
            raise Refusal(503, "too many live streams at once; try again soon", headers={"retry-after": "2"})
        if self._taken[client] >= self._most_of_client:
            raise Refusal(429, "too many live streams of yours at once; end one first", headers={"retry-after": "2"})
        self._taken[client] += 1
        try:
            yield
        finally:
            self._taken[client] -= 1
            self._taken += Counter()  # forgets those who have none


class Patience:
    """How long a stream waits for its reader: as long as its sound lasts, for it may be played as it comes, and a bit.

    Args:
        rate_hz: of the sound.
        more_s: how much longer.
    """

    def __init__(self, rate_hz: int, more_s: float) -> None:
        self._rate_hz, self._left_s = rate_hz, more_s

    @contextmanager
    def of(self, part: np.ndarray) -> Iterator[None]:
        """While a part is sent.

        Raises:
            Refusal: the reader has fallen too far behind.
        """
        before = time.monotonic()
        yield
        self._left_s += part.shape[1] / self._rate_hz - (time.monotonic() - before)
        if self._left_s < 0:
            raise Refusal(408, "the sound is not read as fast as it lasts")


class Live:
    """A task's stream, made in a thread of its own.

    Attributes:
        rate_hz, channels, num_samples: of the sound; known once `begin` has been awaited.
    """

    def __init__(self, task: Task, models: Models) -> None:
        self._task, self._models, self._progress = task, models, Noting()
        self._parts: Queue[Any] = Queue(_AHEAD)
        self._thread = Thread(target=self._make, name="menura-stream", daemon=True)

    async def begin(self) -> Stream:
        """Start, and say what the sound will be.

        Raises:
            ValueError: the task cannot be done.
        """
        self._thread.start()
        first = await self._next()
        if isinstance(first, BaseException):
            raise first
        return first

    async def parts(self) -> AsyncIterator[np.ndarray]:
        """The parts, float32 ``[channel, sample]``, as they are ready.

        Raises:
            ValueError: the task cannot be finished.
        """
        while (part := await self._next()) is not None:
            if isinstance(part, BaseException):
                raise part
            yield part

    @property
    def warnings(self) -> list[str]:
        """What is odd about what the stream is made of, as far as it is known yet."""
        return self._progress.warnings

    def stop(self) -> None:
        """The client is gone, or has all."""
        self._progress.cancel()

    async def _next(self) -> Any:
        return await asyncio.to_thread(self._parts.get)

    def _make(self) -> None:
        try:
            with self._progress.active():
                stream = self._task.stream(self._models.unused(), self._progress)
                parts = iter(stream.parts)
                first = [*islice(parts, 1)]  # what cannot be met shows here, before the client is told a format
                self._put(stream)
                for part in chain(first, parts):
                    self._put(part)
                self._put(None)
        except Cancelled:
            self._end(None)
        except Exception as error:  # told to the client by whoever reads
            self._end(error)

    def _put(self, item: Any) -> None:
        while True:
            self._progress.update(0, 1, "streaming")  # raises when the client is gone
            try:
                self._parts.put(item, timeout=0.2)
                return
            except Full:
                continue

    def _end(self, item: BaseException | None) -> None:
        """Put the last item, in the place of another if need be: the reader must not wait for ever."""
        while True:
            try:
                self._parts.put_nowait(item)
                return
            except Full:
                self._parts.get_nowait()


@asynccontextmanager
async def live(task: Task, models: Models) -> AsyncIterator[tuple[Live, Stream]]:
    """A stream that has begun, and is stopped however the block ends."""
    one = Live(task, models)
    try:
        yield one, await one.begin()
    finally:
        one.stop()


def wav_header(stream: Stream) -> bytes:
    """The beginning of a WAV file of 32-bit floats; where the length is not known it says the largest."""
    frame = 4 * stream.num_channels
    known = stream.num_samples is not None and frame * stream.num_samples < _UNKNOWN - 60
    size = frame * (stream.num_samples or 0) if known else _UNKNOWN - 60
    fields = struct.pack(
        "<HHIIHH", 3, stream.num_channels, stream.sample_rate_hz, stream.sample_rate_hz * frame, frame, 32
    )
    return (
        b"RIFF"
        + struct.pack("<I", size + 48)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + fields
        + b"fact"
        + struct.pack("<II", 4, size // frame)
        + b"data"
        + struct.pack("<I", size)
    )


def interleaved(part: np.ndarray) -> bytes:
    """A part as little-endian 32-bit floats, one frame after another."""
    return np.ascontiguousarray(part.T, dtype="<f4").tobytes()
