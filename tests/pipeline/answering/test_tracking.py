"""What a reporter sees: their own report and answer, never anybody else's (R11, R13, R17)."""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from pipeline.answering import delivering, own_report, proving, tracking, withdrawing
from pipeline.deciding import decisions
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import add_file_to_report, store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import Receipt, submit
from pipeline.runtime import Runtime
from pipeline.staff import accounts
from pipeline.store import cases, evidence_files, ledger, reports, slowdown
from pipeline.store import decisions as stored_decisions
from pipeline.verifying import verification
from scheme.case import ForbiddenMove, NoSuchReport, ReportState, ShareState
from scheme.decision import Verdict
from scheme.entitlement import Entitlement
from scheme.patience import Wait
from scheme.reading import MediaFacts, MediaKind, PlateNumber, Readings
from scheme.report import Channel, Claim
from tests.fixtures import WEDNESDAY, Clock, as_read
from verifiers import READER_VERSION

CLAIM = Claim(
    category="wrong_way",
    violated_at=WEDNESDAY - timedelta(hours=2),
    route="49",
    plate=PlateNumber("沪A05127D"),
    place="汉口路",
)
ELSEWHERE = replace(CLAIM, route="71", plate=PlateNumber("沪B61840D"), place="延安东路")
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(3000)
FACTS = MediaFacts(MediaKind.PHOTO, "jpeg", "image/jpeg", 1200, 900, len(PHOTO))


class Office(NamedTuple):
    """An installation with an officer."""

    runtime: Runtime
    officer: accounts.Account

    def received(
        self, *people: tuple[str, str], content: bytes = PHOTO, claim: Claim = CLAIM
    ) -> Receipt:
        """A report by ``people`` that has been verified."""
        with self.runtime.write() as work:
            report_id = open_draft(work, channel=Channel.WEB).report_id
            save_claim(work, report_id=report_id, claim=claim)
            save_reporters(
                work, report_id=report_id, reporters=[ReporterInput(*person) for person in people]
            )
        stored = store_file(
            self.runtime, report_id=report_id, file_name="a.jpg", stream=io.BytesIO(content)
        )
        with self.runtime.write() as work:
            receipt = submit(work, report_id=report_id, consent=True)
            as_read(work, report_id, stored.sha256, Readings(READER_VERSION, FACTS))
        assert verification.verify_report(self.runtime, report_id=report_id)
        return receipt

    def decided(
        self, receipt: Receipt, verdict: Verdict, reasons: Sequence[str], note: str = ""
    ) -> None:
        with self.runtime.write() as work:
            row = reports.by_id(work.connection, receipt.report_id)
            decisions.decide(
                work,
                report_id=row.id,
                officer=self.officer,
                row_version=row.row_version,
                verdict=verdict,
                reasons=reasons,
                note=note,
            )

    def progress(self, receipt: Receipt) -> own_report.Progress:
        with self.runtime.write() as work:
            return tracking.progress(work, receipt.report_id)


@pytest.fixture
def office(runtime: Runtime) -> Office:
    with runtime.write() as work:
        officer = accounts.create_account(
            work, "li", "李警官", accounts.Role.OPERATIONS, "correct horse"
        )
    return Office(runtime, officer)


WANG, LI, ZHAO = ("王小明", "13800138000"), ("李雷", "13900139000"), ("赵六", "13700137000")


def _opened(runtime: Runtime, number: str, code: str) -> str:
    with runtime.write() as work:
        return proving.open_report(work, report_number=number, secret_code=code)


# -- number and code -------------------------------------------------------------------------------


def test_number_and_code_open_the_report_however_they_are_typed(office: Office) -> None:
    receipt = office.received(WANG)
    assert _opened(office.runtime, receipt.report_number, receipt.secret_code) == receipt.report_id
    spaced = " ".join(receipt.secret_code[place : place + 4] for place in range(0, 16, 4))
    wide = "".join(
        chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in receipt.report_number
    )
    assert unicodedata.normalize("NFKC", wide) == receipt.report_number
    assert _opened(office.runtime, f" {wide} ", spaced) == receipt.report_id


@pytest.mark.parametrize("exists", [True, False])
def test_wrong_codes_and_unknown_numbers_are_refused_alike(
    office: Office, clock: Clock, *, exists: bool
) -> None:
    receipt = office.received(WANG)
    number = receipt.report_number if exists else "20260311-0000008"
    outcomes: list[object] = []
    for _ in range(8):
        try:
            _opened(office.runtime, number, "0" * 16)
        except proving.NotFound as refusal:
            outcomes.append(repr(refusal))
        except Wait as wait:
            outcomes.append(wait.until - clock.at)
            clock.at = wait.until
    minute = timedelta(minutes=1)
    assert outcomes == ["NotFound()"] * 5 + [minute, "NotFound()", 2 * minute]


