"""From the first file to the receipt.

Drafts, evidence, the claim, who reports, and the one event of receiving.

A draft has no place in line. ``submit`` gives number, order and code under the write lock, whatever
the channel; whoever submits the same draft again is told the number it has, never given a second
one.
"""

import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import BinaryIO, Final, NamedTuple

from pipeline.answering import answer_clock
from pipeline.answering.reaching import Way, ways
from pipeline.paying import awarding
from pipeline.runtime import Runtime, Work
from pipeline.store import (
    evidence_files,
    identities,
    joined,
    reading_queue,
    receipts,
    reports,
    unreferenced,
)
from pipeline.store.actions import Action
from pipeline.store.evidence_files import EmptyFile, FileTooLarge, NoSuchFile
from pipeline.store.identities import (
    EmailInvalid,
    Identity,
    NameRequired,
    NameTooLong,
    PhoneInvalid,
)
from pipeline.store.reports import ReportRow
from scheme import deadlines
from scheme.case import UNDECIDED, ForbiddenMove, NoSuchReport, ReportState
from scheme.entitlement import InTime
from scheme.finding import Sight
from scheme.naming import (
    InvalidBadge,
    InvalidPlate,
    InvalidRoute,
    canonical_badge,
    canonical_plate,
    canonical_route,
)
from scheme.policy import Category, Policy, SightsNeeded
from scheme.reading import MediaKind, Sha256
from scheme.report import Channel, Claim, Evidence
from verifiers import READER_VERSION
from verifiers.media import formats
from verifiers.media.formats import TypeMismatch, TypeNotAllowed

__all__ = [
    "MOST_FILES",
    "AlreadySubmitted",
    "BeforeScheme",
    "ClaimIncomplete",
    "ConsentRequired",
    "Draft",
    "DraftNotFound",
    "EmailInvalid",
    "EmptyFile",
    "FileTooLarge",
    "FutureTime",
    "InvalidBadge",
    "InvalidPlate",
    "InvalidRoute",
    "JointInvalid",
    "MediumNotAdmitted",
    "MissingIdentifier",
    "NameRequired",
    "NameTooLong",
    "NoEvidence",
    "NoSuchFile",
    "OpenedDraft",
    "PhoneInvalid",
    "PlaceInvalid",
    "Receipt",
    "ReceiptFile",
    "ReporterInput",
    "SendAgain",
    "TextTooLong",
    "TimeUnclear",
    "TooManyFiles",
    "TypeMismatch",
    "TypeNotAllowed",
    "UnknownCategory",
    "UnknownKind",
    "VideoRequired",
    "add_file_to_report",
    "draft",
    "expire_drafts",
    "expires_at",
    "files_of",
    "is_late",
    "key_hash",
    "late_already",
    "open_draft",
    "own_repeats",
    "remove_file",
    "save_claim",
    "save_reporters",
    "store_file",
    "submit",
]

MOST_FILES: Final = 20
FILE_WAIT_S: Final = 40.0
"""Whoever sent a file, for minutes perhaps, rather waits for the write lock than sends it again."""
LONGEST_FILE_NAME: Final = 255
LONGEST_PLACE: Final = 200
LONGEST_NOTE: Final = 2000
MOST_LATITUDE: Final = 90
MOST_LONGITUDE: Final = 180


class DraftNotFound(Exception):
    """No such draft, or it has expired."""


class AlreadySubmitted(Exception):
    """The draft is a report already: ``report_id``, ``report_number``.

    ``renewable``: the draft would still live, and whoever holds its key may have the receipt with
    another code.
    """

    def __init__(self, report_id: str, report_number: str, *, renewable: bool = False) -> None:
        super().__init__(report_number)
        self.report_id, self.report_number, self.renewable = report_id, report_number, renewable


class SendAgain(Exception):
    """The file was removed between its last byte and its row: it has to be sent once more."""


