"""Which numbers are taken for one another, by whoever writes or reads them.

Plates, badges, a bus's own number: only their signs are weighed, never whose they are.
"""

from typing import Final

MOST_DIFFERING: Final = 2
"""Two numbers that differ in more signs than this are two, however alike the signs look."""

SHORTEST_NEAR: Final = 5
"""A shorter number with one sign changed is as likely a number of its own: the fleet is full of
them.
"""

_ALIKE: Final = (
    "0DQOC",
    "1ILT7J",
    "2Z7",
    "3B8E",
    "4A",
    "5S6",
    "6G8B",
    "8B9",
    "UVY",
    "MNWH",
    "CG",
    "EF",
    "KXY",
    "PRF",
)
"""Signs that are taken for one another, by eye and by reader."""


def near_numbers(this: str, other: str) -> bool:
    """Whether one number is easily written or read for the other.

    They look alike, or one sign is wrong, lost or added. Short numbers never are: one sign changed
    is as likely a number of its own.
    """
    if min(len(this), len(other)) < SHORTEST_NEAR:
        return False
    if len(this) != len(other):
        return _one_sign_more(this, other) or _one_sign_more(other, this)
    return len(_differing(this, other)) == 1 or look_alike(this, other)


def look_alike(this: str, other: str) -> bool:
    """Whether two numbers differ in signs that look alike, or two neighbours swapped."""
    if len(this) != len(other) or len(this) < SHORTEST_NEAR:
        return False
    differing = _differing(this, other)
    if not 0 < len(differing) <= MOST_DIFFERING:
        return False
    first, last = differing[0], differing[-1]
    swapped = last == first + 1 and (this[first], this[last]) == (other[last], other[first])
    return swapped or all(_alike(this[place], other[place]) for place in differing)


def _one_sign_more(longer: str, shorter: str) -> bool:
    """Whether the longer number without one of its signs is the shorter one."""
    if len(longer) != len(shorter) + 1:
        return False
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def _differing(this: str, other: str) -> list[int]:
    """The places at which two numbers of one length differ."""
    return [place for place in range(len(this)) if this[place] != other[place]]


def _alike(sign: str, other: str) -> bool:
    return any(sign in signs and other in signs for signs in _ALIKE)
