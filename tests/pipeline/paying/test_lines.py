"""One line an account: on the page, in the list, in the answer; and batches never mix channels."""

import csv
import io
from itertools import chain

import pytest

from pipeline.paying import batch_views, batches, results
from rewards.payout import LineAnswer, ManifestMismatch
from scheme.case import BatchState, ShareState
from tests.pipeline.desk import ID_NUMBER, Desk, account_corrected, id_number_of

CARD = "0000000001"


def built(desk: Desk, channel: str = "") -> str:
    """A batch of all that waits."""
    with desk.runtime.write() as work:
        return batches.build_batch(work, desk.finance, channel=channel)


def exported(desk: Desk, batch_id: str) -> list[list[str]]:
    """The lines of its list."""
    with desk.runtime.write() as work:
        batches.freeze(work, batch_id, desk.finance)
    with desk.runtime.write() as work:
        batches.approve(work, batch_id, desk.second_finance, knowing=True)
    with desk.runtime.write() as work:
        content = batches.export(work, batch_id, desk.finance, "csv")[1]
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return list(rows)[1:-1]


def answered(desk: Desk, batch_id: str, *answers: LineAnswer) -> batch_views.BatchView:
    """The batch as it is after the bank has answered."""
    with desk.runtime.write() as work:
        return results.apply_results(work, batch_id, desk.finance, answers, sha256="0" * 64)


def answer(number: int, card: str, amount: str, failure: str = "") -> LineAnswer:
    """What the bank says of a line."""
    return LineAnswer(number, {"card": card, "amount": amount}, not failure, failure)


def two_rewards_of_one_person(desk: Desk, *cards: str) -> tuple[str, str]:
    """Both collected with one document, each with a card of its own."""
    desk.numbers = chain([7, 7], desk.numbers)
    first, second = (desk.report(plate=plate, names=["陈安"]) for plate in ("沪B00011", "沪B00012"))
    for report_id, card in zip((first, second), cards, strict=True):
        desk.decide(report_id)
        desk.tell()
        desk.collected(report_id, card=card)
    return first, second


def test_all_shares_of_a_reward_and_of_a_card_are_one_line_with_the_shares_under_it(
    desk: Desk,
) -> None:
    joint = desk.to_be_paid(people=3, serial=1)
    other = desk.to_be_paid(serial=2)
    batch_id = built(desk)
    with desk.runtime.read() as work:
        view = batch_views.batch_view(work, batch_id)
    assert [line.shares for line in view.lines] == [(1667, 1667, 1666), (5000,)]
    assert [line.amount_fen for line in view.lines] == [5000, 5000]
    assert (view.line_count, view.total_fen) == (2, 10_000)
    assert [row[4] for row in exported(desk, batch_id)] == ["50.00", "50.00"]
    view = answered(desk, batch_id, answer(1, CARD, "50.00"), answer(2, "0000000002", "50"))
    assert view.state is BatchState.SETTLED
    for report_id in (joint, other):
        assert {share.state for share in desk.shares(report_id)} == {ShareState.PAID}
    desk.books_hold()


def test_a_line_that_is_refused_gives_all_its_shares_back_with_the_reason(desk: Desk) -> None:
    joint = desk.to_be_paid(people=3, serial=1)
    paid = desk.to_be_paid(serial=2)
    batch_id = built(desk)
    exported(desk, batch_id)
    view = answered(
        desk, batch_id, answer(1, CARD, "50.00", "no such card"), answer(2, "0000000002", "50.00")
    )
    assert (view.state, view.failed, view.paid_fen) == (BatchState.PARTLY_SETTLED, 1, 5000)
    assert [line.failure for line in view.lines] == ["no such card", None]
    assert [share.state for share in desk.shares(joint)] == [ShareState.COLLECTED] * 3
    assert desk.shares(paid)[0].state is ShareState.PAID
    with desk.runtime.read() as work:
        reasons = [
            batch_views.refusal_of(work, share.id)
            for share in (*desk.shares(joint), *desk.shares(paid))
        ]
    assert reasons == ["no such card"] * 3 + [None]
    desk.books_hold()
    following = built(desk)
    assert [row[4] for row in exported(desk, following)] == ["50.00"]
    answered(desk, following, answer(1, CARD, "50.00"))
    assert [share.state for share in desk.shares(joint)] == [ShareState.PAID] * 3
    desk.books_hold()


