"""From received to verified.

Read once, judge often, nothing lost, nobody told twice (R11, R14 to R16, R18; P5).
"""

import io
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import ExifTags, Image

from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import add_file_to_report, store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.runtime import Runtime
from pipeline.store import (
    candidates,
    cases,
    claims,
    fingerprints,
    judgements,
    kept_readings,
    reading_queue,
    reports,
    verifying_queue,
)
from pipeline.store.reading_queue import FileOfReport
from pipeline.verifying import coaching, fleet, judging, reading_files, rechecking, verification
from samples.drawing import DrawnSample
from samples.phone import Storing
from samples.roster import roster_csv
from scheme.case import ReportState
from scheme.coaching import Seen
from scheme.codec import to_json
from scheme.decision import Recommendation
from scheme.finding import CODES, Finding, Outcome, Sight
from scheme.reading import Fingerprint, MediaFacts, MediaKind, PlateNumber, Readings, Sha256
from scheme.report import Channel, Claim
from tests.drawings import Drawings
from tests.fixtures import WEDNESDAY, Clock, as_read
from verifiers.version import READER_VERSION

CLAIM = Claim(
    category="wrong_way",
    violated_at=WEDNESDAY - timedelta(hours=2),
    route="49",
    plate=PlateNumber("沪A05127D"),
    place="汉口路",
    latitude=31.2365,
    longitude=121.4823,
)
FACTS = MediaFacts(MediaKind.PHOTO, "jpeg", "image/jpeg", 1200, 900, 2000)


class Sent(NamedTuple):
    """A report of a test: its id, and the hashes of its files."""

    report_id: str
    files: tuple[Sha256, ...]


class Desk:
    """Files reports quickly: what the reader would see in a file is given, not drawn."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.people = runtime, 0

    def draft(self, contents: Sequence[bytes], claim: Claim = CLAIM, phone: str = "") -> Sent:
        self.people += 1
        person = ReporterInput(f"人{self.people}", phone or f"138001{self.people:05}")
        with self.runtime.write() as work:
            report_id = open_draft(work, channel=Channel.WEB).report_id
            save_claim(work, report_id=report_id, claim=claim)
            save_reporters(work, report_id=report_id, reporters=[person])
        files = [
            store_file(
                self.runtime, report_id=report_id, file_name="a.jpg", stream=io.BytesIO(content)
            )
            for content in contents
        ]
        return Sent(report_id, tuple(file.sha256 for file in files))

    def received(self, contents: Sequence[bytes], claim: Claim = CLAIM, phone: str = "") -> Sent:
        sent = self.draft(contents, claim, phone)
        with self.runtime.write() as work:
            submit(work, report_id=sent.report_id, consent=True)
        return sent

    def verified(self, content: bytes, bits: int, claim: Claim = CLAIM, phone: str = "") -> Sent:
        sent = self.received([content], claim, phone)
        self.read(sent, bits)
        assert verification.verify_report(self.runtime, report_id=sent.report_id)
        return sent

    def read(self, sent: Sent, bits: int) -> None:
        """Let the files have been read: one picture with this fingerprint."""
        seen = Fingerprint("pdq", 1, 0, f"{bits:064x}", 90)
        with self.runtime.write() as work:
            for digest in sent.files:
                readings = Readings(READER_VERSION, FACTS, fingerprints=(seen,))
                as_read(work, sent.report_id, digest, readings)

    def findings(self, sent: Sent) -> tuple[Finding, ...]:
        with self.runtime.read() as work:
            judgement = judgements.latest(work.connection, sent.report_id)
        assert judgement is not None
        return judgement.findings

    def codes(self, sent: Sent) -> set[str]:
        return {finding.code for finding in self.findings(sent)}

    def case(self, sent: Sent) -> str | None:
        with self.runtime.read() as work:
            return cases.case_of_report(work.connection, sent.report_id)

    def questions(self, *sent: Sent) -> dict[frozenset[str], tuple[str, ...]]:
        """Pairs that are asked about, with the finding codes.

        What makes two one incident is test_incidents' matter.
        """
        with self.runtime.read() as work:
            rows = candidates.of_reports(work.connection, [one.report_id for one in sent])
        return {
            frozenset((row.report_id, row.other_report_id)): tuple(
                code for code in row.reasons if code in CODES
            )
            for row in rows
        }


@pytest.fixture
def desk(runtime: Runtime) -> Desk:
    with runtime.write() as work:
        content = roster_csv().encode()
        fleet.import_roster(work, actor="system", effective_from=date(2026, 1, 1), content=content)
    return Desk(runtime)


def picture(number: int) -> bytes:
    """Something that begins like a photo; the real reader finds it unreadable."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + number.to_bytes(4, "big") * 500


