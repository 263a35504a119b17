"""Satellite times: right to the second, but some receivers lose weeks, and a fix may be an old one.

The count of weeks that satellites send starts anew every 1,024. Receivers whose firmware does not
know of the last new start (April 2019) name a day 7,168 days too early, or twice that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from verifiers.dossiers.times.statements import (
    SLACK,
    Doubt,
    ReadAs,
    Statement,
    Worth,
    apart,
    called,
    is_zone_off,
)

LOST = timedelta(weeks=1024)
"""7,168 days: what a receiver loses when the count of weeks starts anew."""

SAME_DAY = timedelta(days=1)
"""Statements this close mean the same day, whatever zone each was written in."""

LONGEST_UNTIL_SENT = timedelta(days=31)
"""Alone, a satellite date is put right only where that brings it so close to the day of receipt:
what is sent in is days old, a month is generous.
"""

OLDEST_FIX = timedelta(days=1)
"""A phone indoors may keep a fix for hours; one from another day is another day's."""


def restored(
    statements: Sequence[Statement], not_after: datetime
) -> tuple[list[Statement], list[str]]:
    """``(statements, how they were read)``: satellite dates moved on by the weeks they lack."""
    others = sorted(field for field in statements if field.worth is not Worth.SATELLITE)
    moments = [other.stated for other in others]
    right: list[Statement] = []
    read_as: list[str] = []
    for statement in statements:
        lost = timedelta()
        if statement.worth is Worth.SATELLITE:
            lost = _lost(statement.stated, moments, not_after)
        if lost:
            read_as.append(called(statement, ReadAs.GPS_WEEK))
        right.append(_moved(statement, lost))
    return right, read_as


def _lost(fix: datetime, others: Sequence[datetime], not_after: datetime) -> timedelta:
    """How much too early a fix is: a whole multiple of ``LOST``, zero where it is right."""
    if any(abs(other - fix) <= SAME_DAY for other in others):
        return timedelta()
    for other in others:
        multiple = round((other - fix) / LOST) * LOST
        if multiple > timedelta() and abs(other - fix - multiple) <= SAME_DAY:
            return multiple
    before_receipt = not_after - fix
    if before_receipt >= LOST and before_receipt % LOST <= LONGEST_UNTIL_SENT:
        return before_receipt // LOST * LOST
    return timedelta()


def _moved(statement: Statement, by: timedelta) -> Statement:
    if not by:
        return statement
    return replace(
        statement,
        stated=statement.stated + by,
        earliest=statement.earliest + by,
        latest=statement.latest + by,
    )


def beside_the_shutter(
    statements: Sequence[Statement],
) -> tuple[list[Statement], list[str], list[str]]:
    """``(statements, doubts, how they were read)`` once fixes are bounds of the shutter's own time.

    A fix was taken before the shutter: where a field names that moment itself, the fix only says
    that the capture is not earlier. One that agrees confirms the field; an old one is left out.
    """
    shutter = min((field for field in statements if _is_shutter(field)), default=None)
    if shutter is None:
        return list(statements), [], []
    rest: list[Statement] = []
    near: list[Statement] = []
    doubts: list[str] = []
    read_as: list[str] = []
    for statement in statements:
        if statement == shutter:
            continue
        if statement.worth is not Worth.SATELLITE or not _may_precede(statement, shutter):
            rest.append(statement)
            continue
        if _is_of_another_day(statement, shutter):
            doubts.append(called(statement, Doubt.APART))
        if apart(statement, shutter) <= SLACK:
            near.append(statement)
        else:
            read_as.append(called(statement, ReadAs.OLD_FIX))
    return [*rest, *_confirmed(shutter, near)], doubts, read_as


def _is_shutter(statement: Statement) -> bool:
    """Whether a field names the moment of the shutter itself."""
    return statement.worth in {Worth.ZONED, Worth.ZONELESS}


def _may_precede(fix: Statement, shutter: Statement) -> bool:
    if fix.earliest - shutter.latest > SLACK:
        return False  # a fix cannot be younger than the shutter: one of the two clocks is wrong
    return apart(fix, shutter) <= SLACK or not is_zone_off(fix, shutter)


def _is_of_another_day(fix: Statement, shutter: Statement) -> bool:
    return shutter.earliest - fix.stated > OLDEST_FIX


def _confirmed(shutter: Statement, fixes: Sequence[Statement]) -> Iterator[Statement]:
    """The shutter's own time, worth as much as the satellites that agree with it."""
    if not fixes:
        yield shutter
        return
    not_before = max(fix.earliest for fix in fixes)
    earliest = min(max(shutter.earliest, not_before), shutter.latest)
    sure = replace(shutter, worth=Worth.SATELLITE, earliest=earliest, zone_stated=True)
    yield replace(sure, derived=False)
    for fix in fixes:
        yield replace(sure, source=fix.source, derived=True)
