"""Copying by name takes what is called alike, and refuses what nobody gave."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from pipeline.by_name import copied, named


@dataclass(frozen=True, slots=True)
class Bus:
    """What is copied."""

    plate: str
    seats: int
    line: str = "49"


ROW = SimpleNamespace(plate="沪A12345", seats=41, line="71", depot="north")


def test_what_is_called_alike_is_copied_and_what_the_caller_says_goes_first() -> None:
    assert copied(Bus, ROW) == Bus("沪A12345", 41, "71")
    assert copied(Bus, ROW, seats=12) == Bus("沪A12345", 12, "71")
    assert named(Bus, ROW, but=["line"]) == {"plate": "沪A12345", "seats": 41}


def test_a_field_that_nobody_gives_is_refused_even_where_it_has_a_default() -> None:
    lineless = SimpleNamespace(plate="沪A12345", seats=41)
    with pytest.raises(AttributeError, match="line"):
        copied(Bus, lineless)
    assert copied(Bus, lineless, line="49") == Bus("沪A12345", 41)


def test_what_the_kind_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="doors"):
        copied(Bus, ROW, doors=3)
