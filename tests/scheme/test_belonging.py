"""R14, R15, R16: which case a judged report joins, and whom it is asked about."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.policies import load_policies
from scheme.belonging import Compared, Near, Ours, Question, SentFile, Theirs, compared
from scheme.case import ReportState
from scheme.reading import MediaKind, PlateNumber, Sha256
from scheme.report import Claim, Evidence
from scheme.traces import Shown, traces

NOW = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)
SUBSTANCE = load_policies(None).policies[0].substance
CLAIM = Claim("wrong_way", NOW, route="49", plate=PlateNumber("沪A12345"), place="建国东路525号")
FILE = Evidence(Sha256("a" * 64), MediaKind.PHOTO, 1000, "bus.jpg", 0)
ALIKE = Sha256("b" * 64)


@dataclass(frozen=True)
class Report:
    """What another report tells, and where it stands."""

    report_id: str
    receipt_seq: int
    case_id: str | None = "theirs"
    claim: Claim = CLAIM
    state: ReportState = ReportState.VERIFIED
    shown: Shown = Shown()  # noqa: RUF009 - frozen, and empty

    @property
    def at(self) -> datetime | None:
        """The claimed time."""
        return self.claim.violated_at


def ours(claim: Claim = CLAIM, *, case_id: str | None = None, told_apart: str = "") -> Ours:
    apart = frozenset({told_apart} if told_apart else ())
    tells = traces(claim, claim.violated_at, Shown(), None)
    return Ours(case_id, claim, claim.violated_at, (FILE,), tells, apart)


def with_files(*sent: tuple[Report, Sha256], near: tuple[Near, ...] = ()) -> Theirs:
    return Theirs(
        fleet=None,
        near=near,
        sent_with=tuple(
            SentFile(report.report_id, sha256, MediaKind.PHOTO) for report, sha256 in sent
        ),
        of_files=tuple({report.report_id: report for report, _ in sent}.values()),
        in_time=(),
        own=frozenset(),
    )


def found(mine: Ours, theirs: Theirs) -> Compared:
    return compared(mine, theirs, SUBSTANCE)


def test_the_same_file_with_the_same_claim_joins_by_itself_and_asks_nothing() -> None:
    later, earlier = Report("r3", 3, "later"), Report("r2", 2, "earlier")
    belongs = found(ours(), with_files((later, FILE.sha256), (earlier, FILE.sha256))).belonging
    assert belongs.joins == "earlier"
    assert belongs.questions == (Question("r3", ("SAME_MEDIA",)),)


def test_the_same_file_with_another_claim_is_replayed_evidence() -> None:
    moved = replace(CLAIM, violated_at=NOW - timedelta(days=1))
    belongs = found(ours(), with_files((Report("r1", 1, claim=moved), FILE.sha256))).belonging
    assert (belongs.joins, belongs.category) == (None, "wrong_way")
    assert belongs.questions == (Question("r1", ("REPLAYED_EVIDENCE",)),)


def test_a_file_that_only_looks_alike_is_a_question() -> None:
    near = (Near(FILE.sha256, None, ALIKE, 1200, 7),)
    like = found(ours(), with_files((Report("r1", 1), ALIKE), near=near))
    assert [(media.distance, media.other_frame_ms) for media in like.similar] == [(7, 1200)]
    assert like.belonging.joins is None
    assert like.belonging.questions == (Question("r1", ("SIMILAR_MEDIA",)),)


def test_who_lies_near_in_time_and_place_is_a_question() -> None:
    theirs = replace(with_files(), in_time=(Report("r1", 1),), own=frozenset({"r1"}))
    like = found(ours(), theirs)
    (neighbour,) = like.neighbours
    assert (neighbour.other_report_id, neighbour.seconds_apart) == ("r1", 0)
    assert neighbour.own_repeat
    (question,) = like.belonging.questions
    assert "SAME_INCIDENT_CANDIDATE" in question.reasons


@pytest.mark.parametrize(
    "other",
    [
        Report("r1", 1, state=ReportState.WITHDRAWN),
        Report("r1", 1, case_id=None),  # nobody has read it yet
        Report("r1", 1, case_id="mine"),
        Report("r1", 1, claim=replace(CLAIM, category="smoking_or_phone")),
    ],
)
def test_nobody_is_asked_about_what_is_gone_unread_together_or_of_another_category(
    other: Report,
) -> None:
    near = (Near(FILE.sha256, None, ALIKE, None, 3),)
    like = found(ours(case_id="mine"), with_files((other, ALIKE), near=near))
    assert like.similar
    assert like.belonging.questions == ()


def test_what_an_officer_told_apart_does_not_join_again() -> None:
    twin = (Report("r1", 1), FILE.sha256)
    assert found(ours(), with_files(twin)).belonging.joins == "theirs"
    assert found(ours(told_apart="r1"), with_files(twin)).belonging.joins is None


STATES = st.sampled_from([ReportState.VERIFIED, ReportState.RECEIVED, ReportState.WITHDRAWN])
OTHERS = st.lists(
    st.tuples(st.sampled_from([None, "c1", "c2", "mine"]), STATES, st.booleans()), max_size=5
)


@given(OTHERS, st.sampled_from([None, "mine"]))
def test_a_report_stays_where_it_stands_and_joins_only_a_live_twin(
    others: list[tuple[str | None, ReportState, bool]], case_id: str | None
) -> None:
    moved = replace(CLAIM, violated_at=NOW - timedelta(days=2))
    sent = [
        Report(f"r{seq}", seq, other_case, CLAIM if same else moved, state)
        for seq, (other_case, state, same) in enumerate(others, start=1)
    ]
    theirs = with_files(*((report, FILE.sha256) for report in sent))
    belongs = found(ours(case_id=case_id), theirs).belonging
    live_twins = [
        report.case_id
        for report in sent
        if report.claim is CLAIM and report.case_id and report.state is not ReportState.WITHDRAWN
    ]
    assert belongs.joins == (case_id or (live_twins[0] if live_twins else None))
    asked = {question.other_report_id for question in belongs.questions}
    assert asked == {
        report.report_id
        for report in sent
        if report.case_id not in {None, belongs.joins} and report.state is not ReportState.WITHDRAWN
    }
