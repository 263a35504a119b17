"""R10, P13: a closed list, two people, the same bytes, results that match it cell by cell."""

import csv
import io
from collections.abc import Collection
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from pipeline.deciding import claw_backs, decisions
from pipeline.paying import batch_views, batches, funds
from pipeline.paying.returned_lists import ListUnreadable, MappingIncomplete, NothingToApply
from pipeline.store import transfers
from rewards.payout import ManifestMismatch
from scheme.case import BatchState, ForbiddenMove, ShareState
from scheme.decision import Verdict
from scheme.staff import Account
from tests.pipeline.desk import Desk, account_corrected
from tests.pipeline.paying.banks import settle_by


def in_batch(desk: Desk, *, reports: int = 1, people: int = 1) -> tuple[str, list[str]]:
    ids = [desk.to_be_paid(people=people, serial=serial) for serial in range(1, reports + 1)]
    with desk.runtime.write() as work:
        return batches.build_batch(work, desk.finance), ids


# Each step returns its own
def step(desk: Desk, name: str, batch_id: str, officer: Account, *more: object) -> Any:  # noqa: ANN401
    with desk.runtime.write() as work:
        act: Any = settle_by if name == "load_result" else getattr(batches, name)
        beyond_the_fund = {"knowing": True} if name == "approve" else {}
        return act(work, batch_id, officer, *more, **beyond_the_fund)


def exported(desk: Desk, batch_id: str, kind: str = "csv") -> bytes:
    step(desk, "freeze", batch_id, desk.finance)
    step(desk, "approve", batch_id, desk.second_finance)
    content: bytes = step(desk, "export", batch_id, desk.finance, kind)[1]
    return content


