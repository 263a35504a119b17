"""How far two places lie apart."""

from math import asin, cos, radians, sin, sqrt


def metres_between(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Great-circle distance in metres between two points in degrees (haversine)."""
    phi, other_phi = radians(latitude), radians(other_latitude)
    half_chord = (
        sin((other_phi - phi) / 2) ** 2
        + cos(phi) * cos(other_phi) * sin(radians(other_longitude - longitude) / 2) ** 2
    )
    return 2 * 6_371_000 * asin(min(1.0, sqrt(half_chord)))
