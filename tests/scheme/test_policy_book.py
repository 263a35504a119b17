"""Which policy judges what, and that an old one is found whatever becomes of its file."""

from datetime import datetime, timedelta
from hashlib import sha256
from importlib.resources import files

import pytest

from scheme.policy import PolicyRef
from scheme.policy_book import PolicyBook
from scheme.policy_reading import parse_policy
from scheme.policy_text import PolicyError

TEXT = files("scheme").joinpath("policies/shanghai-bus-2012.toml").read_text(encoding="utf-8")
BEGIN = datetime.fromisoformat("2012-10-18T00:00:00+08:00")
CHANGE = BEGIN + timedelta(days=1000)
POLICY = parse_policy(TEXT)


def version(number: str, begins: datetime, ends: datetime | None) -> str:
    text = TEXT.replace('version = "2"', f'version = "{number}"')
    text = text.replace(
        "effective_from = 2012-10-18T00:00:00+08:00", f"effective_from = {begins.isoformat()}"
    )
    return (
        text.replace("effective_from", f"effective_to = {ends.isoformat()}\neffective_from", 1)
        if ends
        else text
    )


def test_the_version_in_force_judges() -> None:
    first, second = (
        parse_policy(version("1", BEGIN, CHANGE)),
        parse_policy(version("2", CHANGE, None)),
    )
    book = PolicyBook([second, first])
    second_before = CHANGE - timedelta(seconds=1)
    assert book.substance_at(second_before) is first
    assert book.substance_at(CHANGE) is second
    assert book.procedure_at(CHANGE) is second
    assert book.substance_at(BEGIN - timedelta(days=1)) is first  # it refuses: R1
    assert not first.in_force(BEGIN - timedelta(seconds=1))
    assert first.in_force(BEGIN)
    assert first.in_force(second_before)
    assert not first.in_force(CHANGE)
    assert book.by_ref(first.ref) is first


def test_a_later_policy_ends_the_earlier_one_by_beginning() -> None:
    first, second = (
        parse_policy(version("1", BEGIN, None)),
        parse_policy(version("2", CHANGE, None)),
    )
    book = PolicyBook([second, first])
    assert (
        book.substance_at(CHANGE - timedelta(microseconds=1)) is book.procedure_at(BEGIN) is first
    )
    assert book.substance_at(CHANGE) is book.procedure_at(CHANGE + timedelta(days=9_999)) is second
    assert (book.ends(first), book.ends(second)) == (CHANGE, None)
    pause = PolicyBook([parse_policy(version("1", BEGIN, CHANGE - timedelta(days=9))), second])
    assert pause.ends(pause.policies[0]) == CHANGE - timedelta(days=9)
    assert not pause.substance_at(CHANGE - timedelta(days=1)).in_force(CHANGE - timedelta(days=1))


def test_what_two_files_say_differently_is_refused() -> None:
    same_begin = [parse_policy(version("1", BEGIN, None)), parse_policy(version("2", BEGIN, None))]
    with pytest.raises(
        PolicyError, match=r"effective_from: is the instant at which .*@1#.* begins"
    ):
        PolicyBook(same_begin)
    beyond = parse_policy(version("1", BEGIN, CHANGE + timedelta(seconds=1)))
    with pytest.raises(PolicyError, match=r"effective_to: lies after .*@2#.* begins; leave it out"):
        PolicyBook([beyond, parse_policy(version("2", CHANGE, None))])
    with pytest.raises(PolicyError):
        PolicyBook([])


def test_a_version_that_is_loaded_no_more_is_found_where_it_is_kept() -> None:
    before, now = parse_policy(TEXT.replace("amount_fen = 5000", "amount_fen = 4000")), POLICY
    asked: list[str] = []

    def kept(ref: PolicyRef) -> str | None:
        asked.append(ref)
        return before.text if ref == before.ref else None

    book = PolicyBook([now], kept)
    assert book.by_ref(now.ref) is now
    assert asked == []
    assert [book.by_ref(before.ref).substance.amount_fen for _ in range(2)] == [4000, 4000]
    assert asked == [before.ref]
    with pytest.raises(PolicyError, match="neither among the policies loaded nor kept"):
        book.by_ref(parse_policy(TEXT.replace("amount_fen = 5000", "amount_fen = 7000")).ref)


def test_a_loaded_text_is_found_by_its_former_name() -> None:
    """The first installations named a policy by the hash of its whole text."""
    assert (
        PolicyBook([POLICY]).by_ref(
            PolicyRef(f"shanghai-bus-2012@2#{sha256(TEXT.encode()).hexdigest()[:12]}")
        )
        is POLICY
    )
