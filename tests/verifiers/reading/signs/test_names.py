"""Which names a text can stand for, and how each stands in it."""

import pytest

from verifiers.reading.signs.names import WEIGHTS, Manner, is_whole, names_in

NAMED = {
    "49": ("49", Manner.WHOLE),
    "K4": ("K4", Manner.WHOLE),
    "71路": ("71", Manner.WHOLE),
    "线路: 49路": ("49", Manner.WHOLE),
    "926路区间": ("926区间", Manner.WHOLE),
    "118 大站车": ("118大站", Manner.WHOLE),
    "隧道三线": ("隧道三线", Manner.WHOLE),
    "机场一线": ("机场一线", Manner.WHOLE),
    "申崇二线": ("申崇二线", Manner.WHOLE),
    "上嘉线": ("上嘉线", Manner.WHOLE),
    "浦东11路": ("浦东11", Manner.WHOLE),
    "夜宵1": ("夜宵1", Manner.AREA),
    "夜宵 307": ("夜宵307", Manner.AREA),
    "嘉定1": ("嘉定1", Manner.AREA),
    "149 上海南站": ("149", Manner.FIRST),
    "K9 汕头大学": ("K9", Manner.FIRST),
    "71 外滩": ("71", Manner.FIRST),
    "71 延安东路外滩": ("71", Manner.FIRST),
    "220 ARLINGTON": ("220", Manner.FIRST),
    "28X BROADVIEW": ("28X", Manner.FIRST),
    "21 VIA 35TH AVE SH": ("21", Manner.FIRST),
    "4 VIA WALNUT": ("4", Manner.FIRST),
    "上海南站 149": ("149", Manner.LAST),
    "Punggol 382G": ("382G", Manner.LAST),
    "149上海南站": ("149", Manner.GLUED_FIRST),
    "903LAKE STEVENS TC": ("903", Manner.GLUED_FIRST),
    "208SNOQUALMIERIDGE": ("208", Manner.GLUED_FIRST),
    "256WOODINVILLE P&R": ("256", Manner.GLUED_FIRST),
    "53TACOMA MALL": ("53", Manner.GLUED_FIRST),
    "578VIA FEDERAL WAY": ("578", Manner.GLUED_FIRST),
    ">CLEMENTI TER64": ("64", Manner.GLUED_LAST),
    "开往上海南站149": ("149", Manner.GLUED_LAST),
    "上海南站—149—徐家汇": ("149", Manner.BETWEEN),
    "火车站1路梅树园": ("1", Manner.WITH_ROAD),
    "日95": ("95", Manner.PICTOGRAM),
    "E AURORA VILLAGE TC": ("E", Manner.LETTER_FIRST),
}

NOT_NAMED = (
    "12:48:05", "2:30", "6:43 PM", "2015/05/11", "8月1日", "2015年5月",  # times
    "12.5元", "¥5", "$5", "投币2元",  # prices
    "JURONG WEST ST 64", "35TH AVE", "30 AVE & NILU", "建国路12号", "3号楼",  # streets
    "021-62345678", "62345678", "13812345678", "服务热线 96", "电话 62",  # phone numbers
    "沪A12345", "沪A·12345", "SBS3843R", "B2893", "AOGT30",  # plates
    "自编号 3162", "BUS # 38", "NO.45",  # vehicles' own numbers
    "服务热线", "一米线", "斑马线", "地铁2号线",  # lines of another kind
    "限速40KM/H", "10MIN", "24 HOURS", "50 SEATS", "核载45人", "T2 机场", "5G信号", "车门2",
    "欢迎乘坐", "TRANSIT", "B", "000",
)  # fmt: skip


@pytest.mark.parametrize(("text", "named"), NAMED.items())
def test_a_text_gives_its_name_and_how_it_stands(text: str, named: tuple[str, Manner]) -> None:
    assert [tuple(name) for name in names_in(text)] == [named]


@pytest.mark.parametrize("text", NOT_NAMED)
def test_a_text_that_says_something_else_names_no_line(text: str) -> None:
    assert names_in(text) == []


def test_a_number_in_brackets_is_another_name_of_the_same_line() -> None:
    assert [name.manner for name in names_in("510(1-19)")] == [
        Manner.WHOLE, Manner.OUTER, Manner.INNER,
    ]  # fmt: skip


def test_only_a_whole_text_is_a_sign_of_its_own() -> None:
    assert is_whole("926路")
    assert is_whole("夜宵 307")
    assert not is_whole("149 上海南站")
    assert not is_whole("12:48:05")


def test_every_manner_has_its_weight_and_one_letter_is_never_sure() -> None:
    assert set(WEIGHTS) == set(Manner)
    assert WEIGHTS[Manner.LETTER_FIRST] < 0.7
