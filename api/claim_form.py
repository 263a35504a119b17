"""What somebody says about a violation, from texts to a Claim and back.

One reading for every form and the JSON API.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from api.errors import REFUSED
from api.limits import text_is_safe
from api.problems import Problem, problem_of
from api.texts import ZONE
from api.turned_away import BadField
from scheme.naming import canonical_badge, canonical_plate, canonical_route
from scheme.report import Claim

LONGEST: Final[Mapping[str, int]] = {
    "route": 40,
    "plate": 40,
    "badge": 40,
    "place": 200,
    "note": 1000,
}
TYPED: Final = ("kind", "day", "clock", "route", "plate", "badge", "place", "note")
"""The fields of the form, in the order of the page."""

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]{1,6})?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReadClaim:
    """What could be read of the form, and what could not. ``claim`` holds the good fields only."""

    claim: Claim
    problems: tuple[Problem, ...]


def read_claim(category: str, typed: Mapping[str, str]) -> ReadClaim:
    """Read every field of the form by itself, so that one slip does not lose the others."""
    problems: list[Problem] = []
    values: dict[str, str] = {}
    for name in TYPED:
        value = typed.get(name, "").strip()
        if len(value) > LONGEST.get(name, 20):
            problems.append(problem_of(BadField("TEXT_TOO_LONG", name)))
        elif not text_is_safe(value):
            problems.append(problem_of(BadField("TEXT_NOT_KEPT", name)))
        elif value:
            values[name] = value
    read: dict[str, str] = {}
    for name, canonical in (
        ("route", canonical_route),
        ("plate", canonical_plate),
        ("badge", canonical_badge),
    ):
        try:
            if name in values:
                read[name] = canonical(values[name])
        except REFUSED as refusal:
            problems.append(problem_of(refusal))
    violated_at = None
    try:
        violated_at = read_moment(values.get("day", ""), values.get("clock", ""))
    except BadField as refusal:
        problems.append(problem_of(refusal))
    claim = Claim(
        category=category,
        violated_at=violated_at,
        route=read.get("route"),
        plate=canonical_plate(read["plate"]) if "plate" in read else None,
        badge=read.get("badge"),
        place=values.get("place"),
        note=values.get("note", "").replace("\r\n", "\n"),
        kind=values.get("kind"),
    )
    problems.sort(
        key=lambda problem: TYPED.index(problem.field) if problem.field in TYPED else len(TYPED)
    )
    return ReadClaim(claim, tuple(problems))


def read_moment(day: str, clock: str) -> datetime | None:
    """A day and a time of day in Shanghai as an instant; None when both are empty.

    Raises BadField (TRUST C51).
    """
    if not day and not clock:
        return None
    try:
        on = date.fromisoformat(day)
    except ValueError as problem:
        raise BadField("DAY_INVALID", "day") from problem
    return datetime.combine(on, _clock(clock), ZONE).astimezone(UTC)


def read_instant(text: str) -> datetime:
    """``2026-11-24T08:41`` with or without offset (then Shanghai).

    Raises BadField for ``24:00`` and ``23:59:60``.
    """
    day, _, rest = text.strip().replace(" ", "T", 1).partition("T")
    clock = re.match(r"[0-9:.]*", rest)
    try:
        on, at = date.fromisoformat(day), _clock(clock[0] if clock else "")
        offset = rest[len(clock[0]) if clock else 0 :]
        naive = datetime.combine(on, at)
        instant = datetime.fromisoformat(naive.isoformat() + offset)
    except (ValueError, BadField) as problem:
        raise BadField("TIME_INVALID", "violated_at") from problem
    try:
        return (instant if instant.tzinfo else instant.replace(tzinfo=ZONE)).astimezone(UTC)
    except OverflowError as problem:
        raise BadField("TIME_INVALID", "violated_at") from problem


def typed_of(claim: Claim | None) -> dict[str, str]:
    """The form's fields filled from a claim that was saved."""
    if claim is None:
        return dict.fromkeys(TYPED, "")
    local = claim.violated_at.astimezone(ZONE) if claim.violated_at else None
    return {
        "kind": claim.kind or "",
        "day": local.date().isoformat() if local else "",
        "clock": (local.strftime("%H:%M:%S") if local.second else local.strftime("%H:%M"))
        if local
        else "",
        "route": claim.route or "",
        "plate": claim.plate or "",
        "badge": claim.badge or "",
        "place": claim.place or "",
        "note": claim.note,
    }


def _clock(text: str) -> time:
    parts = _CLOCK.fullmatch(text)
    if parts is None:
        raise BadField("CLOCK_INVALID", "clock")
    return time(int(parts[1]), int(parts[2]), int(parts[3] or 0))
