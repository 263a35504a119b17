"""Connections that keep the server waiting are closed; whoever speaks is answered."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx2
import pytest
from fastapi.testclient import TestClient

from api import patience
from api.app import create_app
from api.connections import Doorway
from api.health import Examination
from api.server import health_door
from pipeline.doors.sweep import sweep
from pipeline.runtime import Runtime
from tests.fixtures import Clock
from tests.served import served

HALF = b"GET / HTTP/1.1\r\nHost: here\r\nX-Half"
MANY = 500


@contextmanager
def lines(address: str, count: int, said: bytes) -> Iterator[list[socket.socket]]:
    """``count`` connections that each said so much and then nothing more."""
    host, port = address.removeprefix("http://").split(":")
    with ExitStack() as stack:
        opened = [
            stack.enter_context(socket.create_connection((host, int(port)), timeout=60))
            for _ in range(count)
        ]
        for line in opened:
            line.sendall(said)
        yield opened


def closed(line: socket.socket) -> bool:
    """Whether the other side hangs up without an answer; waits for it."""
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True


def everything(line: socket.socket) -> bytes:
    """All that comes until the other side hangs up."""
    return b"".join(iter(lambda: line.recv(65536), b""))


@pytest.mark.parametrize("said", [b"", b"GET", HALF])
def test_half_a_head_is_closed_in_time(runtime: Runtime, said: bytes) -> None:
    with (
        served(create_app(runtime), doorway=Doorway(head_s=0.2)) as address,
        lines(address, 3, said) as opened,
    ):
        assert all(closed(line) for line in opened)


def test_a_head_that_trickles_in_earns_no_more_time(runtime: Runtime) -> None:
    doorway = Doorway(head_s=0.5)
    with (
        served(create_app(runtime), doorway=doorway) as address,
        lines(address, 1, HALF) as (line,),
    ):
        end = time.monotonic() + 60
        with pytest.raises(OSError, match=r"."):  # noqa: PT012 - the loop is what trickles
            while time.monotonic() < end:
                line.sendall(b"x")
                time.sleep(0.05)
        assert doorway.waiting == {}


def test_what_follows_an_answer_has_to_come_in_time_too(runtime: Runtime) -> None:
    asked = b"GET /static/app.css HTTP/1.1\r\nHost: here\r\n\r\n"
    with (
        served(create_app(runtime), doorway=Doorway(head_s=0.5)) as address,
        lines(address, 1, asked) as (line,),
    ):
        assert line.recv(12) == b"HTTP/1.1 200"
        line.sendall(b"GE")
        while line.recv(65536):
            pass  # the rest of the answer, then the end


def test_five_hundred_half_open_requests_shut_nobody_out(runtime: Runtime) -> None:
    sweep(runtime)
    doorway = Doorway(head_s=60)
    with (
        served(create_app(runtime), doorway=doorway) as address,
        httpx2.Client(base_url=address, timeout=60) as client,
        lines(address, MANY, HALF),
    ):
        assert client.get("/health").status_code == 200
        assert client.get("/r").status_code == 200
        assert client.post("/api/v1/drafts").status_code == 201
        assert len(doorway.waiting) <= doorway.most_waiting


def test_half_a_body_is_told_so_and_closed(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FORMS", patience.Patience(0.2, 0.2, 1024))
    half = (
        b"POST /api/v1/session?lang=en HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100\r\n\r\n{"
    )
    with served(create_app(runtime)) as address, lines(address, 2, half) as opened:
        for line in opened:
            answer = everything(line)
            assert answer.startswith(b"HTTP/1.1 408")
            assert b"connection: close" in answer.lower()
            assert b"TOO_SLOW" in answer


def test_health_has_a_door_of_its_own(runtime: Runtime, clock: Clock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    examination = Examination(runtime)
    with health_door(examination, port) as opened:
        assert opened == port
        broken = httpx2.get(f"http://127.0.0.1:{port}/health", timeout=60)
        assert (broken.status_code, "SWEEP_OVERDUE" in broken.text) == (503, True)
        assert httpx2.get(f"http://127.0.0.1:{port}/", timeout=60).status_code == 404
        sweep(runtime)
        examination.until = 0.0
        assert httpx2.get(f"http://127.0.0.1:{port}/health", timeout=60).text.startswith(
            "ok 2026-03-11"
        )


def test_no_door_is_opened_where_none_is_wanted(runtime: Runtime) -> None:
    with health_door(Examination(runtime), 0) as opened:
        assert opened == 0
    assert TestClient(create_app(runtime)).get("/health").status_code == 503
