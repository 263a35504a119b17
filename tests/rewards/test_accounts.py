"""An account is what its channel says: typed, kept, masked and compared by its own rule."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.accounts import AccountInvalid, AccountKind, AccountPart, AccountText, Wrong, digits
from rewards.payout import PayoutChannel

NUMBER = AccountPart("number", "account", {"en": "Number"}, partial(digits, shortest=4, longest=9))
BRANCH = AccountPart(
    "branch",
    "branch",
    {"en": "Branch"},
    str.upper,
    masked=str.lower,
    same=lambda read, kept: read.upper() == kept,
)
KIND = AccountKind("bank", (NUMBER, BRANCH))
TYPED = {"number": " 0012-34 ", "branch": "Jing'an"}


def test_every_part_is_kept_masked_and_shown_by_its_own_rule() -> None:
    account = KIND.account(TYPED)
    assert KIND.cells(account) == {"account": "001234", "branch": "JING'AN"}
    assert KIND.masked(account) == "**1234 · jing'an"
    assert KIND.shown(account) == "001234 · JING'AN"


def test_what_is_wrong_says_in_which_field() -> None:
    with pytest.raises(AccountInvalid) as refusal:
        KIND.account(TYPED | {"number": "12"})
    assert (refusal.value.field, refusal.value.reason) == ("number", Wrong.BAD_LENGTH)
    with pytest.raises(AccountInvalid) as refusal:
        KIND.account({})
    assert (refusal.value.field, refusal.value.reason) == ("number", Wrong.MISSING)


def test_a_column_is_compared_by_the_rule_of_its_part() -> None:
    assert KIND.same("branch", "jing'an", "JING'AN")
    assert KIND.same("account", " 001234 ", "001234")
    assert not KIND.same("account", "1234", "001234")


@given(st.text("0123456789 -", max_size=30))
def test_what_is_kept_is_kept_once_more_as_it_is(text: str) -> None:
    try:
        kept = NUMBER.kept(text)
    except AccountInvalid:
        return
    assert NUMBER.kept(kept) == kept


@pytest.mark.parametrize("lacks", ["line", "payee", "account", "branch", "amount", "reason"])
def test_a_list_without_the_account_or_what_every_list_has_is_no_channel(lacks: str) -> None:
    columns = ("line", "payee", "account", "branch", "amount", "result", "reason")
    whole = PayoutChannel("bank", {"en": "Bank"}, account=KIND, columns=columns)
    assert whole.checked == ("account", "branch", "amount")
    with pytest.raises(ValueError, match=lacks):
        PayoutChannel(
            "bank",
            {"en": "Bank"},
            account=KIND,
            columns=tuple(column for column in columns if column != lacks),
        )


def test_where_no_account_is_needed_the_payee_must_come_back() -> None:
    columns = ("line", "payee", "amount", "result", "reason")
    order = PayoutChannel("money_order", {"en": "Money order"}, columns=columns)
    assert order.checked == ("payee", "amount")
    assert order.account_of(TYPED) is None


def test_an_account_is_shown_to_no_log() -> None:
    with pytest.raises(AccountInvalid) as refusal:
        NUMBER.kept("62220 20x")
    assert "62220" not in repr(refusal.value)
    assert AccountText("62220") == "62220"


def test_a_channel_without_english_or_with_a_key_too_long_is_none() -> None:
    columns = ("line", "payee", "amount", "result", "reason")
    with pytest.raises(ValueError, match="English"):
        PayoutChannel("order", {"zh": "汇款"}, columns=columns)
    with pytest.raises(ValueError, match="English"):
        AccountPart("number", "account", {"zh": "账号"}, str)
    for key in ("x" * 21, "Order", "a b", ""):
        with pytest.raises(ValueError, match="no key"):
            PayoutChannel(key, {"en": "Order"}, columns=columns)
        with pytest.raises(ValueError, match="no key"):
            AccountKind(key, (NUMBER,))
    assert NUMBER.heading("zh") == "Number"  # what a language lacks is said in English
