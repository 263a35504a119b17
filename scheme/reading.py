"""Readings: what the eyes saw in one file. No rule in it; pinned as versioned JSON.

Boxes are fractions of the *upright* picture (orientation tag obeyed), so they fit every rendition.
Frame times are milliseconds of presentation time from the first frame; ``None`` for a photo.
Capture clocks are kept as read: an aware time where the zone is known, a naive one where it is not.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self

from scheme.codec import from_plain, to_json

SCHEMA = 1

Sha256 = NewType("Sha256", str)
PlateNumber = NewType("PlateNumber", str)
"""A plate in its one canonical form: NFKC, upper case, no separators, ``沪A12345``."""


class MediaKind(StrEnum):
    """What a file is: one picture, or pictures over time."""

    PHOTO = "photo"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions (0..1) of the upright picture."""

    left: float
    top: float
    right: float
    bottom: float


class ClockMark(StrEnum):
    """How a clock is written where that is not what its field's standard says."""

    SINCE_1970 = "since_1970"
    """A movie header that counts its seconds from 1970; the standard says 1904."""
    RECORDER = "recorder"
    """A movie header beside the marks of a recorder: many of their makes write the wall clock
    where the standard wants UTC.
    """


_NEVER_FILLED_IN = " 0:-/.\0"
_PLACEHOLDER = re.compile(r"2002:12:08 12:00:00(?:\.0+)?(?:Z|[+-]\d{2}:\d{2})?")
"""What some phones store until their clock is set (seen in public files of several makes)."""


