"""One rule for every claim, whoever makes it (R1, R3): drawn ones and each way to be wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.policies import load_policies
from scheme.claim import (
    LONGEST_NOTE,
    LONGEST_PLACE,
    BeforeScheme,
    FutureTime,
    PlaceInvalid,
    TextTooLong,
    TimeUnclear,
    UnknownCategory,
    UnknownKind,
    checked,
)
from scheme.naming import InvalidBadge, InvalidName, InvalidPlate, InvalidRoute
from scheme.reading import PlateNumber
from scheme.report import Claim

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
POLICIES = load_policies(None)
CLAIM = Claim(
    "smoking_or_phone",
    NOW - timedelta(hours=2),
    route="49路",
    plate=PlateNumber("沪-a 1234 5"),
    kind="phone",
)
REFUSALS = (
    UnknownCategory,
    UnknownKind,
    BeforeScheme,
    FutureTime,
    TimeUnclear,
    PlaceInvalid,
    TextTooLong,
    InvalidName,
)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"category": "speeding"}, UnknownCategory),
        ({"category": ""}, UnknownCategory),
        ({"kind": "singing"}, UnknownKind),
        ({"category": "wrong_way", "kind": "phone"}, UnknownKind),
        ({"plate": PlateNumber("not a plate")}, InvalidPlate),
        ({"route": "!"}, InvalidRoute),
        ({"route": "9" * 41}, InvalidRoute),
        ({"badge": "!"}, InvalidBadge),
        ({"fleet_number": "!"}, InvalidBadge),
        ({"latitude": 999.0, "longitude": 121.0}, PlaceInvalid),
        ({"latitude": 31.0, "longitude": 181.0}, PlaceInvalid),
        ({"latitude": float("nan"), "longitude": 121.0}, PlaceInvalid),
        ({"latitude": 31.0}, PlaceInvalid),
        ({"longitude": 121.0}, PlaceInvalid),
        ({"place": "路" * (LONGEST_PLACE + 1)}, TextTooLong),
        ({"note": "a" * (LONGEST_NOTE + 1)}, TextTooLong),
        ({"violated_at": NOW + timedelta(days=3000)}, FutureTime),
        ({"violated_at": NOW + timedelta(minutes=5, seconds=1)}, FutureTime),
        ({"violated_at": datetime(2012, 10, 17, 15, 59, 59, tzinfo=UTC)}, BeforeScheme),
        ({"violated_at": datetime(2026, 3, 11, 8, 0)}, TimeUnclear),  # noqa: DTZ001 - no zone
    ],
)
def test_each_thing_that_can_be_wrong_has_its_refusal(
    wrong: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        checked(replace(CLAIM, **wrong), POLICIES, NOW)  # type: ignore[arg-type]  # fields of a claim


def test_a_claim_comes_back_in_its_one_form() -> None:
    kept = checked(
        replace(CLAIM, badge="工号 0123", place=" 建国\u200b东路 ", note="a\r\nb", kind=" phone "),
        POLICIES,
        NOW,
    )
    assert (kept.route, kept.plate, kept.badge) == ("49", "沪A12345", "0123")
    assert (kept.place, kept.note, kept.kind) == ("建国\u200b东路", "a\nb", "phone")


def test_what_is_left_empty_is_nothing() -> None:
    blank = replace(CLAIM, route=" ", plate=PlateNumber(""), badge="\u3000", place=" ", kind="")
    kept = checked(blank, POLICIES, NOW)
    assert (kept.route, kept.plate, kept.badge, kept.place, kept.kind) == (None,) * 5


@given(
    st.builds(
        Claim,
        category=st.sampled_from(["red_light", "wrong_way", "smoking_or_phone", "other"]),
        violated_at=st.none() | st.datetimes(timezones=st.just(UTC)),
        route=st.none() | st.text(max_size=50),
        plate=st.none() | st.text(max_size=12).map(PlateNumber),
        badge=st.none() | st.text(max_size=50),
        place=st.none() | st.text(max_size=210),
        latitude=st.none() | st.floats(),
        longitude=st.none() | st.floats(),
        note=st.text(max_size=50),
        kind=st.none() | st.text(max_size=5),
    )
)
def test_whatever_is_claimed_is_refused_by_name_or_stays_as_it_comes_out(claim: Claim) -> None:
    try:
        kept = checked(claim, POLICIES, NOW)
    except REFUSALS:
        return
    assert checked(kept, POLICIES, NOW) == kept
    assert kept.violated_at is None or kept.violated_at <= NOW + timedelta(minutes=5)
