"""What somebody says about a violation, as options of a command."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.doors.cli.terminal import instant
from scheme.naming import canonical_badge, canonical_plate, canonical_route
from scheme.report import Claim

Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="photos or videos")]
Category = Annotated[str, typer.Option(help="red_light, wrong_way or smoking_or_phone")]
At = Annotated[str, typer.Option(help="when it happened, e.g. 2026-06-10T08:41 (Shanghai's time)")]
RouteName = Annotated[str, typer.Option(help="line, e.g. 49")]
Plate = Annotated[str, typer.Option(help="plate, e.g. 沪A12345")]
Badge = Annotated[str, typer.Option(help="the driver's badge number")]
Kind = Annotated[str, typer.Option(help="with smoking_or_phone: smoking or phone")]
PlaceName = Annotated[str, typer.Option(help="where it happened")]


def claim_of(  # noqa: PLR0913, PLR0917 - a claim
    category: str, at: str, route: str, plate: str, badge: str, place: str, kind: str
) -> Claim:
    """The claim that these options make; an empty one was not said."""
    return Claim(
        category=category,
        violated_at=instant(at) if at else None,
        route=canonical_route(route) if route else None,
        plate=canonical_plate(plate) if plate else None,
        badge=canonical_badge(badge) if badge else None,
        place=place or None,
        kind=kind or None,
    )
