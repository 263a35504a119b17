"""The migrations make exactly the tables of the code, and guard what must never change."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, insert, table, text

from pipeline.runtime import Runtime
from pipeline.store import books, events, migrations
from pipeline.store.actions import Action
from pipeline.store.engine.opening import open_engine
from pipeline.store.tables import metadata
from pipeline.store.unit_of_work import reading, writing
from rewards import reconcile

OUTSIDE_BRACKETS = re.compile(r",\s+(?![^(]*\))")


def test_migrated_tables_are_the_pinned_ones(runtime: Runtime) -> None:
    with runtime.read() as work:
        context = MigrationContext.configure(work.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_constraints_are_migrated_as_well(runtime: Runtime, tmp_path: Path) -> None:
    other = open_engine(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    with writing(other) as connection:
        metadata.create_all(connection)
    query = text(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
    )

    def clauses(sql: str) -> list[str]:
        """Columns and constraints; SQLite writes an added column behind the last of them."""
        inside = sql.split("(", 1)[1].rsplit(")", 1)[0]
        return sorted(" ".join(clause.split()) for clause in OUTSIDE_BRACKETS.split(inside))

    with reading(other) as connection:
        wanted = {name: clauses(sql) for name, sql in connection.execute(query)}
    other.dispose()
    with runtime.read() as work:
        assert {name: clauses(sql) for name, sql in work.connection.execute(query)} == wanted


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_upgrading_twice_does_nothing_the_second_time(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a b%c.sqlite3'}")
    assert migrations.upgrade(engine) is True
    assert migrations.upgrade(engine) is False
    engine.dispose()


def test_addresses_move_to_the_reports_that_they_were_given_with(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in (
            (
                "INSERT INTO reports (id, state, row_version, channel, created_at, code_failures,"
                " excluded, tied_by_officer, attempts)"
                " VALUES ('r', 'draft', 0, 'web', '2026-03-11T02:00:00.000000Z', 0, 0, 0, 0)"
            ),
            (
                "INSERT INTO persons (id, created_at, phone_index, name_enc, phone_enc, email_enc)"
                " VALUES ('p', '2026-03-11T02:00:00.000000Z', 'i', x'00', x'00', x'0e')"
            ),
            "INSERT INTO report_reporters (report_id, position, person_id) VALUES ('r', 0, 'p')",
        ):
            connection.execute(text(statement))
    assert migrations.upgrade(engine) is True
    with reading(engine) as connection:
        assert connection.execute(
            text("SELECT report_id, email_enc FROM report_reporters")
        ).all() == [("r", b"\x0e")]
    engine.dispose()


def _insert(connection: Connection, name: str, **values: object) -> None:
    connection.execute(insert(table(name, *map(column, values))).values(values))


def test_files_that_were_read_for_a_report_stay_read_and_a_drafts_is_read_for_it(
    tmp_path: Path,
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    at, sha256 = "2026-03-11T02:00:00.000000Z", "f" * 64
    plain = {
        "row_version": 0,
        "code_failures": 0,
        "excluded": False,
        "tied_by_officer": False,
        "attempts": 0,
    }
    received = {"receipt_seq": 1, "report_number": "n", "received_at": at}
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        file = {
            "sha256": sha256,
            "kind": "photo",
            "format": "jpeg",
            "mime": "image/jpeg",
            "size_bytes": 9,
        }
        _insert(connection, "evidence", **file, stored_at=at, attempts=2)
        _insert(
            connection,
            "readings",
            sha256=sha256,
            reader_version="1",
            schema=1,
            made_at=at,
            body="{}",
        )
        for report_id, state, more in (("d", "draft", {}), ("r", "received", received)):
            _insert(
                connection,
                "reports",
                id=report_id,
                state=state,
                channel="web",
                created_at=at,
                **plain,
                **more,
            )
            _insert(
                connection, "report_evidence",
                report_id=report_id, sha256=sha256, position=0, file_name="a.jpg", added_at=at,
            )  # fmt: skip
    assert migrations.upgrade(engine) is True
    with reading(engine) as connection:
        rows = connection.execute(
            text("SELECT report_id, read_by, attempts FROM report_evidence ORDER BY report_id")
        )
        assert rows.all() == [("d", None, 0), ("r", "1", 0)]
    engine.dispose()


def test_a_ledger_from_before_is_put_on_record_as_a_whole(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    at = datetime(2026, 3, 11, 2, tzinfo=UTC)
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        events.append(connection, at, "system", Action.FUND_DEPOSITED, "account/fund", {})
        moved = {
            "id": "deposit/a",
            "seq": 1,
            "debit": "fund",
            "credit": "group",
            "amount_fen": 100,
            "reason": "deposit",
        }
        _insert(
            connection,
            "transfers",
            **moved,
            made_at="2026-03-11T02:00:00.000000Z",
            made_by="system",
        )
    migrations.upgrade(engine)
    with reading(engine) as connection:
        assert events.verify(connection) is None
        assert reconcile.faults(books.books(connection), books.record(connection)) == ()
    with writing(engine) as connection:
        connection.execute(text("DROP TRIGGER transfers_no_update"))
        connection.execute(text("UPDATE transfers SET amount_fen = 900"))
    with reading(engine) as connection:
        (fault,) = reconcile.faults(books.books(connection), books.record(connection))
        assert fault.code == "TRANSFER_NOT_ON_RECORD"
    engine.dispose()


def test_what_was_read_before_is_compared_too(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    at, later, sha256 = "2026-03-11T02:00:00.000000Z", "2026-03-11T02:00:40.000000Z", "f" * 64
    box = {"left": 0.4, "top": 0.5, "right": 0.6, "bottom": 0.6}
    plate = {
        "colour": "yellow",
        "box": box,
        "height_px": 40.0,
        "candidates": [],
        "probability": 0.9,
    }
    unsure = {"certain": False, "candidates": [{"text": "沪A99998", "log_likelihood": -1.0}]}
    labels = [
        {"text": text, "raw": text, "probability": sure, "box": box}
        for text, sure in (("49", 0.9), ("4", 0.1))
    ]
    body = {
        "facts": {"place": {"latitude": 31.2, "longitude": 121.4, "source": "exif"}},
        "plates": [
            {**plate, "number": "沪A12345", "certain": True},
            {**plate, "number": "沪A99999", **unsure},
        ],
        "routes": labels,
    }
    plain = {
        "row_version": 0,
        "code_failures": 0,
        "excluded": False,
        "tied_by_officer": False,
        "attempts": 0,
    }
    span = {"captured_from": at, "captured_to": later}
    received = {"receipt_seq": 1, "report_number": "n", "received_at": at, **span}
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        file = {
            "sha256": sha256,
            "kind": "photo",
            "format": "jpeg",
            "mime": "image/jpeg",
            "size_bytes": 9,
        }
        _insert(connection, "evidence", **file, stored_at=at, attempts=0)
        for version, seen in (("1", {}), ("2", body)):
            made_at = at if version == "1" else later
            reading_ = {
                "sha256": sha256,
                "reader_version": version,
                "schema": 1,
                "made_at": made_at,
            }
            _insert(connection, "readings", **reading_, body=json.dumps(seen))
        _insert(
            connection,
            "reports",
            id="r",
            state="verified",
            channel="web",
            created_at=at,
            **plain,
            **received,
        )
        _insert(
            connection, "report_evidence",
            report_id="r", sha256=sha256, position=0, file_name="a.jpg", added_at=at,
        )  # fmt: skip
    assert migrations.upgrade(engine) is True
    with reading(engine) as connection:
        names = connection.execute(
            text("SELECT kind, name, sure FROM names_read ORDER BY kind, name")
        ).all()
        taken = connection.execute(text("SELECT * FROM captures")).all()
    assert names == [
        ("plate", "沪A12345", 1),
        ("plate", "沪A99998", 0),
        ("plate", "沪A99999", 0),
        ("route", "49", 1),
    ]
    assert taken == [("r", sha256, at, later, 31.2, 121.4)]
    engine.dispose()
