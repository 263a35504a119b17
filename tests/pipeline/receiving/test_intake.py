"""Drafts, files, claims, reporters, and the one event of receiving (R1, R4, R6, R7, R12)."""

import io
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.answering import notices
from pipeline.receiving.claims import late_already, save_claim
from pipeline.receiving.drafts import ReporterInput, draft_of, expire_drafts, open_draft
from pipeline.receiving.incoming import (
    MediumNotAdmitted,
    TooManyFiles,
    add_file_to_report,
    remove_file,
    store_file,
)
from pipeline.receiving.reporters import own_repeats, save_reporters
from pipeline.receiving.submitting import Receipt, submit
from pipeline.runtime import Runtime
from pipeline.store import (
    claims,
    draft_identities,
    events,
    evidence_files,
    fsck,
    identities,
    receipts,
    reports,
    whose,
)
from pipeline.store import notices as store_notices
from pipeline.store.originals import EmptyFile, FileTooLarge, NoSuchFile
from scheme.case import ForbiddenMove, ReportState
from scheme.claim import (
    BeforeScheme,
    FutureTime,
    PlaceInvalid,
    TextTooLong,
    TimeUnclear,
    UnknownCategory,
)
from scheme.draft import AlreadySubmitted, DraftNotFound
from scheme.finding import Sight
from scheme.naming import InvalidBadge, InvalidPlate, InvalidRoute
from scheme.reading import MediaKind, PlateNumber
from scheme.report import Channel, Claim
from scheme.reporter import EmailInvalid, NameRequired, NameTooLong, PhoneInvalid, PhoneRequired
from scheme.submission import (
    ClaimIncomplete,
    ConsentRequired,
    JointInvalid,
    MissingIdentifier,
    NoEvidence,
    ReporterRequired,
    VideoRequired,
)
from tests.fixtures import WEDNESDAY, Clock
from verifiers.media.formats import TypeMismatch, TypeNotAllowed

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 20
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(range(256)) * 20
CLAIM = Claim(
    category="smoking_or_phone",
    violated_at=WEDNESDAY - timedelta(hours=2),
    route="49路",
    plate=PlateNumber("沪-a 1234 5"),
    place="建国东路",
)
WANG = ReporterInput("王小明", "138 0013 8000")
LI = ReporterInput("李雷", "13900139000", "li@example.org")


def drafted(
    runtime: Runtime,
    *,
    claim: Claim = CLAIM,
    files: Sequence[tuple[str, bytes]] = (("bus.jpg", JPEG),),
    reporters: Sequence[ReporterInput] = (WANG,),
) -> str:
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        save_claim(work, report_id=report_id, claim=claim)
        if reporters:
            save_reporters(work, report_id=report_id, reporters=reporters)
    for name, content in files:
        store_file(runtime, report_id=report_id, file_name=name, stream=io.BytesIO(content))
    return report_id


def submitted(runtime: Runtime, report_id: str) -> Receipt:
    with runtime.write() as work:
        return submit(work, report_id=report_id, consent=True)


# -- the way through -------------------------------------------------------------------------------


def test_a_report_is_received_with_number_code_hashes_and_due_date(runtime: Runtime) -> None:
    receipt = submitted(runtime, drafted(runtime))
    assert receipt.received_at == WEDNESDAY
    assert receipt.report_number.startswith("20260311-")
    assert len(receipt.secret_code) == 16
    assert receipt.files == (("bus.jpg", sha256(JPEG).hexdigest()),)
    assert not receipt.late
    with runtime.read() as work:
        row = reports.by_number(work.connection, receipt.report_number)
        assert (row.state, row.receipt_seq, row.channel) == (ReportState.RECEIVED, 1, Channel.WEB)
        assert row.answer_due_at == datetime(
            2026, 3, 16, 16, 0, tzinfo=UTC
        )  # 24:00 of Monday in Shanghai
        assert row.substance_policy == row.receipt_policy == runtime.policies.policies[0].ref
        assert row.code_hash == work.vault.code_hash(row.id, receipt.secret_code)
        claim = claims.in_force(work.connection, row.id)
        assert claim is not None
        assert (claim.claim.plate, claim.claim.route) == ("沪A12345", "49")
        assert identities.of_report(work.connection, work.vault, row.id)[0].phone == "13800138000"
        assert events.verify(work.connection) is None


