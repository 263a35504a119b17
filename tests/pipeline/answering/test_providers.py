"""Letters go by mail where a server takes them, and wait for it where it does not."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default

import pytest

from pipeline.answering import delivering
from pipeline.store import (
    evidence_files,
)
from scheme.case import ReportState, ShareState
from tests.pipeline.desk import Desk


class Mailbox(socketserver.StreamRequestHandler):
    """A small SMTP server: takes every letter, or refuses the first ones."""

    def handle(self) -> None:
        """Speak SMTP with one client."""
        server = self.server
        assert isinstance(server, Mailserver)
        self.say("220 here")
        while line := self.rfile.readline().strip():
            word = line[:4].upper()
            if word == b"RCPT" and server.refuse:
                server.refuse -= 1
                self.say("450 busy")
            elif word == b"DATA":
                self.say("354 go on")
                letter = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    letter += part
                server.letters.append(letter)
                self.say("250 taken")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, line: str) -> None:
        """Answer one line."""
        self.wfile.write(f"{line}\r\n".encode())


class Mailserver(socketserver.ThreadingTCPServer):
    """Where letters arrive."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Mailbox)
        self.letters: list[bytes] = []
        self.refuse = 0


@pytest.fixture
def mailserver() -> Iterator[Mailserver]:
    with Mailserver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def with_mail(desk: Desk, server: Mailserver) -> None:
    url = f"smtp://127.0.0.1:{server.server_address[1]}?from=scheme@example.org"
    desk.runtime = replace(desk.runtime, settings=replace(desk.runtime.settings, smtp=url))


def letters(server: Mailserver) -> list[Mail]:
    return [message_from_bytes(letter, policy=default) for letter in server.letters]


def test_mail_goes_where_an_address_was_given(desk: Desk, mailserver: Mailserver) -> None:
    with_mail(desk, mailserver)
    desk.submit(email="wang@example.org")
    desk.submit()
    assert delivering.deliver_due(desk.runtime) == 3
    (letter,) = letters(mailserver)
    assert letter["To"] == "wang@example.org"
    assert letter["From"] == "scheme@example.org"
    assert letter["Message-ID"].endswith("@busreport>")
    assert "投诉" in letter["Subject"]
    assert len(desk.in_the_sink("receipt")) == 2


def test_refused_mail_stays_due_and_is_tried_again_ever_more_rarely(
    desk: Desk, mailserver: Mailserver
) -> None:
    with_mail(desk, mailserver)
    mailserver.refuse = 2
    desk.submit(email="wang@example.org")
    assert delivering.deliver_due(desk.runtime) == 1  # the SMS left
    assert delivering.deliver_due(desk.runtime) == 0
    desk.clock.move(seconds=60)
    assert delivering.deliver_due(desk.runtime) == 0
    desk.clock.move(seconds=60)
    assert delivering.deliver_due(desk.runtime) == 0  # two minutes now
    desk.clock.move(seconds=60)
    assert delivering.deliver_due(desk.runtime) == 1
    assert len(mailserver.letters) == 1


def test_a_mail_server_that_is_not_there_costs_nothing_but_time(
    desk: Desk, mailserver: Mailserver
) -> None:
    with_mail(desk, mailserver)
    mailserver.server_close()
    desk.runtime = replace(
        desk.runtime, settings=replace(desk.runtime.settings, smtp="smtp://127.0.0.1:1")
    )
    report_id = desk.report(email="wang@example.org")
    desk.decide(report_id)
    desk.tell()
    assert desk.state(report_id) is ReportState.ANSWERED  # by SMS
    assert desk.shares(report_id)[0].state is ShareState.NOTIFIED
    with desk.runtime.read() as work:
        assert evidence_files.of_report(work.connection, report_id)
