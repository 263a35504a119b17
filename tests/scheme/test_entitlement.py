"""R6, R11: who is first, against the sentence of the rule read once more."""

from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.decision import Recommendation, UnknownReason, Verdict, recommend, require_reasons
from scheme.entitlement import Entitlement, InTime, RankedReport, entitlements
from scheme.finding import Finding, Outcome, Scope

YES, NO, UNKNOWN = InTime.YES, InTime.NO, InTime.UNKNOWN
GOOD, BAD = Verdict.SUBSTANTIATED, Verdict.UNSUBSTANTIATED


def line(*reports: tuple[Verdict | None, InTime]) -> list[Entitlement | None]:
    ranked = [
        RankedReport(str(n), n, verdict, in_time) for n, (verdict, in_time) in enumerate(reports)
    ]
    answers = entitlements(ranked)
    return [answers[str(n)] for n in range(len(reports))]


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([], []),
        ([(GOOD, YES)], ["first"]),
        ([(GOOD, YES), (GOOD, YES)], ["first", "not_first"]),
        ([(None, YES), (GOOD, YES)], [None, "waiting"]),
        ([(BAD, YES), (GOOD, YES)], ["excluded", "first"]),
        ([(Verdict.ASSISTED, YES), (GOOD, YES)], ["excluded", "first"]),
        ([(GOOD, NO), (GOOD, YES)], ["late", "first"]),
        (
            [(None, NO), (GOOD, YES)],
            [None, "first"],
        ),  # a late one can't be first: nobody waits for it
        ([(GOOD, UNKNOWN)], ["waiting"]),  # never a guess
        ([(GOOD, UNKNOWN), (GOOD, YES)], ["waiting", "waiting"]),
        (
            [(GOOD, UNKNOWN), (GOOD, YES), (GOOD, YES)],
            ["waiting", "waiting", "not_first"],
        ),  # not first either way
        ([(GOOD, UNKNOWN), (GOOD, UNKNOWN), (GOOD, NO)], ["waiting", "waiting", "late"]),
        ([(GOOD, YES), (GOOD, UNKNOWN), (GOOD, YES)], ["first", "not_first", "not_first"]),
        ([(GOOD, UNKNOWN), (BAD, UNKNOWN), (GOOD, NO)], ["waiting", "excluded", "late"]),
        ([(BAD, UNKNOWN), (GOOD, YES)], ["excluded", "first"]),
        ([(None, UNKNOWN), (GOOD, YES), (GOOD, YES)], [None, "waiting", "waiting"]),
        ([(GOOD, UNKNOWN), (None, YES), (GOOD, YES)], ["waiting", None, "waiting"]),
        (
            [(GOOD, UNKNOWN), (GOOD, YES), (None, YES), (GOOD, YES)],
            ["waiting", "waiting", None, "not_first"],
        ),
        ([(GOOD, YES), (None, YES), (GOOD, YES)], ["first", None, "not_first"]),
        ([(None, YES), (GOOD, YES), (GOOD, YES)], [None, "waiting", "waiting"]),
    ],
)
def test_who_is_first(
    reports: list[tuple[Verdict | None, InTime]], expected: list[str | None]
) -> None:
    assert line(*reports) == expected


def test_withdrawn_and_excluded_reports_hold_nobody_up() -> None:
    open_one = RankedReport("a", 1, None, YES)
    good = RankedReport("b", 2, GOOD, YES)
    for gone in (replace(open_one, withdrawn=True), replace(open_one, excluded=True)):
        assert entitlements([gone, good]) == {"a": None, "b": Entitlement.FIRST}
    out = RankedReport("a", 1, GOOD, YES, excluded=True)
    assert entitlements([out, good]) == {"a": Entitlement.EXCLUDED, "b": Entitlement.FIRST}


ranked_reports = st.lists(
    st.builds(
        RankedReport,
        report_id=st.just(""),
        receipt_seq=st.just(0),
        verdict=st.sampled_from([None, *Verdict]),
        in_time=st.sampled_from(InTime),
        withdrawn=st.booleans(),
        excluded=st.booleans(),
    ),
    max_size=5,
).map(lambda reports: [replace(r, report_id=str(n), receipt_seq=n) for n, r in enumerate(reports)])


