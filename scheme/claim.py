"""Whether a claim can be taken: one rule, whoever makes it and whichever way it comes in.

A draft's claim, a corrected one, the JSON API and the command line all ask ``checked``.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeGuard

from scheme import plain_text
from scheme.naming import canonical_badge, canonical_plate, canonical_route
from scheme.policy import Category, Policy
from scheme.policy_book import PolicyBook
from scheme.reading import PlateNumber
from scheme.report import Claim

LONGEST_PLACE: Final = 200
LONGEST_NOTE: Final = 2000
MOST_LATITUDE: Final = 90
MOST_LONGITUDE: Final = 180


class UnknownCategory(Exception):
    """The scheme in force then does not know this ``category`` (R3)."""

    def __init__(self, category: str) -> None:
        super().__init__("unknown category")
        self.category = category


class UnknownKind(Exception):
    """The category has no such kind (R3): ``category`` says which kinds there are."""

    def __init__(self, category: str) -> None:
        super().__init__(f"unknown kind of {category}")
        self.category = category


class BeforeScheme(Exception):
    """The violation lies before the scheme began, at ``effective_from`` (R1), or after it ended."""

    def __init__(self, effective_from: datetime) -> None:
        super().__init__(effective_from.isoformat())
        self.effective_from = effective_from


class FutureTime(Exception):
    """The violation lies in the future by more than the policy allows (R1)."""


class TimeUnclear(Exception):
    """A time without a zone, or one that can't be: later than now, or before what it shows."""


class PlaceInvalid(Exception):
    """Half a position, or one that is not on earth."""


class TextTooLong(Exception):
    """A text of more than ``limit`` signs: ``field`` names it."""

    def __init__(self, field: str, limit: int) -> None:
        super().__init__(f"{field}: {limit}")
        self.field, self.limit = field, limit


def checked(claim: Claim, policies: PolicyBook, now: datetime) -> Claim:
    """The claim in canonical form; it may still be incomplete.

    Raises UnknownCategory, UnknownKind, BeforeScheme, FutureTime, TimeUnclear, InvalidPlate,
    InvalidRoute, InvalidBadge, PlaceInvalid, TextTooLong.
    """
    canonical = _in_one_form(claim)
    require_time(canonical.violated_at, policies, now)
    _require_kind(canonical, policies, now)
    return canonical


def corrected(claim: Claim, policies: PolicyBook, now: datetime) -> Claim:
    """The same for an officer's correction, which may lie before the scheme.

    That it does is what they found out, and why they will not substantiate it (R1). Raises what
    ``checked`` raises, but for BeforeScheme.
    """
    canonical = _in_one_form(claim)
    if canonical.violated_at is not None:
        policy = _policy_at(canonical.violated_at, policies)
        _require_past(canonical.violated_at, policy, now)
    _require_kind(canonical, policies, now)
    return canonical


def require_time(violated_at: datetime | None, policies: PolicyBook, now: datetime) -> None:
    """R1, as soon as a time is said. Raises TimeUnclear, BeforeScheme, FutureTime."""
    if violated_at is None:
        return
    policy = _policy_at(violated_at, policies)
    if not policy.in_force(violated_at):
        raise BeforeScheme(policy.effective_from)
    _require_past(violated_at, policy, now)


def _policy_at(violated_at: datetime, policies: PolicyBook) -> Policy:
    if violated_at.tzinfo is None:
        raise TimeUnclear
    return policies.substance_at(violated_at)


def _require_past(violated_at: datetime, policy: Policy, now: datetime) -> None:
    if violated_at > now + timedelta(minutes=policy.substance.future_skew_minutes):
        raise FutureTime


def _require_kind(claim: Claim, policies: PolicyBook, now: datetime) -> None:
    category = category_of(claim, policies, now)
    if claim.kind is not None and claim.kind not in category.kinds:
        raise UnknownKind(claim.category)


def category_of(claim: Claim, policies: PolicyBook, now: datetime) -> Category:
    """The claim's category as the scheme in force then has it. Raises UnknownCategory."""
    substance = policies.substance_at(claim.violated_at or now).substance
    category = substance.categories.get(claim.category)
    if category is None:
        raise UnknownCategory(claim.category)
    return category


def _in_one_form(claim: Claim) -> Claim:
    """Every name in its one form; empty texts are none."""
    _require_position(claim.latitude, claim.longitude)
    return replace(
        claim,
        plate=_plate(claim.plate),
        route=_route(claim.route),
        badge=_badge(claim.badge),
        fleet_number=_badge(claim.fleet_number),
        place=_text("place", claim.place or "", LONGEST_PLACE) or None,
        note=_text("note", claim.note, LONGEST_NOTE),
        kind=(claim.kind or "").strip() or None,
    )


def _require_position(latitude: float | None, longitude: float | None) -> None:
    if latitude is None and longitude is None:
        return
    if latitude is None or longitude is None:
        raise PlaceInvalid
    on_earth = abs(latitude) <= MOST_LATITUDE and abs(longitude) <= MOST_LONGITUDE
    if not on_earth:  # no number at all (NaN) is not either
        raise PlaceInvalid


def _given(text: str | None) -> TypeGuard[str]:
    return bool(text and text.strip())


def _plate(text: str | None) -> PlateNumber | None:
    return canonical_plate(text) if _given(text) else None


def _route(text: str | None) -> str | None:
    return canonical_route(text) if _given(text) else None


def _badge(text: str | None) -> str | None:
    return canonical_badge(text) if _given(text) else None


def _text(field: str, text: str, limit: int) -> str:
    cleaned = plain_text.kept(text)
    if len(cleaned) > limit:
        raise TextTooLong(field, limit)
    return cleaned
