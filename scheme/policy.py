"""Policies: every parameter of the rules, read from a TOML text, and which policy judges what.

A ``Policy`` is one version of the scheme. ``PolicyBook`` answers: substance by the instant of the
violation, procedure by the instant of the step. A policy is named by ``PolicyRef`` (id, version and
the hash of its rules), so an old case never changes when a file does, and a later policy ends an
earlier one without touching its file.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, time
from hashlib import sha256
from typing import Any, NewType, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheme.finding import Sight
from scheme.money import Fen
from scheme.policy_text import PolicyError, Table, rules_hash
from scheme.reading import MediaKind

PolicyRef = NewType("PolicyRef", str)
ALL_PERCENT = 100


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


def parse_policy(text: str) -> Policy:
    """Read one policy file. Raises PolicyError naming the entry that is wrong."""
    try:
        root = Table("policy", tomllib.loads(text))
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
        ref=PolicyRef(f"{policy_id}@{version}#{rules_hash(text)[:12]}"),
        zone=zone,
        effective_from=root.take("effective_from", datetime),
        effective_to=effective_to,
        title=root.take_names("title"),
        substance=_substance(root.table("substance")),
        procedure=_procedure(root.table("procedure")),
        text=text,
    )
    root.finish()
    for key, at in (
        ("effective_from", policy.effective_from),
        ("effective_to", policy.effective_to),
    ):
        if at is not None and at.tzinfo is None:
            raise PolicyError(f"policy.{key}", "must carry its offset")
    if effective_to is not None and effective_to <= policy.effective_from:
        raise PolicyError("policy.effective_to", "must lie after effective_from")
    return policy


def _substance(table: Table) -> Substance:
    # One value is known to each of these today; the entries stand in the file so that a second can
    # come by data.
    table.take_one_of("order_by", "receipt")
    table.take_one_of("rank_on_supplement", "keep")
    window, reward, joint = table.table("window"), table.table("reward"), table.table("joint")
    window.take_one_of("unit", "working_days")
    window.take_one_of("originals", "asked")
    joint.take_one_of("split", "equal")
    joint.take_one_of("rounding", "first_named")
    joint.take_one_of("collector", "first_named")
    same, process, confidence = (
        table.table("same_incident"),
        table.table("process"),
        table.table("confidence"),
    )
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
            _member(Sight, key, confidence.path): confidence.take_share(key)
            for key in list(confidence.entries)
        },
        process_min_seconds=float(process.take_count("min_seconds")),
        process_max_gap_ms=process.take_count("max_gap_ms"),
        categories={
            key: _category(key, entry) for key, entry in table.table("categories").tables()
        },
    )
    for part in (window, reward, joint, same, process, confidence, table):
        part.finish()
    return substance


def _category(key: str, table: Table) -> Category:
    sights = table.take("sights", dict)
    category = Category(
        key=key,
        names=table.take_names("names"),
        describes=table.take_names("describes"),
        kinds=tuple(table.take_texts("kinds")),
        sights={
            _member(MediaKind, kind, table.path): _sights(needed, table.path)
            for kind, needed in sights.items()
        },
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
            raise PolicyError(
                f"{path}.sights", f"must be a table with one list 'all' or 'any', is {needed!r}"
            )
    return SightsNeeded(
        mode,
        tuple(
            _member(Sight, part, path) if isinstance(part, str) else _sights(part, path)
            for part in parts
        ),
    )


M = TypeVar("M", Sight, MediaKind)


def _member(kind: type[M], value: str, path: str) -> M:
    try:
        return kind(value)
    except ValueError as problem:
        raise PolicyError(path, f"{value!r} is no {kind.__name__}") from problem


def _procedure(table: Table) -> Procedure:
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
        second_look=_second_look(second_look),
    )
    for part in (counter, claim, payout, second_look, table):
        part.finish()
    return procedure


def _second_look(table: Table) -> SecondLook:
    look = SecondLook(
        **{entry.name: table.take_optional_count(entry.name) for entry in fields(SecondLook)}
    )
    if (look.paid_day_times_median is None) is not (look.paid_median_days is None):
        raise PolicyError(
            f"{table.path}.paid_median_days", "stands with paid_day_times_median, or neither does"
        )
    for key in ("on_the_spot_sample_percent", "decisions_sample_percent"):
        if (getattr(look, key) or 0) > ALL_PERCENT:
            raise PolicyError(f"{table.path}.{key}", f"must be at most {ALL_PERCENT}")
    return look


def _counter(table: Table) -> Counter:
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
    """The versions of the scheme, oldest first, and which of them judges what.

    A policy is in force until the next one begins. ``kept`` gives the text of a version that is
    among them no more.
    """

    def __init__(
        self,
        policies: Iterable[Policy],
        kept: Callable[[PolicyRef], str | None] = lambda _ref: None,
    ) -> None:
        """Raises PolicyError for none, for two from one instant, or for two in force at once."""
        self.policies = tuple(sorted(policies, key=lambda policy: policy.effective_from))
        self._kept = kept
        self._found: dict[PolicyRef, Policy] = {}
        if not self.policies:
            raise PolicyError("policies", "there must be at least one")
        for earlier, later in zip(self.policies, self.policies[1:], strict=False):
            if earlier.effective_from == later.effective_from:
                raise PolicyError(
                    f"{later.ref}.effective_from", f"is the instant at which {earlier.ref} begins"
                )
            if earlier.effective_to is not None and earlier.effective_to > later.effective_from:
                raise PolicyError(
                    f"{earlier.ref}.effective_to", f"lies after {later.ref} begins; leave it out"
                )
        for policy in reversed(self.policies):
            self._found[policy.former_ref] = policy
        self._found.update({policy.ref: policy for policy in self.policies})

    def substance_at(self, violated_at: datetime) -> Policy:
        """The policy that judges a violation of that instant.

        Before the first one, the first (it refuses, R1).
        """
        return self._at(violated_at)

    def procedure_at(self, step_at: datetime) -> Policy:
        """The policy whose procedure rules a step taken at that instant."""
        return self._at(step_at)

    def ends(self, policy: Policy) -> datetime | None:
        """When ``policy``, one of ``policies``, ends: as it says, or as the next one begins; None.

        Open.
        """
        later = self.policies[self.policies.index(policy) + 1 :]
        return policy.effective_to or (later[0].effective_from if later else None)

    def by_ref(self, ref: PolicyRef) -> Policy:
        """The very version that a row names, be its file changed or gone.

        Raises PolicyError for one never used.
        """
        if ref not in self._found:
            text = self._kept(ref)
            if text is None:
                raise PolicyError(str(ref), "is neither among the policies loaded nor kept")
            self._found[ref] = parse_policy(text)
        return self._found[ref]

    def _at(self, at: datetime) -> Policy:
        begun = [policy for policy in self.policies if policy.effective_from <= at]
        return begun[-1] if begun else self.policies[0]