# -- the real reader -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bus(drawings: Drawings, tmp_path_factory: pytest.TempPathFactory) -> DrawnSample:
    return drawings.draw(
        "bus_front", tmp_path_factory.mktemp("drawn"), WEDNESDAY - timedelta(hours=2)
    )


def test_a_drawn_bus_is_read_coached_judged_and_recommended(
    desk: Desk, bus: DrawnSample, drawings: Drawings, tmp_path: Path
) -> None:
    runtime, content = desk.runtime, bus.path.read_bytes()
    sent = desk.draft([content], bus.claim)
    with runtime.read() as work:
        before = {
            line.sight: line.state for line in coaching.coach(work, report_id=sent.report_id).lines
        }
    assert before[Sight.PLATE] is Seen.CANT_TELL
    assert reading_files.read_evidence(runtime, report_id=sent.report_id, sha256=sent.files[0])
    with runtime.read() as work:
        lines = {line.sight: line for line in coaching.coach(work, report_id=sent.report_id).lines}
        assert fingerprints.newest(work.connection) == 0  # drafts are not indexed
    assert {
        sight: line.state for sight, line in lines.items() if sight is not Sight.VIOLATION
    } == dict.fromkeys((Sight.ROUTE, Sight.PLATE, Sight.PLACE, Sight.TIME), Seen.SEEN)
    with runtime.write() as work:
        submit(work, report_id=sent.report_id, consent=True)
    assert verification.verify_report(runtime, report_id=sent.report_id)
    assert bus.sample.expects <= desk.codes(sent)
    assert not bus.sample.forbids & desk.codes(sent)
    with runtime.read() as work:
        row = reports.by_id(work.connection, sent.report_id)
        judgement = judgements.latest(work.connection, sent.report_id)
    assert judgement is not None
    assert judgement.recommendation is Recommendation.CLEAN
    assert row.state is ReportState.VERIFIED
    assert row.captured_from is not None
    assert row.captured_to is not None
    assert row.captured_from <= bus.taken_at <= row.captured_to
    copy = drawings.draw("bus_front", tmp_path, bus.taken_at, storing=Storing.MESSENGER)
    other = desk.received([copy.path.read_bytes()], copy.claim)
    assert verification.verify_report(runtime, report_id=other.report_id)
    assert "SIMILAR_MEDIA" in desk.codes(other)
    assert desk.case(other) != desk.case(sent)
    assert desk.questions(sent, other) == {
        frozenset((sent.report_id, other.report_id)): ("SAME_INCIDENT_CANDIDATE", "SIMILAR_MEDIA")
    }


def test_a_file_that_cannot_be_opened_is_a_finding_and_not_read_again(desk: Desk) -> None:
    sent = desk.received([picture(1)])
    assert verification.verify_report(desk.runtime, report_id=sent.report_id)
    failed = [
        finding for finding in desk.findings(sent) if finding.code in ("UNREADABLE", "TRUNCATED")
    ]
    assert [
        (finding.outcome is Outcome.PASS, finding.proof and finding.proof.sha256)
        for finding in failed
    ] == [(False, sent.files[0])]
    with desk.runtime.read() as work:
        assert kept_readings.is_read(work.connection, sent.files[0], READER_VERSION)
        assert reading_queue.through(work.connection, sent.report_id, READER_VERSION) == set(
            sent.files
        )
    assert verification.verify_report(desk.runtime, report_id=sent.report_id) is False


