"""Policies: every parameter of the rules, read from a TOML text, and which policy judges what.

A ``Policy`` is one version of the scheme. ``PolicyBook`` answers: substance by the instant of the violation,
procedure by the instant of the step. A policy is named by ``PolicyRef`` (id, version and content hash), so an old
case never changes when a file does.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from hashlib import sha256
from typing import Any, NewType, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheme.finding import Sight
from scheme.money import Fen
from scheme.reading import MediaKind

PolicyRef = NewType("PolicyRef", str)
T = TypeVar("T")


class PolicyError(Exception):
    """A policy text that cannot be used: ``path`` names the entry."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path, self.problem = path, problem


@dataclass(frozen=True, slots=True)
class SightsNeeded:
    """An and/or expression over sights (R5): ``all`` and ``any`` hold sights or further expressions."""

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
    """One kind of violation: data, not code (R3). ``sights`` by medium; a medium without an entry is not admitted."""

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
    second_look: Mapping[str, int]


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

    def in_force(self, at: datetime) -> bool:
        """Whether this policy judges what happened at the instant ``at``."""
        return self.effective_from <= at and (self.effective_to is None or at < self.effective_to)


class _Table:
    """A TOML table read strictly: a missing, mistyped or left-over entry is a PolicyError that names its path."""

    def __init__(self, path: str, entries: Mapping[str, Any]) -> None:
        self.path, self.entries = path, dict(entries)

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        value = self.entries.pop(key, default)
        if value is None:
            raise PolicyError(f"{self.path}.{key}", "is missing")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise PolicyError(f"{self.path}.{key}", f"must be {kind.__name__}, is {value!r}")
        return value

    def take_count(self, key: str) -> int:
        value = self.take(key, int)
        if value < 0:
            raise PolicyError(f"{self.path}.{key}", "must not be negative")
        return value

    def take_positive(self, key: str) -> int:
        value = self.take_count(key)
        if value == 0:
            raise PolicyError(f"{self.path}.{key}", "must be at least 1")
        return value

    def take_list_of(self, key: str, *known: object) -> list[Any]:
        values = self.take(key, list)
        if not values or any(isinstance(value, bool) or value not in known for value in values):
            raise PolicyError(f"{self.path}.{key}", f"must list some of {', '.join(map(str, known))}, is {values!r}")
        return values

    def take_share(self, key: str) -> float:
        value = self.take(key, float)
        if not 0 <= value <= 1:
            raise PolicyError(f"{self.path}.{key}", f"must lie between 0 and 1, is {value!r}")
        return value

    def take_one_of(self, key: str, *known: str) -> str:
        value = self.take(key, str)
        if value not in known:
            raise PolicyError(f"{self.path}.{key}", f"must be one of {', '.join(known)}, is {value!r}")
        return value

    def take_names(self, key: str) -> Mapping[str, str]:
        names = self.take(key, dict)
        for language in ("zh", "en"):
            if not isinstance(names.get(language), str):
                raise PolicyError(f"{self.path}.{key}.{language}", "is missing")
        return names

    def table(self, key: str) -> "_Table":
        return _Table(f"{self.path}.{key}", self.take(key, dict))

    def tables(self) -> Iterator[tuple[str, "_Table"]]:
        for key in list(self.entries):
            yield key, self.table(key)

    def finish(self) -> None:
        if self.entries:
            raise PolicyError(f"{self.path}.{next(iter(self.entries))}", "is not known")


