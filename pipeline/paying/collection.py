"""Collecting a reward at the counter, against an ID document, until the last moment.

And what comes after it (R13).

The first named collects for all (R12), so a reward is collected, forfeited and reinstated as a
whole; each share keeps its own state and its own money.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from pipeline.paying import awarding
from pipeline.paying.channels import names_of
from pipeline.paying.counter_hours import CounterClosed, require_open
from pipeline.paying.payees import seal_account
from pipeline.paying.second_approval import SecondApprovalNeeded, require_approved
from pipeline.runtime import Runtime, Work
from pipeline.staff.accounts import Account
from pipeline.store import (
    accounts,
    cases,
    decisions,
    documents,
    identities,
    identity_questions,
    joined,
    ledger,
    notices,
    reports,
    transfers,
)
from pipeline.store.actions import Action
from pipeline.store.ledger import RewardRow, ShareNotFound, ShareRow
from pipeline.store.notices import REWARD
from rewards.channels import channel_named
from rewards.collection import forfeit, hand_over_card
from rewards.documents import Document, DocumentInvalid, DocumentKind, document
from rewards.ledger import CARD_STOCK
from rewards.payout import PayoutChannel
from scheme.case import PAID, ForbiddenMove, ShareState
from scheme.money import Fen
from scheme.plain_text import required
from scheme.reporter import canonical_name, same_name

__all__ = [
    "AlreadyCollected",
    "CardStockEmpty",
    "Collected",
    "Collector",
    "CounterClosed",
    "DecidedByYou",
    "DocumentInvalid",
    "DocumentKind",
    "NameDiffers",
    "NotCollectable",
    "NotForfeited",
    "SecondApprovalNeeded",
    "SecondPersonNeeded",
    "ShareNotFound",
    "ToCollect",
    "TooLate",
    "WrongId",
    "collect",
    "collect_unannounced",
    "correct_account",
    "forfeit_due",
    "open_collector",
    "reinstate",
    "shares_to_collect",
]

NOTHING_TYPED: Final[Mapping[str, str]] = MappingProxyType({})
COLLECTABLE = (ShareState.NOTIFIED, ShareState.REINSTATED)
DONE = (ShareState.COLLECTED, ShareState.IN_BATCH, *PAID)
FORFEITED = "forfeited"
APPROVERS = (accounts.Role.OPERATIONS, accounts.Role.FINANCE)


class WrongId(Exception):
    """The document is not on record as this person's: two people can say that it is (``persons``).

    ``reason``: differs (from those on record), other_person (it is theirs).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NameDiffers(Exception):
    """A new document, and the names do not agree.

    Two people say whether it is one person (``persons``).

    ``reason``: on_document (it bears another name than the report), of_number (the number is on
    record for another).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooLate(Exception):
    """The last moment to collect was ``collect_by``."""

    def __init__(self, collect_by: datetime) -> None:
        super().__init__(str(collect_by))
        self.collect_by = collect_by


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


class DecidedByYou(Exception):
    """Who decided a report of the case can't be the clerk who hands out its reward (R8 on the spot excepted)."""


class CardStockEmpty(Exception):
    """Cards in the drawer: ``stock_fen`` by face value.

    ``needed_fen`` are to be handed over (R10).
    """

    def __init__(self, stock_fen: int, needed_fen: int) -> None:
        super().__init__(f"{stock_fen} < {needed_fen}")
        self.stock_fen, self.needed_fen = stock_fen, needed_fen


class NotForfeited(Exception):
    """Only a forfeited reward whose report is still the first can be reinstated.

    This one is ``state``.
    """

    def __init__(self, state: ShareState) -> None:
        super().__init__(state)
        self.state = state


class SecondPersonNeeded(Exception):
    """Reinstating takes two people.

    Who asks, and another one in operations or finance who approves (R13).
    """


