"""Whether a draft is received: one question, one answer or a named refusal (R1, R4-R7, R12)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.calendar import published_workdays
from pipeline.policies import load_policies
from scheme.case import ReportState
from scheme.claim import BeforeScheme, FutureTime, TimeUnclear, UnknownCategory
from scheme.draft import AlreadySubmitted, DraftChanged, DraftExpired, DraftState
from scheme.finding import Sight
from scheme.reading import MediaKind, PlateNumber
from scheme.report import Channel, Claim
from scheme.submission import (
    Admitted,
    ClaimIncomplete,
    ConsentRequired,
    JointInvalid,
    MissingIdentifier,
    NoEvidence,
    ReporterRequired,
    Submission,
    VideoRequired,
    admitted,
    missing,
)

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
POLICIES = load_policies(None)
CLAIM = Claim("wrong_way", NOW - timedelta(hours=2), route="49", plate=PlateNumber("沪A12345"))
DRAFT = DraftState("r1", ReportState.DRAFT, NOW - timedelta(days=1), None)
WHOLE = Submission(
    draft=DRAFT,
    channel=Channel.WEB,
    claim=CLAIM,
    files=(MediaKind.PHOTO,),
    people=1,
    consent=True,
    submitted_to_us_at=None,
)


def asked(submission: Submission, now: datetime = NOW) -> Admitted:
    return admitted(submission, POLICIES, published_workdays(), now)


def test_a_whole_draft_is_admitted_with_all_that_its_receipt_fixes() -> None:
    report = asked(WHOLE)
    assert (report.violated_at, report.submitted_at) == (CLAIM.violated_at, NOW)
    assert report.substance is report.procedure is POLICIES.policies[0]
    assert report.answer_due_at == datetime(2026, 3, 16, 16, 0, tzinfo=UTC)
    assert not report.late


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"draft": replace(DRAFT, state=ReportState.EXPIRED)}, DraftExpired),
        ({"draft": replace(DRAFT, created_at=NOW - timedelta(days=7))}, DraftExpired),
        ({"consent": False}, ConsentRequired),
        ({"files": ()}, NoEvidence),
        ({"claim": None}, ClaimIncomplete),
        ({"claim": replace(CLAIM, violated_at=None)}, ClaimIncomplete),
        ({"claim": replace(CLAIM, route=None)}, ClaimIncomplete),
        ({"claim": replace(CLAIM, category="speeding")}, UnknownCategory),
        ({"claim": replace(CLAIM, violated_at=NOW + timedelta(days=1))}, FutureTime),
        ({"claim": replace(CLAIM, violated_at=datetime(2012, 1, 1, tzinfo=UTC))}, BeforeScheme),
        ({"claim": replace(CLAIM, plate=None)}, MissingIdentifier),
        ({"claim": replace(CLAIM, category="red_light")}, VideoRequired),
        ({"people": 0}, ReporterRequired),
        ({"people": 99}, JointInvalid),
        ({"submitted_to_us_at": NOW + timedelta(seconds=1)}, TimeUnclear),
        ({"submitted_to_us_at": NOW - timedelta(hours=3)}, TimeUnclear),
    ],
)
def test_each_thing_that_is_missing_has_its_refusal(
    wrong: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        asked(replace(WHOLE, **wrong))  # type: ignore[arg-type]  # fields of a submission


def lacking(claim: Claim | None, *files: MediaKind) -> list[type[Exception]]:
    return [type(refusal) for refusal in missing(claim, files, POLICIES, NOW)]


def test_all_that_a_draft_lacks_is_named_at_once_in_the_order_of_admission() -> None:
    empty = Claim("smoking_or_phone")
    assert lacking(empty) == [NoEvidence, ClaimIncomplete, MissingIdentifier]
    assert lacking(empty, MediaKind.PHOTO) == [ClaimIncomplete, MissingIdentifier]
    assert lacking(replace(empty, badge="0123")) == [NoEvidence, ClaimIncomplete]
    assert lacking(None) == [NoEvidence, ClaimIncomplete]
    red_light = replace(CLAIM, category="red_light", plate=None)
    assert lacking(red_light, MediaKind.PHOTO) == [VideoRequired, MissingIdentifier]
    assert lacking(CLAIM, MediaKind.PHOTO) == []


@given(
    st.sampled_from(sorted(POLICIES.policies[0].substance.categories)),
    st.sets(st.sampled_from(["violated_at", "route", "plate", "badge"])),
    st.sets(st.sampled_from([*MediaKind])),
)
def test_admission_refuses_the_first_thing_that_is_missing(
    category: str, left_empty: set[str], files: set[MediaKind]
) -> None:
    whole = replace(CLAIM, category=category, badge="0123")
    claim = replace(whole, **dict.fromkeys(left_empty))  # type: ignore[arg-type]  # by name
    draft = replace(WHOLE, claim=claim, files=tuple(sorted(files)))
    refusals = lacking(claim, *draft.files)
    if refusals:
        with pytest.raises(refusals[0]):
            asked(draft)
    else:
        assert asked(draft).violated_at == CLAIM.violated_at


def test_a_draft_that_is_a_report_says_its_number_and_whether_its_receipt_can_be_had_again() -> (
    None
):
    received = replace(DRAFT, state=ReportState.RECEIVED, report_number="20260311-1")
    with pytest.raises(AlreadySubmitted) as young:
        asked(replace(WHOLE, draft=received))
    assert (young.value.report_number, young.value.renewable) == ("20260311-1", True)
    with pytest.raises(AlreadySubmitted) as old:
        asked(replace(WHOLE, draft=received), NOW + timedelta(days=7))
    assert not old.value.renewable


def test_the_badge_will_do_where_the_category_says_so() -> None:
    smoking = replace(CLAIM, category="smoking_or_phone", plate=None, badge="0123")
    assert asked(replace(WHOLE, claim=smoking)).violated_at == CLAIM.violated_at
    with pytest.raises(MissingIdentifier) as refusal:
        asked(replace(WHOLE, claim=replace(smoking, badge=None)))
    assert set(refusal.value.wanted) == {Sight.PLATE, Sight.BADGE}


def test_the_postmark_serves_the_window_and_nothing_else() -> None:
    violated_at = NOW - timedelta(days=10)
    late = replace(WHOLE, claim=replace(CLAIM, violated_at=violated_at))
    assert asked(late).late
    posted = asked(replace(late, submitted_to_us_at=violated_at + timedelta(days=1)))
    assert not posted.late
    assert posted.answer_due_at == asked(late).answer_due_at


def test_where_the_calendar_ends_no_due_date_is_guessed() -> None:
    beyond = datetime(2031, 3, 11, 2, 0, tzinfo=UTC)
    draft = replace(DRAFT, created_at=beyond)
    claim = replace(CLAIM, violated_at=beyond)
    report = asked(replace(WHOLE, draft=draft, claim=claim), beyond)
    assert report.answer_due_at is None
    assert not report.late


def test_what_was_shown_before_somebody_changed_it_is_not_submitted() -> None:
    with pytest.raises(DraftChanged):
        asked(replace(WHOLE, shown="before", kept="since"))
    assert not asked(replace(WHOLE, shown="same", kept="same")).late
    assert not asked(replace(WHOLE, shown=None, kept="whatever")).late
