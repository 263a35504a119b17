"""Payout batches: a closed list that one person freezes, a second approves and another exports, until the bank answers.

Frozen lines are never edited: each keeps its payee as frozen, under the person's own key, and the
manifest's hash over all of them. A list that comes back must match it cell by cell. Finance sees
payees masked until the export.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from pipeline import notice_texts
from pipeline.paying import awarding, second_approval
from pipeline.runtime import Work
from pipeline.staff.accounts import Account
from pipeline.store import accounts, cases, decisions, identities, ledger, second_looks
from pipeline.store.actions import Action
from pipeline.store.ledger import AlreadyPosted, BatchNotFound, BatchRow, LineRow, ShareRow
from pipeline.store.vault import Erased
from rewards.channels import channel_named
from rewards.export import PayoutList, file_name, masked, masked_name, to_csv, to_xlsx
from rewards.ledger import CARD_STOCK, FUND, IN_PAYOUT, PAYABLE, RECOVERABLE, Reason, stock
from rewards.ledger import deposit as deposit_transfer
from rewards.payout import (
    ManifestMismatch,
    PayoutLine,
    ResultUnreadable,
    control_total,
    give_back,
    manifest,
    parse_result,
    settle,
    take_in,
)
from scheme.case import BatchState, ForbiddenMove, ShareState
from scheme.money import Fen

BATCH_ID_DIGITS: Final = 32

__all__ = [
    "AlreadyDeposited",
    "AmountInvalid",
    "Balances",
    "BatchBroken",
    "BatchNotFound",
    "BatchView",
    "EmptyBatchOpen",
    "ForbiddenMove",
    "LineView",
    "ManifestMismatch",
    "ReferenceRequired",
    "ResultUnreadable",
    "TwoPeopleNeeded",
    "UnknownFileKind",
    "YourOwnCase",
    "approve",
    "balances",
    "batch_view",
    "batches",
    "build_batch",
    "cancel",
    "close",
    "deposit",
    "export",
    "freeze",
    "held_back",
    "load_result",
    "step_of_others",
    "stock_cards",
]

KINDS = ("csv", "xlsx")
KEEP_DIGITS = 4
LARGEST_AMOUNT_FEN = 100_000_000_00
LONGEST_REFERENCE = 200
EXPORTABLE = (
    BatchState.APPROVED,
    BatchState.EXPORTED,
    BatchState.SETTLED,
    BatchState.PARTLY_SETTLED,
    BatchState.CLOSED,
)


class TwoPeopleNeeded(Exception):
    """Freezing and approving are two people, and so are approving and exporting.

    ``step`` is what was refused.
    """

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


class YourOwnCase(Exception):
    """Who registered or decided a report can't approve a batch with its case in line ``line``."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


