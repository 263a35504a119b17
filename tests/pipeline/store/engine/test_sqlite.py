"""SQLite's own: the settings of every connection, and what is refused before there is one."""

import pytest

from pipeline.runtime import Runtime
from pipeline.store.engine.needs import DurabilityRefused
from pipeline.store.engine.opening import UnknownEngine, folder_of, open_engine


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


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_keeps_nothing(url: str) -> None:
    with pytest.raises(DurabilityRefused):
        open_engine(url)


def test_a_database_that_the_store_does_not_know_is_named() -> None:
    with pytest.raises(UnknownEngine, match="mysql: choose one of sqlite, postgresql"):
        open_engine("mysql://somewhere/busreport")


def test_a_servers_database_lies_in_no_folder_of_ours() -> None:
    assert folder_of("postgresql://somewhere/busreport") is None