@pytest.mark.parametrize(
    "wrong",
    [
        (answer(1, "0000000002", "50.00"),),  # another account
        (answer(1, "1", "50.00"),),  # zeros that a spreadsheet has eaten
        (answer(1, "", "50.00"),),
        (answer(1, CARD, "16.67"),),  # one of its shares only
        (answer(2, CARD, "50.00"),),
        (answer(1, CARD, "50.00"), answer(1, CARD, "50.00")),
        (LineAnswer(1, {"amount": "50.00"}, paid=True, failure=""),),
        (LineAnswer(1, {"card": CARD}, paid=True, failure=""),),
    ],
)
def test_an_answer_that_names_another_account_or_amount_settles_nothing(
    desk: Desk, wrong: tuple[LineAnswer, ...]
) -> None:
    joint = desk.to_be_paid(people=3, serial=1)
    batch_id = built(desk)
    exported(desk, batch_id)
    with pytest.raises(ManifestMismatch):
        answered(desk, batch_id, *wrong)
    assert [share.state for share in desk.shares(joint)] == [ShareState.IN_BATCH] * 3
    desk.books_hold()


def test_what_two_people_have_paid_to_one_card_is_one_line(desk: Desk) -> None:
    reports = [desk.report(plate=plate) for plate in ("沪B00011", "沪B00012")]
    for serial, report_id in enumerate(reports, start=1):
        desk.decide(report_id)
        desk.tell()
        desk.collected(report_id, id_number=id_number_of(serial), card=CARD)
    batch_id = built(desk)
    assert [row[3:5] for row in exported(desk, batch_id)] == [[f"{CARD}\t", "100.00"]]
    answered(desk, batch_id, answer(1, CARD, "100.00"))
    assert [desk.shares(report_id)[0].state for report_id in reports] == [ShareState.PAID] * 2
    desk.books_hold()


def test_a_share_keeps_the_account_it_was_collected_with(desk: Desk) -> None:
    first, second = two_rewards_of_one_person(desk, "00000011", "00000012")
    batch_id = built(desk)
    assert [row[3].strip() for row in exported(desk, batch_id)] == ["00000011", "00000012"]
    failed = [answer(n, f"0000001{n}", "50.00", "closed") for n in (1, 2)]
    answered(desk, batch_id, *failed)
    with desk.runtime.write() as work:
        account_corrected(
            work,
            share_id=desk.shares(second)[0].id,
            clerk=desk.clerk,
            id_number=ID_NUMBER,
            account={"card_number": "00000013"},
        )
    following = built(desk)
    assert [row[3].strip() for row in exported(desk, following)] == ["00000011", "00000013"]
    answered(
        desk, following, answer(1, "00000011", "50.00"), answer(2, "00000013", "50.00", "closed")
    )
    assert desk.shares(first)[0].state is ShareState.PAID
    assert desk.shares(second)[0].state is ShareState.COLLECTED
    desk.books_hold()


def test_no_account_stands_in_the_database_for_everybody_to_read(desk: Desk) -> None:
    desk.to_be_paid(serial=1)
    batch_id = built(desk)
    exported(desk, batch_id)
    with desk.runtime.read() as work:
        rows = work.connection.exec_driver_sql("SELECT * FROM shares").all()
        lines = work.connection.exec_driver_sql("SELECT * FROM batch_lines").all()
    assert CARD not in repr([*rows, *lines])


def test_a_batch_holds_the_shares_of_one_channel_and_the_page_offers_each(desk: Desk) -> None:
    desk.to_be_paid(people=2, serial=1)
    with desk.runtime.read() as work:
        (offered,) = batches.waiting(work)
    assert (offered.channel, offered.share_count, offered.total_fen) == ("card_top_up", 2, 5000)
    for nothing in ("pigeon", "card_in_hand"):  # what is handed over never waits
        with pytest.raises(batches.NothingWaits):
            built(desk, nothing)
    batch_id = built(desk, "card_top_up")
    with desk.runtime.read() as work:
        assert batch_views.batch_view(work, batch_id).line_count == 1
        assert batches.waiting(work) == ()
    with pytest.raises(batches.NothingWaits):  # a colleague has pressed the same button
        built(desk, "card_top_up")
