"""Collecting a reward at the counter, against what was shown there, until the last moment (R13).

The first named collects for all (R12), so a reward is collected as a whole; each share keeps its
own state and its own money. Gather, ask the rule, commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from pipeline.paying.channels import names_of
from pipeline.paying.counter_hours import require_open
from pipeline.paying.payees import seal_account
from pipeline.paying.second_approval import require_approved
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from pipeline.store import ledger, showings, transfers, uncollected
from pipeline.store.showings import ShowingRow, Shown
from pipeline.store.uncollected import Handing, Uncollected
from rewards.collecting import (
    AlreadyCollected,
    NotCollectable,
    NotPresented,
    Purpose,
    handed_over,
    require_agreed,
    require_collectable,
    require_still_shown,
    require_stock,
    require_theirs,
)
from rewards.known_channels import channel_named
from rewards.ledger import CARD_STOCK
from rewards.payout import PayoutChannel
from scheme.case import ForbiddenMove, ShareState
from scheme.money import Fen

NOTHING_TYPED: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Collected:
    """What was collected just now.

    ``paid``: a card was handed over; else the next payout batch pays.
    """

    report_number: str
    share_ids: tuple[str, ...]
    slip: tuple[Fen, ...]
    total_fen: Fen
    channel: str
    channel_names: Mapping[str, str]
    paid: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that handing out is decided by, read once."""

    reward: Uncollected
    showing_id: str
    shown: Shown = field(repr=False)
    first_document: bool
    channel: PayoutChannel
    procedure: str
    hours: Mapping[str, str]
    stock_fen: int


def channel_of(work: Work, share_id: str) -> PayoutChannel:
    """The channel that the share is paid by. Raises ShareNotFound, UnknownChannel."""
    return channel_named(ledger.share(work.connection, share_id).channel)


def collect(  # noqa: PLR0913 - which reward, what was shown for it, and how it is paid
    work: Work,
    *,
    share_id: str,
    showing_id: str,
    clerk: Account,
    agreed: bool,
    account: Mapping[str, str] = NOTHING_TYPED,
    in_hand: bool = False,
) -> Collected:
    """Hand out what the first named collects for all; ``share_id`` is any share of the reward.

    ``showing_id`` is of ``presenting.present``, and ``agreed`` the clerk's word that name,
    document and person are one. ``in_hand``: a prepaid card is handed over, which is the payment;
    else ``account`` is what was typed, by the fields of the policy's channel, and the payout batch
    pays there. Raises DecidedByYou, AlreadyCollected, TooLate, NotCollectable, CounterClosed,
    NotPresented, NotConfirmed, WrongId, NameDiffers, AccountInvalid, SecondApprovalNeeded, CardStockEmpty, ShareNotFound, Erased.
    """
    reward = uncollected.of_share(work.connection, work.vault, share_id)
    dossier = _gathered(
        work, reward, showing_id, clerk, purpose=Purpose.COLLECT, agreed=agreed, in_hand=in_hand
    )
    return _handed_out(work, dossier, clerk, account)


def collect_on_the_spot(
    work: Work, *, report_id: str, showing_id: str, clerk: Account, agreed: bool
) -> Collected:
    """The reward awarded just now is paid by a card at once, before any notice (R8).

    The clerk may be who decided; whoever calls this has seen to the limits of R8. Raises as
    ``collect`` does.
    """
    reward = uncollected.of_report(work.connection, work.vault, report_id)
    if reward.reward is None:
        raise NotCollectable(ShareState.CANCELLED)
    dossier = _gathered(
        work, reward, showing_id, clerk, purpose=Purpose.ON_THE_SPOT, agreed=agreed, in_hand=True
    )
    return _handed_out(work, dossier, clerk, NOTHING_TYPED)


def correct_account(  # noqa: PLR0913 - which reward, what was shown for it, and the new account
    work: Work,
    *,
    share_id: str,
    showing_id: str,
    clerk: Account,
    agreed: bool,
    account: Mapping[str, str],
) -> None:
    """Another account for a collected reward, against the same document.

    The bank refused the first one. ``account`` is what was typed, by the fields of the channel that
    the reward was collected for. Raises NotCollectable unless it is collected and in no batch,
    and what ``collect`` raises of what was shown.
    """
    reward = uncollected.of_share(work.connection, work.vault, share_id)
    dossier = _gathered(
        work, reward, showing_id, clerk, purpose=Purpose.ACCOUNT, agreed=agreed, in_hand=False
    )
    channel = channel_named(reward.shares[0].channel)
    uncollected.correct_account(
        work.connection,
        reward,
        showing_id=dossier.showing_id,
        sealed=_sealed(work, channel, reward.collector, account),
        clerk=clerk.account_id,
        at=work.now,
    )


