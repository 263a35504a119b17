"""Who may see what: secrets in no address, page or log but the receipt; sessions.

Nothing about other people (R17).
"""

import logging
import re
from collections.abc import Callable, Iterator

import httpx2
import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import SECURITY_HEADERS, create_app
from pipeline.answering import proving
from pipeline.receiving import reporters
from pipeline.runtime import Runtime
from pipeline.staff import accounts
from pipeline.verifying import verification
from tests.api.staff import Browser
from tests.api.test_roles import address, routes_of
from tests.api.visitor import CLAIM, Visitor, number_and_code, photo
from tests.pipeline.desk import Desk
from tests.served import served

NAME, PHONE, EMAIL = "阙淼淼Zyxwv", "13912345678", "canary.zyxwv@example.org"
TYPED_PHONE = "139 1234 5678"
PEOPLE = {"reporters.0.name": NAME, "reporters.0.phone": TYPED_PHONE, "reporters.0.email": EMAIL}


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    """The application over a fresh installation."""
    return create_app(runtime)


# -- headers ---------------------------------------------------------------------------------------


def test_every_route_answers_with_every_security_header(app: FastAPI) -> None:
    client = TestClient(app, follow_redirects=False)
    routes = routes_of(app.routes)
    assert len(routes) > 60
    for route in routes:
        method, path = address(route)
        answer = (
            client.get("/static/app.css") if method == "MOUNT" else client.request(method, path)
        )
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.get(name) == value, (route, name)


# -- sessions --------------------------------------------------------------------------------------


def test_a_reporters_session_that_was_laid_down_beforehand_is_worth_nothing(app: FastAPI) -> None:
    number, code = number_and_code(Visitor(app).begin().fill().submit())
    planted = "A" * 43
    victim = Visitor(app)
    victim.client.cookies.set("reporter", planted)
    answer = victim.post("/s", report_number=number, secret_code=code)
    (given,) = (
        cookie for cookie in answer.headers.get_list("set-cookie") if cookie.startswith("reporter=")
    )
    assert planted not in given
    for flag in ("HttpOnly", "Path=/", "SameSite=lax"):
        assert flag in given
    assert "Max-Age" not in given  # gone with the browser
    attacker = Visitor(app)
    attacker.client.cookies.set("reporter", planted)
    assert attacker.get("/s/report").headers["location"] == "/s"


def test_every_log_in_is_a_new_session_and_leaving_ends_it(
    desk: Desk, browser: Callable[[str], Browser]
) -> None:
    staff = browser("officer")
    first = staff.client.cookies["staff"]
    answer = staff.post("/login", login="officer", password="a long pass word")
    assert answer.headers["set-cookie"].startswith("staff=")
    for flag in ("HttpOnly", "SameSite=strict"):
        assert flag in answer.headers["set-cookie"]
    second = staff.client.cookies["staff"]
    assert first != second
    staff.post("/logout")
    with desk.runtime.read() as work:
        assert accounts.who(work, second) is None


def test_a_session_of_one_kind_opens_nothing_of_the_other(
    desk: Desk, browser: Callable[[str], Browser]
) -> None:
    report_id = desk.report()
    with desk.runtime.write() as work:
        token = accounts.reporter_session(work, report_id)
    staff = browser("officer")
    assert (
        staff.client.get("/api/v1/report", headers={"authorization": f"Bearer {token}"}).status_code
        == 200
    )
    stolen = staff.client.cookies["staff"]
    assert (
        staff.client.get(
            "/api/v1/report", headers={"authorization": f"Bearer {stolen}"}
        ).status_code
        == 401
    )
    stranger = browser("")
    stranger.client.cookies.set("staff", token)
    assert stranger.get("/ops").headers["location"].startswith("/login")


# -- one answer for what is missing and what is somebody else's ------------------------------------


def test_a_foreign_draft_and_none_are_answered_alike(app: FastAPI) -> None:
    owner, stranger = Visitor(app).begin().fill(), Visitor(app).begin()
    for page in ("evidence", "files", "coach", "contact", "check", "done"):
        foreign, missing = stranger.get(owner.at(page)), stranger.get(f"/r/{'0' * 32}/{page}")
        assert (foreign.status_code, foreign.text) == (missing.status_code, missing.text)
    owner.submit()
    for page in ("evidence", "done"):  # nor does a report's address tell that there is one
        foreign, missing = stranger.get(owner.at(page)), stranger.get(f"/r/{'0' * 32}/{page}")
        assert (foreign.status_code, foreign.text) == (missing.status_code, missing.text)
    one = TestClient(app).post("/api/v1/drafts").json()
    key = {"authorization": f"Bearer {one['draft_key']}"}
    for part in ("", "/coach"):
        foreign = TestClient(app).get(f"/api/v1/drafts/{owner.report_id}{part}", headers=key)
        missing = TestClient(app).get(f"/api/v1/drafts/{'0' * 32}{part}", headers=key)
        assert (
            (foreign.status_code, foreign.json())
            == (missing.status_code, missing.json())
            == (404, missing.json())
        )


