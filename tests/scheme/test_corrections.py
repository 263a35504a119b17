"""R5, R11, R16: what an officer sets right, and what follows from it for the report's case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.case import ON_THE_DESK, ForbiddenMove, ReportState, StaleVersion
from scheme.claim import FutureTime, UnknownCategory
from scheme.corrections import Correction, correction, excluded_for, tied
from scheme.desk import HeldByOther
from scheme.plain_text import ReasonRequired
from scheme.reading import PlateNumber
from scheme.report import Claim
from tests.scheme.at_the_desk import CLAIM, EVERY_STATE, HELD, NOW, POLICIES, POLICY, REPORT


def corrected(
    claim: Claim, *, reason: str = "seen", row_version: int = 3, **otherwise: object
) -> Correction:
    return correction(
        replace(REPORT, **otherwise),  # type: ignore[arg-type]  # fields of a report
        row_version=row_version,
        claim=claim,
        reason=reason,
        policies=POLICIES,
        now=NOW,
    )


def test_a_correction_names_what_it_changes_and_by_which_policy_it_is_judged() -> None:
    moved = replace(CLAIM, plate=PlateNumber("沪a·54321"), place="建国东路")
    correct = corrected(moved, reason=" seen in the picture ")
    assert correct.claim == replace(moved, plate=PlateNumber("沪A54321"))
    assert (correct.version, correct.fields) == (2, ("plate", "place"))
    assert (correct.reason, correct.policy) == ("seen in the picture", POLICY.ref)
    assert correct.case_changes_to is None
    assert not correct.leaves_its_case


def test_what_nobody_was_asked_about_stays_as_it_is() -> None:
    placed = replace(CLAIM, latitude=31.2, longitude=121.5, note="by the bridge")
    correct = correction(
        replace(REPORT, claim=placed),
        row_version=3,
        claim=replace(CLAIM, route="50"),
        unasked=("latitude", "longitude", "note"),
        reason="seen",
        policies=POLICIES,
        now=NOW,
    )
    assert correct.claim == replace(placed, route="50")
    assert correct.fields == ("route",)


@pytest.mark.parametrize(
    ("claim", "otherwise", "refusal"),
    [
        (CLAIM, {"reason": " "}, ReasonRequired),
        (CLAIM, {"row_version": 2}, StaleVersion),
        (CLAIM, HELD, HeldByOther),
        (replace(CLAIM, category="parking"), {}, UnknownCategory),
        (replace(CLAIM, violated_at=NOW + timedelta(days=3000)), {}, FutureTime),
    ],
)
def test_a_correction_is_refused_by_name(
    claim: Claim, otherwise: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        corrected(claim, **otherwise)  # type: ignore[arg-type]  # fields of a report


@pytest.mark.parametrize("state", sorted(set(EVERY_STATE) - {*ON_THE_DESK}))
def test_only_what_lies_on_the_desk_is_corrected_or_tied(state: ReportState) -> None:
    with pytest.raises(ForbiddenMove):
        corrected(CLAIM, state=state)
    with pytest.raises(ForbiddenMove):
        tied(replace(REPORT, state=state), "the same scratch")


def test_an_officer_may_find_that_it_was_before_the_scheme() -> None:
    before = datetime(2012, 10, 17, 12, 0, tzinfo=UTC)
    assert corrected(replace(CLAIM, violated_at=before)).claim.violated_at == before


@given(
    category=st.sampled_from(sorted(POLICY.substance.categories)),
    alone=st.booleans(),
    case_id=st.sampled_from([None, "c1"]),
)
def test_another_category_is_another_incident(
    category: str, *, alone: bool, case_id: str | None
) -> None:
    correct = corrected(replace(CLAIM, category=category), alone=alone, case_id=case_id)
    moves = category != CLAIM.category and case_id is not None
    assert correct.leaves_its_case == (moves and not alone)
    assert correct.case_changes_to == (category if moves and alone else None)


def test_a_report_is_taken_out_of_line_with_a_reason_and_never_a_draft() -> None:
    assert excluded_for(REPORT, " own repeat ") == "own repeat"
    assert tied(REPORT, " the same scratch ") == "the same scratch"
    with pytest.raises(ForbiddenMove):
        excluded_for(replace(REPORT, receipt_seq=None), "own repeat")
    for rule in (excluded_for, tied):
        with pytest.raises(ReasonRequired):
            rule(REPORT, "\x00")
