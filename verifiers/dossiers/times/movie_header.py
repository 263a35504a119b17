"""The movie header's time: UTC by the standard, the wall clock by the habit of many recorders.

What else the file says settles which it is. A phone's file name is local and its header UTC, hours
apart; a dashcam's name and header are alike. Where nothing settles it and the file bears the marks
of a recorder, both readings stay open.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from verifiers.dossiers.times.statements import (
    SLACK,
    Doubt,
    ReadAs,
    Statement,
    Worth,
    apart,
    called,
)


@dataclass(frozen=True, slots=True)
class HeaderRead:
    """How a header is read.

    ``otherwise`` is the other reading where both are open, ``None`` where one is settled.
    """

    statement: Statement
    otherwise: Statement | None = None
    doubts: tuple[str, ...] = ()
    read_as: tuple[str, ...] = ()


def header_read(
    header: Statement, others: Sequence[Statement], zone: tzinfo, not_after: datetime
) -> HeaderRead:
    """The header in UTC or as local time, by what the file's ``others`` say."""
    local = _as_local(header, zone)
    as_local = HeaderRead(local, read_as=(called(header, ReadAs.LOCAL_TIME),))
    for witness in _witnesses(header, others):
        if apart(header, witness) <= SLACK:
            return HeaderRead(header)
        if apart(local, witness) <= SLACK and local.earliest <= not_after:
            return as_local
    if local.earliest > not_after:
        return HeaderRead(header)
    if header.earliest > not_after:
        return _ahead(header, as_local)
    if header.by_recorder:
        return HeaderRead(header, otherwise=local)
    return HeaderRead(header)


def _ahead(header: Statement, as_local: HeaderRead) -> HeaderRead:
    """A header that would lie after the receipt: a recorder's is the wall clock."""
    if header.by_recorder:
        return as_local
    return HeaderRead(as_local.statement, doubts=(called(header, Doubt.ZONE_OFF),))


def _as_local(header: Statement, zone: tzinfo) -> Statement:
    """The same figures as a wall clock in ``zone``."""
    offset = header.stated.astimezone(zone).utcoffset() or timedelta()
    return replace(
        header,
        stated=header.stated - offset,
        earliest=header.earliest - offset,
        latest=header.latest - offset,
        zone_stated=False,
    )


def _witnesses(header: Statement, others: Sequence[Statement]) -> list[Statement]:
    """What may settle the zone, best first.

    Clocks in the picture only for a recorder's own: a phone may film any wall clock.
    """
    better: list[Statement] = []
    names: list[Statement] = []
    for statement in others:
        if statement.worth is Worth.NAME and statement.fine and not statement.zone_stated:
            names.append(statement)
        films_a_clock = statement.worth is Worth.PICTURE and not header.by_recorder
        if statement.worth < Worth.HEADER and not films_a_clock:
            better.append(statement)
    return sorted(better) + sorted(names)
