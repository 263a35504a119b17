"""The whole job on one installation.

Eight reports from the passenger's first page to the bank's last line.

Passengers use the pages, the product's own worker processes read over the embedded broker, staff
act through the stages. Each station of the tour is a fixture that runs once; its tests look at what
stood there then.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from api.app import create_app
from api.texts import Texts
from pipeline.answering import delivering, providers
from pipeline.answering.messages import Message
from pipeline.deciding import decisions, looking, one_incident, waiting
from pipeline.deciding.case_views import CaseView, ReportView
from pipeline.doors.tasks import open_runtime
from pipeline.paying import batches, forfeiture, funds, waiting_rewards
from pipeline.paying.batch_views import BatchView
from pipeline.paying.funds import Balances
from pipeline.runtime import Runtime
from pipeline.staff import accounts
from pipeline.store import events, fsck
from pipeline.verifying.fleet import import_roster
from samples.drawing import DrawnSample
from samples.roster import roster_csv
from scheme.case import BatchState, ReportState, ShareState
from scheme.decision import Verdict
from scheme.entitlement import Entitlement
from scheme.money import Fen
from scheme.reading import MediaKind
from scheme.staff import Account, Role
from scheme.substantiation import OpenCandidates
from tests.drawings import Drawings
from tests.fixtures import Clock
from tests.house import House, until
from tests.passenger import Passenger
from tests.pipeline.desk import account_corrected, collected_against, id_number_of
from tests.pipeline.paying.banks import settle_by

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEDNESDAY = date(2026, 6, 10)
FRIDAY = date(2026, 6, 5)
"""What happened on it is in time until Wednesday, the third working day after, is over."""

WEDNESDAY_IS_OVER = datetime(2026, 6, 11, 0, 0, tzinfo=SHANGHAI).astimezone(UTC)

REPORTS: Mapping[str, tuple[str, date, tuple[tuple[str, str], ...]]] = {
    "forfeited": ("phoning", FRIDAY, (("高远", "13800000001"),)),
    "late": ("smoking", FRIDAY, (("何静", "13800000002"),)),
    "photo": ("bus_front", WEDNESDAY, (("陈安", "13800000003"),)),
    "video": ("red_light", WEDNESDAY, (("林一", "13800000004"),)),
    "duplicate": ("bus_front", WEDNESDAY, (("马可", "13800000005"),)),
    "second": ("bus_front_recompressed", WEDNESDAY, (("胡月", "13800000006"),)),
    "joint": (
        "bus_front_yellow",
        WEDNESDAY,
        (("朱明", "13800000007"), ("徐清", "13800000008"), ("郭川", "13800000009")),
    ),
}
"""By the name of what is tried on it, in order of receipt: the sample, the day it was taken, who
reports.
"""

FORM_ASKS_FOR_NO_POSITION = {"PLACE_CONFIRMED"}
CARDS = {"photo": "0000000031", "video": "0000000041", "joint": "0000000071"}
RIGHT_CARD = "0000000042"
"""What the reporter of the video brings after the bank refused the first number."""


@dataclass(frozen=True)
class Staff:
    """Everybody behind the counter."""

    officer: Account
    clerk: Account
    finance: Account
    second: Account


@dataclass(frozen=True)
class Tour:
    """The installation on its way."""

    app: FastAPI
    runtime: Runtime
    clock: Clock
    staff: Staff
    passengers: Mapping[str, Passenger]
    files: Mapping[str, DrawnSample]

    def case_of(self, name: str) -> CaseView:
        with self.runtime.read() as work:
            return looking.case_view(
                work, case_id=looking.case_of(work, self.passengers[name].report_id)
            )

    def report(self, name: str) -> ReportView:
        report_id = self.passengers[name].report_id
        return next(
            report for report in self.case_of(name).reports if report.report_id == report_id
        )

    def look(self, name: str) -> str:
        """The report's page in a browser that has never been here."""
        with closing(TestClient(self.app)) as browser:
            return self.passengers[name].look(browser)


# -- station 1: received and read ------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("tour") / "home")
    house.set_clock(WEDNESDAY_IS_OVER - timedelta(minutes=1))
    yield house
    house.stop()


