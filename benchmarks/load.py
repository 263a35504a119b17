"""Many users at once: how long a request takes, what fails, how much slower reading gets.

    python -m benchmarks.load --users 50 [--guessers 60] [--lock-s 36 --writers 40] [--checkout DIR]

Every user goes the whole way through the JSON API (draft, file, claim, people, receipt, progress),
again and again, over loopback against ``serve`` in a process of its own. ``--guessers``: strangers
who guess log-ins meanwhile. ``--lock-s``: afterwards another process holds the write lock for so
long while writers wait. ``--checkout``: another build to measure. ``ratio_bare``: the p99 of
reading during the load over its p99 when nobody else is there.
"""

import argparse
import io
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from PIL import Image
from sqlalchemy import Engine

from benchmarks.measure import progress, quantile, result
from pipeline.settings import Settings
from pipeline.store.engine.opening import open_engine
from pipeline.store.unit_of_work import writing

TIMEOUT_S = 60.0
PAUSE_S = 0.05


@dataclass(slots=True)
class Seen:
    """Requests of one kind: their seconds, and how they were answered (0: not at all)."""

    seconds: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    def ask(self, call: Callable[[], httpx2.Response]) -> httpx2.Response | None:
        """Do one request and note it."""
        began = time.perf_counter()
        try:
            answer = call()
        except httpx2.TransportError:
            answer = None
        self.seconds.append(time.perf_counter() - began)
        self.answers[answer.status_code if answer is not None else 0] += 1
        return answer

    def ms(self, at: float) -> float | None:
        """That quantile of the seconds, in milliseconds."""
        value = quantile(self.seconds, at)
        return None if value is None else round(value * 1000, 1)

    @property
    def errors(self) -> int:
        """Requests that were not done as asked."""
        return sum(count for status, count in self.answers.items() if not 200 <= status < 400)

    def told(self) -> Mapping[str, int]:
        """How often each answer came."""
        return {str(status): count for status, count in sorted(self.answers.items())}


def main() -> None:
    """Read the arguments, measure, print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long the load lasts")
    parser.add_argument("--guessers", type=int, default=0)
    parser.add_argument("--lock-s", type=float, default=0.0)
    parser.add_argument("--writers", type=int, default=40)
    parser.add_argument("--checkout", type=Path, default=Path.cwd())
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "home", asked.checkout) as url,
    ):
        figures = loaded(url, asked.users, asked.seconds, asked.guessers)
        if asked.lock_s:
            engine = open_engine(Settings.under(Path(folder) / "home").database)
            figures |= locked(url, engine, asked.lock_s, asked.writers)
            engine.dispose()
    result(figures)


@contextmanager
def served(home: Path, checkout: Path) -> Iterator[str]:
    """The address of a web server of the build in ``checkout``, with an installation of its own."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("BUSREPORT_")
    }
    environment |= {"BUSREPORT_HOME": str(home), "BUSREPORT_PORT": str(port)}
    command = [sys.executable, "-m", "pipeline.doors.cli.main", "serve"]
    server = subprocess.Popen(command, cwd=checkout, env=environment, stdout=sys.stderr.fileno())
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            assert server.poll() is None, "the server ended"
            try:
                httpx2.get(f"{url}/r", timeout=TIMEOUT_S)
            except httpx2.TransportError:
                time.sleep(0.05)
            else:
                break
        yield url
    finally:
        server.terminate()
        server.wait(30)


# -- the load --------------------------------------------------------------------------------------


def loaded(url: str, users: int, seconds: float, guessers: int) -> dict[str, object]:
    """Reading alone, then beside so many users (and guessers)."""
    progress("reading alone")
    idle = side_by_side(5.0, {"reading": [lambda stop: read(url, stop)]})
    progress(f"{users} users, {guessers} guessers")
    work = {
        "reading": [lambda stop: read(url, stop)],
        "users": [lambda stop: report_again_and_again(url, stop) for _ in range(users)],
        "guessers": [lambda stop: guess(url, stop) for _ in range(guessers)],
    }
    seen = side_by_side(seconds, work)
    alone, beside = quantile(idle["reading"].seconds, 0.99), quantile(seen["reading"].seconds, 0.99)
    assert alone is not None
    assert beside is not None
    return {
        "users": users,
        "guessers": guessers,
        "requests": len(seen["users"].seconds),
        "p50_ms": seen["users"].ms(0.5),
        "p99_ms": seen["users"].ms(0.99),
        "slowest_ms": seen["users"].ms(1.0),
        "errors": seen["users"].errors + seen["reading"].errors,
        "answers": seen["users"].told(),
        "guesses": seen["guessers"].told(),
        "reading_idle_p99_ms": idle["reading"].ms(0.99),
        "reading_p99_ms": seen["reading"].ms(0.99),
        "ratio_bare": round(beside / alone, 2),
    }


def locked(url: str, engine: Engine, lock_s: float, writers: int) -> dict[str, object]:
    """The write lock in other hands, writers that wait for it, and somebody who reads."""
    progress(f"the write lock held for {lock_s:g} s, {writers} writers")
    work = {
        "reading": [lambda stop: read(url, stop)],
        "health": [lambda stop: ask_health(url, stop)],
        "writers": [lambda stop: open_drafts(url, stop) for _ in range(writers)],
    }
    with ExitStack() as held:
        held.enter_context(writing(engine))  # the server is another process
        seen = side_by_side(lock_s, work, at_end=held.close)
    return {
        "lock_s": lock_s,
        "writers": writers,
        "locked_answers": seen["writers"].told(),
        "locked_slowest_ms": seen["writers"].ms(1.0),
        "locked_reading_p99_ms": seen["reading"].ms(0.99),
        "locked_reading_slowest_ms": seen["reading"].ms(1.0),
        "locked_reading_errors": seen["reading"].errors,
        "locked_health_slowest_ms": seen["health"].ms(1.0),
        "locked_health_answers": seen["health"].told(),
    }


