"""Lists as banks return them, made out of the list that was exported."""

import csv
import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook

from pipeline.paying import batch_views, batches, returned_lists
from pipeline.paying.batch_views import BatchView
from pipeline.runtime import Work
from scheme.staff import Account
from tests.pipeline.desk import Desk

HEADINGS = ("序号", "收款户名", "收款账号", "交易金额（元）", "处理结果", "失败原因")
TITLE = ("代发业务处理结果清单",)
PAID = "交易成功"


def at_the_bank(desk: Desk) -> tuple[str, bytes]:
    """Whatever waits to be paid, in a batch that was exported: its id and its list."""
    with desk.runtime.write() as work:
        batch_id = batches.build_batch(work, desk.finance)
        batches.freeze(work, batch_id, desk.finance)
        batches.approve(work, batch_id, desk.second_finance, knowing=True)
        return batch_id, batches.export(work, batch_id, desk.finance, "csv")[1]


def bank_rows(
    exported: bytes, outcomes: Mapping[int, tuple[str, str]] | None = None
) -> list[tuple[str, ...]]:
    """Title, headings, a row a line and a sum; ``outcomes``: line -> the bank's word and reason."""
    said = outcomes or {}
    lines = list(csv.DictReader(io.StringIO(exported.decode("utf-8-sig"), newline="")))
    rows: list[tuple[str, ...]] = [TITLE, HEADINGS]
    for cells in lines[:-1]:
        line = {heading.split()[-1]: cell.strip("\t'") for heading, cell in cells.items()}
        outcome = said.get(int(line["line"]), (PAID, ""))
        amount = f"￥{float(line['amount']):,.2f}"
        rows.append((line["line"], line["payee"], line["card"], amount, *outcome))
    return rows


def as_csv(rows: Sequence[Sequence[str]], encoding: str = "gbk", separator: str = ",") -> bytes:
    """The rows as CSV."""
    sheet = io.StringIO(newline="")
    csv.writer(sheet, delimiter=separator).writerows(rows)
    return sheet.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """The rows as a workbook of texts."""
    book, stored = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stored)
    return stored.getvalue()


def settle_by(work: Work, batch_id: str, officer: Account, content: bytes) -> BatchView:
    """Load a list and apply what was understood of it, as whoever answers yes does."""
    shown = returned_lists.look_at_file(work, batch_id, content)
    returned_lists.apply_shown(work, batch_id, officer, shown)
    return batch_views.batch_view(work, batch_id)
