"""Dates that no calendar gives yet.

What waits for them, and filling them in as soon as one does (R6, R9, R13).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from pipeline.answering import answer_clock
from pipeline.by_name import copied
from pipeline.calendar import alarms
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import accounts, case_reports, cases, ledger, open_dates, reports, rulings
from pipeline.store.actions import Action
from pipeline.store.rulings import Ruling
from scheme.case import UNDECIDED, ReportState
from scheme.deadlines import (
    Bounds,
    DateKind,
    UnknownFrom,
    answer_bounds,
    collection_bounds,
    unknown_from,
    window_bounds,
)
from scheme.decision import Verdict
from scheme.entitlement import InTime

OPEN_STATES = (*UNDECIDED, ReportState.DECIDED)
LONGEST_WINDOW = timedelta(days=31)
"""No window of working days in covered years is longer, holidays included."""


@dataclass(frozen=True, slots=True)
class MissingYear:
    """A year that is needed soon and not covered, and from which days on dates hang on it."""

    year: int
    needed: UnknownFrom


@dataclass(frozen=True, slots=True)
class Filled:
    """How many empty dates got their value."""

    answers: int
    last_days: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one officer proposed and another has to confirm.

    ``proposed_by`` is an account, ``proposer`` its name.
    """

    ruling_id: str
    in_time: bool | None
    due_at: datetime | None
    reason: str
    proposed_by: str
    proposer: str
    proposed_at: datetime


@dataclass(frozen=True, slots=True)
class OpenDate:
    """What of one report hangs on days not published yet, or was ruled otherwise than published."""

    kind: DateKind
    report_id: str
    report_number: str
    case_id: str | None
    state: ReportState
    counted_from: datetime
    bounds: Bounds
    reached_us_at: datetime | None = None
    """When a window's material reached us."""
    contradicts: InTime | None = None
    """What the calendar says now of a window that two people have ruled otherwise."""
    proposal: Proposal | None = None


def waiting(work: Work, report_id: str | None = None) -> tuple[OpenDate, ...]:
    """What waits for a calendar or for two people.

    Windows first, then answers, then last days; or of one report.
    """
    return (*_windows(work, report_id), *_answers(work, report_id), *_last_days(work, report_id))


def of_report(work: Work, report_id: str, kind: DateKind) -> OpenDate | None:
    """What of that kind there is to settle about the report, or to settle anew; None for nothing.

    Nothing of other reports is looked at.
    """
    if kind is DateKind.ANSWER:
        return next(_answers(work, report_id), None)
    if kind is DateKind.LAST_DAY:
        return next(_last_days(work, report_id), None)
    report = case_reports.of_report(work.connection, report_id)
    if report is None or report.violated_at is None:
        return None
    if report.state in OPEN_STATES and _is_unknown(work, report):
        return _window(work, report)
    ruling = rulings.in_force(work.connection, report_id, kind)
    says = None if ruling is None else _contradiction(work, report, ruling)
    return None if says is None else _window(work, report, contradicts=says)


def contradicted(work: Work) -> tuple[OpenDate, ...]:
    """Windows that two people have ruled, and of which the calendar now says the other.

    To be ruled once more.
    """
    found = []
    for ruling in rulings.all_in_force(work.connection, DateKind.WINDOW):
        report = case_reports.of_report(work.connection, ruling.report_id)
        says = None if report is None else _contradiction(work, report, ruling)
        if report is not None and says is not None:
            found.append(_window(work, report, contradicts=says))
    return tuple(found)


def _contradiction(work: Work, report: case_reports.CaseReport, ruling: Ruling) -> InTime | None:
    """What the calendar says of the window, where it is certain and not what was ruled."""
    if report.violated_at != ruling.counted_from:
        return None
    says = awarding.window_by_calendar(work, report)
    agrees = says is InTime.UNKNOWN or (says is InTime.YES) == ruling.in_time
    return None if agrees else says


def _is_unknown(work: Work, report: case_reports.CaseReport) -> bool:
    """Whether it could be rewarded, and nobody knows whether it was in time."""
    could_be_rewarded = not report.excluded and report.verdict in (None, Verdict.SUBSTANTIATED)
    return could_be_rewarded and awarding.window_of(work, report) is InTime.UNKNOWN


def _windows(work: Work, wanted: str | None) -> Iterator[OpenDate]:
    """Open reports that could be rewarded, and of which nobody knows whether they were in time."""
    zone = work.policies.procedure_at(work.now).zone
    missing = work.workdays.missing_from(date(min(work.workdays.years), 1, 1))
    since = datetime.combine(date(missing, 1, 1) - LONGEST_WINDOW, time(), zone).astimezone(UTC)
    for report in case_reports.about_violations_since(work.connection, since, OPEN_STATES):
        if wanted in (None, report.report_id) and _is_unknown(work, report):
            yield _window(work, report)


