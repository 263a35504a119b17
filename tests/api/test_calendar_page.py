"""The calendar's page: what waits, loading a year after a look at it, rulings by two people."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from http import HTTPStatus

import pytest

from pipeline.store import reports
from scheme.entitlement import Entitlement
from tests.api.staff import Browser, hidden, plain
from tests.pipeline.desk import Desk
from tests.pipeline.holidays import holiday_csv, holiday_json

Open = Callable[[str], Browser]
VIOLATED_AT = datetime(2026, 12, 29, 0, tzinfo=UTC)
REASON = "By the city's notice the office works on Monday."


@pytest.fixture(autouse=True)
def _turn_of_the_year(desk: Desk) -> None:
    desk.clock.at = datetime(2027, 1, 4, 1, tzinfo=UTC)


def substantiated(desk: Desk) -> str:
    report_id = desk.report(violated_at=VIOLATED_AT)
    desk.decide(report_id)
    return report_id


def number_of(desk: Desk, report_id: str) -> str:
    return desk.case(report_id).reports[0].report_number


def entitled(desk: Desk, report_id: str) -> Entitlement | None:
    return desk.case(report_id).reports[0].entitlement


def test_a_year_is_loaded_after_its_changes_were_looked_at(desk: Desk, browser: Open) -> None:
    report_id = substantiated(desk)
    officer = browser("officer")
    for name, content in (("2027.json", holiday_json()), ("2027.csv", holiday_csv())):
        looked = officer.post_files("/ops/calendar/files", [("file", (name, content))])
        assert looked.status_code == HTTPStatus.OK
        said = plain(looked.text)
        for words in (
            "2027 becomes covered",
            "Saturday 20 February 2027",
            "Monday 5 April 2027 清明节",
        ):
            assert words in said
        assert "reports known to be in time 1" in said
        assert entitled(desk, report_id) is Entitlement.WAITING
    loaded = officer.post("/ops/calendar/load", text=hidden_text(looked.text))
    assert loaded.status_code == HTTPStatus.OK
    assert "Rewards awarded by it: 1" in plain(loaded.text)
    assert "2027 is not loaded into the calendar yet" not in plain(loaded.text)
    assert entitled(desk, report_id) is Entitlement.FIRST
    again = officer.post("/ops/calendar/load", text=hidden_text(looked.text))
    assert "Rewards awarded by it: 0" in plain(again.text)
    assert "No day changes" in plain(again.text)


def hidden_text(page: str) -> str:
    return unescape(hidden(page, "text"))


def test_an_administrator_loads_the_year_and_sees_no_report(desk: Desk, browser: Open) -> None:
    number = number_of(desk, substantiated(desk))
    admin = browser("admin")
    page = plain(admin.page("/ops/calendar"))
    assert "2027 is not loaded into the calendar yet" in page
    assert number not in page
    assert "2 wait; load the year" in page  # its window and its answer date
    looked = admin.post_files("/ops/calendar/files", [("file", ("2027.json", holiday_json()))])
    assert "Rewards awarded by it: 1" in plain(
        admin.post("/ops/calendar/load", text=hidden_text(looked.text)).text
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (holiday_json(days=[]), "the year is not published yet"),
        (b"2027-02-30,no", "Line 1: that is no day"),
        (b"\xff\xfe", "can't be read as text"),
        (b"x" * 70_000, "too long for a calendar"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_with_what_to_do(
    browser: Open, content: bytes, words: str
) -> None:
    refused = browser("officer").post_files("/ops/calendar/files", [("file", ("x.csv", content))])
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in plain(refused.text)


def test_no_file_is_said(browser: Open) -> None:
    officer = browser("officer")
    assert (
        officer.post_files("/ops/calendar/files", [("file", ("", b""))]).status_code
        == HTTPStatus.UNPROCESSABLE_ENTITY
    )
    assert (
        officer.post("/ops/calendar/load", text="").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    )


def test_the_alarm_says_what_hangs_on_the_year_and_where_to_load_it(
    desk: Desk, browser: Open
) -> None:
    officer = browser("officer")
    front, page = plain(officer.page("/ops")), plain(officer.page("/ops/calendar"))
    for said in (front, page):
        assert "2027 is not loaded into the calendar yet" in said
        assert "violations from Tuesday 29 December 2026 on" in said
        assert "received from Tuesday 29 December 2026 on" in said
        assert "notices received from Thursday 17 December 2026 on" in said
    assert "/ops/calendar" in officer.page("/ops")


def test_the_front_page_claims_nothing_about_an_empty_queue(desk: Desk, browser: Open) -> None:
    """A decided report that waits for a calendar does not stand in the queue."""
    report_id = substantiated(desk)
    officer = browser("officer")
    front = plain(officer.page("/ops"))
    assert "stand first in the queue" not in front
    assert "2 time limits and dates wait" in front
    undecided = desk.report(violated_at=desk.clock.at - timedelta(hours=1), plate="沪A00002")
    assert "1 undecided reports have no answer date" in plain(officer.page("/ops"))
    queue = officer.page("/ops/queue")
    assert number_of(desk, undecided) in queue
    assert number_of(desk, report_id) not in queue


def test_what_waits_shows_on_the_case_page(desk: Desk, browser: Open) -> None:
    report_id = substantiated(desk)
    page = browser("officer").page(f"/ops/cases/{desk.case(report_id).case_id}?report={report_id}")
    assert "hangs on days that no calendar covers yet" in plain(page)
    assert f"/ops/calendar#window-{report_id}" in page


def test_one_officer_proposes_and_another_confirms(desk: Desk, browser: Open) -> None:
    report_id = substantiated(desk)
    officer, other = browser("officer"), browser("other")
    said = plain(officer.page("/ops/calendar"))
    assert number_of(desk, report_id) in said
    assert "reward waits" in said
    officer.done(f"/ops/calendar/reports/{report_id}", kind="window", in_time="yes", reason=REASON)
    ruling = ruling_on(officer.page("/ops/calendar"))
    assert "A second person has to confirm it" in plain(officer.page("/ops/calendar"))
    own = officer.post(f"/ops/calendar/rulings/{ruling}/confirm")
    assert own.status_code == HTTPStatus.CONFLICT
    assert "You proposed this yourself" in plain(own.text)
    assert entitled(desk, report_id) is Entitlement.WAITING
    assert REASON in plain(other.page("/ops/calendar"))
    other.done(f"/ops/calendar/rulings/{ruling}/confirm")
    assert entitled(desk, report_id) is Entitlement.FIRST
    gone = other.post(f"/ops/calendar/rulings/{ruling}/confirm")
    assert gone.status_code == HTTPStatus.NOT_FOUND
    assert "This proposal is settled already" in plain(gone.text)
    case = plain(officer.page(f"/ops/cases/{desk.case(report_id).case_id}?report={report_id}"))
    assert "Confirmed by a second person" in case
    assert "In time or late: in time" in case


def ruling_on(page: str) -> str:
    return page.split("/ops/calendar/rulings/")[1].split("/", maxsplit=1)[0]


def test_a_refused_proposal_leaves_the_way_open(desk: Desk, browser: Open) -> None:
    report_id = substantiated(desk)
    officer, other = browser("officer"), browser("other")
    officer.done(f"/ops/calendar/reports/{report_id}", kind="window", in_time="no", reason=REASON)
    twice = other.post(
        f"/ops/calendar/reports/{report_id}", kind="window", in_time="yes", reason=REASON
    )
    assert twice.status_code == HTTPStatus.CONFLICT
    assert "Somebody has proposed this already" in plain(twice.text)
    other.done(f"/ops/calendar/rulings/{ruling_on(other.page('/ops/calendar'))}/refuse")
    assert "Settle it" in plain(officer.page("/ops/calendar"))


def test_an_answer_date_is_settled_on_the_page(desk: Desk, browser: Open) -> None:
    report_id = desk.report(violated_at=desk.clock.at - timedelta(hours=1))
    officer, other = browser("officer"), browser("other")
    address = f"/ops/calendar/reports/{report_id}"
    early = officer.post(address, kind="answer", day="2027-01-05", reason=REASON)
    assert early.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "from Thursday 7 January 2027" in plain(early.text)
    assert REASON in plain(early.text)  # what was typed is kept
    for fields, words in (
        ({"day": "", "reason": REASON}, "Please say what is to count"),
        ({"day": "2027-02-30", "reason": REASON}, "day"),
        ({"day": "2027-01-08", "reason": ""}, "reason"),
    ):
        refused = officer.post(address, kind="answer", **fields)
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert words in plain(refused.text)
    officer.done(address, kind="answer", day="2027-01-08", reason=REASON)
    other.done(f"/ops/calendar/rulings/{ruling_on(other.page('/ops/calendar'))}/confirm")
    with desk.runtime.read() as work:
        assert reports.by_id(work.connection, report_id).answer_due_at == datetime(
            2027, 1, 8, 16, tzinfo=UTC
        )
    assert "Friday 8 January 2027" in plain(officer.page("/ops/queue"))


@pytest.mark.parametrize(
    "fields", [{"kind": "nothing"}, {}, {"kind": "window", "reason": "x", "in_time": "maybe"}]
)
def test_made_up_forms_are_refused(desk: Desk, browser: Open, fields: dict[str, str]) -> None:
    answer = browser("officer").post(f"/ops/calendar/reports/{substantiated(desk)}", **fields)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_long_list_has_pages_and_says_how_many_wait(desk: Desk, browser: Open) -> None:
    for count in range(51):
        desk.report(violated_at=desk.clock.at - timedelta(hours=1), plate=f"沪A{count:05d}")
    officer = browser("officer")
    first, second = officer.page("/ops/calendar"), officer.page("/ops/calendar?page=2")
    assert "51 in all" in plain(first)
    assert (first.count('<tr id="'), second.count('<tr id="')) == (50, 1)