class EmptyBatchOpen(Exception):
    """Nothing waits to be paid, and batch ``number`` is open for it already."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class BatchBroken(Exception):
    """The lines of a frozen batch are not what was frozen.

    Nothing is exported or settled until that is clear.
    """


class UnknownFileKind(Exception):
    """A payout list is csv or xlsx."""


class AlreadyDeposited(Exception):
    """This reference stands in the ledger.

    ``same``: with the same amount, so nothing is missing.
    """

    def __init__(self, *, same: bool) -> None:
        super().__init__("same" if same else "another amount")
        self.same = same


class AmountInvalid(Exception):
    """An amount of money must be more than nothing and less than a slip of the hand."""


class ReferenceRequired(Exception):
    """Money comes with the reference of its payment, which is what keeps it from being counted twice."""


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a batch.

    ``payee`` and ``account`` are masked until the batch is exported, empty once erased.
    """

    line_number: int
    payee: str
    account: str
    amount_fen: Fen
    result: str | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch without its lines. People are display names.

    ``count`` and ``total`` are as frozen, or as they are.
    """

    batch_id: str
    number: str
    state: BatchState
    channel: str
    line_count: int
    total_fen: Fen
    manifest_sha256: str | None
    built_by: str
    built_at: datetime
    frozen_by: str | None
    frozen_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    exported_by: str | None
    exported_at: datetime | None
    settled_by: str | None
    settled_at: datetime | None
    paid_fen: Fen
    failed: int
    lines: tuple[LineView, ...] = ()


@dataclass(frozen=True, slots=True)
class Balances:
    """Opening + accrued - paid - forfeited = payable, in fen, from ``since`` on (None: from the beginning).

    ``accrued`` is awards and reinstatements less cancellations. ``payable`` counts what lies in
    batches too. ``sum_fen`` is over all accounts of the ledger and always 0; ``ties`` says whether
    the equation holds.
    """

    since: datetime | None
    opening: Fen
    accrued: Fen
    paid: Fen
    forfeited: Fen
    payable: Fen
    in_payout: Fen
    fund: Fen
    card_stock: Fen
    recoverable: Fen
    accounts: tuple[tuple[str, Fen], ...]
    """The accounts in sum: ``payable/…`` and the like as one line each; debits less credits."""
    sum_fen: Fen
    ties: bool


# -- the life of a batch ---------------------------------------------------------------------------


def build_batch(work: Work, officer: Account, *, once: str = "") -> str:
    """Put everything that is collected and waits for one channel into an open batch.

    Returns its id.

    The channel is the policy's; where nothing waits for that, the one of what has waited longest: a
    policy that pays in another way leaves what was collected before it to be paid as it was
    promised. Shares that a second person has to approve stay collected until that was done.
    ``once``: what names one press of the button, however often it arrives: the batch that it made
    is returned again. Raises EmptyBatchOpen where nothing waits and an open batch without lines is
    there already.
    """
    batch_id = _batch_id(officer, once or secrets.token_hex(16))
    if ledger.batch_exists(work.connection, batch_id):
        return batch_id
    procedure = work.policies.procedure_at(work.now)
    channel, taken = _to_be_paid(work, procedure.procedure.default_channel)
    empty = None if taken else ledger.open_empty_batch(work.connection)
    if empty is not None:
        raise EmptyBatchOpen(empty.number)
    batch = ledger.add_batch(
        work.connection,
        batch_id,
        channel=channel,
        procedure_policy=procedure.ref,
        built_by=officer.account_id,
        at=work.now,
    )
    for share in taken:
        ledger.move_share(work.connection, share.id, ShareState.IN_BATCH, batch_id=batch.id)
        if share.amount_fen:
            transfer = take_in(batch.id, share.id, share.amount_fen)
            ledger.post(work.connection, transfer, at=work.now, made_by=officer.account_id)
    ledger.add_lines(work.connection, batch.id, taken)
    work.record(
        officer.account_id,
        Action.BATCH_BUILT,
        f"batch/{batch.id}",
        number=batch.number,
        lines=len(taken),
    )
    return batch.id


def held_back(work: Work) -> int:
    """How many collected shares no batch takes until a second person has approved them."""
    return second_looks.held(work.connection)


def _to_be_paid(work: Work, default: str) -> tuple[str, tuple[ShareRow, ...]]:
    """A channel and the shares that wait for it and can be paid.

    The default's, else those that have waited longest.
    """
    waiting = ledger.channels_to_pay(work.connection)
    for channel in sorted(waiting, key=lambda channel: channel != default):
        shares = second_approval.payable(work, ledger.to_pay(work.connection, channel))
        if shares:
            return channel, shares
    return default, ()


def _batch_id(officer: Account, once: str) -> str:
    return sha256(f"{officer.account_id}:{once}".encode("utf-8", "replace")).hexdigest()[
        :BATCH_ID_DIGITS
    ]


def freeze(work: Work, batch_id: str, officer: Account) -> BatchView:
    """Close the list: count, total and manifest are fixed, each payee kept as it is now.

    Raises ForbiddenMove.
    """
    batch = ledger.batch(work.connection, batch_id)
    if batch.state is not BatchState.OPEN:
        raise ForbiddenMove("batch", batch.state, BatchState.FROZEN)
    rows = ledger.lines_of(work.connection, batch_id)
    lines = [_line_as_of_now(work, row) for row in rows]
    for row, line in zip(rows, lines, strict=True):
        _keep_payee(work, row, line)
    total = control_total(lines)
    ledger.move_batch(
        work.connection,
        batch_id,
        BatchState.FROZEN,
        frozen_by=officer.account_id,
        frozen_at=work.now,
        line_count=total.count,
        total_fen=total.total_fen,
        manifest_sha256=manifest(batch.number, batch.channel, lines),
    )
    work.record(
        officer.account_id,
        Action.BATCH_FROZEN,
        f"batch/{batch_id}",
        count=total.count,
        total_fen=total.total_fen,
        manifest=manifest(batch.number, batch.channel, lines),
    )
    return batch_view(work, batch_id)


def approve(work: Work, batch_id: str, officer: Account) -> None:
    """A second person agrees to the frozen list.

    Raises ForbiddenMove, TwoPeopleNeeded, YourOwnCase, BatchBroken.
    """
    batch = ledger.batch(work.connection, batch_id)
    if batch.state is BatchState.FROZEN:
        if batch.frozen_by == officer.account_id:
            raise TwoPeopleNeeded("approve")
        for line in _frozen_lines(work, batch):
            _require_stranger(work, line, officer)
    ledger.move_batch(
        work.connection,
        batch_id,
        BatchState.APPROVED,
        approved_by=officer.account_id,
        approved_at=work.now,
    )
    work.record(
        officer.account_id, Action.BATCH_APPROVED, f"batch/{batch_id}", manifest=batch.manifest_sha256,
        total_fen=batch.total_fen,
    )  # fmt: skip


def cancel(work: Work, batch_id: str, officer: Account) -> None:
    """Give up an open or frozen batch: its lines are collected again. Raises ForbiddenMove."""
    ledger.move_batch(work.connection, batch_id, BatchState.CANCELLED)
    rows = ledger.lines_of(work.connection, batch_id)
    for row in rows:
        _let_go(work, row, Reason.UNBATCH, officer)
    work.record(officer.account_id, Action.BATCH_CANCELLED, f"batch/{batch_id}", lines=len(rows))
    _settle_cases(work, rows, officer)


def export(work: Work, batch_id: str, officer: Account, kind: str) -> tuple[str, bytes]:
    """The approved list as ``(file name, content)``, ``kind`` csv or xlsx.

    Again later, the same bytes.

    Each export is on record. Raises ForbiddenMove, TwoPeopleNeeded, UnknownFileKind, BatchBroken,
    Erased.
    """
    if kind not in KINDS:
        raise UnknownFileKind(kind)
    batch = ledger.batch(work.connection, batch_id)
    if batch.state not in EXPORTABLE:
        raise ForbiddenMove("batch", batch.state, BatchState.EXPORTED)
    if batch.approved_by == officer.account_id:
        raise TwoPeopleNeeded("export")
    lines = _frozen_lines(work, batch)
    if batch.state is BatchState.APPROVED:
        ledger.move_batch(
            work.connection,
            batch_id,
            BatchState.EXPORTED,
            exported_by=officer.account_id,
            exported_at=work.now,
        )
    payout = PayoutList(
        batch_number=batch.number,
        channel=channel_named(batch.channel),
        lines=lines,
        manifest_sha256=batch.manifest_sha256 or "",
        headings=notice_texts.words(notice_texts.LANGUAGES[0])["column"],
    )
    content = to_csv(payout) if kind == "csv" else to_xlsx(payout)
    work.record(
        officer.account_id,
        Action.BATCH_EXPORTED,
        f"batch/{batch_id}",
        kind=kind,
        sha256=sha256(content).hexdigest(),
        lines=len(lines),
    )
    return file_name(batch.number, kind), content


def load_result(work: Work, batch_id: str, officer: Account, content: bytes) -> BatchView:
    """Load the bank's list: paid lines are settled, failed ones wait for the next batch.

    Every cell must be as frozen. Raises ForbiddenMove, ResultUnreadable, ManifestMismatch,
    BatchBroken; then nothing is changed.
    """
    batch = ledger.batch(work.connection, batch_id)
    if batch.state is not BatchState.EXPORTED:
        raise ForbiddenMove("batch", batch.state, BatchState.SETTLED)
    lines = _frozen_lines(work, batch)
    results = parse_result(content, batch.number, channel_named(batch.channel), lines)
    rows = ledger.lines_of(work.connection, batch_id)
    all_paid = all(result.paid for result in results)
    ledger.move_batch(
        work.connection,
        batch_id,
        BatchState.SETTLED if all_paid else BatchState.PARTLY_SETTLED,
        settled_by=officer.account_id,
        settled_at=work.now,
    )
    for row, result in zip(rows, results, strict=True):
        ledger.set_result(
            work.connection,
            batch_id,
            row.line_number,
            "paid" if result.paid else "failed",
            result.failure,
        )
        if result.paid:
            _pay(work, row, officer)
        else:
            _let_go(work, row, Reason.FAILED, officer)
    work.record(
        officer.account_id,
        Action.BATCH_SETTLED,
        f"batch/{batch_id}",
        paid=sum(result.paid for result in results),
        failed=sum(not result.paid for result in results),
        sha256=sha256(content).hexdigest(),
    )
    _settle_cases(work, rows, officer)
    return batch_view(work, batch_id)


def close(work: Work, batch_id: str, officer: Account) -> None:
    """Nothing more is expected of a settled batch. Raises ForbiddenMove."""
    ledger.move_batch(work.connection, batch_id, BatchState.CLOSED)
    work.record(officer.account_id, Action.BATCH_CLOSED, f"batch/{batch_id}")


# -- lines -----------------------------------------------------------------------------------------


def _line_as_of_now(work: Work, row: LineRow) -> PayoutLine:
    """The first named collected for all, so every share of a reward is paid to that person (R12)."""
    payee = identities.payee(work.connection, work.vault, _collector(work, row))
    return PayoutLine(
        row.line_number, row.share_id, payee.name, payee.card_number or "", row.amount_fen
    )


def _collector(work: Work, row: LineRow) -> str:
    reward_id = ledger.share(work.connection, row.share_id).reward_id
    return ledger.shares_of(work.connection, reward_id)[0].person_id


def _keep_payee(work: Work, row: LineRow, line: PayoutLine) -> None:
    payee_id = _collector(work, row)
    sealed = identities.seal(
        work.connection,
        work.vault,
        payee_id,
        json.dumps([line.payee, line.account], ensure_ascii=False),
        place=f"{row.batch_id}/{row.line_number}",
    )
    ledger.freeze_payee(work.connection, row.batch_id, row.line_number, payee_id, sealed)


def _kept_line(work: Work, row: LineRow) -> PayoutLine:
    if row.payee_enc is None or row.payee_id is None:
        raise BatchBroken
    text = identities.unseal(
        work.connection,
        work.vault,
        row.payee_id,
        row.payee_enc,
        place=f"{row.batch_id}/{row.line_number}",
    )
    payee, account = json.loads(text)
    return PayoutLine(row.line_number, row.share_id, payee, account, row.amount_fen)


def _frozen_lines(work: Work, batch: BatchRow) -> tuple[PayoutLine, ...]:
    """The lines as frozen.

    Raises BatchBroken when count, total or manifest are not what was frozen.
    """
    lines = tuple(_kept_line(work, row) for row in ledger.lines_of(work.connection, batch.id))
    total = control_total(lines)
    frozen = (batch.line_count, batch.total_fen, batch.manifest_sha256)
    if (total.count, total.total_fen, manifest(batch.number, batch.channel, lines)) != frozen:
        raise BatchBroken
    return lines


def _require_stranger(work: Work, line: PayoutLine, officer: Account) -> None:
    """Who registered, decided or handed out cannot approve the payment of that case."""
    share = ledger.share(work.connection, line.share_id)
    reward = ledger.reward(work.connection, share.reward_id)
    case_id = cases.case_of_report(work.connection, reward.report_id)
    involved = {share.collected_by}
    if case_id is not None:
        involved |= decisions.who_took_part(work.connection, case_id)
    if officer.account_id in involved:
        raise YourOwnCase(line.number)


def _pay(work: Work, row: LineRow, officer: Account) -> None:
    ledger.move_share(work.connection, row.share_id, ShareState.PAID, paid_at=work.now)
    if row.amount_fen:
        transfer = settle(row.batch_id, row.share_id, row.amount_fen)
        ledger.post(work.connection, transfer, at=work.now, made_by=officer.account_id)


def _let_go(work: Work, row: LineRow, reason: Reason, officer: Account) -> None:
    ledger.move_share(
        work.connection,
        row.share_id,
        ShareState.COLLECTED,
        only_from=[ShareState.IN_BATCH],
        batch_id=None,
    )
    taken_in = ledger.posted(work.connection, f"{Reason.BATCH}/{row.batch_id}/{row.share_id}")
    if taken_in is not None:
        ledger.post(
            work.connection, give_back(taken_in, reason), at=work.now, made_by=officer.account_id
        )


def _settle_cases(work: Work, rows: Sequence[LineRow], officer: Account) -> None:
    """What could not be cancelled while it lay in the batch is looked at now."""
    rewards = {ledger.share(work.connection, row.share_id).reward_id for row in rows}
    report_ids = [
        ledger.reward(work.connection, reward_id).report_id for reward_id in sorted(rewards)
    ]
    found = {cases.case_of_report(work.connection, report_id) for report_id in report_ids}
    for case_id in sorted(case_id for case_id in found if case_id is not None):
        awarding.settle_case(work, case_id, actor=officer.account_id)


# -- looking ---------------------------------------------------------------------------------------


def batches(work: Work) -> tuple[BatchView, ...]:
    """Every batch without its lines, newest first."""
    names = accounts.names(work.connection)
    return tuple(
        _view(batch, ledger.lines_of(work.connection, batch.id), (), names)
        for batch in ledger.all_batches(work.connection)
    )


def step_of_others(work: Work, batch_id: str, account: Account) -> str:
    """The next step that is not this account's, who took the one before: approve, export, or empty.

    Accounts are compared, never names: two colleagues may bear one. Raises BatchNotFound.
    """
    batch = ledger.batch(work.connection, batch_id)
    if batch.state is BatchState.FROZEN and batch.frozen_by == account.account_id:
        return "approve"
    if batch.state in EXPORTABLE and batch.approved_by == account.account_id:
        return "export"
    return ""


def batch_view(work: Work, batch_id: str) -> BatchView:
    """One batch with its lines; payees are masked unless it was exported. Raises BatchNotFound."""
    batch = ledger.batch(work.connection, batch_id)
    rows = ledger.lines_of(work.connection, batch_id)
    shown = batch.state in EXPORTABLE and batch.state is not BatchState.APPROVED
    lines = tuple(_line_view(work, row, shown=shown) for row in rows)
    return _view(batch, rows, lines, accounts.names(work.connection))


def _line_view(work: Work, row: LineRow, *, shown: bool) -> LineView:
    """A line as finance sees it; without its payee where they were erased.

    No list is withheld for one of them.
    """
    try:
        line = _kept_line(work, row) if row.payee_enc is not None else _line_as_of_now(work, row)
    except Erased:
        line = PayoutLine(row.line_number, row.share_id, "", "", row.amount_fen)
    return LineView(
        line_number=row.line_number,
        payee=line.payee if shown else masked_name(line.payee),
        account=line.account if shown else masked(line.account, KEEP_DIGITS),
        amount_fen=row.amount_fen,
        result=row.result,
        failure=row.failure,
    )


def _view(
    batch: BatchRow, rows: Sequence[LineRow], lines: tuple[LineView, ...], names: Mapping[str, str]
) -> BatchView:
    def name(account_id: str | None) -> str | None:
        return None if account_id is None else names.get(account_id, account_id)

    return BatchView(
        batch_id=batch.id,
        number=batch.number,
        state=batch.state,
        channel=batch.channel,
        line_count=len(rows),
        total_fen=Fen(sum(row.amount_fen for row in rows)),
        manifest_sha256=batch.manifest_sha256,
        built_by=names.get(batch.built_by, batch.built_by),
        built_at=batch.built_at,
        frozen_by=name(batch.frozen_by),
        frozen_at=batch.frozen_at,
        approved_by=name(batch.approved_by),
        approved_at=batch.approved_at,
        exported_by=name(batch.exported_by),
        exported_at=batch.exported_at,
        settled_by=name(batch.settled_by),
        settled_at=batch.settled_at,
        paid_fen=Fen(sum(row.amount_fen for row in rows if row.result == "paid")),
        failed=sum(row.result == "failed" for row in rows),
        lines=lines,
    )


def balances(work: Work, *, since: datetime | None = None) -> Balances:
    """What the ledger says, and whether it ties."""
    held = ledger.account_balances(work.connection)
    before = ledger.account_balances(work.connection, before=since) if since is not None else {}
    moved = ledger.moved_for(work.connection, since=since)

    def of(reason: Reason) -> int:
        return moved.get(reason, 0)

    opening, payable = _owed(before), _owed(held)
    accrued = of(Reason.AWARD) + of(Reason.REINSTATE) - of(Reason.CANCEL)
    paid = of(Reason.CARD_IN_HAND) + of(Reason.PAID)
    forfeited = of(Reason.FORFEIT)
    grouped: dict[str, int] = {}
    for account, amount in held.items():
        kind = account.split("/")[0]
        grouped[kind] = grouped.get(kind, 0) + amount
    return Balances(
        since=since,
        opening=Fen(opening),
        accrued=Fen(accrued),
        paid=Fen(paid),
        forfeited=Fen(forfeited),
        payable=Fen(payable),
        in_payout=Fen(
            -sum(amount for account, amount in held.items() if account.startswith(IN_PAYOUT))
        ),
        fund=Fen(held.get(FUND, 0)),
        card_stock=Fen(held.get(CARD_STOCK, 0)),
        recoverable=Fen(
            sum(amount for account, amount in held.items() if account.startswith(RECOVERABLE))
        ),
        accounts=tuple(sorted((kind, Fen(amount)) for kind, amount in grouped.items())),
        sum_fen=Fen(sum(held.values())),
        ties=opening + accrued - paid - forfeited == payable,
    )


def _owed(held: Mapping[str, int]) -> int:
    return -sum(
        amount for account, amount in held.items() if account.startswith((PAYABLE, IN_PAYOUT))
    )


# -- the fund and the drawer -----------------------------------------------------------------------


def deposit(work: Work, officer: Account, amount_fen: int, reference: str) -> None:
    """Money came from the group into the fund.

    Raises AlreadyDeposited, AmountInvalid, ReferenceRequired.
    """
    reference = " ".join(reference.split())
    if not reference or len(reference) > LONGEST_REFERENCE:
        raise ReferenceRequired
    transfer = deposit_transfer(sha256(reference.encode()).hexdigest()[:32], _amount(amount_fen))
    try:
        ledger.post(work.connection, transfer, at=work.now, made_by=officer.account_id)
    except AlreadyPosted as problem:
        raise AlreadyDeposited(same=problem.same) from problem
    work.record(
        officer.account_id,
        Action.FUND_DEPOSITED,
        "account/fund",
        amount_fen=amount_fen,
        reference=reference,
    )


def stock_cards(work: Work, officer: Account, amount_fen: int) -> None:
    """Prepaid cards were bought from the fund and lie in the counter's drawer, by face value.

    Raises AmountInvalid.
    """
    transfer = stock(secrets.token_hex(16), _amount(amount_fen))
    ledger.post(work.connection, transfer, at=work.now, made_by=officer.account_id)
    work.record(
        officer.account_id, Action.CARDS_STOCKED, "account/card_stock", amount_fen=amount_fen
    )


def _amount(amount_fen: int) -> Fen:
    if not 0 < amount_fen <= LARGEST_AMOUNT_FEN:
        raise AmountInvalid
    return Fen(amount_fen)
