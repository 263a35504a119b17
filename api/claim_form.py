"""What somebody says about a violation, from texts to a Claim and back.

One reading for every form and the JSON API.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, TypeVar

from api.errors import REFUSED
from api.forms import Posted
from api.limits import text_is_safe
from api.problems import problem_of
from api.texts import ZONE
from api.turned_away import BadField, BadForm
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

Value = TypeVar("Value")

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]{1,6})?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReadClaim:
    """What could be read of the form, and what could not. ``claim`` holds the good fields only."""

    claim: Claim
    slips: tuple[Exception, ...]
    """Why the others can't be taken, in the order of the page."""


def claim_in(posted: Posted) -> Claim:
    """The claim of a form in which the category is chosen too. Raises BadField, BadForm."""
    read = read_claim(posted.line("category", 60), posted.raw())
    if read.slips:
        raise BadForm(read.slips)
    return read.claim


def read_claim(category: str, typed: Mapping[str, str]) -> ReadClaim:
    """Read every field of the form by itself, so that one slip does not lose the others."""
    slips: list[Exception] = []

    def read(reader: Callable[..., Value], *given: object) -> Value | None:
        try:
            return reader(*given)
        except REFUSED as slip:
            slips.append(slip)
            return None

    texts = {name: read(_text, name, typed.get(name, "")) or "" for name in TYPED}
    claim = Claim(
        category=category,
        violated_at=read(read_moment, texts["day"], texts["clock"]),
        route=read(canonical_route, texts["route"]) if texts["route"] else None,
        plate=read(canonical_plate, texts["plate"]) if texts["plate"] else None,
        badge=read(canonical_badge, texts["badge"]) if texts["badge"] else None,
        place=texts["place"] or None,
        note=texts["note"].replace("\r\n", "\n"),
        kind=texts["kind"] or None,
    )
    return ReadClaim(claim, tuple(sorted(slips, key=_place_on_the_page)))


def _text(name: str, typed: str) -> str:
    """What was typed into one field. Raises BadField where it can't be kept at all."""
    text = typed.strip()
    if len(text) > LONGEST.get(name, 20):
        raise BadField("TEXT_TOO_LONG", name)
    if not text_is_safe(text):
        raise BadField("TEXT_NOT_KEPT", name)
    return text


def _place_on_the_page(slip: Exception) -> int:
    field = problem_of(slip).field
    return TYPED.index(field) if field in TYPED else len(TYPED)


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
