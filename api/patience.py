"""How long a request's body may take: forms at once, files as long as something comes.

A pace has credit for so many seconds of waiting; bytes earn it back at the least rate, a pause
alone ends it sooner. So a slow phone that goes on sending is never cut off, and whoever holds a
place without using it loses it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.limits import KIB, takes_files
from api.turned_away import TooManyUploads, TooSlow

RETRY_AFTER_S: Final = 10


class Patience(NamedTuple):
    """``pause_s``: without a byte; ``credit_s``.

    Waiting in all, beyond what came at ``least_rate`` bytes a second.
    """

    pause_s: float
    credit_s: float
    least_rate: float


FORMS: Final = Patience(pause_s=15, credit_s=15, least_rate=KIB)
FILES: Final = Patience(pause_s=30, credit_s=60, least_rate=KIB)


@dataclass(eq=False, slots=True)
class Pace:
    """How one body arrives.

    ``since``: from when on it is waited for; None while we are at work on what came.
    """

    patience: Patience
    client: str = ""
    """Who sends it, as limits per client count."""
    clock: Callable[[], float] = time.monotonic
    left_s: float = field(init=False)
    since: float | None = None
    given_up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the place is taken away for somebody who sends."""

    def __post_init__(self) -> None:
        self.left_s = self.patience.credit_s

    def paused_s(self) -> float:
        """How long nothing has come."""
        return 0.0 if self.since is None else self.clock() - self.since

    async def next(self, receive: Receive) -> Message:
        """The next piece of the body. Raises TooSlow."""
        self.since = self.clock()
        piece = asyncio.ensure_future(receive())
        end = asyncio.ensure_future(self.given_up.wait())
        try:
            patient_s = min(self.patience.pause_s, self.left_s)
            await asyncio.wait((piece, end), timeout=patient_s, return_when=asyncio.FIRST_COMPLETED)
            self.left_s -= self.paused_s()
            if not piece.done() or self.left_s < 0:
                raise TooSlow
        finally:
            self.since = None
            end.cancel()
            if not piece.done():
                piece.cancel()
        message = piece.result()
        earned_s = len(message.get("body", b"")) / self.patience.least_rate
        self.left_s = min(self.patience.credit_s, self.left_s + earned_s)
        return message


class BodyInTime:
    """Hands a body on piece by piece, and raises TooSlow where it does not come.

    The pace is ``request.state.pace``.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; after the last piece nothing is timed."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        pace = state["pace"] = Pace(
            FILES if takes_files(scope) else FORMS, state["caller"].household
        )
        over = False

        async def in_time() -> Message:
            nonlocal over
            if over:
                return await receive()
            message = await pace.next(receive)
            over = not message.get("more_body", False)
            return message

        await self.app(scope, in_time, send)


@dataclass(slots=True)
class Places:
    """Uploads under way.

    When all places are held, whoever has paused longest loses theirs to who comes.

    Where nobody paused, a client that holds more than half of all gives up its latest to another
    client.
    """

    most: int
    robbed_after_s: float = 5.0
    held: dict[Pace, None] = field(default_factory=dict)
    """In the order in which they came."""

    def take(self, pace: Pace) -> None:
        """Hold a place for ``pace``. Raises TooManyUploads where everybody is sending."""
        if len(self.held) >= self.most:
            gives = self._idle() or self._of_a_crowd(pace.client)
            if gives is None:
                raise TooManyUploads(RETRY_AFTER_S)
            self.leave(gives)
            gives.given_up.set()
        self.held[pace] = None

    def _idle(self) -> Pace | None:
        idle = max(self.held, key=Pace.paused_s, default=None)
        return idle if idle is not None and idle.paused_s() >= self.robbed_after_s else None

    def _of_a_crowd(self, comes: str) -> Pace | None:
        latest = {pace.client: pace for pace in self.held}
        counted = Counter(pace.client for pace in self.held)
        return next(
            (
                latest[client]
                for client, many in counted.items()
                if client != comes and 2 * many > self.most
            ),
            None,
        )

    def leave(self, pace: Pace) -> None:
        """Give the place back; one that was taken away is gone already."""
        self.held.pop(pace, None)
