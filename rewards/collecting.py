"""Whether what somebody shows at the counter collects a reward: one rule, one dossier (R8, R13).

First it is shown: the clerk has the reporter's name on the screen beside the document. Then the
clerk says that they agree, of the very thing that was shown to this clerk, and only then anything
is handed out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from rewards.accounts import AccountText
from rewards.collection import hand_over_card
from rewards.ledger import Transfer
from rewards.payout import PayoutChannel
from scheme.case import PAID, ShareState
from scheme.money import Fen
from scheme.reporter import same_name

SHOWN_FOR: Final = timedelta(minutes=15)
"""So long what was shown stands for somebody at the desk; then they are looked at again."""

COLLECTABLE: Final = (ShareState.NOTIFIED, ShareState.REINSTATED)
DONE: Final = (ShareState.COLLECTED, ShareState.IN_BATCH, *PAID)


class Purpose(StrEnum):
    """What a document is shown for. The values are stored."""

    COLLECT = "collect"
    """A reward that was announced (R13)."""
    ON_THE_SPOT = "on_the_spot"
    """What is verified at the desk and paid at once, before any notice (R8)."""
    ACCOUNT = "account"
    """Another account for a reward that was collected before."""


COLLECTED_FROM: Final = {
    Purpose.COLLECT: COLLECTABLE,
    Purpose.ON_THE_SPOT: (ShareState.AWARDED, *COLLECTABLE),
    Purpose.ACCOUNT: (ShareState.COLLECTED,),
}
"""The states that a reward can be in for each."""


class Difference(StrEnum):
    """In what a document does not agree with the report. The values are stored."""

    NAME = "name"
    PHOTO = "photo"
    NUMBER = "number"
    VALIDITY = "validity"
    SOMEBODY_ELSE = "somebody_else"
    """Whoever stands there is not the reporter: nobody collects for them."""


class AlreadyCollected(Exception):
    """The reward was collected before; it is ``state`` now."""

    def __init__(self, state: ShareState) -> None:
        super().__init__(state)
        self.state = state


class NotCollectable(Exception):
    """The reward is ``state``: not announced yet, forfeited, cancelled, or clawed back."""

    def __init__(self, state: ShareState) -> None:
        super().__init__(state)
        self.state = state


class TooLate(Exception):
    """The last moment to collect was ``collect_by``."""

    def __init__(self, collect_by: datetime) -> None:
        super().__init__(str(collect_by))
        self.collect_by = collect_by


class DecidedByYou(Exception):
    """Who decided a report of the case can't hand out its reward (R8 on the spot excepted)."""


class WrongId(Exception):
    """The document is not on record as this person's: two people can say that it is.

    ``reason``: differs (from those on record), other_person (it is theirs).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NameDiffers(Exception):
    """A new document, and the names do not agree: two people say whether it is one person.

    ``reason``: on_document (it bears another name than the report), of_number (the number is on
    record for another).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotPresented(Exception):
    """The reporter's name was not on this clerk's screen beside this document.

    ``reason``: never, other_clerk, changed (what was shown is not what holds now), expired, used.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotConfirmed(Exception):
    """The clerk has not said that document, person and report agree."""


class CardStockEmpty(Exception):
    """Cards in the drawer: ``stock_fen`` by face value, and ``needed_fen`` to hand over (R10)."""

    def __init__(self, stock_fen: int, needed_fen: int) -> None:
        super().__init__(f"{stock_fen} < {needed_fen}")
        self.stock_fen, self.needed_fen = stock_fen, needed_fen


class SecondApprovalNeeded(Exception):
    """A second person has to approve this payment before it is made."""


@dataclass(frozen=True, slots=True)
class Reward:
    """A reward as it lies before a clerk.

    ``state`` is the first named's share's; None where nothing is awarded yet (on the spot).
    """

    state: ShareState | None
    live: bool
    collect_by: datetime | None
    decided_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Papers:
    """A document beside what is on record.

    ``owner``: whether it is on record as this human's (None: as nobody's). ``any_known``: whether
    this human has shown any. ``of_number`` is the name on record for the phone number.
    """

    owner: bool | None
    any_known: bool
    on_document: str = field(repr=False)
    reported: str = field(repr=False)
    of_number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Showing:
    """What stood on a clerk's screen. ``mark`` is of all that had to be compared."""

    clerk: str
    shown_at: datetime
    mark: str
    answered: bool


@dataclass(frozen=True, slots=True)
class Agreeing:
    """The question when a clerk says that document, person and report agree.

    ``papers`` and ``mark`` are of what holds now; None and empty where nothing of the showing is
    kept. ``closed`` is what refuses it outside the counter's hours.
    """

    reward: Reward
    purpose: Purpose
    clerk: str
    now: datetime
    showing: Showing | None
    papers: Papers | None
    mark: str
    agreed: bool
    closed: Exception | None