# -- the row is the queue --------------------------------------------------------------------------


def test_a_report_is_verified_once_however_many_try(desk: Desk) -> None:
    sent = desk.received([picture(1)])
    desk.read(sent, 7)
    answers: list[bool] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(
                verification.verify_report(desk.runtime, report_id=sent.report_id)
            )
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 5 + [True]
    with desk.runtime.read() as work:
        assert work.connection.exec_driver_sql("SELECT count(*) FROM judgements").scalar_one() == 1
        assert work.connection.exec_driver_sql("SELECT count(*) FROM cases").scalar_one() == 1


def _first(sent: Sent) -> FileOfReport:
    return FileOfReport(sent.report_id, sent.files[0])


def _die_while_reading(desk: Desk, sent: Sent) -> None:
    """What a worker leaves behind that is killed in the middle of a file."""
    with desk.runtime.write() as work:
        until = work.now + reading_files.LEASE
        assert verifying_queue.lease(work.connection, sent.report_id, "dead", work.now, until)
        assert reading_queue.lease(work.connection, _first(sent), "dead", work.now, until)


def test_what_a_dead_worker_held_is_done_by_the_next_within_a_minute(
    desk: Desk, clock: Clock
) -> None:
    sent = desk.received([picture(1)])
    _die_while_reading(desk, sent)
    assert not verification.verify_report(desk.runtime, report_id=sent.report_id)
    clock.forward(seconds=60)
    with desk.runtime.read() as work:
        assert verifying_queue.waiting(work.connection, work.now) == (sent.report_id,)
        assert reading_queue.unread(work.connection, READER_VERSION, work.now, 3) == (_first(sent),)
    assert verification.verify_report(desk.runtime, report_id=sent.report_id)


def test_after_three_deaths_a_person_must_look(desk: Desk, clock: Clock) -> None:
    sent = desk.received([picture(1), picture(2)])
    desk.read(Sent(sent.report_id, sent.files[1:]), 7)
    for _ in range(3):
        _die_while_reading(desk, sent)
        clock.forward(seconds=60)
    assert verification.verify_report(desk.runtime, report_id=sent.report_id)
    failed = [finding for finding in desk.findings(sent) if finding.code == "READING_FAILED"]
    assert [(finding.outcome, finding.proof and finding.proof.sha256) for finding in failed] == [
        (Outcome.REVIEW, sent.files[0])
    ]
    assert "IN_WINDOW" in desk.codes(sent)  # what could be judged was


def test_a_fault_of_the_installation_is_tried_three_times_then_shown_to_a_person(
    desk: Desk, clock: Clock
) -> None:
    sent = desk.received([picture(1)])
    desk.runtime.files.path(sent.files[0]).unlink()  # the disk lost it
    for _ in range(3):
        assert not verification.verify_report(desk.runtime, report_id=sent.report_id)
        clock.forward(seconds=60)
    assert verification.verify_report(desk.runtime, report_id=sent.report_id)
    assert "READING_FAILED" in desk.codes(sent)
    with desk.runtime.read() as work:
        assert reports.by_id(work.connection, sent.report_id).state is ReportState.VERIFIED


def test_when_even_judging_fails_the_report_still_reaches_a_person(
    desk: Desk, clock: Clock
) -> None:
    twin = desk.verified(picture(1), 7)
    sent = desk.received([picture(1)])
    with desk.runtime.write() as work:
        work.connection.exec_driver_sql(
            "UPDATE readings SET body = '{\"schema\":99}'"
        )  # nothing can parse that
    for _ in range(3):
        assert not verification.verify_report(desk.runtime, report_id=sent.report_id)
        clock.forward(seconds=60)
    assert verification.verify_report(desk.runtime, report_id=sent.report_id)
    assert desk.codes(sent) == {"READING_FAILED"}
    assert desk.case(sent) == desk.case(twin)


