"""R7: a name is taken as it is given, without what nobody sees; an address can get mail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.reporter import (
    NOBODY,
    EmailInvalid,
    Identity,
    NameRequired,
    NameTooLong,
    canonical_email,
    canonical_name,
    same_name,
)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("王小明", "王小明"),
        ("  王 小明\t", "王 小明"),
        ("Anna\u3000 Maria", "Anna Maria"),
        ("王\u200b小\u202e明\x00", "王小明"),
        ("O'Brien-Łukasz", "O'Brien-Łukasz"),
        ("阿卜杜拉·买买提", "阿卜杜拉·买买提"),
    ],
)
def test_a_name_loses_stray_spaces_and_unseen_signs_and_nothing_else(typed: str, name: str) -> None:
    assert canonical_name(typed) == name


@pytest.mark.parametrize("typed", ["", " \t\n", "\u200b\u200d", "\u3000"])
def test_a_name_of_nothing_is_missing(typed: str) -> None:
    with pytest.raises(NameRequired) as refusal:
        canonical_name(typed, 2)
    assert refusal.value.position == 2


def test_a_name_has_at_most_eighty_signs() -> None:
    assert len(canonical_name("王" * 80)) == 80
    with pytest.raises(NameTooLong):
        canonical_name("王" * 81)


@given(st.text(max_size=60))
def test_a_name_in_its_form_keeps_it(typed: str) -> None:
    try:
        name = canonical_name(typed)
    except NameRequired:
        return
    assert canonical_name(name) == name
    assert same_name(name, typed) or name != typed


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Wang Xiao", "ＷＡＮＧ　ｘｉａｏ", True),
        ("王 小明", "王小明", True),
        ("Straße", "STRASSE", True),
        ("王小明", "王小朋", False),
    ],
)
def test_one_name_in_other_letters_is_the_same_name(first: str, second: str, *, same: bool) -> None:
    assert same_name(first, second) is same_name(second, first) is same


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("", ""),
        ("  ", ""),
        (" a@b.example ", "a@b.example"),
        ("ａ＠ｂ．ｅｘａｍｐｌｅ", "a@b.example"),
        ("first.last+bus@mail.example.cn", "first.last+bus@mail.example.cn"),
    ],
)
def test_an_address_is_taken_where_mail_can_go(typed: str, address: str) -> None:
    assert canonical_email(typed) == address


@pytest.mark.parametrize(
    "typed",
    ["a", "a@b", "a b@c.example", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example"],
)
def test_an_address_that_no_mail_reaches_or_that_hides_another_is_refused(typed: str) -> None:
    with pytest.raises(EmailInvalid) as refusal:
        canonical_email(typed, 1)
    assert refusal.value.position == 1


def test_an_address_has_at_most_254_signs() -> None:
    fits = "a" * 242 + "@bus.example"
    assert canonical_email(fits) == fits
    with pytest.raises(EmailInvalid):
        canonical_email("a" + fits)


def test_no_log_shows_who_somebody_is() -> None:
    person = Identity("王小明", "13800138000", "wang@bus.example")
    assert repr(person) == repr(NOBODY) == "Identity()"
