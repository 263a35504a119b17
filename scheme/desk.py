"""A report as it lies before an officer, and what holds for whatever they do to it."""

from dataclasses import dataclass
from datetime import datetime

from scheme.case import ON_THE_DESK, ForbiddenMove, ReportState, StaleVersion
from scheme.policy import PolicyRef
from scheme.report import Claim


class HeldByOther(Exception):
    """Another officer has the report until ``until``."""

    def __init__(self, display_name: str, until: datetime) -> None:
        super().__init__(f"until {until}")
        self.display_name, self.until = display_name, until


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTheDesk:
    """A report that an officer acts on, as it was read once."""

    report_id: str
    report_number: str
    state: ReportState
    row_version: int
    case_id: str | None
    receipt_seq: int | None
    received_at: datetime | None
    violated_at: datetime | None
    answer_due_at: datetime | None
    reopened: bool
    held_by_other: str
    """The name of another officer who has it; empty where nobody has."""
    held_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithClaim(AtTheDesk):
    """The same with the claim in force; ``claim`` is None where nobody ever said a word."""

    claim: Claim | None
    claim_version: int
    substance_policy: PolicyRef | None
    alone: bool
    """No other report stands in its case."""


def require_as_seen(report: AtTheDesk, row_version: int) -> None:
    """Raise StaleVersion where somebody changed the report since the officer looked."""
    if report.row_version != row_version:
        raise StaleVersion(report.report_id, report.row_version)


def require_free(report: AtTheDesk) -> None:
    """Raise HeldByOther while somebody else has the report."""
    if report.held_by_other and report.held_until is not None:
        raise HeldByOther(report.held_by_other, report.held_until)


def require_on_the_desk(report: AtTheDesk, thing: str) -> None:
    """Raise ForbiddenMove unless an officer may correct the report now; ``thing`` names what."""
    if report.state not in ON_THE_DESK:
        raise ForbiddenMove(thing, report.state, ReportState.VERIFIED)
