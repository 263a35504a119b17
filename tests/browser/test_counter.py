"""The counter in a real browser, without a script.

A walk-in taken in, verified and paid; a reward handed out.
"""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page

from api.texts import Texts
from pipeline.paying import funds
from pipeline.verifying.verification import verify_report
from scheme.case import ShareState
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
        funds.stock_cards(work, desk.finance, 50_000, knowing=True)


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
    page.fill("#id_number", ID_NUMBER)
    page.click("button:has-text('Show the name')")
    assert "陈安" in page.inner_text("#compared")
    fits(page)
    page.check("#seen")
    page.check("#agreed")
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
    page.click("form:has(#id_number) button")
    page.fill("#card_number", CARD)
    page.check("#agreed")
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
    page.fill("#id_number", ID_NUMBER)
    page.click("form:has(#id_number) button")
    assert page.is_visible("#card_number")
    page.check("input[value=in_hand]")
    assert not page.is_visible("#card_number")


def announced(desk: Desk) -> tuple[str, str]:
    """A reward of three joint reporters that waits at the counter: report and number."""
    report_id = desk.report(people=3, names=["陈安"])
    desk.decide(report_id)
    desk.tell()
    return report_id, desk.case(report_id).reports[0].report_number


def looks_right(page: Page) -> None:
    fits(page)
    readable(page)
    tall_enough(page)


def show(page: Page, kind: str, number: str) -> None:
    page.select_option("#id_kind", kind)
    page.fill("#id_number", number)
    page.click("form:has(#id_number) button")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_handed_out_before_the_name_stood_beside_the_document(
    site: Site, page_of: Open, lang: str, width: int
) -> None:
    desk, t = site.desk, Texts(lang).t
    report_id, number = announced(desk)
    page = page_of("clerk", width=width, lang=lang)
    page.goto(f"/ops/counter/collect?number={number}")
    assert "陈安" not in page.inner_text("main")
    assert not page.is_visible("#agreed")
    show(page, "military", "2001988")
    assert t("error.DOCUMENT_INVALID.bad_form") in page.inner_text("main")
    assert page.input_value("#id_kind") == "military"
    looks_right(page)
    show(page, "military", "军字第 ２００１９８８ 号")
    compared = page.inner_text("#compared")
    for shown in ("陈安", "军字第*****88号", "16.66"):
        assert shown in compared
    for look in ("photo", "name", "number", "validity", "seal"):
        assert t(f"look.{look}") in compared
    looks_right(page)
    page.fill("#card_number", CARD)
    page.click("form:has(#card_number) button")
    assert t("error.NOT_CONFIRMED") in page.inner_text("main")
    assert "陈安" in page.inner_text("#compared")  # and it still stands there
    looks_right(page)
    page.fill("#card_number", CARD)
    page.check("#agreed")
    page.click("form:has(#card_number) button")
    assert t("slip.collected") in page.inner_text("main")
    assert {share.state for share in desk.shares(report_id)} == {ShareState.COLLECTED}
    desk.books_hold()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_what_does_not_agree_is_noted_and_nothing_is_paid(
    site: Site, page_of: Open, lang: str, width: int
) -> None:
    desk, t = site.desk, Texts(lang).t
    report_id, number = announced(desk)
    page = page_of("clerk", width=width, lang=lang)
    page.goto(f"/ops/counter/collect?number={number}")
    show(page, "resident_id", ID_NUMBER)
    page.click(f"summary:has-text('{t('compared.differs')}')")
    looks_right(page)
    page.click(f"button:has-text('{t('compared.differs_do')}')")
    assert t("error.DIFFERENCE_REQUIRED") in page.inner_text("main")
    page.select_option("#difference", "somebody_else")
    page.fill("#note", "来的是他弟弟")
    page.click(f"button:has-text('{t('compared.differs_do')}')")
    said = page.inner_text("main")
    assert t("did.differs_noted") in said
    assert t("difference.somebody_else") in said
    assert "来的是他弟弟" not in said  # a note is opened with the next name only
    looks_right(page)
    assert {share.state for share in desk.shares(report_id)} == {ShareState.NOTIFIED}
    show(page, "household_register", ID_NUMBER)
    compared = page.inner_text("#compared")
    assert "来的是他弟弟" in compared
    assert t("look.guardian") in compared
    looks_right(page)
