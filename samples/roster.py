"""The demo's fleet roster: invented vehicles and badges, those of the samples among them."""

import csv
from io import StringIO

COLUMNS = ("plate", "fleet_number", "badge", "route", "unit")
"""A vehicle's row has no badge, a driver's row neither plate nor fleet number."""

_NORTH, _SOUTH, _EAST, _RIVER = "北区车队", "南区车队", "东区车队", "越江车队"
_VEHICLES = (
    ("沪A05127D", "S1K-016", "49", _NORTH),
    ("沪A05128D", "S1K-017", "49", _NORTH),
    ("沪A05133D", "S1K-022", "49", _NORTH),
    ("沪A06210D", "S1K-040", "49", _NORTH),
    ("沪D41926", "S2B-031", "71", _SOUTH),
    ("沪D41927", "S2B-032", "71", _SOUTH),
    ("沪D42055", "S2B-036", "71", _SOUTH),
    ("沪A08816D", "S2B-058", "71", _SOUTH),
    ("沪B73518", "S0A-207", "隧道三线", _RIVER),
    ("沪B73519", "S0A-208", "隧道三线", _RIVER),
    ("沪B73622", "S0A-215", "隧道三线", _RIVER),
    ("沪A02371D", "S0A-230", "隧道三线", _RIVER),
    ("沪D60183", "S3C-104", "926", _EAST),
    ("沪D60184", "S3C-105", "926", _EAST),
    ("沪A09415D", "S3C-120", "926", _EAST),
    ("沪D55702", "S2B-071", "17", _SOUTH),
    ("沪D55703", "S2B-072", "17", _SOUTH),
    ("沪A03668D", "S1K-081", "20", _NORTH),
    ("沪A03669D", "S1K-082", "20", _NORTH),
    ("沪D70915", "S3C-133", "机场四线", _EAST),
)
_BADGES = (
    ("108426", "49", _NORTH),
    ("108431", "49", _NORTH),
    ("310552", "71", _SOUTH),
    ("310570", "71", _SOUTH),
    ("207713", "隧道三线", _RIVER),
    ("207720", "隧道三线", _RIVER),
    ("412086", "926", _EAST),
    ("311204", "17", _SOUTH),
    ("109377", "20", _NORTH),
    ("413550", "机场四线", _EAST),
)


def roster_csv() -> str:
    """The roster as CSV text with the header ``COLUMNS``; lines end in a line feed."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows((plate, fleet, "", route, unit) for plate, fleet, route, unit in _VEHICLES)
    rows.writerows(("", "", badge, route, unit) for badge, route, unit in _BADGES)
    return text.getvalue()
