"""Messages to reporters: from the outbox to a provider, and what their arrival starts (R9, R13).

Delivery is at least once. A message is taken in one transaction (whoever else looks sees it due
again only later), sent, and marked in another; a crash between the last two sends it again under
the same id: the sink writes the same file, mail carries the same Message-ID. Providers: SMTP for
addresses where ``BUSREPORT_SMTP`` is set; in a demo the sink (files under ``<home>/outbox``) for
everything else. What no provider sends is left to people (``calls``).
"""

import json
import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from pipeline import notice_texts
from pipeline.answering import answer_clock
from pipeline.answering.reaching import Way, can_send
from pipeline.paying import awarding
from pipeline.runtime import Runtime, Work
from pipeline.staff.accounts import Account
from pipeline.store import (
    calls_due,
    case_reports,
    deliveries,
    evidence_files,
    identities,
    ledger,
    notices,
    reports,
    whose,
)
from pipeline.store.actions import Action
from pipeline.store.notices import ANSWER, CALL, EMAIL, PAPER, REWARD, NoticeRow
from pipeline.store.vault import Erased
from pipeline.whole_files import write_whole
from scheme.case import ReportState, ShareState
from scheme.deadlines import notice_deemed_received
from scheme.money import Fen, yuan
from scheme.policy import Policy, PolicyRef

RECEIPT = "receipt"
AT_ONCE = 200
"""Messages that one call sends at most."""
TAKEN_FOR = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(hours=1)
SMTP_TIMEOUT_S = 20
LONGEST_NOTE = 2_000

log = structlog.get_logger()


class CallNoteRequired(Exception):
    """A telephone call is put on record with what was said."""


class NothingToNotify(Exception):
    """The share waits for no notice: it was received, collected or cancelled."""


@dataclass(frozen=True, slots=True)
class Message:
    """A notice as it leaves.

    ``to`` is a phone number or an address; ``repr`` hides who and what.
    """

    notice_id: str
    kind: str
    channel: str
    report_number: str
    sent_at: datetime
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


class NotSent(Exception):
    """The provider did not take the message.

    It stays due and is tried again later, ever more rarely.
    """


# -- writing ---------------------------------------------------------------------------------------


def write(  # noqa: PLR0913 - what a message consists of
    work: Work,
    kind: str,
    report_id: str,
    *,
    person_id: str | None = None,
    share_id: str | None = None,
    facts: Mapping[str, Any] | None = None,
    send_after: datetime | None = None,
) -> None:
    """Put a notice into the outbox.

    To one person, or to each reporter of the report, by SMS and given e-mail.

    ``facts`` are plain JSON values and hold nothing of an identity; number and policy are added.
    """
    report = reports.by_id(work.connection, report_id)
    people = (person_id,) if person_id is not None else whose.person_ids(work.connection, report_id)
    for person in people:
        notices.write(
            work.connection,
            kind=kind,
            report_id=report_id,
            person_id=person,
            share_id=share_id,
            facts={
                **(facts or {}),
                "report_number": report.report_number,
                "policy": work.policies.procedure_at(work.now).ref,
            },
            at=work.now,
            send_after=send_after or work.now,
        )


def write_receipts(work: Work) -> int:
    """Give every received report its receipt notice, once.

    Number and times, never the secret code.
    """
    waiting = notices.without(work.connection, RECEIPT, AT_ONCE)
    for report_id in waiting:
        write_receipt(work, report_id)
    return len(waiting)


def write_receipt(work: Work, report_id: str) -> None:
    """The receipt notice of one report that has none yet."""
    report = reports.by_id(work.connection, report_id)
    zone = work.policies.procedure_at(work.now).zone
    facts = {
        "received_at": f"{report.received_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        if report.received_at
        else "",
        "files": len(evidence_files.of_report(work.connection, report_id)),
        "answer_due": answer_clock.last_day(work, report.answer_due_at),
    }
    write(work, RECEIPT, report_id, facts=facts)


# -- sending ---------------------------------------------------------------------------------------


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
        _send(message, runtime.settings.home / "outbox", smtp)
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

    About a receipt nobody is called.

    What is said by telephone stands on the reporter's page from now on, as if a message had left.
    """
    others = deliveries.others_of(work.connection, notice)
    told_else = PAPER in others or (EMAIL in others and can_send(work.settings, Way.EMAIL, ""))
    if notice.channel == EMAIL or notice.kind == RECEIPT or told_else:
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


def composed(work: Work, notice: NoticeRow) -> Message | None:
    """The message as it leaves; None where nobody can be told.

    The person was erased, or has no number any more.
    """
    to = _address(work, notice)
    if not to:
        deliveries.cancel(work.connection, notice.notice_id, work.now)
        work.record(
            awarding.SYSTEM,
            Action.NOTICE_UNDELIVERABLE,
            f"report/{notice.report_id}",
            notice=notice.notice_id,
        )
        return None
    number = str(notice.facts["report_number"])
    text = "\n\n".join(_text(work, notice, language) for language in notice_texts.LANGUAGES)
    return Message(
        notice_id=notice.notice_id,
        kind=notice.kind,
        channel=notice.channel,
        report_number=number,
        sent_at=work.now,
        to=to,
        subject=" / ".join(
            notice_texts.words(language)["subject"][notice.kind].format(number=number)
            for language in notice_texts.LANGUAGES
        ),
        text=text,
    )


def _address(work: Work, notice: NoticeRow) -> str:
    try:
        person = identities.identity(
            work.connection, work.vault, notice.person_id, report_id=notice.report_id
        )
    except Erased:
        return ""
    return {EMAIL: person.email, PAPER: person.name}.get(notice.channel, person.phone)


def _text(work: Work, notice: NoticeRow, language: str) -> str:
    """One language's paragraph. Never a name and never a plate: neither is among the values."""
    words = notice_texts.words(language)
    policy = work.policies.by_ref(PolicyRef(notice.facts["policy"]))
    values = {**notice.facts, **_places(policy, language)}
    listed = words["separator"]["list"]
    match notice.kind:
        case "answer":
            values["substantiated"] = notice.facts["verdict"] == "substantiated"
            values["verdict"] = words["verdict"][notice.facts["verdict"]]
            values["reasons"] = listed.join(
                words["reason"][code] for code in notice.facts["reasons"]
            )
        case "reward":
            values["amount"] = yuan(Fen(notice.facts["amount_fen"]))
            values["heads"] = len(notice.facts["slip_fen"])
            values["slip"] = " + ".join(yuan(Fen(part)) for part in notice.facts["slip_fen"])
        case "ask":
            values["sights"] = listed.join(
                words["sight"][sight] for sight in notice.facts["sights"]
            )
    if "total_fen" in notice.facts:
        values["total"] = yuan(Fen(notice.facts["total_fen"]))
    return notice_texts.rendered(notice.kind, language, values)


