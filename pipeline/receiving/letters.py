"""Letters: registered by the day of the postmark (R6), answered on paper.

A letter goes the way of every report; who wrote and gave an address is written to as well as
texted. Paper leaves by hand: somebody prints it, posts it, and says so.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import BinaryIO, Final

from pipeline.answering import delivering, messages, notices
from pipeline.answering.by_hand import Sheet, Unsent, opened, unsent
from pipeline.listed import Listed
from pipeline.receiving import handed_over
from pipeline.receiving.drafts import ReporterInput
from pipeline.receiving.submitting import Receipt, submit
from pipeline.runtime import Runtime, Work
from pipeline.store import deliveries, identities, letters, person_keys, reports, whose
from pipeline.store import notices as outbox
from pipeline.store.actions import Action
from pipeline.store.letters import LetterRow
from scheme import plain_text
from scheme.postmark import reached_us_at, require_after
from scheme.report import Channel, Claim

LONGEST_ADDRESS: Final = 200


class AddressTooLong(Exception):
    """An address of more than ``limit`` signs."""

    def __init__(self, limit: int = LONGEST_ADDRESS) -> None:
        super().__init__(str(limit))
        self.limit = limit


class LetterGone(Exception):
    """The letter was posted, or taken back, or its reader erased: there is nothing to post."""


# -- coming in -------------------------------------------------------------------------------------


def register(  # noqa: PLR0913 - what lies in an envelope
    runtime: Runtime,
    *,
    registered_by: str,
    claim: Claim,
    senders: Sequence[ReporterInput],
    files: Sequence[tuple[str, BinaryIO]],
    postmarked_on: date,
    address: str = "",
    consent: bool,
) -> Receipt:
    """Register a letter as any report is; the postmark's day serves R6, whenever it arrives.

    ``registered_by`` is an account's id, or ``cli``. ``files`` are names with open streams: scans,
    or what lay on a disc in the envelope. Raises PostmarkImpossible, AddressTooLong, and what
    the steps of receiving raise; the draft then expires by itself.
    """
    address = _one_line(address)
    with runtime.write() as work:
        _reached_us(work, claim, postmarked_on)
        report_id = handed_over.written_down(
            work, channel=Channel.POST, claim=claim, reporters=senders
        )
    handed_over.stored(runtime, report_id, files)
    with runtime.write() as work:
        reached_at = _reached_us(work, claim, postmarked_on)
        receipt = submit(work, report_id=report_id, consent=consent, submitted_to_us_at=reached_at)
        _keep(work, report_id, postmarked_on, address)
        reports.registered(work.connection, report_id, registered_by)
        if address:
            notices.write_receipt(
                work, report_id
            )  # at once: the desk prints it with the code, which nobody sees again
        work.record(
            registered_by,
            Action.LETTER_REGISTERED,
            f"report/{report_id}",
            files=len(files),
            address=bool(address),
            postmark=postmarked_on.isoformat(),
            submitted_to_us_at=reached_at.isoformat(),
        )
    return receipt


def _reached_us(work: Work, claim: Claim, postmarked_on: date) -> datetime:
    reached_at = reached_us_at(postmarked_on, work.now, work.policies.procedure_at(work.now).zone)
    if claim.violated_at is not None and claim.violated_at.tzinfo is not None:
        require_after(claim.violated_at, reached_at)
    return reached_at


def _keep(work: Work, report_id: str, postmarked_on: date, address: str) -> None:
    sender = whose.person_ids(work.connection, report_id)[0]
    sealed = (
        person_keys.seal(work.connection, work.vault, sender, address, place="address")
        if address
        else None
    )
    letters.add(work.connection, LetterRow(report_id, sender, postmarked_on, sealed))


def _one_line(address: str) -> str:
    """An address as an envelope has it; signs that do not show are left out."""
    line = plain_text.one_line(address)
    if len(line) > LONGEST_ADDRESS:
        raise AddressTooLong
    return line


# -- going out -------------------------------------------------------------------------------------


def to_post(work: Work, page: int = 1) -> Listed[Unsent]:
    """Letters that wait to be printed and posted, longest waiting first."""
    return deliveries.on_paper(work.connection, work.now, page).shown_as(unsent)


def receipt_to_post(work: Work, report_id: str) -> str | None:
    """The receipt that was printed as its letter was registered.

    None where nothing of it is to be posted.
    """
    written = outbox.of_report(work.connection, report_id, notices.RECEIPT)
    return next(
        (one.notice_id for one in written if one.channel == outbox.PAPER and one.sent_at is None),
        None,
    )


def print_out(work: Work, notice_id: str, printed_by: str) -> Sheet:
    """A letter with its address, to be printed; the opening of the address is on record (R17).

    Raises LetterGone.
    """
    notice = _waiting(work, notice_id)
    letter = letters.of_report(work.connection, notice.report_id)
    message = messages.composed(work, notice)
    if letter is None or letter.address_enc is None or message is None:
        raise LetterGone
    person = identities.identity(work.connection, work.vault, letter.person_id)
    address = person_keys.unseal(
        work.connection, work.vault, letter.person_id, letter.address_enc, place="address"
    )
    return opened(work, notice, message, name=person.name, to=address, by=printed_by, why="letter")


def mark_posted(work: Work, notice_id: str, posted_by: str) -> None:
    """Say that a letter lies in the post box: it has left, as a text message has.

    Raises LetterGone.
    """
    delivering.left(work, _waiting(work, notice_id), actor=posted_by)


def _waiting(work: Work, notice_id: str) -> outbox.NoticeRow:
    notice = outbox.read(work.connection, notice_id)
    if notice is None or notice.channel != outbox.PAPER or notice.sent_at or notice.cancelled_at:
        raise LetterGone
    return notice
