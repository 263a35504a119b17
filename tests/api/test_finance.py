"""Finance's pages: a batch from built to closed, its lists cell by cell, balances that tie."""

import csv
import hashlib
import io
from collections.abc import Callable
from http import HTTPStatus

import openpyxl
import pytest

from api.limits import LIST_MAX_BYTES
from api.texts import Texts
from pipeline.paying.returned_lists import LIMITS
from pipeline.staff.accounts import create_account
from scheme.staff import Role
from tests.api.staff import Browser, code_of, plain
from tests.pipeline.desk import Desk
from tests.staffed import PASSWORD

Open = Callable[[str], Browser]


def paid_for(desk: Desk, *names: str) -> None:
    """Rewards that were collected and wait for a batch, one a name.

    Each card has a number of its own.
    """
    for serial, name in enumerate(names, start=1):
        desk.to_be_paid(names=[name], serial=serial)


def to_export(desk: Desk, browser: Open, *names: str) -> tuple[str, dict[str, Browser]]:
    """An approved batch, and its people by login."""
    paid_for(desk, *names)
    people = {login: browser(login) for login in ("finance", "second", "third")}
    address = people["finance"].done("/fin/batches")
    people["finance"].done(f"{address}/freeze")
    people["second"].done(f"{address}/approve", knowing="yes")
    return address, people


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def key_of(heading: str) -> str:
    return heading.rsplit(maxsplit=1)[-1]


def answered(content: bytes, failed: dict[str, str]) -> bytes:
    """The list as the bank returns it.

    Every line paid, but those in ``failed`` (line -> reason).
    """
    header, *rows = rows_of(content)
    keys = [key_of(heading) for heading in header]
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(header)
    for row in rows:
        line = row[keys.index("line")]
        if line.isdigit():  # the last row is the control total
            row[keys.index("result")] = "failed" if line in failed else "paid"
            row[keys.index("reason")] = failed.get(line, "")
        writer.writerow(row)
    return sheet.getvalue().encode("utf-8")


def test_a_batch_from_built_to_closed(desk: Desk, browser: Open) -> None:
    address, people = to_export(desk, browser, "陈安", "=SUM(A1)", "何静")
    finance, third = people["finance"], people["third"]
    masked = finance.page(address)
    assert "陈*" in masked
    assert "陈安" not in masked
    assert "0000000001" not in masked

    exported = third.post(f"{address}/export", kind="csv")
    assert exported.status_code == HTTPStatus.OK
    assert exported.headers["content-disposition"].startswith("attachment")
    assert exported.headers["x-content-type-options"] == "nosniff"
    header, *lines, total = rows_of(exported.content)
    by_key = [dict(zip(map(key_of, header), line, strict=True)) for line in lines]
    assert [line["payee"] for line in by_key] == ["陈安", "'=SUM(A1)", "何静"]
    assert [line["card"] for line in by_key] == [f"000000000{n}\t" for n in (1, 2, 3)]
    assert [line["amount"] for line in by_key] == ["50.00"] * 3
    assert "150.00" in total

    sheet = third.post(f"{address}/export", kind="xlsx")
    book = openpyxl.load_workbook(io.BytesIO(sheet.content))
    cells = [[cell.value for cell in row] for row in book["payout"].iter_rows()]
    assert [key_of(heading) for heading in cells[0]] == list(map(key_of, header))
    for line, row in zip(by_key, cells[1:], strict=False):
        told = dict(zip(map(key_of, cells[0]), row, strict=True))
        assert told["payee"] == line["payee"].removeprefix("'")
        assert told["card"] == line["card"].rstrip("\t")
        assert f"{told['amount']:.2f}" == line["amount"]
    again = {kind: third.post(f"{address}/export", kind=kind).content for kind in ("csv", "xlsx")}
    assert again == {"csv": exported.content, "xlsx": sheet.content}
    assert "陈安" in finance.page(address)

    returned = answered(exported.content, {"2": "卡号无效"})
    loaded = finance.post_files(f"{address}/result", [("file", ("result.csv", returned))])
    assert loaded.status_code == HTTPStatus.SEE_OTHER, plain(loaded.text)
    shown = plain(finance.page(address))
    assert "Partly settled" in shown
    assert "卡号无效" in shown
    finance.done(f"{address}/close")
    assert "Closed" in plain(finance.page(address))
    desk.ledger_holds()

    finance.done("/fin/deposit", amount="150", reference="BANK-1")
    following = finance.done("/fin/batches")
    assert "=******" in finance.page(following).replace("&#61;", "=")
    assert plain(finance.page(following)).count("50.00 yuan") == 1


