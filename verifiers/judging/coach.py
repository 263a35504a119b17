"""The coach: a draft's findings told per sight, so that a passenger can mend it before submitting.

Shows nothing of other people's reports: only findings about sights are told. Nor of other people's
vehicles: of the plates in view one is named at most, the one that is plainly meant. A line sign
that was read, though not surely, is offered with a question; an unsure plate or badge never is: it
would put a bus or a driver into somebody's mouth that may never have been there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from scheme.coaching import CoachLine, FileNote, Seen
from scheme.finding import Finding, Outcome, Sight
from scheme.policy import Policy, SightsNeeded
from scheme.reading import MediaKind, Sha256
from scheme.report import Evidence
from verifiers.dossiers.choosing import MISTYPED

NOT_THERE: frozenset[str] = frozenset(
    {
        "PLATE_NOT_SEEN",
        "ROUTE_NOT_SEEN",
        "BADGE_NOT_SEEN",
        "PLACE_MISSING",
        "TIME_MISSING",
        "VIDEO_REQUIRED",
        "PROCESS_SHORT",
    }
)
"""Codes of a sight that no file shows, as far as was read."""

UNFOUND: frozenset[str] = frozenset({"PLATE_NOT_SEEN", "ROUTE_NOT_SEEN", "BADGE_NOT_SEEN"})
"""Those that say "not there" only where it is proven: else it may well be in view, unfound, and
nobody is to go back to a bus that is gone.
"""

NOT_LOOKED_AT: frozenset[str] = frozenset(
    {
        "RECORDING_LONG",
        "TRUNCATED",
        "UNREADABLE",
        "TOO_MANY_PIXELS",
        "TOO_COMPLEX",
        "DECODER_DIED",
        "DECODER_TIMEOUT",
    }
)
"""Codes of a file of which a part at least was not looked at."""


READ_IN_FILES: frozenset[Sight] = frozenset({Sight.PLATE, Sight.ROUTE, Sight.BADGE, Sight.TIME})
"""Sights that may stand in the part that was not looked at."""

LEGIBLE: frozenset[str] = frozenset(
    {"PLATE_NOT_CLAIMED", "ROUTE_NOT_CLAIMED", "BADGE_NOT_CLAIMED", "TIME_NOT_CLAIMED"}
)
"""Codes of a sight that is legible; only the form does not say it yet.

