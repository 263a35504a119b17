"""Letters (R6): registered by the day of the postmark at any hour, answered on paper."""

import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from pipeline.answering import delivering
from pipeline.paying import batches
from pipeline.receiving import letters
from pipeline.receiving.drafts import ReporterInput
from pipeline.receiving.submitting import Receipt
from pipeline.store import events, reports
from pipeline.store import letters as envelopes
from scheme.case import ReportState
from scheme.postmark import PostmarkImpossible
from scheme.reading import PlateNumber
from scheme.report import Channel, Claim
from scheme.staff import Account
from scheme.submission import ConsentRequired
from tests.pipeline.desk import Desk

SHANGHAI = ZoneInfo("Asia/Shanghai")
ADDRESS = "上海市静安区江宁路 1 号 2 室"
EVENING = datetime(2026, 3, 10, 21, 40, tzinfo=SHANGHAI).astimezone(UTC)
"""A violation late on the postmark's own day: the letter box is emptied at night."""


def letter(  # noqa: PLR0913 - what lies in an envelope, each with an ordinary value
    desk: Desk,
    *,
    postmarked_on: date = date(2026, 3, 10),
    violated_at: datetime = EVENING,
    address: str = ADDRESS,
    registered_by: Account | None = None,
    consent: bool = True,
    shade: int = 3,
) -> Receipt:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 2, 1)).save(picture, "JPEG")
    picture.seek(0)
    return letters.register(
        desk.runtime,
        registered_by=(registered_by or desk.clerk).account_id,
        claim=Claim(
            "wrong_way",
            violated_at=violated_at,
            route="49",
            plate=PlateNumber("沪A12345"),
            place="建国东路",
        ),
        senders=[ReporterInput("陈安", "13800000001")],
        files=[("scan.jpg", picture)],
        postmarked_on=postmarked_on,
        address=address,
        consent=consent,
    )


def at(desk: Desk, *when: int) -> None:
    # year to minute
    desk.clock.at = datetime(*when, tzinfo=SHANGHAI).astimezone(UTC)  # type: ignore[arg-type, misc]


def test_a_postmark_on_the_day_of_the_violation_is_in_time_and_kept_as_a_day(desk: Desk) -> None:
    at(desk, 2026, 3, 14, 23, 30)  # a Saturday night: letters wait for no hour
    receipt = letter(desk)
    assert receipt.late is False
    with desk.runtime.read() as work:
        report = reports.by_id(work.connection, receipt.report_id)
        kept = envelopes.of_report(work.connection, receipt.report_id)
        (told,) = [
            event
            for event in events.about(work.connection, f"report/{receipt.report_id}")
            if event.action == "letter_registered"
        ]
    assert report.channel is Channel.POST
    assert report.received_at == desk.clock.at
    assert report.submitted_to_us_at == datetime(2026, 3, 10, 23, 59, 59, 999_999, tzinfo=SHANGHAI)
    assert kept is not None
    assert kept.postmarked_on == date(2026, 3, 10)
    assert kept.address_enc is not None
    assert ADDRESS.encode() not in kept.address_enc
    assert (told.detail["postmark"], told.detail["address"]) == ("2026-03-10", True)
    assert told.actor == desk.clerk.account_id


@pytest.mark.parametrize(
    ("postmarked_on", "late"),
    [
        (date(2026, 3, 13), False),
        (date(2026, 3, 14), True),
    ],  # Friday, the third working day; the day after
)
def test_the_last_day_of_the_window_is_the_postmarks(
    desk: Desk,
    postmarked_on: date,
    late: bool,  # noqa: FBT001
) -> None:
    at(desk, 2026, 3, 20, 10, 0)
    assert letter(desk, postmarked_on=postmarked_on).late is late


@pytest.mark.parametrize(
    ("postmarked_on", "reason"),
    [(date(2026, 3, 9), "before_violation"), (date(2026, 3, 13), "future")],
)
def test_an_impossible_postmark_is_refused_before_anything_is_stored(
    desk: Desk, postmarked_on: date, reason: str
) -> None:
    at(desk, 2026, 3, 12, 10, 0)
    with pytest.raises(PostmarkImpossible) as refusal:
        letter(desk, postmarked_on=postmarked_on)
    assert refusal.value.reason == reason
    with desk.runtime.read() as work:
        assert reports.drafts_before(work.connection, desk.clock.at + timedelta(days=1)) == ()


def test_what_intake_refuses_is_refused_for_letters(desk: Desk) -> None:
    at(desk, 2026, 3, 12, 10, 0)
    with pytest.raises(ConsentRequired):
        letter(desk, consent=False)
    with pytest.raises(letters.AddressTooLong):
        letter(desk, address="x" * 201)


def test_who_gave_an_address_is_written_to_until_it_is_posted(desk: Desk) -> None:
    at(desk, 2026, 3, 12, 10, 0)
    with_address, without = letter(desk), letter(desk, address=" ", shade=9)
    with desk.runtime.read() as work:
        at_once = letters.receipt_to_post(work, with_address.report_id)
        assert letters.receipt_to_post(work, without.report_id) is None
    desk.tell()
    with desk.runtime.read() as work:
        (waiting,) = letters.to_post(work).rows
    assert waiting.notice_id == at_once  # what the desk printed with the code, and no second one
    assert (waiting.kind, waiting.report_number) == ("receipt", with_address.report_number)
    with desk.runtime.write() as work:
        printed = letters.print_out(work, waiting.notice_id, desk.clerk.account_id)
    assert (printed.name, printed.to) == ("陈安", ADDRESS)
    assert with_address.report_number in printed.paragraphs[0]
    assert with_address.secret_code not in "".join(printed.paragraphs)
    assert "江宁路" not in repr(printed)
    with desk.runtime.write() as work:
        letters.mark_posted(work, waiting.notice_id, desk.clerk.account_id)
        assert letters.to_post(work).rows == ()
    with desk.runtime.read() as work:
        told = events.about(work.connection, f"report/{with_address.report_id}")
    assert [event.action for event in told if event.actor == desk.clerk.account_id] == [
        "letter_registered", "identity_opened", "notice_sent",
    ]  # fmt: skip
    with pytest.raises(letters.LetterGone), desk.runtime.write() as work:
        letters.mark_posted(work, waiting.notice_id, desk.clerk.account_id)
    assert desk.state(without.report_id) is ReportState.RECEIVED


def test_the_answer_leaves_as_a_letter_beside_the_text_message(desk: Desk) -> None:
    at(desk, 2026, 3, 12, 10, 0)
    report_id = letter(desk).report_id
    desk.verify(report_id)
    desk.decide(report_id)
    desk.tell()
    assert (
        desk.state(report_id) is ReportState.ANSWERED
    )  # by the text message: nobody waits for the post box
    with desk.runtime.read() as work:
        kinds = {notice.kind for notice in letters.to_post(work).rows}
    assert kinds == {"receipt", "answer", "reward"}
    assert delivering.deliver_due(desk.runtime) == 0  # no provider takes paper


def test_who_registered_a_letter_can_not_approve_its_payment(desk: Desk) -> None:
    at(desk, 2026, 3, 12, 10, 0)
    report_id = letter(desk, registered_by=desk.second_finance).report_id
    desk.verify(report_id)
    desk.decide(report_id)
    desk.tell()
    desk.collected(report_id)
    with desk.runtime.write() as work:
        batch_id = batches.build_batch(work, desk.finance)
        batches.freeze(work, batch_id, desk.finance)
    with pytest.raises(batches.YourOwnCase), desk.runtime.write() as work:
        batches.approve(work, batch_id, desk.second_finance, knowing=True)
