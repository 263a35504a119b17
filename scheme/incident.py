"""One incident or two: whether two reports are a question for the officer (R14, R16).

What a reporter says can be wrong in a sign, a minute or a line; what was read in files can belong
to another vehicle in view. So one surely different name does not end the search while another name
is the same, and no answer is given here: only whether to ask, or whether a report that nobody has
read yet could still turn out to be about the same.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from scheme.distance import metres_between
from scheme.meeting import LinesMeet, Meeting, Why, meet, meet_by_line
from scheme.traces import Names, Traces


def why_asked(this: Traces, other: Traces, *, minutes: int, metres: int) -> tuple[Why, ...]:
    """Why the two are a question for the officer (R14), empty when they are none.

    Symmetric, and not transitive.

    Same category; times within ``minutes``, by claim or by when files were taken; places within
    ``metres`` where both are known; and something that connects them, which no surely different
    number outweighs.
    """
    times = _why_times(this, other, timedelta(minutes=minutes))
    if this.category != other.category or times is None or _far(this, other, metres):
        return ()
    in_one_place = _in_one_place(this, other, metres)
    meeting, lines = meet(this, other), meet_by_line(this, other)
    connecting = _connecting(meeting, lines, in_one_place=in_one_place)
    if not connecting:
        return ()
    place = [Why.SAME_PLACE] if in_one_place else []
    return tuple(dict.fromkeys([*connecting, *place, times]))


def _connecting(meeting: Meeting, lines: LinesMeet, *, in_one_place: bool) -> tuple[Why, ...]:
    """What connects two reports near in time.

    The same number, else one that is near, else the line, else the place.
    """
    if meeting.same:
        return meeting.same
    apart_by_line = lines is LinesMeet.APART and not (meeting.near and in_one_place)
    if meeting.apart or apart_by_line or (lines is LinesMeet.DOUBTFUL and not in_one_place):
        return ()
    if meeting.near:
        return meeting.near
    if lines is LinesMeet.SAME:
        return (Why.SAME_LINE,)
    return (Why.SAME_PLACE,) if in_one_place else (Why.TOO_LITTLE,)


def could_turn_out_same(
    unread: Traces, other: Traces, *, minutes: int, metres: int, zone: ZoneInfo
) -> bool:
    """Whether an unread report can still be about the incident of ``other``, by its claim.

    Its files may show what it does not name, and another time of the same day than it claims; so
    nothing has to connect the two. It can't be when a number that it claims is surely another, or
    line, place or day are.
    """
    if unread.category != other.category or _far(unread, other, metres):
        return False
    gap = timedelta(minutes=minutes)
    if _why_times(unread, other, gap) is None and not _one_day(unread, other, zone):
        return False
    meeting = meet(unread, other)
    if meeting.same or meeting.apart or meeting.near:
        return bool(meeting.same) or not meeting.apart
    lines = meet_by_line(unread, other)
    if lines is LinesMeet.DOUBTFUL:
        return _in_one_place(unread, other, metres)
    return lines is not LinesMeet.APART


def claims_agree(this: Traces, other: Traces, *, minutes: int, metres: int) -> bool:
    """Whether two claims are the same: what lets equal files link without a question (R14, R15).

    For ``claim_alone``: an equal file tells the same of both, and would hide that they claim
    another place.
    """
    at, other_at = this.claimed_at, other.claimed_at
    if at is None or other_at is None or abs(at - other_at) > timedelta(minutes=minutes):
        return False
    if this.category != other.category or _far(this, other, metres):
        return False
    same_bus = _claims_same(this.plates, other.plates)
    same_driver = _claims_same(this.badges, other.badges)
    return same_bus or (same_driver and this.lines.claimed == other.lines.claimed)


def _claims_same(names: Names, other: Names) -> bool:
    return names.claimed is not None and names.claimed == other.claimed


def seconds_apart(this: Traces, other: Traces) -> int | None:
    """The least that the two lie apart in time, whichever way it is told.

    None where one tells no time.
    """
    gaps = [mine.apart(theirs) for mine in this.moments for theirs in other.moments]
    return round(min(gaps).total_seconds()) if gaps else None


def metres_apart(this: Traces, other: Traces) -> int | None:
    """The least that the two lie apart in space; None where one tells no place in degrees."""
    metres = [metres_between(*here, *there) for here in this.places for there in other.places]
    return round(min(metres)) if metres else None


def _why_times(this: Traces, other: Traces, gap: timedelta) -> Why | None:
    why: Why | None = None
    for mine in this.moments:
        for theirs in other.moments:
            if mine.apart(theirs) <= gap:
                if mine.claimed and theirs.claimed:
                    return Why.TIMES_CLAIMED
                why = Why.TIMES_OF_FILES
    return why


def _one_day(this: Traces, other: Traces, zone: ZoneInfo) -> bool:
    """One tells no time, or both tell a moment of one day."""
    days, other_days = _days(this, zone), _days(other, zone)
    return not days or not other_days or bool(days & other_days)


def _days(traces: Traces, zone: ZoneInfo) -> set[date]:
    instants = [at for moment in traces.moments for at in (moment.earliest, moment.latest)]
    return {at.astimezone(zone).date() for at in instants}


def _far(this: Traces, other: Traces, metres: int) -> bool:
    apart = metres_apart(this, other)
    return apart is not None and apart > metres


def _in_one_place(this: Traces, other: Traces, metres: int) -> bool:
    apart = metres_apart(this, other)
    if apart is not None:
        return apart <= metres
    return bool(this.place) and this.place == other.place
