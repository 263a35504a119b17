"""What the case page shows, worked out of the pipeline's views.

Checklist beside the claim, viewer, history.

Pure: views in, plain values for the template out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from api.operations import spoken
from api.operations.addresses import CaseAddresses, read_box, read_ms
from api.operations.timeline import Track, named_by, tracks
from api.texts import ZONE, Texts
from pipeline.deciding.case_views import CaseView, ReportView
from pipeline.deciding.previews import Preview
from scheme.decision import REASONS, Verdict
from scheme.finding import Finding, Outcome, Proof, Sight
from scheme.reading import Box, MediaKind, Sighted
from scheme.report import Claim, FiledEvidence

MARKS: Final[Mapping[Outcome | None, str]] = MappingProxyType(
    {
        Outcome.PASS: "seen",
        Outcome.FAIL: "not_seen",
        Outcome.REVIEW: "cant_tell",
        Outcome.NOT_APPLICABLE: "nothing",
        None: "nothing",
    }
)
SHOWN_ASIDE: Final = (
    "claimed",
    "read",
    "captured_from",
    "captured_to",
    "other_sha256",
    "other_frame_ms",
    "other_report",
)
"""Details that the page shows in another way, or not at all."""

STRIP_PICTURES: Final = 8


@dataclass(frozen=True, slots=True)
class Detail:
    """One value behind a finding: ``key`` names it in the catalogue."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding as a line: its mark, its details, and where a person can see it."""

    finding: Finding
    mark: str
    details: tuple[Detail, ...]
    crop: str
    """The address of the proving crop; empty where no box is known."""
    look: str
    """The address of this page with the proving frame in the viewer; empty without proof."""
    other: str
    """The other report that it speaks of, by id; empty for none."""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line of the checklist.

    A sight, what is claimed and what was read, side by side, and the findings.
    """

    sight: Sight
    mark: str
    required: bool
    claimed: str
    read: str
    findings: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something found in a recording, on its time line: ``at`` 0..1."""

    at: float
    code: str
    mark: str
    look: str
    ms: int


@dataclass(frozen=True, slots=True)
class Viewer:
    """The file that is looked at.

    Which frame, what is framed in it, and the steps to the frames beside it.
    """

    file: FiledEvidence
    picture: str
    plays: str
    """The address of the recording where browsers play it; empty for a photo, HEVC, and a frame
    that was asked for.
    """
    may_play: bool
    """Whether browsers play the file, whatever is shown of it now."""
    ms: int | None
    box: Box | None
    steps: tuple[tuple[str, str], ...]
    """(address, seconds) of frames spread over the recording; empty for a photo."""
    marks: tuple[Mark, ...]
    duration_ms: int
    tracks: tuple[Track, ...]
    """From when to when each thing is legible; empty for a photo."""
    others: tuple[tuple[str, Box], ...]
    """Other vehicles' plates in the very picture shown: (as read, where)."""
    preview: Preview | None = None
    """What is watched instead of a recording that browsers do not play."""


def checklist(report: ReportView, texts: Texts, addresses: CaseAddresses) -> tuple[CheckLine, ...]:
    """The sights that the category asks for, each with what was claimed beside what was read.

    Which of several vehicles was chosen stands with the plate.
    """
    return tuple(
        CheckLine(
            sight=line.sight,
            mark=MARKS[line.outcome],
            required=line.required,
            claimed=_claimed(report.claim, line.sight, texts),
            read=_read(report, line.findings, line.sight, texts),
            findings=tuple(
                shown(finding, texts, addresses)
                for finding in (
                    *line.findings,
                    *(_choices(report) if line.sight is Sight.PLATE else ()),
                )
            ),
        )
        for line in report.sights
    )


def _choices(report: ReportView) -> tuple[Finding, ...]:
    """The choice of a vehicle, where there was one to make or to doubt."""
    return tuple(
        finding
        for finding in report.findings
        if finding.check == "vehicle"
        and ("others" in finding.details or finding.outcome is Outcome.REVIEW)
    )


