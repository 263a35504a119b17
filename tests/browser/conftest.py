"""A real browser at a real server, in the test's own process.

SQLite, files and clock are the test's.

Needs Debian's ``chromium``; where it is absent these tests are skipped.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api.app import create_app
from tests.browser.looks import Site
from tests.pipeline.desk import Desk
from tests.served import served
from tests.staffed import PASSWORD

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--renderer-process-limit=1",  # starting one for each visitor takes half a second
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser itself, started once."""
    if not Path(CHROMIUM).exists():
        pytest.skip("needs service: chromium (make services)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(desk: Desk) -> Iterator[Site]:
    """The installation with its people, served on a port of its own."""
    with served(create_app(desk.runtime)) as address:
        yield Site(desk, address)


@pytest.fixture
def page_of(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """``page_of("clerk", width=360, script=False)``.

    A page of somebody signed in, with a window of that width.
    """
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
