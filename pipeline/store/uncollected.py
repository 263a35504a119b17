"""A reward as it lies before a clerk, read once, and the moves that hand it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pipeline.store import (
    decisions,
    documents,
    events,
    identities,
    joined,
    ledger,
    notices,
    reports,
    showings,
    transfers,
    whose,
)
from pipeline.store.actions import Action
from pipeline.store.documents import KnownDocument
from pipeline.store.ledger import RewardRow, ShareRow
from pipeline.store.notices import REWARD
from pipeline.store.showings import Shown
from pipeline.store.vault import Vault
from rewards.collecting import HandedOver, Papers, Purpose, Reward, Showing
from rewards.ledger import CARD_STOCK
from scheme.case import ShareState


@dataclass(frozen=True, slots=True)
class Uncollected:
    """A reward with its collector, the first named, who collects for all (R12).

    ``reward`` is None, and ``shares`` are empty, where nothing is awarded yet. ``reported`` is the
    name given with the report, ``of_number`` the one on record for the number.
    """

    report_id: str
    report_number: str
    reward: RewardRow | None
    shares: tuple[ShareRow, ...]
    collector: str
    decided_by: frozenset[str]
    known: tuple[KnownDocument, ...]
    reported: str = field(repr=False)
    of_number: str = field(repr=False)

    @property
    def for_rule(self) -> Reward:
        """What the rule asks of it."""
        first = self.shares[0] if self.shares else None
        return Reward(
            state=None if first is None else first.state,
            live=self.reward is not None and self.reward.live_case_id is not None,
            collect_by=None if first is None else first.collect_by,
            decided_by=self.decided_by,
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """A showing and what holds now; all but ``stock_fen`` is empty where nothing was shown."""

    showing: Showing | None
    shown: Shown | None = field(repr=False)
    papers: Papers | None
    mark: str
    stock_fen: int
    """Cards in the drawer, by face value."""


@dataclass(frozen=True, slots=True)
class Handing:
    """All that handing out a reward writes: who gets what, against which document."""

    showing_id: str
    shown: Shown
    first_document: bool
    """It is put on record as the collector's."""
    parts: Sequence[HandedOver]
    channel: str
    sealed: tuple[str, bytes] | None
    """The account that a batch pays to: its kind, and its text under the collector's key."""
    clerk: str
    procedure: str
    hours: Mapping[str, str]


def of_share(connection: Connection, vault: Vault, share_id: str) -> Uncollected:
    """The reward that the share is of. Raises ShareNotFound, Erased."""
    reward = ledger.reward(connection, ledger.share(connection, share_id).reward_id)
    return _read(connection, vault, reward.report_id, reward)


def of_report(connection: Connection, vault: Vault, report_id: str) -> Uncollected:
    """What the report is rewarded with, or nothing yet. Raises NoSuchReport, Erased."""
    case_id = reports.by_id(connection, report_id).case_id
    reward = None if case_id is None else ledger.live_reward(connection, case_id)
    of_this = reward is not None and reward.report_id == report_id
    return _read(connection, vault, report_id, reward if of_this else None)


def _read(
    connection: Connection, vault: Vault, report_id: str, reward: RewardRow | None
) -> Uncollected:
    report = reports.by_id(connection, report_id)
    shares = () if reward is None else ledger.shares_of(connection, reward.id)
    collector = shares[0].person_id if shares else _first_named(connection, report_id)
    rows = joined.everybody(connection, collector)
    said = identities.identity(connection, vault, collector, report_id=report_id)
    return Uncollected(
        report_id=report_id,
        report_number=report.report_number or "",
        reward=reward,
        shares=shares,
        collector=collector,
        decided_by=frozenset()
        if report.case_id is None
        else decisions.deciders_of_case(connection, report.case_id),
        known=documents.of_persons(connection, vault, rows),
        reported=said.name,
        of_number=identities.payee(connection, vault, collector).name,
    )


def _first_named(connection: Connection, report_id: str) -> str:
    """Who would collect: the first of its reporters who was not erased."""
    people = whose.person_ids(connection, report_id)
    return next(iter(joined.apart(connection, people)), people[0])


def papers(connection: Connection, vault: Vault, reward: Uncollected, shown: Shown) -> Papers:
    """The document beside what is on record of the collector."""
    owner = documents.owner(connection, vault, shown.document)
    return Papers(
        owner=None if owner is None else joined.same(connection, reward.collector, owner),
        any_known=bool(reward.known),
        on_document=shown.name or reward.reported,
        reported=reward.reported,
        of_number=reward.of_number,
    )