def other_findings(report: ReportView, texts: Texts, addresses: CaseAddresses) -> tuple[Shown, ...]:
    """What the checks said beyond the checklist, the doubtful first.

    What does not apply is left out.
    """
    listed = {line.sight for line in report.sights}
    with_plate = _choices(report) if Sight.PLATE in listed else ()
    order = (Outcome.FAIL, Outcome.REVIEW, Outcome.PASS)
    beyond = [
        finding
        for finding in report.findings
        if (finding.sight is None or finding.sight not in listed)
        and finding.outcome in order
        and finding not in with_plate
    ]
    return tuple(
        shown(finding, texts, addresses)
        for finding in sorted(beyond, key=lambda one: order.index(one.outcome))
    )


def shown(finding: Finding, texts: Texts, addresses: CaseAddresses) -> Shown:
    """One finding as a line."""
    crop, look = addresses.prove(finding.proof)
    return Shown(
        finding=finding,
        mark=MARKS[finding.outcome],
        details=tuple(_details(finding, texts)),
        crop=crop,
        look=look,
        other=finding.details.get("other_report", ""),
    )


def _details(finding: Finding, texts: Texts) -> Iterator[Detail]:
    for name, value in spoken.details(finding, texts):
        if name not in SHOWN_ASIDE:
            yield Detail(name, value)


def _claimed(claim: Claim, sight: Sight, texts: Texts) -> str:
    if sight is Sight.TIME:
        return texts.when(claim.violated_at, "second") if claim.violated_at else ""
    return {
        Sight.ROUTE: claim.route,
        Sight.PLATE: claim.plate,
        Sight.BADGE: claim.badge,
        Sight.PLACE: claim.place,
    }.get(sight) or ""


def _read(report: ReportView, findings: Sequence[Finding], sight: Sight, texts: Texts) -> str:
    if sight is Sight.TIME:
        return _captured(report, texts)
    read = (finding.details.get("read", "") for finding in findings)
    return texts.t("list.separator").join(dict.fromkeys(text for text in read if text))


def _captured(report: ReportView, texts: Texts) -> str:
    """When the files say they were taken: one instant, or from – to."""
    if report.captured_from is None or report.captured_to is None:
        return ""
    first, last = (
        instant.astimezone(ZONE) for instant in (report.captured_from, report.captured_to)
    )
    told, until = texts.when(first, "second"), texts.when(last, "second")
    if told == until:
        return told
    return f"{told} – {last:%H:%M:%S}" if first.date() == last.date() else f"{told} – {until}"


def viewer(report: ReportView, asked: Mapping[str, str], addresses: CaseAddresses) -> Viewer | None:
    """The file asked for, else a recording, else the photo that proves something, else the first.

    A recording that browsers play is played, unless one of its frames was asked for.
    """
    if not report.evidence:
        return None
    by_hash = {file.sha256: file for file in report.evidence}
    file = next((file for sha, file in by_hash.items() if sha == asked.get("file")), None)
    ms, box = read_ms(asked.get("ms", "")), read_box(asked.get("box", ""))
    if file is None:
        file = _first_to_look_at(report)
        ms, box = None, None
    player = addresses.recording(file.sha256) if ms is None and plays(file) else ""
    if not player and ms is None and box is None and "file" not in asked:
        ms, box = _first_proof(report, file)
    facts = file.readings.facts if file.readings else None
    duration = (facts.duration_ms or 0) if facts and file.kind is MediaKind.VIDEO else 0
    framed = (
        addresses.picture(file.sha256, ms)
        if ms is not None
        else addresses.poster(file.sha256, 1280)
    )
    return Viewer(
        file=file,
        picture=framed,
        plays=player,
        may_play=plays(file),
        ms=ms,
        box=box,
        steps=tuple(_steps(file, duration, addresses)),
        marks=tuple(_marks(report, file, duration, addresses)),
        duration_ms=duration,
        tracks=tracks(report, file, duration, addresses),
        others=() if player else tuple(_others(report, file, ms)),
    )