def test_the_draft_key_opens_the_draft_and_says_so_when_it_became_a_report(
    runtime: Runtime, clock: Clock
) -> None:
    with runtime.write() as work:
        opened = open_draft(work, channel=Channel.WEB)
        save_claim(work, report_id=opened.report_id, claim=CLAIM)
        save_reporters(work, report_id=opened.report_id, reporters=[LI, WANG])
    store_file(runtime, report_id=opened.report_id, file_name="a.jpg", stream=io.BytesIO(JPEG))
    with runtime.read() as work:
        draft = draft_of(work, opened.draft_key)
        assert [person.name for person in draft.reporters] == ["李雷", "王小明"]
        assert draft.expires_at == WEDNESDAY + timedelta(days=7)
        assert draft.read == {sha256(JPEG).hexdigest(): False}
        with pytest.raises(DraftNotFound):
            draft_of(work, "not a key")
    receipt = submitted(runtime, opened.report_id)
    with runtime.read() as work, pytest.raises(AlreadySubmitted) as told:
        draft_of(work, opened.draft_key)
    assert told.value.report_number == receipt.report_number


def test_submitting_twice_gives_one_receipt(runtime: Runtime) -> None:
    report_id = drafted(runtime)
    receipt = submitted(runtime, report_id)
    with pytest.raises(AlreadySubmitted) as told:
        submitted(runtime, report_id)
    assert told.value.report_number == receipt.report_number
    with runtime.read() as work:
        assert [e.action for e in events.about(work.connection, f"report/{report_id}")].count(
            "received"
        ) == 1


def test_a_double_click_in_two_threads_gives_one_receipt(runtime: Runtime) -> None:
    report_id = drafted(runtime)
    barrier, outcomes = threading.Barrier(8), []

    def click() -> None:
        barrier.wait()
        try:
            outcomes.append(submitted(runtime, report_id).report_number)
        except AlreadySubmitted as told:
            outcomes.append(told.report_number)

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8
    assert len(set(outcomes)) == 1


def test_the_bell_rings_only_after_the_commit(runtime: Runtime) -> None:
    rung: list[tuple[str, dict[str, str]]] = []

    class Recorder:
        def ring(self, task: str, **ids: str) -> None:
            with runtime.read() as work:  # what is rung for is there to be seen
                assert reports.by_id(work.connection, report_id).state is ReportState.RECEIVED
            rung.append((task, ids))

    report_id = drafted(runtime)
    listened = replace(runtime, ring=Recorder())
    # Submit must get through first
    with pytest.raises(ZeroDivisionError), listened.write() as work:  # noqa: PT012
        submit(work, report_id=report_id, consent=True)
        1 / 0  # noqa: B018 - a bug further on in the same transaction
    assert rung == []
    submitted(listened, report_id)
    assert rung == [("verify_report", {"report_id": report_id})]


def test_a_broken_bell_is_no_failure(runtime: Runtime) -> None:
    class Broken:
        def ring(self, task: str, **ids: str) -> None:
            raise ConnectionError(f"no broker for {task} {ids}")

    receipt = submitted(replace(runtime, ring=Broken()), drafted(runtime))
    with runtime.read() as work:
        assert (
            reports.by_number(work.connection, receipt.report_number).state is ReportState.RECEIVED
        )


# -- order -----------------------------------------------------------------------------------------