class TooManyFiles(Exception):
    """A report has at most ``limit`` files."""

    def __init__(self, limit: int = MOST_FILES) -> None:
        super().__init__(str(limit))
        self.limit = limit


class MediumNotAdmitted(Exception):
    """This kind of file proves nothing in this category (R4): ``category``, ``kind``."""

    def __init__(self, category: str, kind: MediaKind) -> None:
        super().__init__(f"{kind} for {category}")
        self.category, self.kind = category, kind


class VideoRequired(Exception):
    """No file that the category admits is there (R4): ``category``."""

    def __init__(self, category: str) -> None:
        super().__init__(category)
        self.category = category


class UnknownCategory(Exception):
    """The scheme in force then does not know this ``category`` (R3)."""

    def __init__(self, category: str) -> None:
        super().__init__("unknown category")
        self.category = category


class UnknownKind(Exception):
    """The category has no such kind (R3): ``category`` says which kinds there are."""

    def __init__(self, category: str) -> None:
        super().__init__(f"unknown kind of {category}")
        self.category = category


class BeforeScheme(Exception):
    """The violation lies before the scheme began, at ``effective_from`` (R1), or after it ended."""

    def __init__(self, effective_from: datetime) -> None:
        super().__init__(effective_from.isoformat())
        self.effective_from = effective_from


class FutureTime(Exception):
    """The violation lies in the future by more than the policy allows (R1)."""


class TimeUnclear(Exception):
    """A time without a zone, or a postmark later than now."""


class PlaceInvalid(Exception):
    """Half a position, or one that is not on earth."""


class TextTooLong(Exception):
    """A text of more than ``limit`` signs: ``field`` names it."""

    def __init__(self, field_: str, limit: int) -> None:
        super().__init__(f"{field_}: {limit}")
        self.field, self.limit = field_, limit


class ConsentRequired(Exception):
    """The reporter did not agree to how their data are used (R7)."""


class NoEvidence(Exception):
    """A report without a file is not admitted (R4)."""


class MissingIdentifier(Exception):
    """Neither of the identifiers that the category asks for is given (R5).

    ``wanted`` says which would do.
    """

    def __init__(self, wanted: tuple[Sight, ...]) -> None:
        super().__init__(", ".join(wanted))
        self.wanted = wanted


class ClaimIncomplete(Exception):
    """What every report must say is missing: ``fields`` of the claim."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class JointInvalid(Exception):
    """The list of reporters cannot be.

    ``reason`` is nobody, too_many, same_phone or same_name (R12).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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


class ReceiptFile(NamedTuple):
    """One received file, as the receipt names it."""

    file_name: str
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the reporter gets.

    ``secret_code`` is shown once and stands nowhere; ``late``: received, but unpaid (R6).
    """

    report_id: str
    report_number: str
    received_at: datetime
    secret_code: str = field(repr=False)
    files: tuple[ReceiptFile, ...]
    own_repeats: tuple[str, ...]
    late: bool


# -- drafts ----------------------------------------------------------------------------------------


def open_draft(work: Work, *, channel: Channel) -> OpenedDraft:
    """Begin a report. It has no place in line until it is submitted."""
    opened = OpenedDraft(secrets.token_hex(16), secrets.token_urlsafe(24))
    reports.add_draft(
        work.connection, opened.report_id, channel, key_hash(opened.draft_key), work.now
    )
    work.record("reporter", Action.DRAFT_OPENED, f"report/{opened.report_id}", channel=channel)
    return opened


def draft(work: Work, draft_key: str) -> Draft:
    """The draft that this key opens. Raises DraftNotFound, AlreadySubmitted."""
    try:
        report = reports.by_draft_key(work.connection, key_hash(draft_key))
    except NoSuchReport as problem:
        raise DraftNotFound from problem
    _require_draft(work, report)
    evidence = evidence_files.of_report(work.connection, report.id)
    through = reading_queue.through(work.connection, report.id, READER_VERSION)
    claim = reports.claim_in_force(work.connection, report.id)
    typed = identities.of_draft(work.connection, work.vault, report.id)
    return Draft(
        report_id=report.id,
        claim=claim.claim if claim else None,
        evidence=evidence,
        reporters=tuple(ReporterInput(person.name, person.phone, person.email) for person in typed),
        told_by=tuple(ways(work.settings, person.phone, person.email) for person in typed),
        expires_at=expires_at(work, report),
        read={file.sha256: file.sha256 in through for file in evidence},
    )


def expire_drafts(work: Work) -> int:
    """Let drafts expire that nobody submitted in time.

    Forget who typed them, let go of their files; how many.
    """
    days = work.policies.procedure_at(work.now).procedure.draft_days
    expired = reports.drafts_before(work.connection, work.now - timedelta(days=days))
    for report_id in expired:
        reports.move(work.connection, report_id, ReportState.EXPIRED)
        identities.forget_draft(work.connection, report_id)
        files = unreferenced.let_go(work.connection, report_id, work.now)
        work.record("system", Action.DRAFT_EXPIRED, f"report/{report_id}", files=files)
    return len(expired)


def key_hash(draft_key: str) -> str:
    """What is kept of a draft's key."""
    return sha256(draft_key.encode("utf-8", "replace")).hexdigest()


