"""R14, R18: corrections on record, questions and answers.

And what the counter and the sweep set going.
"""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from pipeline.deciding import corrections, decisions, one_incident
from pipeline.doors import counter
from pipeline.doors.sweep import sweep
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.store import candidates, claims, events, reports
from pipeline.verifying import incidents
from scheme.case import ForbiddenMove, ReportState
from scheme.claim import (
    FutureTime,
    PlaceInvalid,
    TextTooLong,
    TimeUnclear,
    UnknownCategory,
    UnknownKind,
)
from scheme.decision import Verdict
from scheme.finding import Proof
from scheme.naming import InvalidPlate
from scheme.one_incident import CategoriesDiffer, InOneCase
from scheme.plain_text import ReasonRequired
from scheme.reading import Box, PlateNumber, Sha256
from scheme.report import Channel, Claim
from scheme.substantiation import OutsideScheme
from tests.pipeline.desk import VIOLATED_AT, Desk


def correct(
    desk: Desk, report_id: str, reason: str = "seen in the picture", **changes: object
) -> int:
    with desk.runtime.write() as work:
        report = reports.by_id(work.connection, report_id)
        said = claims.in_force(work.connection, report_id)
        assert said is not None
        return corrections.correct_claim(
            work,
            report_id=report_id,
            officer=desk.officer,
            row_version=report.row_version,
            claim=replace(said.claim, **changes),  # type: ignore[arg-type]  # the fields of a claim
            reason=reason,
        )


def test_a_correction_stands_beside_what_the_reporter_said(desk: Desk) -> None:
    report_id = desk.report()
    corrected_at = VIOLATED_AT + timedelta(minutes=30)
    assert correct(desk, report_id, plate=PlateNumber("沪A54321"), violated_at=corrected_at) == 2
    (view,) = desk.case(report_id).reports
    assert [claim.claim.plate for claim in view.claims] == ["沪A12345", "沪A54321"]
    assert view.claim.plate == "沪A54321"
    assert view.violated_at == corrected_at
    assert view.recommendation is not None  # judged again
    (event,) = [
        event for event in desk.case(report_id).history if event.action == "claim_corrected"
    ]
    assert sorted(event.detail["fields"]) == ["plate", "violated_at"]
    with pytest.raises(ReasonRequired):
        correct(desk, report_id, " ")


def test_another_category_is_another_incident(desk: Desk) -> None:
    first = desk.report()
    second = desk.report(case_id=desk.case(first).case_id)
    correct(desk, second, category="smoking_or_phone")
    assert desk.case(first).case_id != desk.case(second).case_id
    assert desk.case(second).category == "smoking_or_phone"
    correct(desk, first, category="smoking_or_phone")
    assert desk.case(first).category == "smoking_or_phone"


def test_a_decided_claim_is_not_corrected(desk: Desk) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    with pytest.raises(ForbiddenMove):
        correct(desk, report_id, route="50")


def test_different_stays_different(desk: Desk) -> None:
    one, other = desk.report(), desk.report()
    with desk.runtime.write() as work:
        assert candidates.add(work.connection, one, other, ["SAME_INCIDENT_CANDIDATE"], work.now)
        assert not candidates.add(work.connection, other, one, ["SIMILAR_MEDIA"], work.now)
    (question,) = desk.case(one).candidates
    assert question.reasons == ("SAME_INCIDENT_CANDIDATE", "SIMILAR_MEDIA")
    with desk.runtime.write() as work:
        one_incident.answer_candidate(
            work,
            candidate_id=question.candidate_id,
            officer=desk.officer,
            same=False,
            reason="two buses",
        )
        assert candidates.answered(work.connection, one) == {other: False}
        assert not candidates.add(work.connection, one, other, ["SIMILAR_MEDIA"], work.now)
    desk.decide(one)
    desk.decide(other)
    assert len(desk.shares(one)) == len(desk.shares(other)) == 1
    assert [candidate.same for candidate in desk.case(other).candidates] == [False]