@pytest.fixture(scope="module")
def drawn(
    drawings: Drawings, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, DrawnSample]:
    folder, days = (
        tmp_path_factory.mktemp("drawn"),
        {sample: day for sample, day, _ in REPORTS.values()},
    )
    return {name: drawings.draw_on(day, name, folder) for name, day in days.items()}


@pytest.fixture(scope="module")
def tour(house: House, drawn: Mapping[str, DrawnSample]) -> Iterator[Tour]:
    clock = Clock(house.now())
    runtime = replace(open_runtime(house.settings), now=clock)
    for queue in ("photos", "videos"):
        house.start(f"worker {queue}")
    with runtime.write() as work:
        import_roster(
            work,
            actor="cli",
            effective_from=date(2026, 1, 1),
            content=roster_csv().encode(),
        )
        people = [
            accounts.create_account(work, role.value + login, login, role, "a long pass word")
            for login, role in (
                ("o", Role.OPERATIONS),
                ("c", Role.COUNTER),
                ("f", Role.FINANCE),
                ("g", Role.FINANCE),
            )
        ]
    app = create_app(runtime)
    browsers = {name: TestClient(app) for name in REPORTS}
    passengers = {
        name: Passenger(browsers[name], people) for name, (_, _, people) in REPORTS.items()
    }
    files = {name: drawn[sample] for name, (sample, _, _) in REPORTS.items()}
    yield Tour(app, runtime, clock, Staff(*people), passengers, files)
    for browser in browsers.values():
        browser.close()
    runtime.close()


@dataclass(frozen=True)
class Received:
    """What passengers were shown, and the reports as the workers left them."""

    coach: str
    pages: Mapping[str, str]
    reports: Mapping[str, ReportView]
    cases: Mapping[str, CaseView]


@pytest.fixture(scope="module")
def received(tour: Tour, house: House) -> Received:
    pages = {}
    coach = _prepare(tour, "photo", patiently=True)
    for name in REPORTS:
        if name != "photo":
            _prepare(tour, name)
    for name, passenger in tour.passengers.items():
        # The first one is handed in as the last second of Wednesday runs, the second one as it is
        # over.
        tour.clock.at = (
            WEDNESDAY_IS_OVER - timedelta(seconds=1) if name == "forfeited" else WEDNESDAY_IS_OVER
        )
        pages[name] = passenger.submit().page
    until(
        lambda: all(_is_verified(tour, name) for name in REPORTS),
        f"every report is read; {house.said()}",
    )
    return Received(
        coach=coach,
        pages=pages,
        reports={name: tour.report(name) for name in REPORTS},
        cases={name: tour.case_of(name) for name in REPORTS},
    )


def _prepare(tour: Tour, name: str, *, patiently: bool = False) -> str:
    """A draft with everything in it; ``patiently``: after the worker has read the file.

    Returns what the coach says.
    """
    passenger, file = tour.passengers[name], tour.files[name]
    passenger.begin(file.claim.category)
    passenger.upload(file.path)
    passenger.claim(file.claim)
    if patiently:
        until(lambda: 'data-reading="no"' in passenger.coach(), "the file is read")
    coach = passenger.coach()
    passenger.name()
    return coach


def _is_verified(tour: Tour, name: str) -> bool:
    with tour.runtime.read() as work:
        found = waiting.queue(
            work,
            filter=waiting.QueueFilter(text=tour.passengers[name].slip.report_number),  # type: ignore[union-attr]
        )  # it was submitted
        return [row.state for row in found.rows] == [ReportState.VERIFIED]


def test_the_coach_has_seen_the_photo_before_it_is_handed_in(received: Received) -> None:
    t = Texts("en").t
    for code in ("PLATE_SEEN", "ROUTE_SEEN", "TIME_CONFIRMED"):
        assert t(f"finding.{code}") in received.coach.replace("&#39;", "'")