@dataclass(frozen=True, slots=True)
class ToCollect:
    """A reward that waits at the counter.

    ``share_id`` is the first named's: give it to ``collect``.

    ``slip`` are the parts of all who reported jointly.
    """

    share_id: str
    report_id: str
    report_number: str
    total_fen: Fen
    slip: tuple[Fen, ...]
    state: ShareState
    notified_at: datetime | None
    notice_received_at: datetime | None
    collect_by: datetime | None
    decided_by_you: bool
    questions: int
    """Open questions about who the reporters are; one that was asked in time keeps the reward while
    it is open.
    """


@dataclass(frozen=True, slots=True)
class Shown:
    """A document that the person showed before.

    ``name`` is None where it was taken in before names were kept.
    """

    kind: DocumentKind
    name: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Presented:
    """What somebody shows at the counter.

    ``name`` is as on the document; empty where it is the name reported.
    """

    document: Document
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Collector:
    """What the clerk holds beside the document.

    The name reported, the one on record if it is another, documents.
    """

    reported: str = field(repr=False)
    on_record: str | None = field(repr=False)
    documents: tuple[Shown, ...]


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


def shares_to_collect(
    work: Work, *, clerk: Account, report_number: str | None = None
) -> tuple[ToCollect, ...]:
    """Rewards that can be collected now, last moment first.

    With ``report_number`` only that report's.
    """
    found = []
    for share in ledger.shares_in(work.connection, COLLECTABLE):
        reward = ledger.reward(work.connection, share.reward_id)
        number = reports.by_id(work.connection, reward.report_id).report_number or ""
        if (
            share.position == 0
            and reward.live_case_id is not None
            and report_number in (None, number)
        ):
            found.append(_to_collect(work, share, reward, number, clerk))
    return tuple(
        sorted(
            found,
            key=lambda one: (one.collect_by is None, one.collect_by or work.now, one.report_number),
        )
    )


def _to_collect(
    work: Work, share: ShareRow, reward: RewardRow, report_number: str, clerk: Account
) -> ToCollect:
    return ToCollect(
        share_id=share.id,
        report_id=reward.report_id,
        report_number=report_number,
        total_fen=reward.amount_fen,
        slip=tuple(part.amount_fen for part in ledger.shares_of(work.connection, reward.id)),
        state=share.state,
        notified_at=share.notified_at,
        notice_received_at=share.notice_received_at,
        collect_by=share.collect_by,
        decided_by_you=clerk.account_id
        in decisions.deciders_of_case(work.connection, reward.live_case_id or ""),
        questions=sum(
            question.answer is None
            for question in identity_questions.of_report(work.connection, reward.report_id)
        ),
    )


def open_collector(work: Work, *, share_id: str, clerk: Account) -> Collector:
    """The names to hold beside the document: the first named's. Each opening is on record (R17)."""
    reward = ledger.reward(work.connection, ledger.share(work.connection, share_id).reward_id)
    first = ledger.shares_of(work.connection, reward.id)[0]
    work.record(
        clerk.account_id, Action.IDENTITY_OPENED, f"report/{reward.report_id}", reason="collection"
    )
    reported = identities.identity(
        work.connection, work.vault, first.person_id, report_id=reward.report_id
    ).name
    on_record = identities.payee(work.connection, work.vault, first.person_id).name
    return Collector(
        reported=reported,
        on_record=None if same_name(reported, on_record) else on_record,
        documents=tuple(
            Shown(known.kind, known.name) for known in _documents(work, first.person_id)
        ),
    )


def channel_of(work: Work, share_id: str) -> PayoutChannel:
    """The channel that the share is paid by. Raises ShareNotFound, UnknownChannel."""
    return channel_named(ledger.share(work.connection, share_id).channel)


