"""States and their moves, and when two reports may be one incident (R14)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.case import (
    BATCH_MOVES,
    REPORT_MOVES,
    SHARE_MOVES,
    BatchState,
    ForbiddenMove,
    Incident,
    Moves,
    ReportState,
    ShareState,
    may_be_same_incident,
    metres_between,
    require_move,
    sources_of,
)

TABLES: list[tuple[str, Moves, type[StrEnum]]] = [
    ("report", REPORT_MOVES, ReportState),
    ("share", SHARE_MOVES, ShareState),
    ("batch", BATCH_MOVES, BatchState),
]

SCHEME_MOVES = {
    "report": """draft>received draft>expired received>verified verified>received verified>awaiting_reporter
        awaiting_reporter>verified awaiting_reporter>received received>withdrawn verified>withdrawn
        awaiting_reporter>withdrawn verified>decided decided>answered decided>verified answered>decided""",
    "share": """awarded>notified notified>collected collected>in_batch in_batch>paid in_batch>collected
        awarded>paid_in_hand notified>paid_in_hand collected>paid_in_hand notified>forfeited forfeited>reinstated
        reinstated>collected reinstated>paid_in_hand awarded>cancelled notified>cancelled collected>cancelled
        reinstated>cancelled paid>clawed_back paid_in_hand>clawed_back""",
    "batch": """open>frozen frozen>approved approved>exported exported>settled exported>partly_settled settled>closed
        partly_settled>closed open>cancelled frozen>cancelled""",
}
"""The table "States" of SCHEME.md, written out once more."""


@pytest.mark.parametrize(("thing", "moves", "states"), TABLES)
def test_the_tables_are_those_of_the_scheme(thing: str, moves: Moves, states: type[StrEnum]) -> None:
    known = {f"{source}>{target}" for source, targets in moves.items() for target in targets}
    assert known == set(SCHEME_MOVES[thing].split())


@pytest.mark.parametrize(("thing", "moves", "states"), TABLES)
def test_everything_not_in_a_table_raises(thing: str, moves: Moves, states: type[StrEnum]) -> None:
    allowed = SCHEME_MOVES[thing].split()
    for source in states:
        for target in states:
            if f"{source}>{target}" in allowed:
                require_move(thing, moves, source, target)
                assert source in sources_of(moves, target)
            else:
                with pytest.raises(ForbiddenMove) as refusal:
                    require_move(thing, moves, source, target)
                assert (refusal.value.thing, refusal.value.source, refusal.value.target) == (thing, source, target)
                assert source not in sources_of(moves, target)


NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
BUS = Incident("wrong_way", NOON, "沪A12345", "49", None, 31.2100, 121.4700)


def same(one: Incident, other: Incident) -> bool:
    assert may_be_same_incident(one, other, minutes=10, metres=300) == may_be_same_incident(
        other, one, minutes=10, metres=300
    )
    return may_be_same_incident(one, other, minutes=10, metres=300)


def test_the_same_bus_category_time_and_place_is_a_question() -> None:
    assert same(BUS, BUS)
    assert same(BUS, replace(BUS, at=NOON + timedelta(minutes=10)))
    assert not same(BUS, replace(BUS, at=NOON + timedelta(minutes=10, seconds=1)))
    assert not same(BUS, replace(BUS, category="red_light"))  # R16
    assert not same(BUS, replace(BUS, plate="沪A12346"))
    assert same(BUS, replace(BUS, route="50"))  # the plate is enough


def test_a_driver_is_known_by_route_and_badge_together() -> None:
    driver = replace(BUS, plate=None, badge="0123")
    assert same(driver, replace(driver, plate="沪A99999"))
    assert not same(driver, replace(driver, route="50"))
    assert not same(driver, replace(driver, badge="0124"))
    assert not same(replace(BUS, plate=None), replace(BUS, plate=None))  # two unknown buses are not one
    assert not same(driver, replace(BUS, plate="沪A12345", badge=None))


def test_places_count_only_where_both_are_known() -> None:
    assert same(BUS, replace(BUS, latitude=31.2126))  # 289 m north
    assert not same(BUS, replace(BUS, latitude=31.2128))  # 311 m
    for unknown in (replace(BUS, latitude=None), replace(BUS, longitude=None)):
        assert same(BUS, replace(unknown, longitude=unknown.longitude and 121.9))


def test_metres() -> None:
    assert metres_between(31.23, 121.47, 31.23, 121.47) == 0
    assert 111_000 < metres_between(31.0, 121.0, 32.0, 121.0) < 111_400
    assert 95_000 < metres_between(31.0, 121.0, 31.0, 122.0) < 95_600
    assert metres_between(0, 0, 0, 180) == pytest.approx(metres_between(90, 0, -90, 0))


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
def test_distance_is_symmetric_and_never_more_than_half_the_earth(a: float, b: float, c: float, d: float) -> None:
    metres = metres_between(a, b, c, d)
    assert metres == pytest.approx(metres_between(c, d, a, b), abs=1e-3)
    assert 0 <= metres <= 20_015_087
