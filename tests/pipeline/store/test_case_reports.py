"""A report in its case is the same, read alone, with its case, or out of the file of the case."""

from datetime import timedelta

from pipeline.deciding import decisions
from pipeline.store import case_file, case_reports, cases, reports, rulings
from pipeline.store.case_reports import CaseReport, WindowRuling
from scheme.case import ReportState
from scheme.deadlines import DateKind
from scheme.decision import Verdict
from tests.pipeline.desk import VIOLATED_AT, Desk


def seen(desk: Desk, report_id: str) -> CaseReport:
    """The report in its case, which every way of reading it must agree about."""
    with desk.runtime.read() as work:
        alone = case_reports.of_report(work.connection, report_id)
        case_id = cases.case_of_report(work.connection, report_id)
        assert alone is not None
        assert case_id is not None
        together = case_reports.of_case(work.connection, case_id)
        filed = case_file.read(work.connection, case_id).reports
        lately = case_reports.about_violations_since(work.connection, VIOLATED_AT, [alone.state])
    assert tuple(report.in_case for report in filed) == together
    assert alone in together
    assert alone in lately
    assert [report.receipt_seq for report in together] == sorted(
        report.receipt_seq for report in together
    )
    return alone


def test_the_decision_in_force_shows_while_the_report_is_decided(desk: Desk) -> None:
    report_id = desk.report()
    undecided = seen(desk, report_id)
    assert (undecided.verdict, undecided.decision_id, undecided.reasons) == (None, None, ())
    first_id = desk.decide(report_id)
    decided = seen(desk, report_id)
    assert (decided.verdict, decided.decision_id) == (Verdict.SUBSTANTIATED, first_id)
    assert decided.reasons == ("VIOLATION_SEEN",)
    with desk.runtime.write() as work:
        decisions.undo(work, report_id=report_id, officer=desk.officer)
    assert seen(desk, report_id).decision_id is None
    second_id = desk.decide(report_id, Verdict.UNSUBSTANTIATED)
    desk.tell()
    answered = seen(desk, report_id)
    assert answered.state is ReportState.ANSWERED
    assert (answered.verdict, answered.decision_id) == (Verdict.UNSUBSTANTIATED, second_id)


def test_every_report_of_a_case_stands_in_line_whatever_became_of_it(desk: Desk) -> None:
    ahead = desk.report()
    with desk.runtime.read() as work:
        case_id = cases.case_of_report(work.connection, ahead)
    behind = desk.report(case_id=case_id)
    with desk.runtime.write() as work:
        reports.move(work.connection, ahead, ReportState.WITHDRAWN, withdrawn_at=work.now)
        reports.change(work.connection, behind, excluded=True)
    assert seen(desk, ahead).state is ReportState.WITHDRAWN
    assert seen(desk, behind).excluded


def test_a_ruling_shows_once_two_people_made_it(desk: Desk) -> None:
    report_id = desk.report()
    with desk.runtime.write() as work:
        ruling_id = rulings.propose(
            work.connection,
            report_id,
            DateKind.WINDOW,
            counted_from=VIOLATED_AT,
            in_time=False,
            due_at=None,
            reason="the calendar of that year came late",
            by=desk.officer.account_id,
            at=work.now,
        )
        ruling = rulings.read_proposed(work.connection, ruling_id)
    assert ruling is not None
    assert seen(desk, report_id).ruled is None
    with desk.runtime.write() as work:
        other = desk.other_officer.account_id
        assert rulings.confirm(work.connection, ruling, by=other, at=work.now)
    assert seen(desk, report_id).ruled == WindowRuling(VIOLATED_AT, in_time=False)


def test_a_draft_is_in_no_case_and_an_older_violation_is_not_since(desk: Desk) -> None:
    report_id = desk.report()
    since = VIOLATED_AT + timedelta(seconds=1)
    with desk.runtime.read() as work:
        assert case_reports.about_violations_since(work.connection, since, list(ReportState)) == ()
        assert case_reports.of_report(work.connection, "no such report") is None
        assert case_reports.cases_with_unanswered(work.connection) == ()
    desk.decide(report_id)
    with desk.runtime.read() as work:
        case_id = cases.case_of_report(work.connection, report_id)
        assert case_reports.cases_with_unanswered(work.connection) == (case_id,)
    desk.tell()
    with desk.runtime.read() as work:
        assert case_reports.cases_with_unanswered(work.connection) == ()
