"""R9, R13, R17: what is said to whom and when.

At least once, whole, and no identity where none must be.
"""

import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default

import pytest
from jinja2 import UndefinedError

from pipeline import notice_texts
from pipeline.answering import answer_clock, delivering, notices, providers, tracking
from pipeline.deciding import questions
from pipeline.languages import WHOLE
from pipeline.store import (
    deliveries,
    evidence_files,
    identity_changes,
    reports,
    tables,
    whose,
)
from pipeline.store import notices as outbox
from scheme.case import ReportState, ShareState
from scheme.decision import REASONS, Verdict
from scheme.finding import Sight
from tests.pipeline.desk import Desk


def sink(desk: Desk, kind: str) -> list[dict[str, str]]:
    folder = desk.runtime.settings.home / "outbox"
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return [message for message in found if message["kind"] == kind]


def test_the_receipt_names_number_and_times_but_never_the_code(desk: Desk) -> None:
    desk.submit()
    delivering.deliver_due(desk.runtime)
    (message,) = sink(desk, "receipt")
    assert message["report_number"] in message["text"]
    assert "2026-03-10 10:00:00" in message["text"]
    assert "2026-03-13" in message["text"]  # three working days
    assert delivering.deliver_due(desk.runtime) == 0


def test_a_notice_of_reward_says_how_much_when_where_and_with_what(desk: Desk) -> None:
    report_id = desk.report(people=3)
    desk.decide(report_id)
    desk.tell()
    messages = sink(desk, "reward")
    assert len(messages) == 3
    (collector,) = [
        message
        for message in messages
        if "1670 " not in message["text"] and "建国东路525号" in message["text"]
    ]
    policy = desk.runtime.policies.procedure_at(desk.clock.at).procedure
    for said in (
        "50.00",
        "16.67",
        "16.66",
        "15",
        policy.counter.phone,
        "09:00",
        "17:00",
        policy.documents["zh"],
    ):
        assert said in collector["text"]
    assert policy.counter.address["en"] in collector["text"]
    assert len(sink(desk, "answer")) == 3


def test_no_message_holds_a_plate_or_a_name(desk: Desk) -> None:
    report_id = desk.report(names=["欧阳娜娜"], plate="沪A54321", email="ou@example.org")
    desk.decide(report_id)
    desk.tell()
    with desk.runtime.read() as work:
        sent = providers.sent(work)
    assert {message.channel for message in sent} == {"sms", "email"}
    for message in sent:
        assert "沪A54321" not in message.text + message.subject
        assert "欧阳" not in message.text + message.subject
    assert "13800010000" not in repr(sent)


def test_the_answer_to_who_is_not_first_says_only_where_the_reward_goes(desk: Desk) -> None:
    first = desk.report()
    second = desk.report(case_id=desk.case(first).case_id)
    desk.decide(first)
    desk.decide(second)
    desk.tell()
    with desk.runtime.read() as work:
        numbers = {i: reports.by_id(work.connection, i).report_number for i in (first, second)}
    (answer,) = [m for m in sink(desk, "answer") if m["report_number"] == numbers[second]]
    assert "earliest report" in answer["text"]
    assert str(numbers[first]) not in answer["text"]


def test_every_kind_of_notice_can_be_written(desk: Desk) -> None:
    late, asked = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    desk.decide(late, Verdict.ASSISTED)
    with desk.runtime.write() as work:
        questions.explain(
            work, report_id=asked, officer=desk.officer, text="the depot has not answered yet"
        )
        questions.ask_for_more(
            work,
            report_id=asked,
            officer=desk.officer,
            row_version=reports.by_id(work.connection, asked).row_version,
            text="a close-up",
            sights=[Sight.PLATE, Sight.TIME],
        )
    desk.tell()
    told = sink(desk, "ask")[0]["text"]
    assert "车牌；时间" in told
    with desk.runtime.read() as work:
        due_at = reports.by_id(work.connection, asked).answer_due_at
        last_day = answer_clock.last_day(work, due_at)
    assert last_day
    assert last_day in told
    seen = tracking.look(desk.runtime, asked)
    assert seen.asked_sights == ("plate", "time")
    assert seen.answer_due_at == due_at
    assert "the depot has not answered yet" in sink(desk, "explanation")[0]["text"]
    assert desk.state(asked) is ReportState.AWAITING_REPORTER
    assert desk.state(late) is ReportState.ANSWERED


def test_every_word_is_there_in_every_language() -> None:
    codes: dict[str, set[str]] = {
        "subject": set(notice_texts.KINDS),
        "verdict": {*Verdict},
        "reason": set(REASONS),
        "sight": {*Sight},
    }
    for language in WHOLE:
        words = notice_texts.words(language)
        for section, expected in codes.items():
            assert set(words[section]) == {str(code) for code in expected}
        with pytest.raises(UndefinedError):
            notice_texts.rendered("receipt", language, {})


def test_a_crash_after_sending_sends_the_same_message_again(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    folder = desk.runtime.settings.home / "outbox"
    before = sorted(path.name for path in folder.iterdir())
    with desk.runtime.write() as work:  # as if the second transaction had never been
        (answer,) = outbox.of_report(work.connection, report_id, "answer")
        work.connection.execute(
            tables.outbox.update()
            .where(tables.outbox.c.id == answer.notice_id)
            .values(sent_at=None)
        )
    desk.clock.move(seconds=61)
    assert delivering.deliver_due(desk.runtime) == 1
    assert sorted(path.name for path in folder.iterdir()) == before
    assert desk.state(report_id) is ReportState.ANSWERED


def test_a_message_that_somebody_is_sending_is_not_sent_beside_it(desk: Desk) -> None:
    desk.submit()
    with desk.runtime.write() as work:
        notices.write_receipts(work)
        (due,) = deliveries.due(work.connection, work.now, 10)
        assert deliveries.take(work.connection, due, work.now + delivering.TAKEN_FOR)
        assert not deliveries.take(work.connection, due, work.now + delivering.TAKEN_FOR)
    assert delivering.deliver_due(desk.runtime) == 0


def test_nobody_is_told_who_was_erased(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    with desk.runtime.write() as work:
        identity_changes.erase(
            work.connection, whose.person_ids(work.connection, report_id)[0], work.now
        )
    desk.tell()
    assert "notice_undeliverable" in [event.action for event in desk.case(report_id).history]


# -- mail ------------------------------------------------------------------------------------------


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
    assert len(sink(desk, "receipt")) == 2


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
