"""Policies: every parameter of the rules, as one version of the scheme has them.

Read from a file in ``policy_reading``; which of several judges what is ``policy_book``'s answer. A
policy is named by ``PolicyRef`` (id, version and the hash of its rules), so an old case never
changes when a file does, and a later policy ends an earlier one without touching its file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from hashlib import sha256
from typing import NewType
from zoneinfo import ZoneInfo

from scheme.finding import Sight
from scheme.money import Fen
from scheme.reading import MediaKind

PolicyRef = NewType("PolicyRef", str)


@dataclass(frozen=True, slots=True)
class SightsNeeded:
    """An and/or expression over sights (R5).

    ``all`` and ``any`` hold sights or further expressions.
    """

    mode: str
    parts: tuple["Sight | SightsNeeded", ...]

    def sights(self) -> Iterator[Sight]:
        """Every sight named anywhere in the expression, in order."""
        for part in self.parts:
            if isinstance(part, Sight):
                yield part
            else:
                yield from part.sights()


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of violation: data, not code (R3).

    ``sights`` by medium; a medium without an entry is not admitted.
    """

    key: str
    names: Mapping[str, str]
    describes: Mapping[str, str]
    kinds: tuple[str, ...]
    sights: Mapping[MediaKind, SightsNeeded]

    def admits(self, kind: MediaKind) -> bool:
        """Whether a file of this kind can prove this category at all (R4)."""
        return kind in self.sights


@dataclass(frozen=True, slots=True)
class Substance:
    """What is judged by the policy in force when the violation happened."""

    future_skew_minutes: int
    time_sources: frozenset[str]
    time_tolerance_minutes: int
    place_tolerance_metres: int
    window_working_days: int
    amount_fen: Fen
    joint_max_people: int
    same_incident_minutes: int
    same_incident_metres: int
    confidence: Mapping[Sight, float]
    process_min_seconds: float
    process_max_gap_ms: int
    categories: Mapping[str, Category]


@dataclass(frozen=True, slots=True)
class Counter:
    """The operations department's counter (R8)."""

    opens: time
    closes: time
    weekdays: frozenset[int]
    open_on_shifted_weekends: bool
    address: Mapping[str, str]
    phone: str
    on_the_spot_limit_fen: Fen
    on_the_spot_per_clerk_per_day: int


@dataclass(frozen=True, slots=True)
class SecondLook:
    """From which figure on somebody else looks again (R8). None: the policy has no such look.

    None of them refuses.
    """

    reports_per_person_per_day: int | None
    files_per_person_per_day: int | None
    paid_per_person_per_month: int | None
    paid_per_person_per_month_fen: int | None
    paid_day_times_median: int | None
    paid_median_days: int | None
    same_officer_and_reporter_per_month: int | None
    on_the_spot_sample_percent: int | None
    decisions_sample_percent: int | None


@dataclass(frozen=True, slots=True)
class Procedure:
    """What is judged by the policy in force when the step happens."""

    answer_working_days: int
    draft_days: int
    reading_attempts: int
    undo_seconds: int
    hold_minutes: int
    consent_version: str
    counter: Counter
    claim_days: int
    longstop_days: int
    documents: Mapping[str, str]
    default_channel: str
    on_the_spot_channel: str
    second_look: SecondLook


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the scheme."""

    policy_id: str
    version: str
    ref: PolicyRef
    zone: ZoneInfo
    effective_from: datetime
    effective_to: datetime | None
    title: Mapping[str, str]
    substance: Substance
    procedure: Procedure
    text: str = field(repr=False)

    @property
    def former_ref(self) -> PolicyRef:
        """How the first installations named this very text: by the hash of all its signs.

        Rows still say so.
        """
        return PolicyRef(
            f"{self.policy_id}@{self.version}#{sha256(self.text.encode()).hexdigest()[:12]}"
        )

    def in_force(self, at: datetime) -> bool:
        """Whether this policy judges what happened at the instant ``at``."""
        return self.effective_from <= at and (self.effective_to is None or at < self.effective_to)
