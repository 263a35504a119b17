"""Draws the pictures of the documentation from the running product.

``python -m samples.screenshots``.

A demo installation is started as ``make run`` does, on its own folder and port; a passenger's phone
and an officer's desk are then real Chromium windows. Needs ``make services``.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from samples.demo import PASSWORD
from samples.drawing import draw

CHROMIUM = "/usr/bin/chromium"
PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
START_S = 120
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 760}


def main() -> None:
    """Write every picture; each is a page as it is, nothing is painted over."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        _demo(Path(folder)) as address,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        _phone(browser, address, Path(folder))
        _desk(browser, address)
        browser.close()


@contextmanager
def _demo(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "BUSREPORT_HOME": str(folder / "home"),
        "BUSREPORT_PORT": str(port),
        "BUSREPORT_DEMO": "yes",
    }
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline.doors.cli.main", "run"], env=environment
    ) as product:
        try:
            _wait_for(f"{address}/health")
            yield address
        finally:
            product.send_signal(signal.SIGINT)


def _wait_for(url: str) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address, made above
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def _phone(browser: Browser, address: str, folder: Path) -> None:
    """A passenger's way to the coach, and the front page."""
    taken_at = datetime.now(ZoneInfo("Asia/Shanghai")).replace(microsecond=0) - timedelta(hours=3)
    photo = draw("smoking", folder, taken_at, seed=11).path
    page = browser.new_page(viewport=PHONE, locale="zh-CN", device_scale_factor=2)
    page.goto(address)
    _keep(page, "home-phone")
    page.goto(f"{address}/r")
    page.locator("[value=smoking_or_phone]").first.click()
    if page.url.endswith("/r"):
        page.locator("main button").first.click()
    page.wait_for_url("**/evidence")
    page.locator("input[type=file]").first.set_input_files(photo)
    page.locator("#coach-state .seen").first.wait_for(
        timeout=1000 * START_S
    )  # the workers read the demo's files first
    page.evaluate("document.querySelector('#coach-title').scrollIntoView()")
    _keep(page, "coach-phone")
    page.close()


def _desk(browser: Browser, address: str) -> None:
    """An officer's queue and case page, and finance's balances."""
    page = _logged_in(browser, address, "ops")
    page.goto(f"{address}/ops/queue")
    for _ in range(60):  # the workers are still at it
        # The demo's reports
        if page.locator("a[href*='/ops/cases/']").count() >= 5:  # noqa: PLR2004
            break
        page.wait_for_timeout(1000)
        page.reload()
    _keep(page, "queue")
    page.locator("a[href*='/ops/cases/']").nth(1).click()
    page.wait_for_load_state("networkidle")
    _keep(page, "case")
    page.close()
    page = _logged_in(browser, address, "fin")
    page.goto(f"{address}/fin")
    _keep(page, "finance")
    page.close()


def _logged_in(browser: Browser, address: str, login: str) -> Page:
    page = browser.new_page(viewport=DESK, locale="zh-CN")
    page.goto(f"{address}/login")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.locator("main button[type=submit], main button").first.click()
    page.wait_for_load_state()
    return page


def _keep(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"docs/pictures/{name}.png")  # noqa: T201 - the command's output


if __name__ == "__main__":
    main()