@given(ranked_reports, st.randoms(use_true_random=False))
def test_order_of_asking_never_matters_and_there_is_at_most_one_first(
    reports: list[RankedReport], random: object
) -> None:
    answers = entitlements(reports)
    assert all(entitlements(order) == answers for order in list(permutations(reports))[:24])
    firsts = [r for r in reports if answers[r.report_id] is Entitlement.FIRST]
    assert len(firsts) <= 1
    for first in firsts:
        assert first.verdict is GOOD
        assert first.in_time is YES
        for earlier in reports[: first.receipt_seq]:
            could_be = not earlier.withdrawn and not earlier.excluded and earlier.in_time is not NO
            assert not could_be or earlier.verdict not in (None, GOOD)


@given(ranked_reports)
def test_an_unknown_window_holds_up_only_who_depends_on_it(reports: list[RankedReport]) -> None:
    """Against every way in which the unknown windows can turn out.

    The answer all agree on, or waiting.
    """
    answers = entitlements(reports)
    choices = [(YES, NO) if report.in_time is UNKNOWN else (report.in_time,) for report in reports]
    worlds = [
        entitlements([replace(r, in_time=known) for r, known in zip(reports, world, strict=True)])
        for world in product(*choices)
    ]
    for report in reports:
        possible = {world[report.report_id] for world in worlds}
        # Late or after the first: "the reward goes to the earliest report" is true of both, so
        # nobody waits for which.
        rewarded_never = Entitlement.NOT_FIRST in possible and possible <= {
            Entitlement.NOT_FIRST,
            Entitlement.LATE,
        }
        if rewarded_never:
            assert answers[report.report_id] is Entitlement.NOT_FIRST
        elif len(possible) == 1:
            assert answers[report.report_id] is possible.pop()
        else:
            assert answers[report.report_id] is Entitlement.WAITING


@given(ranked_reports, st.sampled_from(Verdict))
def test_deciding_one_report_never_takes_first_from_an_earlier_one(
    reports: list[RankedReport], verdict: Verdict
) -> None:
    before = entitlements(reports)
    for place, report in enumerate(reports):
        if report.verdict is None:
            decided = [*reports[:place], replace(report, verdict=verdict), *reports[place + 1 :]]
            after = entitlements(decided)
            for earlier in reports[:place]:
                assert after[earlier.report_id] == before[earlier.report_id]
            for later in reports[place + 1 :]:
                if before[later.report_id] is Entitlement.FIRST:
                    assert (
                        after[later.report_id] is Entitlement.FIRST
                    )  # it could not have been first while this was open


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_a_reason_and_none_goes_without(verdict: Verdict) -> None:
    fits = {GOOD: "VIOLATION_SEEN", BAD: "NO_VIOLATION", Verdict.ASSISTED: "OTHER_AUTHORITY"}
    require_reasons(verdict, [fits[verdict]])
    for codes in (
        [],
        ["NO_SUCH_CODE"],
        [fits[verdict], *(code for v, code in fits.items() if v is not verdict)],
    ):
        with pytest.raises(UnknownReason):
            require_reasons(verdict, codes)


def found(code: str, outcome: Outcome) -> Finding:
    return Finding("check", code, outcome, Scope.REPORT)


def test_recommendations_never_say_more_than_the_findings() -> None:
    violation = found("VIOLATION_TO_CONFIRM", Outcome.REVIEW)
    seen, unsure, other = (
        found("PLATE_SEEN", Outcome.PASS),
        found("PLATE_UNSURE", Outcome.REVIEW),
        found("PLATE_OTHER", Outcome.FAIL),
    )
    assert recommend([violation, seen]) is Recommendation.CLEAN
    assert recommend([violation, seen, unsure]) is Recommendation.LOOK
    assert recommend([violation, unsure, other]) is Recommendation.DOUBTFUL
    with pytest.raises(ValueError, match="unknown finding code"):
        found("NOT_A_CODE", Outcome.PASS)