@hypothesis_settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(threads=st.integers(2, 6), each=st.integers(1, 3))
def test_receipts_in_many_threads_are_a_gapless_order(
    runtime: Runtime, threads: int, each: int
) -> None:
    drafts = [[drafted(runtime) for _ in range(each)] for _ in range(threads)]
    with runtime.read() as work:
        before = fsck.check(work.connection, runtime.files)
        last = max([0, *(seq for seq in _sequences(runtime))])
    assert before.whole
    numbers: list[str] = []
    workers = [
        threading.Thread(
            target=lambda mine=mine: numbers.extend(
                submitted(runtime, d).report_number for d in mine
            )
        )
        for mine in drafts
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(set(numbers)) == threads * each
    assert _sequences(runtime) == list(range(1, last + threads * each + 1))


def _sequences(runtime: Runtime) -> list[int]:
    with runtime.read() as work:
        rows = work.connection.exec_driver_sql(
            "SELECT receipt_seq FROM reports WHERE receipt_seq IS NOT NULL ORDER BY receipt_seq"
        )
        return [row[0] for row in rows]


def test_a_refused_submission_leaves_no_hole_in_the_order(runtime: Runtime) -> None:
    incomplete = drafted(runtime, files=())
    with pytest.raises(NoEvidence):
        submitted(runtime, incomplete)
    submitted(runtime, drafted(runtime))
    assert _sequences(runtime) == [1]


def test_public_numbers_do_not_tell_the_order(runtime: Runtime) -> None:
    numbers = [submitted(runtime, drafted(runtime)).report_number for _ in range(12)]
    assert numbers != sorted(numbers)
    assert numbers != sorted(numbers, reverse=True)


@given(st.integers(0, 999_999), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_seen(random: int, place: int, by: int) -> None:
    digits = f"20260311{random:06}"
    number = digits + receipts._check_digit(digits)
    assert (
        receipts.canonical_report_number(f" {number[:8]}－{number[8:]} ")
        == f"{number[:8]}-{number[8:]}"
    )
    slip = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert receipts.canonical_report_number(slip) is None


# -- refusals at submission: the draft is kept -----------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "files", "refusal"),
    [
        (CLAIM, (), NoEvidence),
        (replace(CLAIM, violated_at=None), (("a.jpg", JPEG),), ClaimIncomplete),
        (replace(CLAIM, route=None), (("a.jpg", JPEG),), ClaimIncomplete),
        (replace(CLAIM, plate=None), (("a.jpg", JPEG),), MissingIdentifier),
        (
            replace(CLAIM, category="wrong_way", plate=None, badge="0123"),
            (("a.mp4", MP4),),
            MissingIdentifier,
        ),
    ],
)
def test_incomplete_reports_are_refused_and_the_draft_kept(
    runtime: Runtime, claim: Claim, files: tuple[tuple[str, bytes], ...], refusal: type[Exception]
) -> None:
    report_id = drafted(runtime, claim=claim, files=files)
    with pytest.raises(refusal):
        submitted(runtime, report_id)
    with runtime.read() as work:
        assert reports.by_id(work.connection, report_id).state is ReportState.DRAFT
        assert len(evidence_files.of_report(work.connection, report_id)) == len(files)


def test_a_badge_will_do_instead_of_a_plate_for_smoking(runtime: Runtime) -> None:
    report_id = drafted(runtime, claim=replace(CLAIM, plate=None, badge="工号：0123"))
    assert submitted(runtime, report_id).report_number


def test_what_would_do_is_named(runtime: Runtime) -> None:
    with pytest.raises(MissingIdentifier) as told:
        submitted(runtime, drafted(runtime, claim=replace(CLAIM, plate=None)))
    assert set(told.value.wanted) == {Sight.BADGE, Sight.PLATE}


def test_red_light_wants_a_video_when_the_photo_came_before_the_category(runtime: Runtime) -> None:
    report_id = drafted(runtime)
    with runtime.write() as work:
        save_claim(work, report_id=report_id, claim=replace(CLAIM, category="red_light"))
    with pytest.raises(VideoRequired):
        submitted(runtime, report_id)
    store_file(runtime, report_id=report_id, file_name="a.mp4", stream=io.BytesIO(MP4))
    assert submitted(runtime, report_id).report_number


def test_no_consent_and_no_name_are_refused(runtime: Runtime) -> None:
    nameless = drafted(runtime, reporters=())
    with pytest.raises(ReporterRequired):
        submitted(runtime, nameless)
    with runtime.write() as work, pytest.raises(ConsentRequired):
        submit(work, report_id=nameless, consent=False)


# -- time: R1 and R6 -------------------------------------------------------------------------------

SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("violated_at", "refusal"),
    [
        (datetime(2012, 10, 17, 23, 59, 59, tzinfo=SHANGHAI), BeforeScheme),
        (datetime(2012, 10, 18, 0, 0, 0, tzinfo=SHANGHAI), None),
        (WEDNESDAY + timedelta(minutes=5), None),
        (WEDNESDAY + timedelta(minutes=5, seconds=1), FutureTime),
        (WEDNESDAY + timedelta(days=1), FutureTime),
        # A naive time is the point
        (datetime(2026, 3, 10, 12, 0), TimeUnclear),  # noqa: DTZ001
    ],
)
def test_the_time_is_refused_as_soon_as_it_is_said(
    runtime: Runtime, violated_at: datetime, refusal: type[Exception] | None
) -> None:
    report_id = drafted(runtime, files=())
    with runtime.write() as work:
        if refusal is None:
            save_claim(work, report_id=report_id, claim=replace(CLAIM, violated_at=violated_at))
        else:
            with pytest.raises(refusal):
                save_claim(work, report_id=report_id, claim=replace(CLAIM, violated_at=violated_at))
    with runtime.read() as work:
        claim = claims.in_force(work.connection, report_id)
        assert claim is not None
        assert claim.claim.violated_at == (violated_at if refusal is None else CLAIM.violated_at)


