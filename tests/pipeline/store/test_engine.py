"""The database is durable by assertion, a reader cannot write, and writers come one after the other (P2)."""

import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from pipeline.runtime import Runtime
from pipeline.store import counters, engine
from pipeline.store.engine import DurabilityRefused, open_engine
from pipeline.store.unit_of_work import writing


def test_every_connection_is_durable(runtime: Runtime) -> None:
    with runtime.read() as work:
        pragmas = {
            name: work.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5_000,
    }


def test_a_connection_that_is_not_durable_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "FULL", 3)  # as if the database answered otherwise than asked
    opened = open_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with pytest.raises(DurabilityRefused) as told, opened.connect():
        pass
    opened.dispose()
    assert (told.value.setting, told.value.value) == ("synchronous", 2)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_keeps_nothing(url: str) -> None:
    with pytest.raises(DurabilityRefused):
        open_engine(url)


def test_a_reader_cannot_write_and_a_writer_after_it_can(runtime: Runtime) -> None:
    with pytest.raises(OperationalError, match="readonly"), runtime.read() as work:
        counters.next_number(work.connection, "thing")
    with runtime.write() as work:
        assert counters.next_number(work.connection, "thing") == 1


def test_what_a_reader_sees_does_not_move(runtime: Runtime) -> None:
    with runtime.read() as reading:
        assert counters.last_number(reading.connection, "thing") == 0
        with runtime.write() as work:
            counters.next_number(work.connection, "thing")
        assert counters.last_number(reading.connection, "thing") == 0


def test_writers_wait_for_each_other_and_lose_nothing(runtime: Runtime) -> None:
    numbers: list[int] = []

    def count() -> None:
        for _ in range(20):
            with writing(runtime.engine) as connection:
                numbers.append(counters.next_number(connection, "thing"))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 161))


def test_foreign_keys_hold(runtime: Runtime) -> None:
    with pytest.raises(IntegrityError), runtime.write() as work:
        work.connection.exec_driver_sql(
            "INSERT INTO report_evidence (report_id, sha256, position, file_name, added_at)"
            " VALUES ('nobody', 'nothing', 0, 'a', '2026-03-11T02:00:00.000000Z')"
        )
