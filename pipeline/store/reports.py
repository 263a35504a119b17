"""Reports, their claims and judgements.

Every change of state is one conditional update whose row count is checked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from pipeline.store import joined
from pipeline.store.leases import VERIFYING
from pipeline.store.tables import (
    claims,
    judgements,
    persons,
    readings,
    report_evidence,
    report_reporters,
    reports,
)
from scheme.case import (
    REPORT_MOVES,
    ForbiddenMove,
    NoSuchReport,
    ReportState,
    StaleVersion,
    sources_of,
)
from scheme.codec import from_json, to_json
from scheme.decision import Recommendation
from scheme.finding import Finding, Proof
from scheme.policy import PolicyRef
from scheme.reading import PlateNumber
from scheme.report import Channel, Claim


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report as it stands. ``receipt_seq`` is order: it never leaves operations."""

    id: str
    state: ReportState
    row_version: int
    channel: Channel
    created_at: datetime
    receipt_seq: int | None
    report_number: str | None
    code_hash: str | None
    code_failures: int
    code_locked_until: datetime | None
    received_at: datetime | None
    submitted_to_us_at: datetime | None
    consent_version: str | None
    consent_at: datetime | None
    case_id: str | None
    excluded: bool
    tied_by_officer: bool
    violated_at: datetime | None
    captured_from: datetime | None
    captured_to: datetime | None
    substance_policy: PolicyRef | None
    receipt_policy: PolicyRef | None
    answer_due_at: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    attempts: int
    verified_at: datetime | None
    decided_at: datetime | None
    answered_at: datetime | None
    held_by: str | None
    held_until: datetime | None
    asked_for: str | None
    reopened_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClaimVersion:
    """One version of the claim: 1 as the reporter said, the highest in force.

    ``made_by``: reporter or an account.
    """

    version: int
    made_at: datetime
    made_by: str
    reason: str
    claim: Claim


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the checks said, when, by which policy and reader, about which version of the claim."""

    judgement_id: int
    made_at: datetime
    policy: PolicyRef
    reader_version: str
    claim_version: int
    recommendation: Recommendation
    findings: tuple[Finding, ...]


JUDGED = (
    ReportState.VERIFIED,
    ReportState.AWAITING_REPORTER,
    ReportState.DECIDED,
    ReportState.ANSWERED,
)
_COLUMNS = [reports.c[f.name] for f in fields(ReportRow)]


def report_of_row(row: Row[Any]) -> ReportRow:
    """The report in a row that has all columns of it, and maybe others."""
    values = {column.name: getattr(row, column.name) for column in _COLUMNS}
    values["state"], values["channel"] = ReportState(row.state), Channel(row.channel)
    return ReportRow(**values)


def by_id(connection: Connection, report_id: str) -> ReportRow:
    """One report. Raises NoSuchReport."""
    row = connection.execute(select(*_COLUMNS).where(reports.c.id == report_id)).one_or_none()
    if row is None:
        raise NoSuchReport(report_id)
    return report_of_row(row)


def by_number(connection: Connection, report_number: str) -> ReportRow:
    """The report with this public number. Raises NoSuchReport."""
    row = connection.execute(
        select(*_COLUMNS).where(reports.c.report_number == report_number)
    ).one_or_none()
    if row is None:
        raise NoSuchReport(report_number)
    return report_of_row(row)


def by_draft_key(connection: Connection, draft_key_hash: str) -> ReportRow:
    """The report whose draft was opened with this key, whatever became of it.

    Raises NoSuchReport.
    """
    row = connection.execute(
        select(*_COLUMNS).where(reports.c.draft_key_hash == draft_key_hash)
    ).one_or_none()
    if row is None:
        raise NoSuchReport
    return report_of_row(row)


def add_draft(
    connection: Connection, report_id: str, channel: Channel, draft_key_hash: str, at: datetime
) -> None:
    """Open a draft: no order, no number, no case."""
    connection.execute(
        insert(reports).values(
            id=report_id,
            state=ReportState.DRAFT,
            channel=channel,
            draft_key_hash=draft_key_hash,
            created_at=at,
            row_version=0,
            code_failures=0,
            excluded=False,
            tied_by_officer=False,
            attempts=0,
        )
    )


def move(
    connection: Connection,
    report_id: str,
    to: ReportState,
    *,
    row_version: int | None = None,
    **columns: object,
) -> ReportRow:
    """Move a report to another state, with further ``columns``, by one conditional update.

    Allowed from every state that the table of moves knows; with ``row_version`` only when nobody
    changed the row since. Raises ForbiddenMove, StaleVersion, NoSuchReport.
    """
    condition = and_(reports.c.id == report_id, reports.c.state.in_(sources_of(REPORT_MOVES, to)))
    if row_version is not None:
        condition = and_(condition, reports.c.row_version == row_version)
    changed = connection.execute(
        update(reports)
        .where(condition)
        .values(state=to, row_version=reports.c.row_version + 1, **columns)
    )
    if changed.rowcount != 1:
        report = by_id(connection, report_id)
        if row_version is not None and report.row_version != row_version:
            raise StaleVersion(report_id, report.row_version)
        raise ForbiddenMove("report", report.state, to)
    return by_id(connection, report_id)


def change(
    connection: Connection, report_id: str, *, row_version: int | None = None, **columns: object
) -> ReportRow:
    """Change columns without a move, counting the version up. Raises StaleVersion, NoSuchReport."""
    condition = reports.c.id == report_id
    if row_version is not None:
        condition = and_(condition, reports.c.row_version == row_version)
    changed = connection.execute(
        update(reports).where(condition).values(row_version=reports.c.row_version + 1, **columns)
    )
    if changed.rowcount != 1:
        raise StaleVersion(report_id, by_id(connection, report_id).row_version)
    return by_id(connection, report_id)


def registered(connection: Connection, report_id: str, by: str) -> None:
    """Keep which member of staff registered it: ``by`` is an account's id, or ``cli``."""
    connection.execute(update(reports).where(reports.c.id == report_id).values(registered_by=by))


