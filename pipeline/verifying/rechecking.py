"""Rechecking: every verified report is judged anew, and a judgement kept where findings changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pipeline.runtime import Runtime, Work
from pipeline.store import judgements, to_judge
from pipeline.store.actions import Action
from pipeline.verifying.judging import judge
from verifiers.version import READER_VERSION


@dataclass(frozen=True, slots=True)
class Recheck:
    """How many judgements changed, of how many reports."""

    changed: int
    total: int


def recheck(
    runtime: Runtime,
    *,
    since: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Recheck:
    """Judge every verified report anew, one transaction each.

    A judgement is kept where the findings changed.

    ``progress`` is told how many are done and how many there are.
    """
    with runtime.read() as work:
        report_ids = judgements.reports_since(work.connection, since)
    changed = 0
    for done, report_id in enumerate(report_ids, start=1):
        with runtime.write() as work:
            changed += _recheck_one(work, report_id)
        if progress is not None:
            progress(done, len(report_ids))
    return Recheck(changed, len(report_ids))


def _recheck_one(work: Work, report_id: str) -> bool:
    report = to_judge.read(work.connection, report_id, READER_VERSION)
    judged = judge(work, report, to_judge.search(work.connection, report.readings))
    before = judgements.latest(work.connection, report_id)
    if before is not None and before.findings == judged.findings:
        to_judge.keep_belonging(work.connection, report, judged, work.now)
        return False
    to_judge.keep(work.connection, report, judged, READER_VERSION, work.now)
    work.record(
        "system",
        Action.RECHECKED,
        f"report/{report_id}",
        recommendation=judged.recommendation,
    )
    return True
