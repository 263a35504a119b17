"""One form a number, so that a number is one person's; and what nobody can be called at (R7)."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.store import phones
from scheme.reporter import PhoneInvalid, PhoneRequired


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("021-63115711", "02163115711"),
        ("+86 21 6311 5711", "02163115711"),
        ("(0571) 8765432", "05718765432"),
        ("(+86) 138 0013 8000", "13800138000"),
        ("＋86 13800138000", "13800138000"),
        ("+86 010 6512 3456", "01065123456"),
        ("+1 415 555 2671", "+14155552671"),
        ("0014155552671", "+14155552671"),
        ("+852 9123 4567", "+85291234567"),
        ("00852-91234567", "+85291234567"),
        ("＋８５２ ９１２３ ４５６７", "+85291234567"),
        ("+886 912 345 678", "+886912345678"),
        ("+44 (0)7911 123456", "+447911123456"),
    ],
)
def test_phones_in_many_spellings_are_one(typed: str, phone: str) -> None:
    assert phones.required(typed) == phone


@pytest.mark.parametrize("typed", ["", "  ", "\u3000"])
def test_no_number_is_missing_not_wrong(typed: str) -> None:
    with pytest.raises(PhoneRequired):
        phones.required(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "1",
        "12800138000",  # no mobile begins so
        "138001380001",
        "+86 12345678901",
        "+999 123456",
        "+1 123",
        "+4155552671x",
        "138+00138000",
        "++8613800138000",
        "+٨٦13800138000",
        "021-1",
        "+" + "1" * 90,
    ],
)
def test_what_nobody_can_be_called_at_is_refused(typed: str) -> None:
    with pytest.raises(PhoneInvalid):
        phones.required(typed)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
@hypothesis_settings(deadline=None)
def test_a_number_of_another_country_is_never_a_mobile_here(mobile: str) -> None:
    """Whatever country our digits name with a + in front, nobody here is called by them."""
    for typed in (f"+{mobile}", f"00{mobile}", f"+{mobile[0]} {mobile[1:4]} {mobile[4:]}"):
        try:
            number = phones.required(typed)
        except PhoneInvalid:
            continue
        assert number.startswith("+")
        assert number != mobile
