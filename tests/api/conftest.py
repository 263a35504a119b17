"""An installation with its people and the application over it, for every test; browsers as many as asked for."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from pipeline.accounts import Account, Role, create_account
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from tests.api.staff import PASSWORD, Browser
from tests.pipeline.money.desk import Clock, Desk

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
def staffed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Account]]:
    """A migrated installation with its people, made once and copied for each test."""
    home = tmp_path_factory.mktemp("staffed") / "home"
    runtime = Runtime.open(Settings.under(home / "var"), now=Clock())
    with runtime.write() as work:
        people = {login: create_account(work, login, login.title(), role, PASSWORD) for login, role in PEOPLE}
    runtime.close()
    return home, people


@pytest.fixture
def desk(tmp_path: Path, staffed: tuple[Path, dict[str, Account]]) -> Iterator[Desk]:
    """An installation of the test's own; what a worker would do is done through it."""
    template, people = staffed
    shutil.copytree(template, tmp_path / "home")
    clock = Clock()
    runtime = Runtime.open(Settings.under(tmp_path / "home" / "var"), now=clock)
    yield Desk(runtime, clock, people["officer"], people["other"], people["clerk"], people["finance"], people["second"])
    runtime.close()


@pytest.fixture
def browser(desk: Desk) -> Iterator[Callable[[str], Browser]]:
    """``browser("officer")``: a browser of its own, signed in; ``browser("")``: a stranger's."""
    app = create_app(desk.runtime)
    opened: list[TestClient] = []

    def open_one(login: str) -> Browser:
        client = TestClient(app, headers={"accept-language": "en"})
        opened.append(client)
        one = Browser(client)
        return one.sign_in(login) if login else one

    yield open_one
    for client in opened:
        client.close()