# -- gather, with the rule's word on each part -----------------------------------------------------


def _gathered(  # noqa: PLR0913 - what is handed out, and what was shown for it
    work: Work,
    reward: Uncollected,
    showing_id: str,
    clerk: Account,
    *,
    purpose: Purpose,
    agreed: bool,
    in_hand: bool,
) -> Dossier:
    policy = work.policies.procedure_at(work.now)
    require_collectable(reward.for_rule, purpose=purpose, clerk=clerk.account_id, now=work.now)
    hours = {} if purpose is Purpose.ACCOUNT else require_open(work)
    showing, shown = _shown_for(work, reward, showing_id, purpose, clerk)
    mark = uncollected.mark(work.vault, reward, shown, purpose)
    require_agreed(showing.kept, mark=mark, agreed=agreed)
    papers = uncollected.papers(work.connection, work.vault, reward, shown)
    require_theirs(papers)
    key = policy.procedure.on_the_spot_channel if in_hand else policy.procedure.default_channel
    return Dossier(
        reward=reward,
        showing_id=showing.id,
        shown=shown,
        first_document=papers.owner is None,
        channel=channel_named(key),
        procedure=policy.ref,
        hours=hours,
        stock_fen=transfers.account_balances(work.connection).get(CARD_STOCK, 0),
    )


def _shown_for(
    work: Work, reward: Uncollected, showing_id: str, purpose: Purpose, clerk: Account
) -> tuple[ShowingRow, Shown]:
    """What was shown to this clerk for this very report and purpose. Raises NotPresented."""
    row = showings.find(work.connection, work.vault, showing_id)
    if row is None or (row.report_id, row.purpose) != (reward.report_id, purpose):
        raise NotPresented("never")
    require_still_shown(row.kept, clerk=clerk.account_id, now=work.now)
    if row.shown is None:
        raise AssertionError(f"showing {showing_id} is open and empty")
    return row, row.shown


# -- commit ----------------------------------------------------------------------------------------


def _handed_out(
    work: Work, dossier: Dossier, clerk: Account, account: Mapping[str, str]
) -> Collected:
    reward, channel = dossier.reward, dossier.channel
    if reward.reward is None:
        raise AssertionError(f"nothing of report {reward.report_id} to hand out")
    sealed = _sealed(work, channel, reward.collector, account)
    if channel.paid_at_collection:
        require_approved(work, reward.shares)
    total_fen = reward.reward.amount_fen
    require_stock(channel, stock_fen=dossier.stock_fen, needed_fen=total_fen)
    handing = Handing(
        showing_id=dossier.showing_id,
        shown=dossier.shown,
        first_document=dossier.first_document,
        parts=[handed_over(channel, share.id, share.amount_fen) for share in reward.shares],
        channel=channel.key,
        sealed=sealed,
        clerk=clerk.account_id,
        procedure=dossier.procedure,
        hours=dossier.hours,
    )
    try:
        uncollected.hand_out(work.connection, work.vault, reward, handing, work.now)
    except ForbiddenMove as problem:
        raise AlreadyCollected(ShareState(problem.source)) from problem
    return Collected(
        report_number=reward.report_number,
        share_ids=tuple(share.id for share in reward.shares),
        slip=tuple(share.amount_fen for share in reward.shares),
        total_fen=total_fen,
        channel=channel.key,
        channel_names=names_of(channel.key),
        paid=channel.paid_at_collection,
    )


def _sealed(
    work: Work, channel: PayoutChannel, person_id: str, typed: Mapping[str, str]
) -> tuple[str, bytes] | None:
    """The account as the shares keep it; None for a channel that needs none.

    Raises AccountInvalid.
    """
    account = channel.account_of(typed)
    if account is None or channel.account is None:
        return None
    return seal_account(work, person_id, channel.account, account)