def test_one_second_past_the_third_working_day_is_late_but_received(
    runtime: Runtime, clock: Clock
) -> None:
    in_time, late = drafted(runtime), drafted(runtime)
    clock.at = datetime(2026, 3, 16, 15, 59, 59, tzinfo=UTC)
    with runtime.read() as work:
        assert late_already(work, report_id=in_time) is False
    assert submitted(runtime, in_time).late is False
    clock.forward(seconds=1)
    with runtime.read() as work:
        assert late_already(work, report_id=late) is True
    assert submitted(runtime, late).late is True


def test_the_postmark_serves_the_window_only(runtime: Runtime, clock: Clock) -> None:
    report_id = drafted(runtime)
    posted = clock.at
    clock.forward(days=12)
    with runtime.write() as work, pytest.raises(DraftNotFound):
        submit(work, report_id=report_id, consent=True)
    with runtime.write() as work:
        again = open_draft(work, channel=Channel.POST).report_id
        save_claim(work, report_id=again, claim=CLAIM)
        save_reporters(work, report_id=again, reporters=[WANG])
    store_file(runtime, report_id=again, file_name="a.jpg", stream=io.BytesIO(JPEG))
    with runtime.write() as work, pytest.raises(TimeUnclear):
        submit(
            work, report_id=again, consent=True, submitted_to_us_at=clock.at + timedelta(seconds=1)
        )
    with runtime.write() as work:
        receipt = submit(work, report_id=again, consent=True, submitted_to_us_at=posted)
    assert not receipt.late
    assert receipt.received_at == clock.at


def test_where_the_calendar_ends_the_due_date_stays_empty(runtime: Runtime, clock: Clock) -> None:
    clock.at = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)
    receipt = submitted(runtime, drafted(runtime, claim=replace(CLAIM, violated_at=clock.at)))
    assert not receipt.late
    with runtime.read() as work:
        assert reports.by_id(work.connection, receipt.report_id).answer_due_at is None


def test_drafts_expire_and_forget_who_typed_them(runtime: Runtime, clock: Clock) -> None:
    report_id = drafted(runtime)
    clock.forward(days=7)
    with runtime.write() as work:
        assert expire_drafts(work) == 0
    clock.forward(seconds=1)
    with runtime.write() as work:
        assert expire_drafts(work) == 1
        assert draft_identities.of_report(work.connection, work.vault, report_id) == ()
        assert reports.by_id(work.connection, report_id).state is ReportState.EXPIRED


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("a.jpg", b"", EmptyFile),
        ("a.jpg", b"<html><body>hello, this is a page</body></html>", TypeMismatch),
        ("notes.md", b"# notes, no picture of anything at all\n", TypeNotAllowed),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", TypeNotAllowed),
        ("a.jpg", b"GIF89a" + bytes(100), TypeNotAllowed),
        ("a.jpg", b"%PDF-1.7" + bytes(100), TypeNotAllowed),
    ],
)
def test_what_is_no_picture_is_refused_and_nothing_kept(
    runtime: Runtime, name: str, content: bytes, refusal: type[Exception]
) -> None:
    report_id = drafted(runtime, files=())
    with pytest.raises(refusal):
        store_file(runtime, report_id=report_id, file_name=name, stream=io.BytesIO(content))
    _nothing_kept(runtime, report_id)


def _nothing_kept(runtime: Runtime, report_id: str) -> None:
    assert list(runtime.files.stored()) == []
    assert list(runtime.files.left_aside()) == []
    with runtime.read() as work:
        assert evidence_files.of_report(work.connection, report_id) == ()