def test_the_worker_found_in_each_file_what_is_in_it(tour: Tour, received: Received) -> None:
    for name, report in received.reports.items():
        codes, sample = {finding.code for finding in report.findings}, tour.files[name].sample
        assert sample.expects - FORM_ASKS_FOR_NO_POSITION <= codes, name
        assert not sample.forbids & codes, name
        assert report.evidence[0].sha256 == tour.files[name].sha256
        assert report.evidence[0].kind is (MediaKind.VIDEO if name == "video" else MediaKind.PHOTO)


def test_one_second_after_the_third_working_day_is_late_and_received(received: Received) -> None:
    late, in_time = received.reports["late"], received.reports["forfeited"]
    assert late.received_at - in_time.received_at == timedelta(seconds=1)
    assert [finding.code for finding in late.findings if finding.check == "window"] == ["LATE"]
    assert [finding.code for finding in in_time.findings if finding.check == "window"] == [
        "IN_WINDOW"
    ]
    said = Texts("en").t("check.late", days=3)
    assert [name for name, page in received.pages.items() if said in page] == ["late"]


def test_the_same_file_with_the_same_claim_is_the_same_case_without_a_question(
    received: Received,
) -> None:
    case = received.cases["duplicate"]
    assert case.case_id == received.cases["photo"].case_id
    photo, duplicate = received.reports["photo"], received.reports["duplicate"]
    assert [report.report_id for report in case.reports] == [photo.report_id, duplicate.report_id]
    assert "SAME_MEDIA" in {finding.code for finding in duplicate.findings}
    between = {photo.report_id, duplicate.report_id}
    assert not [
        question
        for question in case.candidates
        if {question.report_id, question.other_report_id} == between
    ]


def test_a_picture_that_looks_alike_is_a_question_to_the_officer(received: Received) -> None:
    second, photo = received.reports["second"], received.reports["photo"]
    assert received.cases["second"].case_id != received.cases["photo"].case_id
    question = next(
        question
        for question in received.cases["second"].candidates
        if {question.report_id, question.other_report_id} == {second.report_id, photo.report_id}
    )
    assert question.same is None
    assert {"SIMILAR_MEDIA", "SAME_INCIDENT_CANDIDATE"} & set(question.reasons)


def test_every_other_report_is_an_incident_of_its_own(received: Received) -> None:
    alone = {
        received.cases[name].case_id
        for name in ("forfeited", "late", "video", "joint", "second", "photo")
    }
    assert len(alone) == 6
    assert len(received.cases["joint"].reports) == 1
    assert received.reports["joint"].reporters == 3


# -- station 2: decided and told -------------------------------------------------------------------


@dataclass(frozen=True)
class Decided:
    """Reports and cases after every decision and its notice; ``pages``.

    What each reporter then reads.
    """

    reports: Mapping[str, ReportView]
    cases: Mapping[str, CaseView]
    sent: tuple[Message, ...]
    pages: Mapping[str, str]


@pytest.fixture(scope="module")
def decided(tour: Tour, received: Received) -> Decided:
    tour.clock.at = WEDNESDAY_IS_OVER + timedelta(hours=10)
    with pytest.raises(OpenCandidates):
        _decide(tour, "photo")
    question = next(
        question for question in received.cases["second"].candidates if question.same is None
    )
    with tour.runtime.write() as work:  # the merge answers what else was asked about the two
        one_incident.answer_candidate(
            work,
            candidate_id=question.candidate_id,
            officer=tour.staff.officer,
            same=True,
            reason="one bus",
        )
    for name in REPORTS:
        _decide(tour, name)
    tour.clock.forward(seconds=31)
    delivering.deliver_due(tour.runtime)
    tour.clock.forward(minutes=5)
    pages = {name: tour.look(name) for name in REPORTS}
    with tour.runtime.read() as work:
        sent = providers.sent(work).rows
    return Decided(
        reports={name: tour.report(name) for name in REPORTS},
        cases={name: tour.case_of(name) for name in REPORTS},
        sent=sent,
        pages=pages,
    )


def _decide(tour: Tour, name: str) -> None:
    report = tour.report(name)
    with tour.runtime.write() as work:
        decisions.decide(
            work,
            report_id=report.report_id,
            officer=tour.staff.officer,
            row_version=report.row_version,
            verdict=Verdict.SUBSTANTIATED,
            reasons=["VIOLATION_SEEN"],
        )


