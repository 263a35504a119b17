"""The last day (R13): what was not collected is forfeited, owed again where two people say so."""

from pipeline.paying import awarding
from pipeline.runtime import Runtime, Work
from pipeline.store import ledger, notices, reports, transfers
from pipeline.store.actions import Action
from pipeline.store.ledger import ShareRow
from rewards.collection import forfeit
from scheme.case import ShareState
from scheme.plain_text import required
from scheme.staff import Account, Role

FORFEITED = "forfeited"
APPROVERS = (Role.OPERATIONS, Role.FINANCE)


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
