"""Following one's own report."""

import re
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from api.app import create_app
from pipeline.runtime import Runtime
from tests.api.visitor import CLAIM, PERSON, Visitor, photo
from tests.fixtures import Clock


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    """The application over a fresh installation."""
    return create_app(runtime)


@pytest.fixture
def slip(app: FastAPI) -> tuple[str, str]:
    """Number and code of a report that was received."""
    page = Visitor(app).begin()
    done = page.fill().submit().text
    number, code = (
        re.search(r'class="number">([^<]+)<', done),
        re.search(r'id="code">([^<]+)<', done),
    )
    assert number is not None
    assert code is not None
    return number[1], code[1]


def opened(app: FastAPI, slip: tuple[str, str]) -> Visitor:
    """A browser that typed number and code."""
    visitor = Visitor(app)
    answer = visitor.post("/s", report_number=slip[0], secret_code=slip[1])
    assert answer.headers.get("location") == "/s/report", answer.text
    return visitor


def test_number_and_code_open_the_report(app: FastAPI, slip: tuple[str, str]) -> None:
    page = opened(app, slip).get("/s/report").text
    for shown in (slip[0], "已受理", "最迟 2026年3月16日 星期一 答复", "沪A12345"):
        assert shown in page
    assert slip[1] not in page


@pytest.mark.parametrize("typed", ["{code}", "{plain}", "{wide}", " {dashed} "])
def test_the_code_may_be_typed_in_any_grouping(
    app: FastAPI, slip: tuple[str, str], typed: str
) -> None:
    plain = slip[1].replace(" ", "")
    wide = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in plain)
    text = typed.format(code=slip[1], plain=plain, wide=wide, dashed=slip[1].replace(" ", "-"))
    opened(app, (slip[0], text))


def test_a_wrong_number_and_a_wrong_code_are_told_alike(
    app: FastAPI, slip: tuple[str, str]
) -> None:
    visitor = Visitor(app)
    answers = [
        visitor.post("/s", report_number=number, secret_code=code)
        for number, code in (
            (slip[0], "0" * 16),
            ("20260311-0000000", slip[1]),
            ("", ""),
            ("x" * 29, "\x00"[:0]),
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert {tuple(Visitor.problems(answer)) for answer in answers} == {
        ("编号或查询码不对。请核对后重新输入。",)
    }


def test_too_many_wrong_codes_wait(app: FastAPI, slip: tuple[str, str]) -> None:
    visitor = Visitor(app)
    for _ in range(5):
        visitor.post("/s", report_number=slip[0], secret_code="0" * 16)
    answer = visitor.post("/s", report_number=slip[0], secret_code=slip[1])
    assert answer.status_code == 429
    assert "之后再试" in answer.text


def test_without_a_session_the_way_leads_to_the_form(app: FastAPI) -> None:
    visitor = Visitor(app)
    for path in (
        "/s/report",
        "/s/withdraw",
        "/s/report/media/proof",
        f"/s/report/media/{'0' * 64}/poster",
    ):
        assert visitor.get(path).headers.get("location") == "/s"


def test_a_session_shows_its_own_report_only(app: FastAPI, slip: tuple[str, str]) -> None:
    other = Visitor(app).begin()
    other.upload(photo(99))
    sha256 = re.findall(r"files/([0-9a-f]{64})/remove", other.get(other.at("evidence")).text)[0]
    visitor = opened(app, slip)
    assert visitor.get(f"/s/report/media/{sha256}/poster").status_code == 404
    assert visitor.get("/s/report/media/proof").status_code == 404
    own = re.findall(r"media/([0-9a-f]{64})/poster", visitor.get("/s/report").text)[0]
    assert visitor.get(f"/s/report/media/{own}/poster").headers["content-type"] == "image/jpeg"


def test_material_is_added(app: FastAPI, slip: tuple[str, str]) -> None:
    visitor = opened(app, slip)
    files = {"file": ("more.jpg", photo(77), "image/jpeg")}
    answer = visitor.client.post("/s/report/files", data={"csrf": visitor.token}, files=files)
    assert answer.status_code == 303
    assert "more.jpg" in visitor.get("/s/report").text
    bad = visitor.client.post(
        "/s/report/files", data={"csrf": visitor.token}, files={"file": ("a.svg", b"<svg/>" * 9)}
    )
    assert bad.status_code == 415
    told = {"accept": "application/json", "x-csrf-token": visitor.token}
    scripted = visitor.client.post(
        "/s/report/files", files={"file": ("third.jpg", photo(78))}, headers=told
    )
    assert (scripted.status_code, len(scripted.json()["files"])) == (201, 1)
    refused = visitor.client.post(
        "/s/report/files", files={"file": ("a.gif", b"GIF89a" * 9)}, headers=told
    )
    assert (refused.status_code, refused.json()["code"]) == (415, "TYPE_NOT_ALLOWED")
    none = visitor.client.post(
        "/s/report/files", data={"csrf": visitor.token}, files={"file": ("", b"")}
    )
    assert "还没有选择文件" in none.text


def test_where_no_calendar_reaches_no_day_is_promised(app: FastAPI, clock: Clock) -> None:
    clock.at = datetime(2027, 1, 5, 2, 0, tzinfo=UTC)
    visitor = Visitor(app).begin()
    visitor.upload()
    assert visitor.post(visitor.at("claim"), **CLAIM | {"day": "2026-12-31"}).status_code == 303
    assert visitor.post(visitor.at("contact"), **PERSON).status_code == 303
    assert "已超过有奖期限" not in visitor.get(visitor.at("check")).text  # unknown is not late
    assert visitor.submit().url.path == "/s/receipt"
    page = visitor.get("/s/report").text
    assert "等待核查" in page
    assert "最迟" not in page


def test_withdrawing_asks_first_and_happens_once(app: FastAPI, slip: tuple[str, str]) -> None:
    visitor = opened(app, slip)
    assert "不能恢复" in visitor.get("/s/withdraw").text
    assert visitor.post("/s/withdraw").status_code == 303
    page = visitor.get("/s/report").text
    assert "已撤回" in page
    assert "/s/withdraw" not in page
    assert visitor.post("/s/withdraw").status_code == 409


def test_leaving_ends_the_session(app: FastAPI, slip: tuple[str, str]) -> None:
    visitor = opened(app, slip)
    token = visitor.client.cookies.get("reporter")
    assert token
    visitor.post("/s/leave")
    visitor.client.cookies.set("reporter", token)
    assert visitor.get("/s/report").headers.get("location") == "/s"