def paid_on_the_spot(connection: Connection, report_id: str, by: str, at: datetime) -> None:
    """Keep which clerk verified and paid it at the counter, and when (R8)."""
    connection.execute(
        update(reports)
        .where(reports.c.id == report_id)
        .values(paid_on_the_spot_by=by, paid_on_the_spot_at=at)
    )


def paid_on_the_spot_since(connection: Connection, by: str, since: datetime) -> int:
    """How many reports an account has paid on the spot from then on."""
    query = (
        select(func.count())
        .select_from(reports)
        .where(reports.c.paid_on_the_spot_by == by, reports.c.paid_on_the_spot_at >= since)
    )
    return connection.execute(query).scalar_one()


def note_code_failures(
    connection: Connection, report_id: str, count: int, until: datetime | None
) -> None:
    """Keep how often the secret code was wrong in a row, and until when to wait.

    The row's version stays.
    """
    connection.execute(
        update(reports)
        .where(reports.c.id == report_id)
        .values(code_failures=count, code_locked_until=until)
    )


def replace_code(connection: Connection, report_id: str, code_hash: str) -> None:
    """Another secret code instead of the old one.

    Wrong tries are forgotten, the row's version stays.
    """
    connection.execute(
        update(reports)
        .where(reports.c.id == report_id)
        .values(code_hash=code_hash, code_failures=0, code_locked_until=None)
    )


# -- the row is the queue --------------------------------------------------------------------------


def lease(
    connection: Connection, report_id: str, owner: str, now: datetime, until: datetime
) -> int | None:
    """Take a received report for verification, by one conditional update.

    Returns which attempt this is.

    None when it is not to be had: somebody has it, or it is not waiting.
    """
    waiting = and_(reports.c.state == ReportState.RECEIVED, VERIFYING.free(now))
    if not VERIFYING.take(connection, reports.c.id == report_id, owner, waiting, until):
        return None
    return by_id(connection, report_id).attempts


def extend(connection: Connection, report_id: str, owner: str, until: datetime) -> bool:
    """Keep a report longer; False when the lease had run out and another has it."""
    return VERIFYING.extend(connection, reports.c.id == report_id, owner, until)


def release(connection: Connection, report_id: str, owner: str, *, failed: bool) -> bool:
    """Give a report back unverified; False when the lease had run out and another has it.

    Not ``failed``: it had to wait for something, and this was no attempt.
    """
    attempts = reports.c.attempts - int(not failed)
    return VERIFYING.give_back(connection, reports.c.id == report_id, owner, attempts=attempts)


def holds_lease(connection: Connection, report_id: str, owner: str) -> bool:
    """Whether ``owner`` still has the report, for a change under the write lock."""
    row = by_id(connection, report_id)
    return row.lease_owner == owner and row.state is ReportState.RECEIVED


