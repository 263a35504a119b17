"""A notice that nobody opened counts as received: a longstop, and a call on record (R13).

What the arrival begins is in ``paying``.
"""

from collections.abc import Sequence

from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import ledger
from pipeline.store.actions import Action
from scheme.case import ShareState
from scheme.deadlines import notice_deemed_received
from scheme.staff import Account

LONGEST_NOTE = 2_000


class CallNoteRequired(Exception):
    """A telephone call is put on record with what was said."""


class NothingToNotify(Exception):
    """The share waits for no notice: it was received, collected or cancelled."""


def call_note(note: str) -> str:
    """What was said in a call, without blanks around it. Raises CallNoteRequired."""
    note = note.strip()
    if not note or len(note) > LONGEST_NOTE:
        raise CallNoteRequired
    return note


def record_call(work: Work, share_id: str, officer: Account, note: str) -> None:
    """A telephone call about a reward that nobody reacted to (R13).

    With it, the longstop can begin the 15 days. The notice counts as received when both are there:
    the call, and ``longstop_days`` since it was sent. Raises CallNoteRequired, NothingToNotify.
    """
    note = call_note(note)
    share = ledger.share(work.connection, share_id)
    if share.state is not ShareState.NOTIFIED or share.notice_received_at is not None:
        raise NothingToNotify
    ledger.called(work.connection, share_id, work.now)
    work.record(officer.account_id, Action.REPORTER_CALLED, f"share/{share_id}", note=note)
    deem_received(work, [share_id])


def deem_received(work: Work, share_ids: Sequence[str] | None = None) -> int:
    """Begin the 15 days of unopened notices: the longstop is over and a call on record (R13)."""
    procedure = work.policies.procedure_at(work.now)
    begun = 0
    for share in ledger.shares_in(work.connection, [ShareState.NOTIFIED]):
        if share.notice_received_at is not None or share.notified_at is None:
            continue
        if share_ids is not None and share.id not in share_ids:
            continue
        if share.called_at is None:
            continue
        deemed_at = notice_deemed_received(share.notified_at, procedure)
        if deemed_at <= work.now:
            report_id = ledger.reward(work.connection, share.reward_id).report_id
            begun += awarding.notice_received(work, report_id, at=max(deemed_at, share.called_at))
    return begun
