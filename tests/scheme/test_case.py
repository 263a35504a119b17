"""States and their moves: the tables of the scheme, and nothing beside them."""

from enum import StrEnum

import pytest

from scheme.case import (
    BATCH_MOVES,
    REPORT_MOVES,
    SHARE_MOVES,
    BatchState,
    ForbiddenMove,
    Moves,
    ReportState,
    ShareState,
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
def test_the_tables_are_those_of_the_scheme(
    thing: str, moves: Moves, states: type[StrEnum]
) -> None:
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
                assert (refusal.value.thing, refusal.value.source, refusal.value.target) == (
                    thing,
                    source,
                    target,
                )
                assert source not in sources_of(moves, target)