def judged_since(connection: Connection, since: datetime | None) -> tuple[str, ...]:
    """Reports that were verified and not withdrawn, received since then, in order of receipt.

    What is rechecked.
    """
    query = select(reports.c.id).where(reports.c.state.in_(JUDGED)).order_by(reports.c.receipt_seq)
    if since is not None:
        query = query.where(reports.c.received_at >= since)
    return tuple(row.id for row in connection.execute(query))


def judged_before_read(
    connection: Connection,
    reader_version: str,
    states: Sequence[ReportState],
    since: datetime | None,
) -> tuple[str, ...]:
    """Reports with a file that this reader read after their latest judgement, by receipt."""
    judged_at = (
        select(func.max(judgements.c.made_at))
        .where(judgements.c.report_id == reports.c.id)
        .scalar_subquery()
    )
    query = (
        select(reports.c.id, reports.c.receipt_seq)
        .join(report_evidence, report_evidence.c.report_id == reports.c.id)
        .join(readings, readings.c.sha256 == report_evidence.c.sha256)
        .where(reports.c.state.in_(states), readings.c.reader_version == reader_version)
        .where(readings.c.made_at > judged_at)
        .distinct()
        .order_by(reports.c.receipt_seq)
    )
    if since is not None:
        query = query.where(reports.c.received_at >= since)
    return tuple(row.id for row in connection.execute(query))


def waiting(connection: Connection, now: datetime) -> tuple[str, ...]:
    """Received reports that nobody is verifying, in order of receipt: what the sweep rings for."""
    rows = connection.execute(
        select(reports.c.id)
        .where(reports.c.state == ReportState.RECEIVED)
        .where(or_(reports.c.lease_until.is_(None), reports.c.lease_until <= now))
        .order_by(reports.c.receipt_seq)
    )
    return tuple(row.id for row in rows)


def drafts_before(connection: Connection, at: datetime) -> tuple[str, ...]:
    """Drafts opened before ``at``: what the sweep lets expire."""
    rows = connection.execute(
        select(reports.c.id).where(reports.c.state == ReportState.DRAFT, reports.c.created_at < at)
    )
    return tuple(row.id for row in rows)


# -- claims ----------------------------------------------------------------------------------------


def claim_history(connection: Connection, report_id: str) -> tuple[ClaimVersion, ...]:
    """Every version of the claim, oldest first; empty for a draft that says nothing yet."""
    rows = connection.execute(
        select(claims).where(claims.c.report_id == report_id).order_by(claims.c.version)
    )
    return tuple(claim_version(row) for row in rows)


def claim_in_force(connection: Connection, report_id: str) -> ClaimVersion | None:
    """The version that counts; None for a draft that says nothing yet."""
    history = claim_history(connection, report_id)
    return history[-1] if history else None


def add_claim(  # noqa: PLR0913 - what a version of a claim consists of
    connection: Connection,
    report_id: str,
    claim: Claim,
    *,
    at: datetime,
    made_by: str,
    reason: str = "",
) -> int:
    """Add a version of the claim; returns its number."""
    last = connection.execute(
        select(func.max(claims.c.version)).where(claims.c.report_id == report_id)
    ).scalar_one()
    version = (last or 0) + 1
    _write_claim(
        connection, report_id, version, claim, {"made_at": at, "made_by": made_by, "reason": reason}
    )
    return version


def set_draft_claim(connection: Connection, report_id: str, claim: Claim, at: datetime) -> None:
    """What the reporter says in a draft: version 1, written over until the report is submitted."""
    connection.execute(claims.delete().where(claims.c.report_id == report_id))
    _write_claim(
        connection, report_id, 1, claim, {"made_at": at, "made_by": "reporter", "reason": ""}
    )


def _write_claim(
    connection: Connection, report_id: str, version: int, claim: Claim, made: dict[str, object]
) -> None:
    said = {f.name: getattr(claim, f.name) for f in fields(Claim)}
    connection.execute(insert(claims).values(report_id=report_id, version=version, **made, **said))


def claim_version(row: Row[Any]) -> ClaimVersion:
    """The version in a row that has all columns of ``claims``."""
    return ClaimVersion(row.version, row.made_at, row.made_by, row.reason, claim_of_row(row))