Part = Callable[[threading.Event], Seen]


def side_by_side(
    seconds: float, work: Mapping[str, list[Part]], at_end: Callable[[], object] = lambda: None
) -> dict[str, Seen]:
    """Run every part in a thread of its own for so long; what each kind saw."""
    stop, seen = threading.Event(), {name: Seen() for name in work}
    lock = threading.Lock()

    def run(name: str, part: Part) -> None:
        saw = part(stop)
        with lock:
            seen[name].seconds.extend(saw.seconds)
            seen[name].answers.update(saw.answers)

    threads = [
        threading.Thread(target=run, args=(name, part))
        for name, parts in work.items()
        for part in parts
    ]
    for thread in threads:
        thread.start()
    stop.wait(seconds)
    at_end()
    stop.set()
    for thread in threads:
        thread.join()
    return seen


def read(url: str, stop: threading.Event) -> Seen:
    """Look at pages that only read."""
    seen = Seen()
    with httpx2.Client(base_url=url, timeout=TIMEOUT_S) as client:
        while not stop.wait(PAUSE_S):
            seen.ask(lambda: client.get("/"))
            seen.ask(lambda: client.get("/api/v1/categories"))
    return seen


def ask_health(url: str, stop: threading.Event) -> Seen:
    """Ask whether the product is alive."""
    seen = Seen()
    with httpx2.Client(base_url=url, timeout=TIMEOUT_S) as client:
        while not stop.wait(10 * PAUSE_S):
            seen.ask(lambda: client.get("/health"))
    return seen


def open_drafts(url: str, stop: threading.Event) -> Seen:
    """Begin reports, one after the other."""
    seen = Seen()
    with httpx2.Client(base_url=url, timeout=TIMEOUT_S) as client:
        while not stop.wait(PAUSE_S):
            seen.ask(lambda: client.post("/api/v1/drafts"))
    return seen


def guess(url: str, stop: threading.Event) -> Seen:
    """Guess log-ins, each time another name."""
    seen = Seen()
    with httpx2.Client(base_url=url, timeout=TIMEOUT_S) as client:
        token = client.get("/login").text.partition('name="csrf" value="')[2].partition('"')[0]
        while not stop.wait(PAUSE_S):
            fields = {
                "csrf": token,
                "login": secrets.token_hex(6),
                "password": "a guess of some length",
            }
            seen.ask(lambda fields=fields: client.post("/login", data=fields))  # type: ignore[misc]  # bound at once
    return seen


def report_again_and_again(url: str, stop: threading.Event) -> Seen:
    """One user: the whole way, until told to stop."""
    seen = Seen()
    with httpx2.Client(base_url=url, timeout=TIMEOUT_S) as client:
        while not stop.wait(PAUSE_S):
            report(client, seen)
    return seen


def report(client: httpx2.Client, seen: Seen) -> Mapping[str, str] | None:
    """One report from the draft to the receipt, and a look at it; None where a step was refused."""
    opened = seen.ask(lambda: client.post("/api/v1/drafts"))
    if opened is None or opened.is_error:
        return None
    draft = f"/api/v1/drafts/{opened.json()['report_id']}"
    key = {"authorization": f"Bearer {opened.json()['draft_key']}"}
    claim = {
        "category": "smoking_or_phone",
        "violated_at": (datetime.now(UTC) - timedelta(hours=2)).isoformat(),
        "route": "49",
        "plate": f"沪A{secrets.randbelow(100_000):05}",
    }
    people = {"reporters": [{"name": "陆晓梅", "phone": f"139{secrets.randbelow(100_000_000):08}"}]}
    steps: list[Callable[[], httpx2.Response]] = [
        lambda: client.post(f"{draft}/files", files={"file": ("bus.jpg", picture())}, headers=key),
        lambda: client.put(f"{draft}/claim", json=claim, headers=key),
        lambda: client.put(f"{draft}/reporters", json=people, headers=key),
        lambda: client.get(draft, headers=key),
        lambda: client.post(f"{draft}/submit", json={"truth": True, "consent": True}, headers=key),
    ]
    receipt: dict[str, str] = {}
    for step in steps:
        answer = seen.ask(step)
        if answer is None or answer.is_error:
            return None
        receipt = answer.json()
    typed = {name: receipt[name] for name in ("report_number", "secret_code")}
    entered = seen.ask(lambda: client.post("/api/v1/session", json=typed))
    if entered is None or entered.is_error:
        return None
    token = {"authorization": f"Bearer {entered.json()['token']}"}
    seen.ask(lambda: client.get("/api/v1/report", headers=token))
    return receipt


def picture() -> bytes:
    """A small JPEG, never the same twice."""
    out = io.BytesIO()
    Image.frombytes("RGB", (96, 64), secrets.token_bytes(96 * 64 * 3)).save(out, "JPEG")
    return out.getvalue()


if __name__ == "__main__":
    main()
