"""A report and what it claims. Who reports is not here: identities live apart (R17)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheme.reading import MediaKind, PlateNumber, Readings, Sha256


class Channel(StrEnum):
    """How a report reached us. All channels meet in one event, the receipt."""

    WEB = "web"
    API = "api"
    COUNTER = "counter"
    POST = "post"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class Claim:
    """What the reporter says, normalised (``scheme.naming``).

    Corrections are further versions of it.

    ``violated_at`` is an aware instant. ``route`` is the canonical line name (``"49"``,
    ``"隧道三线"``).
    """

    category: str
    violated_at: datetime | None = None
    route: str | None = None
    plate: PlateNumber | None = None
    badge: str | None = None
    fleet_number: str | None = None
    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    note: str = ""
    kind: str | None = None
    """Which of the category's kinds it was (R3: smoking or phone); None where it has none or nobody
    could tell.
    """


@dataclass(frozen=True, slots=True)
class Evidence:
    """One stored file in one report.

    ``file_name`` is what the sender called it: text, never a path.
    """

    sha256: Sha256
    kind: MediaKind
    size_bytes: int
    file_name: str
    position: int


@dataclass(frozen=True, slots=True)
class FiledEvidence:
    """One file as one report has it.

    ``readings`` is the newest, None until the file was read; ``readings.facts`` is what the
    container says.
    """

    sha256: Sha256
    kind: MediaKind
    format: str
    mime: str
    size_bytes: int
    file_name: str
    position: int
    readings: Readings | None


@dataclass(frozen=True, slots=True)
class Report:
    """One submission as the rules see it."""

    report_id: str
    claim: Claim
    evidence: tuple[Evidence, ...]
    channel: Channel
    received_at: datetime | None
    submitted_to_us_at: datetime | None
    """The instant that serves R6: receipt, or the postmark, or when the walk-in stood at the
    counter.
    """
