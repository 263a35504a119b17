"""R6: is each file the camera's own? Originals are asked for; a copy is admitted, and marked.

Nothing is refused.
"""

import re
from collections.abc import Iterator

from scheme.dossier import Dossier
from scheme.finding import Finding, Outcome, Proof, Scope
from scheme.policy import Policy
from scheme.reading import MediaFacts
from scheme.report import Evidence
from verifiers.dossiers.answers import details_of
from verifiers.dossiers.seen import files_read

EDITORS = re.compile(
    r"photoshop|lightroom|snapseed|picsart|gimp|meitu|美图|醒图|capcut|剪映|inshot|vllo|imovie"
    r"|final cut|premiere|davinci|after effects|filmora|canva|polarr|vsco|faceapp|facetune"
    r"|paint\.net|affinity|pixelmator|kinemaster",
    re.IGNORECASE,
)
"""Programs that change pictures. Firmware and plain camera programs name themselves in the same
field.
"""

REWRITERS = re.compile(r"lav[fc]\d|ffmpeg|handbrake|x264|mencoder|isobmff|gpac", re.IGNORECASE)
"""Programs that only copy or compress, as messengers do behind their users' backs."""

MESSENGERS = re.compile(
    r"mmexport|wx_camera|microMsg|weixin|wechat|IMG-\d{8}-WA|VID-\d{8}-WA|qq(?:图片|视频|photo)"
    r"|screenshot|screenrecord|截屏|截图|录屏|telegram|signal-\d{4}",
    re.IGNORECASE,
)
"""File names that messengers and screen recorders give."""


NAMED_CAMERA, NO_CAMERA = 0.8, 0.5
"""How sure an original is whose camera is named, and one whose is not: by rule, not measured."""


# Every check is called alike
def check(dossier: Dossier, policy: Policy) -> Iterator[Finding]:  # noqa: ARG001
    """One finding for each file that could be opened: original, a copy, or edited."""
    for evidence, readings in files_read(dossier):
        if readings.facts is not None:
            yield _judged(evidence, readings.facts)


def _judged(evidence: Evidence, facts: MediaFacts) -> Finding:
    software = facts.software or ""
    device = " ".join(part for part in (facts.make, facts.model) if part)
    size = f"{facts.width}x{facts.height}"
    if any(flag.code == "SCREEN_CAPTURE" for flag in facts.flags):
        return _answer("NOT_ORIGINAL", Outcome.REVIEW, evidence, 0.95, kept="screen", size=size)
    if EDITORS.search(software):
        return _answer("EDITED", Outcome.REVIEW, evidence, 0.95, software=software, device=device)
    if named := MESSENGERS.search(evidence.file_name):
        return _answer(
            "NOT_ORIGINAL",
            Outcome.REVIEW,
            evidence,
            0.9,
            file_name=named[0],
            device=device,
            size=size,
        )
    if REWRITERS.search(software):
        return _answer("NOT_ORIGINAL", Outcome.REVIEW, evidence, 0.8, software=software, size=size)
    own_clock = any(clock.at is not None and clock.source != "filename" for clock in facts.clocks)
    if not own_clock:
        return _answer("NOT_ORIGINAL", Outcome.REVIEW, evidence, 0.8, device=device, size=size)
    # Recordings of many cameras name no device; a photo without one has lost it on the way, or
    # nearly so.
    confidence = NAMED_CAMERA
    if not device:
        confidence = NO_CAMERA
    return _answer("ORIGINAL", Outcome.PASS, evidence, confidence, device=device, size=size)


def _answer(
    code: str, outcome: Outcome, evidence: Evidence, confidence: float, **details: str
) -> Finding:
    return Finding(
        check="originality",
        code=code,
        outcome=outcome,
        scope=Scope.EVIDENCE,
        confidence=confidence,
        proof=Proof(evidence.sha256),
        details=details_of(**details),
    )
