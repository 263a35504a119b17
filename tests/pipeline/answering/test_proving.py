"""A report opens to its number and code, and no wait tells which numbers exist (R17)."""

import unicodedata
from datetime import timedelta

import pytest

from pipeline.answering import proving
from pipeline.runtime import Runtime
from pipeline.store import slowdown
from scheme.patience import Wait
from tests.fixtures import Clock
from tests.pipeline.answering.office import WANG, Office


def _opened(runtime: Runtime, number: str, code: str) -> str:
    with runtime.write() as work:
        return proving.open_report(work, report_number=number, secret_code=code)


def test_number_and_code_open_the_report_however_they_are_typed(office: Office) -> None:
    receipt = office.received(WANG)
    assert _opened(office.runtime, receipt.report_number, receipt.secret_code) == receipt.report_id
    spaced = " ".join(receipt.secret_code[place : place + 4] for place in range(0, 16, 4))
    wide = "".join(
        chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in receipt.report_number
    )
    assert unicodedata.normalize("NFKC", wide) == receipt.report_number
    assert _opened(office.runtime, f" {wide} ", spaced) == receipt.report_id


@pytest.mark.parametrize("exists", [True, False])
def test_wrong_codes_and_unknown_numbers_are_refused_alike(
    office: Office, clock: Clock, *, exists: bool
) -> None:
    receipt = office.received(WANG)
    number = receipt.report_number if exists else "20260311-0000008"
    outcomes: list[object] = []
    for _ in range(8):
        try:
            _opened(office.runtime, number, "0" * 16)
        except proving.NotFound as refusal:
            outcomes.append(repr(refusal))
        except Wait as wait:
            outcomes.append(wait.until - clock.at)
            clock.at = wait.until
    minute = timedelta(minutes=1)
    assert outcomes == ["NotFound()"] * 5 + [minute, "NotFound()", 2 * minute]


def test_after_five_wrong_codes_even_the_right_one_waits(office: Office, clock: Clock) -> None:
    receipt = office.received(WANG)
    for _ in range(5):
        with pytest.raises(proving.NotFound):
            _opened(office.runtime, receipt.report_number, "1")
    with pytest.raises(Wait):
        _opened(office.runtime, receipt.report_number, receipt.secret_code)
    clock.forward(minutes=1)
    assert _opened(office.runtime, receipt.report_number, receipt.secret_code) == receipt.report_id


@pytest.mark.parametrize(
    ("number", "code"), [("", ""), ("\x00", "\udcb3"), ("9" * 100_000, "9" * 100_000), ("²³", "①")]
)
def test_odd_texts_are_not_found(office: Office, number: str, code: str) -> None:
    receipt = office.received(WANG)
    with pytest.raises(proving.NotFound):
        _opened(office.runtime, number, code)
    with pytest.raises(proving.NotFound):
        _opened(office.runtime, receipt.report_number, code)


def test_numbers_that_nobody_has_cannot_be_used_to_find_those_that_exist(office: Office) -> None:
    """Names in one bin wait together.

    Bins that a guesser can compute, or fill, would show who is not in them.
    """
    with office.runtime.read() as work:
        bins = {
            slowdown.bin_of("report", work.vault.index("nobody", f"{number:015}"))
            for number in range(3000)
        }
    assert len(bins) > 2900


def test_waits_end_on_the_second_for_everybody(office: Office, clock: Clock) -> None:
    receipt = office.received(WANG)
    clock.at = clock.at.replace(microsecond=123_456)
    until = set()
    for number in (receipt.report_number, "20260311-0000008"):
        for _ in range(6):
            try:
                _opened(office.runtime, number, "1")
            except proving.NotFound:
                continue
            except Wait as wait:
                until.add(wait.until)
    assert len(until) == 1
