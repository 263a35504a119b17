"""Names meet in one form: TRUST.md section 6 D, items 54 to 61."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.naming import (
    LETTERS,
    PROVINCES,
    InvalidBadge,
    InvalidName,
    InvalidPlate,
    InvalidRoute,
    canonical_badge,
    canonical_plate,
    canonical_route,
)


@pytest.mark.parametrize(
    ("typed", "plate"),
    [
        ("沪-A 1234 5", "沪A12345"),
        ("沪Ａ１２３４５", "沪A12345"),
        ("沪A\u200b12\ufeff345", "沪A12345"),
        ("沪a·b1234", "沪AB1234"),
        ("沪А12345", "沪A12345"),  # Cyrillic A
        ("沪Α12345", "沪A12345"),  # Greek Alpha
        ("滬A12345", "沪A12345"),
        ("沪AO234I", "沪A02341"),
        ("沪012345", "沪O12345"),
        ("沪A00123D", "沪A00123D"),
        ("沪AD12345", "沪AD12345"),
        ("沪A1234学", "沪A1234学"),
    ],
)
def test_plates_in_many_spellings_are_one(typed: str, plate: str) -> None:
    assert canonical_plate(typed) == plate


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" -·\u200b", "empty"),
        ("A12345", "no_province"),
        ("沪A1234", "bad_length"),
        ("沪A1234567", "bad_length"),
        ("沪112345", "bad_place"),
        ("沪A学1234", "bad_sign"),
        ("沪A123456", "bad_sign"),
        ("沪A12é45", "bad_sign"),
        ("沪" * 41, "too_long"),
    ],
)
def test_what_is_no_plate_is_refused_with_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidPlate) as refusal:
        canonical_plate(typed)
    assert refusal.value.reason == reason


@given(
    st.sampled_from(PROVINCES),
    st.sampled_from(LETTERS),
    st.text(st.sampled_from(LETTERS + "0123456789"), min_size=5, max_size=5),
    st.sampled_from(["", " ", "-", "·", "\u200b", "\u3000"]),
)
def test_separators_never_matter_and_the_form_is_stable(
    province: str, place: str, serial: str, gap: str
) -> None:
    plate = canonical_plate(gap.join((province, place, *serial)).lower())
    assert plate == province + place + serial
    assert canonical_plate(plate) == plate


@pytest.mark.parametrize(
    ("typed", "route"),
    [
        ("49", "49"),
        ("49路", "49"),
        ("四十九路", "49"),
        ("四十九", "49"),
        ("４９ 路", "49"),
        ("第49路", "49"),
        ("公交49路", "49"),
        ("一百零八路", "108"),
        ("十路", "10"),
        ("九二六路", "926"),
        ("k4", "K4"),
        ("К4路", "K4"),  # Cyrillic K
        ("隧道三线", "隧道三线"),
        ("隧道3线", "隧道三线"),
        ("大桥六线", "大桥六线"),
        ("926区间", "926区间"),
        ("926路（区间）", "926区间"),
        ("浦东11路", "浦东11"),
        ("3\u201353", "3-53"),
        ("机场二线", "机场二线"),
    ],
)
def test_lines_in_many_spellings_are_one(typed: str, route: str) -> None:
    assert canonical_route(typed) == route
    assert canonical_route(route) == route


@pytest.mark.parametrize(
    ("typed", "reason"), [("", "empty"), ("  ", "empty"), ("49?é😀", "bad_sign"), ("-", "bad_sign")]
)
def test_what_is_no_line_is_refused(typed: str, reason: str) -> None:
    with pytest.raises(InvalidRoute) as refusal:
        canonical_route(typed)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("typed", "badge"),
    [
        ("工号：０１２３ 45", "012345"),
        ("服务证 No.88-123", "88123"),
        ("上岗证a1024号", "A1024"),
        ("0007", "0007"),
    ],
)
def test_badges_in_many_spellings_are_one(typed: str, badge: str) -> None:
    assert canonical_badge(typed) == badge


def test_a_badge_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidBadge):
        canonical_badge("工号：")


@given(st.text(max_size=60))
def test_any_text_is_named_or_refused_and_naming_twice_changes_nothing(text: str) -> None:
    for canonical in (canonical_plate, canonical_route, canonical_badge):
        try:
            name = canonical(text)
        except InvalidName:
            continue
        assert canonical(name) == name
