"""The page of a bank's list: what was understood, what each row would do, then the money."""

import csv
import io
import re
from collections.abc import Callable
from http import HTTPStatus

import httpx2
import pytest

from api.texts import Texts, catalogue
from pipeline.languages import LANGUAGES
from pipeline.paying.returned_lists import MEANINGS, OUTCOMES, UNITS
from rewards.accounts_as_written import Likeness
from rewards.answers import QUIET, Fate
from rewards.returned_list import ListMapping, missing
from tests.api.staff import Browser, hidden, plain
from tests.pipeline.desk import Desk
from tests.pipeline.paying.banks import as_csv, as_xlsx, at_the_bank, bank_rows

Open = Callable[[str], Browser]


def sent(desk: Desk, browser: Open, *names: str) -> tuple[str, Browser, bytes]:
    """A batch that was exported: its address, somebody of finance, the exported list."""
    for serial, name in enumerate(names, start=1):
        desk.to_be_paid(names=[name], serial=serial)
    batch_id, content = at_the_bank(desk)
    return f"/fin/batches/{batch_id}", browser("finance"), content


def loaded(finance: Browser, address: str, content: bytes) -> str:
    """Where the list leads that was loaded."""
    answer = finance.post_files(f"{address}/result", [("file", ("list.csv", content))])
    assert answer.status_code == HTTPStatus.SEE_OTHER, plain(answer.text)
    return answer.headers["location"]