def test_a_file_that_somebody_else_reads_is_waited_for_without_costing_an_attempt(
    desk: Desk, clock: Clock
) -> None:
    sent = desk.received([picture(1)])
    with desk.runtime.write() as work:
        reading_queue.lease(
            work.connection, _first(sent), "other", work.now, work.now + timedelta(hours=1)
        )
    for _ in range(5):
        assert not verification.verify_report(desk.runtime, report_id=sent.report_id)
    with desk.runtime.read() as work:
        row = reports.by_id(work.connection, sent.report_id)
    assert (row.attempts, row.lease_owner, row.state) == (0, None, ReportState.RECEIVED)


def test_reading_a_file_rings_for_the_report_that_it_was_read_for(desk: Desk) -> None:
    rung: list[tuple[str, dict[str, str]]] = []

    class Recorder:
        def ring(self, task: str, **ids: str) -> None:
            rung.append((task, ids))

    sent = [desk.received([picture(1)]), desk.received([picture(1)]), desk.draft([picture(1)])]
    listened = replace(desk.runtime, ring=Recorder())
    for one in sent:
        assert reading_files.read_evidence(listened, report_id=one.report_id, sha256=one.files[0])
    assert rung == [("verify_report", {"report_id": received.report_id}) for received in sent[:2]]


def test_material_that_comes_while_verifying_is_not_passed_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = desk.received([picture(1)])
    desk.read(sent, 7)
    search = verification._search

    def slow_search(*args: object) -> object:
        content = io.BytesIO(picture(2))
        add_file_to_report(
            desk.runtime, report_id=sent.report_id, file_name="b.jpg", stream=content
        )
        return search(*args)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(verification, "_search", slow_search)
    assert not verification.verify_report(desk.runtime, report_id=sent.report_id)
    monkeypatch.undo()
    assert verification.verify_report(desk.runtime, report_id=sent.report_id)
    proofs = {finding.proof.sha256 for finding in desk.findings(sent) if finding.proof}
    assert len(proofs) == 2


# -- cases and questions ---------------------------------------------------------------------------


def test_equal_bytes_and_claim_link_by_themselves(desk: Desk) -> None:
    first, second = desk.verified(picture(1), 7), desk.verified(picture(1), 7)
    assert desk.case(first) == desk.case(second)
    assert desk.questions(first, second) == {}
    assert "SAME_MEDIA" in desk.codes(second)
    assert "NO_DUPLICATE" in desk.codes(first)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_twins_that_wait_together_link_without_a_question(
    desk: Desk, order: tuple[int, int]
) -> None:
    sent = [desk.received([picture(1)]), desk.received([picture(1)])]
    desk.read(sent[0], 7)
    for place in order:
        assert verification.verify_report(desk.runtime, report_id=sent[place].report_id)
    assert desk.case(sent[0]) == desk.case(sent[1])
    assert desk.questions(*sent) == {}


def test_near_media_only_ask(desk: Desk) -> None:
    later = replace(CLAIM, violated_at=WEDNESDAY - timedelta(hours=1))
    first, second = desk.verified(picture(1), 0), desk.verified(picture(2), 2**31 - 1, later)
    stranger = desk.verified(picture(3), 2**255 - 1, replace(later, plate=PlateNumber("沪A06210D")))
    assert desk.case(first) != desk.case(second)
    assert desk.questions(first, second, stranger) == {
        frozenset((first.report_id, second.report_id)): ("SIMILAR_MEDIA",)
    }


def test_the_same_file_with_another_time_is_replayed_and_asked(desk: Desk) -> None:
    later = replace(CLAIM, violated_at=WEDNESDAY - timedelta(hours=1))
    first, second = desk.verified(picture(1), 7), desk.verified(picture(1), 7, later)
    assert "REPLAYED_EVIDENCE" in desk.codes(second)
    assert desk.case(first) != desk.case(second)
    assert list(desk.questions(first, second).values()) == [("REPLAYED_EVIDENCE",)]