def test_who_is_first_follows_from_the_order_of_receipt(decided: Decided) -> None:
    assert {name: report.entitlement for name, report in decided.reports.items()} == {
        "forfeited": Entitlement.FIRST,
        "late": Entitlement.LATE,
        "photo": Entitlement.FIRST,
        "video": Entitlement.FIRST,
        "duplicate": Entitlement.NOT_FIRST,
        "second": Entitlement.NOT_FIRST,
        "joint": Entitlement.FIRST,
    }
    assert {report.state for report in decided.reports.values()} == {ReportState.ANSWERED}
    assert (
        decided.cases["second"].case_id
        == decided.cases["photo"].case_id
        == decided.cases["duplicate"].case_id
    )


def test_the_award_is_fifty_yuan_in_whole_fen(decided: Decided) -> None:
    shares = {name: decided.cases[name].reward for name in ("forfeited", "photo", "video", "joint")}
    assert {
        name: [share.amount_fen for share in reward.shares]
        for name, reward in shares.items()
        if reward
    } == {
        "forfeited": [5000],
        "photo": [5000],
        "video": [5000],
        "joint": [1667, 1667, 1666],
    }
    assert decided.cases["late"].reward is None


def test_everybody_is_told_their_own_result(tour: Tour, decided: Decided) -> None:
    told = {(message.kind, message.report_number) for message in decided.sent}
    numbers = {name: report.report_number for name, report in decided.reports.items()}
    assert {number for kind, number in told if kind == "answer"} == set(numbers.values())
    paid_for = {numbers[name] for name in ("forfeited", "photo", "video", "joint")}
    assert {number for kind, number in told if kind == "reward"} == paid_for
    answers = [message for message in decided.sent if message.kind == "answer"]
    joint = [message.to for message in answers if message.report_number == numbers["joint"]]
    assert sorted(joint) == [phone for _, phone in tour.passengers["joint"].people]


def test_each_page_says_what_follows_for_its_reporter(decided: Decided) -> None:
    t = Texts("en").t
    for name, page in decided.pages.items():
        assert t("verdict.substantiated") in page
        assert t(f"report.entitlement_{decided.reports[name].entitlement}", days=3) in page
        assert (t("collect.title") in page) is (
            decided.reports[name].entitlement is Entitlement.FIRST
        )


def test_reading_the_result_begins_the_fifteen_days(decided: Decided) -> None:
    for name in ("forfeited", "photo", "video", "joint"):
        reward = decided.cases[name].reward
        assert reward is not None
        # 26 June is the fifteenth day after 11 June, a Friday: the counter closes at five.
        assert {share.collect_by for share in reward.shares} == {
            datetime(2026, 6, 26, 17, 0, tzinfo=SHANGHAI)
        }


# -- station 3: collected, or not ------------------------------------------------------------------


@dataclass(frozen=True)
class Collected:
    """The cases after the last day to collect."""

    cases: Mapping[str, CaseView]
    slips: Mapping[str, tuple[Fen, ...]]
    forfeited: int


@pytest.fixture(scope="module")
def collected(tour: Tour, decided: Decided) -> Collected:
    tour.clock.forward(days=1)
    slips = {}
    for serial, (name, card) in enumerate(CARDS.items(), start=1):
        tour.clock.forward(minutes=10)
        with tour.runtime.write() as work:
            (to_collect,) = waiting_rewards.shares_to_collect(
                work, clerk=tour.staff.clerk, report_number=decided.reports[name].report_number
            )
            slips[name] = collected_against(
                work,
                share_id=to_collect.share_id,
                clerk=tour.staff.clerk,
                id_number=id_number_of(serial),
                account={"card_number": card},
            ).slip
    tour.clock.at = datetime(2026, 6, 26, 17, 0, tzinfo=SHANGHAI).astimezone(UTC)
    assert forfeiture.forfeit_due(tour.runtime) == 0  # the last moment still counts
    tour.clock.forward(seconds=1)
    forfeited = forfeiture.forfeit_due(tour.runtime)
    return Collected({name: tour.case_of(name) for name in REPORTS}, slips, forfeited)


