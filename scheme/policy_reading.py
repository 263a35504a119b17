"""One policy out of the TOML text of its file, or the entry named that is wrong."""

import tomllib
from dataclasses import fields
from datetime import datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheme.finding import Sight
from scheme.money import Fen
from scheme.policy import (
    Category,
    Counter,
    Policy,
    PolicyRef,
    Procedure,
    SecondLook,
    SightsNeeded,
    Substance,
)
from scheme.policy_text import PolicyError, Table, rules_hash
from scheme.reading import MediaKind

ALL_PERCENT = 100


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
    same_incident, process = table.table("same_incident"), table.table("process")
    confidence = table.table("confidence")
    substance = Substance(
        future_skew_minutes=table.take_count("future_skew_minutes"),
        time_sources=frozenset(table.take_list_of("time_sources", "metadata", "picture")),
        time_tolerance_minutes=table.take_count("time_tolerance_minutes"),
        place_tolerance_metres=table.take_count("place_tolerance_metres"),
        window_working_days=window.take_positive("length"),
        amount_fen=Fen(reward.take_positive("amount_fen")),
        joint_max_people=joint.take_positive("max_people"),
        same_incident_minutes=same_incident.take_count("minutes"),
        same_incident_metres=same_incident.take_count("metres"),
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
    for part in (window, reward, joint, same_incident, process, confidence, table):
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
