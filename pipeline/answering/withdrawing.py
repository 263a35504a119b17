"""Taking one's own report back, before its answer has left (R11)."""

from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import cases, reports
from pipeline.store.actions import Action
from pipeline.store.leases import VERIFYING
from scheme.case import ReportState


def withdraw(work: Work, report_id: str) -> None:
    """Take one's report back; it loses its place in line and whoever comes after moves up (R11).

    Raises ForbiddenMove once its answer has left or it is withdrawn, NoSuchReport. A decision that
    waits for its answer does not show: it is set aside.
    """
    report = reports.by_id(work.connection, report_id)
    if report.state is ReportState.DECIDED:
        awarding.set_aside(work, report, ReportState.WITHDRAWN)
    reports.move(
        work.connection,
        report_id,
        ReportState.WITHDRAWN,
        **VERIFYING.ended,
        withdrawn_at=work.now,
    )
    work.record("reporter", Action.WITHDRAWN, f"report/{report_id}")
    case_id = cases.case_of_report(work.connection, report_id)
    if case_id is not None:
        awarding.settle_case(work, case_id, actor="reporter")
