"""Findings: one check's answer, as data. Bad evidence is a Finding, never an exception.

``CODES`` is the whole vocabulary: each code names its rule and says, in one English sentence, what
it means. What a person sees is in the message catalogue under ``finding.<CODE>`` (what it means)
and ``fix.<CODE>`` (the one thing to do).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from scheme.reading import Box, Sha256


class Outcome(StrEnum):
    """What a check answers."""

    PASS = "pass"  # noqa: S105 -- a word for an outcome, no secret
    REVIEW = "review"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


class Scope(StrEnum):
    """What a finding is about."""

    EVIDENCE = "evidence"
    REPORT = "report"
    CASE = "case"


class Sight(StrEnum):
    """A fact that the evidence must show (可见要素, R5)."""

    ROUTE = "route"
    PLATE = "plate"
    BADGE = "badge"
    PLACE = "place"
    TIME = "time"
    VIOLATION = "violation"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Proof:
    """Where in which file a person can see it."""

    sha256: Sha256
    frame_ms: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """``check`` names the module in ``verifiers.checks``.

    ``confidence`` 0..1 is how sure the outcome is.

    ``details`` carries the values behind the answer (read plate, claimed plate, seconds between):
    texts only.
    """

    check: str
    code: str
    outcome: Outcome
    scope: Scope
    confidence: float = 1.0
    sight: Sight | None = None
    proof: Proof | None = None
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unknown finding code {self.code!r}")


CODES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # files, TRUST.md section 6 A and B
        "UNREADABLE": ("R4", "The file could not be opened; nothing of it was read."),
        "TRUNCATED": ("R4", "The file ends early: part of the picture or recording is missing."),
        "TRAILING_DATA": (
            "R6",
            "There is data after the end of the picture that is no Motion Photo.",
        ),
        "ACTIVE_CONTENT": (
            "R6",
            "The file carries web page or program text that no camera writes.",
        ),
        "TOO_MANY_PIXELS": ("R4", "The picture is larger than the product opens."),
        "TOO_COMPLEX": (
            "R4",
            "The file is built so that opening it would take too long or too much memory.",
        ),
        "NO_VIDEO": ("R4", "The recording has no picture track, only sound."),
        "METADATA_UNREADABLE": (
            "R6",
            "The facts stored in the file (time, place, device) could not be read.",
        ),
        "CONTAINER_TIMES_INVALID": (
            "R6",
            "The recording's own durations or dates make no sense and are ignored.",
        ),
        "PLACE_INVALID": ("R5", "The place stored in the file is impossible and is ignored."),
        "SLOW_MOTION": (
            "R5",
            "The recording is slow motion: its seconds are longer than real ones.",
        ),
        "SCREEN_CAPTURE": (
            "R6",
            "The file shows a screen: its time is when that was kept, not when it was filmed.",
        ),
        "PICTURE_TURNED": (
            "R5",
            "The photo lies on its side, upside down or mirrored; a person looks at what was read.",
        ),
        "RECORDING_LONG": (
            "R4",
            "The recording is longer than is read; what its first part shows counts.",
        ),
        "DECODER_DIED": (
            "R4",
            "The program that opens files ended before it was done with this one.",
        ),
        "DECODER_TIMEOUT": (
            "R4",
            "Opening the file took longer than allowed; what was read so far is used.",
        ),
        "READING_INCOMPLETE": (
            "R18",
            "One part of the reading failed; the others are used, and a person must look.",
        ),
        "TEXTS_LEFT_OUT": (
            "R5",
            "The picture holds more texts than are read; the shortest ones were.",
        ),
        "READING_FAILED": ("R18", "Three attempts to read the file failed; a person must look."),
        "READ_OK": ("R4", "The file was opened and read."),
        "NOT_READ_YET": ("R4", "The file has not been read yet."),
        # window, R1 and R6
        "IN_WINDOW": ("R6", "The material reached us within the days allowed."),
        "LATE": (
            "R6",
            "The material reached us after the days allowed: it is handled, but not rewarded.",
        ),
        "BEFORE_SCHEME": ("R1", "The violation lies before the scheme began."),
        "FUTURE_TIME": ("R1", "The violation lies in the future."),
        "CALENDAR_MISSING": (
            "R6",
            "Whether it is in time hangs on days no calendar covers yet; two people can settle it.",
        ),
        "TIME_NOT_CLAIMED": ("R5", "The report does not say when it was."),
        # capture time, R5 and R6
        "TIME_CONFIRMED": ("R5", "The recording's own time agrees with the claimed time."),
        "TIME_TWO_READINGS": (
            "R5",
            "The recording's own time can be read in two ways, hours apart.",
        ),
        "TIME_MISSING": ("R5", "The file says nothing about when it was taken."),
        "TIME_MISMATCH": ("R5", "The recording's own time and the claimed time differ."),
        "TIME_UNTRUSTED": ("R5", "The time stored in the file is impossible or cannot be trusted."),
        "TIME_CONTRADICTION": ("R5", "The times stored in the file contradict each other."),
        "CLOCK_NOT_TICKING": (
            "R5",
            "The clock in the picture does not run at real speed; it is hardly trusted.",
        ),
        # sights, R5
        "PLATE_SEEN": ("R5", "The claimed plate is legible."),
        "PLATE_OTHER": ("R5", "A plate is legible, but it is not the claimed one."),
        "PLATE_UNSURE": ("R5", "A plate is in view but can't be read for sure."),
        "PLATE_ILLEGIBLE": (
            "R5",
            "A plate is in view, but it can't be read; the hindrance says why.",
        ),
        "PLATE_NOT_SEEN": ("R5", "No plate was found."),
        "PLATE_NOT_CLAIMED": ("R5", "A plate is legible, but the report names none."),
        "ROUTE_SEEN": ("R5", "The claimed line is legible on the bus."),
        "ROUTE_OTHER": ("R5", "A line sign is legible, but it is not the claimed line."),
        "ROUTE_UNSURE": (
            "R5",
            "A line sign is in view, but can't be read for sure.",
        ),
        "ROUTE_ILLEGIBLE": (
            "R5",
            "A line sign is in view, but it can't be read; the hindrance says why.",
        ),
        "ROUTE_NOT_SEEN": ("R5", "No line sign was found."),
        "ROUTE_NOT_CLAIMED": ("R5", "A line sign is legible, but the report names no line."),
        "BADGE_SEEN": ("R5", "The claimed badge number is legible."),
        "BADGE_OTHER": ("R5", "A badge number is legible, but it is not the claimed one."),
        "BADGE_UNSURE": (
            "R5",
            "A badge number is in view, but can't be read for sure.",
        ),
        "BADGE_NOT_SEEN": ("R5", "No badge number was found."),
        "BADGE_NOT_CLAIMED": ("R5", "A badge number is legible, but the report names none."),
        "VEHICLE_CHOSEN": (
            "R5",
            "Of the vehicles in view this is taken for the reported one, for the reasons named.",
        ),
        "VEHICLE_UNCLEAR": (
            "R5",
            "Several vehicles are in view, and nothing says which one is reported.",
        ),
        "PLACE_KNOWN": ("R5", "The place is stated and nothing in the files contradicts it."),
        "PLACE_CONFIRMED": ("R5", "The place stored in the file agrees with the claimed place."),
        "PLACE_MISMATCH": ("R5", "The place stored in the file is far from the claimed place."),
        "PLACE_MISSING": ("R5", "Neither the report nor the files say where it was."),
        "VIOLATION_TO_CONFIRM": (
            "R5",
            "Whether the violation is to be seen is for the officer to say.",
        ),
        "SIGHTS_NOT_TIED": (
            "R5",
            "The sights stand in several files that nothing ties to one bus.",
        ),
        "SIGHTS_COMPLETE": ("R5", "Every fact that the category asks for is to be seen."),
        "SIGHTS_INCOMPLETE": ("R5", "Facts that the category asks for are missing or unsure."),
        "NOT_NEEDED": ("R5", "This category does not ask for it."),
        "CATEGORY_UNKNOWN": ("R3", "The scheme in force that day does not know this category."),
        # whole process, R5
        "PROCESS_WHOLE": ("R5", "The recording runs without a cut and long enough."),
        "PROCESS_CUT": ("R5", "The recording has cuts or holes in it."),
        "PROCESS_SHORT": ("R5", "The recording is too short to show the whole process."),
        "PROCESS_SLOWED": ("R5", "The recording does not run in real time: it is slow motion."),
        "PROCESS_BROKEN_OFF": ("R5", "The recording's file breaks off, its end is missing."),
        "PROCESS_PART_READ": (
            "R5",
            "Of a long recording only the first part was read, and that part is not enough.",
        ),
        "PROCESS_VEHICLE_BRIEF": (
            "R5",
            "The vehicle can be made out for a short part of the recording only.",
        ),
        "PROCESS_UNSURE": ("R5", "Whether the recording has cuts could not be told."),
        "VIDEO_REQUIRED": ("R4", "This category needs a video."),
        # originality, R6
        "ORIGINAL": ("R6", "The file looks like the original of a camera."),
        "NOT_ORIGINAL": ("R6", "The file is a copy without its metadata, or was edited."),
        "EDITED": ("R6", "The file names an editing program."),
        # roster, R2
        "VEHICLE_KNOWN": ("R2", "The vehicle stands in the roster of that day."),
        "UNKNOWN_VEHICLE": ("R2", "The vehicle does not stand in the roster of that day."),
        "ROUTE_MISMATCH": ("R2", "The roster has this vehicle on another line."),
        "ROSTER_MISSING": ("R2", "No roster is loaded for that day."),
        "MISSING_IDENTIFIER": ("R5", "Neither plate nor badge is given."),
        # duplicates, R14 to R16
        "NO_DUPLICATE": ("R14", "Nothing like it was sent before."),
        "SAME_MEDIA": ("R14", "The same file stands in another report of the same claim."),
        "SIMILAR_MEDIA": ("R14", "A file looks like one in another report: same incident or not?"),
        "SAME_INCIDENT_CANDIDATE": (
            "R14",
            "Another report may be about the same incident; the question says why.",
        ),
        "REPLAYED_EVIDENCE": (
            "R15",
            "The same file was sent with another time, place or category.",
        ),
    }
)