def correct_account(  # noqa: PLR0913 - whose account, and the document it is corrected against
    work: Work,
    *,
    share_id: str,
    clerk: Account,
    id_number: str,
    account: Mapping[str, str],
    document_kind: str = "",
) -> None:
    """Another account for a collected reward, against the same document.

    The bank refused the first one. ``account`` is what was typed, by the fields of the channel that
    the reward was collected for.

    Raises NotCollectable unless it is collected and in no batch, DocumentInvalid, WrongId,
    AccountInvalid.
    """
    share = ledger.share(work.connection, share_id)
    reward = ledger.reward(work.connection, share.reward_id)
    if share.state is not ShareState.COLLECTED:
        raise NotCollectable(share.state)
    _require_other_person(work, reward, clerk)
    first = ledger.shares_of(work.connection, reward.id)[0]
    sealed = _sealed(work, channel_named(share.channel), first.person_id, account)
    _require_known(work, first.person_id, document(id_number, document_kind))
    if sealed is not None:
        ledger.set_account(work.connection, reward.id, *sealed)
    work.record(
        clerk.account_id, Action.CARD_CORRECTED, f"report/{reward.report_id}", reward=reward.id
    )


def collect(  # noqa: PLR0913 - what a collection consists of
    work: Work,
    *,
    share_id: str,
    clerk: Account,
    id_number: str,
    document_kind: str = "",
    name_on_document: str = "",
    account: Mapping[str, str] = NOTHING_TYPED,
    in_hand: bool = False,
) -> Collected:
    """The first named shows an ID and collects for all.

    ``share_id`` is any share of the reward (R12, R13).

    ``name_on_document`` is empty where it is the name reported. ``in_hand``: a prepaid card is
    handed over, which is the payment; else ``account`` is what was typed, by the
    fields of the policy's channel, and the payout batch pays there. Raises
    DocumentInvalid, WrongId, NameDiffers, TooLate, CounterClosed, AlreadyCollected, NotCollectable,
    DecidedByYou, AccountInvalid, CardStockEmpty, NameTooLong, SecondApprovalNeeded.
    """
    reward = ledger.reward(work.connection, ledger.share(work.connection, share_id).reward_id)
    _require_other_person(work, reward, clerk)
    presented = Presented(document(id_number, document_kind), name_on_document)
    return _collect(work, reward, clerk, presented, account, in_hand=in_hand, announced=True)


def collect_unannounced(  # noqa: PLR0913 - what a collection consists of
    work: Work,
    *,
    report_id: str,
    clerk: Account,
    id_number: str,
    document_kind: str = "",
    name_on_document: str = "",
) -> Collected:
    """On the spot: the reward awarded just now is paid by a card at once, before any notice (R8).

    The clerk may be who decided; whoever calls this has seen to the limits of R8. Raises as
    ``collect`` does.
    """
    case_id = cases.case_of_report(work.connection, report_id)
    reward = ledger.live_reward(work.connection, case_id) if case_id else None
    if reward is None or reward.report_id != report_id:
        raise NotCollectable(ShareState.CANCELLED)
    presented = Presented(document(id_number, document_kind), name_on_document)
    return _collect(work, reward, clerk, presented, NOTHING_TYPED, in_hand=True, announced=False)


