"""One incident or two (R14).

Which reports are asked about, and which unread ones hold a decision up.

The rule is ``scheme.incident``; the rows come from ``store.incidents``. What is said here is only
true under the write lock, or as a first look.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pipeline.runtime import Work
from pipeline.store import evidence_files, roster, whose
from pipeline.store import incidents as stored
from pipeline.store.incidents import Told, Waiting
from scheme import belonging
from scheme.dossier import Neighbour, Roster
from scheme.incident import could_turn_out_same
from scheme.policy import Policy
from scheme.substantiation import Unread
from scheme.traces import Traces, traces
from verifiers.version import READER_VERSION


def neighbours(
    work: Work, report_id: str, policy: Policy, fleet: Roster | None
) -> tuple[Neighbour, ...]:
    """Received reports that R14 makes a question for this one, the nearest in time first.

    Withdrawn ones are none.

    ``fleet`` is the roster of the day of the violation. The statements are few, whatever the number
    of reports.
    """
    (asking,) = stored.told(work.connection, [report_id])
    ours, substance = _traces(asking, fleet), policy.substance
    near = stored.ids_about(
        work.connection,
        [(moment.earliest, moment.latest) for moment in ours.moments],
        category=ours.category,
        gap=timedelta(minutes=substance.same_incident_minutes),
        but=report_id,
    )
    own = whose.reports_of_the_same_people(work.connection, report_id) if near else frozenset[str]()
    return belonging.neighbours(ours, stored.told(work.connection, near), fleet, own, substance)


def _traces(told: Told, fleet: Roster | None) -> Traces:
    return traces(told.claim, told.at, told.shown, fleet)


# -- what nobody has read yet ----------------------------------------------------------------------


def unread_before(
    work: Work, report_id: str, *, case: Sequence[str], longest_try: timedelta
) -> tuple[Unread, ...]:
    """Earlier reports, still being read, that can be about the incident of this one; ``case``.

    All reports of it.

    ``longest_try``: how long one attempt at reading may keep others waiting. What nobody has read
    after all attempts, failed or not, holds nothing up: its questions are asked when it is
    verified, of decided reports too.
    """
    members = {
        member.report_id: member for member in stored.told(work.connection, {report_id, *case})
    }
    decided = members[report_id]
    earlier = stored.unread_before(
        work.connection, decided.receipt_seq, category=decided.claim.category
    )
    if not earlier:
        return ()
    told = [one for one in stored.told(work.connection, earlier) if one.report_id not in members]
    can_be = _that_can_be(work, told, decided, tuple(members.values()))
    attempts = work.policies.procedure_at(work.now).procedure.reading_attempts
    waiting = stored.waiting(work.connection, can_be.keys(), READER_VERSION)
    return tuple(
        Unread(can_be[one.report_id], one.since + attempts * longest_try)
        for one in waiting
        if not _given_up(one, attempts, work.now) and work.now < one.since + attempts * longest_try
    )


def _that_can_be(
    work: Work, unread: Sequence[Told], decided: Told, members: Sequence[Told]
) -> dict[str, str]:
    """Those that can be about the incident of one of ``members``.

    Their number by their id, in order of receipt.
    """
    at = decided.at or work.now
    policy = work.policies.substance_at(at)
    fleet = roster.on(work.connection, at.astimezone(policy.zone).date()) if unread else None
    ours = [_traces(member, fleet) for member in members]
    sent = {
        other.report_id
        for member in members
        for other in evidence_files.received_with(
            work.connection,
            [file.sha256 for file in evidence_files.of_report(work.connection, member.report_id)],
            but=member.report_id,
        )
    }
    return {
        one.report_id: one.report_number
        for one in unread
        if one.report_id in sent
        or any(_can_be(one, _traces(one, fleet), mine, policy) for mine in ours)
    }


def _can_be(unread: Told, theirs: Traces, ours: Traces, policy: Policy) -> bool:
    """Nobody reports what has not happened.

    A report that left its sender's hands before can't be about it.
    """
    substance = policy.substance
    left_at = min(unread.received_at, unread.submitted_to_us_at or unread.received_at)
    begun = min((moment.earliest for moment in ours.moments), default=left_at)
    return begun - timedelta(
        minutes=substance.future_skew_minutes
    ) <= left_at and could_turn_out_same(
        theirs,
        ours,
        minutes=substance.same_incident_minutes,
        metres=substance.same_incident_metres,
        zone=policy.zone,
    )


def _given_up(waiting: Waiting, attempts: int, now: datetime) -> bool:
    """Every attempt at the report, or at each file of it that is not read, has failed or died."""

    def spent(tried: int, leased_until: datetime | None) -> bool:
        return tried > attempts or (
            tried == attempts and (leased_until is None or leased_until <= now)
        )

    files = [spent(file.attempts, file.leased_until) for file in waiting.files]
    return spent(waiting.attempts, waiting.leased_until) or (bool(files) and all(files))
