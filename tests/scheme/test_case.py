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
    "report": """draft>received draft>expired
        received>verified received>withdrawn
        verified>received verified>awaiting_reporter verified>withdrawn verified>decided
        awaiting_reporter>verified awaiting_reporter>received awaiting_reporter>withdrawn
        decided>answered decided>verified answered>decided""",
    "share": """awarded>notified awarded>paid_in_hand awarded>cancelled
        notified>collected notified>paid_in_hand notified>forfeited notified>cancelled
        collected>in_batch collected>paid_in_hand collected>cancelled
        in_batch>paid in_batch>collected
        forfeited>reinstated reinstated>collected reinstated>paid_in_hand reinstated>cancelled
        paid>clawed_back paid_in_hand>clawed_back""",
    "batch": """open>frozen open>cancelled frozen>approved frozen>cancelled approved>exported
        exported>settled exported>partly_settled settled>closed partly_settled>closed""",
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