What was read stands in ``details["read"]``, a time in ``details["stated"]``.
"""


MENDED_BY_THE_SENDER: frozenset[str] = frozenset(
    {
        "PICTURE_TURNED",
        "RECORDING_LONG",
        "SLOW_MOTION",
        "TRUNCATED",
        "UNREADABLE",
        "NO_VIDEO",
        "TOO_MANY_PIXELS",
    }
)
"""Codes of a file for which its sender can send a better one."""


def coach_lines(
    findings: Sequence[Finding], policy: Policy, category: str, kinds: Iterable[MediaKind] = ()
) -> tuple[CoachLine, ...]:
    """One line for each sight that the category asks of the media at hand, or of every medium.

    Of an either-or only the sight that was seen is told; while none is, each names the others as
    alternatives. Raises KeyError for a category that the policy does not know.
    """
    sights = policy.substance.categories[category].sights
    sent = frozenset(kinds)
    present = [kind for kind in sights if kind in sent]
    asked = [sights[kind] for kind in present or sights]
    unread = any(finding.code == "NOT_READ_YET" for finding in findings)
    lines: dict[Sight, CoachLine] = {}
    for needed in asked:
        for line in _lines(needed, findings, unread=unread):
            lines.setdefault(line.sight, line if sent else _of_no_file(line))
    return tuple(sorted(lines.values(), key=lambda line: list(Sight).index(line.sight)))


def _of_no_file(line: CoachLine) -> CoachLine:
    """Where nothing was sent there is nothing to be unsure of."""
    if line.code in UNFOUND:
        return replace(line, state=Seen.NOT_SEEN)
    return line


def file_notes(findings: Sequence[Finding], evidence: Sequence[Evidence]) -> tuple[FileNote, ...]:
    """What is the matter with the files themselves, whatever they show."""
    names = {file.sha256: file.file_name for file in evidence}
    return tuple(
        FileNote(finding.proof.sha256, names[finding.proof.sha256], finding.code)
        for finding in findings
        if finding.check == "files"
        and finding.code in MENDED_BY_THE_SENDER
        and finding.proof is not None
    )


def _lines(
    needed: SightsNeeded, findings: Sequence[Finding], *, unread: bool
) -> Iterator[CoachLine]:
    inside: list[CoachLine] = []
    for part in needed.parts:
        if isinstance(part, Sight):
            inside.append(_line(part, findings, unread=unread))
        else:
            inside.extend(_lines(part, findings, unread=unread))
    if needed.mode == "all":
        yield from inside
        return
    seen = [line for line in inside if line.state is Seen.SEEN]
    if seen:
        yield from seen
        return
    for line in inside:
        others = tuple(other.sight for other in inside if other is not line)
        yield replace(line, alternatives=others)


def _line(sight: Sight, findings: Sequence[Finding], *, unread: bool) -> CoachLine:
    about = [finding for finding in findings if finding.sight is sight]
    about = [finding for finding in about if finding.code != "NOT_NEEDED"]
    if not about:
        return _not_there(sight, _NONE[sight], findings, unread=unread)
    told = max(about, key=lambda finding: (_state(finding), finding.confidence))
    unclear = any(finding.code == "VEHICLE_UNCLEAR" for finding in findings)
    if told.code == "PLATE_NOT_CLAIMED" and unclear:
        return CoachLine(sight, Seen.CANT_TELL, "VEHICLE_UNCLEAR")
    state = (Seen.NOT_SEEN, Seen.CANT_TELL, Seen.SEEN)[_state(told)]
    if told.code in NOT_THERE:
        without = _not_there(sight, told.code, findings, unread=unread)
        if without.state is not Seen.NOT_SEEN:
            return without
    return CoachLine(sight, state, told.code, _file_of(told), _own(told, findings))


def _file_of(finding: Finding) -> Sha256 | None:
    if finding.proof is None:
        return None
    return finding.proof.sha256


def _not_there(sight: Sight, code: str, findings: Sequence[Finding], *, unread: bool) -> CoachLine:
    """What is told of a sight that no file shows: what was not read is never held against it."""
    if unread:
        return CoachLine(sight, Seen.CANT_TELL, "NOT_READ_YET")
    unseen = next((finding for finding in findings if finding.code in NOT_LOOKED_AT), None)
    if unseen is None or sight not in READ_IN_FILES:
        return CoachLine(sight, Seen.NOT_SEEN, code)
    return CoachLine(sight, Seen.CANT_TELL, unseen.code, _file_of(unseen))


def _own(told: Finding, findings: Sequence[Finding]) -> Mapping[str, str]:
    """The details without other vehicles.

    Another plate is named where it is the chosen one's, or nearly the claim.
    """
    details = _without(told.details, "others")
    read, claimed = details.get("read"), details.get("claimed")
    if told.code == "BADGE_UNSURE" and read != claimed:
        return _without(details, "read")
    if told.sight is not Sight.PLATE or read is None or read == claimed:
        return details
    if told.code == "PLATE_NOT_CLAIMED":
        return details
    if told.code == "PLATE_OTHER":
        of_chosen = any(_chooses(finding, read) for finding in findings)
        if of_chosen or int(details["signs_apart"]) <= MISTYPED:
            return details
    return _without(details, "read", "signs_apart")


def _without(details: Mapping[str, str], *names: str) -> Mapping[str, str]:
    return {name: value for name, value in details.items() if name not in names}


def _chooses(finding: Finding, plate: str) -> bool:
    return finding.code == "VEHICLE_CHOSEN" and finding.details.get("plate") == plate


def _state(finding: Finding) -> int:
    if finding.outcome is Outcome.PASS or finding.code in LEGIBLE:
        return 2
    if finding.code not in NOT_THERE or _may_be_there(finding):
        return 1
    return 0


def _may_be_there(finding: Finding) -> bool:
    """Whether it was looked for and not found, and nothing proves that it is not there."""
    return finding.code in UNFOUND and finding.outcome is not Outcome.FAIL


_NONE: Mapping[Sight, str] = MappingProxyType(
    {
        Sight.ROUTE: "ROUTE_NOT_SEEN",
        Sight.PLATE: "PLATE_NOT_SEEN",
        Sight.BADGE: "BADGE_NOT_SEEN",
        Sight.PLACE: "PLACE_MISSING",
        Sight.TIME: "TIME_MISSING",
        Sight.VIOLATION: "VIOLATION_TO_CONFIRM",
        Sight.PROCESS: "VIDEO_REQUIRED",
    }
)
"""What is said of a sight that no finding speaks of, as before the first file."""
