"""R5: when was each file taken? Every statement about it becomes an interval.

What disagrees is named, never averaged.

A statement is worth what its kind is worth: satellites, then clocks that state their zone, then
clocks that do not (read as the scheme's zone), clocks drawn into the picture, the movie header,
dates of the last change, file names. The best statement is the base; those that overlap it widen
the answer, the others are contradictions by name. So the interval is never narrower than the truth
as long as the statements are honest, and their order does not matter.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, datetime, timedelta, timezone, tzinfo
from enum import IntEnum
from zoneinfo import ZoneInfo

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Proof, Scope, Sight
from scheme.policy import Policy
from scheme.reading import Box, CaptureClock, PictureClock, Readings, Sha256
from scheme.report import Evidence
from verifiers.dossiers.seen import Demand, all_read_well, demand, files_read

FIRST_DIGITAL_YEAR = 2001
"""Cameras that lost their clock say 1904, 1970, 1980 or 2000; nothing before can be a capture."""

DRIFT = timedelta(seconds=30)
"""How far the clock of a phone on the net may be off."""

ZONELESS_DRIFT = timedelta(seconds=90)
"""The same without a zone: cameras set by hand, clocks in pictures that show minutes only."""

FIX_AGE = timedelta(minutes=5)
"""A photo may carry a satellite time that is older than itself by so much."""

SLACK = timedelta(seconds=60)
"""Statements closer than this do not contradict each other: files are closed after the shutter."""

ANY_ZONE = timedelta(hours=14)
"""A day without a zone may have begun so much earlier or later."""

COARSE_S = 3600.0
"""A statement as coarse as a day or a year proves no time of day."""

LEAST_PICTURE_PROBABILITY = 0.5

SURE_PICTURE_PROBABILITY = 0.8
"""From here on a clock that says another time is a second clock, no misread one."""

SLOWEST, FASTEST = 2 / 3, 3 / 2
"""Seconds of the clock in one second of playback that still count as real time: it is read to the
second only.
"""

HARD_MISMATCH = timedelta(days=1)
"""Beyond a day no wrong zone and no clock never set for summer explains the difference."""

LONGEST_RECORDING = timedelta(hours=2)
"""Longer than any recording that is admitted."""

_DAY_MS = 86_400_000
_ZONE_STEP_S = 900
_FARTHEST_ZONES = timedelta(hours=20)  # Shanghai to the date line


class Worth(IntEnum):
    """What a kind of statement is worth, best first."""

    SATELLITE = 0
    ZONED = 1
    ZONELESS = 2
    PICTURE = 3
    HEADER = 4
    CHANGED = 5
    NAME = 6


CONFIDENCE = {
    Worth.SATELLITE: 0.95,
    Worth.ZONED: 0.95,
    Worth.ZONELESS: 0.85,
    Worth.PICTURE: 0.8,
    Worth.HEADER: 0.75,
    Worth.CHANGED: 0.5,
    Worth.NAME: 0.3,
}


@dataclass(frozen=True, slots=True)
class CaptureInterval:
    """When a file was taken, both ends inclusive, UTC.

    ``None`` at both ends when nothing usable says so.

    A recording ran somewhere between ``earliest`` and ``latest``. ``sources`` name what the
    interval rests on, in the file's words (``picture`` for clocks in the picture).
    ``contradictions`` are ``source:reason`` with reason ``zone_off`` (whole zones apart),
    ``apart``, ``impossible`` (before digital cameras, after receipt) or ``no_date``, or ``later``:
    a movie header newer than the capture, as trimming, exporting and a phone's own picker leave it;
    that alone is no reason to doubt. ``worth`` is that of the best source. ``day_assumed``: the
    only clock shows no date, so the day is the claimed one.
    """

    earliest: datetime | None
    latest: datetime | None
    sources: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    worth: Worth | None = None
    day_assumed: bool = False


@dataclass(frozen=True, slots=True, order=True)
class _Statement:
    worth: Worth
    derived: bool
    """Digitised, created, encoded: fields that follow the moment of the shutter, where one names
    that itself.
    """
    source: str
    earliest: datetime
    latest: datetime
    zone_stated: bool


def capture_interval(
    readings: Readings,
    zone: ZoneInfo,
    not_after: datetime,
    *,
    near: datetime | None = None,
    kinds: Iterable[str] = ("metadata", "picture", "filename"),
) -> CaptureInterval:
    """When one file was taken, by everything in it of the given ``kinds`` (the policy's ``time_sources``).

    ``zone`` is assumed where none is stated. Nothing can be taken after ``not_after`` (receipt plus
    skew). A picture clock that shows no date is dated by the file's other statements, or by
    ``near``.
    """
    wanted = frozenset(kinds)
    clocks = [
        c
        for c in _clocks(readings)
        if ("filename" if c.source == "filename" else "metadata") in wanted
    ]
    statements, contradictions = _statements(clocks, _duration(readings), zone, not_after)
    day_assumed = False
    if "picture" in wanted:
        dated = bool(statements) or any(clock.has_date for clock in readings.clocks)
        anchor = min(statements).earliest if statements else near
        drawn = _drawn(readings.clocks, _duration(readings), zone, anchor)
        if drawn is not None and drawn.earliest > not_after:
            contradictions.append("picture:impossible")
        elif drawn is not None:
            statements.append(
                drawn if runs_real_time(readings) else replace(drawn, worth=Worth.CHANGED)
            )
            contradictions.extend(_other_clocks(readings.clocks, drawn, zone, anchor))
            day_assumed = not dated
    if not any(statement.worth < Worth.NAME for statement in statements):
        # Beside a good clock an empty field is nothing; alone it is a clock that was never set.
        contradictions.extend(
            f"{c.source}:no_date" for c in clocks if c.at is None and _is_blank(c.raw)
        )
    return _combined(statements, contradictions, day_assumed=day_assumed)


def runs_real_time(readings: Readings) -> bool:
    """Whether the clock in the picture ticks as clocks do, as far as is known."""
    run = readings.clock_run
    return run is None or run.rate is None or SLOWEST <= run.rate <= FASTEST


def captures(dossier: Dossier, policy: Policy) -> Mapping[Sha256, tuple[datetime, datetime] | None]:
    """When each file of the report that was read was taken; None where it does not say."""
    found = {
        evidence.sha256: _of_file(readings, dossier, policy)
        for evidence, readings in files_read(dossier)
    }
    return {
        sha256: None
        if of_file.earliest is None or of_file.latest is None
        else (of_file.earliest, of_file.latest)
        for sha256, of_file in found.items()
    }


def captured_between(dossier: Dossier, policy: Policy) -> CaptureInterval:
    """The span of all the report's files together, for the report's row (``captured_from``, ``captured_to``)."""
    found = [_of_file(readings, dossier, policy) for _, readings in files_read(dossier)]
    starts = [interval.earliest for interval in found if interval.earliest is not None]
    ends = [interval.latest for interval in found if interval.latest is not None]
    return CaptureInterval(
        earliest=min(starts, default=None),
        latest=max(ends, default=None),
        sources=tuple(sorted({source for interval in found for source in interval.sources})),
        contradictions=tuple(
            sorted({name for interval in found for name in interval.contradictions})
        ),
        worth=min(
            (interval.worth for interval in found if interval.worth is not None), default=None
        ),
    )


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """For each file that says when.

    Confirmed, mismatch, and its contradictions; one finding if no file says so.
    """
    spoken = False
    for evidence, readings in files_read(dossier):
        doubts = list(_doubts(evidence, _of_file(readings, dossier, policy), policy))
        yield from doubts
        yield from _run_of_clock(evidence, readings)
        counted = _of_file(readings, dossier, policy, policy.substance.time_sources)
        if counted.worth is not None and counted.worth < Worth.NAME:
            yield _compared(evidence, readings, counted, dossier, policy)
            spoken = True
        spoken = spoken or any(finding.code == "TIME_UNTRUSTED" for finding in doubts)
    if not spoken:
        asked = demand(dossier, policy, Sight.TIME)
        surely = (
            asked is Demand.MUST
            and all_read_well(dossier)
            and "metadata" not in policy.substance.time_sources
        )
        outcome = Outcome.FAIL if surely else Outcome.REVIEW
        yield Finding("capture_time", "TIME_MISSING", outcome, Scope.REPORT, 0.8, sight=Sight.TIME)


def _of_file(
    readings: Readings,
    dossier: Dossier,
    policy: Policy,
    kinds: Iterable[str] = ("metadata", "picture", "filename"),
) -> CaptureInterval:
    reached_us_at = dossier.report.received_at or dossier.now
    not_after = reached_us_at + timedelta(minutes=policy.substance.future_skew_minutes)
    near = dossier.report.claim.violated_at
    return capture_interval(readings, policy.zone, not_after, near=near, kinds=kinds)


def _doubts(evidence: Evidence, interval: CaptureInterval, policy: Policy) -> Iterator[Finding]:
    unusable = [
        name for name in interval.contradictions if name.endswith((":impossible", ":no_date"))
    ]
    against = [name for name in interval.contradictions if name.endswith((":zone_off", ":apart"))]
    for code, names, confidence in (
        ("TIME_UNTRUSTED", unusable, 0.9),
        ("TIME_CONTRADICTION", against, 0.8),
    ):
        if names:
            yield Finding(
                check="capture_time",
                code=code,
                outcome=Outcome.REVIEW,
                scope=Scope.EVIDENCE,
                confidence=confidence,
                sight=Sight.TIME,
                proof=Proof(evidence.sha256),
                details={"contradictions": " ".join(names)} | _said(interval, policy.zone),
            )


def _run_of_clock(evidence: Evidence, readings: Readings) -> Iterator[Finding]:
    """Slow motion, a recording that was sped up, or a clock that stands still."""
    if runs_real_time(readings) or readings.clock_run is None:
        return
    clock = _best_clock(readings)
    yield Finding(
        check="capture_time",
        code="CLOCK_NOT_TICKING",
        outcome=Outcome.REVIEW,
        scope=Scope.EVIDENCE,
        confidence=0.7,
        sight=Sight.TIME,
        proof=Proof(evidence.sha256, clock.frame_ms, clock.box)
        if clock
        else Proof(evidence.sha256),
        details={
            "rate": f"{readings.clock_run.rate:.2f}",
            "frames": str(readings.clock_run.frames),
        },
    )


def _best_clock(readings: Readings) -> PictureClock | None:
    return max(readings.clocks, key=lambda clock: (clock.has_date, clock.probability), default=None)


def _compared(
    evidence: Evidence,
    readings: Readings,
    interval: CaptureInterval,
    dossier: Dossier,
    policy: Policy,
) -> Finding:
    claimed, tolerance = (
        dossier.report.claim.violated_at,
        timedelta(minutes=policy.substance.time_tolerance_minutes),
    )
    proof = _proof(evidence, readings, interval)
    details = _said(interval, policy.zone)
    worth = CONFIDENCE[interval.worth] if interval.worth is not None else 0.0
    if claimed is None:
        return Finding(
            "capture_time",
            "TIME_NOT_CLAIMED",
            Outcome.REVIEW,
            Scope.EVIDENCE,
            worth,
            Sight.TIME,
            proof,
            details,
        )
    apart = _apart(interval, claimed)
    if interval.day_assumed:
        details["day_assumed"] = "yes"
    details |= {
        "claimed": _local(claimed, policy.zone),
        "seconds_apart": str(int(apart.total_seconds())),
    }
    if apart <= tolerance:
        return Finding(
            "capture_time",
            "TIME_CONFIRMED",
            Outcome.PASS,
            Scope.EVIDENCE,
            worth,
            Sight.TIME,
            proof,
            details,
        )
    if _whole_zones(apart, tolerance):
        details["zone_off"] = "yes"
    hard = apart > HARD_MISMATCH and len(interval.sources) > 1 and not interval.contradictions
    outcome = Outcome.FAIL if hard else Outcome.REVIEW
    return Finding(
        "capture_time", "TIME_MISMATCH", outcome, Scope.EVIDENCE, worth, Sight.TIME, proof, details
    )


def _proof(evidence: Evidence, readings: Readings, interval: CaptureInterval) -> Proof:
    clock = _best_clock(readings)
    if "picture" not in interval.sources or clock is None:
        return Proof(evidence.sha256)
    return Proof(evidence.sha256, clock.frame_ms, clock.box)


def _said(interval: CaptureInterval, zone: ZoneInfo) -> dict[str, str]:
    if interval.earliest is None or interval.latest is None:
        return {}
    return {
        "captured_from": _local(interval.earliest, zone),
        "captured_to": _local(interval.latest, zone),
        "sources": " ".join(interval.sources),
    }


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")


def _apart(interval: CaptureInterval, at: datetime) -> timedelta:
    if interval.earliest is not None and at < interval.earliest:
        return interval.earliest - at
    if interval.latest is not None and at > interval.latest:
        return at - interval.latest
    return timedelta()


# -- statements ------------------------------------------------------------------------------------


def _clocks(readings: Readings) -> tuple[CaptureClock, ...]:
    return readings.facts.clocks if readings.facts else ()


def _duration(readings: Readings) -> timedelta:
    """How long the recording runs, by its header."""
    return _run((readings.facts.duration_ms or 0) if readings.facts else 0)


def _run(milliseconds: int) -> timedelta:
    """A length or place in a recording.

    What claims to be longer than any that is admitted is not believed.
    """
    return min(timedelta(milliseconds=max(0, min(milliseconds, _DAY_MS))), LONGEST_RECORDING)


def _worth(clock: CaptureClock) -> Worth:
    source = clock.source.lower()
    field = source.rpartition(".")[2]
    if source == "filename":
        return Worth.NAME
    if field.startswith("gps"):
        return Worth.SATELLITE
    if clock.resolution_s > COARSE_S:
        return Worth.NAME
    if field in {"datetime", "modifydate", "metadatadate"}:
        return Worth.CHANGED
    if field in {"creation_time", "creationtime"}:
        return Worth.HEADER
    return Worth.ZONELESS if clock.at is None or clock.at.tzinfo is None else Worth.ZONED


def _statements(
    clocks: Sequence[CaptureClock], duration: timedelta, zone: tzinfo, not_after: datetime
) -> tuple[list[_Statement], list[str]]:
    """What can be used, and the names of what can't."""
    usable: list[_Statement] = []
    contradictions: list[str] = []
    zone = _stated_zone(clocks) or zone
    for clock in clocks:
        if clock.at is None:
            if not _is_blank(clock.raw):
                contradictions.append(f"{clock.source}:no_date")
            continue
        statement = _statement(clock, clock.at, duration, zone)
        if statement is None or statement.earliest.year < FIRST_DIGITAL_YEAR:
            contradictions.append(f"{clock.source}:impossible")
        elif statement.earliest <= not_after:
            usable.append(statement)
        elif (local := _as_local(statement, zone)) is not None and local.earliest <= not_after:
            usable.append(local)
            contradictions.append(f"{clock.source}:zone_off")
        elif clock.source != "filename":
            contradictions.append(f"{clock.source}:impossible")
    return usable, contradictions


def _stated_zone(clocks: Sequence[CaptureClock]) -> tzinfo | None:
    """The zone that the file's own clocks state, for its fields that leave it out.

    ``None`` unless they state just one.

    UTC does not count: programs write it whatever the zone of the camera was.
    """
    offsets = {
        clock.at.utcoffset()
        for clock in clocks
        if clock.at is not None and _worth(clock) in {Worth.ZONED, Worth.CHANGED}
    } - {None, timedelta()}
    return timezone(offset) if len(offsets) == 1 and (offset := offsets.pop()) is not None else None


def _as_local(statement: _Statement, zone: tzinfo) -> _Statement | None:
    """A movie header is in UTC by its standard.

    Some makers write local time, which then lies in the future.
    """
    if statement.worth is not Worth.HEADER:
        return None
    offset = statement.earliest.astimezone(zone).utcoffset() or timedelta()
    return replace(
        statement, earliest=statement.earliest - offset, latest=statement.latest - offset
    )


def _is_blank(raw: str) -> bool:
    """``0000:00:00 00:00:00``, spaces, or the zero of a movie header.

    A field that was never filled in.
    """
    return not raw.strip(" 0:-/.\0")


def _statement(
    clock: CaptureClock, at: datetime, duration: timedelta, zone: tzinfo
) -> _Statement | None:
    worth = _worth(clock)
    zone_stated = at.tzinfo is not None
    try:
        instant = at.astimezone(UTC) if zone_stated else at.replace(tzinfo=zone).astimezone(UTC)
        drift = (
            DRIFT if zone_stated else ZONELESS_DRIFT if clock.resolution_s <= COARSE_S else ANY_ZONE
        )
        resolution = timedelta(seconds=clock.resolution_s)
        # Whether a recording is dated by its begin or its end differs between makers: both are
        # allowed for.
        late = FIX_AGE if worth is Worth.SATELLITE else drift
        early = timedelta(seconds=1) if worth is Worth.SATELLITE else drift
        return _Statement(
            worth=worth,
            derived=not clock.source.lower().endswith(("original", "creationdate")),
            source=clock.source,
            earliest=instant - duration - early,
            latest=instant + duration + resolution + late,
            zone_stated=zone_stated,
        )
    except OverflowError:  # the year 1 or 9999: no camera's
        return None


def _drawn(
    clocks: Sequence[PictureClock], duration: timedelta, zone: ZoneInfo, anchor: datetime | None
) -> _Statement | None:
    """All clocks in the picture as one statement.

    The largest group that agrees, as misread digits stand alone.
    """
    starts = [
        (start, clock.probability)
        for clock in clocks
        if clock.probability >= LEAST_PICTURE_PROBABILITY
        and (start := _start(clock, zone, anchor)) is not None
    ]
    if not starts:
        return None
    groups = [
        [other for other in starts if abs(other[0] - start[0]) <= ZONELESS_DRIFT]
        for start in starts
    ]
    # Of groups alike in size the surer, then the earlier one: never the order in which frames were
    # read.
    best = max(
        groups,
        key=lambda group: (
            len(group),
            sum(p for _, p in group),
            -min(at for at, _ in group).timestamp(),
        ),
    )
    earliest, latest = min(at for at, _ in best), max(at for at, _ in best)
    return _Statement(
        worth=Worth.PICTURE,
        derived=False,
        source="picture",
        earliest=earliest - ZONELESS_DRIFT,
        latest=latest + duration + ZONELESS_DRIFT,
        zone_stated=False,
    )


def _start(clock: PictureClock, zone: ZoneInfo, anchor: datetime | None) -> datetime | None:
    """When the recording began, by one clock in it.

    None where it can't be dated, or is no camera's.
    """
    at = clock.at if clock.has_date else _dated(clock.at, zone, anchor)
    if at is None or not FIRST_DIGITAL_YEAR <= at.year < MAXYEAR:
        return None
    return at.replace(tzinfo=at.tzinfo or zone).astimezone(UTC) - _run(clock.frame_ms or 0)


def _other_clocks(
    clocks: Sequence[PictureClock], drawn: _Statement, zone: ZoneInfo, anchor: datetime | None
) -> Iterator[str]:
    """Clocks elsewhere in the picture that say another time.

    A camera's beside the bus's own, or one put in later.
    """
    starts = [(clock, _start(clock, zone, anchor)) for clock in clocks]
    agreeing = [
        clock.box for clock, start in starts if start and drawn.earliest <= start <= drawn.latest
    ]
    for clock, start in starts:
        if (
            start is not None
            and clock.probability >= SURE_PICTURE_PROBABILITY
            and not drawn.earliest - SLACK <= start <= drawn.latest + SLACK
            and not any(_overlap(clock.box, box) for box in agreeing)
        ):
            yield "picture:apart"


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )


