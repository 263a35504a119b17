"""R1 and R6: whether the violation lies within the scheme, and the material reached us in time.

``LATE`` is a *fail* of this check alone: the report is received, checked, decided and dispatched
like any other; only the reward is excluded, which is the entitlement's business.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType

from scheme.deadlines import in_time, window_bounds
from scheme.dossier import Dossier
from scheme.entitlement import InTime
from scheme.finding import Finding, Outcome, Scope
from scheme.policy import Policy

ANSWERS: Mapping[InTime, tuple[str, Outcome]] = MappingProxyType(
    {
        InTime.YES: ("IN_WINDOW", Outcome.PASS),
        InTime.NO: ("LATE", Outcome.FAIL),
        InTime.UNKNOWN: ("CALENDAR_MISSING", Outcome.REVIEW),
    }
)


def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:
    """One finding: in the window, late, before the scheme, in the future, or not to be said."""
    report = dossier.report
    violated_at, reached_us_at = report.claim.violated_at, report.received_at or dossier.now
    if violated_at is None:
        yield Finding("window", "TIME_NOT_CLAIMED", Outcome.REVIEW, Scope.REPORT)
    elif violated_at < policy.effective_from:
        yield _answer(
            "BEFORE_SCHEME",
            Outcome.FAIL,
            begins=policy.effective_from.astimezone(policy.zone).isoformat(),
        )
    elif violated_at > reached_us_at + timedelta(minutes=policy.substance.future_skew_minutes):
        ahead = violated_at - reached_us_at
        yield _answer("FUTURE_TIME", Outcome.FAIL, seconds_ahead=str(int(ahead.total_seconds())))
    else:
        submitted_at = report.submitted_to_us_at or reached_us_at
        closes = window_bounds(violated_at, report.channel, policy, dossier.workdays)
        # Where the calendar ends, the earliest instant at which the window can close is all that is
        # certain.
        name, end = "closes_at_the_earliest", closes.earliest
        if closes.known:
            name, end = "closes", closes.known
        code, outcome = ANSWERS[
            in_time(violated_at, submitted_at, report.channel, policy, dossier.workdays)
        ]
        yield _answer(code, outcome, **{name: end.astimezone(policy.zone).isoformat()})


def _answer(code: str, outcome: Outcome, **details: str) -> Finding:
    return Finding("window", code, outcome, Scope.REPORT, details=details)