def _collect(  # noqa: PLR0913 - what a collection consists of
    work: Work,
    reward: RewardRow,
    clerk: Account,
    presented: Presented,
    account: Mapping[str, str],
    *,
    in_hand: bool,
    announced: bool,
) -> Collected:
    """Check, then move every share of the reward, each by one conditional update.

    All of them or none.
    """
    procedure = work.policies.procedure_at(work.now)
    key = (
        procedure.procedure.on_the_spot_channel if in_hand else procedure.procedure.default_channel
    )
    channel = channel_named(key)
    shares = ledger.shares_of(work.connection, reward.id)
    _require_collectable(work, reward, shares, announced=announced)
    hours = require_open(work)
    sealed = _sealed(work, channel, shares[0].person_id, account)
    _identify(work, reward.report_id, shares[0].person_id, presented)
    if channel.paid_at_collection:
        require_approved(work, shares)
        _require_stock(work, reward.amount_fen)
    for share in shares:
        _move(work, share, channel, clerk, procedure.ref, sealed=sealed, announced=announced)
    report = reports.by_id(work.connection, reward.report_id)
    work.record(
        clerk.account_id,
        Action.REWARD_COLLECTED,
        f"report/{reward.report_id}",
        reward=reward.id,
        channel=channel.key,
        amounts_fen=[share.amount_fen for share in shares],
        **hours,
    )
    notices.cancel_unsent(work.connection, work.now, kinds=(REWARD,), report_id=reward.report_id)
    return Collected(
        report_number=report.report_number or "",
        share_ids=tuple(share.id for share in shares),
        slip=tuple(share.amount_fen for share in shares),
        total_fen=reward.amount_fen,
        channel=channel.key,
        channel_names=names_of(channel.key),
        paid=channel.paid_at_collection,
    )


def _require_other_person(work: Work, reward: RewardRow, clerk: Account) -> None:
    case_id = cases.case_of_report(work.connection, reward.report_id)
    if case_id is not None and clerk.account_id in decisions.deciders_of_case(
        work.connection, case_id
    ):
        raise DecidedByYou


def _require_collectable(
    work: Work, reward: RewardRow, shares: Sequence[ShareRow], *, announced: bool
) -> None:
    """Say why not, as exactly as can be; the conditional updates would refuse all the same."""
    first = shares[0]
    if first.state in DONE:
        raise AlreadyCollected(first.state)
    allowed = COLLECTABLE if announced else (ShareState.AWARDED, *COLLECTABLE)
    if reward.live_case_id is None or first.state not in allowed:
        if first.state is ShareState.FORFEITED and first.collect_by is not None:
            raise TooLate(first.collect_by)
        raise NotCollectable(first.state)
    if (
        first.state is ShareState.NOTIFIED
        and first.collect_by is not None
        and work.now > first.collect_by
    ):
        raise TooLate(first.collect_by)


def _sealed(
    work: Work, channel: PayoutChannel, person_id: str, typed: Mapping[str, str]
) -> tuple[str, bytes] | None:
    """The account as the shares keep it; None for a channel that needs none."""
    account = channel.account_of(typed)
    if account is None or channel.account is None:
        return None
    return seal_account(work, person_id, channel.account, account)


def _identify(work: Work, report_id: str, person_id: str, presented: Presented) -> None:
    """A document on record as the person's will do.

    The first one is put on record by a clerk alone, if names agree.

    Everything else (a further document, another name, another person's) takes two people, by a
    question.
    """
    owner = documents.owner(work.connection, work.vault, presented.document)
    if owner is not None or _documents(work, person_id):
        _require_known(work, person_id, presented.document)
        return
    reported = identities.identity(work.connection, work.vault, person_id, report_id=report_id).name
    name = canonical_name(presented.name) if presented.name.strip() else reported
    if not same_name(name, reported):
        raise NameDiffers("on_document")
    if not same_name(reported, identities.payee(work.connection, work.vault, person_id).name):
        raise NameDiffers("of_number")
    documents.add(work.connection, work.vault, person_id, presented.document, name, work.now)


def _require_known(work: Work, person_id: str, shown: Document) -> None:
    """The document is on record as the person's, under whichever of their numbers.

    Raises WrongId.
    """
    owner = documents.owner(work.connection, work.vault, shown)
    if owner is None:
        raise WrongId("differs")
    if not joined.same(work.connection, person_id, owner):
        raise WrongId("other_person")


def _documents(work: Work, person_id: str) -> tuple[documents.KnownDocument, ...]:
    return documents.of_persons(
        work.connection, work.vault, joined.everybody(work.connection, person_id)
    )


