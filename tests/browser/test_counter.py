"""The counter in a real browser, without a script.

A walk-in taken in, verified and paid; a reward handed out.
"""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page

from pipeline.paying import funds
from pipeline.verifying.verification import verify_report
from tests.browser.looks import Site, fits, readable, tall_enough
from tests.pipeline.desk import CARD, ID_NUMBER, Desk

Open = Callable[..., Page]


def photo() -> FilePayload:
    stream = io.BytesIO()
    Image.new("RGB", (640, 480), (120, 130, 140)).save(stream, "JPEG")
    return {"name": "bus.jpg", "mimeType": "image/jpeg", "buffer": stream.getvalue()}


def stocked(desk: Desk) -> None:
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 50_000, "BANK-1")
        funds.stock_cards(work, desk.finance, 50_000)


def fill_in(page: Page) -> None:
    page.goto("/ops/counter/register")
    page.check("input[value=wrong_way]")
    page.fill("#day", "2026-03-10")
    page.fill("#clock", "08:00")
    page.fill("#route", "49")
    page.fill("#plate", "沪A12345")
    page.fill("#place", "建国东路525号")
    page.set_input_files("#file", files=[photo()])
    page.fill("[name='reporters.0.name']", "陈安")
    page.fill("[name='reporters.0.phone']", "13800000001")
    page.check("#consent")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_walk_in_goes_home_with_a_card(site: Site, page_of: Open, width: int) -> None:
    stocked(site.desk)
    page = page_of("clerk", width=width, script=False)
    assert page.url.endswith("/ops/counter")
    fits(page)
    fill_in(page)
    fits(page)
    page.click("button:has-text('Register')")
    slip = page.inner_text("main")
    assert re.search(r"20260310-\d{7}", slip)
    assert re.search(r"\d{4} \d{4} \d{4} \d{4}", slip)
    fits(page)
    page.click("text=Verify now")
    assert "being read" in page.inner_text("main")
    verify_report(site.desk.runtime, report_id=page.url.rsplit("/", maxsplit=1)[-1])
    page.goto(page.url)
    assert "沪A12345" in page.inner_text("main")
    fits(page)
    page.check("#seen")
    page.fill("#id_number", ID_NUMBER)
    page.click("button:has-text('Substantiate')")
    assert "Reward paid" in page.inner_text("main")
    assert "50.00 yuan" in page.inner_text("main")
    fits(page)
    site.desk.ledger_holds()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_fits_a_phone_and_reads_well(site: Site, page_of: Open, lang: str) -> None:
    report_id = site.desk.report(people=3)
    site.desk.decide(report_id)
    site.desk.tell()
    number = site.desk.case(report_id).reports[0].report_number
    page = page_of("clerk", width=360, lang=lang)
    for address in (
        "/ops/counter",
        "/ops/counter/register",
        "/ops/counter/collect",
        f"/ops/counter/collect?number={number}",
        "/ops/counter/collect?number=nothing",
        "/ops/rewards",
    ):
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(address)
        fits(page)
        readable(page)
        tall_enough(page)
        page.set_viewport_size({"width": 1280, "height": 800})
        fits(page)
    page.goto(f"/ops/counter/collect?number={number}")
    page.fill("#id_number", ID_NUMBER)
    page.fill("#card_number", CARD)
    page.click("form:has(#card_number) button")
    page.set_viewport_size({"width": 360, "height": 740})
    fits(page)
    readable(page)
    assert page.is_visible("[data-print]")


def test_a_card_number_is_asked_for_only_where_it_is_needed(site: Site, page_of: Open) -> None:
    report_id = site.desk.report()
    site.desk.decide(report_id)
    site.desk.tell()
    page = page_of("clerk")
    page.goto(f"/ops/counter/collect?number={site.desk.case(report_id).reports[0].report_number}")
    assert page.is_visible("#card_number")
    page.check("input[value=in_hand]")
    assert not page.is_visible("#card_number")
