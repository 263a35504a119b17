"""Accounts and lines move on each engine: the card of before to what was collected with it."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, column, insert, table, text
from sqlalchemy.exc import DBAPIError

from pipeline.store import batches as stored_batches
from pipeline.store import ledger, migrations, person_keys
from pipeline.store.unit_of_work import reading, writing
from pipeline.store.vault import Vault
from rewards.payout import LineShare
from scheme.money import Fen

AT = "2026-03-11T02:00:00.000000Z"
CARD = "6222020000000000017"
FROZEN = '["ann", "6222020000000000017"]'


def test_cards_move_to_what_was_collected_with_them_and_shares_under_their_lines(
    engine: Engine,
) -> None:
    vault = Vault(bytes(range(32)))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0019")
        _fill(connection, vault)
    assert migrations.upgrade(engine) is True
    with reading(engine) as connection:
        accounts = {
            row.id: row.account_kind
            for row in connection.execute(text("SELECT id, account_kind FROM shares"))
        }
        assert accounts == {"s0": "card", "s1": "card", "s2": None, "s3": None}
        for share_id in ("s0", "s1"):  # the first named collected for both
            sealed = ledger.share(connection, share_id).account_enc
            assert sealed is not None
            assert person_keys.unseal(connection, vault, "ann", sealed, place="card") == CARD
        lines = stored_batches.lines_of(connection, "b")
        taken = [(LineShare("s0", Fen(2500)),), (LineShare("s1", Fen(2500)),)]
        assert [line.shares for line in lines] == taken
        payees = [
            person_keys.unseal(
                connection, vault, "ann", line.payee_enc or b"", place=f"b/{line.line_number}"
            )
            for line in lines
        ]
        assert payees == [FROZEN, FROZEN]
    for change in (
        "UPDATE shares SET amount_fen = 1",
        "UPDATE batch_lines SET amount_fen = 1",
        "UPDATE line_shares SET amount_fen = 1",
        "DELETE FROM shares",
        "DELETE FROM batch_lines",
        "DELETE FROM line_shares",
    ):
        with pytest.raises(DBAPIError, match=r"fixed|kept"), writing(engine) as connection:
            connection.execute(text(change))


def _fill(connection: Connection, vault: Vault) -> None:
    """One reward of two people, frozen in a batch; one handed over, one not collected."""
    at = AT
    keys = {person: vault.new_wrapped_key(person) for person in ("ann", "bob")}
    for person, key in keys.items():
        card_enc = vault.encrypt(key, CARD, f"persons/{person}/card")
        _insert(
            connection, "persons", id=person, created_at=at, phone_index=person, wrapped_key=key,
            name_enc=b"", phone_enc=b"", card_enc=card_enc,
        )  # fmt: skip
    _insert(
        connection, "accounts",
        id="k", login="k", display_name="k", role="finance", password_hash="x", active=True,
        demo=False, failures=0, created_at=at,
    )  # fmt: skip
    _insert(
        connection, "reports",
        id="r", state="verified", channel="web", created_at=at, received_at=at, receipt_seq=1,
        report_number="n", row_version=0, code_failures=0, excluded=False, tied_by_officer=False,
        attempts=0,
    )  # fmt: skip
    _insert(connection, "cases", id="c", number="c", category="wrong_way", opened_at=at)
    _insert(
        connection, "decisions",
        id="d", report_id="r", version=1, verdict="substantiated", reasons="[]", note="",
        officer="k", decided_at=at, procedure_policy="p",
    )  # fmt: skip
    _insert(
        connection, "batches",
        id="b", number="B1", state="frozen", channel="card_top_up", procedure_policy="p",
        built_by="k", built_at=at,
    )  # fmt: skip
    shares = (
        ("s0", "w0", "ann", 0, "in_batch", "card_top_up", at, "b"),
        ("s1", "w0", "bob", 1, "in_batch", "card_top_up", at, "b"),
        ("s2", "w1", "ann", 0, "paid_in_hand", "card_in_hand", at, None),
        ("s3", "w2", "ann", 0, "notified", "card_top_up", None, None),
    )
    for reward_id in ("w0", "w1", "w2"):
        _insert(
            connection, "rewards",
            id=reward_id, case_id="c", report_id="r", decision_id="d", amount_fen=5000,
            substance_policy="p", awarded_at=at,
        )  # fmt: skip
    for share_id, reward_id, person_id, position, state, channel, collected_at, batch_id in shares:
        _insert(
            connection, "shares",
            id=share_id, reward_id=reward_id, person_id=person_id, position=position,
            amount_fen=2500, state=state, channel=channel, collected_at=collected_at,
            batch_id=batch_id,
        )  # fmt: skip
    for number, share_id in enumerate(("s0", "s1"), start=1):
        sealed = vault.encrypt(keys["ann"], FROZEN, f"persons/ann/b/{number}")
        _insert(
            connection, "batch_lines",
            batch_id="b", line_number=number, share_id=share_id, amount_fen=2500, payee_id="ann",
            payee_enc=sealed,
        )  # fmt: skip


def _insert(connection: Connection, name: str, **values: object) -> None:
    connection.execute(insert(table(name, *map(column, values))).values(values))
