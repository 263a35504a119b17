"""Two policies one after the other.

Amounts, windows and channels each by its own, and old pages stay for ever.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from pipeline.calendar import parse_overlay
from pipeline.paying import awarding, batch_views, batches, funds
from pipeline.store import reports, roster
from scheme.case import ShareState
from scheme.entitlement import Entitlement
from scheme.policy import Policy
from scheme.report import Channel
from tests.api.staff import Browser, plain
from tests.pipeline.desk import Desk, collected_against, id_number_of
from tests.policies import changed, started

NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
"""2027-01-01 00:00 in Shanghai: the second policy begins."""


def second(amount_fen: int = 6000) -> str:
    """The policy of 2027: another amount, window, time to collect, answer and channel."""
    return changed(
        "2027",
        "2027-01-01T00:00:00+08:00",
        amount_fen=amount_fen,
        length=5,
        days=20,
        answer_working_days=4,
        on_the_spot_limit_fen=6000,
        default_channel='"card_in_hand"',
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The installation's own policies."""
    path = tmp_path / "policies"
    path.mkdir()
    (path / "2027.toml").write_text(second(), encoding="utf-8")
    return path


@pytest.fixture
def two(desk: Desk, folder: Path) -> Iterator[Desk]:
    """The desk, started with both policies, on 29 December 2026; the calendar of 2027 is loaded."""
    started(desk, folder)
    with desk.runtime.write() as work:
        roster.load_overlay(
            work.connection, parse_overlay("2027,whole\n2027-01-01,no,元旦\n"), work.now
        )
        funds.stock_cards(work, desk.finance, 100_000, knowing=True)
    desk.clock.at = datetime(2026, 12, 29, 2, 0, tzinfo=UTC)
    yield desk
    desk.runtime.close()


@pytest.fixture
def officer(desk: Desk) -> Callable[[], Browser]:
    """An officer's browser at the installation as it runs now."""
    return lambda: Browser(TestClient(create_app(desk.runtime))).sign_in("officer")


def judged_by(desk: Desk, report_id: str) -> Policy:
    with desk.runtime.read() as work:
        ref = reports.by_id(work.connection, report_id).substance_policy
    assert ref is not None
    return desk.runtime.policies.by_ref(ref)


def entitlement(desk: Desk, report_id: str) -> Entitlement | None:
    return next(
        report.entitlement
        for report in desk.case(report_id).reports
        if report.report_id == report_id
    )


def test_each_violation_pays_what_its_own_policy_says(two: Desk) -> None:
    before = two.report(violated_at=two.clock.at - timedelta(hours=2), plate="沪A11111")
    two.clock.at = NEW_YEAR + timedelta(hours=10)
    late_in_the_year = two.report(violated_at=NEW_YEAR - timedelta(minutes=1), plate="沪A22222")
    new = two.report(violated_at=NEW_YEAR, plate="沪A33333")
    for report_id, version, amount in (
        (before, "2", 5000),
        (late_in_the_year, "2", 5000),
        (new, "2027", 6000),
    ):
        assert judged_by(two, report_id).version == version
        two.decide(report_id)
        assert [share.amount_fen for share in two.shares(report_id)] == [amount]
    two.ledger_holds()


def test_each_violation_has_the_window_of_its_own_policy(two: Desk) -> None:
    """Three working days for what happened in 2026, five for what happened in 2027."""
    old_violation, new_violation = (
        NEW_YEAR - timedelta(hours=6),
        NEW_YEAR + timedelta(days=4),
    )  # a Thursday, a Tuesday
    two.clock.at = new_violation + timedelta(
        days=7
    )  # five working days after the one, six after the other
    late = two.report(violated_at=old_violation, plate="沪A11111")
    in_time = two.report(violated_at=new_violation, plate="沪A22222")
    for report_id in (late, in_time):
        two.decide(report_id)
    assert entitlement(two, late) is Entitlement.LATE
    assert entitlement(two, in_time) is Entitlement.FIRST


def test_each_step_follows_the_procedure_of_its_own_day(two: Desk) -> None:
    old = two.submit(violated_at=two.clock.at - timedelta(hours=2))
    two.clock.at = NEW_YEAR + timedelta(days=4)
    new = two.submit(violated_at=two.clock.at - timedelta(hours=2), plate="沪A22222")
    with two.runtime.read() as work:
        due = [reports.by_id(work.connection, report_id).answer_due_at for report_id in (old, new)]
        refs = [
            reports.by_id(work.connection, report_id).receipt_policy for report_id in (old, new)
        ]
    # received Tuesday 29 December: Wednesday, Thursday, Monday (1 January is off); received Tuesday
    # 5 January: Monday
    assert due == [datetime(2027, 1, 4, 16, tzinfo=UTC), datetime(2027, 1, 11, 16, tzinfo=UTC)]
    assert [two.runtime.policies.by_ref(ref).version for ref in refs if ref] == ["2", "2027"]