def expires_at(work: Work, report: ReportRow) -> datetime:
    """Until when the draft lives, or would have lived."""
    return report.created_at + timedelta(
        days=work.policies.procedure_at(work.now).procedure.draft_days
    )


def _open(work: Work, report_id: str) -> ReportRow:
    """The draft ``report_id``. Raises DraftNotFound, AlreadySubmitted."""
    try:
        report = reports.by_id(work.connection, report_id)
    except NoSuchReport as problem:
        raise DraftNotFound from problem
    _require_draft(work, report)
    return report


def _require_draft(work: Work, report: ReportRow) -> None:
    if report.report_number is not None:
        renewable = work.now < expires_at(work, report)
        raise AlreadySubmitted(report.id, report.report_number, renewable=renewable)
    if report.state is not ReportState.DRAFT or work.now >= expires_at(work, report):
        raise DraftNotFound


# -- files -----------------------------------------------------------------------------------------


def store_file(runtime: Runtime, *, report_id: str, file_name: str, stream: BinaryIO) -> Evidence:
    """Take a file into a draft; it is durable, and in the draft, when this returns.

    The same file again is no error.

    Raises EmptyFile, TypeNotAllowed, TypeMismatch, FileTooLarge, TooManyFiles, MediumNotAdmitted,
    StorageFull, DraftNotFound, AlreadySubmitted: nothing of the file is kept then.
    """
    with runtime.read() as work:
        _open(work, report_id)
    return _take_in(runtime, report_id, file_name, stream, added=False)


def add_file_to_report(
    runtime: Runtime, *, report_id: str, file_name: str, stream: BinaryIO
) -> Evidence:
    """Take further material after the receipt.

    The report is verified anew and keeps its place in line (R11).

    A decision that was not answered yet is set aside; a file that the report has already changes
    nothing.

    Raises ForbiddenMove once the answer has left or the report is withdrawn, NoSuchReport, and what
    ``store_file`` raises.
    """
    with runtime.read() as work:
        _require_may_grow(work, reports.by_id(work.connection, report_id))
    return _take_in(runtime, report_id, file_name, stream, added=True)


def files_of(work: Work, report_id: str) -> tuple[Evidence, ...]:
    """The files of a report, in the order they came."""
    return evidence_files.of_report(work.connection, report_id)


def remove_file(work: Work, *, report_id: str, sha256: str) -> None:
    """Take a file out of a draft. Raises NoSuchFile, DraftNotFound, AlreadySubmitted."""
    _open(work, report_id)
    evidence_files.detach(work.connection, report_id, Sha256(sha256))
    unreferenced.suspect(work.connection, [Sha256(sha256)], work.now)
    work.record("reporter", Action.FILE_REMOVED, f"report/{report_id}", sha256=sha256)


