"""Lines are kept under the one name that all ways to write them share (R2, R5, R14).

``933路快线`` and ``933快线`` are one line since then. What was stored before, in claims, in rosters
and in what files show, gets the name that the same text would get today, so that equality of texts
is enough everywhere. The rule as it was then is written down here: it may go on changing.
"""

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NUMERALS = "零〇一二两三四五六七八九十百千"
VALUES = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
POWERS = {"十": 10, "百": 100, "千": 1000}
BRIDGE_NUMERALS = dict(zip("123456789", "一二三四五六七八九", strict=True))
LONGEST_PADDED = 3

SERVICE = "区间|大站|夜宵|定班|高峰|支线|快线|快车|专线|环线|内环|外环|内圈|外圈"
SAID_BEFORE = re.compile(r"^(?:公交车?|巴士|第)+(?=.)")
SAID_AFTER = re.compile(r"(?<=.)(?:公交车?|巴士|公共汽车|上行|下行)+$")
NUMBERED = re.compile(
    rf"(?P<area>[^0-9]*?)(?P<number>[0-9]+|[{NUMERALS}]+)(?P<letter>[A-Z]?)路?"
    rf"(?:(?P<branch>[A-Z])线?|(?P<service>{SERVICE})车?)?"
)
OTHERWISE_SAID = re.compile(rf"(?<=[0-9][A-Z])线$|(?<=[0-9A-Z])路(?=$|{SERVICE})")
BRIDGES = re.compile(r"([\u3400-\u9fff]+)([1-9])线")


def upgrade() -> None:
    """Rename in claims and rosters; in what was read, two names of one line become one row."""
    connection = op.get_bind()
    _rename_claimed(connection)
    for table in ("roster_vehicles", "roster_badges"):
        _rename_listed(connection, table)
    _rename_read(connection)


def _rename_claimed(connection: sa.Connection) -> None:
    claims = sa.table("claims", sa.column("route"))
    claimed = sa.select(claims.c.route).where(claims.c.route.is_not(None)).distinct()
    for route in connection.execute(claimed).scalars().all():
        name = one_name(route)
        if name != route:
            connection.execute(sa.update(claims).where(claims.c.route == route).values(route=name))


def _rename_listed(connection: sa.Connection, table_name: str) -> None:
    """Rosters hold a JSON list of lines, sorted and each once."""
    roster = sa.table(table_name, sa.column("routes"))
    for listed in connection.execute(sa.select(roster.c.routes).distinct()).scalars().all():
        names = sorted({one_name(route) for route in json.loads(listed)})
        renamed = json.dumps(names, ensure_ascii=False)
        if renamed != listed:
            connection.execute(
                sa.update(roster).where(roster.c.routes == listed).values(routes=renamed)
            )


def _rename_read(connection: sa.Connection) -> None:
    """A line that was read under two names is sure where one of them was."""
    read = sa.table(
        "names_read", *(sa.column(name) for name in ("report_id", "kind", "name", "sure"))
    )
    routes = sa.select(read.c.report_id, read.c.name, read.c.sure).where(read.c.kind == "route")
    for report_id, route, sure in connection.execute(routes).all():
        name = one_name(route)
        if name == route:
            continue
        under = (read.c.report_id == report_id) & (read.c.kind == "route")
        connection.execute(sa.delete(read).where(under, read.c.name == route))
        there = connection.execute(
            sa.select(read.c.sure).where(under, read.c.name == name)
        ).one_or_none()
        if there is None:
            row = {"report_id": report_id, "kind": "route", "name": name, "sure": sure}
            connection.execute(sa.insert(read).values(row))
        elif sure and not there.sure:
            connection.execute(sa.update(read).where(under, read.c.name == name).values(sure=sure))


def one_name(route: str) -> str:
    """The name of a line that was folded and freed of separators when it was stored."""
    name = route
    while (plainer := _plainer(name)) != name:
        name = plainer
    return name or route


def _plainer(name: str) -> str:
    name = SAID_AFTER.sub("", SAID_BEFORE.sub("", name))
    if bridge := BRIDGES.fullmatch(name):
        return f"{bridge[1]}{BRIDGE_NUMERALS[bridge[2]]}线"
    line = NUMBERED.fullmatch(name)
    if line is None:
        return OTHERWISE_SAID.sub("", name)
    variant = line["branch"] or line["service"] or ""
    return f"{line['area']}{_line_number(line['number'])}{line['letter']}{variant}"


def _line_number(written: str) -> str:
    if not written.isascii():
        return str(_number(written))
    if len(written) > LONGEST_PADDED:
        return written
    return written.lstrip("0") or "0"


def _number(numeral: str) -> int:
    """With powers it is counted, without it is spelt digit by digit."""
    if not any(sign in POWERS for sign in numeral):
        return int("".join(str(VALUES[sign]) for sign in numeral))
    total, digit = 0, 0
    for sign in numeral:
        if sign in POWERS:
            total += (digit or 1) * POWERS[sign]
            digit = 0
        else:
            digit = VALUES[sign]
    return total + digit