class Endless(io.RawIOBase):
    """A stream of a stated size that never holds more than is asked for."""

    def __init__(self, head: bytes, size: int) -> None:
        self.head, self.left, self.largest_read = head, size, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "the whole file was asked for"
        self.largest_read = max(self.largest_read, size)
        count = min(size, self.left)
        self.left -= count
        head, self.head = self.head[:count], self.head[count:]
        return head + bytes(count - len(head))


def test_a_file_at_the_limit_is_taken_and_one_byte_more_is_not(runtime: Runtime) -> None:
    limit = 50 * 1024 * 1024
    report_id = drafted(runtime, files=())
    stream = Endless(JPEG, limit)
    # a raw stream reads like a binary file
    stored = store_file(runtime, report_id=report_id, file_name="a.jpg", stream=stream)  # type: ignore[arg-type]
    assert stored.size_bytes == limit
    assert stream.largest_read <= 1 << 20
    with pytest.raises(FileTooLarge) as told:
        store_file(
            runtime,
            report_id=report_id,
            file_name="a.jpg",
            stream=Endless(JPEG, limit + 1),  # type: ignore[arg-type]
        )  # the same
    assert told.value.limit_bytes == limit
    assert len(list(runtime.files.stored())) == 1
    assert list(runtime.files.left_aside()) == []


def test_a_photo_for_red_light_is_refused_before_it_is_written(runtime: Runtime) -> None:
    report_id = drafted(runtime, claim=replace(CLAIM, category="red_light"), files=())
    with pytest.raises(MediumNotAdmitted) as told:
        store_file(runtime, report_id=report_id, file_name="a.jpg", stream=io.BytesIO(JPEG))
    assert (told.value.category, told.value.kind) == ("red_light", MediaKind.PHOTO)
    _nothing_kept(runtime, report_id)


def test_twenty_files_and_no_more(runtime: Runtime) -> None:
    report_id = drafted(runtime, files=[(f"{n}.jpg", JPEG + bytes([n])) for n in range(20)])
    with pytest.raises(TooManyFiles) as told:
        store_file(
            runtime, report_id=report_id, file_name="x.jpg", stream=io.BytesIO(JPEG + bytes([99]))
        )
    assert told.value.limit == 20
    assert len(list(runtime.files.stored())) == 20


def test_the_same_bytes_twice_are_one_file(runtime: Runtime) -> None:
    report_id = drafted(runtime, files=[("a.jpg", JPEG), ("b.jpg", JPEG)])
    other = drafted(runtime)
    with runtime.read() as work:
        assert [
            file.file_name for file in evidence_files.of_report(work.connection, report_id)
        ] == ["a.jpg"]
        assert len(evidence_files.of_report(work.connection, other)) == 1
    assert len(list(runtime.files.stored())) == 1


def test_a_file_can_be_taken_out_of_a_draft_but_not_of_a_report(runtime: Runtime) -> None:
    report_id = drafted(runtime, files=[("a.jpg", JPEG), ("b.mp4", MP4)])
    with runtime.write() as work:
        remove_file(work, report_id=report_id, sha256=sha256(MP4).hexdigest())
    with runtime.write() as work, pytest.raises(NoSuchFile):
        remove_file(work, report_id=report_id, sha256=sha256(MP4).hexdigest())
    submitted(runtime, report_id)
    with runtime.write() as work, pytest.raises(AlreadySubmitted):
        remove_file(work, report_id=report_id, sha256=sha256(JPEG).hexdigest())


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "a\x00b.jpg",
        "gpj.\u202eexe",
        "a\r\nb: c",
        "长" * 10_000,
        "\udcb3\udcb5.jpg",
        "CON",
        "",
        "..",
    ],
)
def test_names_are_text_and_never_paths(runtime: Runtime, name: str) -> None:
    report_id = drafted(runtime, files=[(name, JPEG)])
    with runtime.read() as work:
        (file,) = evidence_files.of_report(work.connection, report_id)
    assert len(file.file_name) <= 255
    assert file.file_name.isprintable()
    assert [path.parent.parent.parent for _, path in runtime.files.stored()] == [runtime.files.root]


