"""Payout batches: a closed list that one person freezes, a second approves and another exports.

Frozen lines are never edited (``payees``); the bank's answer is taken in by ``results``.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from pipeline import notice_texts
from pipeline.languages import WHOLE
from pipeline.paying import coverage, second_approval
from pipeline.paying.batch_views import EXPORTED
from pipeline.paying.channels import names_of
from pipeline.paying.leaving import settle_cases
from pipeline.paying.payees import frozen_lines, keep_payee, line_as_of_now, payable
from pipeline.runtime import Work
from pipeline.store import batches as store
from pipeline.store import cases, decisions, ledger, payment_approvals
from pipeline.store.actions import Action
from pipeline.store.ledger import ShareRow
from rewards.cover import require_covered
from rewards.export import PayoutList, file_name, to_csv, to_xlsx
from rewards.known_channels import channel_named
from rewards.ledger import Reason
from rewards.payout import PayoutLine, control_total, manifest, one_line_an_account, released
from scheme.case import BatchState, ForbiddenMove
from scheme.money import Fen
from scheme.staff import Account

BATCH_ID_DIGITS: Final = 32
KINDS: Final = ("csv", "xlsx")
EXPORTABLE: Final = (
    BatchState.APPROVED,
    *EXPORTED,
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


@dataclass(frozen=True, slots=True)
class WaitingShares:
    """What waits for a batch of one channel. ``names``: what people call it, by language."""

    channel: str
    names: Mapping[str, str]
    share_count: int
    total_fen: Fen


class NothingWaits(Exception):
    """Nothing that can be paid waits for the channel that a batch is to be built for."""


class UnknownFileKind(Exception):
    """A payout list is csv or xlsx."""


def build_batch(work: Work, officer: Account, *, channel: str = "", once: str = "") -> str:
    """Put everything that is collected and waits for one channel into an open batch.

    Returns its id. All that goes to one account is one line of it.

    A share keeps the channel it was collected for: a policy that pays in another way leaves what
    was collected before it to be paid as it was promised. Without ``channel`` it is the policy's,
    or, where nothing waits for that, the one of what has waited longest. Shares that a second
    person has to approve stay collected until that was done. ``once``: what names one press of the
    button, however often it arrives: the batch that it made is returned again. Raises
    EmptyBatchOpen where nothing waits and an open batch without lines is there already,
    NothingWaits, UnknownChannel.
    """
    batch_id = _batch_id(officer, once or secrets.token_hex(16))
    if store.batch_exists(work.connection, batch_id):
        return batch_id
    procedure = work.policies.procedure_at(work.now)
    key, taken = _to_be_paid(work, procedure.procedure.default_channel, channel)
    empty = None if taken else store.open_empty_batch(work.connection)
    if empty is not None:
        raise EmptyBatchOpen(empty.number)
    lines = one_line_an_account(payable(work, share) for share in taken)
    batch = store.add_batch(
        work.connection,
        batch_id,
        channel=key,
        procedure_policy=procedure.ref,
        built_by=officer.account_id,
        at=work.now,
    )
    store.add_lines(work.connection, batch.id, lines)
    store.take_in(work.connection, batch.id, lines, at=work.now, made_by=officer.account_id)
    work.record(
        officer.account_id,
        Action.BATCH_BUILT,
        f"batch/{batch.id}",
        number=batch.number,
        lines=len(lines),
        shares=len(taken),
    )
    return batch.id


def waiting(work: Work) -> tuple[WaitingShares, ...]:
    """What is collected and waits for a batch, by channel: each gets a batch of its own."""
    return tuple(
        WaitingShares(row.channel, names_of(row.channel), row.share_count, row.total_fen)
        for row in store.waiting(work.connection)
    )


def held_back(work: Work) -> int:
    """How many collected shares no batch takes until a second person has approved them."""
    return payment_approvals.held(work.connection)


def _to_be_paid(work: Work, default: str, asked: str) -> tuple[str, tuple[ShareRow, ...]]:
    """A channel and the shares that wait for it and can be paid.

    The one asked for; else the default's, else those that have waited longest. Raises NothingWaits
    where one is asked for that nothing waits for.
    """
    keys = [row.channel for row in store.waiting(work.connection)]
    if asked:
        shares = _can_be_paid(work, asked) if asked in keys else ()
        if not shares:
            raise NothingWaits
        return asked, shares
    for key in sorted(keys, key=lambda key: key != default):
        shares = _can_be_paid(work, key)
        if shares:
            return key, shares
    return default, ()


def _can_be_paid(work: Work, channel: str) -> tuple[ShareRow, ...]:
    return second_approval.payable(work, ledger.to_pay(work.connection, channel))


def _batch_id(officer: Account, once: str) -> str:
    return sha256(f"{officer.account_id}:{once}".encode("utf-8", "replace")).hexdigest()[
        :BATCH_ID_DIGITS
    ]


def freeze(work: Work, batch_id: str, officer: Account) -> None:
    """Close the list: count, total and manifest are fixed, each payee kept as it is now.

    Raises ForbiddenMove.
    """
    batch = store.batch(work.connection, batch_id)
    if batch.state is not BatchState.OPEN:
        raise ForbiddenMove("batch", batch.state, BatchState.FROZEN)
    rows = store.lines_of(work.connection, batch_id)
    lines = [line_as_of_now(work, row) for row in rows]
    for row, line in zip(rows, lines, strict=True):
        keep_payee(work, row, line)
    total = control_total(lines)
    store.move_batch(
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


def approve(work: Work, batch_id: str, officer: Account, *, knowing: bool = False) -> None:
    """A second person agrees to the frozen list.

    ``knowing``: they were told how much the fund lacks for it, since what is approved is paid.
    Raises ForbiddenMove, TwoPeopleNeeded, YourOwnCase, BatchBroken, FundShort.
    """
    batch = store.batch(work.connection, batch_id)
    short = Fen(0)
    if batch.state is BatchState.FROZEN:
        if batch.frozen_by == officer.account_id:
            raise TwoPeopleNeeded("approve")
        for line in frozen_lines(work, batch):
            _require_stranger(work, line, officer)
        available = coverage.reach(work).for_approval
        short = require_covered(available, Fen(batch.total_fen or 0), knowing=knowing)
    store.move_batch(
        work.connection,
        batch_id,
        BatchState.APPROVED,
        approved_by=officer.account_id,
        approved_at=work.now,
    )
    work.record(
        officer.account_id,
        Action.BATCH_APPROVED,
        f"batch/{batch_id}",
        manifest=batch.manifest_sha256,
        total_fen=batch.total_fen,
        **({"short_fen": short} if short else {}),
    )


def cancel(work: Work, batch_id: str, officer: Account) -> None:
    """Give up an open or frozen batch: its lines are collected again. Raises ForbiddenMove."""
    store.move_batch(work.connection, batch_id, BatchState.CANCELLED)
    rows = store.lines_of(work.connection, batch_id)
    leaving = [released(batch_id, share, Reason.UNBATCH) for row in rows for share in row.shares]
    store.let_go(work.connection, leaving, at=work.now, made_by=officer.account_id)
    work.record(officer.account_id, Action.BATCH_CANCELLED, f"batch/{batch_id}", lines=len(rows))
    settle_cases(work, rows, officer)


def export(work: Work, batch_id: str, officer: Account, kind: str) -> tuple[str, bytes]:
    """The approved list as ``(file name, content)``, ``kind`` csv or xlsx.

    Again later, the same bytes.

    Each export is on record. Raises ForbiddenMove, TwoPeopleNeeded, UnknownFileKind, BatchBroken,
    Erased.
    """
    if kind not in KINDS:
        raise UnknownFileKind(kind)
    batch = store.batch(work.connection, batch_id)
    if batch.state not in EXPORTABLE:
        raise ForbiddenMove("batch", batch.state, BatchState.EXPORTED)
    if batch.approved_by == officer.account_id:
        raise TwoPeopleNeeded("export")
    lines = frozen_lines(work, batch)
    if batch.state is BatchState.APPROVED:
        store.move_batch(
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
        headings=notice_texts.words(WHOLE[0])["column"],
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


def close(work: Work, batch_id: str, officer: Account) -> None:
    """Nothing more is expected of a settled batch. Raises ForbiddenMove."""
    store.move_batch(work.connection, batch_id, BatchState.CLOSED)
    work.record(officer.account_id, Action.BATCH_CLOSED, f"batch/{batch_id}")


def step_of_others(work: Work, batch_id: str, account: Account) -> str:
    """The next step that is not this account's, who took the one before: approve, export, or empty.

    Accounts are compared, never names: two colleagues may bear one. Raises BatchNotFound.
    """
    batch = store.batch(work.connection, batch_id)
    if batch.state is BatchState.FROZEN and batch.frozen_by == account.account_id:
        return "approve"
    if batch.state in EXPORTABLE and batch.approved_by == account.account_id:
        return "export"
    return ""


def _require_stranger(work: Work, line: PayoutLine, officer: Account) -> None:
    """Who registered, decided or handed out cannot approve the payment of that case."""
    for taken in line.shares:
        share = ledger.share(work.connection, taken.share_id)
        reward = ledger.reward(work.connection, share.reward_id)
        case_id = cases.case_of_report(work.connection, reward.report_id)
        involved = {share.collected_by}
        if case_id is not None:
            involved |= decisions.who_took_part(work.connection, case_id)
        if officer.account_id in involved:
            raise YourOwnCase(line.number)
