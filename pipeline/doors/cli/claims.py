"""What somebody says about a violation at the terminal."""

from datetime import datetime

from scheme.naming import canonical_badge, canonical_plate, canonical_route
from scheme.report import Claim


def claim_of(  # noqa: PLR0913 - a claim
    category: str,
    at: datetime | None,
    *,
    route: str,
    plate: str,
    badge: str,
    place: str,
    kind: str,
) -> Claim:
    """The claim that these options make; an empty one was not said."""
    return Claim(
        category=category,
        violated_at=at,
        route=canonical_route(route) if route else None,
        plate=canonical_plate(plate) if plate else None,
        badge=canonical_badge(badge) if badge else None,
        place=place or None,
        kind=kind or None,
    )