def test_material_added_later_sends_the_report_back_and_keeps_its_place(runtime: Runtime) -> None:
    receipt = submitted(runtime, drafted(runtime))
    with runtime.write() as work:
        before = reports.move(work.connection, receipt.report_id, ReportState.VERIFIED, attempts=2)
    add_file_to_report(
        runtime, report_id=receipt.report_id, file_name="b.mp4", stream=io.BytesIO(MP4)
    )
    with runtime.read() as work:
        row = reports.by_id(work.connection, receipt.report_id)
        assert (row.state, row.receipt_seq, row.attempts) == (
            ReportState.RECEIVED,
            before.receipt_seq,
            0,
        )
    with runtime.write() as work:
        reports.move(work.connection, receipt.report_id, ReportState.WITHDRAWN)
    with pytest.raises(ForbiddenMove):
        add_file_to_report(
            runtime, report_id=receipt.report_id, file_name="c.mp4", stream=io.BytesIO(MP4 + b"1")
        )
    assert len(list(runtime.files.stored())) == 2


# -- the claim and the reporters -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"category": "littering"}, UnknownCategory),
        ({"plate": "A12345"}, InvalidPlate),
        ({"route": "?"}, InvalidRoute),
        ({"badge": "工号："}, InvalidBadge),
        ({"latitude": 31.2}, PlaceInvalid),
        ({"latitude": float("nan"), "longitude": 121.4}, PlaceInvalid),
        ({"latitude": 91.0, "longitude": 121.4}, PlaceInvalid),
        ({"note": "长" * 2001}, TextTooLong),
        ({"place": "长" * 201}, TextTooLong),
    ],
)
def test_claims_that_cannot_be_are_refused(
    runtime: Runtime, change: dict[str, object], refusal: type[Exception]
) -> None:
    report_id = drafted(runtime, files=())
    with runtime.write() as work, pytest.raises(refusal):
        # one field of each type
        save_claim(work, report_id=report_id, claim=replace(CLAIM, **change))  # type: ignore[arg-type]


def test_odd_signs_in_free_texts_do_no_harm(runtime: Runtime) -> None:
    report_id = drafted(
        runtime, files=(), claim=replace(CLAIM, note="a\x00b\udcb3 <script>\n二", place="\x07路口")
    )
    with runtime.read() as work:
        claim = claims.in_force(work.connection, report_id)
    assert claim is not None
    assert (claim.claim.note, claim.claim.place) == ("ab <script>\n二", "路口")


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ([], "nobody"),
        ([ReporterInput(f"人{n}", f"138001380{n:02}") for n in range(21)], "too_many"),
        ([WANG, WANG], "same_phone"),
        ([WANG, ReporterInput("王大明", "+86 １３８ ００１３ ８０００")], "same_phone"),
        (
            [
                ReporterInput("Wang Xiao", "13800138000"),
                ReporterInput("ＷＡＮＧ　ｘｉａｏ", "13800138001"),
            ],
            "same_name",
        ),
    ],
)
def test_lists_of_reporters_that_cannot_be(
    runtime: Runtime, people: list[ReporterInput], reason: str
) -> None:
    report_id = drafted(runtime, files=())
    with runtime.write() as work, pytest.raises(JointInvalid) as told:
        save_reporters(work, report_id=report_id, reporters=people)
    assert told.value.reason == reason


@pytest.mark.parametrize(
    ("person", "refusal"),
    [
        (ReporterInput(" \u200b ", "13800138000"), NameRequired),
        (ReporterInput("王", "12345"), PhoneInvalid),
        (ReporterInput("王", ""), PhoneRequired),
        (ReporterInput("王", "1380013800０1"), PhoneInvalid),
        (ReporterInput("王", "١٣٨٠٠١٣٨٠٠٠"), PhoneInvalid),
        (ReporterInput("王" * 81, "13800138000"), NameTooLong),
        (ReporterInput("王", "13800138000", "not an address"), EmailInvalid),
    ],
)
def test_the_reporter_who_cannot_be_is_named_by_position(
    runtime: Runtime, person: ReporterInput, refusal: type[Exception]
) -> None:
    report_id = drafted(runtime, files=())
    with runtime.write() as work, pytest.raises(refusal) as told:
        save_reporters(work, report_id=report_id, reporters=[LI, person])
    assert getattr(told.value, "position", None) == 1


def test_a_person_is_one_row_however_the_phone_is_written(runtime: Runtime) -> None:
    first = submitted(runtime, drafted(runtime))
    second = submitted(
        runtime, drafted(runtime, reporters=[ReporterInput("王小明", "+86 13800138000"), LI])
    )
    with runtime.read() as work:
        assert second.report_id in whose.reports_of_the_same_people(
            work.connection, first.report_id
        )
        assert len(whose.person_ids(work.connection, second.report_id)) == 2