# -- nothing about anybody else --------------------------------------------------------------------


def own_page(desk: Desk, report_id: str) -> str:
    """The report's page and the API's answer as its reporter gets them."""
    with desk.runtime.write() as work:
        token = accounts.reporter_session(work, report_id)
    client = TestClient(create_app(desk.runtime), headers={"accept-language": "en"})
    client.cookies.set("reporter", token)
    page = client.get("/s/report?lang=en")
    body = client.get("/api/v1/report", headers={"authorization": f"Bearer {token}"})
    assert (page.status_code, body.status_code) == (200, 200)
    return (
        re.sub('value="[0-9a-f]{64}"', "", page.text) + body.text
    )  # form tokens are the browser's own


def test_of_two_reports_of_one_incident_each_tells_of_itself_only(desk: Desk) -> None:
    first = desk.report(names=["甲某某"], people=2)
    case_id = desk.case(first).case_id
    second = desk.report(names=["乙某某"], case_id=case_id)
    number_of = {report.report_id: report.report_number for report in desk.case(first).reports}
    before = own_page(desk, second)
    desk.decide(first)
    desk.tell()
    assert own_page(desk, second) == before
    desk.decide(second)
    desk.tell()
    told = own_page(desk, second)
    assert "Confirmed" in told
    for foreign in (number_of[first], "甲某某", "13800010000", first, case_id, "25.00", "50.00"):
        assert foreign not in told
    assert number_of[second] not in own_page(desk, first)
    assert "25.00 yuan" in own_page(desk, first)


# -- the secret code, and what a log may know ------------------------------------------------------


@pytest.fixture
def site(app: FastAPI) -> Iterator[str]:
    """The application served as the product does it, by a server that logs all it can."""
    with served(app, log_level="trace") as site:
        yield site


def test_nothing_of_a_reporter_is_logged_and_the_code_stands_on_the_receipt_only(
    site: str, runtime: Runtime, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    for ours in ("httpx2", "httpcore", "httpcore2"):  # the test's own browser
        logging.getLogger(ours).setLevel(logging.CRITICAL)
    answers: list[httpx2.Response] = []
    with (
        structlog.testing.capture_logs() as told,
        httpx2.Client(base_url=site, event_hooks={"response": [answers.append]}) as client,
    ):
        token = Visitor.token_of(client.get("/r").text)

        def post(path: str, **fields: str) -> httpx2.Response:
            return client.post(path, data={"csrf": token, **fields})

        place = (
            post("/r", category="smoking_or_phone").headers["location"].removesuffix("/evidence")
        )
        client.post(
            f"{place}/files",
            data={"csrf": token},
            files={"file": (f"{NAME}.jpg", photo(), "image/jpeg")},
        )
        post(f"{place}/claim", **CLAIM)
        post(f"{place}/contact", **PEOPLE | {"reporters.0.phone": PHONE + "99"})
        post(f"{place}/contact", **PEOPLE)
        done = post(f"{place}/done", truth="yes", consent="yes")
        receipt = client.get(done.headers["location"])
        number, code = number_and_code(receipt)
        report_id = place.rpartition("/")[2]
        assert verification.verify_report(runtime, report_id=report_id)
        client.get("/s/report")
        post("/s", report_number=number, secret_code=code[:-1] + ("1" if code[-1] == "0" else "0"))
        assert post("/s", report_number=number, secret_code=code).headers["location"] == "/s/report"
        client.get("/s/report")
        client.get(f"{place}/done")

        def broken(*args: object, **kwargs: object) -> None:
            raise RuntimeError(NAME, PHONE, code)

        monkeypatch.setattr(reporters, "save_reporters", broken)
        monkeypatch.setattr(proving, "open_report", broken)
        drafted = post("/r", category="wrong_way").headers["location"].removesuffix("/evidence")
        assert post(f"{drafted}/contact", **PEOPLE).status_code == 500
        assert post("/s", report_number=number, secret_code=code).status_code == 500
        secrets = [cookie.value for cookie in client.cookies.jar if cookie.name != "lang"]
    logged = caplog.text + str(told)
    assert "unexpected" in logged
    for secret in (
        NAME,
        PHONE,
        TYPED_PHONE,
        EMAIL,
        code,
        code.replace(" ", ""),
        *filter(None, secrets),
    ):
        assert secret not in logged
    for answer in answers:
        answer.read()
        shown = f"{answer.url} {answer.headers.get('location', '')}"
        if answer is not receipt:
            shown += answer.text
        assert code not in shown
        assert code.replace(" ", "") not in shown
    assert code in receipt.text
