"""Telephone calls: how somebody hears what nothing of ours sends.

A number abroad, a landline, no provider at all.

What is to be said stands on the reporter's own page from the moment at which a message would have
left; somebody calls besides, and says so. Each opening of a number is on record (R17).
"""

from pipeline.answering import arriving, messages
from pipeline.answering.arriving import NothingToNotify
from pipeline.answering.by_hand import Sheet, Unsent, opened, unsent
from pipeline.listed import Listed
from pipeline.runtime import Work
from pipeline.store import calls_due, deliveries, identities
from pipeline.store import notices as outbox
from pipeline.store.actions import Action
from pipeline.store.notices import REWARD
from scheme.staff import Account


class CallGone(Exception):
    """The reporter was told, has read it themselves, or it was taken back.

    There is nobody to call.
    """


def to_make(work: Work, page: int = 1) -> Listed[Unsent]:
    """Calls that wait for somebody to make them, longest waiting first."""
    return calls_due.waiting(work.connection, page).shown_as(unsent)


def stuck(work: Work, page: int = 1) -> Listed[Unsent]:
    """Messages that a provider has not taken yet; they are tried again by themselves."""
    return deliveries.stuck(work.connection, page).shown_as(unsent)


def open_call(work: Work, notice_id: str, officer: Account) -> Sheet:
    """Whom to call, and what to say; that the number was opened is on record. Raises CallGone."""
    notice = _waiting(work, notice_id)
    message = messages.composed(work, notice)
    if message is None:
        raise CallGone
    person = identities.identity(
        work.connection, work.vault, notice.person_id, report_id=notice.report_id
    )
    return opened(
        work,
        notice,
        message,
        name=person.name,
        to=message.to,
        by=officer.account_id,
        why="call",
    )


def mark_told(work: Work, notice_id: str, officer: Account, note: str) -> None:
    """Say that the reporter was called and told, and what was said.

    Raises CallGone, CallNoteRequired.
    """
    note = arriving.call_note(note)
    notice = _waiting(work, notice_id)
    calls_due.mark_told(work.connection, notice_id, work.now)
    work.record(
        officer.account_id,
        Action.REPORTER_TOLD,
        f"report/{notice.report_id}",
        notice=notice_id,
        kind=notice.kind,
        note=note,
    )
    if notice.kind == REWARD and notice.share_id is not None:
        try:
            arriving.record_call(work, notice.share_id, officer, note)
        except NothingToNotify:
            return  # it was received or collected meanwhile


def _waiting(work: Work, notice_id: str) -> outbox.NoticeRow:
    row = calls_due.of_id(work.connection, notice_id)
    if row is None:
        raise CallGone
    return row