def test_different_categories_do_not_merge_and_one_case_not_with_itself(desk: Desk) -> None:
    one, other = desk.report(), desk.report()
    correct(desk, other, category="smoking_or_phone")
    for target, refusal in ((other, CategoriesDiffer), (one, InOneCase)):
        with pytest.raises(refusal), desk.runtime.write() as work:
            one_incident.merge(
                work,
                case_id=desk.case(one).case_id,
                into_case_id=desk.case(target).case_id,
                officer=desk.officer,
                reason="same",
            )


def test_neighbours_are_found_by_the_accepted_time_and_the_claim_in_force(desk: Desk) -> None:
    near, far = desk.report(), desk.report(violated_at=VIOLATED_AT + timedelta(minutes=11))
    own = desk.report(violated_at=VIOLATED_AT + timedelta(minutes=10))

    def neighbours() -> list[tuple[str, int]]:
        with desk.runtime.read() as work:
            policy = work.policies.substance_at(VIOLATED_AT)
            found = incidents.neighbours(work, near, policy, None)
        return [(neighbour.other_report_id, neighbour.seconds_apart) for neighbour in found]

    assert neighbours() == [(own, 600)]
    correct(desk, far, violated_at=VIOLATED_AT)
    correct(desk, own, plate=PlateNumber("沪A00000"))
    assert neighbours() == [(far, 0)]


def test_the_frame_that_decided_it_is_kept(desk: Desk) -> None:
    report_id = desk.report()
    proof = Proof(Sha256("a" * 64), 1200, Box(0.1, 0.2, 0.3, 0.4))
    with desk.runtime.write() as work:
        decisions.decide(
            work,
            report_id=report_id,
            officer=desk.officer,
            row_version=reports.by_id(work.connection, report_id).row_version,
            verdict=Verdict.SUBSTANTIATED,
            reasons=["VIOLATION_SEEN"],
            proof=proof,
            note="  over the line at 1.2 s ",
        )
    (decision,) = desk.case(report_id).reports[0].decisions
    assert decision.proof == proof
    assert decision.note == "over the line at 1.2 s"


def test_tied_files_are_an_officers_word_on_record(desk: Desk) -> None:
    report_id = desk.report()
    with desk.runtime.write() as work:
        corrections.tie_files(
            work, report_id=report_id, officer=desk.officer, reason="same scratch on the door"
        )
    assert desk.case(report_id).reports[0].tied_by_officer


def test_a_walk_in_is_registered_like_any_report_and_the_clerk_is_on_record(desk: Desk) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (9, 9)).save(picture, "JPEG")
    picture.seek(0)
    stood_at = desk.clock.at
    desk.clock.move(minutes=20)
    receipt = counter.register_walk_in(
        desk.runtime,
        clerk=desk.clerk,
        claim=Claim(
            "wrong_way",
            violated_at=VIOLATED_AT,
            route="49",
            plate=PlateNumber("沪A12345"),
            place="here",
        ),
        reporters=[ReporterInput("王小明", "13800138000")],
        files=[("from the phone.jpg", picture)],
        consent=True,
        stood_at=stood_at,
    )
    with desk.runtime.read() as work:
        report = reports.by_id(work.connection, receipt.report_id)
        actors = {
            e.action: e.actor for e in events.about(work.connection, f"report/{receipt.report_id}")
        }
    assert (report.channel, report.state) == (Channel.COUNTER, ReportState.RECEIVED)
    assert (report.submitted_to_us_at, report.received_at) == (stood_at, desk.clock.at)
    assert actors["walk_in_registered"] == desk.clerk.account_id


