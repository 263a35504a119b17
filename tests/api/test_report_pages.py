"""From the first page to the receipt without a script, and all that can go wrong on the way."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.verifying import reading_files
from tests.api.visitor import CLAIM, PERSON, Visitor, number_and_code, photo
from tests.fixtures import Clock
from tests.verifiers.media import made_files


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    """The application over a fresh installation."""
    return create_app(runtime)


@pytest.fixture
def visitor(app: FastAPI) -> Visitor:
    """A passenger with an empty browser."""
    return Visitor(app)


def test_the_whole_way_without_a_script(visitor: Visitor) -> None:
    visitor.begin().fill()
    check = visitor.get(visitor.at("check")).text
    for shown in (
        "2026年3月10日 08:41",
        ">49<",
        "沪A12345",
        "西藏南路",
        "陆晓梅",
        "13800138000",
        "/poster",
    ):
        assert shown in check
    done = visitor.submit()
    assert done.url.path == "/s/receipt"
    number = re.search(r'class="number">([^<]+)<', done.text)
    code = re.search(r'id="code">([0-9 ]+)<', done.text)
    assert number is not None
    assert code is not None
    assert len(code[1].replace(" ", "")) == 16
    assert re.search(r"SHA-256 [0-9a-f]{64}", done.text)
    assert "2026年3月11日 10:00:00" in done.text
    assert visitor.get("/s/report").status_code == 200  # the receipt carries a session


def test_submitting_again_gives_the_same_receipt_with_a_new_code_in_place_of_the_first(
    visitor: Visitor,
) -> None:
    first = visitor.begin().fill().submit()
    number, code = number_and_code(first)
    looked = visitor.get(visitor.at("done"))
    assert looked.status_code == 409
    assert number in looked.text
    assert 'id="code"' not in looked.text
    again = visitor.submit()  # the button on that page; a reload of the form does the same
    assert again.url.path == "/s/receipt"
    assert number_and_code(again)[0] == number
    assert "那个查询码已经失效" in again.text
    assert "那个查询码已经失效" not in first.text
    assert visitor.get("/s/report").status_code == 200
    entered = {shown: visitor.post("/s", report_number=number, secret_code=shown).status_code
               for shown in (code, number_and_code(again)[1])}  # fmt: skip
    assert list(entered.values()) == [404, 303]


def test_a_receipt_that_is_loaded_again_shows_the_same_code_until_it_is_saved(
    visitor: Visitor,
) -> None:
    receipt = visitor.begin().fill().submit()
    for _ in range(2):
        assert number_and_code(visitor.get("/s/receipt")) == number_and_code(receipt)
    saved = visitor.post("/s/receipt/saved")
    assert saved.headers["location"] == "/s/report"
    assert visitor.get("/s/receipt").headers["location"] == "/s/report"


def test_a_session_that_was_opened_with_the_code_shows_no_receipt(visitor: Visitor) -> None:
    number, code = number_and_code(visitor.begin().fill().submit())
    other = Visitor(visitor.app)
    assert other.get("/s/receipt").headers["location"] == "/s"
    other.post("/s", report_number=number, secret_code=code)
    assert other.get("/s/receipt").headers["location"] == "/s/report"


def test_the_database_alone_does_not_open_the_code_of_a_receipt(
    visitor: Visitor, settings: Settings
) -> None:
    _, code = number_and_code(visitor.begin().fill().submit())
    kept = b"".join(path.read_bytes() for path in settings.home.glob("*.sqlite3*"))
    assert code.replace(" ", "").encode() not in kept
    assert visitor.client.cookies["reporter"].encode() not in kept


def test_progress_is_one_press_away_where_the_session_is_there(visitor: Visitor) -> None:
    number, _ = number_and_code(visitor.begin().fill().submit())
    assert f'href="/s/report">{number}</a>' in visitor.get("/s").text
    assert number not in Visitor(visitor.app).get("/s").text


def test_the_first_code_s_session_ends_with_it(visitor: Visitor) -> None:
    visitor.begin().fill().submit()
    stolen = visitor.client.cookies["reporter"]
    assert visitor.submit().url.path == "/s/receipt"
    thief = Visitor(visitor.app)
    thief.client.cookies.set("reporter", stolen)
    assert thief.get("/s/report").headers["location"] == "/s"


def test_once_the_draft_would_have_expired_there_is_no_other_code(
    visitor: Visitor, clock: Clock
) -> None:
    visitor.begin().fill().submit()
    clock.forward(days=7)
    for answer in (visitor.submit(), visitor.get(visitor.at("done"))):
        assert answer.status_code == 409
        assert 'action="/r/' not in answer.text
        assert 'id="code"' not in answer.text


def test_nobody_without_the_draft_s_key_gets_another_code(visitor: Visitor) -> None:
    visitor.begin().fill().submit()
    stranger = Visitor(visitor.app)
    stranger.report_id = visitor.report_id
    assert stranger.submit().status_code == 404
    other = Visitor(visitor.app).begin().fill()
    other.submit()
    key = other.client.cookies["draft"]
    other.client.cookies.clear()
    other.client.cookies.set("draft", key)
    other.report_id = visitor.report_id
    other.token = other.token_of(other.get("/r").text)
    assert other.submit().status_code == 404


def test_a_code_in_the_bus_prefills_the_claim_and_nothing_else(visitor: Visitor) -> None:
    home = visitor.get("/?line=49&plate=沪a-12345").text
    assert "/r?line=49&amp;plate=%E6%B2%AAA12345" in home
    page = visitor.get("/?line=<script>alert(1)</script>&plate=nonsense").text
    shown = re.sub(
        r'href="[^"]*"', "", page
    )  # the other language's address keeps what was asked, percent-encoded
    assert "<script>alert" not in page
    assert "alert" not in shown
    assert "nonsense" not in shown
    answer = visitor.post("/r", category="smoking_or_phone", line="49", plate="沪A12345")
    visitor.report_id = answer.headers["location"].split("/")[2]
    assert 'value="沪A12345"' in visitor.get(visitor.at("claim")).text


def test_an_unknown_kind_is_asked_again(visitor: Visitor) -> None:
    answer = visitor.post("/r", category="flying")
    assert answer.status_code == 422
    assert "出错：" in answer.text
    assert "flying" not in answer.text


def test_missing_answers_are_named_together_and_linked(visitor: Visitor) -> None:
    visitor.begin().upload()
    answer = visitor.post(visitor.at("claim"))
    assert answer.status_code == 422
    for field in ("violated_at", "route", "plate"):
        assert f'<a href="#{field}">' in answer.text
        assert f'id="{field}"' in answer.text


@pytest.mark.parametrize("page", ["evidence", "claim"])
def test_without_a_file_nobody_gets_past_the_files(visitor: Visitor, page: str) -> None:
    visitor.begin()
    answer = visitor.post(visitor.at(page), **CLAIM)
    assert answer.status_code == 422
    assert '<a href="#file">' in answer.text
    assert 'id="file"' in answer.text
    kept = visitor.get(visitor.at("claim")).text  # what was typed is not lost
    assert ('value="沪A12345"' in kept) is (page == "claim")


def test_a_slip_in_one_field_keeps_all_others(visitor: Visitor) -> None:
    visitor.begin()
    answer = visitor.post(visitor.at("claim"), **CLAIM | {"plate": "not a plate", "clock": "24:00"})
    assert answer.status_code == 422
    assert 'value="not a plate"' in answer.text
    again = visitor.get(visitor.at("claim")).text
    assert 'value="49"' in again
    assert "西藏南路" in again


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"day": "2026-03-12"}, "还没有到"),
        ({"day": "2012-10-17"}, "还没有实施"),
        ({"clock": "23:59:60"}, "00:00 到 23:59"),
        ({"day": "2026-02-30"}, "正确的日期"),
        ({"day": "0001-01-01"}, "还没有实施"),
        ({"route": "☃"}, "线路名称不对"),
        ({"plate": "12345"}, "车牌格式不对"),
        ({"note": "a\x00b"}, "无法保存的字符"),
        ({"note": "x" * 1001}, "太长"),
    ],
)
def test_what_can_not_be_taken_says_what_to_do(
    visitor: Visitor, wrong: dict[str, str], says: str
) -> None:
    visitor.begin().upload()
    answer = visitor.post(visitor.at("claim"), **CLAIM | wrong)
    assert answer.status_code == 422
    assert any(says in problem for problem in visitor.problems(answer)), visitor.problems(answer)


@pytest.mark.parametrize(
    ("content", "name", "status", "says"),
    [
        (b"", "bus.jpg", 422, "文件是空的"),
        (b"<html><body>hello</body></html>", "bus.jpg", 415, "扩展名不符"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bus.svg", 415, "不支持这种文件"),
        (b"GIF89a" + b"\x00" * 40, "bus.gif", 415, "不支持这种文件"),
    ],
)
# A case of the table
def test_a_file_that_is_refused_leaves_nothing_behind(  # noqa: PLR0913, PLR0917
    visitor: Visitor, runtime: Runtime, content: bytes, name: str, status: int, says: str
) -> None:
    visitor.begin()
    answer = visitor.upload(content, name)
    assert answer.status_code == status
    assert any(says in problem for problem in visitor.problems(answer))
    kept = [path for path in (runtime.settings.home / "evidence").rglob("*") if path.is_file()]
    assert kept == []


def test_a_photo_of_a_red_light_is_refused_at_upload(visitor: Visitor) -> None:
    answer = visitor.begin("red_light").upload()
    assert answer.status_code == 422
    assert any("只收视频" in problem for problem in visitor.problems(answer))


def test_the_script_is_answered_with_the_same_words_as_data(visitor: Visitor) -> None:
    visitor.begin()
    headers = {"accept": "application/json", "x-csrf-token": visitor.token}
    good = visitor.client.post(
        visitor.at("files"), files={"file": ("a.jpg", photo())}, headers=headers
    )
    assert good.status_code == 201
    assert len(good.json()["files"]) == 1
    bad = visitor.client.post(
        visitor.at("files"), files={"file": ("a.jpg", b"nonsense" * 10)}, headers=headers
    )
    assert bad.status_code == 415
    assert bad.json()["code"] == "TYPE_MISMATCH"


def test_several_files_in_one_form_and_one_taken_out(visitor: Visitor) -> None:
    visitor.begin()
    files = [("file", (f"{shade}.jpg", photo(shade), "image/jpeg")) for shade in (10, 20, 30)]
    visitor.client.post(visitor.at("files"), data={"csrf": visitor.token}, files=files)
    page = visitor.get(visitor.at("evidence")).text
    hashes = re.findall(r"files/([0-9a-f]{64})/remove", page)
    assert len(hashes) == 3
    assert visitor.post(visitor.at(f"files/{hashes[1]}/remove")).status_code == 303
    left = re.findall(r"files/([0-9a-f]{64})/remove", visitor.get(visitor.at("evidence")).text)
    assert left == [hashes[0], hashes[2]]


def test_a_hostile_name_is_shown_as_text(visitor: Visitor) -> None:
    visitor.begin().upload(name="<img src=x onerror=alert(1)>.jpg")
    page = visitor.get(visitor.at("evidence")).text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_the_coach_speaks_after_reading_and_offers_what_the_file_says(
    visitor: Visitor, runtime: Runtime
) -> None:
    visitor.begin().upload()
    before = visitor.get(visitor.at("coach")).text
    assert 'data-reading="yes"' in before
    sha256 = re.findall(r"files/([0-9a-f]{64})/remove", visitor.get(visitor.at("evidence")).text)[0]
    assert reading_files.read_evidence(runtime, report_id=visitor.report_id, sha256=sha256)
    after = visitor.get(visitor.at("coach")).text
    assert 'data-reading="no"' in after
    assert "没有找到车牌" in after
    assert "由工作人员认定" in after


def test_the_coach_answers_a_changed_form_and_keeps_it(visitor: Visitor) -> None:
    visitor.begin().upload()
    answer = visitor.post(visitor.at("suggestions"), **CLAIM | {"day": "2027-01-01"})
    assert answer.status_code == 200
    assert "还没有到" in answer.text
    visitor.post(visitor.at("suggestions"), **CLAIM)
    assert 'value="沪A12345"' in visitor.get(visitor.at("claim")).text


def test_the_chip_shows_the_time_that_stands_in_the_file(
    visitor: Visitor, runtime: Runtime
) -> None:
    exif = made_files.tiff([], [made_files.text_entry(0x9003, "2026:03:10 08:41:20")])
    visitor.begin().upload(made_files.jpeg(exif=exif))
    sha256 = re.findall(r"files/([0-9a-f]{64})/remove", visitor.get(visitor.at("evidence")).text)[0]
    assert reading_files.read_evidence(runtime, report_id=visitor.report_id, sha256=sha256)
    page = visitor.get(visitor.at("claim")).text
    assert "time=2026-03-10T08:41" in page
    assert "08:39" not in page


def test_a_suggestion_is_taken_over_without_a_script(visitor: Visitor) -> None:
    visitor.begin()
    answer = visitor.post(visitor.at("claim"), **CLAIM | {"plate": "", "use": "plate=沪B73518"})
    assert answer.status_code == 200
    assert 'value="沪B73518"' in answer.text


def test_joint_reporters_are_added_removed_and_checked(visitor: Visitor) -> None:
    visitor.begin()
    more = visitor.post(visitor.at("contact"), **PERSON, add="yes")
    assert 'name="reporters.1.name"' in more.text
    two = PERSON | {"reporters.1.name": "陈建国", "reporters.1.phone": "13800138000"}
    same = visitor.post(visitor.at("contact"), **two)
    assert same.status_code == 422
    assert any("同一个手机号码" in problem for problem in visitor.problems(same))
    empty = visitor.post(
        visitor.at("contact"), **{"reporters.0.name": "", "reporters.1.phone": "13800138001"}
    )
    assert re.findall('href="#(reporters[^"]+)"', empty.text) == [
        "reporters.0.name",
        "reporters.0.phone",
    ]
    blank = PERSON | {
        "reporters.0.phone": "",
        "reporters.1.name": "",
        "reporters.1.phone": "13800138001",
    }
    both = visitor.post(visitor.at("contact"), **blank)
    assert re.findall('href="#(reporters[^"]+)"', both.text) == [
        "reporters.0.phone",
        "reporters.1.name",
    ]
    fewer = visitor.post(visitor.at("contact"), **two, remove="1")
    assert 'name="reporters.1.name"' not in fewer.text
    wrong = visitor.post(visitor.at("contact"), **two | {"reporters.1.phone": "123"})
    assert 'href="#reporters.1.phone"' in wrong.text


def test_late_is_said_before_submitting_and_does_not_refuse(visitor: Visitor, clock: Clock) -> None:
    visitor.begin().fill()
    clock.at += timedelta(days=3, hours=16)
    assert "已超过有奖期限" in visitor.get(visitor.at("check")).text
    assert visitor.submit().url.path == "/s/receipt"


def test_own_repeats_are_named_and_other_peoples_never(app: FastAPI, visitor: Visitor) -> None:
    first = visitor.begin().fill().submit()
    number = re.search(r'class="number">([^<]+)<', first.text)
    assert number is not None
    own = Visitor(app).begin()
    own.fill()
    assert number[1] in own.get(own.at("check")).text
    stranger = Visitor(app).begin()
    stranger.upload()
    stranger.post(stranger.at("claim"), **CLAIM)
    stranger.post(
        stranger.at("contact"), **{"reporters.0.name": "别的人", "reporters.0.phone": "13700137000"}
    )
    page = stranger.get(stranger.at("check")).text
    assert number[1] not in page
    assert number[1] not in stranger.submit().text


def test_truth_and_consent_are_both_asked(visitor: Visitor) -> None:
    visitor.begin().fill()
    assert any(
        "属实" in problem
        for problem in visitor.problems(visitor.post(visitor.at("done"), consent="yes"))
    )
    neither = visitor.problems(visitor.post(visitor.at("done")))
    assert ["属实" in problem for problem in neither] == [True, False]
    assert "同意" in neither[1]
    answer = visitor.post(visitor.at("done"), truth="yes")
    assert answer.status_code == 422
    assert any("同意" in problem for problem in visitor.problems(answer))
    assert visitor.submit().url.path == "/s/receipt"


PAGES = ("evidence", "files", "coach", "contact", "check", "done")


@pytest.mark.parametrize("page", PAGES)
def test_a_draft_is_nobody_elses(app: FastAPI, visitor: Visitor, page: str) -> None:
    visitor.begin().fill()
    stranger = Visitor(app)
    assert stranger.get(visitor.at(page)).status_code == 404
    stranger.begin()  # a draft of their own does not help
    assert stranger.get(visitor.at(page)).status_code == 404
    stranger.client.cookies.set(
        "draft", stranger.client.cookies.get("draft", path=f"/r/{stranger.report_id}") or ""
    )
    assert stranger.get(visitor.at(page)).status_code == 404
    assert stranger.get(f"/r/{'0' * 32}/{page}").status_code == 404


def test_two_drafts_in_one_browser_do_not_disturb_each_other(visitor: Visitor) -> None:
    visitor.begin()
    first = visitor.report_id
    visitor.begin("wrong_way")
    assert "逆向行驶" in visitor.get(visitor.at("claim")).text
    assert "驾驶时吸烟" in visitor.get(f"/r/{first}/claim").text


def test_an_expired_draft_says_so(visitor: Visitor, clock: Clock) -> None:
    visitor.begin()
    clock.forward(days=8)
    answer = visitor.get(visitor.at("evidence"))
    assert answer.status_code == 410
    assert "DRAFT_EXPIRED" in answer.text
    assert "3月18日" in answer.text  # until when it was kept


POSTS: list[Callable[[Visitor], str]] = [
    lambda _: "/r",
    lambda _: "/s",
    lambda _: "/login",
    lambda _: "/logout",
    lambda v: v.at("evidence"),
    lambda v: v.at("claim"),
    lambda v: v.at("use"),
    lambda v: v.at("suggestions"),
    lambda v: v.at("contact"),
    lambda v: v.at("done"),
    lambda v: v.at("files/" + "0" * 64 + "/remove"),
]


@pytest.mark.parametrize("path", POSTS)
def test_a_form_of_another_site_is_refused(
    visitor: Visitor, path: Callable[[Visitor], str]
) -> None:
    visitor.begin()
    client = visitor.client
    assert client.post(path(visitor), data={}).status_code == 403
    assert client.post(path(visitor), data={"csrf": "0" * 64}).status_code == 403
    foreign = {"sec-fetch-site": "cross-site"}
    assert (
        client.post(path(visitor), data={"csrf": visitor.token}, headers=foreign).status_code == 403
    )
    origin = {"origin": "https://elsewhere.example"}
    assert (
        client.post(path(visitor), data={"csrf": visitor.token}, headers=origin).status_code == 403
    )


def test_a_file_without_the_forms_token_is_not_stored(
    app: FastAPI, visitor: Visitor, runtime: Runtime
) -> None:
    visitor.begin()
    answer = visitor.client.post(visitor.at("files"), files={"file": ("a.jpg", photo())})
    assert answer.status_code == 403
    other = Visitor(app)
    answer = visitor.client.post(
        visitor.at("files"), data={"csrf": other.token}, files={"file": ("a.jpg", photo())}
    )
    assert answer.status_code == 403
    assert [
        path for path in (runtime.settings.home / "evidence").rglob("*") if path.is_file()
    ] == []


def test_a_body_that_ends_early_keeps_nothing(visitor: Visitor, runtime: Runtime) -> None:
    visitor.begin()
    body = (
        f'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{visitor.token}\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    ).encode() + photo()
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = visitor.client.post(visitor.at("files"), content=body, headers=headers)
    assert answer.status_code == 400
    assert [
        path for path in (runtime.settings.home / "evidence").rglob("*") if path.is_file()
    ] == []


def test_a_declared_length_over_the_limit_is_refused_unread(visitor: Visitor) -> None:
    visitor.begin()
    headers = {
        "content-type": "multipart/form-data; boundary=x",
        "content-length": str(600 * 2**20),
    }
    answer = visitor.client.post(visitor.at("files"), content=iter([b"--x\r\n"]), headers=headers)
    assert answer.status_code == 413
    form = visitor.client.post(
        "/s",
        content=b"a=" + b"x" * 300_000,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert form.status_code == 413


def test_the_other_language_keeps_what_the_code_in_the_bus_said(visitor: Visitor) -> None:
    assert (
        'href="/?line=49&amp;plate=%E6%B2%AAA12345&amp;lang=en"'
        in visitor.get("/?line=49&plate=沪A12345").text
    )


def test_english_is_remembered(visitor: Visitor) -> None:
    assert "Tell us" in visitor.get("/?lang=en").text
    assert '<html lang="en">' in visitor.get("/r").text
    assert '<html lang="zh-CN">' in visitor.get("/r?lang=zh").text
    assert '<html lang="zh-CN">' in TestClient(visitor.app).get("/?lang=xx").text


# -- two tabs, other browsers, coming back ---------------------------------------------------------


def shown_in(page: str) -> str:
    found = re.search(r'name="shown"[^>]* value="([0-9a-f]*)"', page)
    assert found is not None
    return found[1]


def test_a_stale_tab_is_told_and_shown_both_and_loses_nothing(visitor: Visitor) -> None:
    visitor.begin().upload()
    stale = shown_in(visitor.get(visitor.at("claim")).text)
    fresh = {**CLAIM, "route": "71", "place": "延安东路"}
    assert visitor.post(visitor.at("claim"), **fresh, shown=stale).status_code == 303
    answer = visitor.post(visitor.at("claim"), **CLAIM, shown=stale)
    assert answer.status_code == 409
    assert "另一个标签页" in answer.text
    assert "71" in answer.text  # what was saved elsewhere
    assert "延安东路" in answer.text
    assert f'value="{CLAIM["route"]}"' in answer.text  # what was typed here
    kept = visitor.get(visitor.at("claim")).text
    assert 'value="71"' in kept
    again = visitor.post(visitor.at("claim"), **CLAIM, shown=shown_in(answer.text))
    assert again.headers["location"] == visitor.at("contact")


def test_a_tab_that_saved_itself_is_not_stale(visitor: Visitor) -> None:
    visitor.begin().upload()
    seen = shown_in(visitor.get(visitor.at("claim")).text)
    fragment = visitor.post(visitor.at("suggestions"), **CLAIM, shown=seen).text
    found = re.search(r'data-shown="([0-9a-f]+)"', fragment)
    assert found is not None
    assert found[1] != seen
    other = {**CLAIM, "route": "71"}
    assert visitor.post(visitor.at("claim"), **other, shown=found[1]).status_code == 303
    assert "data-shown" not in visitor.get(visitor.at("suggestions")).text  # looking saves nothing


def test_the_coach_of_a_stale_tab_saves_nothing(visitor: Visitor) -> None:
    visitor.begin().upload()
    stale = shown_in(visitor.get(visitor.at("claim")).text)
    visitor.post(visitor.at("claim"), **{**CLAIM, "route": "71"}, shown=stale)
    fragment = visitor.post(visitor.at("suggestions"), **CLAIM, shown=stale).text
    assert "data-shown" not in fragment
    assert "另一个标签页" in fragment
    assert 'value="71"' in visitor.get(visitor.at("claim")).text


def test_stale_contact_details_are_told_too(visitor: Visitor) -> None:
    visitor.begin().upload()
    stale = shown_in(visitor.get(visitor.at("contact")).text)
    other = {**PERSON, "reporters.0.name": "李雷"}
    assert visitor.post(visitor.at("contact"), **other, shown=stale).status_code == 303
    answer = visitor.post(visitor.at("contact"), **PERSON, shown=stale)
    assert answer.status_code == 409
    assert "李雷" in answer.text
    assert PERSON["reporters.0.name"] in answer.text
    assert "李雷" in visitor.get(visitor.at("contact")).text


def test_nobody_declares_what_another_tab_has_changed_since(visitor: Visitor) -> None:
    visitor.begin().fill()
    seen = shown_in(visitor.get(visitor.at("check")).text)
    visitor.post(visitor.at("claim"), **{**CLAIM, "route": "71"})
    answer = visitor.post(visitor.at("done"), truth="yes", consent="yes", shown=seen)
    assert answer.status_code == 409
    assert "71" in answer.text
    fresh = shown_in(answer.text)
    done = visitor.post(visitor.at("done"), truth="yes", consent="yes", shown=fresh)
    assert done.status_code in {201, 303}


def test_another_browser_is_told_that_the_draft_is_elsewhere(visitor: Visitor) -> None:
    visitor.begin()
    answer = Visitor(visitor.app).get(visitor.at("evidence"))
    assert answer.status_code == 404
    assert "DRAFT_ELSEWHERE" in answer.text
    assert answer.text.count("DRAFT_ELSEWHERE") == Visitor(visitor.app).get(
        f"/r/{'0' * 32}/evidence"
    ).text.count("DRAFT_ELSEWHERE")


def test_a_browser_knows_its_draft_longer_than_the_draft_lives(visitor: Visitor) -> None:
    opened = visitor.post("/r", category="wrong_way")
    (cookie,) = [c for c in opened.headers.get_list("set-cookie") if "HttpOnly" in c and "/r/" in c]
    found = re.search(r"Max-Age=(\d+)", cookie)
    assert found is not None
    assert int(found[1]) == 37 * 86_400


@pytest.mark.parametrize("page", ["evidence", "contact", "check", "done"])
def test_who_goes_back_after_the_receipt_is_told_its_number(visitor: Visitor, page: str) -> None:
    visitor.begin().fill()
    number = number_and_code(visitor.submit())[0]
    answer = visitor.client.get(visitor.at(page), follow_redirects=True)
    assert answer.status_code == 409
    assert number in answer.text
    assert "已经提交" in answer.text


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "请填写能联系到您的电话号码"), ("12345", "这个号码无法拨通")],
)
def test_a_number_that_is_missing_is_not_called_wrong(
    visitor: Visitor, typed: str, code: str
) -> None:
    visitor.begin().upload()
    answer = visitor.post(visitor.at("contact"), **{**PERSON, "reporters.0.phone": typed})
    assert code in answer.text


@pytest.mark.parametrize("typed", ["+85291234567", "0085291234567", "+852 9123 4567"])
def test_a_valid_number_abroad_is_taken(visitor: Visitor, typed: str) -> None:
    visitor.begin().fill()
    answer = visitor.post(visitor.at("contact"), **{**PERSON, "reporters.0.phone": typed})
    assert answer.headers.get("location") == visitor.at("check")
    assert "+85291234567" in visitor.get(visitor.at("check")).text
