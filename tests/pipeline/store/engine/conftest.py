"""An empty database on each engine, and what is done to it behind the store's back."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Engine, event

from pipeline.store import migrations
from pipeline.store.engine import sqlite
from pipeline.store.engine.opening import kind_of, open_engine
from tests.postgresql import Server

ENGINES = ("sqlite", "postgresql")


class Place(Protocol):
    """A database that the conformance suite tries, and what can become of it."""

    url: str

    def lose_durability(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From the next connection on it may lose what it acknowledged."""

    def fill(self, engine: Engine) -> None:
        """From the next connection of ``engine`` on it takes nothing more."""

    def damage(self, table: str) -> None:
        """Write over what is stored of ``table``; nobody is connected."""


class OnSqlite:
    """A file of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "a b%c.sqlite3"
        self.url = f"sqlite:///{self.file}"

    def lose_durability(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As if it answered otherwise than asked."""
        monkeypatch.setattr(sqlite, "SYNCHRONOUS_FULL", 3)

    def fill(self, engine: Engine) -> None:
        """No page more than there are."""

        @event.listens_for(engine, "connect")
        def _no_more(dbapi_connection, _record) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
            dbapi_connection.execute("PRAGMA max_page_count = 1")

        engine.dispose()

    def damage(self, table: str) -> None:
        """The whole file: there is no telling where the table lies."""
        del table
        self.file.write_bytes(b"no database any more" * 1000)


class OnPostgresql:
    """A database of the test's own on the run's server."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self.url = server.url(name)

    def lose_durability(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An administrator wanted it to be faster."""
        del monkeypatch
        self.server.sql(f"ALTER DATABASE {self.name} SET synchronous_commit = off")

    def fill(self, engine: Engine) -> None:
        """As a host sets it whose disk is full."""
        self.server.sql(f"ALTER DATABASE {self.name} SET default_transaction_read_only = on")
        engine.dispose()

    def damage(self, table: str) -> None:
        """The first page of the table, while the server is down and has it nowhere else."""
        self.server.sql("CHECKPOINT")  # else recovery would write the page anew
        file = self.server.sql(f"SELECT pg_relation_filepath('{table}')", self.name)
        self.server.stop()
        with (self.server.data / file).open("r+b") as stored:
            stored.seek(100)
            stored.write(b"no rows any more" * 100)
        self.server.start()


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty database on each engine in turn."""
    if request.param == "sqlite":
        return OnSqlite(tmp_path)
    server: Server = request.getfixturevalue("postgresql")
    return OnPostgresql(server, server.new_database())


@pytest.fixture
def migrated(request: pytest.FixtureRequest, tmp_path: Path, place: Place) -> Place:
    """The same with its tables, copied: migrating takes longer."""
    if isinstance(place, OnSqlite):
        template: Path = request.getfixturevalue("sqlite_template")
        copied = OnSqlite(tmp_path)
        shutil.copy(template, copied.file)
        return copied
    server: Server = request.getfixturevalue("postgresql")
    return OnPostgresql(server, server.new_database(request.getfixturevalue("migrated_database")))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file."""
    file = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    _migrate(f"sqlite:///{file}")
    return file


def _migrate(url: str) -> None:
    engine = open_engine(url)
    migrations.upgrade(engine)
    kind_of(engine).empty_log(engine)
    engine.dispose()


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    """A process's connections to an empty database."""
    with opened(place) as engine:
        yield engine


@pytest.fixture
def counted(migrated: Place) -> Iterator[Engine]:
    """A process's connections to a database with counters in it, none of them counted."""
    with opened(migrated) as engine:
        yield engine


@contextmanager
def opened(place: Place) -> Iterator[Engine]:
    """The connections of another process."""
    engine = open_engine(place.url)
    try:
        yield engine
    finally:
        engine.dispose()