def _take_in(
    runtime: Runtime, report_id: str, file_name: str, stream: BinaryIO, *, added: bool
) -> Evidence:
    with runtime.read() as work:
        category = _category_so_far(work, report_id)
        _require_room(evidence_files.of_report(work.connection, report_id))
    found: list[formats.Format] = []

    def admit(head: bytes) -> int:
        format_ = formats.admit(head[: formats.HEAD_BYTES], file_name)
        if category is not None and not category.admits(format_.kind):
            raise MediumNotAdmitted(category.key, format_.kind)
        found.append(format_)
        return format_.max_bytes

    received = runtime.files.receive(
        stream, admit
    )  # outside any transaction: it takes as long as the sender does
    with runtime.write(wait_s=FILE_WAIT_S) as work:
        if added:
            _require_may_grow(work, reports.by_id(work.connection, report_id))
        else:
            _open(work, report_id)
        if not work.files.path(received.sha256).is_file():
            raise SendAgain
        format_ = found[0]
        evidence_files.add(
            work.connection,
            received,
            kind=format_.kind,
            format_=format_.name,
            mime=format_.mime,
            at=work.now,
        )
        if evidence_files.attach(
            work.connection, report_id, received.sha256, as_text(file_name), work.now
        ):
            _require_room(evidence_files.of_report(work.connection, report_id), just_added=True)
            work.record(
                "reporter", Action.FILE_ADDED, f"report/{report_id}", sha256=received.sha256
            )
            if added:
                _grow(work, report_id)
        if not added:
            work.ring("read_evidence", report_id=report_id, sha256=received.sha256)
        return next(
            file
            for file in evidence_files.of_report(work.connection, report_id)
            if file.sha256 == received.sha256
        )


def _require_room(evidence: Sequence[Evidence], *, just_added: bool = False) -> None:
    if len(evidence) - just_added >= MOST_FILES:
        raise TooManyFiles


def _require_may_grow(work: Work, report: ReportRow) -> None:
    if report.state is ReportState.DECIDED:
        awarding.require_unanswered(work, report, ReportState.RECEIVED)
    elif report.state not in UNDECIDED:
        raise ForbiddenMove("report", report.state, ReportState.RECEIVED)


def _grow(work: Work, report_id: str) -> None:
    """Send the report back to be verified.

    One that waits for that already is verified with the new file.
    """
    report = reports.by_id(work.connection, report_id)
    if report.state is ReportState.DECIDED:
        awarding.set_aside(work, report, ReportState.RECEIVED)
    again = {"attempts": 0, "lease_owner": None, "lease_until": None, "asked_for": None}
    if report.state is ReportState.RECEIVED:
        reports.change(work.connection, report_id, **again)
    else:
        reports.move(work.connection, report_id, ReportState.RECEIVED, **again)
    work.ring("verify_report", report_id=report_id)


def _category_so_far(work: Work, report_id: str) -> Category | None:
    claim = reports.claim_in_force(work.connection, report_id)
    if claim is None:
        return None
    policy = work.policies.substance_at(claim.claim.violated_at or work.now)
    return policy.substance.categories.get(claim.claim.category)


def as_text(file_name: str) -> str:
    """What the sender called a file, as harmless text.

    Signs that do not show are written out, and it is cut short.

    It is never a path: files lie under their hash.
    """
    shown = "".join(
        sign if unicodedata.category(sign)[0] != "C" else f"\\u{ord(sign):04x}"
        for sign in file_name[:LONGEST_FILE_NAME]
    )
    return shown[:LONGEST_FILE_NAME]


# -- the claim -------------------------------------------------------------------------------------


