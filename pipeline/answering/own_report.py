"""One report as its reporter sees it: claim, files, answer, shares, where to collect.

Words of the scheme only; nothing here reads or writes. What may be seen when is ``tracking``'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import NamedTuple

from scheme.case import ReportState, ShareState
from scheme.decision import Verdict
from scheme.entitlement import Entitlement
from scheme.finding import Proof
from scheme.money import Fen
from scheme.policy import Substance
from scheme.reading import MediaKind, Sha256
from scheme.report import Claim


class OwnFile(NamedTuple):
    """One file of the report, as the receipt named it."""

    file_name: str
    sha256: Sha256
    kind: MediaKind
    size_bytes: int


class Step(NamedTuple):
    """One step that the reporter may know of.

    ``code``: received, checked, asked, added, withdrawn, answered, notified, collected or paid.
    """

    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer as it was sent.

    ``entitlement`` says nothing of whoever is first instead (SCHEME.md "Receipt").
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    note: str
    proof: Proof | None
    entitlement: Entitlement
    answered_at: datetime
    changed: bool
    """Another answer was sent before."""


@dataclass(frozen=True, slots=True)
class OwnShare:
    """One reporter's part, by place in the report; whose it is the reporters know (R12)."""

    position: int
    amount_fen: Fen
    state: ShareState
    collect_by: datetime | None


@dataclass(frozen=True, slots=True)
class Collect:
    """Where, when and with what to collect (R8, R13).

    ``address`` and ``documents`` by language (zh, en).

    ``collect_by`` is the last moment, None where the calendar does not reach.
    """

    total_fen: Fen
    address: Mapping[str, str]
    phone: str
    opens: time
    closes: time
    documents: Mapping[str, str]
    collect_by: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """One report as its reporter sees it.

    ``state`` is ``verified`` ("being checked") until the answer has left.
    """

    report_id: str
    report_number: str
    state: ReportState
    received_at: datetime
    answer_due_at: datetime | None
    claim: Claim
    substance: Substance
    """What judges the report; for its category the one that was in force as the reporter said it
    happened.
    """
    files: tuple[OwnFile, ...]
    answer: Answer | None
    shares: tuple[OwnShare, ...]
    collect: Collect | None
    asked_for: str | None
    asked_sights: tuple[str, ...]
    """What of the violation is to be seen in what is asked for."""
    may_add_files: bool
    may_withdraw: bool
    timeline: tuple[Step, ...] = field(default=())

    @property
    def entitlement(self) -> Entitlement | None:
        """What follows from the report's own answer; None until it was given."""
        return None if self.answer is None else self.answer.entitlement
