"""Drafts: begun, looked at, expired. A draft has no place in line until it is submitted."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from pipeline.answering.reaching import Way, ways
from pipeline.runtime import Work
from pipeline.store import draft_identities, reading_queue, reports, unreferenced
from pipeline.store import drafts as stored
from pipeline.store.actions import Action
from pipeline.store.drafts import WholeDraft
from pipeline.store.reports import ReportRow
from scheme import draft as rule
from scheme.case import NoSuchReport, ReportState
from scheme.draft import DraftNotFound, DraftState
from scheme.reading import Sha256
from scheme.report import Channel, Claim, Evidence
from verifiers.version import READER_VERSION


class OpenedDraft(NamedTuple):
    """A new draft. ``draft_key`` is told once: whoever has it has the draft."""

    report_id: str
    draft_key: str


@dataclass(frozen=True, slots=True)
class ReporterInput:
    """What a reporter types about themselves. ``repr`` shows nothing, because it reaches logs."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as its reporter sees it.

    ``told_by``: for each reporter, how they will be told. ``read``: for each file, whether it was
    read for this draft.
    """

    report_id: str
    claim: Claim | None
    evidence: tuple[Evidence, ...]
    reporters: tuple[ReporterInput, ...]
    told_by: tuple[tuple[Way, ...], ...]
    expires_at: datetime
    read: Mapping[Sha256, bool]

    @property
    def claim_mark(self) -> str:
        """What a form for the claim is filled from."""
        return rule.mark(self.claim)

    @property
    def reporters_mark(self) -> str:
        """What a form for the reporters is filled from."""
        return rule.reporters_mark(self.reporters)

    @property
    def mark(self) -> str:
        """All that the check page shows."""
        return rule.whole_mark(self.claim, self.evidence, self.reporters)


def open_draft(work: Work, *, channel: Channel) -> OpenedDraft:
    """Begin a report."""
    opened = OpenedDraft(secrets.token_hex(16), secrets.token_urlsafe(24))
    reports.add_draft(
        work.connection, opened.report_id, channel, key_hash(opened.draft_key), work.now
    )
    work.record("reporter", Action.DRAFT_OPENED, f"report/{opened.report_id}", channel=channel)
    return opened


def draft_of(work: Work, draft_key: str) -> Draft:
    """The draft that this key opens. Raises DraftNotFound, DraftExpired, AlreadySubmitted."""
    try:
        whole = stored.opened_by(work.connection, work.vault, key_hash(draft_key))
    except NoSuchReport as problem:
        raise DraftNotFound from problem
    rule.require_open(state_of(whole.report), work.policies, work.now)
    return _shown(work, whole)


def _shown(work: Work, whole: WholeDraft) -> Draft:
    report, people = whole.report, whole.reporters
    through = reading_queue.through(work.connection, report.id, READER_VERSION)
    return Draft(
        report_id=report.id,
        claim=whole.claim,
        evidence=whole.evidence,
        reporters=tuple(
            ReporterInput(person.name, person.phone, person.email) for person in people
        ),
        told_by=tuple(ways(work.settings, person.phone, person.email) for person in people),
        expires_at=rule.expires_at(report.created_at, work.policies, work.now),
        read={file.sha256: file.sha256 in through for file in whole.evidence},
    )


def expire_drafts(work: Work) -> int:
    """Let drafts expire that nobody submitted in time.

    Forget who typed them, let go of their files; how many.
    """
    days = work.policies.procedure_at(work.now).procedure.draft_days
    expired = reports.drafts_before(work.connection, work.now - timedelta(days=days))
    for report_id in expired:
        reports.move(work.connection, report_id, ReportState.EXPIRED)
        draft_identities.forget(work.connection, report_id)
        files = unreferenced.let_go(work.connection, report_id, work.now)
        work.record("system", Action.DRAFT_EXPIRED, f"report/{report_id}", files=files)
    return len(expired)


def key_hash(draft_key: str) -> str:
    """What is kept of a draft's key."""
    return sha256(draft_key.encode("utf-8", "replace")).hexdigest()


def state_of(report: ReportRow) -> DraftState:
    """What has become of it, as the rule asks."""
    return DraftState(report.id, report.state, report.created_at, report.report_number)


def still_open(work: Work, report_id: str) -> ReportRow:
    """The draft, to be changed. Raises DraftNotFound, DraftExpired, AlreadySubmitted."""
    try:
        report = reports.by_id(work.connection, report_id)
    except NoSuchReport as problem:
        raise DraftNotFound from problem
    rule.require_open(state_of(report), work.policies, work.now)
    return report