def test_what_was_collected_for_a_top_up_is_paid_by_a_batch_though_cards_are_handed_over_now(
    two: Desk,
) -> None:
    old = two.report(violated_at=two.clock.at - timedelta(hours=2), plate="沪A11111")
    waits = two.report(violated_at=two.clock.at - timedelta(hours=1), plate="沪A22222")
    for report_id in (old, waits):
        two.decide(report_id)
    two.tell()
    assert not two.collected(old).paid
    two.clock.at = NEW_YEAR + timedelta(days=3, hours=10)
    with two.runtime.write() as work:
        handed_over = collected_against(
            work, share_id=two.shares(waits)[0].id, clerk=two.clerk, id_number=id_number_of(7)
        )
        batch_id = batches.build_batch(work, two.finance)
        batch = batch_views.batch_view(work, batch_id)
    assert (handed_over.paid, handed_over.channel, handed_over.total_fen) == (
        True,
        "card_in_hand",
        5000,
    )
    assert (batch.channel, batch.line_count, batch.total_fen) == ("card_top_up", 1, 5000)
    assert two.shares(old)[0].state is ShareState.IN_BATCH
    two.ledger_holds()


def test_the_time_to_collect_is_that_of_the_day_the_notice_is_received(two: Desk) -> None:
    """Fifteen days by the policy of 2026, twenty by that of 2027, in one week of December."""
    opened = [
        two.report(violated_at=two.clock.at - timedelta(hours=2), plate=f"沪A{n}{n}{n}{n}{n}")
        for n in (1, 2)
    ]
    for report_id in opened:
        two.decide(report_id)
    two.tell()
    for report_id, at in zip(
        opened, (NEW_YEAR - timedelta(hours=1), NEW_YEAR + timedelta(days=4)), strict=True
    ):
        two.clock.at = at
        with two.runtime.write() as work:
            awarding.notice_received(work, report_id)
    last_moments = [two.shares(report_id)[0].collect_by for report_id in opened]
    assert last_moments == [
        datetime(2027, 1, 15, 9, tzinfo=UTC),
        datetime(2027, 1, 25, 9, tzinfo=UTC),
    ]


def test_old_pages_stay_whatever_becomes_of_the_files(
    two: Desk, folder: Path, officer: Callable[[], Browser]
) -> None:
    """An end written into the file, another amount in it, the file gone.

    Each page is there, each report as it was.
    """
    two.clock.at = NEW_YEAR + timedelta(days=3, hours=10)
    old = two.report(violated_at=NEW_YEAR - timedelta(hours=1), plate="沪A11111")
    new = two.report(violated_at=NEW_YEAR + timedelta(hours=1), plate="沪A22222")
    for report_id in (old, new):
        two.decide(report_id)
    two.tell()

    def pages() -> list[str]:
        browser = officer()
        return [
            plain(browser.page(f"/ops/cases/{two.case(report_id).case_id}"))
            for report_id in (old, new)
        ]

    file, ended = folder / "2027.toml", "effective_to = 2028-01-01T00:00:00+08:00\n"
    assert "50.00" in pages()[0]
    assert "60.00" in pages()[1]
    for text in (ended + second(), second(6100), None):
        file.unlink()
        if text is not None:
            file.write_text(text, encoding="utf-8")
        started(two, folder)
        shown = pages()
        assert "50.00" in shown[0]
        assert "60.00" in shown[1]
        assert (judged_by(two, old).version, judged_by(two, new).substance.amount_fen) == (
            "2",
            6000,
        )
    assert [policy.version for policy in two.runtime.policies.policies] == ["2"]


def test_the_clerk_sees_what_the_policy_of_the_violation_pays(two: Desk) -> None:
    two.clock.at = NEW_YEAR + timedelta(days=3, hours=10)
    report_id = two.report(violated_at=NEW_YEAR - timedelta(hours=1), channel=Channel.COUNTER)
    clerk = Browser(TestClient(create_app(two.runtime))).sign_in("clerk")
    assert "50.00" in plain(clerk.page(f"/ops/counter/reports/{report_id}"))