def claim_of_row(row: Row[Any]) -> Claim:
    """The claim in a row that has all columns of ``claims``."""
    values = {f.name: getattr(row, f.name) for f in fields(Claim)}
    values["plate"] = None if row.plate is None else PlateNumber(row.plate)
    return Claim(**values)


# -- judgements ------------------------------------------------------------------------------------


def add_judgement(  # noqa: PLR0913 - what a judgement consists of
    connection: Connection,
    report_id: str,
    *,
    at: datetime,
    policy: PolicyRef,
    reader_version: str,
    claim_version: int,
    recommendation: Recommendation,
    findings: Sequence[Finding],
) -> None:
    """Keep what the checks said; earlier judgements stay."""
    connection.execute(
        insert(judgements).values(
            report_id=report_id,
            made_at=at,
            policy=policy,
            reader_version=reader_version,
            claim_version=claim_version,
            recommendation=recommendation,
            findings=to_json(findings),
        )
    )


def judgement(connection: Connection, report_id: str) -> Judgement | None:
    """The latest judgement; None before the first."""
    row = connection.execute(
        select(judgements)
        .where(judgements.c.report_id == report_id)
        .order_by(judgements.c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Judgement(
        judgement_id=row.id,
        made_at=row.made_at,
        policy=PolicyRef(row.policy),
        reader_version=row.reader_version,
        claim_version=row.claim_version,
        recommendation=Recommendation(row.recommendation),
        findings=findings_from_json(row.findings),
    )


def findings_from_json(text: str) -> tuple[Finding, ...]:
    """What ``to_json`` made of findings, in their order."""
    return tuple(from_json(tuple[Finding, ...], text))


def proof_from_json(text: str | None) -> Proof | None:
    """What ``to_json`` made of a decision's proof."""
    proof: Proof | None = None if text is None else from_json(Proof, text)
    return proof


# -- whose: ids of persons only; who they are is in store.identities -------------------------------


def person_ids(connection: Connection, report_id: str) -> tuple[str, ...]:
    """The reporters of a report, first named first, as ids that say nothing about anybody."""
    rows = connection.execute(
        select(report_reporters.c.person_id)
        .where(report_reporters.c.report_id == report_id)
        .order_by(report_reporters.c.position)
    )
    return tuple(row.person_id for row in rows)


def of_the_same_people(connection: Connection, report_id: str) -> frozenset[str]:
    """Every received report of somebody who has sent this one, under one number or several."""
    here = {
        row
        for person in person_ids(connection, report_id)
        for row in joined.everybody(connection, person)
    }
    return frozenset(of_persons(connection, here))


def of_persons(connection: Connection, persons_: Collection[str]) -> tuple[str, ...]:
    """Every received report of these persons, in order of receipt."""
    rows = connection.execute(
        select(reports.c.id, reports.c.receipt_seq)
        .join(report_reporters, report_reporters.c.report_id == reports.c.id)
        .where(report_reporters.c.person_id.in_(persons_), reports.c.receipt_seq.is_not(None))
        .distinct()
        .order_by(reports.c.receipt_seq)
    )
    return tuple(row.id for row in rows)


def persons_exist(connection: Connection) -> bool:
    """Whether any identity is stored at all."""
    return connection.execute(select(persons.c.id).limit(1)).first() is not None


def numbers_with_same_file(  # noqa: PLR0913 - what makes a report a repeat
    connection: Connection,
    sha256s: Sequence[str],
    *,
    category: str,
    person_ids: Sequence[str],
    exclude: str,
    before: int | None = None,
) -> tuple[str, ...]:
    """Numbers of these persons' received reports with one of these files, oldest first.

    Of this category only.

    ``before``: only those with a smaller ``receipt_seq``.
    """
    query = (
        select(reports.c.id, reports.c.report_number, reports.c.receipt_seq)
        .join(report_evidence, report_evidence.c.report_id == reports.c.id)
        .join(report_reporters, report_reporters.c.report_id == reports.c.id)
        .where(reports.c.receipt_seq.is_not(None), reports.c.id != exclude)
        .where(report_evidence.c.sha256.in_(sha256s), report_reporters.c.person_id.in_(person_ids))
        .distinct()
        .order_by(reports.c.receipt_seq)
    )
    rows = connection.execute(
        query if before is None else query.where(reports.c.receipt_seq < before)
    ).all()
    said = [(row.report_number, claim_in_force(connection, row.id)) for row in rows]
    return tuple(
        number for number, version in said if version and version.claim.category == category
    )
