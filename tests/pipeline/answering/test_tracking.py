"""What a reporter sees: their own report and answer, never anybody else's (R11, R13, R17)."""

import io
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.answering import delivering, own_report, tracking, withdrawing
from pipeline.receiving.drafts import open_draft
from pipeline.receiving.incoming import add_file_to_report
from pipeline.runtime import Runtime
from pipeline.store import cases, evidence_files, ledger, reports
from pipeline.store import decisions as stored_decisions
from scheme.case import ForbiddenMove, NoSuchReport, ReportState, ShareState
from scheme.decision import Verdict
from scheme.entitlement import Entitlement
from scheme.report import Channel
from tests.fixtures import Clock
from tests.pipeline.answering.office import ELSEWHERE, LI, PHOTO, WANG, ZHAO, Office

# -- number and code -------------------------------------------------------------------------------


def test_a_draft_has_no_progress(runtime: Runtime) -> None:
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        with pytest.raises(NoSuchReport):
            tracking.progress(work, report_id)


# -- answers ---------------------------------------------------------------------------------------


def test_before_the_answer_leaves_a_decision_does_not_show(office: Office, clock: Clock) -> None:
    receipt = office.received(WANG)
    before = office.progress(receipt)
    office.decided(receipt, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
    assert office.progress(receipt) == before
    assert before.state is ReportState.VERIFIED


def test_who_waits_can_add_material_as_anybody_can(office: Office, clock: Clock) -> None:
    receipt = office.decided_and_waiting(clock)
    add_file_to_report(
        office.runtime,
        report_id=receipt.report_id,
        file_name="b.jpg",
        stream=io.BytesIO(PHOTO + b"b"),
    )
    progress = office.progress(receipt)
    assert (progress.state, progress.answer, len(progress.files)) == (ReportState.RECEIVED, None, 2)
    with office.runtime.read() as work:
        case_id = cases.case_of_report(work.connection, receipt.report_id)
        assert case_id is not None
        assert ledger.live_reward(work.connection, case_id) is None
        assert [
            d.undone_at for d in stored_decisions.of_report(work.connection, receipt.report_id)
        ] == [clock.at]


def test_a_file_that_the_report_has_already_changes_nothing(office: Office, clock: Clock) -> None:
    receipt = office.decided_and_waiting(clock)
    with office.runtime.read() as work:
        before = reports.by_id(work.connection, receipt.report_id)
        (own,) = evidence_files.of_report(work.connection, receipt.report_id)
    again = io.BytesIO(office.runtime.files.path(own.sha256).read_bytes())
    add_file_to_report(
        office.runtime, report_id=receipt.report_id, file_name="again.jpg", stream=again
    )
    with office.runtime.read() as work:
        assert reports.by_id(work.connection, receipt.report_id) == before
        assert [
            d.undone_at for d in stored_decisions.of_report(work.connection, receipt.report_id)
        ] == [None]
    assert len(office.progress(receipt).files) == 1


def test_what_is_answered_stays_as_it_is(office: Office, clock: Clock) -> None:
    receipt = office.received(WANG)
    office.decided(receipt, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    with office.runtime.write() as work, pytest.raises(ForbiddenMove):
        withdrawing.withdraw(work, receipt.report_id)
    with pytest.raises(ForbiddenMove):
        add_file_to_report(
            office.runtime,
            report_id=receipt.report_id,
            file_name="b.jpg",
            stream=io.BytesIO(PHOTO + b"b"),
        )


def test_the_first_reporter_learns_amount_place_and_last_moment(
    office: Office, clock: Clock
) -> None:
    receipt = office.received(WANG, LI, ZHAO)
    office.decided(receipt, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"], note="谢谢")
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    with office.runtime.read() as work:
        (reward,) = ledger.rewards_of_report(work.connection, receipt.report_id)
        assert [s.notice_received_at for s in ledger.shares_of(work.connection, reward.id)] == [
            None
        ] * 3
    progress = office.progress(receipt)
    assert progress.answer is not None
    assert (progress.state, progress.answer.verdict, progress.answer.note) == (
        ReportState.ANSWERED, Verdict.SUBSTANTIATED, "谢谢",
    )  # fmt: skip
    assert progress.entitlement is Entitlement.FIRST
    assert [share.amount_fen for share in progress.shares] == [1667, 1667, 1666]
    assert {share.state for share in progress.shares} == {ShareState.NOTIFIED}
    assert progress.collect is not None
    assert progress.collect.total_fen == 5000
    assert progress.collect.collect_by == datetime(
        2026, 3, 26, 9, 0, tzinfo=UTC
    )  # 15 days on, 17:00 in Shanghai
    assert [step.code for step in progress.timeline] == [
        "received",
        "checked",
        "answered",
        "notified",
    ]
    clock.forward(days=1)
    again = office.progress(receipt)
    assert again.collect is not None
    assert (
        again.collect.collect_by == progress.collect.collect_by
    )  # opening it again does not begin it anew


def _shown(progress: own_report.Progress) -> dict[str, Any]:
    """What differs between two reports by themselves is left out.

    Names, numbers, hashes and instants.
    """
    plain = asdict(progress)
    for own in (
        "report_id",
        "report_number",
        "files",
        "received_at",
        "answer_due_at",
        "timeline",
        "claim",
    ):
        plain.pop(own)
    return plain


def test_who_waits_for_an_earlier_report_sees_what_anybody_sees(
    office: Office, clock: Clock
) -> None:
    first, second = office.received(WANG), office.received(LI)
    alone = office.received(ZHAO, content=PHOTO + b"x", claim=ELSEWHERE)
    with office.runtime.read() as work:
        assert cases.case_of_report(work.connection, first.report_id) == cases.case_of_report(
            work.connection, second.report_id
        )
    office.decided(second, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
    for _ in range(3):
        clock.forward(hours=1)
        delivering.deliver_due(office.runtime)
        assert _shown(office.progress(second)) == _shown(office.progress(alone))
    office.decided(first, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    progress = office.progress(second)
    assert (progress.state, progress.entitlement) == (ReportState.ANSWERED, Entitlement.NOT_FIRST)
    assert (progress.shares, progress.collect) == ((), None)
    for own in (first.report_number, first.report_id, "王小明"):
        assert own not in str(progress)


def test_an_unsubstantiated_report_gets_its_reasons(office: Office, clock: Clock) -> None:
    receipt = office.received(WANG)
    office.decided(receipt, Verdict.UNSUBSTANTIATED, ["VIOLATION_NOT_SEEN"], note="看不清")
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    progress = office.progress(receipt)
    assert progress.answer is not None
    assert (progress.answer.reasons, progress.answer.note) == (("VIOLATION_NOT_SEEN",), "看不清")
    assert progress.collect is None
