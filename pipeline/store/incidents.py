"""What reports tell of their incidents, for R14.

Kept beside them, and found by the index of its times.

The rule itself is ``scheme.incident``; here is only what it needs, in a number of statements that
does not grow with the number of reports compared.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    delete,
    insert,
    select,
    union,
)

from pipeline.store.claims import claim_of_row, counts_for
from pipeline.store.tables import captures, claims, names_read, report_evidence, reports
from scheme.case import ReportState
from scheme.reading import Sha256, Sighted
from scheme.report import Claim
from scheme.traces import TELLING, Capture, Shown

NOT_IN_LINE = (ReportState.DRAFT, ReportState.EXPIRED, ReportState.WITHDRAWN)
AT_ONCE: Final = 500
"""Reports asked for in one statement: fewer than any database takes as parameters."""


@dataclass(frozen=True, slots=True)
class Told:
    """One received report as the rule sees it.

    Its claim in force, the accepted time, what its files show.
    """

    report_id: str
    report_number: str
    receipt_seq: int
    state: ReportState
    case_id: str | None
    received_at: datetime
    submitted_to_us_at: datetime | None
    violated_at: datetime | None
    claim: Claim
    shown: Shown

    @property
    def at(self) -> datetime | None:
        """The accepted time of the violation, or the claimed one."""
        return self.violated_at or self.claim.violated_at


@dataclass(frozen=True, slots=True)
class Waiting:
    """How far the reading of one report has come.

    ``files`` are those that this reader has not read.

    ``since``: received, or its newest file added. ``leased_until`` of whoever has the report or the
    file now.
    """

    report_id: str
    since: datetime
    attempts: int
    leased_until: datetime | None
    files: tuple["WaitingFile", ...]


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """One file that is not read."""

    attempts: int
    leased_until: datetime | None


# -- what files show -------------------------------------------------------------------------------


def keep_shown(connection: Connection, report_id: str, shown: Shown) -> None:
    """Keep what the files of a report show, in place of what was kept before."""
    for table in (names_read, captures):
        connection.execute(delete(table).where(table.c.report_id == report_id))
    names = {(kind, name): False for kind, found in shown.unsure.items() for name in found}
    names |= {(kind, name): True for kind, found in shown.read.items() for name in found}
    if names:
        connection.execute(
            insert(names_read),
            [
                {"report_id": report_id, "kind": kind, "name": name, "sure": sure}
                for (kind, name), sure in sorted(names.items())
            ],
        )
    if shown.captures:
        connection.execute(
            insert(captures),
            [
                {
                    "report_id": report_id,
                    "sha256": capture.sha256,
                    "earliest": capture.earliest,
                    "latest": capture.latest,
                    "latitude": capture.latitude,
                    "longitude": capture.longitude,
                }
                for capture in shown.captures
            ],
        )


def _shown_by(connection: Connection, report_ids: Sequence[str]) -> Mapping[str, Shown]:
    read: dict[str, dict[Sighted, set[str]]] = {}
    unsure: dict[str, dict[Sighted, set[str]]] = {}
    for row in connection.execute(select(names_read).where(names_read.c.report_id.in_(report_ids))):
        names = read if row.sure else unsure
        names.setdefault(row.report_id, {}).setdefault(Sighted(row.kind), set()).add(row.name)
    taken: dict[str, list[Capture]] = {}
    query = select(captures).where(captures.c.report_id.in_(report_ids)).order_by(captures.c.sha256)
    for row in connection.execute(query):
        capture = Capture(Sha256(row.sha256), row.earliest, row.latest, row.latitude, row.longitude)
        taken.setdefault(row.report_id, []).append(capture)
    return {
        report_id: Shown(
            _frozen(read.get(report_id)),
            _frozen(unsure.get(report_id)),
            tuple(taken.get(report_id, ())),
        )
        for report_id in report_ids
    }


def _frozen(names: Mapping[Sighted, Iterable[str]] | None) -> Mapping[Sighted, frozenset[str]]:
    return MappingProxyType({kind: frozenset(read) for kind, read in (names or {}).items()})


# -- who tells what --------------------------------------------------------------------------------


def told(connection: Connection, report_ids: Collection[str]) -> tuple[Told, ...]:
    """What each of these received reports tells, in order of receipt."""
    wanted, tales = sorted(report_ids), list[Told]()
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        shown = _shown_by(connection, some)
        rows = connection.execute(_with_claims().where(reports.c.id.in_(some)))
        tales.extend(_told(row, shown[row.id]) for row in rows)
    return tuple(sorted(tales, key=lambda tale: tale.receipt_seq))


def _told(row: Row[Any], shown: Shown) -> Told:
    return Told(
        row.id,
        row.report_number,
        row.receipt_seq,
        ReportState(row.state),
        row.case_id,
        row.received_at,
        row.submitted_to_us_at,
        row.accepted_at,
        claim_of_row(row),
        shown,
    )


def ids_about(
    connection: Connection,
    spans: Sequence[tuple[datetime, datetime]],
    *,
    category: str,
    gap: timedelta,
    but: str,
) -> tuple[str, ...]:
    """Reports in line of that category, their violation or a file within ``gap`` of a span."""
    queries = []
    for begin, end in _joined(spans, gap):
        in_line = and_(
            reports.c.id != but,
            reports.c.receipt_seq.is_not(None),
            reports.c.state.not_in(NOT_IN_LINE),
        )
        queries += [
            select(reports.c.id).where(
                in_line, reports.c.violated_at >= begin, reports.c.violated_at <= end
            ),
            select(reports.c.id)
            .join(captures, captures.c.report_id == reports.c.id)
            # No span that is kept is longer than TELLING, so the index ends the search on both
            # sides.
            .where(in_line, captures.c.earliest >= begin - TELLING, captures.c.earliest <= end)
            .where(captures.c.latest >= begin),
        ]
    if not queries:
        return ()
    near = union(*queries).subquery()
    query = select(near.c.id).select_from(near.join(claims, counts_for(near)))
    return tuple(connection.execute(query.where(claims.c.category == category)).scalars())


def unread_before(connection: Connection, receipt_seq: int, *, category: str) -> tuple[str, ...]:
    """Earlier reports of that category that still wait for their verification."""
    query = _with_claims().where(
        reports.c.state == ReportState.RECEIVED,
        reports.c.receipt_seq < receipt_seq,
        claims.c.category == category,
    )
    return tuple(row.id for row in connection.execute(query))


def waiting(
    connection: Connection, report_ids: Collection[str], reader_version: str
) -> tuple[Waiting, ...]:
    """How far the reading of each of these reports has come."""
    query = (
        select(
            reports.c.id,
            reports.c.received_at,
            reports.c.attempts,
            reports.c.lease_until,
            report_evidence.c.added_at,
            report_evidence.c.attempts.label("file_attempts"),
            report_evidence.c.lease_until.label("file_lease_until"),
            report_evidence.c.read_by,
        )
        .select_from(reports.join(report_evidence, report_evidence.c.report_id == reports.c.id))
        .where(reports.c.id.in_(report_ids))
        .order_by(reports.c.receipt_seq, report_evidence.c.position)
    )
    rows: dict[str, list[Any]] = {}
    for row in connection.execute(query):
        rows.setdefault(row.id, []).append(row)
    return tuple(_waiting(files, reader_version) for files in rows.values())


def _waiting(files: Sequence[Any], reader_version: str) -> Waiting:
    """Of the rows of one report, one for each of its files."""
    report = files[0]
    unread = [file for file in files if file.read_by != reader_version]
    return Waiting(
        report.id,
        max(report.received_at, *(file.added_at for file in files)),
        report.attempts,
        report.lease_until,
        tuple(WaitingFile(file.file_attempts, file.file_lease_until) for file in unread),
    )


def _joined(
    spans: Iterable[tuple[datetime, datetime]], gap: timedelta
) -> list[tuple[datetime, datetime]]:
    """The spans made longer by ``gap`` on both sides, those that touch as one.

    The files of one report are close.
    """
    joined: list[tuple[datetime, datetime]] = []
    for begin, end in sorted((begin - gap, end + gap) for begin, end in spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def _with_claims() -> Select[Any]:
    return select(
        claims,
        reports.c.id,
        reports.c.report_number,
        reports.c.receipt_seq,
        reports.c.state,
        reports.c.case_id,
        reports.c.received_at,
        reports.c.submitted_to_us_at,
        reports.c.violated_at.label("accepted_at"),
    ).select_from(reports.join(claims, counts_for(reports)))
