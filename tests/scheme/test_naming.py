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
        ("933路快线", "933快线"),
        ("933快线", "933快线"),
        ("九三三路快线", "933快线"),
        ("933路快线（上行）", "933快线"),
        ("13路A线", "13A"),
        ("13路(A线)", "13A"),
        ("13A线", "13A"),
        ("13A路", "13A"),
        ("13路a", "13A"),
        ("十三路A线", "13A"),
        ("1路(上行)", "1"),
        ("1路（下行）", "1"),
        ("1上行", "1"),
        ("公交1路下行", "1"),
        ("松江十九路", "松江19"),
        ("松江19路", "松江19"),
        ("松江19", "松江19"),
        ("松江十九路区间", "松江19区间"),
        ("松江19路A线", "松江19A"),
        ("01", "1"),
        ("01路", "1"),
        ("007", "7"),
        ("049路", "49"),
        ("松江01路", "松江1"),
        ("926路区间车", "926区间"),
        ("926大站车", "926大站"),
    ],
)
def test_lines_in_many_spellings_are_one(typed: str, route: str) -> None:
    assert canonical_route(typed) == route
    assert canonical_route(route) == route


@pytest.mark.parametrize(
    "lines",
    [
        ("933", "933快线", "933区间", "933大站", "933A", "93", "33"),
        ("13", "13A", "13B", "13区间"),
        ("1", "10", "100", "11", "1区间", "1支线"),
        ("19", "松江19", "浦东19", "松江9", "松江19A"),
        ("4", "K4", "隧道四线", "大桥四线", "4-4"),
        ("841", "0841"),
        ("353", "3-53"),
    ],
)
def test_lines_that_only_look_alike_stay_apart(lines: tuple[str, ...]) -> None:
    assert len({canonical_route(line) for line in lines}) == len(lines)
    assert {canonical_route(f"{line}路") for line in lines if line[-1].isdigit()} == {
        canonical_route(line) for line in lines if line[-1].isdigit()
    }


AREAS = st.sampled_from(["", "松江", "浦东", "南汇", "K", "Y"])
SERVICES = st.sampled_from(["", "区间", "快线", "大站", "支线"])


@given(AREAS, st.integers(1, 9999), st.sampled_from(["", "A", "B"]), SERVICES)
def test_however_a_line_is_dressed_it_is_that_line_and_no_other(
    area: str, number: int, branch: str, service: str
) -> None:
    plain = f"{area}{number}{branch}{service}"
    assert canonical_route(plain) == plain
    if not branch:
        assert canonical_route(f"{area}{number}路{service}") == plain
    if branch and not service:
        assert canonical_route(f"{area}{number}路{branch}线") == plain
    for dressed in (
        f"公交{plain}",
        f"{plain}(上行)",
        f"{plain}（下行）",
        f"{area} {plain[len(area) :]}",
    ):
        assert canonical_route(dressed) == plain


@given(
    *(st.tuples(AREAS, st.integers(1, 1999), st.sampled_from(["", "A"]), SERVICES) for _ in "ab")
)
def test_two_lines_never_become_one(
    one: tuple[str, int, str, str], other: tuple[str, int, str, str]
) -> None:
    names = [canonical_route(f"{area}{number}{b}{s}") for area, number, b, s in (one, other)]
    assert (names[0] == names[1]) == (one == other)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("49?é😀", "bad_sign"),
        ("-", "bad_sign"),
        ("8:41", "bad_sign"),
        ("08：41", "bad_sign"),
        ("9.33元", "bad_sign"),
    ],
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