def _others(report: ReportView, file: FiledEvidence, ms: int | None) -> Iterator[tuple[str, Box]]:
    ours = named_by(report)
    for plate in file.readings.plates if file.readings else ():
        if plate.frame_ms == ms and (Sighted.PLATE, plate.number) not in ours:
            yield plate.number, plate.box


def plays(file: FiledEvidence) -> bool:
    """Whether browsers play the file: H.264 in MP4, or in MOV called MP4.

    Chromium shows HEVC as silently empty.
    """
    facts = file.readings.facts if file.readings else None
    return facts is not None and file.kind is MediaKind.VIDEO and facts.codec == "h264"


def _first_to_look_at(report: ReportView) -> FiledEvidence:
    recording = next((file for file in report.evidence if file.kind is MediaKind.VIDEO), None)
    proving = next((proof.sha256 for proof in _framed_proofs(report)), None)
    photo = next((file for file in report.evidence if file.sha256 == proving), None)
    return recording or photo or report.evidence[0]


def _first_proof(report: ReportView, file: FiledEvidence) -> tuple[int | None, Box | None]:
    return next(
        (
            (proof.frame_ms, proof.box)
            for proof in _framed_proofs(report)
            if proof.sha256 == file.sha256
        ),
        (None, None),
    )


def _framed_proofs(report: ReportView) -> Iterator[Proof]:
    for finding in report.findings:
        if finding.proof and finding.proof.box:
            yield finding.proof


def _steps(
    file: FiledEvidence, duration: int, addresses: CaseAddresses
) -> Iterator[tuple[str, str]]:
    if duration:
        for step in range(STRIP_PICTURES):
            ms = round(duration * step / (STRIP_PICTURES - 1))
            yield addresses.look(file.sha256, min(ms, max(0, duration - 1))), f"{ms / 1000:.1f}"


def _marks(
    report: ReportView, file: FiledEvidence, duration: int, addresses: CaseAddresses
) -> Iterator[Mark]:
    for finding in report.findings:
        proof = finding.proof
        if duration and proof and proof.sha256 == file.sha256 and proof.frame_ms is not None:
            at = min(1.0, proof.frame_ms / duration)
            look = addresses.look(file.sha256, proof.frame_ms, proof.box)
            yield Mark(at, finding.code, MARKS[finding.outcome], look, proof.frame_ms)


def reasons_of(verdict: Verdict) -> tuple[str, ...]:
    """The reason codes that can stand for a verdict."""
    return tuple(code for code, verdicts in REASONS.items() if verdict in verdicts)


def suggested(report: ReportView) -> tuple[str, ...]:
    """Reason codes that the findings suggest for "unsubstantiated".

    Ticked beforehand nowhere, only marked.
    """
    by_code = {
        "PROCESS_CUT": "PROCESS_NOT_WHOLE",
        "PROCESS_SHORT": "PROCESS_NOT_WHOLE",
        "PROCESS_SLOWED": "PROCESS_NOT_WHOLE",
        "TIME_MISSING": "TIME_NOT_PROVEN",
        "TIME_MISMATCH": "TIME_NOT_PROVEN",
        "PLATE_NOT_SEEN": "BUS_NOT_IDENTIFIED",
        "PLATE_OTHER": "BUS_NOT_IDENTIFIED",
        "PLATE_ILLEGIBLE": "BUS_NOT_IDENTIFIED",
        "UNKNOWN_VEHICLE": "NOT_OUR_FLEET",
        "REPLAYED_EVIDENCE": "EVIDENCE_REPLAYED",
        "EDITED": "EVIDENCE_ALTERED",
        "BEFORE_SCHEME": "BEFORE_SCHEME",
    }
    doubtful = [
        finding.code
        for finding in report.findings
        if finding.outcome in (Outcome.FAIL, Outcome.REVIEW)
    ]
    return tuple(dict.fromkeys(by_code[code] for code in doubtful if code in by_code))


def numbers_by_subject(case: CaseView) -> Mapping[str, str]:
    """``report/<id>`` -> its number, for the history."""
    return {f"report/{report.report_id}": report.report_number for report in case.reports}