@dataclass(frozen=True, slots=True)
class CaptureClock:
    """One statement inside the file about when it was taken.

    ``source`` names the field in the file's own words: ``exif.DateTimeOriginal``,
    ``exif.GPSDateStamp``, ``xmp.CreateDate``, ``quicktime.creationdate``, ``mvhd.creation_time``,
    ``filename``. ``at`` is aware when the file gives a zone, naive when it does not, ``None`` when
    ``raw`` is no date at all. ``resolution_s`` is how coarse the statement is.
    """

    source: str
    raw: str
    at: datetime | None
    resolution_s: float = 1.0
    marks: tuple[ClockMark, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Zeros and blanks: a field that was never filled in."""
        return not self.raw.strip(_NEVER_FILLED_IN)

    @property
    def is_placeholder(self) -> bool:
        """A date that stands in the field until a clock is set: no statement at all."""
        return _PLACEHOLDER.fullmatch(self.raw) is not None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file says it was taken, in degrees; ``source`` names the field."""

    latitude: float
    longitude: float
    source: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about the file itself that a person should know.

    ``code`` is a finding code, see ``scheme.finding``.
    """

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What the container says. ``width``/``height`` are of the upright picture, in pixels."""

    kind: MediaKind
    format: str
    mime: str
    width: int
    height: int
    size_bytes: int
    duration_ms: int | None = None
    frame_count: int | None = None
    frame_rate: float | None = None
    codec: str | None = None
    rotation: int = 0
    make: str | None = None
    model: str | None = None
    software: str | None = None
    clocks: tuple[CaptureClock, ...] = ()
    place: Place | None = None
    flags: tuple[Flag, ...] = ()
    embedded: tuple[str, ...] = ()
    """What travels along: ``"motion_photo_mp4@1234567+890123"`` (offset + length in bytes)."""


class Hindrance(StrEnum):
    """The worst of what keeps a sight from being read; the first that applies, in this order."""

    NONE = "none"
    CUT_OFF = "cut_off"
    SMALL = "small"
    GLARE = "glare"
    DARK = "dark"
    BLURRED = "blurred"
    HALF_LIT = "half_lit"
    STEEP = "steep"


@dataclass(frozen=True, slots=True)
class Legibility:
    """How well one plate or sign can be read where it is seen best.

    ``height_px``: of the plate, or of the sign's characters, in pixels of the original picture.
    ``sharpness``: 0 smeared to 1 crisp. ``contrast``: 0..1 between strokes and ground. ``glare``:
    share of burnt-out pixels, 0..1.
    """

    height_px: float
    sharpness: float
    contrast: float
    glare: float
    hindrance: Hindrance = Hindrance.NONE


class Sighted(StrEnum):
    """Kinds of things that are read, as they stand on a recording's timeline."""

    PLATE = "plate"
    ROUTE = "route"
    FLEET_NUMBER = "fleet_number"
    BADGE = "badge"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class TextSeen:
    """One line of text as the text reader found it."""

    text: str
    probability: float
    box: Box
    frame_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read a plate, with its mean log-likelihood."""

    text: str
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class PlateSeen:
    """A plate in view. ``certain``: a finding may pass on it alone.

    ``candidates`` are ranked, best first.
    """

    number: PlateNumber
    probability: float
    certain: bool
    colour: str
    box: Box
    height_px: float
    candidates: tuple[Candidate, ...] = ()
    frame_ms: int | None = None
    rows: int = 1
    cut_by_border: bool = False
    legibility: Legibility | None = None


@dataclass(frozen=True, slots=True)
class LabelSeen:
    """A route sign, a fleet number or a badge number, as read.

    ``text`` is normalised, ``raw`` is not.
    """

    text: str
    raw: str
    probability: float
    box: Box
    frame_ms: int | None = None
    legibility: Legibility | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A plate or a line sign that is in view but can't be read; ``legibility`` says why."""

    what: Sighted
    probability: float
    box: Box
    legibility: Legibility
    frame_ms: int | None = None


@dataclass(frozen=True, slots=True)
class PictureClock:
    """A clock drawn into the picture: wall-clock time without zone, ``text`` as read."""

    at: datetime
    has_date: bool
    text: str
    probability: float
    box: Box
    frame_ms: int | None = None


@dataclass(frozen=True, slots=True)
class FrameLooked:
    """A frame that was read.

    ``sharpness`` is the variance of the Laplacian at 1024 px on the long side.
    """

    frame_ms: int | None
    sharpness: float
    brightness: float


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording."""

    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Motion:
    """How a recording runs.

    ``cuts_ms``: scene cuts. ``gaps``: holes in the timestamps. ``frozen``: still stretches.
    ``repeated``: stretches whose pictures were shown before, frame for frame.
    """

    cuts_ms: tuple[int, ...] = ()
    gaps: tuple[Span, ...] = ()
    frozen: tuple[Span, ...] = ()
    edit_lists: int = 0
    repeated: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockRun:
    """How a clock in the picture runs.

    ``rate`` in its seconds per second of playback, 1 for real time.

    ``frames``: how many frames it was read in; fewer than three say nothing about its rate, which
    is then ``None``.
    """

    rate: float | None
    frames: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """When one plate, sign, number or clock is legible in a recording.

    ``best_ms`` is where it is read best.

    ``text`` as in the reading it belongs to (for a clock: its text at ``best_ms``).
    """

    what: Sighted
    text: str
    spans: tuple[Span, ...]
    best_ms: int


class Hinted(StrEnum):
    """What a recording may show of the violation itself.

    A pointer for the officer's eyes, never a verdict.
    """

    RED_LIGHT = "red_light"
    YELLOW_LIGHT = "yellow_light"
    GREEN_LIGHT = "green_light"
    CENTRE_LINE = "centre_line"


@dataclass(frozen=True, slots=True)
class Hint:
    """Where to look: from when to when, and in which part of the picture."""

    what: Hinted
    span: Span
    box: Box
    probability: float


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A perceptual fingerprint. ``bits``: lower-case hex, 64 digits for PDQ.

    ``quality`` 0..100; low says nothing.
    """

    algorithm: str
    version: int
    view: int
    bits: str
    quality: int
    frame_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """Everything read in one file by one version of the reader. Stored whole; judged often."""

    reader_version: str
    facts: MediaFacts | None
    """``None``: the file could not be opened at all; ``failures`` says why."""
    texts: tuple[TextSeen, ...] = ()
    plates: tuple[PlateSeen, ...] = ()
    routes: tuple[LabelSeen, ...] = ()
    fleet_numbers: tuple[LabelSeen, ...] = ()
    badges: tuple[LabelSeen, ...] = ()
    clocks: tuple[PictureClock, ...] = ()
    frames: tuple[FrameLooked, ...] = ()
    clock_run: ClockRun | None = None
    unread: tuple[Unread, ...] = ()
    motion: Motion | None = None
    timeline: tuple[Sighting, ...] = ()
    hints: tuple[Hint, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    failures: tuple[Flag, ...] = ()
    schema: int = field(default=SCHEMA)

    def to_json(self) -> str:
        """Deterministic JSON text of this reading."""
        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of ``to_json``. Raises ValueError for another schema."""
        data = json.loads(text)
        if data.get("schema") != SCHEMA:
            raise ValueError(f"readings schema {data.get('schema')!r}, this program knows {SCHEMA}")
        reading: Self = from_plain(cls, data)
        return reading