def _dated(at: datetime, zone: ZoneInfo, anchor: datetime | None) -> datetime | None:
    """The time of day on the day that brings it closest to ``anchor``.

    ``None`` when there is no anchor.
    """
    if anchor is None:
        return None
    local = anchor.astimezone(zone)
    days = [local.date() + timedelta(days=shift) for shift in (-1, 0, 1)]
    same_time = [datetime.combine(day, at.time(), zone) for day in days]
    return min(same_time, key=lambda candidate: (abs(candidate - local), candidate))


def _combined(
    statements: list[_Statement], named: list[str], *, day_assumed: bool
) -> CaptureInterval:
    contradictions = set(named)
    if not statements:
        return CaptureInterval(None, None, (), tuple(sorted(contradictions)))
    base = min(statements)
    agreeing = [base]
    for statement in sorted(statements):
        gap = max(statement.earliest - base.latest, base.earliest - statement.latest)
        if gap <= SLACK:
            # A later change or a file name may lie about; it never widens what better statements
            # say.
            if statement.worth < Worth.CHANGED or base.worth >= Worth.CHANGED:
                agreeing.append(statement)
        elif reason := _reason(base, statement):
            contradictions.add(f"{statement.source}:{reason}")
    return CaptureInterval(
        earliest=min(statement.earliest for statement in agreeing),
        latest=max(statement.latest for statement in agreeing),
        sources=tuple(dict.fromkeys(statement.source for statement in agreeing)),
        contradictions=tuple(sorted(contradictions)),
        worth=base.worth,
        day_assumed=day_assumed,
    )