def test_three_people_are_needed(desk: Desk, browser: Open) -> None:
    paid_for(desk, "陈安")
    finance, second, third = browser("finance"), browser("second"), browser("third")
    address = finance.done("/fin/batches")
    finance.done(f"{address}/freeze")
    own = finance.post(f"{address}/approve")
    assert own.status_code == HTTPStatus.CONFLICT
    assert "two people" in plain(own.text)
    second.done(f"{address}/approve", knowing="yes")
    both = second.post(f"{address}/export", kind="csv")
    assert both.status_code == HTTPStatus.CONFLICT
    assert "two people" in plain(both.text)
    assert third.post(f"{address}/export", kind="csv").status_code == HTTPStatus.OK


def test_the_page_says_whose_turn_it_is(desk: Desk, browser: Open) -> None:
    paid_for(desk, "陈安")
    finance, second, third = browser("finance"), browser("second"), browser("third")
    address = finance.done("/fin/batches")
    finance.done(f"{address}/freeze")
    assert "Waiting for a second person: not you" in plain(finance.page(address))
    assert "You can approve" in plain(second.page(address))
    second.done(f"{address}/approve", knowing="yes")
    assert "Another person exports: not you" in plain(second.page(address))
    assert "same name" not in plain(second.page(address))
    assert f'action="{address}/export"' not in second.page(address)
    assert "not you" not in plain(third.page(address))
    assert "waiting for another person to export. You can." in plain(third.page(address))
    assert "not you" not in plain(finance.page(address))


def test_two_people_of_one_name_do_not_lock_each_other_out(desk: Desk, browser: Open) -> None:
    with desk.runtime.write() as work:
        create_account(work, "namesake", desk.finance.display_name, Role.FINANCE, PASSWORD)
    paid_for(desk, "陈安")
    finance, namesake = browser("finance"), browser("namesake")
    address = finance.done("/fin/batches")
    finance.done(f"{address}/freeze")
    page = namesake.page(address)
    assert f'action="{address}/approve"' in page
    assert "a colleague of the same name as you" in plain(page)
    their_own = finance.page(address)  # whoever froze it is not asked who they are
    assert "same name" not in plain(their_own)
    assert f'action="{address}/approve"' not in their_own
    namesake.done(f"{address}/approve", knowing="yes")
    assert "Approved" in plain(finance.page(address))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_state_of_a_batch_has_its_page_in_both_languages(
    desk: Desk, browser: Open, lang: str
) -> None:
    address, people = to_export(desk, browser, "陈安", "何静")
    finance = people["finance"]
    finance.get(f"/login?lang={lang}")  # the cookie stays
    texts = Texts(lang)

    def shows(state: str, path: str = address) -> bool:
        return texts.t(f"fin.state.{state}") in plain(finance.page(path))

    assert shows("approved")
    content = people["third"].post(f"{address}/export", kind="csv").content
    assert shows("exported")
    returned = [("file", ("result.csv", answered(content, {"1": "卡号无效"})))]
    assert finance.post_files(f"{address}/result", returned).status_code == HTTPStatus.SEE_OTHER
    assert shows("partly_settled")
    finance.done(f"{address}/close")
    assert shows("closed")
    following = finance.done("/fin/batches")
    assert shows("open", following)
    finance.done(f"{following}/freeze")
    assert shows("frozen", following)
    finance.done(f"{following}/cancel")
    assert shows("cancelled", following)
    assert shows("cancelled", "/fin/batches")
    assert texts.t("fin.ties") in plain(finance.page("/fin"))
    desk.ledger_holds()


def test_a_list_without_our_forms_token_settles_nothing(desk: Desk, browser: Open) -> None:
    address, people = to_export(desk, browser, "陈安")
    content = answered(people["third"].post(f"{address}/export", kind="csv").content, {})
    for token in ("", "0" * 64):
        answer = people["finance"].client.post(
            f"{address}/result",
            data={"csrf": token},
            files=[("file", ("result.csv", content))],
            follow_redirects=False,
        )
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert Texts("en").t("error.NOT_OUR_FORM") in plain(answer.text)
    assert "Exported" in plain(people["finance"].page(address))