def save_claim(work: Work, *, report_id: str, claim: Claim) -> Claim:
    """Keep what the reporter says, in canonical form (returned). It may still be incomplete.

    Raises UnknownCategory, UnknownKind, BeforeScheme, FutureTime, TimeUnclear, InvalidPlate,
    InvalidRoute, InvalidBadge, PlaceInvalid, TextTooLong, DraftNotFound, AlreadySubmitted; the
    draft stays as it was then.
    """
    _open(work, report_id)
    said = canonical_claim(claim)
    _require_time(work, said)
    require_known(work, said)
    reports.set_draft_claim(work.connection, report_id, said, work.now)
    work.record("reporter", Action.CLAIM_SAVED, f"report/{report_id}", category=said.category)
    return said


def require_known(work: Work, claim: Claim) -> None:
    """Raise UnknownCategory, UnknownKind where the scheme in force then does not know what the claim names (R3)."""
    category = work.policies.substance_at(claim.violated_at or work.now).substance.categories.get(
        claim.category
    )
    if category is None:
        raise UnknownCategory(claim.category)
    if claim.kind is not None and claim.kind not in category.kinds:
        raise UnknownKind(claim.category)


def canonical_claim(claim: Claim) -> Claim:
    """The claim with every name in its one form; empty texts are none. Raises as ``save_claim``."""
    latitude, longitude = claim.latitude, claim.longitude
    if (latitude is None) != (longitude is None):
        raise PlaceInvalid
    if (
        latitude is not None
        and longitude is not None
        and not (
            abs(latitude) <= MOST_LATITUDE and abs(longitude) <= MOST_LONGITUDE  # also refuses NaN
        )
    ):
        raise PlaceInvalid
    return replace(
        claim,
        plate=canonical_plate(claim.plate) if claim.plate and _given(claim.plate) else None,
        route=canonical_route(claim.route) if claim.route and _given(claim.route) else None,
        badge=canonical_badge(claim.badge) if claim.badge and _given(claim.badge) else None,
        fleet_number=canonical_badge(claim.fleet_number)
        if claim.fleet_number and _given(claim.fleet_number)
        else None,
        place=_text("place", claim.place or "", LONGEST_PLACE) or None,
        note=_text("note", claim.note, LONGEST_NOTE),
        kind=(claim.kind or "").strip() or None,
    )


def _given(text: str) -> bool:
    return bool(text.strip())


def _text(field_: str, text: str, limit: int) -> str:
    seen = "".join(
        sign
        for sign in text
        if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs", "Cn")
    )
    if len(seen.strip()) > limit:
        raise TextTooLong(field_, limit)
    return seen.strip()


def _require_time(work: Work, claim: Claim) -> None:
    """R1, as soon as a time is said."""
    violated_at = claim.violated_at
    if violated_at is None:
        return
    if violated_at.tzinfo is None:
        raise TimeUnclear
    policy = work.policies.substance_at(violated_at)
    if not policy.in_force(violated_at):
        raise BeforeScheme(policy.effective_from)
    if violated_at > work.now + timedelta(minutes=policy.substance.future_skew_minutes):
        raise FutureTime


def late_already(work: Work, *, report_id: str) -> bool:
    """Whether a report submitted now would be too late for the reward (R6). Unknown is not late."""
    report = _open(work, report_id)
    claim = reports.claim_in_force(work.connection, report_id)
    if claim is None or claim.claim.violated_at is None:
        return False
    return is_late(work, claim.claim.violated_at, work.now, report.channel)


def is_late(work: Work, violated_at: datetime, submitted_at: datetime, channel: Channel) -> bool:
    """Whether that is too late for the reward (R6). Unknown is not late."""
    policy = work.policies.substance_at(violated_at)
    return deadlines.in_time(violated_at, submitted_at, channel, policy, work.workdays) is InTime.NO


# -- who reports -----------------------------------------------------------------------------------


