"""The web server: the application behind doors with time-outs, and a small door for health.

Strangers fill the first door at most; the second one listens on this machine alone, in a thread of
its own.
"""

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.connections import Doorway, through
from api.health import Examination
from pipeline.doors.health import broken
from pipeline.runtime import Runtime

MOST_REQUESTS: Final = 1000
OPEN_FILES: Final = 8192
"""Connections, database and uploads each need some; many systems allow 1,024 until asked."""
HEALTH_HOST: Final = "127.0.0.1"
HEALTH_WAITS_S: Final = 5


def serve(runtime: Runtime) -> None:
    """Serve until told to stop. Raises OSError where a port can't be listened on."""
    _allow_open_files()
    app, settings = create_app(runtime), runtime.settings
    with health_door(app.state.examination, settings.health_port):
        uvicorn.Server(configured(app, settings.host, settings.port)).run()


def configured(
    app: FastAPI, host: str, port: int, doorway: Doorway | None = None
) -> uvicorn.Config:
    """How the server runs ``app``: quiet, without proxies' claims, behind ``doorway``."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=through(doorway or Doorway()),
        ws="none",
        log_level="warning",
        access_log=False,  # addresses with numbers in them do not belong in a log
        server_header=False,
        # it would believe anybody on this machine; the application asks BUSREPORT_PROXY
        proxy_headers=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=8,
        limit_concurrency=MOST_REQUESTS,
    )


@contextmanager
def health_door(examination: Examination, port: int) -> Iterator[int]:
    """Answer ``/health`` on this machine's ``port`` until the block ends (0: no such door).

    The value is the port.
    """
    if not port:
        yield 0
        return
    with _HealthServer((HEALTH_HOST, port), _HealthAnswer) as server:
        server.examination = examination
        thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class _HealthServer(ThreadingHTTPServer):
    daemon_threads = True
    examination: Examination


class _HealthAnswer(BaseHTTPRequestHandler):
    """Everything that is wrong, warnings and folders too: whoever asks here sits at the machine."""

    timeout = HEALTH_WAITS_S
    server: _HealthServer

    def do_GET(self) -> None:
        """Answer ``/health``; there is nothing else here."""
        if self.path.partition("?")[0] != "/health":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        found = self.server.examination.now()
        state = "not ready" if broken(found) else "ok"
        now = self.server.examination.runtime.now()
        lines = [f"{state} {now.isoformat(timespec='seconds')}", *map(str, found)]
        body = "\n".join([*lines, ""]).encode()
        self.send_response(HTTPStatus.SERVICE_UNAVAILABLE if broken(found) else HTTPStatus.OK)
        for name, value in (
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - http.server's signature
        """Say nothing: it is asked every few seconds."""


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
