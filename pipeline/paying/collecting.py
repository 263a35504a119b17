"""Collecting a reward at the counter, against what was shown there, until the last moment (R13).

The first named collects for all (R12), so a reward is collected as a whole; each share keeps its
own state and its own money. Gather, ask the rule, commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pipeline.paying.channels import names_of
from pipeline.paying.counter_hours import CounterClosed, require_open
from pipeline.paying.payees import seal_account
from pipeline.paying.second_approval import is_held
from pipeline.runtime import Work
from pipeline.store import ledger, uncollected
from pipeline.store.uncollected import Beside, Handing, Uncollected
from rewards.accounts import AccountText
from rewards.collecting import (
    Agreeing,
    AlreadyCollected,
    NotCollectable,
    Paying,
    Purpose,
    payment,
    require_agreement,
)
from rewards.known_channels import channel_named
from rewards.payout import PayoutChannel
from scheme.case import ForbiddenMove, ShareState
from scheme.money import Fen
from scheme.policy import Policy
from scheme.staff import Account

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
    """All that agreeing is decided by, read once, and what the record has to say of the hour."""

    reward: Uncollected
    beside: Beside
    asked: Agreeing
    procedure: Policy
    hours: Mapping[str, str]


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
    NotPresented, NotConfirmed, WrongId, NameDiffers, AccountInvalid, SecondApprovalNeeded,
    CardStockEmpty, ShareNotFound, Erased.
    """
    reward = uncollected.of_share(work.connection, work.vault, share_id)
    dossier = _gathered(work, reward, showing_id, clerk, Purpose.COLLECT, agreed=agreed)
    return _handed_out(work, dossier, showing_id, account, in_hand=in_hand)


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
    dossier = _gathered(work, reward, showing_id, clerk, Purpose.ON_THE_SPOT, agreed=agreed)
    return _handed_out(work, dossier, showing_id, NOTHING_TYPED, in_hand=True)


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
    dossier = _gathered(work, reward, showing_id, clerk, Purpose.ACCOUNT, agreed=agreed)
    require_agreement(dossier.asked)
    channel = channel_named(reward.shares[0].channel)
    uncollected.correct_account(
        work.connection,
        reward,
        showing_id=showing_id,
        sealed=_sealed(work, channel, reward.collector, channel.account_of(account)),
        clerk=clerk.account_id,
        at=work.now,
    )


# -- gather ----------------------------------------------------------------------------------------


def _gathered(  # noqa: PLR0913 - what is handed out, and what was shown for it
    work: Work,
    reward: Uncollected,
    showing_id: str,
    clerk: Account,
    purpose: Purpose,
    *,
    agreed: bool,
) -> Dossier:
    beside = uncollected.beside(work.connection, work.vault, reward, showing_id, purpose)
    hours, closed = _hours(work, purpose)
    asked = Agreeing(
        reward=reward.for_rule,
        purpose=purpose,
        clerk=clerk.account_id,
        now=work.now,
        showing=beside.showing,
        papers=beside.papers,
        mark=beside.mark,
        agreed=agreed,
        closed=closed,
    )
    return Dossier(reward, beside, asked, work.policies.procedure_at(work.now), hours)


def _hours(work: Work, purpose: Purpose) -> tuple[Mapping[str, str], CounterClosed | None]:
    """What the record has to say of the hour, or what refuses it (R8)."""
    if purpose is Purpose.ACCOUNT:  # a letter of the bank is answered at any hour
        return {}, None
    try:
        return require_open(work), None
    except CounterClosed as closed:
        return {}, closed


def _paying(work: Work, dossier: Dossier, typed: Mapping[str, str], *, in_hand: bool) -> Paying:
    procedure = dossier.procedure.procedure
    channel = channel_named(procedure.on_the_spot_channel if in_hand else procedure.default_channel)
    shares = dossier.reward.shares
    return Paying(
        channel=channel,
        shares=tuple((share.id, share.amount_fen) for share in shares),
        typed=typed,
        stock_fen=dossier.beside.stock_fen,
        held=channel.paid_at_collection and is_held(work, shares),
    )


# -- rule and commit -------------------------------------------------------------------------------


def _handed_out(
    work: Work, dossier: Dossier, showing_id: str, typed: Mapping[str, str], *, in_hand: bool
) -> Collected:
    first_document = require_agreement(dossier.asked)
    reward, shown = dossier.reward, dossier.beside.shown
    if shown is None:
        raise AssertionError(f"showing {showing_id} was let through empty")
    paying = _paying(work, dossier, typed, in_hand=in_hand)
    parts, account = payment(paying)
    handing = Handing(
        showing_id=showing_id,
        shown=shown,
        first_document=first_document,
        parts=parts,
        channel=paying.channel.key,
        sealed=_sealed(work, paying.channel, reward.collector, account),
        clerk=dossier.asked.clerk,
        procedure=dossier.procedure.ref,
        hours=dossier.hours,
    )
    try:
        uncollected.hand_out(work.connection, work.vault, reward, handing, work.now)
    except ForbiddenMove as problem:
        raise AlreadyCollected(ShareState(problem.source)) from problem
    return _collected(reward, paying.channel)


def _collected(reward: Uncollected, channel: PayoutChannel) -> Collected:
    slip = tuple(share.amount_fen for share in reward.shares)
    return Collected(
        report_number=reward.report_number,
        share_ids=tuple(share.id for share in reward.shares),
        slip=slip,
        total_fen=Fen(sum(slip)),
        channel=channel.key,
        channel_names=names_of(channel.key),
        paid=channel.paid_at_collection,
    )


def _sealed(
    work: Work, channel: PayoutChannel, person_id: str, account: AccountText | None
) -> tuple[str, bytes] | None:
    """The account as the shares keep it; None for a channel that needs none."""
    if account is None or channel.account is None:
        return None
    return seal_account(work, person_id, channel.account, account)
