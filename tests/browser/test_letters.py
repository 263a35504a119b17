"""Letters and statements in a real browser: registered, printed, posted; read at any width."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page

from tests.browser.looks import Site, fits, readable, tall_enough
from tests.browser.test_counter import photo, stocked

Open = Callable[..., Page]


def whole(page: Page) -> None:
    """The page keeps to what every page keeps to."""
    fits(page)
    readable(page)
    tall_enough(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_letter_comes_in_and_its_receipt_goes_out(site: Site, page_of: Open, width: int) -> None:
    site.desk.clock.at = datetime(2026, 3, 14, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(
        UTC
    )
    page = page_of("clerk", width=width)
    assert "opens next" in page.inner_text("main")  # the counter is closed, letters are not
    whole(page)
    page.click("text=Letters")
    page.click("main a.button:has-text('Register a letter')")
    page.click("button:has-text('Register')")
    assert "valid date" in page.inner_text("main")
    whole(page)
    page.check("input[value=smoking_or_phone]")
    page.select_option("#kind", "phone")
    page.fill("#day", "2026-03-10")
    page.fill("#clock", "21:40")
    page.fill("#route", "49")
    page.fill("#plate", "沪A12345")
    page.fill("#postmark", "2026-03-10")
    page.set_input_files("#file", files=[photo()])
    page.fill("[name='reporters.0.name']", "陈安")
    page.fill("[name='reporters.0.phone']", "13800000001")
    page.fill("#address", "上海市静安区江宁路 1 号 2 室")
    page.check("#consent")
    whole(page)
    page.click("button:has-text('Register')")
    slip = page.inner_text("main")
    assert re.search(r"20260314-\d{7}", slip)
    assert "江宁路 1 号" in slip
    whole(page)
    site.desk.tell()
    page.goto("/ops/letters")
    whole(page)
    page.click("button:has-text('Print')")
    assert "江宁路 1 号" in page.inner_text("main")
    whole(page)
    page.click("button:has-text('Posted')")
    assert "No letter waits" in page.inner_text("main")
    whole(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_statement_is_read_month_by_month(site: Site, page_of: Open, width: int) -> None:
    stocked(site.desk)
    page = page_of("finance", width=width)
    page.goto("/fin/statement?from=2026-01-01&to=2026-03-31")
    assert "Every month ties" in page.inner_text("main")
    whole(page)
    page.fill("#to", "2025-12-01")
    page.click("button:has-text('Show')")
    assert "before the first" in page.inner_text("main")
    whole(page)
