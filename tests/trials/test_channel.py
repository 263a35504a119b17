"""Trial: a payout channel is one file in ``rewards/channels``; nothing else knows it by name.

A bank transfer, whose account is a name, a number with a check digit and a branch, is collected for
at the counter, paid by a batch of its own, exported, and answered: the very account is paid,
another one is refused. What was collected for the former default is still paid as it was promised.
"""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from fastapi.testclient import TestClient
from openpyxl import load_workbook

from api.app import create_app
from pipeline.paying import batch_views
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import reports
from scheme.case import ShareState
from tests.api.staff import Browser, plain
from tests.pipeline.desk import Clock, Desk, id_number_of
from tests.policies import changed
from tests.staffed import desk_of, open_accounts
from tests.trials.copied import copied, tried

CHANNEL = '''"""Transfer to the person's own bank account: its name, its number, its branch."""

import unicodedata

from rewards.accounts import AccountInvalid, AccountKind, AccountPart, Wrong, digits
from rewards.payout import PayoutChannel


def words(text: str) -> str:
    """One line of words, in one width."""
    told = " ".join(unicodedata.normalize("NFKC", text).split())
    if not told:
        raise AccountInvalid(Wrong.MISSING)
    return told


def number(text: str) -> str:
    """12 to 19 digits of which the last one checks the others (ISO/IEC 7812-1)."""
    told = digits(text, shortest=12, longest=19)
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(told))]
    if sum(figure - 9 * (figure > 9) for figure in doubled) % 10:
        raise AccountInvalid(Wrong.BAD_CHECK)
    return told


ACCOUNT = AccountKind(
    key="bank_account",
    parts=(
        AccountPart(
            field="account_name",
            column="account_name",
            names={"zh": "户名", "en": "Account name"},
            kept=words,
            masked=lambda name: name[:1] + "*" * (len(name) - 1),
        ),
        AccountPart(
            field="account_number",
            column="account",
            names={"zh": "账号", "en": "Account number"},
            hints={"zh": "卡面数字", "en": "The digits on the bank card"},
            kept=number,
        ),
        AccountPart(
            field="branch",
            column="branch",
            names={"zh": "开户行", "en": "Branch"},
            kept=words,
            masked=lambda branch: branch,
            same=lambda read, kept: words(read) == kept,
        ),
    ),
)

CHANNEL = PayoutChannel(
    key="bank_transfer",
    names={"zh": "银行转账", "en": "Bank transfer"},
    account=ACCOUNT,
    columns=(
        *("line", "payee", "account_name", "account", "branch", "amount"),
        *("result", "reason"),
    ),
)
'''
NUMBER = "6222020000000000018"
TYPED = {
    "account_name": "陈 安",
    "account_number": "6222 0200 0000 0000 018",
    "branch": "工商银行（静安支行）",
}
LATER = datetime(2026, 3, 24, 2, 0, tzinfo=UTC)
"""10:00 of a Tuesday on which the new channel is the default one."""


def test_a_payout_channel_is_one_file(tmp_path: Path) -> None:
    folder = copied(tmp_path, "rewards")
    file = folder / "rewards" / "channels" / "bank_transfer.py"
    file.write_text(CHANNEL, "utf-8")
    policies = tmp_path / "policies"
    policies.mkdir()
    begins = changed("bank", "2026-03-20T00:00:00+08:00", default_channel='"bank_transfer"')
    (policies / "bank.toml").write_text(begins, "utf-8")
    tried(tmp_path, it_is_collected_for_and_paid)


def it_is_collected_for_and_paid() -> None:
    here = Path.cwd()
    clock = Clock()
    settings = replace(
        Settings.under(here / "home"), demo=True, policies=here / "policies"
    )  # every message is sent
    runtime = Runtime.open(settings, now=clock)
    desk = desk_of(runtime, clock, open_accounts(runtime))
    former = desk.to_be_paid(names=["何静"], serial=1)
    clock.at = LATER
    report_id = desk.report(people=3, names=["陈安"], plate="沪A24680", violated_at=LATER)
    desk.decide(report_id)
    desk.tell()
    it_is_collected_for(desk, report_id)
    address, finance = it_is_exported(desk)
    it_is_answered(desk, report_id, address, finance)
    what_was_promised_before_is_paid_as_promised(desk, former, finance)
    desk.books_hold()
    runtime.close()


def signed_in(desk: Desk, login: str) -> Browser:
    """Somebody's browser."""
    return Browser(TestClient(create_app(desk.runtime))).sign_in(login)


