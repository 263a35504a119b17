"""What a judged report has in common with others, and where it belongs (R14, R15, R16).

Which files are equal or look alike, which reports lie near in time and place, the case it joins by
itself, and the questions it raises. Pure, over what was read of the others.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from scheme.case import ReportState
from scheme.decision import Recommendation
from scheme.dossier import Neighbour, Roster, SimilarMedia
from scheme.finding import Finding
from scheme.incident import claims_agree, metres_apart, seconds_apart, why_asked
from scheme.policy import PolicyRef, Substance
from scheme.reading import MediaKind, Sha256
from scheme.report import Claim, Evidence
from scheme.traces import Shown, Traces, claim_alone, traces

MOST_SIMILAR: Final = 100


class Near(NamedTuple):
    """A stored picture that looks like ours: the closest pair of frames of the two files."""

    sha256: Sha256
    frame_ms: int | None
    other_sha256: Sha256
    other_frame_ms: int | None
    distance: int


class SentFile(NamedTuple):
    """One file as one received report has it."""

    report_id: str
    sha256: Sha256
    kind: MediaKind


class Told(Protocol):
    """What a received report tells, and where it stands."""

    @property
    def report_id(self) -> str: ...  # noqa: D102 - as it is called
    @property
    def receipt_seq(self) -> int: ...  # noqa: D102 - as it is called
    @property
    def state(self) -> ReportState: ...  # noqa: D102 - as it is called
    @property
    def case_id(self) -> str | None: ...  # noqa: D102 - as it is called
    @property
    def claim(self) -> Claim: ...  # noqa: D102 - as it is called
    @property
    def shown(self) -> Shown: ...  # noqa: D102 - as it is called
    @property
    def at(self) -> datetime | None: ...  # noqa: D102 - as it is called


class Question(NamedTuple):
    """Another report that may be the same incident, and why: codes in order."""

    other_report_id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where a report belongs.

    ``joins``: the case that it enters, None for one of its own; ``questions`` in order of the
    other report's id.
    """

    joins: str | None
    category: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What judging a report has come to, as it is kept."""

    report_id: str
    policy: PolicyRef
    claim_version: int
    findings: tuple[Finding, ...]
    recommendation: Recommendation
    captured: tuple[datetime | None, datetime | None]
    """Between which instants its files were taken, as far as they say."""
    shown: Shown | None
    """What its files show of buses and places; None where nobody could judge them."""
    belonging: Belonging


@dataclass(frozen=True, slots=True)
class Ours:
    """The report that is judged, as it is compared with others."""

    case_id: str | None
    """Where it stands already."""
    claim: Claim
    at: datetime | None
    """The accepted time of the violation, or the claimed one."""
    evidence: tuple[Evidence, ...]
    traces: Traces
    told_apart: frozenset[str]
    """Reports of which an officer said that they are another incident."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """What others have sent and told, as it was read."""

    fleet: Roster | None
    """The roster of the day of the violation."""
    near: tuple[Near, ...]
    """Pictures that look like ours."""
    sent_with: tuple[SentFile, ...]
    """Files that are equal to ours, or near, by the reports that have them."""
    of_files: tuple[Told, ...]
    """The reports that have them."""
    in_time: tuple[Told, ...]
    """Reports of the same category near in time."""
    own: frozenset[str]
    """Received reports of the same people."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a report has in common with others, and where it belongs by that."""

    similar: tuple[SimilarMedia, ...]
    neighbours: tuple[Neighbour, ...]
    belonging: Belonging


def compared(ours: Ours, theirs: Theirs, substance: Substance) -> Compared:
    """Hold a report against all others that may be about its incident (R14-R16)."""
    same_claim = _with_the_same_claim(ours, theirs.of_files, substance)
    similar = _similar_media(ours, theirs, same_claim)
    near = neighbours(ours.traces, theirs.in_time, theirs.fleet, theirs.own, substance)
    others = {other.report_id: other for other in (*theirs.of_files, *theirs.in_time)}
    joins = ours.case_id or _joins(similar, others, ours.told_apart)
    category = ours.claim.category
    questions = _questions(joins, category, similar, near, others)
    return Compared(similar, near, Belonging(joins, category, questions))


