"""Messages that leave by hand: somebody calls, or prints a letter and posts it.

No list of them says to whom; each opening of a number or an address is on record (R17).
"""

from dataclasses import dataclass, field
from datetime import datetime

from pipeline.answering.messages import Message
from pipeline.runtime import Work
from pipeline.store.actions import Action
from pipeline.store.notices import NoticeRow


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message that does not reach its reader by itself. ``tries``: to send it, so far."""

    notice_id: str
    kind: str
    report_number: str
    written_at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """Whom to tell and what. ``to`` is a number or an address; ``repr`` hides who and what."""

    notice_id: str
    report_number: str
    name: str = field(repr=False)
    to: str = field(repr=False)
    paragraphs: tuple[str, ...] = field(repr=False)


def unsent(row: NoticeRow) -> Unsent:
    """The message as a list shows it."""
    return Unsent(
        notice_id=row.notice_id,
        kind=row.kind,
        report_number=str(row.facts["report_number"]),
        written_at=row.created_at,
        tries=row.attempts,
    )


def opened(  # noqa: PLR0913 - what is opened, for whom, and why
    work: Work, notice: NoticeRow, message: Message, *, name: str, to: str, by: str, why: str
) -> Sheet:
    """The message with its reader; that it was opened, by whom and why is on record."""
    work.record(
        by,
        Action.IDENTITY_OPENED,
        f"report/{notice.report_id}",
        reason=why,
        notice=notice.notice_id,
    )
    paragraphs = tuple(message.text.split("\n\n"))
    return Sheet(notice.notice_id, message.report_number, name, to, paragraphs)
