"""SIGKILL of the product's own processes in mid-work.

What was acknowledged is finished later, and exactly once.

Everything runs as under the supervisor: web server, workers and beat as processes of their own,
passengers on the pages over HTTP, messages in the embedded broker's folder.
"""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from pipeline.runtime import Runtime
from pipeline.store import cases, events, evidence_files, fsck, kept_readings, reports
from pipeline.store import judgements as stored_judgements
from pipeline.store.reports import ReportRow
from samples.drawing import DrawnSample
from scheme.case import ReportState
from scheme.decision import Recommendation
from scheme.finding import Finding
from tests.drawings import Drawings
from tests.house import House, children_of, kill, until
from tests.passenger import Passenger
from verifiers.version import READER_VERSION

DAY = date(2026, 6, 10)
NEXT_MORNING = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)
LEASES_ARE_OVER = timedelta(minutes=2)


@pytest.fixture(scope="module")
def drawn(drawings: Drawings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, DrawnSample]:
    folder = tmp_path_factory.mktemp("drawn")
    return {name: drawings.draw_on(DAY, name, folder) for name in ("bus_front", "bus_front_yellow")}


@dataclass
class Town:
    """A house with an open door, and the passengers who came."""

    house: House
    runtime: Runtime
    browsers: list[httpx2.Client]

    def passenger(self, name: str, phone: str) -> Passenger:
        browser = httpx2.Client(base_url=self.house.url, timeout=60)
        self.browsers.append(browser)
        return Passenger(browser, [(name, phone)])

    def row(self, passenger: Passenger) -> ReportRow:
        with self.runtime.read() as work:
            return reports.by_id(work.connection, passenger.report_id)

    def is_verified(self, passenger: Passenger) -> bool:
        return self.row(passenger).state is ReportState.VERIFIED

    def lose_messages(self) -> int:
        """Empty every queue of the broker; how many messages were lost."""
        lost = list((self.house.home / "broker" / "queues").glob("*/*"))
        for message in lost:
            message.unlink()
        return len(lost)

    def judged_once(self, passenger: Passenger) -> tuple[Finding, ...]:
        """The findings; the report was received, judged and given a case exactly once."""
        with self.runtime.read() as work:
            actions = [
                event.action
                for event in events.about(work.connection, f"report/{passenger.report_id}")
            ]
            assert actions.count("received") == 1
            assert actions.count("verified") == 1
            judgements = work.connection.exec_driver_sql(
                "SELECT count(*) FROM judgements WHERE report_id = ?", (passenger.report_id,)
            ).scalar_one()
            assert judgements == 1
            judged = stored_judgements.latest(work.connection, passenger.report_id)
            assert judged is not None
            assert cases.case_of_report(work.connection, passenger.report_id) is not None
            assert events.verify(work.connection) is None
            assert fsck.check(work.connection, self.runtime.files).whole
        return judged.findings


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    house = House(tmp_path / "home")
    house.set_clock(NEXT_MORNING)
    runtime = house.open()
    town = Town(house, runtime, [])
    yield town
    for browser in town.browsers:
        browser.close()
    house.stop()
    runtime.close()


def codes(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in findings}


def test_a_killed_worker_and_a_broker_that_forgot_everything_delay_and_lose_nothing(
    town: Town, drawn: dict[str, DrawnSample]
) -> None:
    town.house.start("web")
    held, forgotten = town.passenger("王小明", "13800138000"), town.passenger("李冬", "13800138001")
    held.report(drawn["bus_front"].path, drawn["bus_front"].claim)
    worker = town.house.start("worker photos")
    until(lambda: _is_being_read(town, drawn["bus_front"]), "the worker is in mid-work")
    kill(worker)
    forgotten.report(drawn["bus_front_yellow"].path, drawn["bus_front_yellow"].claim)
    assert town.lose_messages() > 0
    assert {town.row(one).state for one in (held, forgotten)} == {ReportState.RECEIVED}
    town.house.set_clock(town.house.now() + LEASES_ARE_OVER)
    town.house.start("worker photos")
    town.house.start("beat")
    until(
        lambda: all(town.is_verified(one) for one in (held, forgotten)),
        f"both are read; {town.house.said()}",
    )
    for passenger in (held, forgotten):
        assert {"READ_OK", "PLATE_SEEN", "ROUTE_SEEN"} <= codes(town.judged_once(passenger))
    with town.runtime.read() as work:
        assert work.connection.exec_driver_sql("SELECT count(*) FROM cases").scalar_one() == 2


def _is_being_read(town: Town, file: DrawnSample) -> bool:
    with town.runtime.read() as work:
        assert not kept_readings.is_read(work.connection, file.sha256, READER_VERSION), (
            "it was too fast to be killed"
        )
        query = "SELECT max(attempts) FROM report_evidence WHERE sha256 = ?"
        return bool(work.connection.exec_driver_sql(query, (file.sha256,)).scalar_one())


