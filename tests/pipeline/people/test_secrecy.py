"""Canary: names, phones, codes, keys stand in no file, log or exception (P12, R17)."""

import contextlib
import io
import logging
import secrets
from pathlib import Path

import pytest
import structlog

from pipeline.answering import proving
from pipeline.people import identity_access
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import Receipt, submit
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.staff import accounts
from pipeline.store import documents, events
from rewards.documents import Document, DocumentKind
from scheme.report import Channel, Claim
from scheme.reporter import PhoneInvalid
from scheme.staff import Role
from scheme.submission import JointInvalid
from tests.fixtures import WEDNESDAY

NAME, PHONE, EMAIL = "阙淼淼Zyxwv", "13912345678", "canary.zyxwv@example.org"
TYPED_PHONE = "+86 139-1234-5678"
ID_NUMBER, CARD, PASSWORD = "310101199001017731", "6222021001116245702", "correct horse zyxwv"


def _everything_on_disk(settings: Settings) -> bytes:
    return b"\n".join(
        path.read_bytes()
        for folder in (settings.home, settings.key_file.parent)
        for path in folder.rglob("*")
        if path.is_file()
    )


def _used(runtime: Runtime) -> tuple[Receipt, str]:
    with runtime.write() as work:
        opened = open_draft(work, channel=Channel.WEB)
        # as typed
        claim = Claim(category="wrong_way", violated_at=WEDNESDAY, route="49", plate="沪A12345")  # type: ignore[arg-type]
        save_claim(work, report_id=opened.report_id, claim=claim)
        person = ReporterInput(NAME, TYPED_PHONE, EMAIL)
        save_reporters(work, report_id=opened.report_id, reporters=[person])
    content = io.BytesIO(b"\xff\xd8\xff\xe0" + secrets.token_bytes(2000))
    store_file(runtime, report_id=opened.report_id, file_name="a.jpg", stream=content)
    with runtime.write() as work:
        return submit(work, report_id=opened.report_id, consent=True), opened.draft_key


def test_nothing_secret_is_on_disk_or_in_a_log(
    runtime: Runtime,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    receipt, draft_key = _used(runtime)
    with runtime.write() as work:
        officer = accounts.create_account(work, "li", "李警官", Role.OPERATIONS, PASSWORD)
    session = accounts.log_in(runtime, "li", PASSWORD)
    with runtime.write() as work:
        (person,) = identity_access.open_identity(
            work, report_id=receipt.report_id, officer=officer, reason="回访核实"
        )
        row = work.connection.exec_driver_sql("SELECT person_id FROM report_reporters").one()
        shown = Document(DocumentKind.RESIDENT_ID, ID_NUMBER)
        documents.add(work.connection, work.vault, row.person_id, shown, NAME, work.now)
    assert (person.name, person.phone, person.email) == (NAME, PHONE, EMAIL)
    with contextlib.suppress(proving.NotFound), runtime.write() as work:
        proving.open_report(
            work, report_number=receipt.report_number, secret_code="0000 0000 0000 0000"
        )
    with contextlib.suppress(accounts.LogInRefused):
        accounts.log_in(runtime, "li", PASSWORD + "x")
    structlog.get_logger().warning(
        "shown", receipt=receipt, person=person, typed=ReporterInput(NAME, PHONE, EMAIL)
    )
    printed = capfd.readouterr()
    log = (caplog.text + printed.out + printed.err).encode()
    kept = _everything_on_disk(settings)
    for secret in (
        NAME,
        PHONE,
        EMAIL,
        ID_NUMBER,
        PASSWORD,
        draft_key,
        session,
        receipt.secret_code,
    ):
        assert secret.encode() not in kept
        assert secret.encode() not in log
        assert secret.encode("utf-16-le") not in kept
    assert b"shown" in log


def test_database_errors_do_not_tell_values(runtime: Runtime) -> None:
    with pytest.raises(Exception, match="UNIQUE") as told, runtime.write() as work:
        work.connection.exec_driver_sql("INSERT INTO counters VALUES (?, 1), (?, 1)", (NAME, NAME))
    assert NAME not in str(told.value)


def test_refusals_do_not_tell_values(runtime: Runtime) -> None:
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        for people in ([ReporterInput(NAME, PHONE + "9")], [ReporterInput(NAME, PHONE)] * 2):
            with pytest.raises((PhoneInvalid, JointInvalid)) as told:
                save_reporters(work, report_id=report_id, reporters=people)
            assert NAME not in repr(told.value) + str(told.value)
            assert PHONE not in repr(told.value) + str(told.value)


def test_each_opening_of_an_identity_is_one_event_with_its_reason(runtime: Runtime) -> None:
    receipt, _ = _used(runtime)
    subject = f"report/{receipt.report_id}"
    with runtime.write() as work:
        officer = accounts.create_account(work, "li", "李警官", Role.OPERATIONS, PASSWORD)
        with pytest.raises(identity_access.IdentityReasonRequired):
            identity_access.open_identity(
                work, report_id=receipt.report_id, officer=officer, reason=" \u200b好\n"
            )
    for reason in ("回访核实", "领奖核对"):
        with runtime.write() as work:
            identity_access.open_identity(
                work, report_id=receipt.report_id, officer=officer, reason=reason
            )
    with runtime.read() as work:
        opened = [
            event
            for event in events.about(work.connection, subject)
            if event.action == "identity_opened"
        ]
    assert [(event.actor, event.detail["reason"]) for event in opened] == [
        (officer.account_id, "回访核实"),
        (officer.account_id, "领奖核对"),
    ]


def test_an_identity_cannot_be_opened_where_nothing_can_be_recorded(runtime: Runtime) -> None:
    receipt, _ = _used(runtime)
    with runtime.write() as work:
        officer = accounts.create_account(work, "li", "李警官", Role.OPERATIONS, PASSWORD)
    with pytest.raises(Exception, match="readonly"), runtime.read() as work:
        identity_access.open_identity(
            work, report_id=receipt.report_id, officer=officer, reason="回访核实"
        )


def test_the_key_file_alone_and_the_database_alone_are_useless(
    runtime: Runtime, tmp_path: Path
) -> None:
    _used(runtime)
    with runtime.read() as work:
        row = work.connection.exec_driver_sql("SELECT id, wrapped_key, name_enc FROM persons").one()
    other = Runtime.open(Settings.under(tmp_path / "elsewhere"))
    with pytest.raises(Exception, match=row.id):
        other.vault.decrypt(row.wrapped_key, row.name_enc, f"persons/{row.id}/name")
    other.close()
