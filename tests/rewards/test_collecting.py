"""R8, R13: whether what somebody shows collects a reward, over every state that there is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.accounts import AccountInvalid
from rewards.collecting import (
    COLLECTED_FROM,
    DONE,
    SHOWN_FOR,
    Agreeing,
    AlreadyCollected,
    CardStockEmpty,
    DecidedByYou,
    NameDiffers,
    NotCollectable,
    NotConfirmed,
    NotPresented,
    Papers,
    Paying,
    Purpose,
    Reward,
    SecondApprovalNeeded,
    Showing,
    TooLate,
    WrongId,
    handed_over,
    payment,
    require_agreed,
    require_agreement,
    require_collectable,
    require_still_shown,
    require_stock,
    require_theirs,
)
from rewards.known_channels import channel_named
from rewards.payout import PayoutChannel
from scheme.case import SHARE_MOVES, ShareState
from scheme.money import Fen
from scheme.reporter import same_name

NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)
CARD, TOP_UP = channel_named("card_in_hand"), channel_named("card_top_up")

INSTANTS = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))
REWARDS = st.builds(
    Reward,
    state=st.none() | st.sampled_from(ShareState),
    live=st.booleans(),
    collect_by=st.none() | INSTANTS,
    decided_by=st.frozensets(st.sampled_from(["officer", "clerk"])),
)


def refusal_of(asked: Callable[[], None]) -> Exception | None:
    """What the rule refuses, if anything."""
    try:
        asked()
    except Exception as refused:  # noqa: BLE001 - whatever it is, the test names it
        return refused
    return None


@given(REWARDS, st.sampled_from(Purpose))
def test_what_is_let_through_can_be_moved_and_everything_else_has_its_name(
    reward: Reward, purpose: Purpose
) -> None:
    refusal = refusal_of(
        lambda: require_collectable(reward, purpose=purpose, clerk="clerk", now=NOW)
    )
    in_state = reward.live and reward.state in COLLECTED_FROM[purpose]
    overdue = reward.collect_by is not None and reward.collect_by < NOW
    match refusal:
        case DecidedByYou():
            assert "clerk" in reward.decided_by
            assert purpose is not Purpose.ON_THE_SPOT
        case AlreadyCollected(state=state):
            assert state is reward.state
            assert state in DONE
        case TooLate(collect_by=collect_by):
            assert collect_by == reward.collect_by
            assert reward.state is ShareState.FORFEITED or (in_state and overdue)
        case NotCollectable(state=state):
            assert state is reward.state
            assert not in_state
        case None if reward.state is not None:
            assert in_state
            assert reward.state is not ShareState.NOTIFIED or not overdue
            handed_out = {ShareState.COLLECTED, ShareState.PAID_IN_HAND}
            assert purpose is Purpose.ACCOUNT or handed_out & SHARE_MOVES[reward.state]
        case other:
            assert other is None


NAMES = st.sampled_from(["陈安", "陈 安", "何静", "ZHANG SAN", "Zhang San", "ＺＨＡＮＧ　ＳＡＮ"])
PAPERS = st.builds(
    Papers,
    owner=st.none() | st.booleans(),
    any_known=st.booleans(),
    on_document=NAMES,
    reported=NAMES,
    of_number=NAMES,
)


@given(PAPERS)
def test_a_document_is_theirs_by_record_or_a_first_one_whose_names_agree(papers: Papers) -> None:
    agree = same_name(papers.on_document, papers.reported) and same_name(
        papers.reported, papers.of_number
    )
    match refusal_of(lambda: require_theirs(papers)):
        case WrongId(reason=reason):
            assert (papers.owner, reason) in ((False, "other_person"), (None, "differs"))
            assert papers.any_known or papers.owner is False
        case NameDiffers():
            assert (papers.owner, papers.any_known, agree) == (None, False, False)
        case other:
            assert other is None
            assert papers.owner or (papers.owner, papers.any_known, agree) == (None, False, True)


SHOWINGS = st.builds(
    Showing,
    clerk=st.sampled_from(["clerk", "colleague"]),
    shown_at=st.integers(0, 30).map(lambda minutes: NOW - timedelta(minutes=minutes)),
    mark=st.sampled_from(["as shown", "as it is"]),
    answered=st.booleans(),
)


@given(st.none() | SHOWINGS, st.booleans())
def test_nothing_is_confirmed_but_what_this_clerk_has_before_them(
    showing: Showing | None,
    agreed: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    def asked() -> None:
        require_still_shown(showing, clerk="clerk", now=NOW)
        require_agreed(showing or never, mark="as it is", agreed=agreed)

    never = Showing("clerk", NOW, "never", answered=True)
    kept = showing or never
    match refusal_of(asked):
        case NotPresented(reason=reason):
            assert {
                "never": showing is None,
                "other_clerk": kept.clerk != "clerk",
                "expired": NOW - kept.shown_at > SHOWN_FOR,
                "used": kept.answered,
                "changed": kept.mark != "as it is",
            }[reason]
        case NotConfirmed():
            assert not agreed
        case other:
            assert other is None
            assert (kept.clerk, kept.mark, kept.answered) == ("clerk", "as it is", False)
            assert agreed


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_only_a_card_that_is_there_is_handed_over(stock: int, needed: int) -> None:
    require_stock(TOP_UP, stock_fen=0, needed_fen=Fen(needed))
    if stock >= needed:
        require_stock(CARD, stock_fen=stock, needed_fen=Fen(needed))
        return
    with pytest.raises(CardStockEmpty) as refusal:
        require_stock(CARD, stock_fen=stock, needed_fen=Fen(needed))
    assert (refusal.value.stock_fen, refusal.value.needed_fen) == (stock, needed)


@given(st.integers(0, 5000))
def test_a_card_is_the_payment_and_a_top_up_waits(amount: int) -> None:
    paid = handed_over(CARD, "s", Fen(amount))
    assert paid.to is ShareState.PAID_IN_HAND
    assert (paid.transfer is None) is (amount == 0)
    assert paid.transfer is None or paid.transfer.amount_fen == amount
    waits = handed_over(TOP_UP, "s", Fen(amount))
    assert (waits.to, waits.transfer) == (ShareState.COLLECTED, None)


class ShutDoor(Exception):
    """It is not the counter's hour."""