def _window(
    work: Work, report: case_reports.CaseReport, contradicts: InTime | None = None
) -> OpenDate:
    if report.violated_at is None:
        raise AssertionError(f"report {report.report_id} has no window without a violation")
    policy = awarding.substance_of(work, report)
    return OpenDate(
        kind=DateKind.WINDOW,
        report_id=report.report_id,
        report_number=report.report_number,
        case_id=cases.case_of_report(work.connection, report.report_id),
        state=report.state,
        counted_from=report.violated_at,
        bounds=window_bounds(report.violated_at, report.channel, policy, work.workdays),
        reached_us_at=report.submitted_to_us_at or report.received_at,
        contradicts=contradicts,
        proposal=_proposal(work, report.report_id, DateKind.WINDOW, report.violated_at),
    )


def _answers(work: Work, wanted: str | None) -> Iterator[OpenDate]:
    for answer in open_dates.without_answer_date(work.connection, OPEN_STATES):
        if wanted not in (None, answer.report_id):
            continue
        policy = work.policies.procedure_at(answer.began_at)
        yield OpenDate(
            kind=DateKind.ANSWER,
            report_id=answer.report_id,
            report_number=answer.report_number,
            case_id=answer.case_id,
            state=answer.state,
            counted_from=answer.began_at,
            bounds=answer_bounds(answer.began_at, policy, work.workdays),
            proposal=_proposal(work, answer.report_id, DateKind.ANSWER, answer.began_at),
        )


def _last_days(work: Work, wanted: str | None) -> Iterator[OpenDate]:
    for share in open_dates.without_last_day(work.connection, wanted):
        received_at = share.notice_received_at
        if share.position or received_at is None:
            continue  # the first named collects for all
        report_id = ledger.reward(work.connection, share.reward_id).report_id
        report = reports.by_id(work.connection, report_id)
        yield OpenDate(
            kind=DateKind.LAST_DAY,
            report_id=report.id,
            report_number=report.report_number or "",
            case_id=report.case_id,
            state=report.state,
            counted_from=received_at,
            bounds=collection_bounds(
                received_at, work.policies.procedure_at(received_at), work.workdays
            ),
            proposal=_proposal(work, report.id, DateKind.LAST_DAY, received_at),
        )


def _proposal(
    work: Work, report_id: str, kind: DateKind, counted_from: datetime
) -> Proposal | None:
    """The ruling that waits for a second person, where it is about the same instant still."""
    ruling = rulings.proposed(work.connection, report_id, kind)
    if ruling is None or ruling.counted_from != counted_from:
        return None
    names = accounts.names(work.connection)
    proposer = names.get(ruling.proposed_by, ruling.proposed_by)
    return copied(Proposal, ruling, proposer=proposer)


# -- the calendar reaches --------------------------------------------------------------------------


def missing_years(work: Work) -> tuple[MissingYear, ...]:
    """The alarm: this year and, from November on, the coming one, where no calendar covers it."""
    policy = work.policies.procedure_at(work.now)
    missing = alarms(work.workdays, work.now.astimezone(policy.zone).date())
    return tuple(MissingYear(year, unknown_from(year, policy, work.workdays)) for year in missing)


def answers_to_fill_in(work: Work) -> tuple[tuple[str, datetime], ...]:
    """Reports without an answer date, and the date that the calendar gives them now."""
    found = []
    for answer in open_dates.without_answer_date(work.connection):
        due_at = answer_clock.due_from(work, answer.began_at)
        if due_at is not None:
            found.append((answer.report_id, due_at))
    return tuple(found)


def last_days_to_fill_in(work: Work) -> tuple[tuple[str, datetime], ...]:
    """Shares that were told of and have no last moment, with the one the calendar gives now."""
    found = []
    for share in open_dates.without_last_day(work.connection):
        last = awarding.last_moment_to_collect(work, share.notice_received_at or work.now)
        if last is not None:
            found.append((share.id, last))
    return tuple(found)


def fill_in(work: Work) -> Filled:
    """Give every empty answer date and last day the value that the calendar gives now.

    Safe to repeat.
    """
    answers = last_days = 0
    for report_id, due_at in answers_to_fill_in(work):
        if open_dates.set_answer_date(work.connection, report_id, due_at):
            work.record(
                awarding.SYSTEM,
                Action.ANSWER_DATE_FILLED_IN,
                f"report/{report_id}",
                due=due_at.isoformat(),
            )
            answers += 1
    for share_id, last in last_days_to_fill_in(work):
        if ledger.set_collect_by(work.connection, share_id, last):
            work.record(
                awarding.SYSTEM,
                Action.LAST_DAY_FILLED_IN,
                f"share/{share_id}",
                collect_by=last.isoformat(),
            )
            last_days += 1
    return Filled(answers, last_days)