def mark(vault: Vault, reward: Uncollected, shown: Shown, purpose: Purpose) -> str:
    """What stood side by side, as a blind index: it is another one as soon as any of it changes.

    On the spot nothing is awarded yet when a document is shown, so that no share is in it.
    """
    announced = purpose is not Purpose.ON_THE_SPOT
    compared = [
        purpose,
        reward.report_id,
        reward.collector,
        reward.reported,
        reward.of_number,
        *(known.document_id for known in reward.known),
        shown.document.kind,
        shown.document.number,
        shown.name,
        *(f"{part.id}/{part.amount_fen}" for part in reward.shares if announced),
    ]
    return vault.index("showing", "\n".join(compared))


def beside(
    connection: Connection, vault: Vault, reward: Uncollected, showing_id: str, purpose: Purpose
) -> Beside:
    """What was shown for this very reward and purpose, beside what holds now. Raises Erased."""
    stock_fen = transfers.account_balances(connection).get(CARD_STOCK, 0)
    row = showings.find(connection, vault, showing_id)
    if row is None or (row.report_id, row.purpose) != (reward.report_id, purpose):
        return Beside(None, None, None, "", stock_fen)
    if row.shown is None:
        return Beside(row.kept, None, None, "", stock_fen)
    return Beside(
        showing=row.kept,
        shown=row.shown,
        papers=papers(connection, vault, reward, row.shown),
        mark=mark(vault, reward, row.shown, purpose),
        stock_fen=stock_fen,
    )


def hand_out(
    connection: Connection, vault: Vault, reward: Uncollected, handing: Handing, at: datetime
) -> None:
    """Move every share of the reward, each by one conditional update, with its event.

    All of them or none. Raises ForbiddenMove.
    """
    _keep_document(connection, vault, reward, handing, at)
    for share, part in zip(reward.shares, handing.parts, strict=True):
        _move(connection, share, part, handing, at)
    showings.agreed(connection, handing.showing_id, at)
    notices.cancel_unsent(connection, at, kinds=(REWARD,), report_id=reward.report_id)
    detail: dict[str, Any] = {
        "reward": reward.reward.id if reward.reward else "",
        "channel": handing.channel,
        "amounts_fen": [share.amount_fen for share in reward.shares],
        "document": handing.shown.document.kind,
        **handing.hours,
    }
    subject = f"report/{reward.report_id}"
    events.append(connection, at, handing.clerk, Action.REWARD_COLLECTED, subject, detail)


def _keep_document(
    connection: Connection, vault: Vault, reward: Uncollected, handing: Handing, at: datetime
) -> None:
    if handing.first_document:
        name = handing.shown.name or reward.reported
        documents.add(connection, vault, reward.collector, handing.shown.document, name, at)


def _move(
    connection: Connection, share: ShareRow, part: HandedOver, handing: Handing, at: datetime
) -> None:
    paid = part.to is ShareState.PAID_IN_HAND
    ledger.move_share(
        connection,
        part.share_id,
        part.to,
        only_from=[share.state],
        # What was forfeited and reinstated has no last moment any more; a second person has said
        # so.
        collect_by_reached=None if share.state is ShareState.REINSTATED else at,
        channel=handing.channel,
        account_kind=handing.sealed[0] if handing.sealed else None,
        account_enc=handing.sealed[1] if handing.sealed else None,
        collected_at=at,
        collected_by=handing.clerk,
        collection_policy=handing.procedure,
        notice_received_at=share.notice_received_at or at,  # handed over, at the latest now
        paid_at=at if paid else None,
    )
    if part.transfer is not None:
        transfers.post(connection, part.transfer, at=at, made_by=handing.clerk)


def correct_account(  # noqa: PLR0913 - whose account, against which showing, by whom
    connection: Connection,
    reward: Uncollected,
    *,
    showing_id: str,
    sealed: tuple[str, bytes] | None,
    clerk: str,
    at: datetime,
) -> None:
    """Pay a collected reward to another account, with its event."""
    if reward.reward is None:
        raise AssertionError(f"nothing was collected of report {reward.report_id}")
    if sealed is not None:
        ledger.set_account(connection, reward.reward.id, *sealed)
    showings.agreed(connection, showing_id, at)
    detail = {"reward": reward.reward.id}
    subject = f"report/{reward.report_id}"
    events.append(connection, at, clerk, Action.CARD_CORRECTED, subject, detail)