def answered(
    content: bytes, *, failed: Collection[int] = (), edit: tuple[int, int, str] | None = None
) -> bytes:
    """The list as the bank sends it back: result and reason filled in."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    for row in rows[1:-1]:
        row[5], row[6] = ("failed", "card unknown") if int(row[1]) in failed else ("paid", "")
    if edit:
        at, column, text = edit
        rows[at][column] = text
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def test_a_batch_from_collection_to_paid(desk: Desk) -> None:
    batch_id, (report_id,) = in_batch(desk)
    assert desk.shares(report_id)[0].state is ShareState.IN_BATCH
    content = exported(desk, batch_id)
    view = step(desk, "load_result", batch_id, desk.finance, answered(content))
    assert view.state is BatchState.SETTLED
    assert desk.shares(report_id)[0].state is ShareState.PAID
    step(desk, "close", batch_id, desk.finance)
    with desk.runtime.read() as work:
        balances = funds.balances(work)
        assert (balances.accrued, balances.paid, balances.payable, balances.fund) == (
            5000,
            5000,
            0,
            -5000,
        )
        assert balances.ties
        assert balances.sum_fen == 0
        assert transfers.account_balances(work.connection)[f"in_payout/{batch_id}"] == 0
    desk.ledger_holds()


def test_the_list_holds_what_was_collected_and_its_total(desk: Desk) -> None:
    batch_id, _ = in_batch(desk, reports=2, people=3)
    rows = list(csv.reader(io.StringIO(exported(desk, batch_id).decode("utf-8-sig"), newline="")))
    assert [cell.split()[-1] for cell in rows[0]] == [
        "batch",
        "line",
        "payee",
        "card",
        "amount",
        "result",
        "reason",
    ]
    assert [row[4] for row in rows[1:]] == ["50.00", "50.00", "100.00"]
    assert [row[3].strip() for row in rows[1:-1]] == ["0000000001", "0000000002"]
    assert rows[-1][1:3] == ["total", "2"]


def test_exports_are_the_same_bytes_every_time_and_in_both_forms(desk: Desk) -> None:
    batch_id, _ = in_batch(desk, people=2)
    first_csv = exported(desk, batch_id)
    first_xlsx = step(desk, "export", batch_id, desk.finance, "xlsx")[1]
    desk.clock.move(days=40)
    assert step(desk, "export", batch_id, desk.finance, "csv")[1] == first_csv
    assert step(desk, "export", batch_id, desk.finance, "xlsx")[1] == first_xlsx
    sheet = load_workbook(io.BytesIO(first_xlsx))["payout"]
    in_csv = [
        [cell.rstrip("\t") for cell in row]
        for row in csv.reader(io.StringIO(first_csv.decode("utf-8-sig"), newline=""))
    ]
    in_xlsx = [
        [
            "" if cell is None else f"{cell:.2f}" if isinstance(cell, int | float) else cell
            for cell in row
        ]
        for row in sheet.iter_rows(values_only=True)
    ]
    assert in_xlsx == in_csv


def test_a_card_changed_later_does_not_change_a_frozen_list(desk: Desk) -> None:
    batch_id, (report_id,) = in_batch(desk)
    content = exported(desk, batch_id)
    step(desk, "load_result", batch_id, desk.finance, answered(content, failed=[1]))
    with desk.runtime.write() as work:
        account_corrected(
            work,
            share_id=desk.shares(report_id)[0].id,
            clerk=desk.clerk,
            id_number=desk.id_number_of(1),
            account={"card_number": "99999999"},
        )
    assert step(desk, "export", batch_id, desk.finance, "csv")[1] == content
    with desk.runtime.write() as work:
        following = batches.build_batch(work, desk.finance)
    assert b"99999999" in exported(desk, following)


def test_failed_lines_go_into_the_next_batch(desk: Desk) -> None:
    batch_id, ids = in_batch(desk, reports=3)
    content = exported(desk, batch_id)
    view = step(desk, "load_result", batch_id, desk.finance, answered(content, failed=[2]))
    assert (view.state, view.failed, view.paid_fen) == (BatchState.PARTLY_SETTLED, 1, 10000)
    assert [desk.shares(report_id)[0].state for report_id in ids] == [
        ShareState.PAID,
        ShareState.COLLECTED,
        ShareState.PAID,
    ]
    desk.ledger_holds()
    with desk.runtime.write() as work:
        following = batches.build_batch(work, desk.finance)
        assert batch_views.batch_view(work, following).line_count == 1
    again = exported(desk, following)
    step(desk, "load_result", following, desk.finance, answered(again))
    assert desk.shares(ids[1])[0].state is ShareState.PAID
    desk.ledger_holds()


def test_every_edited_cell_of_the_list_is_refused(desk: Desk) -> None:
    batch_id, _ = in_batch(desk, reports=2)
    content = exported(desk, batch_id)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    for row in range(1, len(rows)):
        for column in range(5):
            if row == len(rows) - 1 and column != 4:
                continue  # of the control total only the amount says anything
            text = {1: "9", 4: "50.01"}.get(column, rows[row][column] + "9")
            with pytest.raises(ManifestMismatch):
                step(
                    desk,
                    "load_result",
                    batch_id,
                    desk.finance,
                    answered(content, edit=(row, column, text)),
                )
    with desk.runtime.read() as work:
        assert batch_views.batch_view(work, batch_id).state is BatchState.EXPORTED
    step(desk, "load_result", batch_id, desk.finance, answered(content))


def test_a_list_without_some_of_its_lines_leaves_them_open(desk: Desk) -> None:
    batch_id, ids = in_batch(desk, reports=2)
    content = exported(desk, batch_id)
    first, last = (
        b"".join(row for at, row in enumerate(content.splitlines(keepends=True)) if at != gone)
        for gone in (2, 1)
    )
    view = step(desk, "load_result", batch_id, desk.finance, answered(first, failed=[1]))
    assert (view.state, view.failed, view.settled_by) == (BatchState.EXPORTED, 1, None)
    states = [desk.shares(report_id)[0].state for report_id in ids]
    assert states == [ShareState.COLLECTED, ShareState.IN_BATCH]
    desk.books_hold()
    view = step(desk, "load_result", batch_id, desk.second_finance, answered(last))
    assert (view.state, view.failed) == (BatchState.PARTLY_SETTLED, 1)
    assert [desk.shares(report_id)[0].state for report_id in ids][1] is ShareState.PAID
    desk.books_hold()


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"a,b,c\n1,2,3\n", b"line,card,amount,result,reason\nx,1,1,paid,\n"],
)
def test_a_file_that_is_no_result_list_is_refused(desk: Desk, content: bytes) -> None:
    batch_id, _ = in_batch(desk)
    exported(desk, batch_id)
    refusals = (ListUnreadable, MappingIncomplete, NothingToApply)
    with pytest.raises(refusals):
        step(desk, "load_result", batch_id, desk.finance, content)


def test_freezing_approving_and_exporting_take_two_people(desk: Desk) -> None:
    batch_id, _ = in_batch(desk)
    step(desk, "freeze", batch_id, desk.finance)
    with pytest.raises(batches.TwoPeopleNeeded):
        step(desk, "approve", batch_id, desk.finance)
    step(desk, "approve", batch_id, desk.second_finance)
    with pytest.raises(batches.TwoPeopleNeeded):
        step(desk, "export", batch_id, desk.second_finance, "csv")


@pytest.mark.parametrize("who", ["officer", "clerk"])
def test_who_decided_or_handed_out_cannot_approve(desk: Desk, who: str) -> None:
    batch_id, _ = in_batch(desk)
    step(desk, "freeze", batch_id, desk.finance)
    with pytest.raises(batches.YourOwnCase):
        step(desk, "approve", batch_id, getattr(desk, who))


def test_each_step_is_done_once_and_in_order(desk: Desk) -> None:
    batch_id, _ = in_batch(desk)
    steps: tuple[tuple[str, tuple[object, ...]], ...]
    steps = (("approve", ()), ("export", ("csv",)), ("load_result", (b"a,b\n1,2",)), ("close", ()))
    for name, more in steps:
        with pytest.raises(ForbiddenMove):
            step(desk, name, batch_id, desk.second_finance, *more)
    content = exported(desk, batch_id)
    for name in ("freeze", "cancel", "approve"):
        with pytest.raises(ForbiddenMove):
            step(desk, name, batch_id, desk.officer)
    step(desk, "load_result", batch_id, desk.finance, answered(content))
    with pytest.raises(NothingToApply):
        step(desk, "load_result", batch_id, desk.finance, answered(content))


def test_a_cancelled_batch_gives_its_lines_back(desk: Desk) -> None:
    batch_id, (report_id,) = in_batch(desk)
    step(desk, "freeze", batch_id, desk.finance)
    step(desk, "cancel", batch_id, desk.finance)
    assert desk.shares(report_id)[0].state is ShareState.COLLECTED
    desk.ledger_holds()


def test_payees_are_masked_until_the_export(desk: Desk) -> None:
    batch_id, _ = in_batch(desk)
    step(desk, "freeze", batch_id, desk.finance)
    with desk.runtime.read() as work:
        (line,) = batch_views.batch_view(work, batch_id).lines
    assert line.payee.startswith("投*")
    assert line.account == "******0001"
    step(desk, "approve", batch_id, desk.second_finance)
    step(desk, "export", batch_id, desk.finance, "csv")
    with desk.runtime.read() as work:
        (line,) = batch_views.batch_view(work, batch_id).lines
    assert line.account == "0000000001"


def test_names_that_look_like_formulas_stay_texts(desk: Desk) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "http://x.example", "_x0041_", "😀", "'=2"]
    for serial, name in enumerate(names, start=1):
        desk.to_be_paid(names=[name], serial=serial)
    with desk.runtime.write() as work:
        batch_id = batches.build_batch(work, desk.finance)
    content = exported(desk, batch_id)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    xlsx = step(desk, "export", batch_id, desk.finance, "xlsx")[1]
    with ZipFile(io.BytesIO(xlsx)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "<hyperlink" not in sheet
    payees = [
        row[2]
        for row in load_workbook(io.BytesIO(xlsx))["payout"].iter_rows(min_row=2, values_only=True)
    ]
    assert payees[:-1] == [name.replace("_x0041_", "_x005F_x0041_") for name in names]
    step(desk, "load_result", batch_id, desk.finance, answered(content))


def test_one_press_of_the_button_makes_one_batch_however_often_it_arrives(desk: Desk) -> None:
    desk.to_be_paid()
    made = set()
    for _ in range(5):
        with desk.runtime.write() as work:
            made.add(batches.build_batch(work, desk.finance, once="a press"))
    assert len(made) == 1
    with desk.runtime.read() as work:
        assert [batch.line_count for batch in batch_views.batches(work)] == [1]


def test_no_second_empty_batch_while_one_is_open(desk: Desk) -> None:
    with desk.runtime.write() as work:
        first = batches.build_batch(work, desk.finance, once="a press")
        number = batch_views.batch_view(work, first).number
    with desk.runtime.write() as work, pytest.raises(batches.EmptyBatchOpen) as told:
        batches.build_batch(work, desk.second_finance, once="another press")
    assert told.value.number == number
    step(desk, "cancel", first, desk.finance)
    with desk.runtime.write() as work:
        assert batches.build_batch(work, desk.finance, once="a third press") != first


def test_an_empty_month_is_a_valid_list(desk: Desk) -> None:
    with desk.runtime.write() as work:
        batch_id = batches.build_batch(work, desk.finance)
    content = exported(desk, batch_id)
    assert len(content.decode("utf-8-sig").splitlines()) == 2
    assert step(desk, "load_result", batch_id, desk.finance, content).state is BatchState.SETTLED


def test_a_superseded_reward_in_a_batch_is_looked_at_after_settlement(desk: Desk) -> None:
    batch_id, (paid, failed) = in_batch(desk, reports=2)
    content = exported(desk, batch_id)
    for report_id in (paid, failed):
        with desk.runtime.write() as work:
            decisions.reopen(
                work, report_id=report_id, officer=desk.officer, reason="false evidence"
            )
        desk.decide(report_id, Verdict.UNSUBSTANTIATED)
        assert desk.shares(report_id)[0].state is ShareState.IN_BATCH
    step(desk, "load_result", batch_id, desk.finance, answered(content, failed=[2]))
    assert desk.shares(paid)[0].state is ShareState.PAID
    assert desk.shares(failed)[0].state is ShareState.CANCELLED
    with desk.runtime.read() as work:
        assert [reward.report_id for reward in claw_backs.claw_backs_due(work)] == [paid]
    desk.ledger_holds()


def test_deposits_count_once_by_their_reference(desk: Desk) -> None:
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 100000, "2026-03 transfer 7")
    for amount, same in ((100000, True), (90000, False)):
        with pytest.raises(funds.AlreadyDeposited) as refusal, desk.runtime.write() as work:
            funds.deposit(work, desk.finance, amount, "2026-03  transfer 7")
        assert refusal.value.same is same
    for amount in (0, -1, 10**12):
        with pytest.raises(funds.AmountInvalid), desk.runtime.write() as work:
            funds.deposit(work, desk.finance, amount, "other")
    with desk.runtime.read() as work:
        assert funds.balances(work).fund == 100000


def test_balances_of_a_period_tie(desk: Desk) -> None:
    batch_id, _ = in_batch(desk, reports=2)
    exported(desk, batch_id)
    desk.clock.move(days=1)
    with desk.runtime.read() as work:
        balances = funds.balances(work, since=work.now)
    assert (balances.opening, balances.accrued, balances.payable) == (10000, 0, 10000)
    assert balances.in_payout == 10000
    assert balances.ties