def _reason(base: _Statement, other: _Statement) -> str | None:
    """Why a statement that does not meet the base contradicts it; ``None`` where it does not."""
    apart = abs(_middle(base) - _middle(other))
    unsure_zone = not (base.zone_stated and other.zone_stated) or Worth.HEADER in {
        base.worth,
        other.worth,
    }
    spread = (base.latest - base.earliest + (other.latest - other.earliest)) / 2
    is_later = other.earliest > base.latest
    if other.worth is Worth.NAME or (other.worth is Worth.CHANGED and is_later):
        # Saved or changed later is the way of the world; before it was taken is not. A header,
        # though, may be written minutes after the file was named.
        return None if is_later or base.worth is Worth.HEADER else "apart"
    if unsure_zone and _whole_zones(apart, max(spread, SLACK)):
        return "zone_off"
    return "later" if other.worth is Worth.HEADER and is_later else "apart"


def _middle(statement: _Statement) -> datetime:
    return statement.earliest + (statement.latest - statement.earliest) / 2


def _whole_zones(apart: timedelta, slack: timedelta) -> bool:
    """Whether two times differ by whole hours or by a zone of quarter hours, as a missing offset makes them."""
    step = 3600 if slack >= timedelta(seconds=_ZONE_STEP_S / 2) else _ZONE_STEP_S
    rest = apart.total_seconds() % step
    near = min(rest, step - rest) <= min(slack.total_seconds(), step / 6)
    return timedelta(minutes=20) <= apart <= _FARTHEST_ZONES and near
