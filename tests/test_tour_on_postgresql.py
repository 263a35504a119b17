"""The main job on PostgreSQL, every part a process of its own, everybody at a browser.

Submitted by a passenger, read by a worker, decided, told, collected, and paid by a batch.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest

from pipeline.answering import delivering
from pipeline.deciding import looking
from pipeline.deciding.case_views import CaseView
from pipeline.paying import audit
from pipeline.runtime import Runtime
from pipeline.store import reports
from pipeline.verifying.fleet import import_roster
from samples import drawing
from samples.drawing import DrawnSample
from samples.roster import roster_csv
from scheme.case import ReportState, ShareState
from tests.api.staff import Browser, hidden, plain
from tests.api.test_finance import answered
from tests.house import House, until
from tests.passenger import Passenger
from tests.pipeline.desk import CARD, ID_NUMBER
from tests.postgresql import Server
from tests.staffed import open_accounts

DAY = date(2026, 6, 10)
PATIENCE_S = 60
"""How long a browser waits for one page of a busy machine."""

AFTER_IT = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)


@pytest.fixture
def house(postgresql: Server, tmp_path: Path) -> Iterator[House]:
    """A web server and a worker; what lies in rows lies in PostgreSQL."""
    house = House(tmp_path / "home", database=postgresql.url(postgresql.new_database()))
    house.set_clock(AFTER_IT)
    runtime = house.open()
    open_accounts(runtime)
    with runtime.write() as work:
        roster = roster_csv().encode()
        import_roster(work, actor="cli", effective_from=date(2026, 1, 1), content=roster)
    runtime.close()
    for part in ("web", "worker photos"):
        house.start(part)
    yield house
    house.stop()


@pytest.fixture
def photo(tmp_path: Path) -> DrawnSample:
    (drawn,) = drawing.draw_all(tmp_path / "drawn", DAY, ["bus_front"])
    return drawn


@pytest.fixture
def runtime(house: House) -> Iterator[Runtime]:
    """A look into it from beside its processes."""
    runtime = house.open()
    yield runtime
    runtime.close()


@pytest.fixture
def sign_in(house: House) -> Iterator[Callable[[str], Browser]]:
    """``sign_in("officer")``: their own browser, against the server that listens."""
    with ExitStack() as opened:

        def open_one(login: str) -> Browser:
            client = httpx2.Client(base_url=house.url, timeout=PATIENCE_S)
            return Browser(opened.enter_context(client)).sign_in(login)

        yield open_one


def state_of(runtime: Runtime, report_id: str) -> ReportState:
    with runtime.read() as work:
        return reports.by_id(work.connection, report_id).state


def test_from_the_first_page_to_the_banks_last_line(
    house: House, runtime: Runtime, photo: DrawnSample, sign_in: Callable[[str], Browser]
) -> None:
    with httpx2.Client(base_url=house.url, timeout=PATIENCE_S) as phone:
        passenger = Passenger(phone, (("陈安", "13800000003"),))
        number = passenger.report(photo.path, photo.claim).report_number
    report_id = passenger.report_id
    until(
        lambda: state_of(runtime, report_id) is ReportState.VERIFIED, f"it is read; {house.said()}"
    )
    decide(sign_in("officer"), runtime, report_id)
    tell(runtime)
    assert state_of(runtime, report_id) is ReportState.ANSWERED
    collect(sign_in("clerk"), number)
    pay(sign_in)

    case = case_of(runtime, report_id)
    assert case.reward is not None
    assert [share.state for share in case.reward.shares] == [ShareState.PAID]
    codes = {finding.code for finding in case.reports[0].findings}
    assert {"PLATE_SEEN", "ROUTE_SEEN", "TIME_CONFIRMED"} <= codes
    with runtime.read() as work:
        assert audit.verify(work).sound
    assert not (house.home / "busreport.sqlite3").exists()


def case_of(runtime: Runtime, report_id: str) -> CaseView:
    with runtime.read() as work:
        return looking.case_view(work, case_id=looking.case_of(work, report_id))


def decide(officer: Browser, runtime: Runtime, report_id: str) -> None:
    address = f"/ops/cases/{case_of(runtime, report_id).case_id}?report={report_id}"
    version = hidden(officer.page(address), "row_version")
    verdict = {"verdict": "substantiated", "reasons_substantiated": "VIOLATION_SEEN"}
    officer.done(f"/ops/reports/{report_id}/decide", row_version=version, **verdict)


def tell(runtime: Runtime) -> None:
    """As the sweep does once the time for undoing is over."""
    later = replace(runtime, now=lambda: runtime.now() + timedelta(seconds=31))
    assert delivering.deliver_due(later) > 0


def collect(clerk: Browser, number: str) -> None:
    page = clerk.page(f"/ops/counter/collect?number={number}")
    found = re.search(r"/ops/counter/collect/([0-9a-f]+)", page)
    assert found is not None, plain(page)
    slip = clerk.collect(
        found[1],
        number=number,
        id_number=ID_NUMBER,
        card_number=CARD,
        way="top_up",
    )
    assert "Reward collected" in plain(slip.text)


def pay(sign_in: Callable[[str], Browser]) -> None:
    """Built and frozen by one, approved by a second, exported by a third; the bank paid it all."""
    finance = sign_in("finance")
    address = finance.done("/fin/batches")
    finance.done(f"{address}/freeze")
    sign_in("second").done(f"{address}/approve", knowing="yes")
    exported = sign_in("third").post(f"{address}/export", kind="csv").content
    returned = [("file", ("result.csv", answered(exported, {})))]
    loaded = finance.post_files(f"{address}/result", returned)
    assert loaded.status_code == HTTPStatus.SEE_OTHER, plain(loaded.text)
    finance.done(f"{address}/close")