@dataclass(frozen=True, slots=True)
class Paying:
    """How a reward is to be paid: ``shares`` with their amounts, first named first.

    ``typed`` are the fields of an account; ``held``: a second person has to approve it first.
    """

    channel: PayoutChannel
    shares: tuple[tuple[str, Fen], ...]
    typed: Mapping[str, str] = field(repr=False)
    stock_fen: int
    held: bool


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What happens to one share."""

    share_id: str
    to: ShareState
    transfer: Transfer | None


def require_collectable(reward: Reward, *, purpose: Purpose, clerk: str, now: datetime) -> None:
    """Whether this clerk may hand it out now, said as exactly as can be.

    Raises DecidedByYou, AlreadyCollected, TooLate, NotCollectable.
    """
    if purpose is not Purpose.ON_THE_SPOT and clerk in reward.decided_by:
        raise DecidedByYou
    if reward.state is None:
        return
    if reward.live and reward.state in COLLECTED_FROM[purpose]:
        overdue = reward.collect_by is not None and now > reward.collect_by
        if reward.state is ShareState.NOTIFIED and overdue:
            raise TooLate(reward.collect_by or now)
        return
    if purpose is not Purpose.ACCOUNT and reward.state in DONE:
        raise AlreadyCollected(reward.state)
    if reward.state is ShareState.FORFEITED and reward.collect_by is not None:
        raise TooLate(reward.collect_by)
    raise NotCollectable(reward.state)


def require_theirs(papers: Papers) -> None:
    """Whether the document is the reporter's, or a first one whose name agrees.

    Everything else (a further document, another name, another person's) takes two people, by a
    question. Raises WrongId, NameDiffers.
    """
    if papers.owner:
        return
    if papers.owner is False:
        raise WrongId("other_person")
    if papers.any_known:
        raise WrongId("differs")
    if not same_name(papers.on_document, papers.reported):
        raise NameDiffers("on_document")
    if not same_name(papers.reported, papers.of_number):
        raise NameDiffers("of_number")


def require_still_shown(showing: Showing | None, *, clerk: str, now: datetime) -> None:
    """Whether this clerk has it side by side and has said nothing of it yet.

    Raises NotPresented.
    """
    if showing is None:
        raise NotPresented("never")
    if showing.clerk != clerk:
        raise NotPresented("other_clerk")
    if now > showing.shown_at + SHOWN_FOR:
        raise NotPresented("expired")
    if showing.answered:
        raise NotPresented("used")


def require_agreed(showing: Showing, *, mark: str, agreed: bool) -> None:
    """Whether it is unchanged what the clerk had side by side and says to be one.

    ``mark`` is of what holds now. Raises NotPresented, NotConfirmed.
    """
    if showing.mark != mark:
        raise NotPresented("changed")
    if not agreed:
        raise NotConfirmed


def require_stock(channel: PayoutChannel, *, stock_fen: int, needed_fen: Fen) -> None:
    """Whether there are cards enough where the card is the payment. Raises CardStockEmpty."""
    if channel.paid_at_collection and stock_fen < needed_fen:
        raise CardStockEmpty(stock_fen, needed_fen)


def require_agreement(asked: Agreeing) -> bool:
    """Whether what was shown may be acted on; True where the document is the first of its reporter.

    Raises DecidedByYou, AlreadyCollected, TooLate, NotCollectable, ``asked.closed``, NotPresented,
    NotConfirmed, WrongId, NameDiffers.
    """
    require_collectable(asked.reward, purpose=asked.purpose, clerk=asked.clerk, now=asked.now)
    if asked.closed is not None:
        raise asked.closed
    require_still_shown(asked.showing, clerk=asked.clerk, now=asked.now)
    if asked.showing is None or asked.papers is None:
        raise NotPresented("used")
    require_agreed(asked.showing, mark=asked.mark, agreed=asked.agreed)
    require_theirs(asked.papers)
    return asked.papers.owner is None


def payment(paying: Paying) -> tuple[tuple[HandedOver, ...], AccountText | None]:
    """What happens to each share, and the account that a batch pays to, if any.

    Raises AccountInvalid, SecondApprovalNeeded, CardStockEmpty.
    """
    account = paying.channel.account_of(paying.typed)
    if paying.channel.paid_at_collection and paying.held:
        raise SecondApprovalNeeded
    needed_fen = Fen(sum(amount for _, amount in paying.shares))
    require_stock(paying.channel, stock_fen=paying.stock_fen, needed_fen=needed_fen)
    parts = tuple(handed_over(paying.channel, share, amount) for share, amount in paying.shares)
    return parts, account


def handed_over(channel: PayoutChannel, share_id: str, amount_fen: Fen) -> HandedOver:
    """A share by a channel: paid by what is handed over, or left for the next batch (R10)."""
    if not channel.paid_at_collection:
        return HandedOver(share_id, ShareState.COLLECTED, None)
    transfer = hand_over_card(share_id, amount_fen) if amount_fen else None
    return HandedOver(share_id, ShareState.PAID_IN_HAND, transfer)
