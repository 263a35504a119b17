"""Messages on their way out: taken, sent, marked; and what moves when one has left (R9, R13).

Delivery is at least once. A message is taken in one transaction (whoever else looks sees it due
again only later), sent, and marked in another; a crash between the last two sends it again under
the same id: the sink writes the same file, mail carries the same Message-ID. What no provider sends
is left to people (``calls``).
"""

from dataclasses import replace
from datetime import timedelta

import structlog

from pipeline.answering.messages import composed
from pipeline.answering.notices import AT_ONCE, RECEIPT, write_receipts
from pipeline.answering.providers import NotSent, send
from pipeline.answering.reaching import Way, can_send
from pipeline.paying import awarding
from pipeline.runtime import Runtime, Work
from pipeline.store import calls_due, case_reports, deliveries, ledger, reports
from pipeline.store.actions import Action
from pipeline.store.notices import ANSWER, CALL, EMAIL, PAPER, REWARD, NoticeRow
from scheme.case import ReportState, ShareState

TAKEN_FOR = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(hours=1)

log = structlog.get_logger()


def deliver_due(runtime: Runtime) -> int:
    """Send what may leave now; returns how many messages left.

    Each has its own transactions; safe to call at will.
    """
    with runtime.write() as work:
        write_receipts(work)
    with runtime.read() as work:
        waiting = deliveries.due(work.connection, work.now, AT_ONCE)
    return sum(_deliver(runtime, notice) for notice in waiting)


def _deliver(runtime: Runtime, notice: NoticeRow) -> bool:
    with runtime.write() as work:
        if not deliveries.take(work.connection, notice, work.now + _pause(notice.attempts)):
            return False
        message = composed(work, notice)
        smtp = work.settings.smtp
        if message is not None and not can_send(work.settings, Way(notice.channel), message.to):
            _leave_to_people(work, notice)
            return False
    if message is None:
        return False
    try:
        send(message, runtime.settings.home / "outbox", smtp)
    except NotSent as problem:
        log.warning(
            "notice_not_sent",
            notice=notice.notice_id,
            attempt=notice.attempts + 1,
            reason=str(problem),
        )
        return False
    with runtime.write() as work:
        left(work, notice)
    return True


def _leave_to_people(work: Work, notice: NoticeRow) -> None:
    """Nothing sends this: it goes another way that there is, else somebody calls.

    About a receipt nobody is called. What is said by telephone stands on the reporter's page from
    now on, as if a message had left.
    """
    other_ways = deliveries.others_of(work.connection, notice)
    by_mail = EMAIL in other_ways and can_send(work.settings, Way.EMAIL, "")
    if notice.channel == EMAIL or notice.kind == RECEIPT or PAPER in other_ways or by_mail:
        deliveries.cancel(work.connection, notice.notice_id, work.now)
        work.record(
            awarding.SYSTEM,
            Action.NOTICE_NOT_SENDABLE,
            f"report/{notice.report_id}",
            notice=notice.notice_id,
            channel=notice.channel,
        )
        return
    calls_due.leave(work.connection, notice.notice_id)
    left(work, replace(notice, channel=CALL))


def left(work: Work, notice: NoticeRow, *, actor: str = awarding.SYSTEM) -> None:
    """Say that a message has left, once, and move what moves with it.

    ``actor``: who posted a letter.
    """
    if deliveries.mark_sent(work.connection, notice.notice_id, work.now):
        work.record(
            actor,
            Action.NOTICE_SENT,
            f"report/{notice.report_id}",
            notice=notice.notice_id,
            kind=notice.kind,
            channel=notice.channel,
        )
        _follow(work, notice)


def _pause(attempts: int) -> timedelta:
    """Ever longer between attempts: 1, 2, 4 … minutes, up to an hour."""
    return min(TAKEN_FOR * (1 << min(attempts, 10)), LONGEST_PAUSE)


def _follow(work: Work, notice: NoticeRow) -> None:
    """What a message that left moves: report answered, shares notified.

    The second of two channels moves nothing.
    """
    if notice.kind == ANSWER:
        _mark_answered(work, notice)
    elif notice.kind == REWARD and notice.share_id is not None and notice.facts["collects"]:
        _mark_notified(work, notice.share_id)


def _mark_answered(work: Work, notice: NoticeRow) -> None:
    """Unless another decision has come since the answer was written."""
    report = case_reports.of_report(work.connection, notice.report_id)
    if report is None or report.state is not ReportState.DECIDED:
        return
    if report.decision_id == notice.facts["decision_id"]:
        reports.move(work.connection, notice.report_id, ReportState.ANSWERED, answered_at=work.now)


def _mark_notified(work: Work, share_id: str) -> None:
    """Every share of the reward: who collects was told of all."""
    reward_id = ledger.share(work.connection, share_id).reward_id
    for share in ledger.shares_of(work.connection, reward_id):
        if share.state is ShareState.AWARDED:
            ledger.move_share(work.connection, share.id, ShareState.NOTIFIED, notified_at=work.now)