def require_open(closed: Exception | None) -> None:
    if closed is not None:
        raise closed


answers: list[Any] = []
"""What the rule let through last."""

AGREEING = st.builds(
    Agreeing,
    reward=REWARDS,
    purpose=st.sampled_from(Purpose),
    clerk=st.just("clerk"),
    now=st.just(NOW),
    showing=st.none() | SHOWINGS,
    papers=st.none() | PAPERS,
    mark=st.just("as it is"),
    agreed=st.booleans(),
    closed=st.none() | st.just(ShutDoor()),
)


@given(AGREEING)
def test_agreeing_is_refused_by_the_first_part_that_is_and_else_says_which_document_is_new(
    asked: Agreeing,
) -> None:
    parts: tuple[Callable[[], None], ...] = (
        lambda: require_collectable(
            asked.reward, purpose=asked.purpose, clerk=asked.clerk, now=asked.now
        ),
        lambda: require_open(asked.closed),
        lambda: require_still_shown(asked.showing, clerk=asked.clerk, now=asked.now),
    )
    refusals = [refusal for part in parts if (refusal := refusal_of(part)) is not None]
    told = refusal_of(lambda: answers.append(require_agreement(asked)))
    if refusals:
        assert (type(told), vars(told)) == (type(refusals[0]), vars(refusals[0]))
    elif asked.papers is None:
        assert isinstance(told, NotPresented)
    elif told is None:
        assert answers.pop() is (asked.papers.owner is None)
        assert asked.agreed
    else:
        assert isinstance(told, NotPresented | NotConfirmed | WrongId | NameDiffers)


@given(
    st.sampled_from([CARD, TOP_UP]),
    st.lists(st.integers(0, 5000).map(Fen), min_size=1, max_size=4),
    st.integers(0, 20_000),
    st.booleans(),
    st.sampled_from(["", "12", "0012345678"]),
)
def test_every_fen_of_a_reward_is_handed_over_or_left_to_one_account(
    channel: PayoutChannel,
    amounts: list[Fen],
    stock: int,
    held: bool,  # noqa: FBT001 - drawn by hypothesis
    typed: str,
) -> None:
    shares = tuple((f"s{place}", amount) for place, amount in enumerate(amounts))
    paying = Paying(channel, shares, {"card_number": typed}, stock_fen=stock, held=held)
    refusal = refusal_of(lambda: answers.append(payment(paying)))
    if channel is TOP_UP:
        assert isinstance(refusal, AccountInvalid) is (typed != "0012345678")
    else:
        assert isinstance(refusal, SecondApprovalNeeded) is held
        assert held or isinstance(refusal, CardStockEmpty) is (stock < sum(amounts))
    if refusal is not None:
        return
    parts, account = answers.pop()
    assert [part.share_id for part in parts] == [share for share, _ in shares]
    moved = sum(part.transfer.amount_fen for part in parts if part.transfer is not None)
    assert moved == (sum(amounts) if channel is CARD else 0)
    assert account == (None if channel is CARD else "0012345678")
