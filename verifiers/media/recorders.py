"""Marks of recorders: dashcams, action cameras and other cameras that are no phones.

Many of their makes write the wall clock into a movie header where the standard wants UTC. Their
boxes are known from public files and descriptions. Which make it is, is not told.
"""

import re

BOXES = frozenset(
    {
        b"gps ",  # Novatek's and 70mai's table of satellite blocks
        b"GPS ",  # 70mai
        b"gps0",  # Navitel and its like
        b"GPMF",  # GoPro
        b"FIRM",  # GoPro
        b"AMBA",  # Ambarella
        b"PANA",  # Panasonic
        b"CNTH",  # Canon
        b"NCDT",  # Nikon
        b"QVMI",  # Casio
    }
)
"""Boxes of the file, of its header, or of the header's user data."""

_NAMES = re.compile(
    r"go ?pro|ambarella|novatek|\bnvt|70mai|ddpai|hisilicon|\bdji|insta360", re.IGNORECASE
)
_SPARE = frozenset({b"free", b"skip"})
_SATELLITE_BLOCKS = (b"GPS ", b"freeGPS ")
"""How a spare box begins in which chips of Novatek keep a second's satellite data."""

LONGEST_BEGIN = 8
"""Bytes of a box's content that ``is_box`` wants to see."""


def is_box(kind: bytes, begin: bytes = b"") -> bool:
    """Whether a box of ``kind`` whose content begins with ``begin`` is a recorder's."""
    if kind in _SPARE:
        return begin.startswith(_SATELLITE_BLOCKS)
    return kind in BOXES


def is_name(handler: str) -> bool:
    """Whether a track's handler is called as a recorder calls it."""
    return _NAMES.search(handler) is not None
