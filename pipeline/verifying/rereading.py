"""After a new reader: the archive is read anew, and what is undecided is judged anew.

Workers read only what is waiting, so an upgrade never puts the archive before new reports. This
reads the rest when somebody asks for it: file by file under the same leases as the workers, so it
may run beside them, be killed and be started again. Older readings stay stored. A decided report's
files are read, its judgement stays as it was decided on.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pipeline.runtime import Runtime, Work
from pipeline.store import judgements, kept_readings, reports
from pipeline.store.actions import Action
from pipeline.verifying import judging, reading_files
from scheme.case import ON_THE_DESK
from scheme.reading import Sha256
from verifiers.version import READER_VERSION


@dataclass(frozen=True, slots=True)
class Changed:
    """One report whose findings differ now: codes that appeared and codes that vanished."""

    report_number: str
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reread:
    """``found``: files whose newest reading is an older reader's.

    ``left``: asked for, but busy or not readable now.

    ``judged``: reports judged anew; ``decided``: numbers of the reports that were left as they were
    decided.
    """

    found: tuple[Sha256, ...]
    read: int
    left: tuple[Sha256, ...]
    judged: int
    changed: tuple[Changed, ...]
    decided: tuple[str, ...]

    def by_code(self) -> tuple[Counter[str], Counter[str]]:
        """(appeared, vanished): in how many reports each code did."""
        appeared = Counter(code for report in self.changed for code in report.appeared)
        return appeared, Counter(code for report in self.changed for code in report.vanished)


def reread(
    runtime: Runtime,
    *,
    since: datetime | None = None,
    limit: int | None = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Reread:
    """Renew readings of older readers, of files of reports received since then.

    Undecided reports' files come first.

    ``limit``: so many files at most; ``dry_run``: only say which. ``progress`` is told how many
    files are done and how many there are. Run again, it goes on where it was stopped, and judges
    what was read but not judged.
    """
    with runtime.read() as work:
        stale = kept_readings.stale(work.connection, READER_VERSION, since)[:limit]
    found = tuple(file.sha256 for file in stale)
    decided = tuple(sorted({number for file in stale for number in file.decided}))
    if dry_run:
        return Reread(found, 0, (), 0, (), decided)
    left: list[Sha256] = []
    for done, file in enumerate(stale, start=1):
        if not reading_files.read_evidence(runtime, report_id=file.report_id, sha256=file.sha256):
            left.append(file.sha256)
        if progress is not None:
            progress(done, len(found))
    with runtime.read() as work:
        outdated = judgements.reports_read_since(
            work.connection, READER_VERSION, ON_THE_DESK, since
        )
    judged = [_judge(runtime, report_id) for report_id in outdated]
    changed = tuple(one for one in judged if one is not None and (one.appeared or one.vanished))
    return Reread(
        found,
        len(found) - len(left),
        tuple(left),
        len([one for one in judged if one]),
        changed,
        decided,
    )


def _judge(runtime: Runtime, report_id: str) -> Changed | None:
    """Judge one report anew in its own transaction; None where it was decided meanwhile."""
    with runtime.write() as work:
        report = reports.by_id(work.connection, report_id)
        if report.state not in ON_THE_DESK:
            return None
        before = _codes(work, report_id)
        judging.judge_again(work, report_id=report_id)
        after = _codes(work, report_id)
        appeared, vanished = tuple(sorted(after - before)), tuple(sorted(before - after))
        detail = {"reader": READER_VERSION, "appeared": appeared, "vanished": vanished}
        work.record("system", Action.REREAD, f"report/{report_id}", **detail)
    return Changed(report.report_number or "", appeared, vanished)


def _codes(work: Work, report_id: str) -> frozenset[str]:
    judgement = judgements.latest(work.connection, report_id)
    return frozenset(finding.code for finding in judgement.findings) if judgement else frozenset()