def test_another_category_is_another_incident_even_in_one_file(desk: Desk) -> None:
    first, second = (
        desk.verified(picture(1), 7),
        desk.verified(picture(1), 7, replace(CLAIM, category="smoking_or_phone")),
    )
    assert desk.case(first) != desk.case(second)
    assert desk.questions(first, second) == {}
    assert "REPLAYED_EVIDENCE" in desk.codes(second)


def test_the_same_incident_in_other_pictures_is_a_question(desk: Desk) -> None:
    near = replace(CLAIM, violated_at=WEDNESDAY - timedelta(hours=2, minutes=10))
    first, second = desk.verified(picture(1), 0), desk.verified(picture(2), 2**255 - 1, near)
    far = replace(CLAIM, violated_at=WEDNESDAY - timedelta(hours=2, minutes=10, seconds=1))
    third = desk.verified(picture(3), (2**255 - 1) ^ (2**100 - 1), far)
    assert desk.questions(first, second, third) == {
        frozenset((first.report_id, second.report_id)): ("SAME_INCIDENT_CANDIDATE",),
        frozenset((second.report_id, third.report_id)): ("SAME_INCIDENT_CANDIDATE",),
    }


def test_a_withdrawn_report_is_no_question_but_its_file_is_still_known(desk: Desk) -> None:
    first = desk.verified(picture(1), 7)
    with desk.runtime.write() as work:
        reports.move(work.connection, first.report_id, ReportState.WITHDRAWN)
    second = desk.verified(picture(1), 7)
    assert desk.case(first) != desk.case(second)
    assert desk.questions(first, second) == {}
    assert "SAME_MEDIA" in desk.codes(second)


