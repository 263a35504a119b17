"""Second looks: raised the day after, answered by another, hold a payment, refuse nothing (R8)."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from pipeline.deciding import decisions, second_looks
from pipeline.deciding.second_looks import LookView
from pipeline.doors.sweep import sweep
from pipeline.paying import batch_views, batches, collecting, funds, second_approval
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.store import events, joined, reports, whose
from rewards.collecting import SecondApprovalNeeded
from scheme.case import ReportState, ShareState
from scheme.decision import Verdict
from scheme.reading import PlateNumber
from scheme.report import Channel, Claim
from scheme.second_look import AlreadyLookedAt, AnswerRequired, Look, YouTookPart
from scheme.staff import Account
from tests.pipeline.desk import Desk, collected_against, id_number_of, paid_on_the_spot
from tests.policies import under

REGULAR = "13900000001"


def sent(
    desk: Desk, phone: str = REGULAR, *, files: int = 1, channel: Channel = Channel.WEB
) -> str:
    """A verified report of the person with that phone, on a bus of its own."""
    number = next(desk.numbers)
    claim = Claim(
        "wrong_way",
        violated_at=desk.clock.at - timedelta(hours=1),
        route="49",
        plate=PlateNumber(f"沪C{number:05d}"),
        place="建国东路525号",
    )
    with desk.runtime.write() as work:
        report_id = open_draft(work, channel=channel).report_id
        save_claim(work, report_id=report_id, claim=claim)
        save_reporters(work, report_id=report_id, reporters=[ReporterInput("常客", phone)])
    for file in range(files):
        picture = io.BytesIO()
        Image.new("RGB", (8, 8), (number * 16 % 256, file * 60, number // 16 * 40)).save(
            picture, "JPEG"
        )
        picture.seek(0)
        store_file(desk.runtime, report_id=report_id, file_name=f"{file}.jpg", stream=picture)
    with desk.runtime.write() as work:
        submit(work, report_id=report_id, consent=True)
    desk.verify(report_id)
    return report_id


def next_day(desk: Desk) -> None:
    """The day ends, and the next morning the sweep comes through."""
    desk.clock.move(days=1)
    sweep(desk.runtime)


def waiting(desk: Desk, kind: Look | None = None, officer: Account | None = None) -> list[LookView]:
    with desk.runtime.read() as work:
        found = second_looks.open_looks(work, officer or desk.other_officer).rows
    return [look for look in found if kind in (None, look.kind)]


def answered(
    desk: Desk, look: LookView, officer: Account, verdict: Verdict | None = None
) -> bool | None:
    with desk.runtime.write() as work:
        return second_looks.answer(
            work, look_id=look.look_id, officer=officer, reason="看过了", verdict=verdict
        )


def paid_at_the_desk(desk: Desk, serial: int) -> str:
    report_id = desk.report(channel=Channel.COUNTER, plate=f"沪D{serial:05d}")
    with desk.runtime.write() as work:
        paid_on_the_spot(
            work, report_id=report_id, clerk=desk.clerk, id_number=id_number_of(serial)
        )
    return report_id


@pytest.fixture
def stocked(desk: Desk) -> Desk:
    with desk.runtime.write() as work:
        funds.stock_cards(work, desk.finance, 500_000, knowing=True)
    return desk


# -- signals ---------------------------------------------------------------------------------------


def test_the_eleventh_report_of_a_day_is_taken_and_looked_at_the_next_day(desk: Desk) -> None:
    for _ in range(10):
        sent(desk)
    next_day(desk)
    assert waiting(desk, Look.REPORTS) == []
    for _ in range(11):
        sent(desk)  # none of them is refused
    sent(desk, "13900000002")
    assert waiting(desk, Look.REPORTS) == []
    next_day(desk)
    (look,) = waiting(desk, Look.REPORTS)
    assert (look.figures, len(look.reports), look.day) == ({"count": 11}, 11, date(2026, 3, 11))
    next_day(desk)
    assert waiting(desk, Look.REPORTS) == [look]
    assert answered(desk, look, desk.other_officer) is None
    assert waiting(desk, Look.REPORTS) == []


def test_files_are_counted_by_person_and_day(desk: Desk, tmp_path: Path) -> None:
    under(desk, tmp_path / "policies", files_per_person_per_day=3)
    sent(desk, files=3)
    sent(desk, "13900000002", files=2)
    sent(desk, "13900000002", files=2)
    next_day(desk)
    (look,) = waiting(desk, Look.FILES)
    assert look.figures == {"count": 4}


def test_one_officer_and_one_reporter_too_often_in_a_month(desk: Desk) -> None:
    for _ in range(3):
        desk.decide(sent(desk))
    desk.decide(sent(desk), officer=desk.other_officer)
    desk.decide(sent(desk), Verdict.UNSUBSTANTIATED)
    next_day(desk)
    assert waiting(desk, Look.PAIR) == []
    desk.decide(sent(desk))
    next_day(desk)
    (look,) = waiting(desk, Look.PAIR)
    assert (look.figures, look.about, look.day, len(look.reports)) == (
        {"count": 4},
        "Officer",
        date(2026, 3, 1),
        4,
    )
    with pytest.raises(YouTookPart):
        answered(desk, look, desk.officer)
    assert not waiting(desk, Look.PAIR, desk.officer)[0].may_answer
    answered(desk, look, desk.other_officer)
    desk.decide(sent(desk))
    next_day(desk)
    assert waiting(desk, Look.PAIR) == []  # once a month


def test_a_day_that_pays_three_times_the_usual_stands_out(stocked: Desk) -> None:
    for day in range(3):
        paid_at_the_desk(stocked, day)
        next_day(stocked)
    for serial in range(10, 13):
        paid_at_the_desk(stocked, serial)
    next_day(stocked)  # Friday paid three times the median, which is not more than that
    assert waiting(stocked, Look.PAID_IN_A_DAY) == []
    stocked.clock.move(days=2)
    many = [
        stocked.report(plate=f"沪D{serial:05d}", violated_at=stocked.clock.at)
        for serial in range(20, 24)
    ]
    for report_id in many:
        stocked.decide(report_id)
    stocked.tell()
    for serial, report_id in enumerate(many):
        in_hand(stocked, report_id, serial + 20)
    next_day(stocked)
    (look,) = waiting(stocked, Look.PAID_IN_A_DAY)
    assert look.figures == {"fen": 20_000, "median_fen": 5_000}


def test_a_day_on_which_nothing_ran_is_looked_through_later_and_once(desk: Desk) -> None:
    sweep(desk.runtime)
    for _ in range(11):
        sent(desk)
    desk.clock.move(days=5)
    assert [sweep(desk.runtime).looks_raised for _ in range(2)] == [1, 0]
    with desk.runtime.read() as work:
        noted = [events.about(work.connection, f"day/2026-03-{day:02d}") for day in range(9, 15)]
    assert [len(about) for about in noted] == [1] * 6


def test_a_look_that_the_policy_leaves_out_is_never_raised(desk: Desk, tmp_path: Path) -> None:
    under(
        desk,
        tmp_path / "policies",
        reports_per_person_per_day=None,
        same_officer_and_reporter_per_month=None,
        on_the_spot_sample_percent=None,
        decisions_sample_percent=None,
        paid_day_times_median=None,
        paid_median_days=None,
        paid_per_person_per_month=None,
        paid_per_person_per_month_fen=None,
    )
    for _ in range(12):
        desk.decide(sent(desk))
    next_day(desk)
    assert waiting(desk) == []


# -- decided again ---------------------------------------------------------------------------------


def test_payments_on_the_spot_are_drawn_the_next_day_and_once(
    desk_in: Callable[[Path], Desk], tmp_path: Path
) -> None:
    """One of three is decided again.

    Which, follows from the key and the day: no clerk can know it beforehand.
    """
    desk = desk_in(tmp_path / "one")
    with desk.runtime.write() as work:
        funds.stock_cards(work, desk.finance, 500_000, knowing=True)
    paid = [paid_at_the_desk(desk, serial) for serial in range(3)]
    assert waiting(desk) == []
    next_day(desk)
    (look,) = waiting(desk, Look.ON_THE_SPOT)
    ((report_id, number, case_id),) = look.reports
    assert report_id in paid
    assert (number, case_id, look.decision, look.day) == ("", "", None, date(2026, 3, 10))
    assert waiting(desk, Look.SAMPLE) == []  # what was paid on the spot is not drawn twice
    assert [sweep(desk.runtime).looks_raised for _ in range(3)] == [0, 0, 0]
    with pytest.raises(YouTookPart):
        answered(desk, look, desk.clerk, Verdict.SUBSTANTIATED)
    with pytest.raises(AnswerRequired):
        answered(desk, look, desk.officer)
    assert answered(desk, look, desk.officer, Verdict.SUBSTANTIATED) is True
    with pytest.raises(AlreadyLookedAt):
        answered(desk, look, desk.officer, Verdict.SUBSTANTIATED)
    desk.runtime.close()


def test_who_decided_otherwise_is_seen_until_the_report_is_decided_again(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    next_day(desk)
    (look,) = waiting(desk, Look.SAMPLE)
    assert not waiting(desk, Look.SAMPLE, desk.officer)[0].may_answer
    assert answered(desk, look, desk.other_officer, Verdict.UNSUBSTANTIATED) is False
    with desk.runtime.read() as work:
        (disputed,) = second_looks.disagreements(work, desk.officer).rows
    assert disputed.decision is not None
    assert (disputed.decision.verdict, disputed.answer, disputed.stands) == (
        "substantiated",
        "unsubstantiated",
        True,
    )
    assert desk.state(report_id) is ReportState.ANSWERED  # a look changes nothing by itself
    with desk.runtime.write() as work:
        decisions.reopen(
            work, report_id=report_id, officer=desk.other_officer, reason="复核意见不同"
        )
    desk.decide(report_id, Verdict.UNSUBSTANTIATED, desk.other_officer)
    with desk.runtime.read() as work:
        assert second_looks.disagreements(work, desk.officer).rows == ()
        assert not second_looks.look_view(work, look.look_id, desk.officer).stands


def test_every_decision_about_somebody_over_a_figure_is_made_again(
    desk: Desk, tmp_path: Path
) -> None:
    under(desk, tmp_path / "policies", reports_per_person_per_day=2)
    over = [sent(desk) for _ in range(3)]
    others = [sent(desk, f"1390000010{n}") for n in range(4)]
    for report_id in (*over, *others):
        desk.decide(report_id)
    next_day(desk)
    assert {look.reports[0][0] for look in waiting(desk, Look.OVER_A_FIGURE)} == set(over)
    assert {look.reports[0][0] for look in waiting(desk, Look.SAMPLE)} <= set(
        others
    )  # nobody decides the same twice


def test_an_undone_or_superseded_decision_is_not_drawn(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    with desk.runtime.write() as work:
        decisions.undo(work, report_id=report_id, officer=desk.officer)
    next_day(desk)
    assert waiting(desk) == []


# -- payments that a second person approves --------------------------------------------------------


@pytest.fixture
def strict(stocked: Desk, tmp_path: Path) -> Desk:
    """One payment a person and month; the next one needs a second person."""
    return under(stocked, tmp_path / "policies", paid_per_person_per_month=1)


def told(desk: Desk) -> str:
    """A report of the regular, substantiated and announced."""
    report_id = sent(desk)
    desk.decide(report_id)
    desk.tell()
    return report_id


def in_hand(desk: Desk, report_id: str, serial: int = 1) -> collecting.Collected:
    share_id = desk.shares(report_id)[0].id
    with desk.runtime.write() as work:
        return collected_against(
            work, share_id=share_id, clerk=desk.clerk, id_number=id_number_of(serial), in_hand=True
        )


def test_the_next_payment_is_held_until_somebody_else_approves(strict: Desk) -> None:
    first, second = told(strict), told(strict)
    assert in_hand(strict, first).paid
    with pytest.raises(SecondApprovalNeeded):
        in_hand(strict, second)
    assert strict.shares(second)[0].state is ShareState.NOTIFIED  # nothing is lost
    assert sweep(strict.runtime).payments_held == 1
    (look,) = waiting(strict, Look.PAYMENT)
    assert (look.figures, [number for _, number, _ in look.reports]) == (
        {"count": 2, "fen": 10_000}, [strict.case(second).reports[0].report_number],
    )  # fmt: skip
    with pytest.raises(YouTookPart):
        answered(strict, look, strict.officer)  # who decided does not approve
    with pytest.raises(SecondApprovalNeeded):
        in_hand(strict, second)
    answered(strict, look, strict.other_officer)
    assert in_hand(strict, second).paid
    strict.ledger_holds()


def test_a_batch_leaves_out_what_is_held_and_takes_it_once_approved(strict: Desk) -> None:
    first, second = told(strict), told(strict)
    for report_id in (first, second):
        strict.collected(report_id)  # to be topped up: collecting is not paying
    with strict.runtime.write() as work:
        batch_id = batches.build_batch(work, strict.finance)
        assert batch_views.batch_view(work, batch_id).line_count == 1
    states = {strict.shares(report_id)[0].state for report_id in (first, second)}
    assert states == {ShareState.IN_BATCH, ShareState.COLLECTED}
    (look,) = waiting(strict, Look.PAYMENT)
    with pytest.raises(YouTookPart):
        answered(strict, look, strict.clerk)  # who handed out does not approve
    answered(strict, look, strict.other_officer)
    with strict.runtime.write() as work:
        again = batches.build_batch(work, strict.finance)
        assert batch_views.batch_view(work, again).line_count == 1
    strict.ledger_holds()


def test_the_amount_counts_as_the_number_does(stocked: Desk, tmp_path: Path) -> None:
    under(stocked, tmp_path / "policies", paid_per_person_per_month_fen=9_999)
    first, second = told(stocked), told(stocked)
    assert in_hand(stocked, first).paid
    with pytest.raises(SecondApprovalNeeded):
        in_hand(stocked, second)


def test_a_new_month_begins_at_nothing_in_shanghai(strict: Desk) -> None:
    first, second = told(strict), told(strict)
    in_hand(strict, first)
    shares = strict.shares(second)
    strict.clock.at = datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)
    with strict.runtime.write() as work:
        assert second_approval.payable(work, ()) == ()
        assert second_approval.is_held(work, shares)
    strict.clock.move(seconds=1)
    with strict.runtime.write() as work:
        assert second_approval.payable(work, shares) == shares


def test_on_the_spot_the_second_payment_waits_and_the_report_does_not(strict: Desk) -> None:
    in_hand(strict, told(strict))
    walk_in = sent(strict, channel=Channel.COUNTER)
    with pytest.raises(SecondApprovalNeeded), strict.runtime.write() as work:
        paid_on_the_spot(work, report_id=walk_in, clerk=strict.clerk, id_number=id_number_of(1))
    assert strict.state(walk_in) is ReportState.VERIFIED
    strict.decide(walk_in)
    assert sweep(strict.runtime).payments_held == 1


def test_people_are_not_named_by_any_look(strict: Desk) -> None:
    told(strict)
    in_hand(strict, told(strict))
    for _ in range(11):
        sent(strict)
    next_day(strict)
    looks = waiting(strict)
    assert {Look.REPORTS, Look.PAYMENT, Look.OVER_A_FIGURE} == {look.kind for look in looks}
    with strict.runtime.read() as work:
        (person_id,) = whose.person_ids(work.connection, looks[0].reports[0][0])
    assert person_id not in repr(looks)
    assert "常客" not in repr(looks)


def test_who_registered_the_letter_does_not_decide_it_again(desk: Desk) -> None:
    report_id = sent(desk, channel=Channel.POST)
    with desk.runtime.write() as work:
        reports.registered(work.connection, report_id, desk.other_officer.account_id)
    desk.decide(report_id)
    next_day(desk)
    (look,) = waiting(desk, Look.SAMPLE)
    assert not look.may_answer


def test_two_numbers_of_one_human_count_together(strict: Desk) -> None:
    mine, other = told(strict), sent(strict, "13900000002")
    strict.decide(other)
    strict.tell()
    with strict.runtime.write() as work:
        rows = [whose.person_ids(work.connection, report_id)[0] for report_id in (mine, other)]
        joined.join(work.connection, *rows)
    assert in_hand(strict, mine).paid
    with pytest.raises(SecondApprovalNeeded):
        in_hand(strict, other)
    assert sweep(strict.runtime).payments_held == 1
    for phone in (REGULAR, "13900000002"):
        for _ in range(5):
            sent(strict, phone)
    next_day(strict)
    (look,) = waiting(strict, Look.REPORTS)
    assert (look.figures, len(look.reports)) == ({"count": 12}, 12)
