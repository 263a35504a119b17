"""SIGKILL of the product's own processes while people report, officers decide and clerks pay.

What is lost or doubled.

    python -m benchmarks.faults --kills 30

Web server, both workers, beat and an officer run as processes of their own over one installation;
passengers report over loopback and ask again when an answer is lost. Every second or two one
process is killed and started anew. At the end everything is left alone until nothing waits, then
counted. ``recovery_p99_s``: from the death of the web server to its next answer.
"""

import argparse
import random
import socket
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Final

from benchmarks.at_work import officer_at_work
from benchmarks.insisting import report_on
from benchmarks.measure import progress, quantile, result
from benchmarks.town import MORNING, Town
from pipeline import clock
from pipeline.answering import proving
from pipeline.doors.tasks import CLOCK_AHEAD, current_settings, open_runtime
from pipeline.paying import funds
from pipeline.runtime import Runtime, Work
from pipeline.staff import accounts
from pipeline.store import events, evidence_files, fsck, ledger, transfers
from rewards.ledger import balances
from scheme.case import ReportState, ShareState
from scheme.staff import Role

PASSWORD: Final = "a long pass word"  # noqa: S105 - of made-up people
PASSENGERS: Final = 2
SETTLED_S: Final = 180.0


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
    with town.open().write() as work:
        accounts.create_account(work, "officer", "Officer", Role.OPERATIONS, PASSWORD)
        accounts.create_account(work, "clerk", "Clerk", Role.COUNTER, PASSWORD)
        finance = accounts.create_account(work, "finance", "Finance", Role.FINANCE, PASSWORD)
        funds.deposit(work, finance, 10_000_000, "cards")
        funds.stock_cards(work, finance, 10_000_000, knowing=True)
    for name in ("web", "worker photos", "worker videos", "beat", "officer"):
        town.start(name)
    town.until_answering()
    stop = threading.Event()
    passengers = [
        threading.Thread(target=report_on, args=(town, number, stop))
        for number in range(PASSENGERS)
    ]
    for passenger in passengers:
        passenger.start()
    dead, recoveries = _kill_on(town, kills)
    stop.set()
    for passenger in passengers:
        passenger.join()
    runtime = town.open()
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
            recoveries.append(town.until_answering())
        progress(f"{number + 1} of {kills}: {name}; {len(town.receipts)} receipts")
    return dead, recoveries


# -- counting --------------------------------------------------------------------------------------


def _settle(runtime: Runtime) -> int:
    """Wait until everything received is verified, answered and paid.

    How many reports never were read.
    """
    end = time.monotonic() + SETTLED_S
    while True:
        with runtime.read() as work:
            counted = dict(_states(work))
            unpaid = ledger.shares_in(work.connection, [ShareState.AWARDED, ShareState.NOTIFIED])
        unread = counted.get(ReportState.RECEIVED, 0)
        on_the_way = (
            unread
            + counted.get(ReportState.VERIFIED, 0)
            + counted.get(ReportState.DECIDED, 0)
            + len(unpaid)
        )
        if not on_the_way or time.monotonic() > end:
            progress(f"settled: {counted}, {len(unpaid)} not paid yet")
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