def save_reporters(work: Work, *, report_id: str, reporters: Sequence[ReporterInput]) -> None:
    """Keep who reports, first named first, encrypted (R7, R12).

    Raises NameRequired, NameTooLong, PhoneInvalid, EmailInvalid (each with ``position``),
    JointInvalid, DraftNotFound, AlreadySubmitted; what was typed before stays then.
    """
    _open(work, report_id)
    identities.save_draft(
        work.connection, work.vault, report_id, _people(work, report_id, reporters)
    )
    work.record("reporter", Action.REPORTERS_SAVED, f"report/{report_id}", count=len(reporters))


def _people(work: Work, report_id: str, reporters: Sequence[ReporterInput]) -> list[Identity]:
    said = reports.claim_in_force(work.connection, report_id)
    violated_at = said.claim.violated_at if said else None
    most = work.policies.substance_at(violated_at or work.now).substance.joint_max_people
    if not reporters:
        raise JointInvalid("nobody")
    if len(reporters) > most:
        raise JointInvalid("too_many")
    people = [
        Identity(
            identities.canonical_name(reporter.name, position),
            identities.canonical_phone(reporter.phone, position),
            identities.canonical_email(reporter.email, position),
        )
        for position, reporter in enumerate(reporters)
    ]
    for position, person in enumerate(people):
        if any(person.phone == other.phone for other in people[:position]):
            raise JointInvalid("same_phone")
        if any(identities.same_name(person.name, other.name) for other in people[:position]):
            raise JointInvalid("same_name")
    return people


def own_repeats(work: Work, *, report_id: str) -> tuple[str, ...]:
    """Numbers of earlier reports of these same people with one of these files and this category (TRUST.md 27).

    Nothing of anybody else's report is ever in it: phone and name must both be theirs.
    """
    _open(work, report_id)
    return _repeats(work, report_id, identities.of_draft(work.connection, work.vault, report_id))


def _repeats(work: Work, report_id: str, people: Sequence[Identity]) -> tuple[str, ...]:
    known = (identities.find(work.connection, work.vault, person) for person in people)
    person_ids = [
        row
        for person_id in known
        if person_id
        for row in joined.everybody(work.connection, person_id)
    ]
    claim = reports.claim_in_force(work.connection, report_id)
    if claim is None or not person_ids:
        return ()
    hashes = [file.sha256 for file in evidence_files.of_report(work.connection, report_id)]
    return reports.numbers_with_same_file(
        work.connection,
        hashes,
        category=claim.claim.category,
        person_ids=person_ids,
        exclude=report_id,
    )


# -- the receipt -----------------------------------------------------------------------------------


def submit(
    work: Work, *, report_id: str, consent: bool, submitted_to_us_at: datetime | None = None
) -> Receipt:
    """Receive the report: the one event of every channel ("Receipt", SCHEME.md), under the write lock.

    ``submitted_to_us_at`` is the postmark, or when the walk-in stood at the counter: it serves R6
    only. Raises AlreadySubmitted, DraftNotFound, ConsentRequired, NoEvidence, VideoRequired,
    ClaimIncomplete, MissingIdentifier, NameRequired, JointInvalid, BeforeScheme, FutureTime,
    TimeUnclear, UnknownCategory; the draft stays then.
    """
    report = _open(work, report_id)
    evidence = evidence_files.of_report(work.connection, report_id)
    claim, policy = _require_complete(work, report_id, evidence, consent=consent)
    violated_at = claim.violated_at or work.now
    people = identities.of_draft(work.connection, work.vault, report_id)
    if not people:
        raise NameRequired
    if len(people) > policy.substance.joint_max_people:
        raise JointInvalid(
            "too_many"
        )  # the time was changed since to one that another policy judges
    submitted_at = submitted_to_us_at or work.now
    if submitted_at.tzinfo is None or submitted_at > work.now:
        raise TimeUnclear
    if submitted_to_us_at is not None and submitted_to_us_at < violated_at:
        raise TimeUnclear  # a postmark from before what it shows
    repeats = _repeats(work, report_id, people)
    _remember(work, report_id, people)
    number, code = _receive(work, report, violated_at, submitted_at, policy)
    work.record(
        "reporter",
        Action.RECEIVED,
        f"report/{report_id}",
        number=number,
        files=[f.sha256 for f in evidence],
    )
    work.ring("verify_report", report_id=report_id)
    return Receipt(
        report_id=report_id,
        report_number=number,
        received_at=work.now,
        secret_code=code,
        files=tuple(ReceiptFile(file.file_name, file.sha256) for file in evidence),
        own_repeats=repeats,
        late=is_late(work, violated_at, submitted_at, report.channel),
    )