def test_who_comes_with_an_id_collects_and_the_first_named_for_all(collected: Collected) -> None:
    assert collected.slips == {"photo": (5000,), "video": (5000,), "joint": (1667, 1667, 1666)}
    for name in CARDS:
        assert _states(collected.cases[name]) == {ShareState.COLLECTED}


def test_what_nobody_collects_is_forfeited_a_second_after_the_last_moment(
    collected: Collected,
) -> None:
    assert collected.forfeited == 1
    assert _states(collected.cases["forfeited"]) == {ShareState.FORFEITED}


def _states(case: CaseView) -> set[ShareState]:
    assert case.reward is not None
    return {share.state for share in case.reward.shares}


# -- station 4: paid -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paid:
    """Both batches as they ended, the lists for the bank, the ledger, what reporters read last."""

    first: BatchView
    first_lists: Mapping[str, bytes]
    then: Mapping[str, CaseView]
    next: BatchView
    next_lists: Mapping[str, bytes]
    cases: Mapping[str, CaseView]
    balances: Balances
    pages: Mapping[str, str]


@pytest.fixture(scope="module")
def paid(tour: Tour, collected: Collected) -> Paid:
    first, first_lists = _batch(tour)
    video = _line_of(first_lists["csv"], CARDS["video"])
    first_view = _answered_by_the_bank(tour, first, first_lists["csv"], failed={video})
    then = {name: tour.case_of(name) for name in REPORTS}
    reward = then["video"].reward
    assert reward is not None
    with tour.runtime.write() as work:
        account_corrected(
            work,
            share_id=reward.shares[0].share_id,
            clerk=tour.staff.clerk,
            id_number=id_number_of(2),
            account={"card_number": RIGHT_CARD},
        )
    tour.clock.forward(days=30)
    following, next_lists = _batch(tour)
    next_view = _answered_by_the_bank(tour, following, next_lists["csv"], failed=set())
    with tour.runtime.read() as work:
        balances = funds.balances(work)
    return Paid(
        first=first_view,
        first_lists=first_lists,
        then=then,
        next=next_view,
        next_lists=next_lists,
        cases={name: tour.case_of(name) for name in REPORTS},
        balances=balances,
        pages={name: tour.look(name) for name in REPORTS},
    )


def _batch(tour: Tour) -> tuple[str, Mapping[str, bytes]]:
    """Built and frozen by one, approved by another, exported by the first in both forms."""
    with tour.runtime.write() as work:
        batch_id = batches.build_batch(work, tour.staff.finance)
    with tour.runtime.write() as work:
        batches.freeze(work, batch_id, tour.staff.finance)
    with pytest.raises(batches.TwoPeopleNeeded), tour.runtime.write() as work:
        batches.approve(work, batch_id, tour.staff.finance, knowing=True)
    with tour.runtime.write() as work:
        batches.approve(work, batch_id, tour.staff.second, knowing=True)
    lists = {}
    for kind in ("csv", "xlsx"):
        with tour.runtime.write() as work:
            _, lists[kind] = batches.export(work, batch_id, tour.staff.finance, kind)
    return batch_id, lists


def _answered_by_the_bank(tour: Tour, batch_id: str, content: bytes, failed: set[str]) -> BatchView:
    """The bank fills in its two columns and sends the list back."""
    rows = _rows(content)
    for row in rows[1:-1]:
        row[5:] = ["failed", "no such card"] if row[1] in failed else ["paid", ""]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    with tour.runtime.write() as work:
        return settle_by(work, batch_id, tour.staff.finance, text.getvalue().encode("utf-8-sig"))


