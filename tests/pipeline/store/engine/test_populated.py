"""Migrations keep populated data, on each engine."""

from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, column, insert, table, text

from pipeline.store import events, migrations
from pipeline.store.actions import Action
from pipeline.store.unit_of_work import reading, writing


def test_what_was_read_out_of_the_log_becomes_columns(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0015")
        _fill_before_0016(connection)
    assert migrations.upgrade(engine) is True
    with reading(engine) as connection:
        told = connection.execute(
            text(
                "SELECT id, reopened_at, withdrawn_at, registered_by, paid_on_the_spot_by,"
                " paid_on_the_spot_at FROM reports ORDER BY id"
            )
        ).all()
        doubted = connection.execute(text("SELECT id, doubted_at FROM rewards ORDER BY id")).all()
        called = connection.execute(text("SELECT id, called_at FROM shares ORDER BY id")).all()
        assert connection.execute(text("SELECT person_id FROM letters")).all() == [("p",)]
    assert told == [
        ("again", None, None, None, None, None),  # reopened, then decided again
        ("letter", None, None, "cli", None, None),
        ("open", _minute(6), None, None, None, None),
        ("paid", None, None, "k", "k", _minute(8)),
        ("plain", None, None, None, None, None),
        ("taken", None, _minute(9), None, None, None),
    ]
    assert doubted == [("w1", _minute(10)), ("w2", None)]
    assert called == [("s1", _minute(12)), ("s2", None)]


def _minute(number: int) -> str:
    return f"2026-03-11T02:{number:02d}:00.000000Z"


def _fill_before_0016(connection: Connection) -> None:
    """Reports, rewards and a letter as 0015 keeps them, and the log that spoke of them."""
    at = _minute(0)
    plain = {
        "row_version": 0,
        "code_failures": 0,
        "excluded": False,
        "tied_by_officer": False,
        "attempts": 0,
    }
    for seq, report_id in enumerate(("again", "letter", "open", "paid", "plain", "taken"), 1):
        _insert(
            connection, "reports",
            id=report_id, state="verified", channel="web", created_at=at, received_at=at,
            receipt_seq=seq, report_number=f"n{seq}", **plain,
        )  # fmt: skip
    _insert(
        connection, "persons", id="p", created_at=at, phone_index="i", name_enc=b"", phone_enc=b""
    )
    _insert(
        connection, "letters",
        report_id="letter", person_id="p", postmarked_on="2026-03-10", registered_by="cli",
    )  # fmt: skip
    _insert(
        connection, "accounts",
        id="k", login="k", display_name="k", role="counter", password_hash="x", active=True,
        demo=False, failures=0, created_at=at,
    )  # fmt: skip
    _insert(connection, "cases", id="c", number="c", category="wrong_way", opened_at=at)
    _insert(
        connection, "decisions",
        id="d", report_id="paid", version=1, verdict="substantiated", reasons="[]", note="",
        officer="k", decided_at=at, procedure_policy="p",
    )  # fmt: skip
    for number in ("1", "2"):
        _insert(
            connection, "rewards",
            id=f"w{number}", case_id="c", report_id="paid", decision_id="d", amount_fen=5000,
            substance_policy="p", awarded_at=at,
        )  # fmt: skip
        _insert(
            connection, "shares",
            id=f"s{number}", reward_id=f"w{number}", person_id="p", position=0, amount_fen=5000,
            state="cancelled", channel="card_top_up",
        )  # fmt: skip
    happened = (
        (Action.RECEIVED, "report/plain"),
        (Action.REPORT_DECIDED, "report/again"),
        (Action.REPORT_REOPENED, "report/again"),
        (Action.REPORT_DECIDED, "report/again"),
        (Action.REPORT_DECIDED, "report/open"),
        (Action.REPORT_REOPENED, "report/open"),
        (Action.WALK_IN_REGISTERED, "report/paid"),
        (Action.PAID_ON_THE_SPOT, "report/paid"),
        (Action.WITHDRAWN, "report/taken"),
        (Action.CLAW_BACK_DUE, "reward/w1"),
        (Action.LETTER_REGISTERED, "report/letter"),
        (Action.REPORTER_CALLED, "share/s1"),
        (Action.REPORTER_CALLED, "share/s1"),
    )
    for minute, (action, subject) in enumerate(happened, 1):
        instant = datetime(2026, 3, 11, 2, minute, tzinfo=UTC)
        events.append(connection, instant, "k", action, subject, {})


def _insert(connection: Connection, name: str, **values: object) -> None:
    connection.execute(insert(table(name, *map(column, values))).values(values))