@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_a_killed_decoder_and_a_cut_file_are_findings_and_the_worker_goes_on(
    town: Town, drawn: dict[str, DrawnSample], tmp_path: Path
) -> None:
    town.house.start("web")
    killed, cut, whole = (
        town.passenger(name, f"1380013801{at}") for at, name in enumerate(("赵一", "钱二", "孙三"))
    )
    killed.report(drawn["bus_front"].path, drawn["bus_front"].claim)
    worker = town.house.start("worker photos")
    until(lambda: bool(_decoders(worker.pid)), "a decoder is at work")
    os.kill(_decoders(worker.pid)[0], signal.SIGKILL)
    content = drawn["bus_front_yellow"].path.read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) // 3])
    cut.report(tmp_path / "cut.jpg", drawn["bus_front_yellow"].claim)
    whole.report(drawn["bus_front_yellow"].path, drawn["bus_front_yellow"].claim)
    people = (killed, cut, whole)
    until(
        lambda: all(town.is_verified(one) for one in people),
        f"all three are read; {town.house.said()}",
    )
    assert worker.poll() is None
    assert "DECODER_DIED" in codes(town.judged_once(killed))
    assert "TRUNCATED" in codes(town.judged_once(cut))
    assert {"READ_OK", "PLATE_SEEN"} <= codes(town.judged_once(whole))
    with town.runtime.read() as work:
        for passenger in (killed, cut):
            judged = stored_judgements.latest(work.connection, passenger.report_id)
            assert judged is not None
            assert judged.recommendation is not Recommendation.CLEAN


def _decoders(worker_pid: int) -> list[int]:
    """Children of the worker's nursery: each holds one file."""
    return [child for nursery in children_of(worker_pid) for child in children_of(nursery)]


def test_a_killed_web_server_loses_no_draft_and_gives_no_second_receipt(
    town: Town, drawn: dict[str, DrawnSample]
) -> None:
    file = drawn["bus_front"]
    web = town.house.start("web")
    passenger = town.passenger("王小明", "13800138000")
    passenger.begin(file.claim.category)
    with _half_an_upload(passenger, file.path, town.house.port):
        until(lambda: any(town.runtime.files.left_aside()), "half of the file is on disk")
        kill(web)
    web = town.house.start("web")
    with town.runtime.read() as work:
        assert evidence_files.of_report(work.connection, passenger.report_id) == ()
        assert fsck.check(work.connection, town.runtime.files).pieces == 1
    passenger.upload(file.path)
    passenger.claim(file.claim)
    passenger.name()
    sending = threading.Thread(target=_submit_to_the_dying, args=(passenger,))
    sending.start()
    kill(web)
    sending.join()
    town.house.start("web")
    was_received = town.row(passenger).state is not ReportState.DRAFT
    slip = passenger.submit_again() if was_received else passenger.submit()
    assert slip.report_number == town.row(passenger).report_number
    town.house.start("worker photos")
    town.house.start("beat")
    until(lambda: town.is_verified(passenger), f"it is read; {town.house.said()}")
    assert {"READ_OK", "PLATE_SEEN"} <= codes(town.judged_once(passenger))


def test_a_receipt_whose_answer_died_with_the_server_is_told_again_with_a_code_that_opens(
    town: Town, drawn: dict[str, DrawnSample]
) -> None:
    file = drawn["bus_front"]
    web = town.house.start("web")
    passenger = town.passenger("王小明", "13800138000")
    passenger.begin(file.claim.category)
    passenger.upload(file.path)
    passenger.claim(file.claim)
    passenger.name()
    with _sent_and_not_listened(passenger, town.house.port):
        until(
            lambda: town.row(passenger).state is not ReportState.DRAFT, "the receipt is committed"
        )
        kill(web)
    number = town.row(passenger).report_number
    town.house.start("web")
    slip = passenger.submit_again()
    assert slip.report_number == number
    with httpx2.Client(base_url=town.house.url, timeout=60) as elsewhere:
        assert slip.report_number in passenger.look(elsewhere)
    with town.runtime.read() as work:
        actions = [
            event.action for event in events.about(work.connection, f"report/{passenger.report_id}")
        ]
    assert (actions.count("received"), actions.count("receipt_told_again")) == (1, 1)


def _submit_to_the_dying(passenger: Passenger) -> None:
    with contextlib.suppress(httpx2.TransportError):
        passenger.submit()


@contextlib.contextmanager
def _sent_and_not_listened(passenger: Passenger, port: int) -> Iterator[None]:
    """The declaration as a browser sends it, by somebody whose line never brings the answer."""
    page = passenger.browser.get(f"/r/{passenger.report_id}/check").text
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    request = passenger.browser.build_request(
        "POST",
        f"/r/{passenger.report_id}/done",
        data={"csrf": token, "truth": "yes", "consent": "yes"},
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(_head(passenger, request, port) + request.read())
        yield


def _head(passenger: Passenger, request: httpx2.Request, port: int) -> bytes:
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in passenger.browser.cookies.jar)
    return (
        f"POST {request.url.raw_path.decode()} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Cookie: {cookies}\r\nContent-Type: {request.headers['content-type']}\r\n"
        f"Content-Length: {len(request.read())}\r\n\r\n"
    ).encode()


@contextlib.contextmanager
def _half_an_upload(passenger: Passenger, file: Path, port: int) -> Iterator[None]:
    """The upload of ``file`` as a browser sends it, stopped after two thirds.

    The line stays open.
    """
    page = passenger.browser.get(f"/r/{passenger.report_id}/evidence").text
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    request = passenger.browser.build_request(
        "POST",
        f"/r/{passenger.report_id}/files",
        data={"csrf": token},
        files={"file": (file.name, file.read_bytes())},
    )
    body = request.read()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(_head(passenger, request, port) + body[: len(body) * 2 // 3])
        yield
