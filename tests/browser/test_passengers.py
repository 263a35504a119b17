"""A passenger's phone: the whole way with and without a script, what it looks like, and an upload that breaks."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from pipeline import verification
from samples.drawing import DrawnSample, draw
from tests.browser.looks import Site, fits, readable

Stranger = Callable[..., Page]


@pytest.fixture
def stranger(chromium: Browser, site: Site) -> Iterator[Stranger]:
    """``stranger(script=False, lang="en")``: a phone that has seen nothing of us, 360 px wide."""
    contexts: list[BrowserContext] = []

    def open_page(*, script: bool = True, lang: str = "zh", width: int = 360) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 780},
            java_script_enabled=script,
            base_url=site.url,
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"/?lang={lang}")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def smoking(site: Site, tmp_path: Path) -> DrawnSample:
    """A photo of a driver who smokes, taken an hour ago."""
    return draw("smoking", tmp_path, site.desk.clock() - timedelta(hours=1))


def easy_to_hit(page: Page) -> None:
    """Whatever is tapped is 44 px wide and high; a tick box counts with its label."""
    small: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('a, button, summary, select, textarea, label.choice, input')]
            .filter(one => one.offsetParent && !one.matches('[type=hidden], [type=checkbox], .sr, .skip'))
            .filter(one => { const box = one.getBoundingClientRect(); return box.width < 43.5 || box.height < 43.5 })
            .map(one => one.outerHTML.slice(0, 120))"""
    )
    assert not small, f"{page.url}: {small}"


def press(page: Page, selector: str) -> None:
    """Press what leads to another page, and wait until it is there."""
    with page.expect_navigation():
        page.click(selector)


def looked_at(page: Page, *, script: bool = True) -> None:
    """Every page on the way keeps to the same."""
    fits(page)
    if script:
        readable(page)
        easy_to_hit(page)


def read_files(site: Site, page: Page) -> None:
    """What the worker would do with the files on the page."""
    for sha256 in set(re.findall(r"files/([0-9a-f]{64})/remove", page.content())):
        assert verification.read_evidence(site.desk.runtime, sha256=sha256)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_whole_way_on_a_phone(site: Site, stranger: Stranger, smoking: DrawnSample, lang: str) -> None:
    page = stranger(lang=lang)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda said: failures.append(said.text) if "Content Security" in said.text else None)
    looked_at(page)
    press(page, ".hero .button >> nth=0")
    looked_at(page)
    press(page, "button[value=smoking_or_phone]")
    looked_at(page)
    assert page.is_hidden("#upload-button")  # with a script the upload starts by itself
    page.set_input_files("#file", smoking.path)
    page.wait_for_selector(".files .name")
    read_files(site, page)
    page.wait_for_selector("#coach-state[data-reading=no] .seen")
    page.wait_for_selector(".files img")
    looked_at(page)
    for field in ("time", "route", "plate"):
        page.click(f".chip[data-field={field}]")
        page.wait_for_selector(f".chip[data-field={field}]", state="detached")
    claim = smoking.claim
    assert (page.input_value("#plate"), page.input_value("#route")) == (claim.plate, claim.route)
    page.fill("#place", "淮海中路")
    press(page, "#claim .actions button")
    looked_at(page)
    press(page, "#contact .actions button")
    assert page.title().startswith("出错：" if lang == "zh" else "Error: ")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    looked_at(page)
    page.fill("[name='reporters.0.name']", "陆晓梅")
    page.fill("[name='reporters.0.phone']", "13800138000")
    press(page, "#contact .actions button")
    looked_at(page)
    page.check("#truth")
    page.check("#consent")
    press(page, "#submit button")
    page.wait_for_selector("#code")
    looked_at(page)
    number, code = page.inner_text(".slip .number"), page.inner_text("#code")
    assert code not in page.url
    press(page, ".actions .button >> nth=0")
    looked_at(page)
    page.fill("#secret_code", code)
    press(page, "form .actions button")
    assert number in page.inner_text("h1")
    looked_at(page)
    press(page, "a[href='/s/withdraw']")
    looked_at(page)
    assert failures == []


def test_the_whole_way_without_a_script(site: Site, stranger: Stranger, smoking: DrawnSample) -> None:
    page = stranger(script=False)
    press(page, ".hero .button >> nth=0")
    press(page, "button[value=smoking_or_phone]")
    page.set_input_files("#file", smoking.path)
    press(page, "#upload-button button")
    looked_at(page, script=False)
    read_files(site, page)
    press(page, "#coach-refresh button")
    for field in ("time", "route", "plate"):
        press(page, f".chip[data-field={field}]")
    press(page, "#claim .actions button")
    page.fill("[name='reporters.0.name']", "陆晓梅")
    page.fill("[name='reporters.0.phone']", "13800138000")
    press(page, "#contact .actions button")
    page.check("#truth")
    page.check("#consent")
    press(page, "#submit button")
    assert page.is_visible("#code")
    assert page.is_hidden("#copy")
    looked_at(page, script=False)


def test_a_broken_upload_says_so_and_the_same_file_is_sent_again(stranger: Stranger, smoking: DrawnSample) -> None:
    page = stranger()
    press(page, ".hero .button >> nth=0")
    press(page, "button[value=smoking_or_phone]")

    def cut(route: Route) -> None:
        route.abort("connectionreset")

    page.route("**/files", cut)
    page.set_input_files("#file", smoking.path)
    page.wait_for_selector("#upload-state .error-text")
    assert "网络断了" in page.inner_text("#upload-state")
    page.unroute("**/files")
    page.set_input_files("#file", smoking.path)
    page.wait_for_selector(".files .name")


def test_a_file_that_is_refused_says_what_to_do_beside_it(stranger: Stranger, tmp_path: Path) -> None:
    page = stranger(lang="en")
    press(page, ".hero .button >> nth=0")
    press(page, "button[value=smoking_or_phone]")
    wrong = tmp_path / "page.jpg"
    wrong.write_bytes(b"<html><body>not a photo</body></html>")
    page.set_input_files("#file", wrong)
    page.wait_for_selector("#upload-state .error-text")
    assert "not what its name says" in page.inner_text("#upload-state")
    looked_at(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/privacy", "/s", "/login", "/nowhere", "/dev/outbox", "/s?number=20260311-0000001"])
def test_the_pages_beside_the_way(stranger: Stranger, path: str, lang: str) -> None:
    page = stranger(lang=lang)
    page.goto(path)
    looked_at(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    fits(page)


def test_time_in_the_future_is_said_as_soon_as_it_is_typed(site: Site, stranger: Stranger) -> None:
    page = stranger()
    press(page, ".hero .button >> nth=0")
    press(page, "button[value=smoking_or_phone]")
    tomorrow = site.desk.clock() + timedelta(days=2)
    page.fill("#day", tomorrow.date().isoformat())
    page.fill("#clock", "08:41")
    page.press("#clock", "Tab")
    page.wait_for_selector("#coach .error-text")
    assert "还没有到" in page.inner_text("#coach")