def test_each_step_says_that_it_is_done_or_at_its_field_why_not(desk: Desk, browser: Open) -> None:
    paid_for(desk, "陈安")
    finance, second = browser("finance"), browser("second")
    frozen = finance.done(f"{finance.done('/fin/batches')}/freeze")
    assert "The batch is frozen" in plain(finance.page(frozen))
    address, _, _ = frozen.partition("?")
    unknowing = second.post(f"{address}/approve")  # nobody has paid in yet
    assert unknowing.status_code == HTTPStatus.CONFLICT
    assert 'id="approve-knowing-error"' in unknowing.text
    assert "The batch is" not in plain(unknowing.text)
    approved = second.done(f"{address}/approve", knowing="yes")
    assert "The batch is approved" in plain(second.page(approved))


def test_a_frozen_batch_is_frozen_once(desk: Desk, browser: Open) -> None:
    paid_for(desk, "陈安")
    finance = browser("finance")
    address = finance.done("/fin/batches")
    finance.done(f"{address}/freeze")
    assert finance.post(f"{address}/freeze").status_code == HTTPStatus.CONFLICT
    assert finance.post(f"{address}/close").status_code == HTTPStatus.CONFLICT


def test_a_cancelled_batch_gives_its_lines_to_the_next(desk: Desk, browser: Open) -> None:
    paid_for(desk, "陈安")
    finance = browser("finance")
    address = finance.done("/fin/batches")
    finance.done(f"{address}/cancel")
    assert "Cancelled" in plain(finance.page(address))
    assert "50.00 yuan" in plain(finance.page(finance.done("/fin/batches")))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda content: content.replace(b"50.00", b"5000.00", 1), "(line 1, column amount)"),
        (
            lambda content: content.replace("陈安".encode(), "陈平".encode()),
            "(line 1, column payee)",
        ),
        (lambda content: content.replace(b"B26-00001,1", b"B26-00002,1"), "column batch)"),
        (lambda content: content.replace(b"paid", b"perhaps"), "Word unknown"),
        (lambda _: b"a,b\r\n1,2\r\n", "Choose the column of the results"),
        (
            lambda _: b"\xff\xfe\x00\x01",
            "None of the first 20 rows (of the first sheet) has headings",
        ),
        (lambda _: b"\x80\x81\xff\xff", "The file is no table"),
        (lambda content: content.ljust(LIMITS.file_bytes + 1), "The file is too large"),
        (lambda _: b"", "No list was chosen"),
    ],
)
def test_a_list_that_is_not_the_frozen_one_settles_nothing(
    desk: Desk, browser: Open, change: Callable[[bytes], bytes], told: str
) -> None:
    address, people = to_export(desk, browser, "陈安")
    content = answered(people["third"].post(f"{address}/export", kind="csv").content, {})
    changed = change(content)
    name = "result.csv" if changed else ""
    answer = people["finance"].post_files(f"{address}/result", [("file", (name, changed))])
    page = answer.text
    if answer.status_code == HTTPStatus.SEE_OTHER:
        page = people["finance"].page(answer.headers["location"])
        assert 'value="apply"' not in page
    else:
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert told in plain(page)
    assert "Exported" in plain(people["finance"].page(address))
    desk.ledger_holds()


def test_a_huge_list_is_refused_before_it_is_read(desk: Desk, browser: Open) -> None:
    address, people = to_export(desk, browser, "陈安")
    answer = people["finance"].post_files(
        f"{address}/result", [("file", ("r.csv", b"x" * (LIST_MAX_BYTES + 1)))]
    )
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_balances_tie_and_say_where_the_money_is(desk: Desk, browser: Open) -> None:
    finance = browser("finance")
    finance.done("/fin/deposit", amount="1,000.00", reference="BANK-1")
    finance.done("/fin/cards", amount="200")
    paid_for(desk, "陈安")
    shown = plain(finance.page("/fin"))
    assert "Opening 0.00 + Accrued 50.00 − Paid 0.00 − Forfeited 0.00 = Payable 50.00" in shown
    assert "It ties" in shown
    assert "fund 800.00" in shown
    assert "card_stock 200.00" in shown
    desk.clock.move(days=1)
    later = plain(browser("finance").page("/fin?since=2026-03-11"))
    assert "Opening 50.00 + Accrued 0.00 − Paid 0.00 − Forfeited 0.00 = Payable 50.00" in later


@pytest.mark.parametrize("amount", ["", "0", "-5", "1.234", "1e5", "１２", "9" * 12, "ten"])
def test_an_amount_that_is_none_is_refused_and_shown_again(amount: str, browser: Open) -> None:
    finance = browser("finance")
    answer = finance.post("/fin/deposit", amount=amount, reference="BANK-1")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "amount above zero" in plain(answer.text)
    assert 'value="BANK-1"' in answer.text


