"""Finance in a real browser, without a script.

From the collected reward to the settled batch; and how it looks.
"""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.looks import Site, fits, readable, tall_enough
from tests.pipeline.paying.banks import as_csv, as_xlsx, at_the_bank, bank_rows

Open = Callable[..., Page]


def answered(content: bytes) -> bytes:
    """The exported list with ``paid`` in every line but the second."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    keys = [heading.rsplit(maxsplit=1)[-1] for heading in rows[0]]
    for number, row in enumerate(rows[1:-1], start=1):
        row[keys.index("result")] = "failed" if number == 2 else "paid"
        row[keys.index("reason")] = "card unknown" if number == 2 else ""
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows(rows)
    return sheet.getvalue().encode("utf-8")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_batch_is_paid_without_a_script(
    site: Site, page_of: Open, tmp_path: Path, width: int
) -> None:
    for serial, name in enumerate(("陈安", "何静", "高远"), start=1):
        site.desk.to_be_paid(names=[name], serial=serial)
    finance, second, third = (
        page_of(login, width=width, script=False) for login in ("finance", "second", "third")
    )
    finance.goto("/fin/batches")
    finance.click("text=Build a batch")
    address = finance.url
    assert "陈*" in finance.content()
    finance.click("button:has-text('Freeze')")
    second.goto(address)
    second.check("#approve-knowing")  # nobody has paid in yet
    second.click("button:has-text('Approve')")
    third.goto(address)
    with third.expect_download() as waiting:
        third.click("button:has-text('CSV')")
    saved = tmp_path / "list.csv"
    waiting.value.save_as(saved)
    assert waiting.value.suggested_filename == "payout-B26-00001.csv"
    returned = tmp_path / "result.csv"
    returned.write_bytes(answered(saved.read_bytes()))
    finance.goto(address)
    finance.set_input_files("#file", returned)
    finance.click("text=Load and settle")
    assert "Partly settled" in finance.inner_text("main")
    assert "card unknown" in finance.inner_text("main")
    fits(third)
    finance.click("text=Close the batch")
    finance.goto("/fin")
    assert "It ties" in finance.inner_text("main")
    site.desk.ledger_holds()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_fits_a_phone_and_reads_well(site: Site, page_of: Open, lang: str) -> None:
    for serial in (1, 2):
        site.desk.to_be_paid(serial=serial)
    page = page_of("finance", width=360, lang=lang)
    page.goto("/fin/batches")
    page.click("form[action='/fin/batches'] button")
    batch = page.url
    for address in (batch, "/fin", "/fin?since=2026-03-01", "/fin/batches"):
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(address)
        fits(page)
        readable(page)
        page.set_viewport_size({"width": 1280, "height": 800})
        fits(page)
    page.goto(batch)
    page.click("form[action$='/freeze'] button")
    assert not page.is_visible("form[action$='/approve'] button")  # not this person's step
    page.set_viewport_size({"width": 360, "height": 740})
    fits(page)
    readable(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_banks_list_is_understood_said_and_applied_without_a_script(
    site: Site, page_of: Open, tmp_path: Path, width: int
) -> None:
    for serial, name in enumerate(("陈安", "何静", "高远"), start=1):
        site.desk.to_be_paid(names=[name], serial=serial)
    batch_id, content = at_the_bank(site.desk)
    address = f"/fin/batches/{batch_id}"
    rows = [list(row) for row in bank_rows(content, {2: ("待核查", "卡号错误")})]
    rows[4][3] = "￥50.01"
    returned = tmp_path / "回单.xlsx"
    returned.write_bytes(as_xlsx(rows))
    page = page_of("finance", width=width, script=False)
    page.goto(address)
    page.set_input_files("#file", returned)
    page.click("text=Load and settle")
    main = page.locator("main")
    assert "Word unknown" in main.inner_text()
    assert "Another amount" in main.inner_text()
    fits(page)
    page.select_option("#word-1", "failed")
    page.click("text=Read again as chosen")
    assert "1 paid, 1 failed" in main.inner_text()
    page.click("text=Confirm and settle (2)")
    assert page.url.endswith(f"{address}?did=list_applied")
    assert "What the list says is entered" in main.inner_text()
    assert "1 lines have no answer of the bank yet" in main.inner_text()
    assert "卡号错误" in main.inner_text()
    fits(page)
    rows[4][3] = "￥50.00"
    returned.write_bytes(as_xlsx(rows))
    page.set_input_files("#file", returned)
    page.click("text=Load and settle")
    assert "The headings are those that were confirmed" in main.inner_text()
    assert "1 paid, 0 failed, 0 still open, 2 settled before" in main.inner_text()
    page.click("text=Confirm and settle (1)")
    assert "Partly settled" in main.inner_text()
    site.desk.books_hold()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_of_a_list_reads_well_in_both_languages(
    site: Site, page_of: Open, tmp_path: Path, lang: str
) -> None:
    site.desk.to_be_paid()
    batch_id, content = at_the_bank(site.desk)
    address = f"/fin/batches/{batch_id}"
    returned = tmp_path / "list.csv"
    returned.write_bytes(as_csv([("甲", "乙", "丙"), *bank_rows(content)[2:]]))
    page = page_of("finance", width=360, lang=lang)
    page.goto(address)
    page.set_input_files("#file", returned)
    page.click("form[action$='/result'] button")
    assert page.locator(".field-wrong").count() == 4  # account, amount, outcome twice
    for looks_right in (fits, readable, tall_enough):
        looks_right(page)
