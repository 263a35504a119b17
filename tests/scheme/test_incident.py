"""R14: when two reports are a question, why, and when an unread one may still be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scheme.dossier import Roster, Vehicle
from scheme.incident import claims_agree, could_turn_out_same, why_asked
from scheme.meeting import Why
from scheme.near_numbers import near_numbers
from scheme.reading import PlateNumber, Sha256, Sighted
from scheme.report import Claim
from scheme.traces import Capture, Names, Shown, Traces, claim_alone, traces

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
PLATE, OTHER_PLATE = PlateNumber("沪A12345"), PlateNumber("沪A67890")
BY_PLATE = Claim(
    "smoking_or_phone", NOON, route="49", plate=PLATE, latitude=31.21, longitude=121.47
)
BY_BADGE = replace(BY_PLATE, plate=None, badge="108426")
ROSTER = Roster(
    {
        PLATE: Vehicle(PLATE, "S1K-016", frozenset({"49"}), "北区车队"),
        OTHER_PLATE: Vehicle(OTHER_PLATE, "S2B-031", frozenset({"71"}), "南区车队"),
    },
    {"108426": frozenset({"49"}), "310552": frozenset({"71"})},
)


def files(
    *,
    read: dict[Sighted, set[str]] | None = None,
    unsure: dict[Sighted, set[str]] | None = None,
    **taken: Any,  # noqa: ANN401 - the fields of its capture
) -> Shown:
    """What one file shows."""

    def frozen(names: dict[Sighted, set[str]] | None) -> MappingProxyType[Sighted, frozenset[str]]:
        return MappingProxyType({kind: frozenset(found) for kind, found in (names or {}).items()})

    captures = (Capture(Sha256("a" * 64), **taken),) if taken else ()
    return Shown(frozen(read), frozen(unsure), captures)


def told(claim: Claim, shown: Shown | None = None, roster: Roster | None = ROSTER) -> Traces:
    return traces(claim, claim.violated_at, shown or Shown(), roster)


def why(one: Traces, other: Traces) -> set[Why]:
    found = why_asked(one, other, minutes=10, metres=300)
    assert set(found) == set(why_asked(other, one, minutes=10, metres=300))
    return set(found)


def may_turn_out(one: Traces, other: Traces) -> bool:
    return could_turn_out_same(one, other, minutes=10, metres=300, zone=SHANGHAI)


# -- vehicle and driver ----------------------------------------------------------------------------


def test_the_same_plate_category_time_and_place_is_a_question() -> None:
    assert why(told(BY_PLATE), told(BY_PLATE)) == {
        Why.SAME_PLATE,
        Why.SAME_PLACE,
        Why.TIMES_CLAIMED,
    }
    assert why(told(BY_PLATE), told(replace(BY_PLATE, route="71")))  # the plate is enough
    assert not why(told(BY_PLATE), told(replace(BY_PLATE, category="red_light")))  # R16
    assert not why(told(BY_PLATE), told(replace(BY_PLATE, plate=OTHER_PLATE)))


def test_one_names_the_plate_the_other_the_badge_of_one_line() -> None:
    assert why(told(BY_PLATE), told(BY_BADGE)) == {Why.SAME_LINE, Why.SAME_PLACE, Why.TIMES_CLAIMED}
    unknown_place = replace(BY_BADGE, latitude=None, longitude=None)
    assert why(told(BY_PLATE), told(unknown_place)) == {Why.SAME_LINE, Why.TIMES_CLAIMED}
    assert not why(
        told(BY_PLATE), told(replace(BY_BADGE, route="71", badge="310552"))
    )  # the roster knows both lines


def test_the_badge_is_enough_whatever_the_line_and_another_badge_is_another_driver() -> None:
    assert Why.SAME_BADGE in why(told(BY_BADGE), told(replace(BY_BADGE, route="71")))
    assert Why.SAME_BADGE in why(told(BY_BADGE), told(replace(BY_BADGE, plate=OTHER_PLATE)))
    assert not why(told(BY_BADGE), told(replace(BY_BADGE, badge="310552")))


def test_the_bus_s_own_number_stands_for_its_plate_by_the_roster() -> None:
    by_number = replace(BY_BADGE, badge=None, fleet_number="S1K016")
    assert Why.SAME_PLATE in why(told(BY_PLATE), told(by_number))
    assert not why(told(BY_PLATE), told(replace(by_number, fleet_number="S2B031")))
    assert Why.SAME_FLEET_NUMBER in why(told(by_number, roster=None), told(by_number, roster=None))
    painted = files(read={Sighted.FLEET_NUMBER: {"S1K016"}})
    assert Why.FLEET_NUMBER_IN_FILES in why(told(BY_PLATE), told(BY_BADGE, painted))


def test_a_line_that_is_not_claimed_is_known_by_the_roster() -> None:
    no_line = replace(BY_BADGE, route=None, latitude=None, longitude=None)
    assert Why.SAME_LINE in why(told(BY_PLATE), told(no_line))
    nothing = replace(no_line, badge="999999")
    assert why(told(BY_PLATE), told(nothing)) == {Why.TOO_LITTLE, Why.TIMES_CLAIMED}


def test_what_was_read_in_the_files_connects() -> None:
    wrong = replace(BY_PLATE, plate=OTHER_PLATE, route="71")
    assert Why.PLATE_IN_FILES in why(
        told(BY_PLATE), told(wrong, files(read={Sighted.PLATE: {PLATE}}))
    )
    assert Why.NEAR_PLATE in why(
        told(BY_PLATE), told(replace(wrong, route="49"), files(unsure={Sighted.PLATE: {PLATE}}))
    )
    in_view = files(read={Sighted.PLATE: {"沪BXY123"}})
    assert Why.PLATE_IN_FILES in why(told(BY_BADGE, in_view), told(BY_PLATE, in_view))
    assert Why.BADGE_IN_FILES in why(
        told(BY_BADGE), told(BY_PLATE, files(read={Sighted.BADGE: {"108426"}}))
    )


def test_a_mistaken_sign_is_a_question_until_both_files_prove_their_plates() -> None:
    near = replace(BY_PLATE, plate=PlateNumber("沪A12346"))
    assert Why.NEAR_PLATE in why(told(BY_PLATE), told(near))
    one, other = files(read={Sighted.PLATE: {PLATE}}), files(read={Sighted.PLATE: {"沪A12346"}})
    assert why(told(BY_PLATE, one), told(near))  # who typed the other may have mistaken it
    assert not why(told(BY_PLATE, one), told(near, other))
    both = files(read={Sighted.PLATE: {PLATE, "沪A12346"}})
    assert why(
        told(BY_PLATE, both), told(near, other)
    )  # both in one picture: which of them was it?


def test_a_reader_and_a_reporter_make_one_mistake_only_where_signs_look_alike() -> None:
    proven = told(BY_PLATE, files(read={Sighted.PLATE: {PLATE}}), roster=None)
    for number, asked in (("沪A12945", False), ("沪A1234S", True)):
        near = replace(BY_PLATE, plate=PlateNumber(number))
        assert (
            bool(why(proven, told(near, files(unsure={Sighted.PLATE: {number}}), roster=None)))
            is asked
        )
        assert why(proven, told(near, roster=None))


def test_a_plate_that_the_line_does_not_have_may_be_one_that_it_has() -> None:
    swapped, lost = (
        replace(BY_PLATE, plate=PlateNumber(number)) for number in ("沪A13245", "沪A12845")
    )
    assert not near_numbers("沪A13245", "沪A12845")
    assert Why.NEAR_PLATE in why(
        told(swapped), told(lost)
    )  # either is a sign away from the one bus of line 49
    assert not why(told(swapped, roster=None), told(lost, roster=None))


# -- time and place --------------------------------------------------------------------------------


def test_times_count_to_the_second() -> None:
    assert why(told(BY_PLATE), told(replace(BY_PLATE, violated_at=NOON + timedelta(minutes=10))))
    assert not why(
        told(BY_PLATE), told(replace(BY_PLATE, violated_at=NOON + timedelta(minutes=10, seconds=1)))
    )


def test_eleven_minutes_apart_by_the_claims_but_taken_in_the_same_minute() -> None:
    late = replace(BY_PLATE, violated_at=NOON + timedelta(minutes=11))
    same_minute = files(earliest=NOON, latest=NOON + timedelta(seconds=50))
    assert why(told(BY_PLATE, same_minute), told(late, same_minute)) == {
        Why.SAME_PLATE,
        Why.SAME_PLACE,
        Why.TIMES_OF_FILES,
    }
    assert Why.TIMES_OF_FILES in why(
        told(BY_PLATE), told(late, same_minute)
    )  # one file tells against its own claim
    own_minute = files(earliest=late.violated_at, latest=late.violated_at)
    assert not why(told(BY_PLATE, same_minute), told(late, own_minute))


def test_a_file_that_knows_only_the_day_tells_no_time() -> None:
    late = replace(BY_PLATE, violated_at=NOON + timedelta(hours=3))
    assert not why(
        told(BY_PLATE), told(late, files(earliest=NOON - timedelta(hours=8), latest=NOON))
    )


def test_places_count_only_where_both_are_known() -> None:
    assert why(told(BY_PLATE), told(replace(BY_PLATE, latitude=31.2126)))  # 289 m north
    assert not why(told(BY_PLATE), told(replace(BY_PLATE, latitude=31.2128)))  # 311 m
    assert why(told(BY_PLATE), told(replace(BY_PLATE, latitude=None, longitude=None)))
    pin = replace(BY_PLATE, latitude=31.3)
    assert why(
        told(BY_PLATE), told(pin, files(latitude=31.21, longitude=121.47))
    )  # the file knows better than the pin


def test_a_place_in_words_connects_but_does_not_part() -> None:
    words = replace(BY_BADGE, latitude=None, longitude=None, place="建国东路 525 号")
    assert Why.SAME_PLACE in why(
        told(replace(words, badge=None)), told(replace(words, place="建国东路５２５号"))
    )
    assert Why.SAME_PLACE not in why(told(words), told(replace(words, place="汉口路")))


# -- equal files, and what nobody has read ---------------------------------------------------------


def test_only_the_same_claim_links_equal_files_by_itself() -> None:
    def agree(other: Claim) -> bool:
        return claims_agree(
            *(claim_alone(claim, claim.violated_at) for claim in (BY_PLATE, other)),
            minutes=10,
            metres=300,
        )

    assert agree(BY_PLATE)
    for other in (
        BY_BADGE,
        replace(BY_PLATE, plate=PlateNumber("沪A12346")),
        replace(BY_PLATE, violated_at=NOON + timedelta(minutes=11)),
        replace(BY_PLATE, latitude=31.3),
        replace(BY_PLATE, category="red_light"),
        replace(BY_PLATE, violated_at=None),
    ):
        assert not agree(other)
    driver = told(BY_BADGE)
    assert claims_agree(driver, driver, minutes=10, metres=300)
    assert not claims_agree(driver, told(replace(BY_BADGE, route="71")), minutes=10, metres=300)


def test_an_unread_report_can_be_about_it_unless_something_surely_says_no() -> None:
    ours = told(BY_PLATE, files(read={Sighted.PLATE: {PLATE}}))
    hours_later = replace(BY_BADGE, violated_at=NOON + timedelta(hours=5))
    assert may_turn_out(told(BY_BADGE), ours)
    assert may_turn_out(told(hours_later), ours)  # its files may tell another time of the day
    assert may_turn_out(told(replace(BY_PLATE, plate=PlateNumber("沪A12346"))), ours)
    for other in (
        replace(hours_later, violated_at=NOON + timedelta(days=1)),
        replace(BY_PLATE, plate=OTHER_PLATE),
        replace(BY_BADGE, route="71", badge="310552"),
        replace(BY_PLATE, latitude=31.3),
        replace(BY_PLATE, category="red_light"),
    ):
        assert not may_turn_out(told(other), ours)


def test_around_midnight_two_days_are_one_moment() -> None:
    before = datetime(2026, 3, 10, 15, 58, tzinfo=UTC)
    one, other = (
        replace(BY_BADGE, violated_at=before + timedelta(minutes=late)) for late in (0, 4)
    )
    assert may_turn_out(told(one), told(other))


NEAR = (PLATE, PlateNumber("沪A12346"), PlateNumber("沪A1234S"), OTHER_PLATE)
NAMES = st.frozensets(st.sampled_from(NEAR), max_size=3)


@st.composite
def any_traces(draw: st.DrawFn) -> Traces:
    claim = Claim(
        "smoking_or_phone",
        NOON + timedelta(minutes=draw(st.integers(-15, 15))),
        route=draw(st.sampled_from([None, "49", "71"])),
        plate=draw(st.sampled_from([None, *NEAR])),
        badge=draw(st.sampled_from([None, "108426", "310552"])),
        place=draw(st.sampled_from([None, "汉口路"])),
        latitude=draw(st.sampled_from([31.21, 31.3])),
        longitude=121.47,
    )
    if draw(st.booleans()):
        claim = replace(claim, latitude=None, longitude=None)
    taken = NOON + timedelta(minutes=draw(st.integers(-15, 15)))
    capture = (
        Capture(Sha256("a" * 64), taken, taken)
        if draw(st.booleans())
        else Capture(Sha256("a" * 64))
    )
    shown = Shown({Sighted.PLATE: draw(NAMES)}, {Sighted.PLATE: draw(NAMES)}, (capture,))
    return told(claim, shown, draw(st.sampled_from([ROSTER, None])))


@given(any_traces(), any_traces())
def test_what_is_asked_about_could_turn_out_the_same_before_it_is_read(
    one: Traces, other: Traces
) -> None:
    if why(one, other):
        assert may_turn_out(one, other)


@given(any_traces())
def test_a_report_that_says_the_very_same_is_always_a_question(one: Traces) -> None:
    assert why(one, one)


def test_nothing_supports_a_name_that_is_not_claimed() -> None:
    assert not Names(read=frozenset({PLATE})).proven
    assert not Names(unsure=frozenset({PLATE})).supported
