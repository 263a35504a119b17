"""The statement's page and file: the days asked for, every book, and what can't be stated."""

import csv
import io
from collections.abc import Callable
from http import HTTPStatus

import pytest

from pipeline.paying import funds
from tests.api.staff import Browser, code_of, plain
from tests.pipeline.desk import Desk

Open = Callable[[str], Browser]


def test_a_statement_is_read_and_exported(desk: Desk, browser: Open) -> None:
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 123_456, "BANK-1")
    report_id = desk.report()
    desk.decide(report_id)
    finance = browser("finance")
    assert 'href="/fin/statement"' in finance.page("/fin")
    page = plain(finance.page("/fin/statement?from=2026-02-15&to=2026-03-31"))
    assert "Every month ties" in page
    assert "Not over yet" in page  # the tests' clock stands in March
    for words in (
        "2026-02-15 – 2026-02-28",
        "2026-03-01 – 2026-03-31",
        "1234.56",
        "Rewards owed",
        "In all",
    ):
        assert words in page
    answer = finance.get("/fin/statement.csv?from=2026-02-15&to=2026-03-31")
    assert answer.status_code == HTTPStatus.OK
    assert 'filename="statement-2026-02-15-2026-03-31.csv"' in answer.headers["content-disposition"]
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    cells = [
        dict(zip((heading.split()[-1] for heading in header), row, strict=True)) for row in rows
    ]
    assert [row["fund.deposit"] for row in cells] == ["0.00", "1234.56", "1234.56"]
    assert [row["owed.closing"] for row in cells] == ["0.00", "50.00", "50.00"]
    assert cells[-1]["first_day"] == "2026-02-15"


def test_without_days_it_is_last_month(browser: Open) -> None:
    page = browser("finance").page("/fin/statement")
    assert 'name="from" type="date" value="2026-02-01"' in page
    assert 'name="to" type="date" value="2026-02-28"' in page
    assert "Not over yet" not in page


@pytest.mark.parametrize(
    ("asked", "field", "told"),
    [
        ("from=2026-03-31&to=2026-03-01", "to", "before the first"),
        ("from=2016-01-01&to=2026-03-01", "to", "60 months at most"),
        ("from=0001-01-01&to=0001-02-01", "to", "nothing to state"),
        ("from=nonsense&to=2026-03-01", "from", "valid date"),
        ("from=2026-03-01&to=%00", "to", "valid date"),
    ],
)
def test_what_can_not_be_stated_is_said_beside_the_field(
    browser: Open, asked: str, field: str, told: str
) -> None:
    finance = browser("finance")
    for path in ("/fin/statement", "/fin/statement.csv"):
        answer = finance.get(f"{path}?{asked}")
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert f'href="#{field}"' in answer.text
        assert told in plain(answer.text)


def test_nobody_else_reads_it(browser: Open) -> None:
    assert code_of(browser("officer").get("/fin/statement.csv")) == "WRONG_ROLE"
