"""A real server in the test's own process, on a port of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

STOP_S = 20


@contextmanager
def served(app: FastAPI, *, log_level: str = "warning") -> Iterator[str]:
    """The address at which ``app`` is served until the block ends."""
    config = uvicorn.Config(app, port=0, ws="none", lifespan="on", log_level=log_level, log_config=None)
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