def _require_stock(work: Work, needed_fen: Fen) -> None:
    stock_fen = transfers.account_balances(work.connection).get(CARD_STOCK, 0)
    if stock_fen < needed_fen:
        raise CardStockEmpty(stock_fen, needed_fen)


def _move(  # noqa: PLR0913 - one share's step, everything it is checked against
    work: Work,
    share: ShareRow,
    channel: PayoutChannel,
    clerk: Account,
    policy: str,
    *,
    sealed: tuple[str, bytes] | None,
    announced: bool,
) -> None:
    account_kind, account_enc = sealed or (None, None)
    to = ShareState.PAID_IN_HAND if channel.paid_at_collection else ShareState.COLLECTED
    try:
        ledger.move_share(
            work.connection,
            share.id,
            to,
            only_from=COLLECTABLE if announced else (ShareState.AWARDED, *COLLECTABLE),
            # What was forfeited and reinstated has no last moment any more; a second person has
            # said so.
            collect_by_reached=None if share.state is ShareState.REINSTATED else work.now,
            channel=channel.key,
            account_kind=account_kind,
            account_enc=account_enc,
            collected_at=work.now,
            collected_by=clerk.account_id,
            collection_policy=policy,
            notice_received_at=share.notice_received_at
            or work.now,  # handed over, at the latest now
            paid_at=work.now if channel.paid_at_collection else None,
        )
    except ForbiddenMove as problem:
        raise AlreadyCollected(ShareState(problem.source)) from problem
    if channel.paid_at_collection and share.amount_fen:
        transfer = hand_over_card(share.id, share.amount_fen)
        transfers.post(work.connection, transfer, at=work.now, made_by=clerk.account_id)


# -- the last day ----------------------------------------------------------------------------------


def forfeit_due(runtime: Runtime) -> int:
    """Forfeit what was not collected by its last moment, which still counted.

    Returns how many shares.

    A share without a last moment (no calendar) is never forfeited.
    """
    with runtime.write() as work:
        due = ledger.overdue_shares(work.connection, work.now)
        for share in due:
            _forfeit(work, share)
    return len(due)


def _forfeit(work: Work, share: ShareRow) -> None:
    owed = transfers.owed(work.connection, share.id)
    ledger.move_share(work.connection, share.id, ShareState.FORFEITED)
    if owed is not None:
        transfers.post(work.connection, forfeit(owed), at=work.now, made_by=awarding.SYSTEM)
    reward = ledger.reward(work.connection, share.reward_id)
    report = reports.by_id(work.connection, reward.report_id)
    work.record(
        awarding.SYSTEM, Action.SHARE_FORFEITED, f"share/{share.id}", report=reward.report_id
    )
    if share.position == 0:
        notices.write(
            work.connection,
            kind=FORFEITED,
            report_id=reward.report_id,
            person_id=share.person_id,
            share_id=share.id,
            facts={
                "report_number": report.report_number,
                "total_fen": reward.amount_fen,
                "policy": work.policies.procedure_at(work.now).ref,
            },
            at=work.now,
            send_after=work.now,
        )


def reinstate(
    work: Work, *, share_id: str, requested_by: Account, approved_by: Account, reason: str
) -> tuple[str, ...]:
    """Owe a forfeited reward again, for special circumstances on record, by two people.

    Returns its shares (R13).

    Raises NotForfeited, SecondPersonNeeded, ReasonRequired.
    """
    reason = required(reason)
    if requested_by.account_id == approved_by.account_id or approved_by.role not in APPROVERS:
        raise SecondPersonNeeded
    share = ledger.share(work.connection, share_id)
    reward = ledger.reward(work.connection, share.reward_id)
    if share.state is not ShareState.FORFEITED or reward.live_case_id is None:
        raise NotForfeited(share.state)
    shares = awarding.reinstate(
        work,
        reward,
        requested_by=requested_by.account_id,
        approved_by=approved_by.account_id,
        reason=reason,
    )
    return tuple(part.id for part in shares)
