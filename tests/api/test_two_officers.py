"""Officers at once: nobody overwrites anybody, who looks at an older version hears it (409)."""

import re
from collections.abc import Callable
from http import HTTPStatus

import pytest

from pipeline.store import events, reports
from scheme.case import ReportState
from tests.api.staff import Browser, hidden, plain
from tests.pipeline.desk import Desk

Open = Callable[[str], Browser]
SEEN = {"verdict": "substantiated", "reasons_substantiated": "VIOLATION_SEEN"}


def page_of(desk: Desk, report_id: str) -> str:
    return f"/ops/cases/{desk.case(report_id).case_id}?report={report_id}"


def looked_at(browser: Browser, desk: Desk, report_id: str) -> dict[str, str]:
    """What the form carries of the moment at which somebody looked."""
    page = browser.page(page_of(desk, report_id))
    return {name: hidden(page, name) for name in ("row_version", "looked_at")}


def version_of(desk: Desk, report_id: str) -> int:
    with desk.runtime.read() as work:
        return reports.by_id(work.connection, report_id).row_version


def test_the_second_of_two_decisions_is_told_of_the_first(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer, other = browser("officer"), browser("other")
    mine, theirs = looked_at(officer, desk, report_id), looked_at(other, desk, report_id)
    desk.clock.move(seconds=5)
    officer.done(f"/ops/reports/{report_id}/decide", **mine, **SEEN)
    late = other.post(
        f"/ops/reports/{report_id}/decide",
        **theirs,
        verdict="unsubstantiated",
        reasons_unsubstantiated=["NO_VIOLATION"],
        note="nothing to see",
    )
    assert late.status_code == HTTPStatus.CONFLICT
    told = plain(late.text)
    assert "Officer" in told  # who was quicker
    assert "nothing to see" in told  # what the second one wanted
    assert hidden(late.text, "row_version") == str(version_of(desk, report_id))
    assert len(desk.case(report_id).reports[0].decisions) == 1


def test_who_was_late_can_do_it_again_knowing_what_changed(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer, other = browser("officer"), browser("other")
    mine, theirs = looked_at(officer, desk, report_id), looked_at(other, desk, report_id)
    desk.clock.move(seconds=5)
    fields = {
        "category": "wrong_way",
        "day": "2026-03-10",
        "clock": "08:00:00",
        "route": "49",
        "reason": "typed wrong",
    }
    officer.done(
        f"/ops/reports/{report_id}/correct", **mine, **fields, plate="沪A12346", badge="", place=""
    )
    stale = other.post(f"/ops/reports/{report_id}/decide", **theirs, **SEEN)
    assert stale.status_code == HTTPStatus.CONFLICT
    assert "typed wrong" in plain(stale.text)
    form = re.search(
        r'(?s)<form method="post" action="/ops/reports/[^"]+/decide">(.*?)</form>', stale.text
    )
    assert form is not None
    kept = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[1])
    again = {name: value for name, value in kept if name != "csrf"}
    other.done(f"/ops/reports/{report_id}/decide", **again)
    assert desk.state(report_id) is ReportState.DECIDED
    assert desk.case(report_id).reports[0].claim.plate == "沪A12346"


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (
            "correct",
            {
                "category": "wrong_way",
                "day": "2026-03-10",
                "clock": "08:00",
                "route": "50",
                "reason": "x",
            },
        ),
        ("ask", {"text": "the plate, please", "sights": "plate"}),
        ("decide", {"verdict": "assisted", "reasons_assisted": "OTHER_AUTHORITY"}),
        ("explain", {"text": "two colleagues are ill"}),
        ("tie", {"reason": "one session"}),
        ("exclude", {"reason": "own repeat"}),
        ("merge", {"reason": "one bus", "other_number": "20260310-0000000"}),
        ("split", {"reason": "two buses"}),
        ("reopen", {"reason": "an objection"}),
    ],
)
def test_every_change_checks_the_version_that_was_looked_at(
    desk: Desk, browser: Open, action: str, fields: dict[str, str]
) -> None:
    report_id = desk.report()
    officer = browser("officer")
    then = looked_at(officer, desk, report_id)
    desk.clock.move(seconds=5)
    with desk.runtime.write() as work:
        reports.change(
            work.connection, report_id, row_version=int(then["row_version"]), tied_by_officer=True
        )
    answer = officer.post(f"/ops/reports/{report_id}/{action}", **then, **fields)
    assert answer.status_code == HTTPStatus.CONFLICT
    kept = next(text for name, text in fields.items() if name in ("text", "reason", "verdict"))
    assert f'value="{kept}"' in answer.text
    assert f'action="/ops/reports/{report_id}/{action}"' in answer.text
    assert desk.state(report_id) is ReportState.VERIFIED
    report = desk.case(report_id).reports[0]
    assert (len(report.claims), report.excluded, report.reopened) == (1, False, False)