def refused(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of what was refused, by the sentence that the page says."""
    sentences = {
        Texts("en").t(f"error.{code}"): code
        for code in ("LIST_GONE", "NOT_AS_SHOWN", "NOTHING_TO_APPLY.done")
    }
    words = plain(answer.text)
    return answer.status_code, next(code for said, code in sentences.items() if said in words)


def as_filled(page: str) -> dict[str, str | list[str]]:
    """The page's form as it was filled in: what a browser sends when a button is pressed."""
    fields: dict[str, str | list[str]] = {
        "shown": hidden(page, "shown"),
        "heading_row_shown": hidden(page, "heading_row_shown"),
    }
    fields |= dict(re.findall(r'<input id="(heading_row)"[^>]*value="(\d+)"', page))
    words: list[str] = []
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        if name == "word_means":
            words.append(chosen[1] if chosen else "")
        else:
            fields[name] = chosen[1] if chosen else ""
    fields["word"] = re.findall(r'name="word" value="([^"]*)"', page)
    fields["word_means"] = words
    return fields


def test_a_banks_list_is_shown_and_then_applied(desk: Desk, browser: Open) -> None:
    address, finance, content = sent(desk, browser, "陈安", "何静")
    rows = bank_rows(content, {2: ("退汇", "户名不符")})
    where = loaded(finance, address, as_csv(rows))
    page = finance.page(where)
    words = plain(page)
    assert "1 paid, 1 failed, 0 still open, 0 settled before" in words
    assert "Read as yuan, 2 rows have the amount of their line; read as fen, 0 rows have" in words
    assert "代发业务处理结果清单" not in words
    assert "C · 收款账号 (0000000001 · 0000000002)" in words
    assert "Exported" in plain(finance.page(address))
    finance.done(where, **as_filled(page), do="apply")
    after = plain(finance.page(address))
    assert "Partly settled" in after
    assert "户名不符" in after
    desk.ledger_holds()
    again = finance.get(where)
    assert refused(again) == (HTTPStatus.GONE, "LIST_GONE")


def test_a_workbook_in_fen_with_the_banks_own_words(desk: Desk, browser: Open) -> None:
    address, finance, content = sent(desk, browser, "陈安", "何静")
    rows = [
        ("甲", "乙", "丙", "丁"),
        *((row[2], row[1], "5000", "00 入帐") for row in bank_rows(content)[2:]),
    ]
    where = loaded(finance, address, as_xlsx(rows))
    asked = plain(finance.page(where))
    assert "Choose the column of the results" in asked
    assert "Choose the column of the accounts" in asked
    form = as_filled(finance.page(where))
    form |= {"column.account": "0", "column.amount": "2", "column.outcome": "3", "do": "show"}
    shown = finance.post(where, **form)
    assert "Word unknown" in plain(shown.text)
    assert re.search(r'<option value="fen" selected', shown.text)
    form = as_filled(shown.text) | {"word_means": ["paid"], "do": "apply"}
    stale = finance.post(where, **form)
    assert refused(stale) == (HTTPStatus.CONFLICT, "NOT_AS_SHOWN")
    assert "Exported" in plain(finance.page(address))
    finance.done(where, **as_filled(stale.text), do="apply")
    assert "Settled" in plain(finance.page(address))
    desk.ledger_holds()


def test_another_row_of_headings_is_read_anew(desk: Desk, browser: Open) -> None:
    address, finance, content = sent(desk, browser, "陈安")
    where = loaded(finance, address, as_csv(bank_rows(content)))
    form = as_filled(finance.page(where))
    assert form["heading_row"] == "2"
    wrong = finance.post(where, **form | {"heading_row": "3", "do": "show"})
    assert "Choose the column of the results" in plain(wrong.text)
    right = finance.post(where, **as_filled(wrong.text) | {"heading_row": "2", "do": "show"})
    assert "1 paid" in plain(right.text)


def test_every_refused_row_says_row_column_cell_and_what_to_do(desk: Desk, browser: Open) -> None:
    address, finance, content = sent(desk, browser, "陈安", "何静")
    rows = [list(row) for row in bank_rows(content)]
    rows[3][3] = "￥50.01"
    page = plain(finance.page(loaded(finance, address, as_csv(rows))))
    assert "Rows not settled: 1" in page
    assert "4 2 Amount ￥50.01 Another amount" in page
    assert "clear it with the bank" in page
    assert "Confirm and settle (1)" in page


def test_our_own_list_is_applied_at_once_and_twice_says_so(desk: Desk, browser: Open) -> None:
    address, finance, content = sent(desk, browser, "陈安")
    filled = io.StringIO(newline="")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    rows[1][5] = "成功"
    csv.writer(filled).writerows(rows)
    returned = filled.getvalue().encode("gbk")
    assert loaded(finance, address, returned) == f"{address}?did=list_applied"
    assert "Settled" in plain(finance.page(address))
    again = finance.post_files(f"{address}/result", [("file", ("list.csv", returned))])
    assert refused(again) == (HTTPStatus.CONFLICT, "NOTHING_TO_APPLY.done")


@pytest.mark.parametrize(
    "change",
    [
        {"heading_row": "first"},
        {"column.account": "account"},
        {"unit": "pounds"},
        {"every_row": "perhaps"},
        {"word": ["a", "b"], "word_means": ["paid"]},
        {"word": ["a"], "word_means": ["perhaps"]},
    ],
)
def test_a_form_that_no_page_of_ours_sends_is_refused(
    desk: Desk, browser: Open, change: dict[str, str | list[str]]
) -> None:
    address, finance, content = sent(desk, browser, "陈安")
    where = loaded(finance, address, as_csv(bank_rows(content)))
    form = as_filled(finance.page(where)) | change
    answer = finance.post(where, **form, do="apply")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Exported" in plain(finance.page(address))
    for away in ({"column.account": "99"}, {"heading_row": "999", "heading_row_shown": "999"}):
        far = finance.post(where, **as_filled(finance.page(where)) | away, do="show")
        assert far.status_code == HTTPStatus.OK


def test_a_list_is_its_loaders_alone(desk: Desk, browser: Open) -> None:
    address, finance, content = sent(desk, browser, "陈安")
    where = loaded(finance, address, as_csv(bank_rows(content)))
    for other in (browser("second"), browser("finance")):
        answer = other.get(where)
        assert refused(answer) == (HTTPStatus.GONE, "LIST_GONE")
    assert finance.get(where).status_code == HTTPStatus.OK


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_that_a_list_can_be_has_its_words(lang: str) -> None:
    known, texts = catalogue(lang), Texts(lang)
    keys = [f"fin.list.fate.{fate}" for fate in Fate]
    keys += [f"fin.list.do.{fate}" for fate in Fate if fate not in QUIET]
    keys += [f"fin.list.account.{likeness}" for likeness in Likeness if likeness != "other"]
    keys += [f"fin.list.meaning.{meaning}" for meaning in MEANINGS]
    keys += [f"fin.list.outcome.{outcome}" for outcome in OUTCOMES]
    keys += [f"fin.list.unit.{unit}" for unit in UNITS]
    keys += [f"error.MAPPING_INCOMPLETE.{name}" for name in missing(ListMapping(1, {}))]
    keys += ["error.MAPPING_INCOMPLETE.unit"]
    assert [key for key in keys if key not in known] == []
    assert texts.t("fin.list.title", number="B26-00001")
