"""R8, R18: what a day raises follows from its figures, and no decision is drawn twice."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheme.policy import PolicyRef, SecondLook
from scheme.second_look import Look
from scheme.second_look_day import DayFigures, DecidedThen, Over, Raised, raised

DAY = date(2026, 3, 10)
BEGIN = datetime(2026, 3, 10, tzinfo=UTC)
NONE = SecondLook(**dict.fromkeys((field.name for field in fields(SecondLook)), None))
EMPTY = DayFigures({}, {}, {}, (), (), {}, frozenset())


def over(**figures: int) -> Over:
    return Over(
        day=DAY,
        begin=BEGIN,
        end=BEGIN + timedelta(days=1),
        month_begins=BEGIN.replace(day=1),
        median_begins=BEGIN - timedelta(days=30),
        zone=UTC,
        second_look=replace(NONE, **figures),
        policy=PolicyRef("2@abc"),
    )


def decided(
    number: int, *, received_at: datetime = BEGIN, spot: bool = False, drawn: bool = False
) -> DecidedThen:
    people = frozenset({f"p{number}"})
    rank = f"{number:04d}"
    return DecidedThen(f"d{number}", f"r{number}", received_at, people, spot, rank, drawn)


def kinds(looks: tuple[Raised, ...]) -> list[tuple[Look, str]]:
    return [(look.kind, look.subject) for look in looks]


def test_a_day_without_figures_in_the_policy_raises_nothing() -> None:
    busy = replace(EMPTY, reports={"p": 99}, payments=((BEGIN, 10**6),), decided=(decided(1),))
    assert raised(busy, over()) == ()


def test_signals_name_a_human_or_a_pair_once_a_day_or_a_month() -> None:
    figures = replace(
        EMPTY, reports={"p1": 3, "p2": 4}, files={"p1": 9}, pairs={("ann", "p2"): ("r1", "r2")}
    )
    looks = raised(
        figures,
        over(
            reports_per_person_per_day=3,
            files_per_person_per_day=8,
            same_officer_and_reporter_per_month=1,
        ),
    )
    assert [(look.kind, look.subject, look.day, look.figures) for look in looks] == [
        (Look.REPORTS, "person/p2", DAY, {"count": 4}),
        (Look.FILES, "person/p1", DAY, {"count": 9}),
        (Look.PAIR, "account/ann/person/p2", date(2026, 3, 1), {"count": 2}),
    ]


def test_a_day_that_paid_many_times_the_median_stands_out() -> None:
    before = tuple((BEGIN - timedelta(days=days), 5000) for days in (1, 2, 3))
    today = ((BEGIN, 15000), (BEGIN + timedelta(hours=1), 5001))
    (look,) = raised(replace(EMPTY, payments=before + today), over(paid_day_times_median=4))
    assert (look.kind, look.figures) == (Look.PAID_IN_A_DAY, {"fen": 20001, "median_fen": 5000})


def test_whoever_is_over_a_figure_today_has_all_of_the_day_decided_again() -> None:
    figures = replace(EMPTY, reports={"p1": 9}, decided=(decided(1), decided(2)))
    looks = raised(figures, over(reports_per_person_per_day=8))
    assert kinds(looks) == [(Look.REPORTS, "person/p1"), (Look.OVER_A_FIGURE, "decision/d1")]


def test_whoever_was_over_a_figure_when_it_came_in_or_by_this_months_payments() -> None:
    yesterday = BEGIN - timedelta(days=1)
    figures = replace(
        EMPTY,
        decided=(decided(1, received_at=yesterday), decided(2), decided(3)),
        over_in_a_day={yesterday.date(): frozenset({"p1", "p2"})},
        over_in_a_month=frozenset({"p3"}),
    )
    assert kinds(raised(figures, over())) == [
        (Look.OVER_A_FIGURE, "decision/d1"),
        (Look.OVER_A_FIGURE, "decision/d3"),
    ]


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12),
    st.integers(0, 100),
    st.integers(0, 100),
    st.frozensets(st.integers(0, 11)),
)
def test_no_decision_is_drawn_twice_and_payments_on_the_spot_have_a_draw_of_their_own(
    made: list[tuple[bool, bool]], spot_percent: int, percent: int, known: frozenset[int]
) -> None:
    figures = replace(
        EMPTY,
        decided=tuple(
            decided(number, spot=spot, drawn=drawn) for number, (spot, drawn) in enumerate(made)
        ),
        over_in_a_month=frozenset(f"p{number}" for number in known),
    )
    looks = raised(
        figures,
        over(on_the_spot_sample_percent=spot_percent, decisions_sample_percent=percent),
    )
    subjects = [look.subject for look in looks]
    assert len(subjects) == len(set(subjects))
    by_id = {decision.decision_id: decision for decision in figures.decided}
    for look in looks:
        decision = by_id[look.decision_id or ""]
        assert not decision.is_drawn
        assert (look.kind is Look.ON_THE_SPOT) <= decision.on_the_spot
        assert (look.kind is Look.SAMPLE) <= (not decision.on_the_spot)
    if percent:
        others = [one for one in figures.decided if not one.on_the_spot]
        if others:  # of any number at least one, drawn now or before
            first = min(others, key=lambda one: one.rank)
            assert first.is_drawn or f"decision/{first.decision_id}" in subjects