def test_a_report_cannot_change_the_name_that_rewards_go_to(runtime: Runtime) -> None:
    submitted(runtime, drafted(runtime))
    thief = submitted(runtime, drafted(runtime, reporters=[ReporterInput("张三", "13800138000")]))
    with runtime.read() as work:
        (person,) = whose.person_ids(work.connection, thief.report_id)
        assert identities.payee(work.connection, work.vault, person).name == "王小明"
        assert (
            identities.of_report(work.connection, work.vault, thief.report_id)[0].name == "张三"
        )  # as typed
        actions = [
            event.action for event in events.about(work.connection, f"report/{thief.report_id}")
        ]
    assert "other_name_for_phone" in actions


# -- repeats: only one's own -----------------------------------------------------------------------


def test_own_repeats_are_named_and_nobody_elses(runtime: Runtime) -> None:
    first = submitted(runtime, drafted(runtime))
    again, stranger = drafted(runtime), drafted(runtime, reporters=[LI])
    guesser = drafted(runtime, reporters=[ReporterInput("张三", "13800138000")])
    other_category = drafted(runtime, claim=replace(CLAIM, category="wrong_way"))
    other_file = drafted(runtime, files=[("b.jpg", JPEG + b"1")])
    with runtime.read() as work:
        assert own_repeats(work, report_id=again) == (first.report_number,)
        for quiet in (stranger, guesser, other_category, other_file):
            assert own_repeats(work, report_id=quiet) == ()
    assert submitted(runtime, again).own_repeats == (first.report_number,)
    assert submitted(runtime, stranger).own_repeats == ()


def test_a_strangers_repeat_looks_like_any_other_report(runtime: Runtime) -> None:
    fresh = submitted(runtime, drafted(runtime, files=[("a.jpg", JPEG + b"fresh")]))
    repeat = submitted(
        runtime, drafted(runtime, reporters=[LI], files=[("a.jpg", JPEG + b"fresh")])
    )
    with runtime.read() as work:
        actions = [
            Counter(
                event.action
                for event in events.about(work.connection, f"report/{receipt.report_id}")
            )
            for receipt in (fresh, repeat)
        ]
    assert actions[0] == actions[1]
    assert (repeat.late, repeat.own_repeats) == (fresh.late, fresh.own_repeats)


def test_a_receipt_names_no_reports_of_whoever_else_has_the_phone(runtime: Runtime) -> None:
    submitted(runtime, drafted(runtime))
    guesser = drafted(runtime, reporters=[ReporterInput("张三", WANG.phone)])
    assert submitted(runtime, guesser).own_repeats == ()


def test_an_address_hears_only_of_the_report_that_it_came_with(runtime: Runtime) -> None:
    quiet = submitted(runtime, drafted(runtime))
    loud = submitted(
        runtime,
        drafted(runtime, reporters=[ReporterInput("张三", WANG.phone, "thief@example.org")]),
    )
    with runtime.write() as work:
        for receipt in (quiet, loud):
            notices.write(
                work, "explanation", receipt.report_id, facts={"text": "later", "sights": []}
            )
        sent = {
            receipt.report_id: [
                (notice.channel, identities.identity(
                    work.connection, work.vault, notice.person_id, report_id=notice.report_id
                ).email)
                for notice in store_notices.of_report(work.connection, receipt.report_id)
            ]
            for receipt in (quiet, loud)
        }  # fmt: skip
        assert identities.of_report(work.connection, work.vault, quiet.report_id)[0].email == ""
    assert sent[quiet.report_id] == [("sms", "")]
    assert sorted(sent[loud.report_id]) == [
        ("email", "thief@example.org"),
        ("sms", "thief@example.org"),
    ]


def test_a_postmark_from_before_the_violation_is_unclear(runtime: Runtime) -> None:
    report_id = drafted(runtime)
    assert CLAIM.violated_at is not None
    with runtime.write() as work, pytest.raises(TimeUnclear):
        submit(
            work,
            report_id=report_id,
            consent=True,
            submitted_to_us_at=CLAIM.violated_at - timedelta(seconds=1),
        )