def test_a_deposit_is_entered_once(browser: Open) -> None:
    finance = browser("finance")
    finance.done("/fin/deposit", amount="10", reference="BANK-1")
    again = finance.post("/fin/deposit", amount="10", reference="BANK-1")
    assert again.status_code == HTTPStatus.CONFLICT
    assert "entered already" in plain(again.text)
    assert (
        finance.post("/fin/deposit", amount="10", reference=" ").status_code
        == HTTPStatus.UNPROCESSABLE_ENTITY
    )


@pytest.mark.parametrize("since", ["yesterday", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_is_none_is_no_crash(since: str, browser: Open) -> None:
    answer = browser("finance").get(f"/fin?since={since}")
    assert answer.status_code in (HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY)


def test_the_manifest_on_the_page_is_the_lists(desk: Desk, browser: Open) -> None:
    address, people = to_export(desk, browser, "陈安")
    book = openpyxl.load_workbook(
        io.BytesIO(people["third"].post(f"{address}/export", kind="xlsx").content)
    )
    control = {key_of(str(row[0].value)): row[1].value for row in book["control"].iter_rows()}
    manifest = control["manifest_sha256"]
    assert isinstance(manifest, str)
    assert len(manifest) == len(hashlib.sha256().hexdigest())
    assert manifest in people["finance"].page(address)


def test_finance_never_sees_evidence(desk: Desk, browser: Open) -> None:
    report = desk.report()
    case = desk.case(report)
    sha256 = case.reports[0].evidence[0].sha256
    finance = browser("finance")
    for path in (f"/ops/cases/{case.case_id}", f"/ops/reports/{report}/media/{sha256}/original"):
        answer = finance.get(path)
        assert (answer.status_code, code_of(answer)) == (HTTPStatus.FORBIDDEN, "WRONG_ROLE")


# -- the fund's cover ------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_fund_that_falls_short_is_said_before_money_leaves_it(
    desk: Desk, browser: Open, lang: str
) -> None:
    t = Texts(lang).t
    paid_for(desk, "陈安")
    finance, second, officer = browser("finance"), browser("second"), browser("officer")
    for person in (finance, second, officer):
        person.get(f"/login?lang={lang}")
    short = t("cover.due_short", short="50.00")
    for person, path in (
        (finance, "/fin"),
        (finance, "/fin/batches"),
        (officer, "/ops"),
        (officer, "/ops/rewards"),
    ):
        assert short in plain(person.page(path)), path
    address = finance.done("/fin/batches")
    assert t("cover.batch_lacks", short="50.00") in plain(finance.page(address))
    finance.done(f"{address}/freeze")
    page = second.page(address)
    assert t("cover.knowing", short="50.00") in plain(page)
    unaware = second.post(f"{address}/approve")
    assert unaware.status_code == HTTPStatus.CONFLICT
    assert t("error.FUND_SHORT", short_fen="50.00") in plain(unaware.text)
    finance.done("/fin/deposit", amount="50", reference="BANK-1")
    assert "cover." not in second.page(address)
    assert t("cover.knowing", short="50.00") not in plain(second.page(address))
    second.done(f"{address}/approve")
    assert short not in plain(officer.page("/ops"))


def test_cards_beyond_the_fund_are_entered_by_who_says_that_they_know(
    desk: Desk, browser: Open
) -> None:
    finance = browser("finance")
    assert 'name="knowing"' not in finance.page("/fin")
    refused = finance.post("/fin/cards", amount="200")
    assert refused.status_code == HTTPStatus.CONFLICT
    assert Texts("en").t("error.FUND_SHORT", short_fen="200.00") in plain(refused.text)
    assert 'href="#cards-knowing"' in refused.text
    assert 'id="cards-knowing"' in refused.text
    finance.done("/fin/cards", amount="200", knowing="yes")
    page = plain(finance.page("/fin"))
    assert Texts("en").t("cover.overdrawn", short="200.00") in page
    assert "-200.00" in page


def test_whoever_has_just_decided_hears_that_the_fund_does_not_reach(
    desk: Desk, browser: Open
) -> None:
    report_id, further = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    desk.decide(report_id)
    case_id = desk.case(further).case_id
    page = plain(browser("officer").page(f"/ops/cases/{case_id}?done={report_id}"))
    assert Texts("en").t("cover.coming_short", short="50.00") in page
    before = plain(browser("officer").page(f"/ops/cases/{case_id}"))
    assert Texts("en").t("cover.coming_short", short="50.00") not in before