def test_the_sweep_rings_for_what_waits_and_lets_drafts_expire(desk: Desk) -> None:
    waiting = desk.submit()
    with desk.runtime.write() as work:
        draft_id = open_draft(work, channel=Channel.WEB).report_id
    rung: list[tuple[str, str]] = []

    class Loud:
        def ring(self, task: str, **ids: str) -> None:
            """Remember."""
            rung.append((task, next(iter(ids.values()))))

    loud = replace(desk.runtime, ring=Loud())
    swept = sweep(loud)
    assert ("verify_report", waiting) in rung
    assert (swept.reports_rung, swept.files_rung, swept.drafts_expired, swept.notices_sent) == (
        1,
        1,
        0,
        1,
    )
    desk.clock.move(days=7, seconds=1)
    assert sweep(loud).drafts_expired == 1
    assert desk.state(draft_id) is ReportState.EXPIRED


def test_everything_that_happened_is_one_unbroken_chain(desk: Desk) -> None:
    report_id = desk.to_be_paid()
    with desk.runtime.read() as work:
        assert events.verify(work.connection) is None
        text = "".join(
            str(event.detail) for event in events.about(work.connection, f"report/{report_id}")
        )
    assert "投诉人" not in text
    assert (
        re.search(r"\b138\d{8}\b", text) is None
    )  # no phone; three digits alone stand in many a hash


def test_signs_that_cannot_be_stored_do_not_reach_the_log(desk: Desk) -> None:
    report_id = desk.report()
    with desk.runtime.write() as work:
        corrections.exclude(
            work,
            report_id=report_id,
            officer=desk.officer,
            reason="replayed\x00 \ud800clip\n twice",
        )
    (event,) = [
        event for event in desk.case(report_id).history if event.action == "report_excluded"
    ]
    assert event.detail["reason"] == "replayed clip\n twice"
    with pytest.raises(ReasonRequired), desk.runtime.write() as work:
        corrections.exclude(work, report_id=report_id, officer=desk.officer, reason="\x00\ud800")


def test_a_violation_after_its_report_is_not_substantiated(desk: Desk) -> None:
    report_id = desk.report()
    received_at = desk.clock.at
    desk.clock.move(hours=1)
    correct(desk, report_id, violated_at=received_at + timedelta(minutes=6))
    with pytest.raises(OutsideScheme):
        desk.decide(report_id)
    correct(desk, report_id, violated_at=received_at)
    desk.decide(report_id)


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [
        (UnknownCategory, {"category": "parking"}),
        (UnknownKind, {"kind": "sleeping"}),
        (InvalidPlate, {"plate": "not a plate"}),
        (PlaceInvalid, {"latitude": 999.0, "longitude": 121.5}),
        (FutureTime, {"violated_at": VIOLATED_AT + timedelta(days=3000)}),
        (TimeUnclear, {"violated_at": VIOLATED_AT.replace(tzinfo=None)}),
        (TextTooLong, {"place": "长" * 201}),
    ],
)
def test_the_stage_refuses_a_correction_that_no_claim_could_be(
    desk: Desk, refusal: type[Exception], changes: dict[str, object]
) -> None:
    report_id = desk.report()
    with pytest.raises(refusal):
        correct(desk, report_id, **changes)  # type: ignore[arg-type]  # fields of a claim
    (view,) = desk.case(report_id).reports
    assert len(view.claims) == 1


def test_a_corrected_name_is_kept_in_its_one_form(desk: Desk) -> None:
    report_id = desk.report()
    correct(desk, report_id, plate=PlateNumber("沪a·54321"), route="49路")
    (view,) = desk.case(report_id).reports
    assert (view.claim.plate, view.claim.route) == ("沪A54321", "49")


def test_an_officer_may_find_that_a_violation_lies_before_the_scheme(desk: Desk) -> None:
    report_id = desk.report()
    correct(desk, report_id, violated_at=datetime(2012, 10, 17, 12, 0, tzinfo=UTC))
    with pytest.raises(OutsideScheme):
        desk.decide(report_id)
    desk.decide(report_id, Verdict.UNSUBSTANTIATED)
