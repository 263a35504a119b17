"""The letters' pages: what came by post goes in, what leaves on paper comes out; at any hour."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

import pytest

from pipeline.store import verifying_queue
from tests.api.staff import Browser, code_of, plain
from tests.api.test_counter import SAID, picture
from tests.pipeline.desk import Desk

Open = Callable[[str], Browser]
LETTER = {**SAID, "postmark": "2026-03-10", "address": "江宁路 1 号"}
NIGHT = datetime(2026, 3, 14, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
"""A Saturday night: the counter is closed."""


@pytest.mark.parametrize("role", ["clerk", "officer"])
def test_a_letter_is_registered_and_its_receipt_printed(
    desk: Desk, browser: Open, role: str
) -> None:
    desk.clock.at = NIGHT
    staff = browser(role)
    assert 'href="/ops/letters"' in staff.page("/ops/letters/register")
    answer = staff.post_files(
        "/ops/letters/register/files", [("file", ("scan.jpg", picture()))], **LETTER
    )
    assert answer.status_code == HTTPStatus.CREATED, plain(answer.text)[:500]
    shown = plain(answer.text)
    assert "陈安 江宁路 1 号" in shown  # the window of the envelope
    assert "Postmark: Tuesday 10 March 2026" in shown
    assert re.search(r"\b\d{4} \d{4} \d{4} \d{4}\b", shown)
    number = re.search(r"2026\d{4}-\d{7}", shown)
    assert number is not None
    desk.tell()
    page = staff.page("/ops/letters")
    assert number[0] in page
    (notice_id,) = re.findall(r"/ops/letters/([0-9a-f]{32})/print", page)
    letter = plain(staff.post(f"/ops/letters/{notice_id}/print").text)
    assert "陈安 江宁路 1 号" in letter
    assert number[0] in letter
    assert "posted" in plain(staff.page(staff.done(f"/ops/letters/{notice_id}/posted")))
    gone = staff.post(f"/ops/letters/{notice_id}/posted")
    assert (gone.status_code, code_of(gone)) == (HTTPStatus.CONFLICT, "")
    assert "posted already" in plain(gone.text)
    assert code_of(staff.post(f"/ops/letters/{notice_id}/print")) == "LETTER_GONE"


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"postmark": ""}, "postmark", "valid date"),
        ({"postmark": "2026-03-09"}, "postmark", "older than the violation"),
        ({"postmark": "2026-03-15"}, "postmark", "lies after today"),
        ({"address": "x" * 201}, "address", "too long"),
        ({"plate": "ABC"}, "plate", "no plate"),
        ({"reporters.0.phone": "12"}, "reporters.0.phone", "Nobody can be called"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    desk: Desk, browser: Open, changes: dict[str, str], field: str, told: str
) -> None:
    desk.clock.at = NIGHT
    answer = browser("clerk").post_files(
        "/ops/letters/register/files", [("file", ("scan.jpg", picture()))], **{**LETTER, **changes}
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert told in plain(answer.text)
    assert "建国东路525号" in answer.text  # what was typed is kept


def test_an_officer_sees_the_day_of_the_postmark(desk: Desk, browser: Open) -> None:
    desk.clock.at = NIGHT
    staff = browser("officer")
    staff.post_files("/ops/letters/register/files", [("file", ("scan.jpg", picture()))], **LETTER)
    with desk.runtime.read() as work:
        (report_id,) = verifying_queue.waiting(work.connection, work.now)
    case_id = desk.verify(report_id)
    assert "Day of the postmark Tuesday 10 March 2026" in plain(
        staff.page(f"/ops/cases/{case_id}?report={report_id}")
    )


def test_a_letter_without_an_address_has_nothing_to_post(desk: Desk, browser: Open) -> None:
    desk.clock.at = NIGHT
    staff = browser("clerk")
    answer = staff.post_files(
        "/ops/letters/register/files",
        [("file", ("scan.jpg", picture()))],
        **{**LETTER, "address": ""},
    )
    assert answer.status_code == HTTPStatus.CREATED
    desk.tell()
    assert "No letter waits" in plain(staff.page("/ops/letters"))
    with desk.runtime.read() as work:
        assert len(verifying_queue.waiting(work.connection, work.now)) == 1


def test_the_counter_says_when_it_opens_next(desk: Desk, browser: Open) -> None:
    staff = browser("clerk")
    assert "opens next" not in plain(staff.page("/ops/counter"))
    desk.clock.at = NIGHT
    staff.sign_in("clerk")
    assert "opens next at 16 Mar 2026, 09:00" in plain(staff.page("/ops/counter"))
    refused = staff.post_files(
        "/ops/counter/register/files", [("file", ("bus.jpg", picture()))], **SAID
    )
    assert refused.status_code == HTTPStatus.CONFLICT
    assert "opens next at 16 Mar 2026, 09:00" in plain(refused.text)