def it_is_collected_for(desk: Desk, report_id: str) -> None:
    clerk = signed_in(desk, "clerk")
    with desk.runtime.read() as work:
        number = reports.by_id(work.connection, report_id).report_number or ""
    share = desk.shares(report_id)[0]
    form = {"number": number, "id_number": id_number_of(2), "way": "top_up"}
    page = plain(clerk.post(f"/ops/counter/collect/{share.id}/present", **form).text)
    for words in ("Bank transfer", "Account name", "The digits on the bank card", "Branch"):
        assert words in page
    for field, wrong in (("account_number", NUMBER[:-1] + "9"), ("branch", " ")):
        refused = clerk.collect(share.id, **form, **TYPED | {field: wrong})
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert f'href="#{field}"' in refused.text
    slip = clerk.collect(share.id, **form, **TYPED)
    assert slip.status_code == HTTPStatus.OK, plain(slip.text)[:600]
    assert "Bank transfer" in plain(slip.text)
    assert {part.state for part in desk.shares(report_id)} == {ShareState.COLLECTED}
    assert {(part.channel, part.account_kind) for part in desk.shares(report_id)} == {
        ("bank_transfer", "bank_account")
    }


def it_is_exported(desk: Desk) -> tuple[str, Browser]:
    """A batch of the new channel, exported; its address, and finance's browser."""
    finance = signed_in(desk, "finance")
    offered = plain(finance.page("/fin/batches"))
    assert "Bank transfer Shares: 3, 50.00 yuan" in offered
    assert "Transport card top-up Shares: 1, 50.00 yuan" in offered
    address = finance.done("/fin/batches", channel="bank_transfer")
    page = plain(finance.page(address))
    assert f"陈** · {'*' * 15}0018 · 工商银行(静安支行)" in page
    assert "3 shares: 16.67 + 16.67 + 16.66" in page
    assert NUMBER not in page
    finance.done(f"{address}/freeze")
    signed_in(desk, "second").done(f"{address}/approve", knowing="yes")
    return address, finance


def exported(finance: Browser, address: str, kind: str) -> bytes:
    """The list as its bytes."""
    answer = finance.post(f"{address}/export", kind=kind)
    assert answer.status_code == HTTPStatus.OK
    return answer.content


def it_is_answered(desk: Desk, report_id: str, address: str, finance: Browser) -> None:
    content = exported(finance, address, "csv").decode("utf-8-sig")
    header, line, total = csv.reader(io.StringIO(content, newline=""))
    assert header[2:5] == ["户名 account_name", "账号 account", "开户行 branch"]
    assert line[:6] == ["1", "陈安", "陈 安", f"{NUMBER}\t", "工商银行(静安支行)", "50.00"]
    sheet = load_workbook(io.BytesIO(exported(finance, address, "xlsx")))["payout"]
    assert (sheet["D2"].value, sheet["D2"].data_type) == (NUMBER, "s")

    def answer(**cells: str) -> int:
        named = dict(zip((heading.split()[-1] for heading in header), line, strict=True))
        file = io.StringIO(newline="")
        writer = csv.writer(file)
        writer.writerows([header, list((named | {"result": "paid"} | cells).values()), total])
        files = [("file", ("result.csv", file.getvalue().encode()))]
        sent = finance.post_files(f"{address}/result", files)
        assert "not the frozen one" in plain(sent.text) or sent.status_code == HTTPStatus.SEE_OTHER
        return sent.status_code

    for column, another in (
        ("account", "6222020000000000026"),
        ("account", ""),
        ("account_name", "陈平"),
        ("branch", "工商银行(黄浦支行)"),
    ):
        assert answer(**{column: another}) == HTTPStatus.UNPROCESSABLE_ENTITY
        assert {part.state for part in desk.shares(report_id)} == {ShareState.IN_BATCH}
    assert answer(branch="工商银行（静安支行）") == HTTPStatus.SEE_OTHER
    assert {part.state for part in desk.shares(report_id)} == {ShareState.PAID}


def what_was_promised_before_is_paid_as_promised(
    desk: Desk, report_id: str, finance: Browser
) -> None:
    address = finance.done("/fin/batches")  # nothing waits for the default channel any more
    with desk.runtime.read() as work:
        batch = batch_views.batch_view(work, address.rpartition("/")[2])
    assert (batch.channel, batch.line_count, batch.total_fen) == ("card_top_up", 1, 5000)
    (share,) = desk.shares(report_id)
    assert (share.state, share.account_kind) == (ShareState.IN_BATCH, "card")
