"""The bank's list: shown as it is understood, applied as it was shown, whatever its form."""

import io
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from pipeline.paying import batches, returned_lists
from pipeline.paying.returned_lists import (
    ListGone,
    ListUnreadable,
    MappingIncomplete,
    NotAsShown,
    NothingToApply,
    Said,
    Session,
    ShownList,
)
from pipeline.store import batches as batch_rows
from pipeline.store import events
from pipeline.store import returned_lists as kept_lists
from pipeline.store.actions import Action
from rewards.accounts_as_written import Likeness
from rewards.answers import Fate
from rewards.payout import ManifestMismatch
from scheme.case import BatchState, ForbiddenMove, ShareState
from tests.pipeline.desk import Desk
from tests.pipeline.paying.banks import as_csv, as_xlsx, bank_rows

COLUMNS = {
    "line": 0, "batch": None, "payee": 1, "account": 2, "amount": 3, "outcome": 4, "reason": 5,
}  # fmt: skip


def exported(desk: Desk, *, reports: int = 3, first: int = 1) -> tuple[str, list[str], bytes]:
    """A batch at the bank: its id, its reports, the list that was exported.

    ``first``: the serial of its first payee; people collect once.
    """
    ids = [desk.to_be_paid(serial=serial) for serial in range(first, first + reports)]
    with desk.runtime.write() as work:
        batch_id = batches.build_batch(work, desk.finance)
        batches.freeze(work, batch_id, desk.finance)
        batches.approve(work, batch_id, desk.second_finance, knowing=True)
        return batch_id, ids, batches.export(work, batch_id, desk.finance, "csv")[1]


def session(desk: Desk) -> Session:
    return Session(desk.finance, "a session")


def load(desk: Desk, batch_id: str, content: bytes) -> str | None:
    with desk.runtime.write() as work:
        return returned_lists.load_list(work, batch_id, session(desk), content)


def shown_of(desk: Desk, batch_id: str, list_id: str, said: Said | None = None) -> ShownList:
    with desk.runtime.read() as work:
        return returned_lists.look(work, batch_id, list_id, session(desk), said)


def confirm(desk: Desk, batch_id: str, list_id: str, said: Said, fingerprint: str) -> None:
    with desk.runtime.write() as work:
        returned_lists.confirm(
            work, batch_id, list_id, session(desk), said=said, fingerprint=fingerprint
        )


def settle(desk: Desk, batch_id: str, content: bytes, said: Said | None = None) -> ShownList:
    """Load, look, confirm what was shown."""
    list_id = load(desk, batch_id, content)
    assert list_id is not None
    said = said or Said(2, COLUMNS, unit="yuan")
    shown = shown_of(desk, batch_id, list_id, said)
    confirm(desk, batch_id, list_id, said, shown.plan.fingerprint)
    return shown


def results(desk: Desk, batch_id: str) -> list[tuple[str | None, str | None]]:
    with desk.runtime.read() as work:
        return [(row.result, row.failure) for row in batch_rows.lines_of(work.connection, batch_id)]


def state(desk: Desk, batch_id: str) -> BatchState:
    with desk.runtime.read() as work:
        return batch_rows.batch(work.connection, batch_id).state


def test_nothing_is_applied_before_it_is_confirmed(desk: Desk) -> None:
    batch_id, ids, content = exported(desk)
    list_id = load(desk, batch_id, as_csv(bank_rows(content, {2: ("失败", "卡号无效")})))
    assert list_id is not None
    shown = shown_of(desk, batch_id, list_id)
    assert [answer.fate for answer in shown.plan.rows] == [Fate.PAID, Fate.FAILED, Fate.PAID]
    assert (shown.written_as, shown.mapping.heading_row, shown.lines_open) == ("gb18030", 2, 3)
    assert results(desk, batch_id) == [(None, None)] * 3
    assert state(desk, batch_id) is BatchState.EXPORTED

    confirm(desk, batch_id, list_id, Said(2, COLUMNS, "yuan"), shown.plan.fingerprint)
    assert results(desk, batch_id) == [("paid", None), ("failed", "卡号无效"), ("paid", None)]
    assert state(desk, batch_id) is BatchState.PARTLY_SETTLED
    states = [desk.shares(report_id)[0].state for report_id in ids]
    assert states == [ShareState.PAID, ShareState.COLLECTED, ShareState.PAID]
    with pytest.raises(ListGone):
        shown_of(desk, batch_id, list_id)
    desk.books_hold()


def test_our_own_list_goes_through_without_a_question(desk: Desk) -> None:
    batch_id, _, content = exported(desk, reports=2)
    filled = content.replace(b",,\r\n", b",paid,\r\n")
    assert load(desk, batch_id, filled) is None
    assert results(desk, batch_id) == [("paid", None)] * 2
    with desk.runtime.read() as work:
        assert kept_lists.mapping_of(work.connection, "card_top_up") is None
    desk.books_hold()