def test_what_arrives_during_the_search_is_found_under_the_lock(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = desk.received([picture(1)], replace(CLAIM, plate=PlateNumber("沪A06210D")))
    desk.read(sent, 0)
    search, meanwhile = verification._search, []

    def slow_search(*args: object) -> object:
        found = search(*args)  # type: ignore[arg-type]  # handed on as they came
        monkeypatch.undo()
        meanwhile.append(desk.verified(picture(2), 0b11))
        return found

    monkeypatch.setattr(verification, "_search", slow_search)
    assert verification.verify_report(desk.runtime, report_id=sent.report_id)
    assert desk.questions(sent, *meanwhile) == {
        frozenset((sent.report_id, meanwhile[0].report_id)): ("SIMILAR_MEDIA",)
    }


@pytest.mark.parametrize("same_bytes", [True, False])
def test_two_alike_verified_at_the_same_time_always_meet(desk: Desk, *, same_bytes: bool) -> None:
    for turn in range(5):
        claim = replace(CLAIM, violated_at=WEDNESDAY - timedelta(minutes=30 * turn))
        pair = [
            desk.received([picture(100 * turn + (0 if same_bytes else n))], claim) for n in range(2)
        ]
        for n, sent in enumerate(pair):
            desk.read(sent, (1 << (40 * turn)) + n)
        threads = [
            threading.Thread(
                target=verification.verify_report,
                args=(desk.runtime,),
                kwargs={"report_id": s.report_id},
            )
            for s in pair
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if same_bytes:
            assert desk.case(pair[0]) == desk.case(pair[1])
        else:
            assert frozenset(sent.report_id for sent in pair) in desk.questions(*pair)


# -- judging again ---------------------------------------------------------------------------------


def test_recheck_judges_again_without_reading_and_keeps_what_changed(desk: Desk) -> None:
    sent = desk.verified(picture(1), 7, replace(CLAIM, plate=PlateNumber("沪A99999D")))
    assert "UNKNOWN_VEHICLE" in desk.codes(sent)
    told: list[tuple[int, int]] = []
    assert rechecking.recheck(desk.runtime, progress=lambda done, of: told.append((done, of))) == (
        rechecking.Recheck(changed=0, total=1)
    )
    assert told == [(1, 1)]
    roster = roster_csv().replace("沪A05128D", "沪A99999D").encode()
    with desk.runtime.write() as work:
        fleet.import_roster(work, actor="system", effective_from=date(2026, 2, 1), content=roster)
    for digest in sent.files:
        desk.runtime.files.path(digest).unlink()  # nothing is decoded
    assert rechecking.recheck(desk.runtime) == rechecking.Recheck(changed=1, total=1)
    assert "VEHICLE_KNOWN" in desk.codes(sent)
    assert rechecking.recheck(desk.runtime, since=WEDNESDAY + timedelta(seconds=1)).total == 0


def test_a_corrected_claim_is_judged_again(desk: Desk) -> None:
    sent = desk.verified(picture(1), 7, replace(CLAIM, plate=PlateNumber("沪A99999D")))
    with desk.runtime.write() as work:
        claims.add(
            work.connection, sent.report_id, CLAIM, at=work.now, made_by="officer", reason="typing"
        )
        judging.judge_again(work, report_id=sent.report_id)
        judgement = judgements.latest(work.connection, sent.report_id)
        assert judgement is not None
        assert judgement.claim_version == 2
        assert reports.by_id(work.connection, sent.report_id).state is ReportState.VERIFIED
    assert "VEHICLE_KNOWN" in desk.codes(sent)


# -- the coach -------------------------------------------------------------------------------------


def test_the_coach_says_the_same_whether_others_reported_it_or_not(desk: Desk) -> None:
    alone = desk.draft([picture(1)])
    desk.read(alone, 7)
    with desk.runtime.read() as work:
        before = coaching.coach(work, report_id=alone.report_id).lines
    for _ in range(2):
        desk.verified(picture(1), 7)
    with desk.runtime.read() as work:
        assert coaching.coach(work, report_id=alone.report_id).lines == before
    assert before


def test_before_a_category_is_chosen_the_coach_is_silent(desk: Desk) -> None:
    with desk.runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        assert coaching.coach(work, report_id=report_id).lines == ()


def test_findings_survive_being_stored(desk: Desk) -> None:
    sent = desk.verified(picture(1), 7)
    findings = desk.findings(sent)
    assert judgements.findings_from_json(to_json(findings)) == findings
    assert sha256(picture(1)).hexdigest() == sent.files[0]


def test_what_somebody_else_called_the_same_bytes_says_nothing(runtime: Runtime) -> None:
    picture, exif = io.BytesIO(), Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:03:11 08:00:00"
    Image.new("RGB", (64, 48), (90, 90, 90)).save(picture, "JPEG", exif=exif)
    said: dict[str, tuple[set[str], datetime | None]] = {}
    for name in ("IMG_20200101_120000.jpg", "bus.jpg"):
        with runtime.write() as work:
            report_id = open_draft(work, channel=Channel.WEB).report_id
            save_claim(work, report_id=report_id, claim=CLAIM)
            person = ReporterInput(f"人{len(said)}", f"1380013800{len(said)}")
            save_reporters(work, report_id=report_id, reporters=[person])
        picture.seek(0)
        store_file(runtime, report_id=report_id, file_name=name, stream=picture)
        with runtime.write() as work:
            submit(work, report_id=report_id, consent=True)
        assert verification.verify_report(runtime, report_id=report_id)
        with runtime.read() as work:
            judgement = judgements.latest(work.connection, report_id)
            assert judgement is not None
            codes = {finding.code for finding in judgement.findings if finding.sight is Sight.TIME}
            said[name] = (codes, reports.by_id(work.connection, report_id).captured_from)
    codes, taken_at = said["bus.jpg"]
    assert codes == {"TIME_CONFIRMED"}
    assert taken_at is not None
    assert taken_at > WEDNESDAY - timedelta(hours=3)
    assert "TIME_CONTRADICTION" in said["IMG_20200101_120000.jpg"][0]  # one's own name counts
