"""Migrations keep populated data, on each engine."""

from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, column, insert, table, text

from pipeline.store import events, migrations
from pipeline.store.actions import Action
from pipeline.store.unit_of_work import reading, writing
from scheme.naming import canonical_route


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


def _insert(connection: Connection, name: str, /, **values: object) -> None:
    connection.execute(insert(table(name, *map(column, values))).values(values))


def test_lines_stored_under_an_older_name_get_the_one_they_have_now(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0018")
        _fill_before_0019(connection)
    assert migrations.upgrade(engine) is True
    with reading(engine) as connection:
        claimed = connection.execute(
            text("SELECT report_id, version, route FROM claims ORDER BY report_id, version")
        ).all()
        shown = connection.execute(
            text("SELECT report_id, name, sure FROM names_read ORDER BY report_id, name")
        ).all()
        listed = [
            connection.execute(text(f"SELECT routes FROM {table_name}")).scalars().all()  # noqa: S608
            for table_name in ("roster_vehicles", "roster_badges")
        ]
    assert claimed == [
        ("a", 1, "933快线"),
        ("a", 2, "13A"),
        ("b", 1, "隧道三线"),
        ("b", 2, None),
    ]
    assert shown == [
        ("a", "1", True),
        ("a", "933快线", True),
        ("a", "路", False),
        ("b", "01", True),
    ]
    assert listed == [['["1", "933快线"]'], ['["松江19"]']]


LINES = (
    *("49", "49路", "四十九路", "049", "933路快线", "933快线", "13路A线", "13A", "松江十九路"),
    *("隧道3线", "隧道三线", "1路", "01", "0841", "926区间车", "K4路", "浦东11路", "一百零二路"),
)


@pytest.mark.parametrize("line", LINES)
def test_the_migration_names_a_line_as_the_rule_does_today(line: str) -> None:
    """Holds until the rule changes again; then it goes, the migration stays."""
    revision = import_file("0019_one_name_of_a_line")
    for before in ("", "公交", "第", "公交第"):
        for after in ("", "公交车", "上行"):
            stored = f"{before}{line}{after}"
            assert revision.one_name(stored) == canonical_route(stored)


def import_file(revision: str) -> ModuleType:
    """A revision, which Alembic too loads by its path."""
    path = Path(migrations.__file__).parent / "versions" / f"{revision}.py"
    spec = spec_from_file_location(revision, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _fill_before_0019(connection: Connection) -> None:
    """Claims, names in files and a roster as they were stored before lines had one name."""
    at = _minute(0)
    plain = {
        "row_version": 0,
        "code_failures": 0,
        "excluded": False,
        "tied_by_officer": False,
        "attempts": 0,
    }
    for seq, report_id in enumerate(("a", "b"), 1):
        _insert(
            connection, "reports",
            id=report_id, state="verified", channel="web", created_at=at, received_at=at,
            receipt_seq=seq, report_number=f"n{seq}", **plain,
        )  # fmt: skip
    for report_id, version, route in (
        ("a", 1, "933路快线"),
        ("a", 2, "13路A线"),
        ("b", 1, "隧道3线"),
        ("b", 2, None),
    ):
        _insert(
            connection, "claims",
            report_id=report_id, version=version, made_at=at, made_by="reporter", reason="",
            category="wrong_way", route=route, note="",
        )  # fmt: skip
    for report_id, kind, name, sure in (
        ("a", "route", "1", False),
        ("a", "route", "01", True),
        ("a", "route", "933路快线", True),
        ("a", "route", "路", False),
        ("b", "badge", "01", True),
    ):
        _insert(connection, "names_read", report_id=report_id, kind=kind, name=name, sure=sure)
    _insert(
        connection, "roster_imports",
        id="i", effective_from="2026-01-01", imported_at=at, imported_by="cli", sha256="f" * 64,
    )  # fmt: skip
    listed = {"import_id": "i", "unit": "一分公司"}
    _insert(
        connection, "roster_vehicles",
        plate="沪A12345", routes='["1", "01", "933路快线"]', **listed,
    )  # fmt: skip
    _insert(connection, "roster_badges", badge="012345", routes='["松江十九"]', **listed)
