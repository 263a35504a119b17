"""Submitting: whether a draft is received, and what holds for the report then (R1, R4-R7, R12).

Everything is in ``Submission``, read once; the answer is ``Admitted`` or a named refusal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scheme import deadlines
from scheme.claim import TimeUnclear, category_of, require_time
from scheme.draft import DraftState, require_as_shown, require_open
from scheme.entitlement import InTime
from scheme.finding import Sight
from scheme.policy import Category, Policy, SightsNeeded
from scheme.policy_book import PolicyBook
from scheme.reading import MediaKind
from scheme.report import Channel, Claim
from scheme.workdays import Workdays

IDENTIFIERS: Final = (Sight.PLATE, Sight.BADGE)
"""Sights that a claim must name in words: the others are for the files."""


class ConsentRequired(Exception):
    """The reporter did not agree to how their data are used (R7)."""


class NoEvidence(Exception):
    """A report without a file is not admitted (R4)."""


class VideoRequired(Exception):
    """No file that the category admits is there (R4): ``category``."""

    def __init__(self, category: str) -> None:
        super().__init__(category)
        self.category = category


class ClaimIncomplete(Exception):
    """What every report must say is missing: ``fields`` of the claim."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class MissingIdentifier(Exception):
    """Neither of the identifiers that the category asks for is given (R5).

    ``wanted`` says which would do.
    """

    def __init__(self, wanted: tuple[Sight, ...]) -> None:
        super().__init__(", ".join(wanted))
        self.wanted = wanted


class ReporterRequired(Exception):
    """Nobody is named who reports (R7)."""


class JointInvalid(Exception):
    """The list of reporters cannot be.

    ``reason`` is nobody, too_many, same_phone or same_name (R12).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Submission:
    """All that decides whether a draft is received.

    ``submitted_to_us_at`` is the postmark, or when the walk-in stood at the counter: it serves R6
    only.
    """

    draft: DraftState
    channel: Channel
    claim: Claim | None
    files: tuple[MediaKind, ...]
    people: int
    consent: bool
    submitted_to_us_at: datetime | None
    shown: str | None = None
    """The draft's mark as whoever declares saw it; None where no page showed it."""
    kept: str = ""
    """Its mark as it stands."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """What holds for the report from its receipt on.

    ``late``: received, but unpaid (R6). ``answer_due_at`` is None where the calendar ends: an
    alarm, never a guess.
    """

    violated_at: datetime
    submitted_at: datetime
    substance: Policy
    procedure: Policy
    answer_due_at: datetime | None
    late: bool


def admitted(
    submission: Submission, policies: PolicyBook, workdays: Workdays, now: datetime
) -> Admitted:
    """Whether the draft is received now.

    Raises AlreadySubmitted, DraftExpired, DraftChanged, ConsentRequired, NoEvidence, VideoRequired,
    ClaimIncomplete, MissingIdentifier, ReporterRequired, JointInvalid, BeforeScheme, FutureTime,
    TimeUnclear, UnknownCategory.
    """
    require_open(submission.draft, policies, now)
    require_as_shown(submission.shown, submission.kept)
    if not submission.consent:
        raise ConsentRequired
    violated_at = _require_complete(submission, policies, now)
    substance, procedure = policies.substance_at(violated_at), policies.procedure_at(now)
    if not submission.people:
        raise ReporterRequired
    require_few_enough(submission.people, substance)
    submitted_at = _submitted_at(submission, violated_at, now)
    return Admitted(
        violated_at=violated_at,
        submitted_at=submitted_at,
        substance=substance,
        procedure=procedure,
        answer_due_at=deadlines.answer_bounds(now, procedure, workdays).known,
        late=is_late(violated_at, submitted_at, submission.channel, policies, workdays),
    )


def require_few_enough(people: int, substance: Policy) -> None:
    """No more than may report jointly (R12). Raises JointInvalid.

    Asked again at the receipt: the claimed time may have come under another policy since.
    """
    if people > substance.substance.joint_max_people:
        raise JointInvalid("too_many")


def is_late(
    violated_at: datetime,
    submitted_at: datetime,
    channel: Channel,
    policies: PolicyBook,
    workdays: Workdays,
) -> bool:
    """Whether that is too late for the reward (R6). Unknown is not late."""
    policy = policies.substance_at(violated_at)
    reached_us = deadlines.in_time(violated_at, submitted_at, channel, policy, workdays)
    return reached_us is InTime.NO


def missing_fields(claim: Claim | None) -> tuple[str, ...]:
    """What every report must say and this claim does not."""
    if claim is None:
        return ("category", "violated_at", "route")
    return tuple(name for name in ("violated_at", "route") if getattr(claim, name) is None)


def missing(
    claim: Claim | None, files: Sequence[MediaKind], policies: PolicyBook, now: datetime
) -> Iterator[NoEvidence | ClaimIncomplete | VideoRequired | MissingIdentifier]:
    """All that a draft lacks of what every report must say and show, as admission would refuse it.

    A page that asks for one thing at a time shows all of them; admission raises the first.
    Raises UnknownCategory.
    """
    if not files:
        yield NoEvidence()
    fields = missing_fields(claim)
    if fields:
        yield ClaimIncomplete(fields)
    if claim is not None:
        yield from _not_shown(claim, category_of(claim, policies, now), files)


def _not_shown(
    claim: Claim, category: Category, files: Sequence[MediaKind]
) -> Iterator[VideoRequired | MissingIdentifier]:
    needed = [sights for kind, sights in category.sights.items() if kind in files]
    if files and not needed:
        yield VideoRequired(category.key)
    expressions = needed or list(category.sights.values())
    if not any(_identified(expression, claim) for expression in expressions):
        wanted = [sight for sight in expressions[0].sights() if sight in IDENTIFIERS]
        yield MissingIdentifier(tuple(wanted))


def _require_complete(submission: Submission, policies: PolicyBook, now: datetime) -> datetime:
    """The claimed time of a draft that says and shows what every report must."""
    claim = submission.claim
    for refusal in missing(claim, submission.files, policies, now):
        raise refusal
    if claim is None or claim.violated_at is None:
        raise AssertionError("a claim without a time lacks a field")
    require_time(claim.violated_at, policies, now)
    return claim.violated_at


def _identified(needed: SightsNeeded, claim: Claim) -> bool:
    """Whether plate and badge are claimed as far as the expression asks for them.

    Other sights are for the files.
    """
    claimed = {Sight.PLATE: claim.plate, Sight.BADGE: claim.badge}

    def met(part: Sight | SightsNeeded) -> bool:
        if isinstance(part, SightsNeeded):
            return _identified(part, claim)
        return part not in claimed or claimed[part] is not None

    answers = [met(part) for part in needed.parts]
    return all(answers) if needed.mode == "all" else any(answers)


def _submitted_at(submission: Submission, violated_at: datetime, now: datetime) -> datetime:
    """The instant that serves R6."""
    reached_us_at = submission.submitted_to_us_at
    if reached_us_at is None:
        return now
    if reached_us_at.tzinfo is None or reached_us_at > now:
        raise TimeUnclear
    if reached_us_at < violated_at:
        raise TimeUnclear  # a postmark from before what it shows
    return reached_us_at
