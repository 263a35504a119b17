"""The pages of second looks.

Decided again without the first decision, held payments, and what stood out.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from pipeline.doors.sweep import sweep
from pipeline.paying import funds
from pipeline.store import reports
from scheme.decision import Verdict
from tests.api.staff import Browser, plain
from tests.pipeline.desk import Desk, id_number_of
from tests.policies import under

Open = Callable[[str], Browser]


def number_of(desk: Desk, report_id: str) -> str:
    with desk.runtime.read() as work:
        return reports.by_id(work.connection, report_id).report_number or ""


def next_day(desk: Desk) -> None:
    desk.clock.move(days=1)
    sweep(desk.runtime)


def looks_on(browser: Browser) -> list[str]:
    """Addresses of the looks that this officer can answer."""
    page = browser.page("/ops/second-looks").split("Answered")[0]
    return list(dict.fromkeys(re.findall(r"/ops/second-looks/[0-9a-f]{32}", page)))


@pytest.fixture
def decided(desk: Desk) -> str:
    """A report that was decided yesterday and drawn to be decided again."""
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    next_day(desk)
    return report_id


def test_who_decides_again_sees_evidence_and_findings_and_nothing_of_the_first_decision(
    desk: Desk, decided: str, browser: Open
) -> None:
    other = browser("other")
    assert "second looks waiting" in plain(other.page("/ops"))
    (address,) = looks_on(other)
    shown = other.page(address)
    case = desk.case(decided)
    for leaks in (
        number_of(desk, decided),
        case.case_id,
        case.number,
        decided,
        "Officer",
        "Substantiated by",
    ):
        assert leaks not in shown
        assert leaks not in other.page("/ops/second-looks")
    assert "Decide by the evidence alone" in plain(shown)
    poster = re.search(rf"{address}/media/[0-9a-f]{{64}}/poster", shown)
    assert poster is not None
    assert other.get(poster.group()).status_code == HTTPStatus.OK

    refused = other.post(address, reason="看过了")
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "看过了" in refused.text
    assert other.done(address, verdict="substantiated", reason="看过了") == (
        f"{address}?did=second_look"
    )
    told = other.page(address)
    assert "First decision" in plain(told)
    assert "Officer" in told
    assert number_of(desk, decided) in told
    assert looks_on(other) == []
    again = other.post(address, verdict="substantiated", reason="再看")
    assert again.status_code == HTTPStatus.CONFLICT
    assert "Somebody else has answered" in plain(again.text)


def test_who_took_part_is_told_so_and_sees_nothing(desk: Desk, decided: str, browser: Open) -> None:
    officer, other = browser("officer"), browser("other")
    (address,) = looks_on(other)
    assert looks_on(officer) == []
    page = officer.page(address)
    assert "somebody else has to look again" in plain(page)
    assert "<img" not in page
    poster = re.search(r"/ops/\S+?/poster", other.page(address))
    assert poster is not None
    assert officer.get(poster.group()).status_code == HTTPStatus.NOT_FOUND
    refused = officer.post(address, verdict="substantiated", reason="我认定的")
    assert refused.status_code == HTTPStatus.CONFLICT
    assert looks_on(other) == [address]


def test_a_disagreement_stands_on_the_page_and_leads_to_reopening(
    desk: Desk, decided: str, browser: Open
) -> None:
    other = browser("other")
    (address,) = looks_on(other)
    other.done(address, verdict="unsubstantiated", reason="红灯看不清")
    assert "Decided otherwise" in plain(other.page("/ops/second-looks"))
    page = other.page(address)
    assert f"/ops/reports/{decided}/reopen" in page
    assert "红灯看不清" in page
    other.done(f"/ops/reports/{decided}/reopen", reason="红灯看不清")
    desk.decide(decided, Verdict.UNSUBSTANTIATED, desk.other_officer)
    assert "Decided otherwise" not in plain(other.page("/ops/second-looks"))
    assert "has been replaced since" in plain(other.page(address))


def test_a_held_payment_is_said_at_the_counter_and_approved_by_somebody_else(
    desk: Desk, tmp_path: Path, browser: Open
) -> None:
    under(desk, tmp_path / "policies", paid_per_person_per_month_fen=4_999)
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    with desk.runtime.write() as work:
        funds.stock_cards(work, desk.finance, 50_000, knowing=True)
    sweep(desk.runtime)
    clerk, other = browser("clerk"), browser("other")
    share = desk.shares(report_id)[0].id
    fields = {"number": number_of(desk, report_id), "way": "in_hand", "id_number": id_number_of(1)}
    refused = clerk.collect(share, **fields)
    assert refused.status_code == HTTPStatus.CONFLICT
    assert "approves this payment first" in plain(refused.text)
    assert "Payment held: number 1 of the month" in plain(other.page("/ops/second-looks"))
    (address,) = looks_on(other)
    other.done(address, reason="核对无误")
    assert "approved" in plain(other.page(address))
    assert clerk.collect(share, **fields).status_code == HTTPStatus.OK


def test_finance_sees_how_many_no_batch_takes(desk: Desk, tmp_path: Path, browser: Open) -> None:
    under(desk, tmp_path / "policies", paid_per_person_per_month_fen=4_999)
    report_id = desk.to_be_paid()
    sweep(desk.runtime)
    finance, other = browser("finance"), browser("other")
    assert "wait for a second person in operations (“Second looks”): 1." in plain(
        finance.page("/fin/batches")
    )
    (address,) = looks_on(other)
    other.done(address, reason="核对无误")
    assert "wait for a second person" not in plain(finance.page("/fin/batches"))
    assert desk.shares(report_id)[0].state == "collected"


def test_what_stood_out_is_named_with_its_reports_and_no_person(
    desk: Desk, tmp_path: Path, browser: Open
) -> None:
    under(
        desk,
        tmp_path / "policies",
        same_officer_and_reporter_per_month=1,
        decisions_sample_percent=None,
    )
    for _ in range(2):
        desk.numbers = iter((7, *range(100, 200)))  # the same person again
        report_id = desk.report(
            plate=f"沪E{desk.clock.at:%H%M%S}"[:7], violated_at=desk.clock.at - timedelta(hours=2)
        )
        desk.decide(report_id)
        desk.clock.move(minutes=20)
    next_day(desk)
    other = browser("other")
    page = plain(other.page("/ops/second-looks"))
    assert "Officer substantiated 2 reports of one person in one month" in page
    assert number_of(desk, report_id) in page
    assert "投诉人" not in page
    (address,) = looks_on(other)
    assert other.post(address, reason=" ").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    other.done(address, reason="两件都属实")
    assert "两件都属实" in other.page(address)