def neighbours(
    ours: Traces,
    others: Iterable[Told],
    fleet: Roster | None,
    own: Collection[str],
    substance: Substance,
) -> tuple[Neighbour, ...]:
    """Reports that R14 makes a question for this one, the nearest in time first.

    ``fleet`` is the roster of the day of the violation, ``own`` the reports of the same people.
    """
    found = []
    for other in others:
        theirs = traces(other.claim, other.at, other.shown, fleet)
        why = why_asked(
            ours,
            theirs,
            minutes=substance.same_incident_minutes,
            metres=substance.same_incident_metres,
        )
        if why:
            seconds, metres = seconds_apart(ours, theirs) or 0, metres_apart(ours, theirs)
            found.append(Neighbour(other.report_id, seconds, metres, other.report_id in own, why))
    return tuple(sorted(found, key=lambda one: (one.seconds_apart, one.other_report_id)))


def _with_the_same_claim(
    ours: Ours, others: Iterable[Told], substance: Substance
) -> frozenset[str]:
    """Which others claim the same vehicle or driver, category, time and place.

    Equal files then link by themselves.
    """
    mine = claim_alone(ours.claim, ours.at)
    return frozenset(
        other.report_id
        for other in others
        if claims_agree(
            mine,
            claim_alone(other.claim, other.at),
            minutes=substance.same_incident_minutes,
            metres=substance.same_incident_metres,
        )
    )


def _similar_media(
    ours: Ours, theirs: Theirs, same_claim: Collection[str]
) -> tuple[SimilarMedia, ...]:
    """Equal and near files of other received reports, the closest first, each pair once."""
    equal = [Near(file.sha256, None, file.sha256, None, 0) for file in ours.evidence]
    by_other: dict[Sha256, list[Near]] = {}
    for pair in (*equal, *theirs.near):
        by_other.setdefault(pair.other_sha256, []).append(pair)
    media = [
        SimilarMedia(
            sha256=pair.sha256,
            frame_ms=pair.frame_ms,
            other_report_id=sent.report_id,
            other_sha256=sent.sha256,
            other_frame_ms=pair.other_frame_ms,
            other_kind=sent.kind,
            byte_equal=pair.sha256 == sent.sha256,
            distance=pair.distance,
            same_claim=sent.report_id in same_claim,
            own_repeat=sent.report_id in theirs.own,
        )
        for sent in theirs.sent_with
        for pair in by_other[sent.sha256]
    ]
    return tuple(sorted(media, key=lambda one: one.distance)[:MOST_SIMILAR])


def _joins(
    similar: Sequence[SimilarMedia], others: Mapping[str, Told], told_apart: Collection[str]
) -> str | None:
    """The case of the earliest report with the same file and claim; None where there is none."""
    twins = {
        media.other_report_id
        for media in similar
        if media.byte_equal and media.same_claim and media.other_report_id not in told_apart
    }
    in_order = sorted((others[report_id] for report_id in twins), key=lambda one: one.receipt_seq)
    for twin in in_order:
        if twin.case_id and twin.state is not ReportState.WITHDRAWN:
            return twin.case_id
    return None


def _questions(
    case_id: str | None,
    category: str,
    similar: Sequence[SimilarMedia],
    near: Sequence[Neighbour],
    others: Mapping[str, Told],
) -> tuple[Question, ...]:
    """Another category is another incident even in one video (R16); a withdrawn one asks nothing.

    Nor is one asked about that nobody has read: there is nothing to compare yet. It holds decisions
    up while it is being read, and asks itself when it is verified, or joins by itself, whichever
    came first.
    """
    reasons: dict[str, set[str]] = {}
    for media in similar:
        reasons.setdefault(media.other_report_id, set()).add(_why_alike(media))
    for neighbour in near:
        codes = reasons.setdefault(neighbour.other_report_id, set())
        codes.update(("SAME_INCIDENT_CANDIDATE", *neighbour.why))
    return tuple(
        Question(other_id, tuple(sorted(codes)))
        for other_id, codes in sorted(reasons.items())
        if others[other_id].claim.category == category
        and others[other_id].case_id not in {None, case_id}
        and others[other_id].state is not ReportState.WITHDRAWN
    )


def _why_alike(media: SimilarMedia) -> str:
    if not media.byte_equal:
        return "SIMILAR_MEDIA"
    return "SAME_MEDIA" if media.same_claim else "REPLAYED_EVIDENCE"
