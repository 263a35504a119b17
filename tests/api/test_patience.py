"""How long a body may take: who sends is never cut off, who holds a place in silence loses it."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import httpx2
import pytest
from starlette.types import Message

from api.app import create_app
from api.patience import FILES, FORMS, Pace, Patience, Places
from api.turned_away import TooManyUploads, TooSlow
from pipeline.runtime import Runtime
from pipeline.store import fsck
from tests.api.visitor import photo
from tests.served import served

T = TypeVar("T")


def looped(coroutine: Coroutine[Any, Any, T]) -> T:
    """What it returns, run in a thread of its own.

    Browser tests of the same process keep a loop running in this one.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


class Hand:
    """A clock that the sender moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def arrives(pace: Pace, clock: Hand, pieces: list[tuple[float, int]]) -> int:
    """How many bytes come through where each piece comes so many seconds after it was asked for."""

    def sender(after_s: float, size: int) -> Callable[[], Awaitable[Message]]:
        async def receive() -> Message:
            clock.at += after_s
            if after_s > pace.patience.pause_s:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": bytes(size), "more_body": True}

        return receive

    async def whole() -> int:
        got = 0
        for after_s, size in pieces:
            got += len((await pace.next(sender(after_s, size)))["body"])
        return got

    return looped(whole())


def test_a_slow_phone_that_goes_on_sending_is_never_cut_off() -> None:
    pace = Pace(FILES, clock=(clock := Hand()))
    assert (
        arrives(pace, clock, [(2.0, 4096)] * 2000) == 2000 * 4096
    )  # two kilobytes a second, for over an hour


def test_a_pause_is_allowed_and_made_up_for() -> None:
    pace = Pace(FILES, clock=(clock := Hand()))
    assert arrives(pace, clock, [(25.0, 65536)] * 20) == 20 * 65536


def test_a_trickle_that_holds_a_place_loses_it() -> None:
    pace = Pace(Patience(pause_s=5, credit_s=20, least_rate=1024), clock=(clock := Hand()))
    with pytest.raises(TooSlow):
        arrives(pace, clock, [(4.0, 1)] * 6)
    assert clock.at == 100.0 + 24.0


def test_what_came_fast_earns_no_hour_of_trickling() -> None:
    pace = Pace(Patience(pause_s=5, credit_s=20, least_rate=1024), clock=(clock := Hand()))
    arrives(pace, clock, [(0.0, 10_000_000)])
    with pytest.raises(TooSlow):
        arrives(pace, clock, [(4.0, 1)] * 6)


def test_a_pause_that_is_too_long_ends_it() -> None:
    pace = Pace(Patience(pause_s=0.05, credit_s=60, least_rate=1024))

    async def never() -> Message:
        await asyncio.Event().wait()
        return {}

    with pytest.raises(TooSlow):
        looped(pace.next(never))


def test_forms_come_at_once_and_files_may_take_their_time() -> None:
    assert FORMS.pause_s == 15
    assert FILES.pause_s > FORMS.pause_s


def test_when_all_places_are_held_whoever_paused_longest_loses_theirs() -> None:
    clock = Hand()

    async def look() -> None:
        places = Places(most=2)
        longest, shorter, comes = (Pace(FILES, clock=clock) for _ in range(3))
        places.take(longest)
        places.take(shorter)
        longest.since, shorter.since = clock.at - 9, clock.at - 6
        places.take(comes)
        assert (longest.given_up.is_set(), shorter.given_up.is_set()) == (True, False)
        assert set(places.held) == {shorter, comes}
        places.leave(longest)
        assert len(places.held) == 2

    looped(look())


def test_a_client_that_holds_most_places_gives_one_up_to_another() -> None:
    async def look() -> None:
        places = Places(most=4)
        crowd = [Pace(FILES, "crowd") for _ in range(4)]
        for pace in crowd:
            places.take(pace)
        with pytest.raises(TooManyUploads):
            places.take(Pace(FILES, "crowd"))
        for taken in (2, 3):  # down to half of all, and no further
            places.take(Pace(FILES, f"other {taken}"))
        assert [pace.given_up.is_set() for pace in crowd] == [False, False, True, True]
        with pytest.raises(TooManyUploads):
            places.take(Pace(FILES, "another"))

    looped(look())


def test_when_everybody_sends_whoever_comes_is_told_when_to_come_again() -> None:
    clock = Hand()

    async def look() -> None:
        places = Places(most=1)
        sending, comes = Pace(FILES, clock=clock), Pace(FILES, clock=clock)
        places.take(sending)
        sending.since = clock.at - 4
        with pytest.raises(TooManyUploads) as told:
            places.take(comes)
        assert told.value.retry_after_s == 10
        assert list(places.held) == [sending]

    looped(look())


# -- over real connections -------------------------------------------------------------------------

BOUNDARY = b"half"
CONTENT = photo()


def form(content: bytes) -> bytes:
    """A multipart body with one file."""
    head = b'--half\r\nContent-Disposition: form-data; name="file"; filename="bus.jpg"\r\n\r\n'
    return head + content + b"\r\n--half--\r\n"


@contextmanager
def stalled_uploads(client: httpx2.Client, count: int) -> Iterator[list[socket.socket]]:
    """So many uploads that began and send nothing more, each into a draft of its own."""
    host, port = str(client.base_url).removeprefix("http://").rstrip("/").split(":")
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            draft = client.post("/api/v1/drafts").json()
            line = stack.enter_context(socket.create_connection((host, int(port)), timeout=120))
            head = (
                f"POST /api/v1/drafts/{draft['report_id']}/files HTTP/1.1\r\nHost: here\r\n"
                f"Authorization: Bearer {draft['draft_key']}\r\n"
                "Content-Type: multipart/form-data; boundary=half\r\nContent-Length: 900000\r\n\r\n"
            )
            line.sendall(head.encode() + form(bytes(3000))[:2000])
            opened.append(line)
        yield opened


def test_twenty_four_stalled_uploads_hang_nobody(runtime: Runtime) -> None:
    app = create_app(runtime)
    with (
        served(app) as address,
        httpx2.Client(base_url=address, timeout=120) as client,
        stalled_uploads(client, 24),
    ):
        wait_until(lambda: len(app.state.places.held) == 24)
        assert upload(client).status_code == 201


def test_a_full_house_of_stalled_uploads_makes_room_for_who_sends(runtime: Runtime) -> None:
    app = create_app(runtime)
    app.state.places = Places(most=3, robbed_after_s=0.2)
    with (
        served(app) as address,
        httpx2.Client(base_url=address, timeout=120) as client,
        stalled_uploads(client, 3) as (first, *_),
    ):
        wait_until(lambda: len(app.state.places.held) == 3)
        wait_until(lambda: all(pace.paused_s() > 0.2 for pace in app.state.places.held))
        assert upload(client).status_code == 201
        told = b"".join(iter(lambda: first.recv(65536), b""))
        assert told.startswith(b"HTTP/1.1 408")
        assert b"TOO_SLOW" in told
        with runtime.read() as work:
            assert fsck.check(work.connection, runtime.files).pieces <= 2


def test_a_full_house_of_senders_tells_who_comes_to_come_again(runtime: Runtime) -> None:
    app = create_app(runtime)
    app.state.places = Places(most=1, robbed_after_s=3600)
    app.state.places.held[Pace(FILES, "127.0.0.1")] = None
    with served(app) as address, httpx2.Client(base_url=address, timeout=120) as client:
        told = upload(client)
        assert (told.status_code, told.json()["code"], told.headers["retry-after"]) == (
            503,
            "TOO_MANY_UPLOADS",
            "10",
        )
        app.state.places.most = 2
        assert upload(client).status_code == 201


def upload(client: httpx2.Client) -> httpx2.Response:
    """One whole upload into a draft of its own."""
    draft = client.post("/api/v1/drafts").json()
    headers = {
        "authorization": f"Bearer {draft['draft_key']}",
        "content-type": f"multipart/form-data; boundary={BOUNDARY.decode()}",
    }
    return client.post(
        f"/api/v1/drafts/{draft['report_id']}/files", content=form(CONTENT), headers=headers
    )


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for ``true``, at most a time that only a hang needs."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
