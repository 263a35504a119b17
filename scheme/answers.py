"""What reporters are to hear of a case now, and what is taken back before it leaves (R9, R11).

Pure: from where the case stands and what was written to them so far.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from scheme.decision import Verdict
from scheme.entitlement import Entitlement
from scheme.policy import Policy
from scheme.standing import InCase, Standing


class Answerable(InCase, Protocol):
    """A report with all that its answer says."""

    @property
    def report_number(self) -> str: ...  # noqa: D102 - as it is called
    @property
    def decision_id(self) -> str | None: ...  # noqa: D102 - as it is called
    @property
    def reasons(self) -> Sequence[str]: ...  # noqa: D102 - as it is called


A = TypeVar("A", bound=Answerable)


class WrittenAnswer(Protocol):
    """An answer that was written before and not taken back; ``sent_at`` None: it has not left."""

    @property
    def facts(self) -> Mapping[str, Any]: ...  # noqa: D102 - as it is called
    @property
    def sent_at(self) -> datetime | None: ...  # noqa: D102 - as it is called


class ToTell(NamedTuple):
    """What reporters are to hear now; without ``facts`` what has not left is taken back."""

    report_id: str
    people: tuple[str, ...]
    facts: Mapping[str, Any] | None


def answers(
    stands: Standing[A],
    *,
    rewarded: str | None,
    reporters: Mapping[str, tuple[str, ...]],
    written: Mapping[str, Sequence[WrittenAnswer]],
    procedure: Policy,
) -> tuple[ToTell, ...]:
    """What each report's reporters are to hear, where that is not what they heard last.

    ``rewarded`` is the report that the case's reward counts for; ``written``, oldest first.
    """
    to_tell = []
    for report in stands.reports:
        people = reporters[report.report_id]
        entitled = _can_be_told(report, stands, rewarded)
        if entitled is None:
            to_tell.append(ToTell(report.report_id, people, None))
            continue
        before = written[report.report_id]
        if _says_the_same(before, report, entitled):
            continue
        sent = tuple(answer for answer in before if answer.sent_at is not None)
        facts = _facts(report, entitled, procedure, changed=bool(sent))
        # A superseding decision was undone: what was said before is true again.
        again = _says_the_same(sent, report, entitled)
        to_tell.append(ToTell(report.report_id, people, None if again else facts))
    return tuple(to_tell)


def _can_be_told(report: A, stands: Standing[A], rewarded: str | None) -> Entitlement | None:
    """The entitlement that the reporter may hear of; None while the answer has to wait.

    Waiting reads "still being checked", so nothing leaves. Who would be first while another's paid
    reward is not clawed back yet waits too.
    """
    entitled = stands.entitlements[report.report_id]
    if entitled is Entitlement.WAITING:
        return None
    if entitled is Entitlement.FIRST and rewarded != report.report_id:
        return None
    return entitled


def _says_the_same(
    written: Sequence[WrittenAnswer], report: Answerable, entitled: Entitlement
) -> bool:
    if not written:
        return False
    last = written[-1].facts
    return (last["decision_id"], last["entitlement"]) == (report.decision_id, entitled)


def _facts(
    report: Answerable, entitled: Entitlement, procedure: Policy, *, changed: bool
) -> Mapping[str, object]:
    return {
        "report_number": report.report_number,
        "decision_id": report.decision_id,
        "verdict": report.verdict,
        "reasons": list(report.reasons),
        "entitlement": entitled,
        "changed": changed,
        "rewarded": report.verdict is Verdict.SUBSTANTIATED and entitled is Entitlement.FIRST,
        "policy": procedure.ref,
    }