def test_our_own_workbook_goes_through_too_and_unfilled_says_nothing_new(desk: Desk) -> None:
    batch_id, _, _ = exported(desk, reports=2)
    with desk.runtime.write() as work:
        content = batches.export(work, batch_id, desk.finance, "xlsx")[1]
    with pytest.raises(NothingToApply, match="done"):
        load(desk, batch_id, content)
    book, filled = load_workbook(io.BytesIO(content)), io.BytesIO()
    for row in (2, 3):
        book["payout"].cell(row, 6, "成功")
    book.save(filled)
    assert load(desk, batch_id, filled.getvalue()) is None
    assert state(desk, batch_id) is BatchState.SETTLED


def test_digits_that_a_spreadsheet_took_from_our_own_list_are_shown_first(desk: Desk) -> None:
    batch_id, _, content = exported(desk, reports=1)
    filled = content.replace(b",,\r\n", b",paid,\r\n").replace(b"0000000001", b"1")
    list_id = load(desk, batch_id, filled)
    assert list_id is not None
    (row,) = shown_of(desk, batch_id, list_id).plan.rows
    assert (row.fate, row.account) == (Fate.PAID, Likeness.ZEROS_LOST)
    with pytest.raises(ManifestMismatch):
        load(desk, batch_id, filled.replace(b",1\t,", b",2\t,"))
    assert results(desk, batch_id) == [(None, None)]


def test_what_was_confirmed_is_offered_for_the_next_list_of_the_channel(desk: Desk) -> None:
    batch_id, _, content = exported(desk, reports=1)
    odd = [("甲", "乙", "丙", "丁", "戊", "己"), *bank_rows(content, {1: ("OK", "")})[2:]]
    said = Said(1, COLUMNS, "yuan", words={"OK": "paid"})
    settle(desk, batch_id, as_csv(odd), said)
    assert results(desk, batch_id) == [("paid", None)]

    confirmed = batch_id
    batch_id, _, content = exported(desk, reports=2, first=2)
    turned = [
        tuple(reversed(row))
        for row in (odd[0], *bank_rows(content, {1: ("ok", ""), 2: ("?", "")})[2:])
    ]
    list_id = load(desk, batch_id, as_csv(turned))
    assert list_id is not None
    shown = shown_of(desk, batch_id, list_id)
    assert shown.remembered
    assert [answer.fate for answer in shown.plan.rows] == [Fate.PAID, Fate.WORD_UNKNOWN]
    with desk.runtime.read() as work:
        (first,) = [
            event
            for event in events.about(work.connection, f"batch/{confirmed}")
            if event.action == Action.LIST_MAPPING_CONFIRMED
        ]
    assert first.actor == desk.finance.account_id


def test_what_is_applied_is_what_was_shown(desk: Desk) -> None:
    batch_id, _, content = exported(desk, reports=2)
    list_id = load(desk, batch_id, as_csv(bank_rows(content)))
    assert list_id is not None
    said = Said(2, COLUMNS, "yuan")
    shown = shown_of(desk, batch_id, list_id, said)
    for other in (
        Said(2, COLUMNS, "fen"),
        Said(2, {**COLUMNS, "account": 1}, "yuan"),
        Said(2, {**COLUMNS, "outcome": None}, "yuan", every_row="failed"),
    ):
        with pytest.raises(NotAsShown):
            confirm(desk, batch_id, list_id, other, shown.plan.fingerprint)
    assert results(desk, batch_id) == [(None, None)] * 2
    # Another list settles the batch while this one is looked at.
    settle(desk, batch_id, as_csv(bank_rows(content, {1: ("失败", "退回")})))
    with pytest.raises(ListGone):  # the newer one took its place
        confirm(desk, batch_id, list_id, said, shown.plan.fingerprint)


def test_two_people_with_two_lists_answer_each_line_once(desk: Desk) -> None:
    batch_id, _, content = exported(desk, reports=1)
    mine = load(desk, batch_id, as_csv(bank_rows(content)))
    assert mine is not None
    said = Said(2, COLUMNS, "yuan")
    fingerprint = shown_of(desk, batch_id, mine, said).plan.fingerprint
    other = Session(desk.second_finance, "another session")
    with desk.runtime.write() as work:
        theirs = returned_lists.load_list(
            work, batch_id, other, as_csv(bank_rows(content, {1: ("失败", "退回")}))
        )
        assert theirs is not None
        shown = returned_lists.look(work, batch_id, theirs, other, said)
        returned_lists.confirm(
            work, batch_id, theirs, other, said=said, fingerprint=shown.plan.fingerprint
        )
    with pytest.raises(NotAsShown):
        confirm(desk, batch_id, mine, said, fingerprint)
    again = shown_of(desk, batch_id, mine, said)
    assert [answer.fate for answer in again.plan.rows] == [Fate.OTHER_ANSWER]
    with pytest.raises(NothingToApply, match="refused"):
        confirm(desk, batch_id, mine, said, again.plan.fingerprint)
    assert results(desk, batch_id) == [("failed", "退回")]
    desk.books_hold()


def test_the_same_list_twice_changes_nothing(desk: Desk) -> None:
    batch_id, _, content = exported(desk, reports=2)
    returned = as_csv(bank_rows(content, {2: ("失败", "卡号无效")}))
    settle(desk, batch_id, returned)
    before = results(desk, batch_id)
    with pytest.raises(NothingToApply, match="done"):
        settle(desk, batch_id, returned)
    assert results(desk, batch_id) == before
    desk.books_hold()


