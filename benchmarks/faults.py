"""SIGKILL of the product's own processes while people report, officers decide and clerks pay.

What is lost or doubled.

    python -m benchmarks.faults --kills 30

Web server, both workers, beat and an officer run as processes of their own over one installation;
passengers report over loopback and ask again when an answer is lost. Every second or two one
process is killed and started anew. At the end everything is left alone until nothing waits, then
counted. ``recovery_p99_s``: from the death of the web server to its next answer.
"""

import argparse
import contextlib
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx2

from benchmarks.load import picture
from benchmarks.measure import progress, quantile, result
from pipeline import clock
from pipeline.answering import proving
from pipeline.deciding import decisions
from pipeline.doors import supervisor
from pipeline.doors.tasks import CLOCK_AHEAD, current_settings, open_runtime
from pipeline.paying import collection, funds
from pipeline.runtime import Runtime, StoreBusy, Work
from pipeline.settings import Settings
from pipeline.staff import accounts
from pipeline.staff.accounts import Account, Role
from pipeline.store import accounts as stored_accounts
from pipeline.store import events, evidence_files, fsck, ledger, queue, reports, transfers
from rewards.ledger import balances
from scheme.case import ReportState, ShareState, StaleVersion
from scheme.decision import Verdict
from scheme.substantiation import EarlierReportUnread, OpenCandidates

MORNING: Final = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
"""An ordinary Wednesday, ten in the morning in Shanghai: the counter is open."""
PASSWORD: Final = "a long pass word"  # noqa: S105 - of made-up people
PASSENGERS: Final = 2
BETWEEN_S: Final = 1.0
SETTLED_S: Final = 180.0
MOST_SHOWN: Final = 500
WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""Of a resident ID's digits (GB 11643)."""


