"""An installation with its people for every test, copied from one that was migrated once."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.accounts import Account, Role, create_account
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from tests.pipeline.money.desk import Clock, Desk


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Account, ...]]:
    """A migrated installation with its people, made once and copied for each test."""
    home = tmp_path_factory.mktemp("installed") / "home"
    runtime = Runtime.open(Settings.under(home / "var"), now=Clock())
    with runtime.write() as work:
        people = tuple(
            create_account(work, login, login.title(), role, "a long pass word", demo=True)
            for login, role in (
                ("officer", Role.OPERATIONS),
                ("other", Role.OPERATIONS),
                ("clerk", Role.COUNTER),
                ("finance", Role.FINANCE),
                ("second", Role.FINANCE),
            )
        )
    runtime.close()
    return home, people


@pytest.fixture
def desk(tmp_path: Path, clock: Clock, installed: tuple[Path, tuple[Account, ...]]) -> Iterator[Desk]:
    """An installation of the test's own, with its people."""
    desk = open_desk(tmp_path / "home", clock, installed)
    yield desk
    desk.runtime.close()


def open_desk(home: Path, clock: Clock, installed: tuple[Path, tuple[Account, ...]]) -> Desk:
    """A copy of the installation in ``home``."""
    template, people = installed
    shutil.copytree(template, home)
    officer, other, clerk, finance, second = people
    return Desk(Runtime.open(Settings.under(home / "var"), now=clock), clock, officer, other, clerk, finance, second)


@pytest.fixture
def desk_in(installed: tuple[Path, tuple[Account, ...]]) -> Callable[[Path], Desk]:
    """For tests that open many installations: a desk in a folder, with a clock of its own."""
    return lambda home: open_desk(home, Clock(), installed)
