"""A real server in the test's own process, on a port of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from api.connections import Doorway
from api.server import configured

STOP_S = 20


@contextmanager
def served(
    app: FastAPI, *, log_level: str = "warning", doorway: Doorway | None = None
) -> Iterator[str]:
    """The address at which ``app`` is served, as the product serves it, until the block ends."""
    config = configured(app, "127.0.0.1", 0, doorway)
    config.log_level, config.log_config = log_level, None
    config.configure_logging()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOP_S)