def _require_complete(
    work: Work, report_id: str, evidence: Sequence[Evidence], *, consent: bool
) -> tuple[Claim, Policy]:
    if not consent:
        raise ConsentRequired
    if not evidence:
        raise NoEvidence
    said = reports.claim_in_force(work.connection, report_id)
    if said is None:
        raise ClaimIncomplete(("category", "violated_at", "route"))
    claim = said.claim
    _require_time(work, claim)
    policy = work.policies.substance_at(claim.violated_at or work.now)
    category = policy.substance.categories.get(claim.category)
    if category is None:
        raise UnknownCategory(claim.category)
    missing = tuple(name for name in ("violated_at", "route") if getattr(claim, name) is None)
    if missing:
        raise ClaimIncomplete(missing)
    needed = [category.sights[file.kind] for file in evidence if category.admits(file.kind)]
    if not needed:
        raise VideoRequired(category.key)
    if not any(_identified(expression, claim) for expression in needed):
        wanted = [sight for sight in needed[0].sights() if sight in (Sight.PLATE, Sight.BADGE)]
        raise MissingIdentifier(tuple(wanted))
    return claim, policy


def _identified(needed: SightsNeeded, claim: Claim) -> bool:
    """Whether plate and badge are claimed as far as the expression asks for them.

    Other sights are for the files.
    """
    said = {Sight.PLATE: claim.plate, Sight.BADGE: claim.badge}
    answers = [
        _identified(part, claim)
        if isinstance(part, SightsNeeded)
        else part not in said or said[part] is not None
        for part in needed.parts
    ]
    return all(answers) if needed.mode == "all" else any(answers)


def _remember(work: Work, report_id: str, people: Sequence[Identity]) -> None:
    """Give each reporter their one row.

    Who came under another name before is noted for the counter.
    """
    named = []
    for position, person in enumerate(people):
        remembered = identities.remember(work.connection, work.vault, person, work.now)
        named.append((remembered.person_id, person))
        if remembered.other_name:
            work.record(
                "system", Action.OTHER_NAME_FOR_PHONE, f"report/{report_id}", position=position
            )
    identities.name_reporters(work.connection, work.vault, report_id, named)
    identities.forget_draft(work.connection, report_id)
    reading_queue.forget_own(work.connection, report_id)


def _receive(
    work: Work, report: ReportRow, violated_at: datetime, submitted_at: datetime, substance: Policy
) -> tuple[str, str]:
    procedure = work.policies.procedure_at(work.now)
    number = receipts.new_report_number(work.connection, work.now.astimezone(procedure.zone).date())
    code = receipts.new_code()
    reports.move(
        work.connection,
        report.id,
        ReportState.RECEIVED,
        row_version=report.row_version,
        receipt_seq=receipts.next_in_order(work.connection),
        report_number=number,
        code_hash=work.vault.code_hash(report.id, code),
        received_at=work.now,
        submitted_to_us_at=submitted_at,
        consent_version=procedure.procedure.consent_version,
        consent_at=work.now,
        violated_at=violated_at,
        substance_policy=substance.ref,
        receipt_policy=procedure.ref,
        answer_due_at=answer_clock.due_from(work, work.now),
    )
    return number, code
