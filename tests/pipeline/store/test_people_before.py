"""People who were known before people could change.

Their documents and payouts are kept by the migration.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from pipeline.store import documents, identities, migrations
from pipeline.store.engine.opening import open_engine
from pipeline.store.unit_of_work import writing
from pipeline.store.vault import Vault
from rewards.documents import document
from scheme.who_is_who import DocumentOfAnother

BEFORE_PEOPLE_CHANGE = "0008"
AT = "2026-03-11T02:00:00.000000Z"


def rows_before_people_changed(vault: Vault) -> dict[str, list[dict[str, object]]]:
    """A person with a document, one with a passport, one erased.

    A reward that was frozen for the first of them.
    """
    keys = {person: vault.new_wrapped_key(person) for person in ("ann", "bob", "eve")}

    def sealed(person: str, place: str, text_: str) -> bytes:
        return vault.encrypt(keys[person], text_, f"persons/{person}/{place}")

    def person(name: str, number: str | None, *, erased: bool = False) -> dict[str, object]:
        return {
            "id": name,
            "created_at": AT,
            "wrapped_key": None if erased else keys[name],
            "phone_index": vault.index("phone", name),
            "id_index": None if number is None else vault.index("id", number),
            "name_enc": sealed(name, "name", name),
            "phone_enc": sealed(name, "phone", "13800000001"),
            "id_number_enc": None if number is None else sealed(name, "id_number", number),
        }

    line = {"batch_id": "b", "line_number": 1, "share_id": "s1", "amount_fen": 2500}
    share = {
        "reward_id": "w",
        "amount_fen": 2500,
        "state": "paid",
        "channel": "card_top_up",
        "batch_id": "b",
    }
    return {
        "accounts": [
            {"id": "o", "login": "o", "display_name": "O", "role": "operations",
             "password_hash": "", "active": True, "demo": False, "failures": 0, "created_at": AT}
        ],
        "persons": [
            person("ann", "11010519491231002X"),
            person("bob", "E12345678"),
            person("eve", None, erased=True),
        ],
        "cases": [{"id": "c", "number": "C1", "category": "wrong_way", "opened_at": AT}],
        "reports": [
            {"id": "r", "state": "draft", "row_version": 0, "channel": "web", "created_at": AT,
             "code_failures": 0, "excluded": False, "tied_by_officer": False, "attempts": 0}
        ],
        "report_reporters": [{"report_id": "r", "position": 0, "person_id": "ann"}],
        "decisions": [
            {"id": "d", "report_id": "r", "version": 1, "verdict": "substantiated",
             "reasons": "[]", "note": "", "officer": "o", "decided_at": AT, "procedure_policy": "p"}
        ],
        "rewards": [
            {"id": "w", "case_id": "c", "report_id": "r", "decision_id": "d", "amount_fen": 5000,
             "substance_policy": "p", "awarded_at": AT}
        ],
        "batches": [
            {"id": "b", "number": "B1", "state": "settled", "channel": "card_top_up",
             "procedure_policy": "p", "built_by": "o", "built_at": AT}
        ],
        "shares": [
            {"id": "s0", "person_id": "ann", "position": 0, **share},
            {"id": "s1", "person_id": "bob", "position": 1, **share},
        ],
        "batch_lines": [{**line, "payee_enc": sealed("ann", "b/1", '["ann", "0000000001"]')}],
    }  # fmt: skip


def test_people_keep_document_and_payee_when_people_begin_to_change(tmp_path: Path) -> None:
    engine, vault = open_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}"), Vault(bytes(range(32)))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE_PEOPLE_CHANGE)
        for table, rows in rows_before_people_changed(vault).items():
            for row in rows:
                names = ", ".join(row)
                values = ", ".join(f":{name}" for name in row)
                # Our own names
                connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608
    assert migrations.upgrade(engine) is True
    with writing(engine) as connection:
        for number, kind, whose in (
            ("11010519491231002X", "resident_id", "ann"),
            ("E12345678", "passport", "bob"),
        ):
            assert documents.owner(connection, vault, document(number, kind)) == whose
        assert [one.number for one in documents.of_persons(connection, vault, ["bob"])] == [
            "E12345678"
        ]
        with pytest.raises(
            DocumentOfAnother
        ):  # a passport of before kinds were kept is the same passport
            documents.add(
                connection,
                vault,
                "ann",
                document("E12345678", "passport"),
                "ann",
                datetime.now(UTC),
            )
        payees = connection.execute(text("SELECT payee_id FROM batch_lines")).scalars().all()
        assert payees == ["ann"]  # the first named collected for both
        assert identities.of_report(connection, vault, "r")[0].name == "ann"
        assert identities.of_number(connection, vault, "eve") is None  # erased: the number is free
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):  # and references hold again
            connection.execute(
                text("INSERT INTO report_reporters VALUES ('r', 1, 'nobody', NULL, NULL)")
            )
    engine.dispose()