def _rows(content: bytes) -> list[list[str]]:
    """The cells, without the tab that keeps an account a text in a spreadsheet."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [[cell.removesuffix("\t") for cell in row] for row in rows]


def _line_of(content: bytes, card: str) -> str:
    return next(row[1] for row in _rows(content) if row[3] == card)


def _expected(number: str, lines: list[tuple[str, str, str]], total: str) -> list[list[str]]:
    """The list cell by cell, as a person would type it from the collection slips."""
    words = ["批次", "序号", "收款人", "交通卡号", "金额（元）", "结果", "原因"]
    keys = ["batch", "line", "payee", "card", "amount", "result", "reason"]
    headings = [f"{word} {key}" for word, key in zip(words, keys, strict=True)]
    body = [[number, str(at), *line, "", ""] for at, line in enumerate(lines, start=1)]
    return [headings, *body, [number, "total", str(len(lines)), "", total, "", ""]]


def test_the_payout_list_is_right_in_every_cell(paid: Paid) -> None:
    lines = [
        ("陈安", "0000000031", "50.00"),
        ("林一", "0000000041", "50.00"),
        ("朱明", "0000000071", "50.00"),
    ]
    assert _rows(paid.first_lists["csv"]) == _expected(paid.first.number, lines, "150.00")
    again = [("林一", "0000000042", "50.00")]
    assert _rows(paid.next_lists["csv"]) == _expected(paid.next.number, again, "50.00")


def test_the_spreadsheet_holds_the_same_cells_and_its_control_sheet(paid: Paid) -> None:
    for view, lists in ((paid.first, paid.first_lists), (paid.next, paid.next_lists)):
        book = load_workbook(io.BytesIO(lists["xlsx"]))
        shown = [
            [f"{cell:.2f}" if isinstance(cell, int | float) else cell or "" for cell in row]
            for row in book["payout"].iter_rows(values_only=True)
        ]
        assert shown == _rows(lists["csv"])
        amounts = [row[4] for row in book["payout"].iter_rows(min_row=2, values_only=True)]
        assert all(isinstance(amount, int | float) for amount in amounts)
        control = [row[1] for row in book["control"].iter_rows(values_only=True)]
        yuan = f"{view.total_fen // 100}.{view.total_fen % 100:02d}"
        assert control == [view.number, str(view.line_count), yuan, view.manifest_sha256]


def test_a_failed_line_goes_into_the_next_batch_and_is_paid_there(paid: Paid) -> None:
    assert (paid.first.state, paid.first.paid_fen, paid.first.failed) == (
        BatchState.PARTLY_SETTLED,
        10_000,
        1,
    )
    assert _states(paid.then["video"]) == {ShareState.COLLECTED}
    assert _states(paid.then["photo"]) == _states(paid.then["joint"]) == {ShareState.PAID}
    assert (paid.next.state, paid.next.paid_fen, paid.next.failed) == (BatchState.SETTLED, 5_000, 0)
    assert _states(paid.cases["video"]) == {ShareState.PAID}


def test_the_ledger_ties(paid: Paid) -> None:
    balances = paid.balances
    assert (balances.accrued, balances.paid, balances.forfeited, balances.payable) == (
        20_000,
        15_000,
        5_000,
        0,
    )
    assert (balances.fund, balances.in_payout, balances.sum_fen, balances.ties) == (
        -15_000,
        0,
        0,
        True,
    )


def test_every_reporter_reads_how_it_ended(paid: Paid) -> None:
    t = Texts("en").t
    ends = {"photo": "paid", "video": "paid", "joint": "paid", "forfeited": "forfeited"}
    for name, page in paid.pages.items():
        shown = [
            state
            for state in ShareState
            if f'<span class="tag">{t(f"state.share.{state}")}</span>' in page
        ]
        assert shown == ([ends[name]] if name in ends else []), name
    assert [paid.pages["joint"].count(f"{yuan} yuan") for yuan in ("16.67", "16.66")] == [2, 1]


def test_the_files_and_the_log_are_whole_at_the_end(tour: Tour, paid: Paid) -> None:
    with tour.runtime.read() as work:
        assert events.verify(work.connection) is None
        assert fsck.check(work.connection, tour.runtime.files).whole


def test_nothing_of_the_way_is_on_the_terminal(house: House, paid: Paid) -> None:
    said = house.said()
    for _, _, people in REPORTS.values():
        for name, phone in people:
            assert name not in said
            assert phone not in said


def test_the_drawn_files_are_kept_byte_for_byte(tour: Tour, paid: Paid) -> None:
    for file in tour.files.values():
        assert Path(tour.runtime.files.path(file.sha256)).read_bytes() == file.path.read_bytes()
