"""A passenger's phone: the whole way, with and without a script, and an upload that breaks."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from pipeline.deciding import questions
from pipeline.staff import accounts
from pipeline.verifying import reading_files
from samples.drawing import DrawnSample
from scheme.decision import Verdict
from scheme.finding import Sight
from tests.browser.looks import Site, fits, readable
from tests.drawings import Drawings

Stranger = Callable[..., Page]
SHANGHAI = ZoneInfo("Asia/Shanghai")


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
def smoking(site: Site, drawings: Drawings, tmp_path: Path) -> DrawnSample:
    """A photo of a driver who smokes, taken an hour ago."""
    return drawings.draw("smoking", tmp_path, site.desk.clock() - timedelta(hours=1))


def easy_to_hit(page: Page) -> None:
    """Whatever is tapped is 44 px wide and high.

    A tick box, and a round one in a label, count with their label.
    """
    small: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(
                'a, button, summary, select, textarea, label.choice, input')]
            .filter(one => one.offsetParent)
            .filter(one => !one.matches('[type=hidden], [type=checkbox], .sr, .skip'))
            .filter(one => !one.matches('label.choice [type=radio]'))
            .filter(one => {
                const box = one.getBoundingClientRect();
                return box.width < 43.5 || box.height < 43.5
            })
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


def receipt_and_progress(page: Page) -> None:
    """From the receipt to the report, with and without its code."""
    number, code = page.inner_text(".slip .number"), page.inner_text("#code")
    assert code not in page.url
    page.reload()
    assert page.inner_text("#code") == code  # until it is saved
    press(page, "form.actions button")
    assert number in page.inner_text("h1")
    looked_at(page)
    page.goto("/s")
    assert number in page.inner_text(".notice")  # no code is asked for where the session is
    looked_at(page)
    page.fill("#report_number", number)
    page.fill("#secret_code", code)
    press(page, "form .actions button")
    assert number in page.inner_text("h1")
    looked_at(page)


def read_files(site: Site, page: Page) -> None:
    """What the worker would do with the files on the page."""
    for report_id, sha256 in set(
        re.findall(r"/r/([0-9a-f]{32})/files/([0-9a-f]{64})/remove", page.content())
    ):
        assert reading_files.read_evidence(site.desk.runtime, report_id=report_id, sha256=sha256)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_whole_way_on_a_phone(
    site: Site, stranger: Stranger, smoking: DrawnSample, lang: str
) -> None:
    page = stranger(lang=lang)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on(
        "console",
        lambda said: failures.append(said.text) if "Content Security" in said.text else None,
    )
    looked_at(page)
    press(page, ".hero .button >> nth=0")
    looked_at(page)
    press(page, "button[value=smoking_or_phone]")
    looked_at(page)
    assert page.is_hidden("#upload-button")  # with a script the upload starts by itself
    press(page, "#go-on button")
    assert page.query_selector(".error-summary a[href='#file']")
    page.set_input_files("#file", smoking.path)
    page.wait_for_selector(".files .name")
    assert not page.query_selector(".error-summary a[href='#file'], #upload .error-text")
    read_files(site, page)
    page.wait_for_selector("#coach-state[data-reading=no] .seen")
    page.wait_for_selector(".files img")
    looked_at(page)
    press(page, "#go-on button")
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
    receipt_and_progress(page)
    press(page, "a[href='/s/withdraw']")
    looked_at(page)
    assert failures == []


def test_the_whole_way_without_a_script(
    site: Site, stranger: Stranger, smoking: DrawnSample
) -> None:
    page = stranger(script=False)
    press(page, ".hero .button >> nth=0")
    press(page, "button[value=smoking_or_phone]")
    page.set_input_files("#file", smoking.path)
    press(page, "#upload-button button")
    looked_at(page, script=False)
    read_files(site, page)
    press(page, "#coach-refresh button")
    press(page, "#go-on button")
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


def test_a_broken_upload_says_so_and_the_same_file_is_sent_again(
    stranger: Stranger, smoking: DrawnSample
) -> None:
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


def test_a_file_that_is_refused_says_what_to_do_beside_it(
    stranger: Stranger, tmp_path: Path
) -> None:
    page = stranger(lang="en")
    press(page, ".hero .button >> nth=0")
    press(page, "button[value=smoking_or_phone]")
    wrong = tmp_path / "page.jpg"
    wrong.write_bytes(b"<html><body>not a photo</body></html>")
    page.set_input_files("#file", wrong)
    page.wait_for_selector("#upload-state .error-text")
    assert "not what its name says" in page.inner_text("#upload-state")
    looked_at(page)


def begin(page: Page, category: str) -> None:
    """From the first page to the evidence page of that kind."""
    press(page, ".hero .button >> nth=0")
    press(page, f"button[value={category}]")


def submitted(
    page: Page, smoking: DrawnSample, people: Sequence[tuple[str, str]]
) -> tuple[str, str]:
    """From the evidence page to the receipt in plain forms; number and code."""
    claim = smoking.claim
    assert claim.violated_at is not None
    at = claim.violated_at.astimezone(SHANGHAI)
    press(page, "#go-on button")
    page.fill("#day", at.strftime("%Y-%m-%d"))
    page.fill("#clock", at.strftime("%H:%M"))
    page.fill("#route", str(claim.route))
    page.fill("#plate", str(claim.plate))
    press(page, "#claim .actions button")
    for _ in people[1:]:
        press(page, "button[name=add]")
    for row, (name, phone) in enumerate(people):
        page.fill(f"[name='reporters.{row}.name']", name)
        page.fill(f"[name='reporters.{row}.phone']", phone)
    press(page, "#contact .actions button")
    page.check("#truth")
    page.check("#consent")
    press(page, "#submit button")
    return page.inner_text(".slip .number"), page.inner_text("#code")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_photo_of_a_red_light_is_refused_with_the_way_out(
    stranger: Stranger, smoking: DrawnSample, lang: str, *, script: bool
) -> None:
    page = stranger(lang=lang, script=script)
    begin(page, "red_light")
    page.set_input_files("#file", smoking.path)
    if script:
        page.wait_for_selector("#upload-state .error-text")
    else:
        press(page, "#upload-button button")
    refused = page.inner_text("#upload .error-text")
    assert ("只收视频" if lang == "zh" else "video") in refused
    assert page.query_selector(".files .name") is None
    looked_at(page, script=script)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_three_report_together_follow_their_report_and_take_it_back(
    stranger: Stranger, smoking: DrawnSample, *, script: bool
) -> None:
    page = stranger(lang="en", script=script)
    begin(page, "smoking_or_phone")
    page.set_input_files("#file", smoking.path)
    if script:
        page.wait_for_selector(".files .name")
    else:
        press(page, "#upload-button button")
    people = [("陆晓梅", "13800138000"), ("陈建国", "13800138001"), ("何静", "13800138002")]
    number, code = submitted(page, smoking, people)
    page.context.clear_cookies(name="reporter")
    page.goto("/s/report")
    assert page.url.endswith("/s")
    page.fill("#report_number", number)
    page.fill("#secret_code", "0000 0000 0000 0000")
    press(page, "form .actions button")
    assert "Number or code is wrong" in page.inner_text(".error-summary")
    assert page.input_value("#report_number") == number
    assert page.input_value("#secret_code") == ""
    looked_at(page, script=script)
    page.fill("#secret_code", code.replace(" ", ""))
    press(page, "form .actions button")
    assert number in page.inner_text("h1")
    press(page, "a[href='/s/withdraw']")
    press(page, "main form button")
    assert "Withdrawn" in page.inner_text("main")
    assert page.query_selector("a[href='/s/withdraw']") is None
    looked_at(page, script=script)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_material_that_was_asked_for_is_added(
    site: Site, stranger: Stranger, smoking: DrawnSample, *, script: bool
) -> None:
    page = stranger(lang="en", script=script)
    report_id = site.desk.report()
    with site.desk.runtime.write() as work:
        token = accounts.reporter_session(work, report_id)
        version = site.desk.case(report_id).reports[0].row_version
        questions.ask_for_more(
            work,
            report_id=report_id,
            officer=site.desk.officer,
            row_version=version,
            text="A photo of the plate, please.",
            sights=[Sight.PLATE],
        )
    page.context.add_cookies([{"name": "reporter", "value": token, "url": site.url}])
    page.goto("/s/report")
    assert "A photo of the plate, please." in page.inner_text(".notice-warn")
    looked_at(page, script=script)
    page.set_input_files("#file", smoking.path)
    if not script:
        press(page, "#upload-button button")
    page.wait_for_selector(f".files .name:has-text('{smoking.path.name}')")
    assert page.query_selector(".notice-warn") is None
    assert "Received" in page.inner_text(".tag")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_state_of_a_report_reads_well(site: Site, stranger: Stranger, lang: str) -> None:
    desk = site.desk
    rewarded, refused, waiting = (
        desk.report(people=3),
        desk.report(plate="沪B12345"),
        desk.submit(plate="沪C12345"),
    )
    desk.decide(rewarded)
    desk.decide(refused, Verdict.UNSUBSTANTIATED)
    desk.tell()
    page = stranger(lang=lang)
    for report_id, says in ((rewarded, "16.67"), (refused, ""), (waiting, "")):
        with desk.runtime.write() as work:
            token = accounts.reporter_session(work, report_id)
        page.context.add_cookies([{"name": "reporter", "value": token, "url": site.url}])
        page.goto("/s/report")
        assert says in page.inner_text("main")
        looked_at(page)
        page.set_viewport_size({"width": 1280, "height": 800})
        fits(page)
        page.set_viewport_size({"width": 360, "height": 780})


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path", ["/privacy", "/lines", "/s", "/login", "/nowhere", "/s?number=20260311-0000001"]
)
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
    page.goto(page.url.replace("/evidence", "/claim"))
    tomorrow = site.desk.clock() + timedelta(days=2)
    page.fill("#day", tomorrow.date().isoformat())
    page.fill("#clock", "08:41")
    page.press("#clock", "Tab")
    # What was said of the day alone is overtaken by what is said of both.
    page.wait_for_selector("#suggestions .error-text:has-text('还没有到')")
