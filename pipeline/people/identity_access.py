"""Opening who reported: for a reason, and on record in the same transaction. Nothing else (R17)."""

from pipeline.runtime import Work
from pipeline.store import identities, reports
from pipeline.store.actions import Action
from pipeline.store.vault import Erased
from scheme.plain_text import required
from scheme.reporter import Identity
from scheme.staff import Account

SHORTEST_REASON = 4
LONGEST_REASON = 500


class IdentityReasonRequired(Exception):
    """An identity is opened for a reason that somebody can check, of 4 to 500 signs."""


def open_identity(
    work: Work, *, report_id: str, officer: Account, reason: str
) -> tuple[Identity, ...]:
    """Who reported, first named first, ``NOBODY`` for who was erased.

    The audit log has it with the commit.

    Raises IdentityReasonRequired; Erased where nobody is left; NoSuchReport.
    """
    said = required(
        reason, IdentityReasonRequired, shortest=SHORTEST_REASON, longest=LONGEST_REASON
    )
    reports.by_id(work.connection, report_id)
    people = identities.of_report(work.connection, work.vault, report_id)
    if not any(person.name for person in people):
        raise Erased(report_id)
    work.record(officer.account_id, Action.IDENTITY_OPENED, f"report/{report_id}", reason=said)
    return people