@dataclass(slots=True)
class Town:
    """One installation, its processes by name, and what passengers were told."""

    home: Path
    port: int
    rng: random.Random
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    """Report number and the code that was told last."""
    told_again: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where its web server listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        """Start one of its processes."""
        commands = {part.name: list(part.command) for part in supervisor.parts()}
        commands["officer"] = [sys.executable, "-m", "benchmarks.faults", "--officer"]
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("BUSREPORT_")
        }
        environment |= {"BUSREPORT_HOME": str(self.home), "BUSREPORT_PORT": str(self.port)}
        with (self.home / f"{name.replace(' ', '-')}.log").open("ab") as log:
            self.parts[name] = subprocess.Popen(
                commands[name], env=environment, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        """SIGKILL: no handler runs."""
        self.parts[name].kill()
        self.parts[name].wait(30)

    def stop(self) -> None:
        """End what still runs."""
        for process in self.parts.values():
            process.terminate()
        for process in self.parts.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def main() -> None:
    """Read the arguments, kill, count, print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=20121018)
    parser.add_argument(
        "--officer", action="store_true", help="be the officer of BUSREPORT_HOME until killed"
    )
    asked = parser.parse_args()
    if asked.officer:
        officer_at_work(open_runtime(current_settings()))
        return
    with tempfile.TemporaryDirectory() as folder:
        # Which dies next
        result(killed(Path(folder) / "home", asked.kills, random.Random(asked.seed)))  # noqa: S311


def killed(home: Path, kills: int, rng: random.Random) -> dict[str, object]:
    """Run a town, kill in it, and count what became of it."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        town = Town(home, trial.getsockname()[1], rng)
    home.mkdir(parents=True)
    (home / CLOCK_AHEAD).write_text(str((MORNING - clock.now()).total_seconds()), "utf-8")
    with _look(town).write() as work:
        accounts.create_account(work, "officer", "Officer", Role.OPERATIONS, PASSWORD)
        accounts.create_account(work, "clerk", "Clerk", Role.COUNTER, PASSWORD)
        finance = accounts.create_account(work, "finance", "Finance", Role.FINANCE, PASSWORD)
        funds.deposit(work, finance, 10_000_000, "cards")
        funds.stock_cards(work, finance, 10_000_000)
    for name in ("web", "worker photos", "worker videos", "beat", "officer"):
        town.start(name)
    _answers(town)
    stop = threading.Event()
    passengers = [
        threading.Thread(target=_report_on, args=(town, number, stop))
        for number in range(PASSENGERS)
    ]
    for passenger in passengers:
        passenger.start()
    dead, recoveries = _kill_on(town, kills)
    stop.set()
    for passenger in passengers:
        passenger.join()
    runtime = _look(town)
    stuck = _settle(runtime)
    town.stop()
    figures = _count(runtime, town)
    runtime.close()
    return {
        "kills": kills,
        "killed": dict(sorted(dead.items())),
        **figures,
        "told_again": town.told_again,
        "stuck": stuck,
        "recovery_p99_s": quantile(recoveries, 0.99) and round(quantile(recoveries, 0.99) or 0, 2),
    }


def _look(town: Town) -> Runtime:
    ahead = timedelta(seconds=float((town.home / CLOCK_AHEAD).read_text("utf-8")))
    return Runtime.open(Settings.under(town.home), now=lambda: clock.now() + ahead)


def _answers(town: Town) -> float:
    """Wait until the web server answers; how many seconds that took."""
    began = time.perf_counter()
    while True:
        try:
            httpx2.get(f"{town.url}/r", timeout=30)
        except httpx2.TransportError:
            time.sleep(0.02)
        else:
            return time.perf_counter() - began


def _kill_on(town: Town, kills: int) -> tuple[Counter[str], list[float]]:
    """Kill one process after the other.

    How often each died, and how long the web server was away each time.
    """
    dead: Counter[str] = Counter()
    recoveries: list[float] = []
    names = ("web", "web", "worker photos", "officer", "beat")
    for number in range(kills):
        time.sleep(town.rng.uniform(0.5, 3.0))
        name = names[number % len(names)]
        town.kill(name)
        town.start(name)
        dead[name] += 1
        if name == "web":
            recoveries.append(_answers(town))
        progress(f"{number + 1} of {kills}: {name}; {len(town.receipts)} receipts")
    return dead, recoveries


# -- passengers ------------------------------------------------------------------------------------


def _report_on(town: Town, number: int, stop: threading.Event) -> None:
    serial = 0
    while not stop.wait(BETWEEN_S):
        serial += 1
        with httpx2.Client(base_url=town.url, timeout=30) as client:
            receipt = _one_report(town, client, number * 10_000 + serial, stop)
        if receipt is not None:
            with town.lock:
                town.receipts[receipt["report_number"]] = receipt["secret_code"]


def _one_report(
    town: Town, client: httpx2.Client, serial: int, stop: threading.Event
) -> dict[str, str] | None:
    """From the draft to the receipt, every step again until it is answered.

    None when it is time to stop.
    """
    opened = _insist(lambda: client.post("/api/v1/drafts"), stop)
    if opened is None:
        return None
    draft = f"/api/v1/drafts/{opened['report_id']}"
    key = {"authorization": f"Bearer {opened['draft_key']}"}
    at = (MORNING - timedelta(hours=2, seconds=serial)).isoformat()
    line = str(
        serial % 997 + 1
    )  # another one each time: else every pair is a question for the officer
    claim = {"category": "wrong_way", "violated_at": at, "route": line, "plate": f"沪A{serial:05}"}
    people = {"reporters": [{"name": "陆晓梅", "phone": f"139{serial:08}"}]}
    content = picture()
    steps = (
        lambda: client.post(f"{draft}/files", files={"file": ("bus.jpg", content)}, headers=key),
        lambda: client.put(f"{draft}/claim", json=claim, headers=key),
        lambda: client.put(f"{draft}/reporters", json=people, headers=key),
    )
    for step in steps:
        if _insist(step, stop) is None:
            return None
    tries: list[int] = []

    def submit() -> httpx2.Response:
        tries.append(1)
        return client.post(f"{draft}/submit", json={"truth": True, "consent": True}, headers=key)

    receipt = _insist(submit, threading.Event())  # whoever has come so far wants the receipt
    with town.lock:
        town.told_again += len(tries) > 1
    return receipt


def _insist(call: Callable[[], httpx2.Response], stop: threading.Event) -> dict[str, str] | None:
    """The answer to ``call``, asked again while the server is away or busy."""
    while not stop.is_set():
        try:
            answer = call()
        except httpx2.TransportError:
            time.sleep(0.1)
            continue
        if answer.is_success:
            told: dict[str, str] = answer.json()
            return told
        assert answer.status_code in (429, 503), answer.text
        time.sleep(0.5)
    return None


# -- the officer, in a process that is killed too --------------------------------------------------


def officer_at_work(runtime: Runtime) -> None:
    """Substantiate what is verified, and pay in hand what was told.

    What is refused is left for the next round.
    """
    with runtime.read() as work:
        people = {account.login: account for account in stored_accounts.everybody(work.connection)}
    while True:
        with runtime.read() as work:
            wanted = queue.Wanted(states=(ReportState.VERIFIED,))
            waiting = queue.waiting(work.connection, wanted, limit=MOST_SHOWN, offset=0)
            told = ledger.shares_in(work.connection, [ShareState.NOTIFIED])
        for report in waiting:
            _decide(runtime, report.report_id, people["officer"])
        for share in told:
            _pay(runtime, share.id, people["clerk"])
        time.sleep(0.2)


def _decide(runtime: Runtime, report_id: str, officer: Account) -> None:
    refused = (
        OpenCandidates,
        EarlierReportUnread,
        StaleVersion,
        StoreBusy,
    )
    with contextlib.suppress(*refused), runtime.write() as work:
        decisions.decide(
            work,
            report_id=report_id,
            officer=officer,
            row_version=reports.by_id(work.connection, report_id).row_version,
            verdict=Verdict.SUBSTANTIATED,
            reasons=["VIOLATION_SEEN"],
        )


def _pay(runtime: Runtime, share_id: str, clerk: Account) -> None:
    refused = (collection.AlreadyCollected, collection.NotCollectable, StoreBusy)
    with contextlib.suppress(*refused), runtime.write() as work:
        collection.collect(
            work, share_id=share_id, clerk=clerk, id_number=_id_number(share_id), in_hand=True
        )


def _id_number(share_id: str) -> str:
    """A valid resident ID of somebody made up, another one for each share."""
    number = int(share_id[:8], 16) % (999 * 10_000)
    born = date(1960, 1, 1) + timedelta(days=number // 999)
    body = f"310101{born:%Y%m%d}{number % 999 + 1:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


# -- counting --------------------------------------------------------------------------------------


def _settle(runtime: Runtime) -> int:
    """Wait until everything received is verified, answered and paid.

    How many reports never were read.
    """
    end = time.monotonic() + SETTLED_S
    while True:
        with runtime.read() as work:
            counted = dict(_states(work))
            told = ledger.shares_in(work.connection, [ShareState.AWARDED, ShareState.NOTIFIED])
        unread = counted.get(ReportState.RECEIVED, 0)
        on_the_way = (
            unread
            + counted.get(ReportState.VERIFIED, 0)
            + counted.get(ReportState.DECIDED, 0)
            + len(told)
        )
        if not on_the_way or time.monotonic() > end:
            progress(f"settled: {counted}, {len(told)} not paid yet")
            return unread
        time.sleep(0.5)


def _states(work: Work) -> list[tuple[ReportState, int]]:
    rows = work.connection.exec_driver_sql("SELECT state, count(*) FROM reports GROUP BY state")
    return [(ReportState(state), count) for state, count in rows]


def _count(runtime: Runtime, town: Town) -> dict[str, object]:
    """What is lost or doubled, of what passengers were told and of what the ledger says."""
    lost = sum(not _is_there(runtime, number, code) for number, code in town.receipts.items())
    with runtime.read() as work:
        assert events.verify(work.connection) is None, "the chain of events is broken"
        whole = fsck.check(work.connection, runtime.files).whole
        verified_twice = _more_than_once(
            work, "SELECT subject FROM events WHERE action = 'verified'"
        )
        received_twice = _more_than_once(
            work, "SELECT subject FROM events WHERE action = 'received'"
        )
        paid = ledger.shares_in(work.connection, [ShareState.PAID_IN_HAND])
        cases_paid = Counter(
            ledger.reward(work.connection, share.reward_id).live_case_id for share in paid
        )
        held = balances(transfers.all_transfers(work.connection))
        unbalanced = sum(held.get(f"payable/{share.id}", 0) != 0 for share in paid)
        counted = {str(state): count for state, count in _states(work)}
    return {
        "reports": len(town.receipts),
        "reports_lost": lost,
        "files_whole": whole,
        "received_twice": received_twice,
        "verified_twice": verified_twice,
        "paid": len(paid),
        "paid_twice": sum(count > 1 for count in cases_paid.values()) + unbalanced,
        "states": counted,
    }


def _is_there(runtime: Runtime, number: str, code: str) -> bool:
    """Whether number and code open a report that has its file."""
    try:
        with runtime.write() as work:
            report_id = proving.open_report(work, report_number=number, secret_code=code)
            return len(evidence_files.of_report(work.connection, report_id)) == 1
    except proving.NotFound:
        return False


def _more_than_once(work: Work, query: str) -> int:
    return sum(
        count > 1
        for count in Counter(row[0] for row in work.connection.exec_driver_sql(query)).values()
    )


if __name__ == "__main__":
    main()
