"""R8 where it is acted on: no paying, collecting, registering while the counter is closed."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from pipeline.answering import arriving
from pipeline.doors import counter
from pipeline.paying import counter_hours, funds
from pipeline.paying.counter_hours import CounterClosed
from pipeline.receiving.drafts import ReporterInput
from pipeline.receiving.submitting import Receipt
from pipeline.store import events
from scheme.case import ReportState, ShareState
from scheme.claim import TimeUnclear
from scheme.reading import PlateNumber
from scheme.report import Channel, Claim
from tests.pipeline.desk import (
    CARD,
    ID_NUMBER,
    VIOLATED_AT,
    Desk,
    collected_against,
    paid_on_the_spot,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOSED = [
    (
        datetime(2026, 3, 14, 23, 30, tzinfo=SHANGHAI),
        datetime(2026, 3, 16, 9, tzinfo=SHANGHAI),
    ),  # Saturday night
    (datetime(2026, 3, 10, 17, 0, 1, tzinfo=SHANGHAI), datetime(2026, 3, 11, 9, tzinfo=SHANGHAI)),
    (
        datetime(2026, 4, 6, 10, tzinfo=SHANGHAI),
        datetime(2026, 4, 7, 9, tzinfo=SHANGHAI),
    ),  # Tomb-sweeping, a Monday
    (datetime(2026, 12, 31, 18, tzinfo=SHANGHAI), None),  # nobody knows the next day yet
]


def stocked(desk: Desk) -> None:
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 50_000, "BANK-1")
        funds.stock_cards(work, desk.finance, 50_000, knowing=True)


def walk_in(desk: Desk, *, stood_at: datetime | None = None, shade: int = 3) -> Receipt:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 2, 1)).save(picture, "JPEG")
    picture.seek(0)
    return counter.register_walk_in(
        desk.runtime,
        clerk=desk.clerk,
        claim=Claim(
            "wrong_way",
            violated_at=VIOLATED_AT,
            route="49",
            plate=PlateNumber("沪A12345"),
            place="建国东路",
        ),
        reporters=[ReporterInput("陈安", "13800000001")],
        files=[("bus.jpg", picture)],
        consent=True,
        stood_at=stood_at,
    )


def detail(desk: Desk, report_id: str, action: str) -> dict[str, object]:
    with desk.runtime.read() as work:
        return next(
            dict(event.detail)
            for event in events.about(work.connection, f"report/{report_id}")
            if event.action == action
        )


@pytest.mark.parametrize(("at", "opens"), CLOSED)
def test_nothing_is_done_face_to_face_while_the_counter_is_closed(
    desk: Desk, at: datetime, opens: datetime | None
) -> None:
    stocked(desk)
    announced = desk.report(plate="沪A44444")
    desk.decide(announced)
    desk.tell()
    on_the_spot = desk.report(channel=Channel.COUNTER)
    desk.clock.at = at.astimezone(UTC)
    share = desk.shares(announced)[0]
    for card in (CARD, None):
        with pytest.raises(counter_hours.CounterClosed) as refusal, desk.runtime.write() as work:
            collected_against(
                work,
                share_id=share.id,
                clerk=desk.clerk,
                id_number=ID_NUMBER,
                account={} if card is None else {"card_number": card},
                in_hand=card is None,
            )
        assert refusal.value.opens_at == opens
    with pytest.raises(CounterClosed), desk.runtime.write() as work:
        paid_on_the_spot(work, report_id=on_the_spot, clerk=desk.clerk, id_number=ID_NUMBER)
    with pytest.raises(CounterClosed):
        walk_in(desk)
    assert desk.state(on_the_spot) is ReportState.VERIFIED
    assert desk.shares(announced)[0].state is ShareState.NOTIFIED


def test_a_telephone_call_is_entered_at_any_hour(desk: Desk) -> None:
    announced = desk.report()
    desk.decide(announced)
    desk.tell()
    desk.clock.at = datetime(2026, 3, 14, 23, 30, tzinfo=SHANGHAI).astimezone(UTC)
    with desk.runtime.write() as work:
        arriving.record_call(work, desk.shares(announced)[0].id, desk.officer, "told them")
    assert desk.shares(announced)[0].notice_received_at is not None


def test_the_closing_second_still_pays(desk: Desk) -> None:
    announced = desk.report()
    desk.decide(announced)
    desk.tell()
    desk.clock.at = datetime(2026, 3, 10, 17, tzinfo=SHANGHAI).astimezone(UTC)
    assert desk.collected(announced).total_fen == 5000
    assert "counter" not in detail(desk, announced, "reward_collected")


def test_who_stood_in_line_at_closing_is_served_on_record(desk: Desk) -> None:
    stood_at = datetime(2026, 3, 10, 16, 58, tzinfo=SHANGHAI)
    desk.clock.at = datetime(2026, 3, 10, 17, 12, tzinfo=SHANGHAI).astimezone(UTC)
    receipt = walk_in(desk, stood_at=stood_at)
    assert detail(desk, receipt.report_id, "walk_in_registered")["stood_at"] == stood_at.isoformat()
    for wrong in (timedelta(hours=1), timedelta(days=-1)):  # not yet; another day
        with pytest.raises(TimeUnclear):
            walk_in(desk, stood_at=stood_at + wrong, shade=9)
    with pytest.raises(CounterClosed):
        walk_in(desk, stood_at=stood_at + timedelta(minutes=3), shade=9)


def test_on_a_day_that_no_calendar_covers_whoever_stands_there_is_served_and_it_is_on_record(
    desk: Desk,
) -> None:
    announced = desk.report()
    desk.decide(announced)
    desk.tell()
    desk.clock.at = datetime(2027, 1, 4, 10, tzinfo=SHANGHAI).astimezone(UTC)  # a Monday
    assert desk.collected(announced).total_fen == 5000
    assert detail(desk, announced, "reward_collected")["counter"] == "calendar_unknown"
    desk.clock.at = datetime(2027, 1, 3, 10, tzinfo=SHANGHAI).astimezone(UTC)  # a Sunday
    with pytest.raises(CounterClosed):
        walk_in(desk)
