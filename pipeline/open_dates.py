"""Dates that no calendar gives yet: which days they hang on, and filling them in as soon as it does (R6, R9, R13)."""

from dataclasses import dataclass
from datetime import datetime

from pipeline import answer_clock, awarding
from pipeline.calendar import alarms
from pipeline.runtime import Work
from pipeline.store import ledger, open_dates
from scheme.deadlines import UnknownFrom, unknown_from


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


def missing_years(work: Work) -> tuple[MissingYear, ...]:
    """The alarm: this year and, from November on, the coming one, where no calendar covers it."""
    policy = work.policies.procedure_at(work.now)
    missing = alarms(work.workdays, work.now.astimezone(policy.zone).date())
    return tuple(MissingYear(year, unknown_from(year, policy, work.workdays)) for year in missing)


def answers_to_fill_in(work: Work) -> tuple[tuple[str, datetime], ...]:
    """Reports without an answer date, and the date that the calendar gives them now."""
    found = []
    for report_id, began_at in open_dates.without_answer_date(work.connection):
        due_at = answer_clock.due_from(work, began_at)
        if due_at is not None:
            found.append((report_id, due_at))
    return tuple(found)


def last_days_to_fill_in(work: Work) -> tuple[tuple[str, datetime], ...]:
    """Shares whose notice was received and that have no last moment, and the one that the calendar gives now."""
    found = []
    for share in open_dates.without_last_day(work.connection):
        last = awarding.last_moment_to_collect(work, share.notice_received_at or work.now)
        if last is not None:
            found.append((share.id, last))
    return tuple(found)


def fill_in(work: Work) -> Filled:
    """Give every empty answer date and last day the value that the calendar gives now. Safe to repeat."""
    answers = last_days = 0
    for report_id, due_at in answers_to_fill_in(work):
        if open_dates.set_answer_date(work.connection, report_id, due_at):
            work.record(awarding.SYSTEM, "answer_date_filled_in", f"report/{report_id}", due=due_at.isoformat())
            answers += 1
    for share_id, last in last_days_to_fill_in(work):
        if ledger.set_collect_by(work.connection, share_id, last):
            work.record(awarding.SYSTEM, "last_day_filled_in", f"share/{share_id}", collect_by=last.isoformat())
            last_days += 1
    return Filled(answers, last_days)
