"""What is found of tampering, with a head kept apart and without.

The eight kinds of P11, each tried (TRUST.md M17).
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

from pipeline.paying import audit, batches, funds
from pipeline.paying.audit import Head, HeadInvalid, Verified
from pipeline.runtime import Work
from pipeline.store import events
from pipeline.store.actions import Action
from pipeline.store.tables import events as log
from pipeline.store.tables import transfers
from rewards.reconcile import CODES
from tests import guards
from tests.pipeline.desk import Desk
from tests.pipeline.paying.test_paying import answered, exported, in_batch, step

Tamper = Callable[[Connection], object]


@pytest.fixture
def books(desk: Desk) -> Desk:
    """An installation whose books hold something of each kind."""
    return filled(desk)


def filled(desk: Desk) -> Desk:
    """Three rewards: one paid by a batch that is settled, one in an open batch, one collected.

    And a deposit.
    """
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 100_000, "first")
    batch_id, _ = in_batch(desk)
    step(desk, "load_result", batch_id, desk.finance, answered(exported(desk, batch_id)))
    desk.to_be_paid(serial=2, people=3)
    with desk.runtime.write() as work:
        batches.build_batch(work, desk.finance)
    desk.to_be_paid(serial=3)
    return desk


def verified(desk: Desk, kept: Head | None = None) -> Verified:
    with desk.runtime.read() as work:
        return audit.verify(work, kept)


def tampered(desk: Desk, tamper: Tamper) -> None:
    """Do what somebody does who has the database to themselves: the guards go first."""
    with desk.runtime.write() as work:
        guards.take_away(work.connection)
        tamper(work.connection)


def run(*statements: str) -> Tamper:
    def tamper(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    return tamper


def rehash(connection: Connection, since: int) -> None:
    """Make the chain hold again from an entry on, as the product itself would have hashed it."""
    rows = connection.execute(select(log).order_by(log.c.seq)).mappings().all()
    previous = events.FIRST_PREVIOUS
    for row in rows:
        values: dict[str, Any] = {**row, "previous_hash": previous}
        previous = events._hash(values)
        if row["seq"] >= since:
            connection.execute(
                text("UPDATE events SET previous_hash = :before, hash = :now WHERE seq = :seq"),
                {"before": values["previous_hash"], "now": previous, "seq": row["seq"]},
            )


def rewrite(connection: Connection) -> None:
    connection.execute(text("UPDATE events SET actor = 'somebody' WHERE seq = 5"))
    rehash(connection, 5)


def rebuild(connection: Connection) -> None:
    connection.execute(text("UPDATE events SET actor = 'somebody' WHERE action = 'account_opened'"))
    rehash(connection, 1)


def truncate(connection: Connection) -> None:
    last = connection.execute(text("SELECT max(seq) FROM events")).scalar_one()
    connection.execute(text("DELETE FROM events WHERE seq = :last"), {"last": last})
    connection.execute(
        text("UPDATE counters SET value = :left WHERE name = 'event_seq'"), {"left": last - 1}
    )


SWAP = (
    "UPDATE events SET seq = 999 WHERE seq = 3",
    "UPDATE events SET seq = 3 WHERE seq = 4",
    "UPDATE events SET seq = 4 WHERE seq = 999",
)
INSERT = (
    "INSERT INTO events SELECT"
    " (SELECT max(seq) + 1 FROM events), at, actor, action, subject, detail, hash,"
    " CASE substr(hash, 1, 1) WHEN 'f' THEN 'e' ELSE 'f' END || substr(hash, 2)"
    " FROM events WHERE seq = (SELECT max(seq) FROM events)"
)
PAYOUT = (
    "INSERT INTO transfers (id, seq, made_at, debit, credit, amount_fen, reason, made_by)"
    " VALUES ('paid/mine', (SELECT max(seq) + 1 FROM transfers),"
    " '2026-03-11T02:00:00.000000Z', 'reward_expense', 'fund', 5000, 'paid', 'system')"
)

CHAIN_ALONE: dict[str, tuple[Tamper, bool]] = {
    "edit": (run("UPDATE events SET detail = '{}' WHERE seq = 3"), True),
    "delete": (run("DELETE FROM events WHERE seq = 4"), True),
    "swap": (run(*SWAP), True),
    "insert": (run(INSERT), True),
    "truncate": (truncate, False),
    "rewrite": (rewrite, False),
    "full rebuild": (rebuild, False),
}
"""Kind of tampering -> how, and whether the chain shows it without a head that was kept apart."""


def test_an_untouched_installation_is_sound(books: Desk) -> None:
    first = verified(books)
    assert (first.broken, first.faults, first.kept_holds) == (None, (), None)
    books.to_be_paid(serial=4)
    later = verified(books, first.head)
    assert later.sound
    assert later.kept_holds is True
    assert later.head.count > first.head.count


@pytest.mark.parametrize(("tamper", "alone"), CHAIN_ALONE.values(), ids=CHAIN_ALONE)
# A case's outcome
def test_tampering_with_the_log_is_found(books: Desk, tamper: Tamper, alone: bool) -> None:  # noqa: FBT001
    kept = verified(books).head
    tampered(books, tamper)
    assert (verified(books).broken is not None) is alone
    assert not verified(books, kept).sound


def test_a_head_of_elsewhere_does_not_hold(books: Desk) -> None:
    head = verified(books).head
    for other in (
        Head(head.count, "f" * 64),
        Head(head.count + 1, head.hash),
        Head(head.count - 1, head.hash),
    ):
        assert verified(books, other).kept_holds is False
    with pytest.raises(HeadInvalid):
        Head.parse("yesterday")
    assert Head.parse(f" {head} ") == head


MONEY: dict[str, tuple[Tamper, str]] = {
    "a payout": (run(PAYOUT), "TRANSFER_NOT_ON_RECORD"),
    "a payout like any other": (
        run(
            "INSERT INTO transfers (id, seq, made_at, debit, credit, amount_fen, reason,"
            " share_id, batch_id, made_by)"
            " SELECT 'paid/' || batch_id || '/again', (SELECT max(seq) + 1 FROM transfers),"
            " made_at, debit, credit, amount_fen, reason, share_id, batch_id, made_by"
            " FROM transfers WHERE reason = 'paid'"
        ),
        "TRANSFER_NOT_ON_RECORD",
    ),
    "a larger amount": (
        run("UPDATE transfers SET amount_fen = 99999 WHERE reason = 'deposit'"),
        "TRANSFER_CHANGED",
    ),
    "another account": (
        run("UPDATE transfers SET credit = 'card_stock' WHERE reason = 'paid'"),
        "TRANSFER_CHANGED",
    ),
    "a transfer gone": (run("DELETE FROM transfers WHERE reason = 'deposit'"), "TRANSFER_GONE"),
    "a reward": (
        run(
            "INSERT INTO rewards (id, case_id, live_case_id, report_id, decision_id, amount_fen,"
            " substance_policy, awarded_at) SELECT 'mine', case_id, NULL, report_id, decision_id,"
            " 5000, substance_policy, awarded_at FROM rewards LIMIT 1"
        ),
        "REWARD_NOT_ON_RECORD",
    ),
    "a larger reward": (run("UPDATE rewards SET amount_fen = 9000"), "REWARD_CHANGED"),
    "a larger share": (
        run("UPDATE shares SET amount_fen = 9000 WHERE state = 'collected'"),
        "REWARD_CHANGED",
    ),
    "a share collected": (
        run(
            "UPDATE shares SET state = 'notified' WHERE state = 'collected'",
            "DELETE FROM events WHERE action = 'reward_collected'",
            "UPDATE shares SET state = 'collected' WHERE state = 'notified'",
        ),
        "SHARE_STATE_NOT_ON_RECORD",
    ),
    "a share paid": (
        run(
            "UPDATE shares SET state = 'paid', batch_id = (SELECT id FROM batches LIMIT 1)"
            " WHERE state = 'collected'"
        ),
        "SHARE_PAID_WRONG",
    ),
    "a paid share owed again": (
        run("UPDATE shares SET state = 'collected', batch_id = NULL WHERE state = 'paid'"),
        "SHARE_OWED_WRONG",
    ),
    "a batch approved": (
        run(
            "UPDATE batches SET state = 'approved', frozen_by = built_by,"
            " approved_by = (SELECT id FROM accounts WHERE login = 'third') WHERE state = 'open'"
        ),
        "BATCH_STEP_NOT_ON_RECORD",
    ),
    "a larger total": (
        run("UPDATE batches SET total_fen = 9000 WHERE total_fen IS NOT NULL"),
        "BATCH_TOTAL_WRONG",
    ),
    "a larger line": (run("UPDATE batch_lines SET amount_fen = 9000"), "BATCH_LINE_WRONG"),
    "a share out of the batch": (
        run("UPDATE shares SET state = 'collected', batch_id = NULL WHERE state = 'in_batch'"),
        "BATCH_HOLDS_WRONG",
    ),
}


@pytest.mark.parametrize(("tamper", "code"), MONEY.values(), ids=MONEY)
def test_money_written_by_sql_is_found(books: Desk, tamper: Tamper, code: str) -> None:
    tampered(books, tamper)
    found = verified(books)
    assert not found.sound
    assert code in {fault.code for fault in found.faults}
    assert {fault.code for fault in found.faults} <= set(CODES)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE shares SET amount_fen = 9000",
        "UPDATE rewards SET amount_fen = 9000",
        "UPDATE batch_lines SET amount_fen = 9000",
        "DELETE FROM batch_lines",
        "DELETE FROM shares",
        "DELETE FROM rewards",
        "DELETE FROM batches",
    ],
)
def test_the_database_itself_keeps_amounts_and_rows_of_money(books: Desk, change: str) -> None:
    with pytest.raises(IntegrityError, match=r"fixed|kept"), books.runtime.write() as work:
        work.connection.execute(text(change))


def test_every_fault_has_a_case() -> None:
    assert {code for _, code in MONEY.values()} == set(CODES)


def test_whoever_forges_money_and_record_alike_is_not_found_and_the_docs_say_so(
    books: Desk,
) -> None:
    """The limit of it: an entry written as the product writes it is taken for the product's."""
    kept = verified(books).head

    def forge(connection: Connection) -> None:
        connection.execute(text(PAYOUT))
        row = (
            connection.execute(select(transfers).where(transfers.c.id == "paid/mine"))
            .mappings()
            .one()
        )
        names = (
            "id",
            "debit",
            "credit",
            "amount_fen",
            "reason",
            "share_id",
            "batch_id",
            "reverses",
        )
        detail = json.loads(json.dumps({name: row[name] for name in names}))
        events.append(
            connection,
            row["made_at"],
            "system",
            Action.TRANSFER_POSTED,
            "transfer/paid/mine",
            detail,
        )

    tampered(books, forge)
    assert verified(books, kept).sound


def test_every_transfer_is_on_record_with_who_made_it(books: Desk) -> None:
    def told(work: Work) -> list[tuple[str, str]]:
        query = "SELECT subject, actor FROM events WHERE action = 'transfer_posted' ORDER BY seq"
        return [(row.subject, row.actor) for row in work.connection.execute(text(query))]

    with books.runtime.read() as work:
        rows = work.connection.execute(text("SELECT id, made_by FROM transfers ORDER BY seq"))
        assert told(work) == [(f"transfer/{row.id}", row.made_by) for row in rows]
