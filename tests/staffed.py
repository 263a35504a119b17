"""An installation with its people, for every room that needs somebody to act.

Migrated once, copied for each test.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.staff.accounts import create_account
from pipeline.store import migrations
from pipeline.store.engine.opening import open_engine
from scheme.staff import Account, Role
from tests.pipeline.desk import Clock, Desk
from tests.postgresql import Server

Staffed: TypeAlias = tuple[Path, dict[str, Account]]

PASSWORD = "a long pass word"
PEOPLE = (
    ("officer", Role.OPERATIONS),
    ("other", Role.OPERATIONS),
    ("clerk", Role.COUNTER),
    ("finance", Role.FINANCE),
    ("second", Role.FINANCE),
    ("third", Role.FINANCE),
    ("auditor", Role.AUDITOR),
    ("admin", Role.ADMIN),
)


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Staffed:
    """A migrated installation with its people.

    Hashing their pass words takes longer than copying.
    """
    home = tmp_path_factory.mktemp("staffed") / "home"
    runtime = Runtime.open(Settings.under(home / "var"), now=Clock())
    people = open_accounts(runtime)
    runtime.close()
    return home, people


def open_accounts(runtime: Runtime) -> dict[str, Account]:
    """One account for each of PEOPLE, by log-in name."""
    with runtime.write() as work:
        return {
            login: create_account(work, login, login.title(), role, PASSWORD)
            for login, role in PEOPLE
        }


def desk_of(runtime: Runtime, clock: Clock, people: dict[str, Account]) -> Desk:
    """The people of ``open_accounts`` at their desk."""
    return Desk(
        runtime,
        clock,
        people["officer"],
        people["other"],
        people["clerk"],
        people["finance"],
        people["second"],
    )


@pytest.fixture
def desk_in(staffed: Staffed) -> Callable[[Path], Desk]:
    """``desk_in(folder)``: a copy of the installation there, with a clock of its own.

    The caller closes it.
    """
    template, people = staffed

    def open_desk(home: Path) -> Desk:
        shutil.copytree(template, home)
        clock = Clock()
        runtime = Runtime.open(
            replace(Settings.under(home / "var"), demo=True), now=clock
        )  # every message is sent
        return desk_of(runtime, clock, people)

    return open_desk


@pytest.fixture
def desk(tmp_path: Path, desk_in: Callable[[Path], Desk]) -> Iterator[Desk]:
    """An installation of the test's own; what a worker would do is done through it."""
    desk = desk_in(tmp_path / "home")
    yield desk
    desk.runtime.close()


@pytest.fixture(scope="session")
def migrated_database(postgresql: Server) -> str:
    """A migrated database of the server, that others are copied from."""
    name = postgresql.new_database()
    engine = open_engine(postgresql.url(name))
    migrations.upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def staffed_database(
    postgresql: Server, migrated_database: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, dict[str, Account]]:
    """A database with its people, that others are copied from, and the home of its key."""
    name = postgresql.new_database(migrated_database)
    home = tmp_path_factory.mktemp("staffed") / "home"
    settings = replace(Settings.under(home / "var"), database=postgresql.url(name))
    runtime = Runtime.open(settings, now=Clock())
    people = open_accounts(runtime)
    runtime.close()
    return name, home, people


@pytest.fixture
def desk_on_postgresql(
    postgresql: Server, staffed_database: tuple[str, Path, dict[str, Account]], tmp_path: Path
) -> Iterator[Desk]:
    """The same as ``desk`` on PostgreSQL."""
    template, key, people = staffed_database
    home = tmp_path / "on_postgresql"
    shutil.copytree(key, home)
    settings = replace(
        Settings.under(home / "var"),
        database=postgresql.url(postgresql.new_database(template)),
        demo=True,  # every message is sent
    )
    clock = Clock()
    runtime = Runtime.open(settings, now=clock)
    yield desk_of(runtime, clock, people)
    runtime.close()