def parse_policy(text: str) -> Policy:
    """Read one policy file. Raises PolicyError naming the entry that is wrong."""
    try:
        root = _Table("policy", tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise PolicyError("policy", str(problem)) from problem
    policy_id, version = root.take("id", str), root.take("version", str)
    zone_name = root.take("zone", str)
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise PolicyError("policy.zone", f"{zone_name!r} is no time zone") from problem
    effective_to = root.take("effective_to", datetime) if "effective_to" in root.entries else None
    policy = Policy(
        policy_id=policy_id,
        version=version,
        ref=PolicyRef(f"{policy_id}@{version}#{sha256(text.encode()).hexdigest()[:12]}"),
        zone=zone,
        effective_from=root.take("effective_from", datetime),
        effective_to=effective_to,
        title=root.take_names("title"),
        substance=_substance(root.table("substance")),
        procedure=_procedure(root.table("procedure")),
    )
    root.finish()
    for key, at in (("effective_from", policy.effective_from), ("effective_to", policy.effective_to)):
        if at is not None and at.tzinfo is None:
            raise PolicyError(f"policy.{key}", "must carry its offset")
    if effective_to is not None and effective_to <= policy.effective_from:
        raise PolicyError("policy.effective_to", "must lie after effective_from")
    return policy


def _substance(table: _Table) -> Substance:
    # One value is known to each of these today; the entries stand in the file so that a second can come by data.
    table.take_one_of("order_by", "receipt")
    table.take_one_of("rank_on_supplement", "keep")
    window, reward, joint = table.table("window"), table.table("reward"), table.table("joint")
    window.take_one_of("unit", "working_days")
    window.take_one_of("originals", "asked")
    joint.take_one_of("split", "equal")
    joint.take_one_of("rounding", "first_named")
    joint.take_one_of("collector", "first_named")
    same, process, confidence = table.table("same_incident"), table.table("process"), table.table("confidence")
    substance = Substance(
        future_skew_minutes=table.take_count("future_skew_minutes"),
        time_sources=frozenset(table.take_list_of("time_sources", "metadata", "picture")),
        time_tolerance_minutes=table.take_count("time_tolerance_minutes"),
        place_tolerance_metres=table.take_count("place_tolerance_metres"),
        window_working_days=window.take_positive("length"),
        amount_fen=Fen(reward.take_positive("amount_fen")),
        joint_max_people=joint.take_positive("max_people"),
        same_incident_minutes=same.take_count("minutes"),
        same_incident_metres=same.take_count("metres"),
        confidence={
            _member(Sight, key, confidence.path): confidence.take_share(key) for key in list(confidence.entries)
        },
        process_min_seconds=float(process.take_count("min_seconds")),
        process_max_gap_ms=process.take_count("max_gap_ms"),
        categories={key: _category(key, entry) for key, entry in table.table("categories").tables()},
    )
    for part in (window, reward, joint, same, process, confidence, table):
        part.finish()
    return substance


def _category(key: str, table: _Table) -> Category:
    sights = table.take("sights", dict)
    category = Category(
        key=key,
        names=table.take_names("names"),
        describes=table.take_names("describes"),
        kinds=tuple(table.take("kinds", list, default=[])),
        sights={_member(MediaKind, kind, table.path): _sights(needed, table.path) for kind, needed in sights.items()},
    )
    if not category.sights:
        raise PolicyError(f"{table.path}.sights", "must admit photo or video")
    table.finish()
    return category


def _sights(needed: Any, path: str) -> SightsNeeded:  # noqa: ANN401 -- whatever TOML holds there
    match needed:
        case {"all": [*parts]} if len(needed) == 1:
            mode = "all"
        case {"any": [*parts]} if len(needed) == 1:
            mode = "any"
        case _:
            raise PolicyError(f"{path}.sights", f"must be a table with one list 'all' or 'any', is {needed!r}")
    return SightsNeeded(
        mode, tuple(_member(Sight, part, path) if isinstance(part, str) else _sights(part, path) for part in parts)
    )


M = TypeVar("M", Sight, MediaKind)


def _member(kind: type[M], value: str, path: str) -> M:
    try:
        return kind(value)
    except ValueError as problem:
        raise PolicyError(path, f"{value!r} is no {kind.__name__}") from problem


def _procedure(table: _Table) -> Procedure:
    table.take_one_of("identity", "name_and_phone")
    counter, claim, payout = table.table("counter"), table.table("claim"), table.table("payout")
    claim.take_one_of("unit", "days")
    second_look = table.table("second_look")
    procedure = Procedure(
        answer_working_days=table.take_positive("answer_working_days"),
        draft_days=table.take_count("draft_days"),
        reading_attempts=table.take_positive("reading_attempts"),
        undo_seconds=table.take_count("undo_seconds"),
        hold_minutes=table.take_count("hold_minutes"),
        consent_version=table.take("consent_version", str),
        counter=_counter(counter),
        claim_days=claim.take_count("days"),
        longstop_days=claim.take_count("longstop_days"),
        documents=claim.take_names("documents"),
        default_channel=payout.take("default_channel", str),
        on_the_spot_channel=payout.take("on_the_spot_channel", str),
        second_look={key: second_look.take_count(key) for key in list(second_look.entries)},
    )
    for part in (counter, claim, payout, table):
        part.finish()
    return procedure


def _counter(table: _Table) -> Counter:
    return Counter(
        opens=table.take("opens", time),
        closes=table.take("closes", time),
        weekdays=frozenset(table.take_list_of("weekdays", *range(1, 8))),
        open_on_shifted_weekends=table.take("open_on_shifted_weekends", bool),
        address=table.take_names("address"),
        phone=table.take("phone", str),
        on_the_spot_limit_fen=Fen(table.take_count("on_the_spot_limit_fen")),
        on_the_spot_per_clerk_per_day=table.take_count("on_the_spot_per_clerk_per_day"),
    )


class PolicyBook:
    """The versions of the scheme, oldest first, and which of them judges what."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        """Raises PolicyError when there is none, or when two are in force at one instant."""
        self.policies = tuple(sorted(policies, key=lambda policy: policy.effective_from))
        if not self.policies:
            raise PolicyError("policies", "there must be at least one")
        for earlier, later in zip(self.policies, self.policies[1:], strict=False):
            if earlier.effective_to is None or earlier.effective_to > later.effective_from:
                raise PolicyError(f"{earlier.ref}.effective_to", f"must end before {later.ref} begins")

    def substance_at(self, violated_at: datetime) -> Policy:
        """The policy that judges a violation of that instant; before the first one, the first (it refuses, R1)."""
        return self._at(violated_at)

    def procedure_at(self, step_at: datetime) -> Policy:
        """The policy whose procedure rules a step taken at that instant."""
        return self._at(step_at)

    def by_ref(self, ref: PolicyRef) -> Policy:
        """The very version that a row names. Raises PolicyError when its file is gone or was changed."""
        for policy in self.policies:
            if policy.ref == ref:
                return policy
        raise PolicyError(str(ref), "is not among the policies loaded")

    def _at(self, at: datetime) -> Policy:
        begun = [policy for policy in self.policies if policy.effective_from <= at]
        return begun[-1] if begun else self.policies[0]
