"""Who takes a message from us: a mail server, or in a demo the sink.

SMTP for addresses where ``BUSREPORT_SMTP`` is set; in a demo the sink (files under
``<home>/outbox``) for everything else. Whoever takes one gets it under its own id, so that a second
try is the same message.
"""

import json
import smtplib
from dataclasses import asdict
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from pipeline.answering.messages import Message
from pipeline.listed import Listed
from pipeline.runtime import Work
from pipeline.store import deliveries
from pipeline.store.notices import EMAIL
from pipeline.whole_files import write_whole

SMTP_TIMEOUT_S = 20

log = structlog.get_logger()


class NotSent(Exception):
    """The provider did not take the message.

    It stays due and is tried again later, ever more rarely.
    """


def send(message: Message, outbox: Path, smtp: str) -> None:
    """Hand the message to the provider of its channel. Raises NotSent.

    ``outbox``: the sink's folder; ``smtp``: the mail server's address, empty where there is none.
    """
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
        # The text of the error may name the addressee.
        raise NotSent(type(problem).__name__) from problem


def sent(work: Work, page: int = 1) -> Listed[Message]:
    """Messages in the sink, newest first: for the page of a demo."""
    listed = deliveries.sent(work.connection, page)
    in_sink = (_kept_in_sink(work, row.notice_id) for row in listed.rows)
    return listed.with_rows(tuple(message for message in in_sink if message is not None))


def _kept_in_sink(work: Work, notice_id: str) -> Message | None:
    """None for what left by mail, or is damaged."""
    path = work.settings.home / "outbox" / f"{notice_id}.json"
    try:
        return _from_sink(path)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError):
        log.warning("sent_message_damaged", notice_id=notice_id)
        return None


def _from_sink(path: Path) -> Message:
    plain = json.loads(path.read_text(encoding="utf-8"))
    return Message(**plain | {"sent_at": datetime.fromisoformat(plain["sent_at"])})
