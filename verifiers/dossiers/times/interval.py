"""Everything that one file says about its moment, as one interval and what speaks against it.

A statement is worth what its kind is worth: satellites, then clocks that state their zone, then
clocks that do not (read as the scheme's zone), clocks drawn into the picture, the movie header,
dates of the last change, file names. The best statement is the base; those that overlap it widen
the answer, the others are contradictions by name. So the interval is never narrower than the truth
as long as the statements are honest, and their order does not matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from scheme.reading import CaptureClock, ClockMark, Readings
from verifiers.dossiers.times import movie_header, picture, satellites
from verifiers.dossiers.times.statements import (
    FIRST_DIGITAL_YEAR,
    SLACK,
    Doubt,
    ReadAs,
    Statement,
    Worth,
    apart,
    called,
    duration_of,
    reason_against,
    statements_of,
    worth_of,
)

EVERY_KIND: Final = ("metadata", "picture", "filename")
"""The policy's ``time_sources`` choose among these."""

OF_A_SCREEN: Final = "SCREEN_CAPTURE"
"""The flag of a file that shows a screen: its fields tell when that screen was kept."""


Span: TypeAlias = tuple[datetime, datetime]
"""Two instants, both inclusive, UTC."""


@dataclass(frozen=True, slots=True)
class CaptureInterval:
    """When a file was taken, both ends inclusive, UTC; ``None`` where nothing usable says so.

    A recording ran somewhere between ``earliest`` and ``latest``. ``stated`` is the moment that the
    best statement names, ``None`` where two readings of it are open. ``sources`` name what the
    interval rests on, in the file's words (``picture`` for clocks in the picture).
    ``contradictions`` are ``source:reason`` (``Doubt``), ``read_as`` the same for what was read
    otherwise than it is written (``ReadAs``). ``worth`` is that of the best source. ``readings``
    are the two spans of a statement that can be read in two ways; the interval then holds both.
    ``day_assumed``: the only clock shows no date, so the day is the claimed one.
    """

    earliest: datetime | None
    latest: datetime | None
    sources: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    worth: Worth | None = None
    day_assumed: bool = False
    stated: datetime | None = None
    read_as: tuple[str, ...] = ()
    readings: tuple[Span, ...] = ()

    @property
    def whole(self) -> Span | None:
        """Both ends; ``None`` where nothing is known."""
        if self.earliest is None or self.latest is None:
            return None
        return self.earliest, self.latest

    @property
    def spans(self) -> tuple[Span, ...]:
        """Each of the readings that are open, or the one span; empty where nothing is known."""
        if self.readings or self.whole is None:
            return self.readings
        return (self.whole,)


@dataclass(slots=True)
class _Gathered:
    """What was gathered of one file so far."""

    statements: list[Statement]
    doubts: list[str]
    read_as: list[str] = field(default_factory=list)
    otherwise: dict[str, Statement] = field(default_factory=dict)
    """Source -> its other reading, where both are open."""
    day_assumed: bool = False


def capture_interval(
    readings: Readings,
    zone: ZoneInfo,
    not_after: datetime,
    *,
    near: datetime | None = None,
    kinds: Iterable[str] = EVERY_KIND,
) -> CaptureInterval:
    """When one file was taken, by everything in it of the given ``kinds``.

    ``zone`` is assumed where none is stated. Nothing can be taken after ``not_after`` (receipt plus
    skew). A picture clock that shows no date is dated by the file's other statements, or by
    ``near``.
    """
    wanted = frozenset(kinds)
    clocks = [clock for clock in _clocks(readings) if _kind(clock) in wanted]
    gathered = _Gathered(*statements_of(clocks, duration_of(readings), zone))
    gathered.read_as.extend(
        called(clock, ReadAs.SINCE_1970) for clock in clocks if ClockMark.SINCE_1970 in clock.marks
    )
    _restore_weeks(gathered, not_after)
    _drop_impossible(gathered, zone, not_after)
    if "picture" in wanted:
        _add_picture(gathered, readings, zone, not_after, near)
    _read_headers(gathered, zone, not_after)
    gathered.statements, doubts, read_as = satellites.beside_the_shutter(gathered.statements)
    gathered.doubts.extend(doubts)
    gathered.read_as.extend(read_as)
    if not any(statement.worth < Worth.NAME for statement in gathered.statements):
        _note_blanks(gathered, clocks)
    return _combined(gathered)


def _clocks(readings: Readings) -> tuple[CaptureClock, ...]:
    """The file's clocks; of a picture of a screen only its name."""
    if readings.facts is None:
        return ()
    is_screen = any(flag.code == OF_A_SCREEN for flag in readings.facts.flags)
    if is_screen:
        return tuple(clock for clock in readings.facts.clocks if _kind(clock) == "filename")
    return readings.facts.clocks


