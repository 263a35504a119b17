"""Who reports: kept encrypted in the draft (R7, R12), and their own earlier reports."""

from collections.abc import Sequence

from pipeline.receiving import drafts
from pipeline.receiving.drafts import ReporterInput
from pipeline.runtime import Work
from pipeline.store import claims, draft_identities, phones
from pipeline.store import drafts as stored
from pipeline.store.actions import Action
from scheme.draft import reporters_mark, require_as_shown
from scheme.policy import Policy
from scheme.reporter import Identity, canonical_email, canonical_name, same_name
from scheme.submission import JointInvalid, require_few_enough


def save_reporters(
    work: Work, *, report_id: str, reporters: Sequence[ReporterInput], shown: str | None = None
) -> None:
    """Keep who reports, first named first, encrypted.

    ``shown`` is the draft's ``reporters_mark`` as the form showed it. Raises DraftChanged,
    NameRequired, NameTooLong, PhoneRequired, PhoneInvalid, EmailInvalid (each with ``position``),
    JointInvalid, DraftNotFound, DraftExpired, AlreadySubmitted; what was typed before stays then.
    """
    drafts.still_open(work, report_id)
    people = _people(reporters, _substance(work, report_id))
    kept = draft_identities.of_report(work.connection, work.vault, report_id)
    if kept != tuple(people):
        require_as_shown(shown, reporters_mark(kept))
    draft_identities.save(work.connection, work.vault, report_id, people)
    work.record("reporter", Action.REPORTERS_SAVED, f"report/{report_id}", count=len(people))


def own_repeats(work: Work, *, report_id: str) -> tuple[str, ...]:
    """Numbers of these same people's earlier reports with one of these files and this category."""
    drafts.still_open(work, report_id)
    draft = stored.whole(work.connection, work.vault, report_id)
    return stored.own_repeats(work.connection, work.vault, draft)


def _substance(work: Work, report_id: str) -> Policy:
    version = claims.in_force(work.connection, report_id)
    violated_at = version.claim.violated_at if version else None
    return work.policies.substance_at(violated_at or work.now)


def _people(reporters: Sequence[ReporterInput], substance: Policy) -> list[Identity]:
    if not reporters:
        raise JointInvalid("nobody")
    require_few_enough(len(reporters), substance)
    people = [
        Identity(
            canonical_name(reporter.name, position),
            phones.required(reporter.phone, position),
            canonical_email(reporter.email, position),
        )
        for position, reporter in enumerate(reporters)
    ]
    for position, person in enumerate(people):
        _require_nobody_twice(person, people[:position])
    return people


def _require_nobody_twice(person: Identity, before: Sequence[Identity]) -> None:
    if any(person.phone == other.phone for other in before):
        raise JointInvalid("same_phone")
    if any(same_name(person.name, other.name) for other in before):
        raise JointInvalid("same_name")
