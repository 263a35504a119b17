"""A real browser at a real server, in the test's own process: SQLite, files and clock are the test's.

Needs Debian's ``chromium``; where it is absent these tests are skipped.
"""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api.app import create_app
from pipeline.accounts import Account, Role, create_account
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from tests.browser.looks import PASSWORD, Site
from tests.pipeline.money.desk import Clock, Desk

CHROMIUM = "/usr/bin/chromium"
PEOPLE = (
    ("officer", Role.OPERATIONS),
    ("other", Role.OPERATIONS),
    ("clerk", Role.COUNTER),
    ("finance", Role.FINANCE),
    ("second", Role.FINANCE),
    ("third", Role.FINANCE),
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser itself, started once."""
    if not Path(CHROMIUM).exists():
        pytest.skip("needs service: chromium (make services)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Account]]:
    """A migrated installation with its people, copied for each test."""
    home = tmp_path_factory.mktemp("peopled") / "home"
    runtime = Runtime.open(Settings.under(home / "var"), now=Clock())
    with runtime.write() as work:
        people = {login: create_account(work, login, login.title(), role, PASSWORD) for login, role in PEOPLE}
    runtime.close()
    return home, people


@pytest.fixture
def site(tmp_path: Path, peopled: tuple[Path, dict[str, Account]]) -> Iterator[Site]:
    """An installation of the test's own, served on a port of its own."""
    template, people = peopled
    shutil.copytree(template, tmp_path / "home")
    clock = Clock()
    runtime = Runtime.open(Settings.under(tmp_path / "home" / "var"), now=clock)
    desk = Desk(
        runtime, clock, people["officer"], people["other"], people["clerk"], people["finance"], people["second"]
    )
    server = uvicorn.Server(
        uvicorn.Config(create_app(runtime), port=0, ws="none", lifespan="off", log_level="warning", log_config=None)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Site(desk, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(20)
    runtime.close()


@pytest.fixture
def page_of(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """``page_of("clerk", width=360, script=False)``: a page of somebody signed in, with a window of that width."""
    contexts: list[BrowserContext] = []

    def open_page(login: str, *, width: int = 1280, script: bool = True, lang: str = "en") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            java_script_enabled=script,
            base_url=site.url,
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"/login?lang={lang}")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("main button")
        return page

    yield open_page
    for context in contexts:
        context.close()
