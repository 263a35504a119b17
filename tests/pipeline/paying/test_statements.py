"""Finance's statements over a real ledger.

By the day of Shanghai on which money moved, month by month (R21).
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from pipeline.deciding import claw_backs, decisions
from pipeline.paying import awarding, forfeiture, funds, statements
from pipeline.paying.statements import Span
from rewards.ledger import Reason
from rewards.statement import follow
from scheme.decision import Verdict
from tests.pipeline.desk import ID_NUMBER, Desk, collected_against

SHANGHAI = ZoneInfo("Asia/Shanghai")


def stated(desk: Desk, first: date, last: date) -> Span:
    with desk.runtime.read() as work:
        return statements.span(work, first, last)


def line(found: Span, book: str, reason: Reason) -> list[int]:
    """What a line says in each month."""
    return [
        dict(one.lines)[reason] for month in found.months for one in month.books if one.key == book
    ]


def year_of_money(desk: Desk) -> None:
    """February to April: deposits, a card in hand, lines that fail, forfeit, cancel, claw-back."""
    desk.clock.at = datetime(2026, 2, 3, 2, tzinfo=UTC)
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 1_000_000, "BANK-1")
        funds.stock_cards(work, desk.finance, 50_000, knowing=True)
    desk.clock.at = datetime(2026, 3, 10, 2, tzinfo=UTC)
    in_hand = desk.report(plate="沪A11111")
    forfeited = desk.report(plate="沪A22222")
    cancelled = desk.report(plate="沪A33333")
    for report_id in (in_hand, forfeited, cancelled):
        desk.decide(report_id)
    desk.tell()
    with desk.runtime.write() as work:
        share_id = desk.shares(in_hand)[0].id
        collected_against(
            work, share_id=share_id, clerk=desk.clerk, id_number=ID_NUMBER, in_hand=True
        )
        awarding.notice_received(work, forfeited)
        decisions.reopen(work, report_id=cancelled, officer=desk.officer, reason="the wrong bus")
    desk.decide(cancelled, Verdict.UNSUBSTANTIATED)
    desk.clock.at = datetime(
        2026, 3, 31, 15, 59, 59, tzinfo=UTC
    )  # the last second of March in Shanghai
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 100, "BANK-2")
    desk.clock.move(seconds=1)
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 200, "BANK-3")
    forfeiture.forfeit_due(desk.runtime)
    with desk.runtime.write() as work:
        decisions.reopen(work, report_id=in_hand, officer=desk.officer, reason="replayed")
    desk.decide(in_hand, Verdict.UNSUBSTANTIATED)
    with desk.runtime.write() as work:
        claw_backs.claw_back(work, share_id=share_id, officer=desk.officer, reason="replayed")


def test_months_tie_and_the_midnight_is_shanghais(desk: Desk) -> None:
    year_of_money(desk)
    found = stated(desk, date(2026, 2, 1), date(2026, 4, 30))
    assert found.ties
    assert not found.over
    assert [(one.first_day, one.last_day) for one in found.months] == [
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 3, 31)),
        (date(2026, 4, 1), date(2026, 4, 30)),
    ]
    assert line(found, "fund", Reason.DEPOSIT) == [1_000_000, 100, 200]
    assert line(found, "owed", Reason.AWARD) == [0, 15_000, 0]
    assert line(found, "owed", Reason.CARD_IN_HAND) == [0, -5000, 0]
    assert line(found, "owed", Reason.CANCEL) == [0, -5000, 0]
    assert line(found, "owed", Reason.FORFEIT) == [0, 0, -5000]
    assert line(found, "card_stock", Reason.CARD_IN_HAND) == [0, -5000, 0]
    assert line(found, "recoverable", Reason.CLAW_BACK) == [0, 0, 5000]
    assert {book.key: book.closing for book in found.whole.books} == {
        "owed": 0, "fund": 950_300, "card_stock": 45_000, "recoverable": 5000,
    }  # fmt: skip


def test_any_spans_that_follow_each_other_tie_and_sum_to_the_whole(desk: Desk) -> None:
    year_of_money(desk)
    days = [date(2026, 2, 1) + timedelta(days=count) for count in (0, 2, 3, 9, 37, 58, 59, 60, 88)]
    spans = [stated(desk, first, after - timedelta(days=1)) for first, after in pairwise(days)]
    whole = stated(desk, days[0], days[-1] - timedelta(days=1)).whole
    assert all(span.ties for span in spans)
    assert all(follow(one.whole, other.whole) for one, other in pairwise(spans))
    for position, book in enumerate(whole.books):
        for reason, fen in book.lines.items():
            assert fen == sum(span.whole.books[position].lines[reason] for span in spans)
        assert book.closing == spans[-1].whole.books[position].closing


def test_the_statement_says_what_the_balances_say(desk: Desk) -> None:
    year_of_money(desk)
    found = {
        book.key: book for book in stated(desk, date(2026, 3, 1), date(2026, 4, 30)).whole.books
    }
    with desk.runtime.read() as work:
        now = funds.balances(work, since=datetime(2026, 3, 1, tzinfo=SHANGHAI).astimezone(UTC))
    assert found["owed"].closing == now.payable
    assert found["owed"].opening == now.opening
    assert found["fund"].closing == now.fund
    assert found["card_stock"].closing == now.card_stock
    assert found["recoverable"].closing == now.recoverable


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "backwards"),
        (date(2020, 1, 1), date(2026, 3, 1), "too_long"),
        (date(1999, 12, 1), date(2000, 1, 1), "no_such_year"),
        (date(2026, 1, 1), date(9999, 12, 31), "no_such_year"),
    ],
)
def test_a_span_that_can_not_be_stated_is_refused(
    desk: Desk, first: date, last: date, reason: str
) -> None:
    with pytest.raises(statements.SpanInvalid) as refusal:
        stated(desk, first, last)
    assert refusal.value.reason == reason


def test_an_empty_ledger_ties(desk: Desk) -> None:
    assert stated(desk, date(2026, 1, 31), date(2026, 2, 1)).ties
