"""Following one's own report."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI

from api.app import create_app
from pipeline.runtime import Runtime
from pipeline.store import reports
from tests.api.staff import Browser, hidden, plain
from tests.api.visitor import CLAIM, PERSON, Visitor, number_and_code, photo
from tests.fixtures import Clock
from tests.pipeline.desk import Desk


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


def test_a_report_is_read_elsewhere_in_the_language_that_it_was_made_in(app: FastAPI) -> None:
    english = Visitor(app)
    english.get("/?lang=en")
    made = number_and_code(english.begin().fill().submit())
    assert '<html lang="en">' in opened(app, made).get("/s/report").text
    chosen = Visitor(app)
    chosen.get("/?lang=zh")
    chosen.post("/s", report_number=made[0], secret_code=made[1])
    assert '<html lang="zh-CN">' in chosen.get("/s/report").text


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


# -- what the officer tells ------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A reporter whose browser has the report open, and an officer who has it on the desk."""

    desk: Desk
    reporter: Visitor
    officer: Browser

    def page(self) -> str:
        """The reporter's page, in English, tags taken out."""
        return plain(self.reporter.get("/s/report?lang=en").text)

    def post(self, action: str, /, **fields: str | list[str]) -> str:
        """What the officer does with the form of the case page; where it leads."""
        path = f"/ops/reports/{self.reporter.report_id}/{action}"
        case_id = self.desk.case(self.reporter.report_id).case_id
        page = self.officer.page(f"/ops/cases/{case_id}?report={self.reporter.report_id}")
        return self.officer.done(path, row_version=hidden(page, "row_version"), **fields)


@pytest.fixture
def told(desk: Desk, browser: Callable[[str], Browser]) -> Told:
    """A verified report, nobody asked or answered yet."""
    reporter = Visitor(create_app(desk.runtime)).begin()
    assert reporter.fill().submit().url.path == "/s/receipt"
    desk.verify(reporter.report_id)
    return Told(desk, reporter, browser("officer"))


ASKED = "We need something more from you"
SHOULD_SHOW = "What you send should show:"


def test_who_is_asked_for_more_sees_what_to_show_and_until_when(told: Told) -> None:
    assert ASKED not in told.page()
    told.post("ask", text="The plate is hidden <behind> a tree.", sights=["plate", "time"])
    page = told.page()
    assert "The plate is hidden <behind> a tree." in page  # escaped: no tag was taken out
    asked = page[page.index(ASKED) : page.index("Progress")]
    assert f"{SHOULD_SHOW} Plate Time Please" in asked
    assert "add it by Friday 13 March 2026: by then we answer" in asked


def test_who_is_asked_in_words_alone_sees_no_list(told: Told) -> None:
    told.post("ask", text="Which crossing was it?")
    page = told.page()
    assert "Which crossing was it?" in page
    assert SHOULD_SHOW not in page


def test_only_what_was_asked_last_stands_on_the_page(told: Told) -> None:
    told.post("ask", text="First question.", sights=["plate"])
    files = {"file": ("more.jpg", photo(77), "image/jpeg")}
    data = {"csrf": told.reporter.token}
    assert told.reporter.client.post("/s/report/files", data=data, files=files).is_redirect
    assert ASKED not in told.page()  # they have sent something: it is read now
    told.desk.clock.move(minutes=1)
    told.desk.verify(told.reporter.report_id, told.desk.case(told.reporter.report_id).case_id)
    told.post("ask", text="Second question.", sights=["route"])
    page = told.page()
    assert "Second question." in page
    assert "First question." not in page
    assert f"{SHOULD_SHOW} Line Please" in page


def test_where_no_calendar_reaches_who_is_asked_is_given_no_day(told: Told) -> None:
    with told.desk.runtime.write() as work:
        reports.change(work.connection, told.reporter.report_id, answer_due_at=None)
    told.post("ask", text="More, please.", sights=["plate"])
    page = told.page()
    assert ASKED in page
    assert "by then we answer" not in page


def test_the_note_of_the_answer_reaches_the_reporter_once_it_is_sent(told: Told) -> None:
    note = "The officer's word <to you>: thank you."
    told.post(
        "decide", verdict="unsubstantiated", reasons_unsubstantiated="NO_VIOLATION", note=note
    )
    assert note not in told.page()  # it can still be undone
    told.desk.tell()
    page = told.page()
    answer = page[page.index("The answer") : page.index("Progress")]
    assert note in answer


def test_an_answer_without_a_note_leaves_no_empty_place(told: Told) -> None:
    told.post("decide", verdict="unsubstantiated", reasons_unsubstantiated="NO_VIOLATION", note="")
    told.desk.tell()
    assert 'class="said"' not in told.reporter.get("/s/report").text


def test_the_json_api_tells_what_the_page_tells(
    desk: Desk, browser: Callable[[str], Browser]
) -> None:
    reporter = Visitor(create_app(desk.runtime)).begin()
    number, code = number_and_code(reporter.fill().submit())
    desk.verify(reporter.report_id)
    told = Told(desk, reporter, browser("officer"))
    told.post("ask", text="The plate, please.", sights=["plate", "time"])
    said = {"report_number": number, "secret_code": code}
    token = reporter.client.post("/api/v1/session", json=said).json()["token"]

    def report() -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token}"}
        answer: dict[str, Any] = reporter.client.get("/api/v1/report", headers=headers).json()
        return answer

    asked = report()
    assert asked["asked_for"] == "The plate, please."
    assert asked["asked_sights"] == ["plate", "time"]
    assert (asked["answer"], asked["shares"]) == (None, [])
    told.post(
        "decide", verdict="substantiated", reasons_substantiated="VIOLATION_SEEN", note="Thank you."
    )
    desk.tell()
    answered = report()
    assert answered["asked_sights"] == []
    assert {name: answered["answer"][name] for name in ("verdict", "note", "entitlement")} == {
        "verdict": "substantiated",
        "note": "Thank you.",
        "entitlement": "first",
    }
    assert [share["amount_fen"] for share in answered["shares"]] == [5000]
    assert [step["code"] for step in answered["timeline"]][:1] == ["received"]
    assert set(answered["files"][0]) == {"sha256", "kind", "size_bytes", "file_name", "read"}
