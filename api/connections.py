"""Connections that send nothing, or half of a request, for ever.

The server alone would hold each of them.

The server below has no time-outs of its own (TRUST.md M10). Here a request's head has to be
complete in time, an answer has to be taken in time, and of those who keep us waiting the oldest
goes when there are too many: whoever speaks at once always finds an open door.
"""

import asyncio
import socket
from dataclasses import dataclass, field
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle


@dataclass(slots=True)
class Doorway:
    """How long and how many may keep the server waiting.

    ``waiting``: those who do, the oldest first.
    """

    head_s: float = 15.0
    """From the connection, or the last answer, until the head of the request is there, however it
    trickles in.
    """
    answer_s: float = 60.0
    """So long an answer may lie without a byte of it being taken."""
    most_waiting: int = 256
    waiting: "dict[PatientProtocol, None]" = field(default_factory=dict)

    def begin(self, connection: "PatientProtocol") -> None:
        """It keeps us waiting from now on; the oldest of too many goes."""
        self.waiting[connection] = None
        if len(self.waiting) > self.most_waiting:
            oldest = next(iter(self.waiting))
            self.end(oldest)
            oldest.transport.abort()

    def end(self, connection: "PatientProtocol") -> None:
        """It is being answered, or gone."""
        self.waiting.pop(connection, None)


def through(doorway: Doorway) -> type[H11Protocol]:
    """The server's protocol class for connections through ``doorway``."""
    return type("PatientProtocol", (PatientProtocol,), {"doorway": doorway})


class PatientProtocol(H11Protocol):
    """One connection, closed when it keeps the server waiting for too long."""

    doorway: ClassVar[Doorway]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own signature
        super().__init__(*args, **kwargs)
        self._head_due: asyncio.TimerHandle | None = None
        self._answer_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # narrower, as above it
        """Wait for the head of a request."""
        super().connection_made(transport)
        line = transport.get_extra_info("socket")
        if line is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            line.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(self.doorway.answer_s * 1000)
            )
        self._look()

    def data_received(self, data: bytes) -> None:
        """Take what came, and see whether a request is complete."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._keeps_nobody_waiting()
        self._takes_its_answer()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The other side takes nothing of its answer."""
        super().pause_writing()
        self._answer_due = self._answer_due or self.loop.call_later(
            self.doorway.answer_s, self.transport.abort
        )

    def resume_writing(self) -> None:
        """It does again."""
        self._takes_its_answer()
        super().resume_writing()

    def _takes_its_answer(self) -> None:
        if self._answer_due is not None:
            self._answer_due.cancel()
            self._answer_due = None

    def _keeps_nobody_waiting(self) -> None:
        self.doorway.end(self)
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _look(self) -> None:
        """Whether the other side keeps us waiting.

        Nothing is being answered, and its request is not complete.
        """
        cycle: RequestResponseCycle | None = self.cycle
        unanswered = cycle is not None and not cycle.response_complete
        complete = self.conn.their_state not in (h11.IDLE, h11.SEND_BODY)
        if unanswered or complete or self.transport.is_closing():
            self._keeps_nobody_waiting()
        elif self._head_due is None:
            self._head_due = self.loop.call_later(self.doorway.head_s, self.transport.abort)
            self.doorway.begin(self)