def _kind(clock: CaptureClock) -> str:
    if clock.source == "filename":
        return "filename"
    return "metadata"


def _restore_weeks(gathered: _Gathered, not_after: datetime) -> None:
    gathered.statements, read_as = satellites.restored(gathered.statements, not_after)
    gathered.read_as.extend(read_as)


def _drop_impossible(gathered: _Gathered, zone: ZoneInfo, not_after: datetime) -> None:
    """Leave out what no camera can have taken; a header may still be possible as local time."""
    ahead = not_after.astimezone(zone).utcoffset() or timedelta()
    as_local = not_after + max(ahead, timedelta())
    possible: list[Statement] = []
    for statement in gathered.statements:
        last = not_after
        if statement.worth is Worth.HEADER:
            last = as_local
        is_digital = statement.earliest.year >= FIRST_DIGITAL_YEAR
        if is_digital and statement.earliest <= last:
            possible.append(statement)
        elif statement.source != "filename" or not is_digital:
            gathered.doubts.append(called(statement, Doubt.IMPOSSIBLE))
    gathered.statements = possible


def _add_picture(
    gathered: _Gathered,
    readings: Readings,
    zone: ZoneInfo,
    not_after: datetime,
    near: datetime | None,
) -> None:
    dated = bool(gathered.statements) or any(clock.has_date for clock in readings.clocks)
    anchor = near
    if gathered.statements:
        anchor = min(gathered.statements).earliest
    drawn = picture.drawn(readings.clocks, duration_of(readings), zone, anchor)
    if drawn is None:
        return
    if drawn.earliest > not_after:
        gathered.doubts.append(called(drawn, Doubt.IMPOSSIBLE))
        return
    gathered.doubts.extend(picture.other_clocks(readings.clocks, drawn, zone, anchor))
    if not picture.runs_real_time(readings):
        drawn = replace(drawn, worth=Worth.CHANGED)
    gathered.statements.append(drawn)
    gathered.day_assumed = not dated


def _read_headers(gathered: _Gathered, zone: ZoneInfo, not_after: datetime) -> None:
    others = gathered.statements
    gathered.statements = []
    for statement in others:
        if statement.worth is not Worth.HEADER:
            gathered.statements.append(statement)
            continue
        read = movie_header.header_read(statement, others, zone, not_after)
        gathered.statements.append(read.statement)
        gathered.doubts.extend(read.doubts)
        gathered.read_as.extend(read.read_as)
        if read.otherwise is not None:
            gathered.otherwise[statement.source] = read.otherwise


def _note_blanks(gathered: _Gathered, clocks: Sequence[CaptureClock]) -> None:
    """Beside a good clock an empty field is nothing; alone it is a clock that was never set.

    But a movie header that holds no date, as many programs leave it, only says nothing.
    """
    for clock in clocks:
        if clock.at is None and clock.is_blank and worth_of(clock) is not Worth.HEADER:
            gathered.doubts.append(called(clock, Doubt.NO_DATE))


def _combined(gathered: _Gathered) -> CaptureInterval:
    doubts = set(gathered.doubts)
    if not gathered.statements:
        return CaptureInterval(None, None, contradictions=tuple(sorted(doubts)))
    base = min(gathered.statements)
    agreeing = [base]
    for statement in sorted(gathered.statements):
        if apart(base, statement) <= SLACK:
            # A later change or a file name may lie about; it never widens what better statements
            # say.
            if statement.worth < Worth.CHANGED or base.worth >= Worth.CHANGED:
                agreeing.append(statement)
        elif reason := reason_against(base, statement):
            doubts.add(called(statement, reason))
    interval = CaptureInterval(
        earliest=min(statement.earliest for statement in agreeing),
        latest=max(statement.latest for statement in agreeing),
        sources=tuple(dict.fromkeys(statement.source for statement in agreeing)),
        contradictions=tuple(sorted(doubts)),
        worth=base.worth,
        day_assumed=gathered.day_assumed,
        stated=base.stated,
        read_as=tuple(sorted(set(gathered.read_as))),
    )
    if base.worth is Worth.HEADER and base.source in gathered.otherwise:
        return _both_ways(interval, gathered.otherwise[base.source])
    return interval


def _both_ways(interval: CaptureInterval, other: Statement) -> CaptureInterval:
    """The interval that holds both readings of its base, while neither is settled."""
    spans = sorted((*interval.spans, (other.earliest, other.latest)))
    return replace(
        interval,
        earliest=min(earliest for earliest, _ in spans),
        latest=max(latest for _, latest in spans),
        stated=None,
        readings=tuple(spans),
    )
