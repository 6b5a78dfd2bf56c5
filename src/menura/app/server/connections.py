"""Connections: whoever does not get a request across, or does not take an answer, is hung up on."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 10.0
"""How long the head of a request may take, from the first byte or, of the first one, from the beginning."""
UNREAD_S = 30.0
"""How long an answer may lie unread."""
MOST = 800
"""Connections at once; systems usually let a process have 1024 files."""


class Connection(H11Protocol):
    """uvicorn's, with limits of time and number, of which it has none where nothing is said or read."""

    _unsaid: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.abort()
        else:
            self._unsaid = self.loop.call_later(REQUEST_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:  # the head is here
            self._unsaid = _stopped(self._unsaid)
        elif self._unsaid is None:
            self._unsaid = self.loop.call_later(REQUEST_S, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread = _stopped(self._unread)

    def connection_lost(self, exc: Exception | None) -> None:
        self._unsaid, self._unread = _stopped(self._unsaid), _stopped(self._unread)
        super().connection_lost(exc)


def _stopped(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