def test_a_list_is_kept_for_an_hour_and_for_one_session(desk: Desk) -> None:
    batch_id, _, content = exported(desk, reports=1)
    returned = as_csv(bank_rows(content))
    list_id = load(desk, batch_id, returned)
    assert list_id is not None
    with desk.runtime.read() as work:
        for session_of_others in (
            Session(desk.finance, "another session"),
            Session(desk.second_finance, "a session"),
        ):
            with pytest.raises(ListGone):
                returned_lists.look(work, batch_id, list_id, session_of_others)
        with pytest.raises(ListGone):
            returned_lists.look(work, "another batch", list_id, session(desk))
    desk.clock.move(minutes=59)
    assert shown_of(desk, batch_id, list_id).lines == 1
    desk.clock.move(minutes=2)
    with pytest.raises(ListGone):
        shown_of(desk, batch_id, list_id)
    with desk.runtime.write() as work:
        assert returned_lists.drop_expired(work) == 1
        assert returned_lists.drop_expired(work) == 0


def test_a_kept_list_is_not_readable_in_the_database(desk: Desk) -> None:
    batch_id, _, content = exported(desk, reports=1)
    list_id = load(desk, batch_id, as_csv(bank_rows(content)))
    assert list_id is not None
    with desk.runtime.read() as work:
        kept = kept_lists.kept_list(
            work.connection,
            list_id,
            batch_id=batch_id,
            loaded_by=desk.finance.account_id,
            since=work.now,
        )
    assert kept is not None
    assert b"0000000001" not in kept.list_sealed


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no_headings"),
        (b"x" * 5_000_001, "too_large"),
        (b"a,b\n" * 20_001, "too_many_lines"),
        (b"<table>", "web_page"),
        (b"\xd0\xcf\x11\xe0", "old_workbook"),
        (b'a,b\n"1,2\n', "open_quote"),
        (b"PK\x03\x04", "no_headings"),
    ],
)
def test_a_file_that_is_no_list_is_refused_by_name(desk: Desk, content: bytes, reason: str) -> None:
    batch_id, _, _ = exported(desk, reports=1)
    with pytest.raises(ListUnreadable) as refusal:
        load(desk, batch_id, content)
    assert refusal.value.reason == reason
    assert state(desk, batch_id) is BatchState.EXPORTED


def test_a_batch_that_never_left_has_no_list(desk: Desk) -> None:
    desk.to_be_paid()
    with desk.runtime.write() as work:
        batch_id = batches.build_batch(work, desk.finance)
    with pytest.raises(ForbiddenMove):
        load(desk, batch_id, b"a,b\n1,2\n")


def test_what_is_not_said_is_asked(desk: Desk) -> None:
    batch_id, _, content = exported(desk, reports=1)
    list_id = load(desk, batch_id, as_csv(bank_rows(content)))
    assert list_id is not None
    for left_out, lacking in (
        ("outcome", "outcome"),
        ("amount", "amount"),
        ("account", "account"),
    ):
        columns = {**COLUMNS, "line": None, left_out: None}
        said = Said(2, columns, "yuan")
        shown = shown_of(desk, batch_id, list_id, said)
        assert shown.plan.lacking == (lacking,)
        with pytest.raises(MappingIncomplete, match=lacking):
            confirm(desk, batch_id, list_id, said, shown.plan.fingerprint)
    elsewhere = shown_of(desk, batch_id, list_id, Said(1, {}))
    assert elsewhere.mapping.heading_row == 1
    assert shown_of(desk, batch_id, list_id, Said(99, COLUMNS)).mapping.heading_row == 2


@given(
    order=st.permutations(range(6)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"]),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    workbook=st.booleans(),
    title=st.integers(0, 2),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_order_encoding_and_separator_gives_the_same_answers(  # noqa: PLR0913
    desk: Desk,
    three_lines: tuple[str, bytes],
    order: Sequence[int],
    encoding: str,
    separator: str,
    *,
    workbook: bool,
    title: int,
) -> None:
    batch_id, content = three_lines
    usual = bank_rows(content, {2: ("失败", "卡号无效; 已退回"), 3: ("处理中", "")})
    rows = [usual[0]] * title + [tuple(row[place] for place in order) for row in usual[1:]]
    returned = as_xlsx(rows) if workbook else as_csv(rows, encoding, separator)
    with desk.runtime.read() as work:
        shown = returned_lists.look_at_file(work, batch_id, returned)
    assert [(answer.line, answer.fate, answer.failure) for answer in shown.plan.rows] == [
        (1, Fate.PAID, ""),
        (2, Fate.FAILED, "卡号无效; 已退回"),
        (3, Fate.OPEN, ""),
    ]
    assert shown.mapping.heading_row == title + 1


@pytest.fixture
def three_lines(desk: Desk) -> tuple[str, bytes]:
    batch_id, _, content = exported(desk)
    return batch_id, content
