"""Texts that people typed: what is kept, and what is too little or too much for a reason."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.plain_text import LONGEST, ReasonRequired, kept, one_line, required


@given(st.text())
def test_what_is_kept_can_be_stored_and_sent_and_keeping_it_again_changes_nothing(
    text: str,
) -> None:
    said = kept(text)
    assert kept(said) == said
    said.encode("utf-8")
    controls = [sign for sign in said if unicodedata.category(sign) == "Cc"]
    assert set(controls) <= {"\n", "\t"}


@given(st.text())
def test_one_line_shows_every_sign_and_has_no_break(text: str) -> None:
    said = one_line(text)
    assert one_line(said) == said
    assert not any(unicodedata.category(sign)[0] == "C" for sign in said)


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "\u200b\u200b\u200b\u200b", "\ud800"])
def test_a_reason_in_which_nothing_shows_is_none(text: str) -> None:
    with pytest.raises(ReasonRequired):
        required(text)


def test_a_reason_has_as_many_signs_as_it_may() -> None:
    assert required(" " + "字" * LONGEST) == "字" * LONGEST
    with pytest.raises(ReasonRequired):
        required("字" * (LONGEST + 1))
    with pytest.raises(ReasonRequired):
        required("abc", shortest=4)
    with pytest.raises(ZeroDivisionError):
        required("abcde", ZeroDivisionError, longest=4)