def _places(policy: Policy, language: str) -> dict[str, str | int]:
    counter = policy.procedure.counter
    return {
        "days": policy.procedure.claim_days,
        "documents": policy.procedure.documents[language],
        "address": counter.address[language],
        "phone": counter.phone,
        "opens": f"{counter.opens:%H:%M}",
        "closes": f"{counter.closes:%H:%M}",
    }


def _follow(work: Work, notice: NoticeRow) -> None:
    """What a message that left moves: report answered, shares notified.

    The second of two channels moves nothing.
    """
    if notice.kind == ANSWER:
        report = case_reports.of_report(work.connection, notice.report_id)
        if (
            report
            and report.state is ReportState.DECIDED
            and report.decision_id == notice.facts["decision_id"]
        ):
            reports.move(
                work.connection, notice.report_id, ReportState.ANSWERED, answered_at=work.now
            )
    elif notice.kind == REWARD and notice.share_id is not None and notice.facts["collects"]:
        reward_id = ledger.share(work.connection, notice.share_id).reward_id
        for share in ledger.shares_of(work.connection, reward_id):
            if share.state is ShareState.AWARDED:
                ledger.move_share(
                    work.connection, share.id, ShareState.NOTIFIED, notified_at=work.now
                )


# -- providers -------------------------------------------------------------------------------------


def _send(message: Message, outbox: Path, smtp: str) -> None:
    if message.channel == EMAIL and smtp:
        _send_mail(message, smtp)
    else:
        _put_into_sink(message, outbox)


def _put_into_sink(message: Message, outbox: Path) -> None:
    """Two files a message, whole or none: ``<id>.txt`` for people, ``<id>.json`` for the page."""
    outbox.mkdir(parents=True, exist_ok=True, mode=0o700)
    plain = asdict(message) | {"sent_at": message.sent_at.isoformat()}
    contents = {
        "txt": f"{message.channel} {message.to}\n{message.subject}\n\n{message.text}\n",
        "json": json.dumps(plain, ensure_ascii=False, indent=1),
    }
    try:
        for suffix, content in contents.items():
            write_whole(outbox / f"{message.notice_id}.{suffix}", content)
    except OSError as problem:
        raise NotSent(type(problem).__name__) from problem


def _send_mail(message: Message, smtp: str) -> None:
    """Through the server of ``smtp://user:password@host:port?from=address``.

    TLS where it is offered.
    """
    server = urlsplit(smtp)
    host = server.hostname or "localhost"
    sender = parse_qs(server.query).get("from", [f"noreply@{host}"])[0]
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, message.to, message.subject
    mail["Message-ID"] = f"<{message.notice_id}@busreport>"
    mail["Date"] = message.sent_at
    mail.set_content(message.text)
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(host, server.port or 0, timeout=SMTP_TIMEOUT_S) as connection:
            if server.scheme == "smtp" and connection.has_extn("starttls"):
                connection.starttls()
            if server.username:
                connection.login(unquote(server.username), unquote(server.password or ""))
            connection.send_message(mail)
    except (OSError, smtplib.SMTPException) as problem:
        raise NotSent(
            type(problem).__name__
        ) from problem  # the text of the error may name the addressee


def sent(work: Work, *, limit: int = 100) -> tuple[Message, ...]:
    """The latest messages in the sink, newest first: for the development page, on loopback only."""
    messages = []
    for row in deliveries.sent(work.connection, limit):
        path = work.settings.home / "outbox" / f"{row.notice_id}.json"
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            messages.append(
                Message(**plain | {"sent_at": datetime.fromisoformat(plain["sent_at"])})
            )
        except FileNotFoundError:
            continue  # it left by mail
        except (ValueError, TypeError, KeyError):
            log.warning("sent_message_damaged", notice_id=row.notice_id)
    return tuple(messages)


# -- arrival ---------------------------------------------------------------------------------------


def record_call(work: Work, share_id: str, officer: Account, note: str) -> None:
    """A telephone call about a reward that nobody reacted to (R13).

    With it, the longstop can begin the 15 days.

    The notice counts as received when both are there: the call, and ``longstop_days`` since it was
    sent. Raises CallNoteRequired, NothingToNotify.
    """
    note = note.strip()
    if not note or len(note) > LONGEST_NOTE:
        raise CallNoteRequired
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
        deemed_at = notice_deemed_received(share.notified_at, procedure)
        if share.called_at is not None and deemed_at <= work.now:
            report_id = ledger.reward(work.connection, share.reward_id).report_id
            begun += awarding.notice_received(work, report_id, at=max(deemed_at, share.called_at))
    return begun
