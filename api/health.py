"""Whether the product does its work, for the supervisor and for monitoring.

``ok``, or what is broken, by name.
"""

import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from api.auth import runtime_of
from api.pages import texts_of
from api.texts import Texts
from pipeline.doors.health import Problem, broken, problems
from pipeline.runtime import Runtime

router = APIRouter(include_in_schema=False)

EXAMINED_EVERY_S: Final = 1.0
"""However often it is asked, the disk is not tried more often."""


@dataclass(slots=True)
class Examination:
    """The last look at the product, kept for a moment.

    One thread looks, the others wait for what it sees.
    """

    runtime: Runtime
    found: tuple[Problem, ...] = ()
    until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> tuple[Problem, ...]:
        """What is wrong, seen at most a moment ago."""
        with self.lock:
            if time.monotonic() >= self.until:
                self.found = problems(self.runtime)
                self.until = time.monotonic() + EXAMINED_EVERY_S
            return self.found


@router.get("/health")
def health(request: Request) -> PlainTextResponse:
    """200 ``ok`` and the instant; 503 ``not ready`` and what is broken.

    Warnings and folders are not for strangers.
    """
    examination: Examination = request.app.state.examination
    failed = broken(examination.now())
    status = HTTPStatus.SERVICE_UNAVAILABLE if failed else HTTPStatus.OK
    return PlainTextResponse(
        report(runtime_of(request), failed, texts_of(request)),
        status,
        headers={"Cache-Control": "no-store"},
    )


def report(runtime: Runtime, found: tuple[Problem, ...], texts: Texts) -> str:
    """The answer as text: one line for how it is, one for each problem."""
    state = "not ready" if broken(found) else "ok"
    lines = [f"{state} {runtime.now().isoformat(timespec='seconds')}"]
    lines += [f"{problem.code}: {texts.t(problem.text_key)}" for problem in found]
    return "\n".join(lines) + "\n"