def test_after_five_wrong_codes_even_the_right_one_waits(office: Office, clock: Clock) -> None:
    receipt = office.received(WANG)
    for _ in range(5):
        with pytest.raises(proving.NotFound):
            _opened(office.runtime, receipt.report_number, "1")
    with pytest.raises(Wait):
        _opened(office.runtime, receipt.report_number, receipt.secret_code)
    clock.forward(minutes=1)
    assert _opened(office.runtime, receipt.report_number, receipt.secret_code) == receipt.report_id


@pytest.mark.parametrize(
    ("number", "code"), [("", ""), ("\x00", "\udcb3"), ("9" * 100_000, "9" * 100_000), ("²³", "①")]
)
def test_odd_texts_are_not_found(office: Office, number: str, code: str) -> None:
    receipt = office.received(WANG)
    with pytest.raises(proving.NotFound):
        _opened(office.runtime, number, code)
    with pytest.raises(proving.NotFound):
        _opened(office.runtime, receipt.report_number, code)


def test_a_draft_has_no_progress(runtime: Runtime) -> None:
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        with pytest.raises(NoSuchReport):
            tracking.progress(work, report_id)


# -- answers ---------------------------------------------------------------------------------------


def test_before_the_answer_leaves_a_decision_does_not_show(office: Office, clock: Clock) -> None:
    receipt = office.received(WANG)
    before = office.progress(receipt)
    office.decided(receipt, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
    assert office.progress(receipt) == before
    assert before.state is ReportState.VERIFIED


def _decided_and_waiting(office: Office, clock: Clock) -> Receipt:
    """Decided and not answered, because an earlier report of its case is undecided."""
    office.received(WANG)
    second = office.received(LI)
    office.decided(second, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
    clock.forward(hours=1)
    delivering.deliver_due(office.runtime)
    return second


def test_who_waits_can_withdraw_as_anybody_can(office: Office, clock: Clock) -> None:
    receipt = _decided_and_waiting(office, clock)
    with office.runtime.write() as work:
        withdrawing.withdraw(work, receipt.report_id)
    progress = office.progress(receipt)
    assert (progress.state, progress.answer) == (ReportState.WITHDRAWN, None)


def test_who_waits_can_add_material_as_anybody_can(office: Office, clock: Clock) -> None:
    receipt = _decided_and_waiting(office, clock)
    add_file_to_report(
        office.runtime,
        report_id=receipt.report_id,
        file_name="b.jpg",
        stream=io.BytesIO(PHOTO + b"b"),
    )
    progress = office.progress(receipt)
    assert (progress.state, progress.answer, len(progress.files)) == (ReportState.RECEIVED, None, 2)
    with office.runtime.read() as work:
        case_id = cases.case_of_report(work.connection, receipt.report_id)
        assert case_id is not None
        assert ledger.live_reward(work.connection, case_id) is None
        assert [
            d.undone_at for d in stored_decisions.of_report(work.connection, receipt.report_id)
        ] == [clock.at]


def test_a_file_that_the_report_has_already_changes_nothing(office: Office, clock: Clock) -> None:
    receipt = _decided_and_waiting(office, clock)
    with office.runtime.read() as work:
        before = reports.by_id(work.connection, receipt.report_id)
        (own,) = evidence_files.of_report(work.connection, receipt.report_id)
    again = io.BytesIO(office.runtime.files.path(own.sha256).read_bytes())
    add_file_to_report(
        office.runtime, report_id=receipt.report_id, file_name="again.jpg", stream=again
    )
    with office.runtime.read() as work:
        assert reports.by_id(work.connection, receipt.report_id) == before
        assert [
            d.undone_at for d in stored_decisions.of_report(work.connection, receipt.report_id)
        ] == [None]
    assert len(office.progress(receipt).files) == 1


def test_what_is_answered_stays_as_it_is(office: Office, clock: Clock) -> None:
    receipt = office.received(WANG)
    office.decided(receipt, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    with office.runtime.write() as work, pytest.raises(ForbiddenMove):
        withdrawing.withdraw(work, receipt.report_id)
    with pytest.raises(ForbiddenMove):
        add_file_to_report(
            office.runtime,
            report_id=receipt.report_id,
            file_name="b.jpg",
            stream=io.BytesIO(PHOTO + b"b"),
        )


def test_the_first_reporter_learns_amount_place_and_last_moment(
    office: Office, clock: Clock
) -> None:
    receipt = office.received(WANG, LI, ZHAO)
    office.decided(receipt, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"], note="谢谢")
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    with office.runtime.read() as work:
        (reward,) = ledger.rewards_of_report(work.connection, receipt.report_id)
        assert [s.notice_received_at for s in ledger.shares_of(work.connection, reward.id)] == [
            None
        ] * 3
    progress = office.progress(receipt)
    assert progress.answer is not None
    assert (progress.state, progress.answer.verdict, progress.answer.note) == (
        ReportState.ANSWERED, Verdict.SUBSTANTIATED, "谢谢",
    )  # fmt: skip
    assert progress.entitlement is Entitlement.FIRST
    assert [share.amount_fen for share in progress.shares] == [1667, 1667, 1666]
    assert {share.state for share in progress.shares} == {ShareState.NOTIFIED}
    assert progress.collect is not None
    assert progress.collect.total_fen == 5000
    assert progress.collect.collect_by == datetime(
        2026, 3, 26, 9, 0, tzinfo=UTC
    )  # 15 days on, 17:00 in Shanghai
    assert [step.code for step in progress.timeline] == [
        "received",
        "checked",
        "answered",
        "notified",
    ]
    clock.forward(days=1)
    again = office.progress(receipt)
    assert again.collect is not None
    assert (
        again.collect.collect_by == progress.collect.collect_by
    )  # opening it again does not begin it anew


def _shown(progress: own_report.Progress) -> dict[str, Any]:
    """What differs between two reports by themselves is left out.

    Names, numbers, hashes and instants.
    """
    plain = asdict(progress)
    for own in (
        "report_id",
        "report_number",
        "files",
        "received_at",
        "answer_due_at",
        "timeline",
        "claim",
    ):
        plain.pop(own)
    return plain


def test_who_waits_for_an_earlier_report_sees_what_anybody_sees(
    office: Office, clock: Clock
) -> None:
    first, second = office.received(WANG), office.received(LI)
    alone = office.received(ZHAO, content=PHOTO + b"x", claim=ELSEWHERE)
    with office.runtime.read() as work:
        assert cases.case_of_report(work.connection, first.report_id) == cases.case_of_report(
            work.connection, second.report_id
        )
    office.decided(second, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
    for _ in range(3):
        clock.forward(hours=1)
        delivering.deliver_due(office.runtime)
        assert _shown(office.progress(second)) == _shown(office.progress(alone))
    office.decided(first, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    progress = office.progress(second)
    assert (progress.state, progress.entitlement) == (ReportState.ANSWERED, Entitlement.NOT_FIRST)
    assert (progress.shares, progress.collect) == ((), None)
    for own in (first.report_number, first.report_id, "王小明"):
        assert own not in str(progress)


def test_an_unsubstantiated_report_gets_its_reasons(office: Office, clock: Clock) -> None:
    receipt = office.received(WANG)
    office.decided(receipt, Verdict.UNSUBSTANTIATED, ["VIOLATION_NOT_SEEN"], note="看不清")
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    progress = office.progress(receipt)
    assert progress.answer is not None
    assert (progress.answer.reasons, progress.answer.note) == (("VIOLATION_NOT_SEEN",), "看不清")
    assert progress.collect is None


# -- taking it back --------------------------------------------------------------------------------


def test_a_withdrawn_report_lets_the_next_one_be_first(office: Office, clock: Clock) -> None:
    first, second = office.received(WANG), office.received(LI)
    office.decided(second, Verdict.SUBSTANTIATED, ["VIOLATION_SEEN"])
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    assert office.progress(second).answer is None
    assert office.progress(first).may_withdraw
    with office.runtime.write() as work:
        withdrawing.withdraw(work, first.report_id)
    clock.forward(minutes=1)
    delivering.deliver_due(office.runtime)
    progress = office.progress(second)
    assert progress.entitlement is Entitlement.FIRST
    assert office.progress(first).state is ReportState.WITHDRAWN
    with office.runtime.write() as work, pytest.raises(ForbiddenMove):
        withdrawing.withdraw(work, first.report_id)
    with office.runtime.write() as work, pytest.raises(ForbiddenMove):
        withdrawing.withdraw(work, second.report_id)


def test_numbers_that_nobody_has_cannot_be_used_to_find_those_that_exist(office: Office) -> None:
    """Names in one bin wait together.

    Bins that a guesser can compute, or fill, would show who is not in them.
    """
    with office.runtime.read() as work:
        bins = {
            slowdown.bin_of("report", work.vault.index("nobody", f"{number:015}"))
            for number in range(3000)
        }
    assert len(bins) > 2900


def test_waits_end_on_the_second_for_everybody(office: Office, clock: Clock) -> None:
    receipt = office.received(WANG)
    clock.at = clock.at.replace(microsecond=123_456)
    until = set()
    for number in (receipt.report_number, "20260311-0000008"):
        for _ in range(6):
            try:
                _opened(office.runtime, number, "1")
            except proving.NotFound:
                continue
            except Wait as wait:
                until.add(wait.until)
    assert len(until) == 1