def test_a_report_that_another_holds_is_not_decided(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer, other = browser("officer"), browser("other")
    officer.done(f"/ops/reports/{report_id}/hold")
    shown = plain(other.page(page_of(desk, report_id)))
    assert "Officer" in shown
    refused = other.post(
        f"/ops/reports/{report_id}/decide",
        row_version=str(version_of(desk, report_id)),
        looked_at="",
        **SEEN,
    )
    assert refused.status_code == HTTPStatus.CONFLICT
    assert "Officer has this report until" in plain(refused.text)
    assert other.post(f"/ops/reports/{report_id}/hold").status_code == HTTPStatus.CONFLICT
    desk.clock.move(minutes=16)
    other.done(f"/ops/reports/{report_id}/hold")


def test_two_officers_take_two_reports(desk: Desk, browser: Open) -> None:
    first, second = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    taken = [browser(login).done("/ops/next") for login in ("officer", "other")]
    assert [address.rpartition("report=")[2] for address in taken] == [first, second]
    third = browser("officer")
    assert third.done("/ops/next").endswith(first)  # what one holds is still one's own


def test_skipping_gives_one_back_and_takes_the_one_after_it(desk: Desk, browser: Open) -> None:
    first, second, third = (desk.report(plate=f"沪A1111{number}") for number in range(3))
    officer = browser("officer")
    assert officer.done("/ops/next").endswith(first)
    assert officer.done("/ops/next", skip=first).endswith(second)
    assert officer.done("/ops/next", skip=second).endswith(third)
    assert officer.done("/ops/next", skip=third).endswith(first)  # round
    assert browser("other").done("/ops/next").endswith(second)


def test_deciding_leads_to_the_next_and_back_by_undoing(desk: Desk, browser: Open) -> None:
    first, second = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    officer = browser("officer")
    officer.done("/ops/next")
    going_on = officer.done(
        f"/ops/reports/{first}/decide", **looked_at(officer, desk, first), **SEEN, next="yes"
    )
    assert f"report={second}" in going_on
    assert f"/ops/reports/{first}/undo" in officer.page(going_on)
    officer.done(f"/ops/reports/{first}/undo")
    assert desk.state(first) is ReportState.VERIFIED
    assert not desk.case(first).reward
    officer.done(f"/ops/reports/{first}/decide", **looked_at(officer, desk, first), **SEEN)
    desk.clock.move(seconds=31)
    late = officer.post(f"/ops/reports/{first}/undo")
    assert late.status_code == HTTPStatus.CONFLICT
    assert "time for undoing is over" in plain(late.text)
    assert browser("other").post(f"/ops/reports/{first}/undo").status_code == HTTPStatus.CONFLICT


def test_an_identity_is_opened_for_a_reason_and_on_record(desk: Desk, browser: Open) -> None:
    report_id = desk.report(names=["陈安"])
    officer = browser("officer")
    assert "陈安" not in officer.page(page_of(desk, report_id))
    without = officer.post(f"/ops/reports/{report_id}/identity", reason=" x ")
    assert without.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "陈安" not in without.text
    opened = officer.post(
        f"/ops/reports/{report_id}/identity", reason="call about the missing plate"
    )
    assert "陈安" in opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert "陈安" not in officer.page(page_of(desk, report_id))  # shown once
    with desk.runtime.read() as work:
        about = events.about(work.connection, f"report/{report_id}")
        opening = [event for event in about if event.action == "identity_opened"]
    assert [(event.actor, event.detail["reason"]) for event in opening] == [
        (desk.officer.account_id, "call about the missing plate")
    ]
    assert "call about the missing plate" in officer.page(page_of(desk, report_id))


def test_officers_never_see_a_card_number(desk: Desk, browser: Open) -> None:
    report_id = desk.to_be_paid()
    officer = browser("officer")
    for address in (page_of(desk, report_id), "/ops/rewards", "/ops/queue?state=answered"):
        assert "0000000001" not in officer.page(address)
    assert officer.get("/ops/counter/collect").status_code == HTTPStatus.FORBIDDEN
