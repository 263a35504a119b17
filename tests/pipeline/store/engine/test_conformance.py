"""What the store needs of a database engine, asked of each: one suite, no engine's own words."""

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import counters, events, migrations
from pipeline.store.actions import Action
from pipeline.store.engine.needs import DurabilityRefused
from pipeline.store.engine.opening import kind_of
from pipeline.store.storage import DatabaseDamaged, StorageFull, StoreBusy
from pipeline.store.tables import metadata
from pipeline.store.unit_of_work import reading, writing
from tests.locks import lock_held
from tests.pipeline.store.engine.conftest import Place, opened

TABLES = "CREATE TABLE parents (id INTEGER PRIMARY KEY)"
CHILDREN = "CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id))"
TRANSFER = (
    "INSERT INTO transfers (id, seq, made_at, debit, credit, amount_fen, reason, made_by)"
    " VALUES ('a', 1, '2026-03-11T02:00:00.000000Z', 'fund', 'card_stock', 100, 'stock', 'system')"
)
EVENT = (
    "INSERT INTO events (seq, at, actor, action, subject, detail, previous_hash, hash)"
    " VALUES (1, '2026-03-11T02:00:00.000000Z', 'a', 'verified', 'x', '{}', '', '')"
)


def test_a_database_that_may_lose_what_it_acknowledged_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(place) as engine, reading(engine):
        pass
    place.lose_durability(monkeypatch)
    with opened(place) as engine, pytest.raises(DurabilityRefused), reading(engine):
        pass


def test_an_empty_database_becomes_the_one_that_the_tables_describe(engine: Engine) -> None:
    assert migrations.upgrade(engine) is True
    with reading(engine) as connection:
        assert migrations.current(connection) == migrations.HEAD
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert migrations.upgrade(engine) is False


def test_writers_wait_for_each_other_and_lose_nothing(counted: Engine) -> None:
    numbers: list[int] = []

    def count() -> None:
        for _ in range(10):
            with writing(counted) as connection:
                numbers.append(counters.next_number(connection, "thing"))

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 61))


def test_what_a_writer_reads_stays_true_until_it_commits(migrated: Place, counted: Engine) -> None:
    with writing(counted) as connection:
        assert counters.last_number(connection, "thing") == 0
        with opened(migrated) as other, pytest.raises(StoreBusy), writing(other, wait_s=0.1):
            pass
        assert counters.last_number(connection, "thing") == 0


def test_what_a_reader_sees_does_not_move(counted: Engine) -> None:
    with reading(counted) as unmoving:
        assert counters.last_number(unmoving, "thing") == 0
        with writing(counted) as connection:
            counters.next_number(connection, "thing")
        assert counters.last_number(unmoving, "thing") == 0
    with reading(counted) as later:
        assert counters.last_number(later, "thing") == 1


def test_a_reader_that_writes_is_refused_as_a_bug_and_a_writer_after_it_is_not(
    counted: Engine,
) -> None:
    with pytest.raises(DBAPIError), reading(counted) as connection:
        counters.next_number(connection, "thing")
    with writing(counted) as connection:
        assert counters.next_number(connection, "thing") == 1


def test_waiting_for_the_lock_ends_with_a_name_and_reading_goes_on(
    migrated: Place, counted: Engine
) -> None:
    with lock_held(migrated.url):
        with pytest.raises(StoreBusy), writing(counted, wait_s=0.1):
            pass
        with reading(counted) as connection:
            assert counters.last_number(connection, "thing") == 0
    with writing(counted, wait_s=0.1) as connection:
        assert counters.next_number(connection, "thing") == 1


def test_a_writer_that_waits_for_nothing_gets_a_free_lock(counted: Engine) -> None:
    with writing(counted, wait_s=0) as connection:
        assert counters.next_number(connection, "thing") == 1


def test_what_is_raised_leaves_nothing_behind(counted: Engine) -> None:
    def fail() -> None:
        with writing(counted) as connection:
            counters.next_number(connection, "thing")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with reading(counted) as connection:
        assert counters.last_number(connection, "thing") == 0


def test_references_hold(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text(TABLES))
        connection.execute(text(CHILDREN))
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(text("INSERT INTO children (id, parent) VALUES (1, 7)"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET actor = 'nobody'",
        "DELETE FROM events",
        "UPDATE transfers SET amount_fen = 1",
        "DELETE FROM transfers",
    ],
)
def test_money_and_audit_log_are_append_only(counted: Engine, change: str) -> None:
    with writing(counted) as connection:
        connection.execute(text(TRANSFER))
        connection.execute(text(EVENT))
    with pytest.raises(DBAPIError, match="append-only"), writing(counted) as connection:
        connection.execute(text(change))


def test_a_database_that_takes_nothing_is_named_and_nothing_half_stays(
    migrated: Place, counted: Engine
) -> None:
    def count_much() -> None:
        with writing(counted) as connection:
            for number in range(2000):
                counters.next_number(connection, f"thing {number}")

    migrated.fill(counted)
    with pytest.raises(StorageFull):
        count_much()
    with reading(counted) as connection:
        assert counters.last_number(connection, "thing 0") == 0


def test_damage_is_named(migrated: Place) -> None:
    with opened(migrated) as engine, writing(engine) as connection:
        counters.next_number(connection, "thing")
    migrated.damage("counters")
    with opened(migrated) as engine, pytest.raises(DatabaseDamaged), reading(engine) as connection:
        counters.last_number(connection, "thing")


def test_the_log_of_what_was_destroyed_can_be_emptied(counted: Engine) -> None:
    assert kind_of(counted).empty_log(counted) is True


STARTED = """
import sys
from dataclasses import replace
from pathlib import Path
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store.actions import Action
settings = replace(Settings.under(Path(sys.argv[1])), database=sys.argv[2])
runtime = Runtime.open(settings)
with runtime.write() as work:
    work.record("system", Action.VERIFIED, "process/1")
print(runtime.vault.index("phone", "1"))
"""


def test_four_processes_that_start_together_on_an_empty_database_all_come_up(
    place: Place, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-W", "error", "-c", STARTED, str(home), place.url]
    here = Path(__file__).parents[4]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=here) for _ in range(4)
    ]
    told = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert len(set(told)) == 1
    runtime = Runtime.open(replace(Settings.under(home), database=place.url))
    with runtime.read() as work:
        assert events.head(work.connection)[0] == 4
        assert events.verify(work.connection) is None
    runtime.close()


def test_an_action_is_stored_by_its_name(counted: Engine) -> None:
    at = datetime(2026, 3, 11, 2, tzinfo=UTC)
    with writing(counted) as connection:
        events.append(connection, at, "system", Action.VERIFIED, "report/1", {"a": 1})
    with reading(counted) as connection:
        (event,) = events.about(connection, "report/1")
        assert (event.action, event.at, event.detail) == ("verified", at, {"a": 1})
        assert events.verify(connection) is None
