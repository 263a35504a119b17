"""What every answer carries, what a bug looks like outside, what the log keeps quiet."""

import re
from dataclasses import replace

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import local_path
from pipeline.receiving import drafts, reporters
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from tests.api.visitor import PERSON, Visitor, photo
from tests.fixtures import Clock


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    """The application over a fresh installation."""
    return create_app(runtime)


@pytest.mark.parametrize(
    "path", ["/", "/r", "/s", "/login", "/nowhere", "/health", "/static/app.css", "/api/v1/nope"]
)
def test_every_answer_is_closed_to_other_sites(app: FastAPI, path: str) -> None:
    headers = TestClient(app).get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_pages_are_not_kept_and_assets_are(app: FastAPI) -> None:
    client = TestClient(app)
    assert client.get("/").headers["cache-control"] == "no-store"
    assert "immutable" in client.get("/static/app.css").headers["cache-control"]


def test_cookies_are_for_the_browser_only(app: FastAPI) -> None:
    visitor = Visitor(app)
    cookies = visitor.client.get("/").headers.get_list("set-cookie")
    assert cookies == []  # it has one already
    fresh = TestClient(app).get("/").headers.get_list("set-cookie")
    assert len(fresh) == 1
    visitor.begin()
    opened = visitor.post("/r", category="wrong_way").headers.get_list("set-cookie")
    assert any(cookie.startswith("draft=") and "Path=/r/" in cookie for cookie in opened)
    for cookie in [*fresh, *opened]:
        assert "HttpOnly" in cookie
        assert "SameSite" in cookie.replace("samesite", "SameSite")


def test_over_https_cookies_are_secure_and_bound_to_the_host(
    settings: Settings, clock: Clock
) -> None:
    runtime = Runtime.open(replace(settings, secure_cookies=True), now=clock)
    client = TestClient(create_app(runtime), base_url="https://testserver")
    cookie = client.get("/").headers["set-cookie"]
    assert cookie.startswith("__Host-visitor=")
    assert "Secure" in cookie
    page = client.get("/r").text
    answer = client.post(
        "/r", data={"csrf": Visitor.token_of(page), "category": "wrong_way"}, follow_redirects=False
    )
    assert answer.status_code == 303
    runtime.close()


def test_the_report_id_is_no_secret_and_the_key_stands_in_no_page(app: FastAPI) -> None:
    visitor = Visitor(app).begin()
    key = visitor.client.cookies.get("draft", path=f"/r/{visitor.report_id}")
    assert key
    assert key not in visitor.get(visitor.at("evidence")).text


def test_a_bug_is_a_page_with_a_reference_and_a_log_without_a_word_of_the_sender(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(app).begin()

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("陆晓梅 13800138000")

    monkeypatch.setattr(reporters, "save_reporters", broken)
    with structlog.testing.capture_logs() as logs:
        answer = visitor.post(visitor.at("contact"), **PERSON)
    assert answer.status_code == 500
    assert "陆晓梅" not in answer.text
    (event,) = [entry for entry in logs if entry["event"] == "unexpected"]
    assert event["reference"] in answer.text
    assert event["error"] == "RuntimeError"
    assert "陆晓梅" not in str(logs)
    assert "13800138000" not in str(logs)


def test_a_bug_in_the_json_api_is_json(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(drafts, "open_draft", broken)
    answer = TestClient(app).post("/api/v1/drafts")
    assert answer.status_code == 500
    assert answer.json()["code"] == "UNEXPECTED"
    assert "secret" not in answer.text


def test_pictures_of_a_draft_are_drawn_anew_and_for_its_owner_only(app: FastAPI) -> None:
    visitor = Visitor(app).begin()
    visitor.upload()
    page = visitor.get(visitor.at("evidence")).text
    sha256 = re.findall(r"files/([0-9a-f]{64})/remove", page)[0]
    picture = visitor.get(visitor.at(f"files/{sha256}/poster"))
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content != photo()
    assert visitor.get(visitor.at(f"files/{'0' * 64}/poster")).status_code == 404
    assert Visitor(app).get(visitor.at(f"files/{sha256}/poster")).status_code == 404


@pytest.mark.parametrize(
    "wanted",
    [
        "//elsewhere.example",
        "https://elsewhere.example",
        "/\\elsewhere",
        "javascript:x",
        "",
        "/a\nb",
        "x",
    ],
)
def test_no_redirect_leaves_the_house(wanted: str) -> None:
    assert local_path(wanted) == ""


def test_a_local_path_is_kept() -> None:
    assert local_path("/ops/queue?state=verified") == "/ops/queue?state=verified"


def test_an_unknown_path_and_a_wrong_method_are_pages(app: FastAPI) -> None:
    client = TestClient(app)
    assert client.get("/nowhere").status_code == 404
    assert "没有这个页面" in client.get("/nowhere").text
    assert client.delete("/r").status_code == 405
    assert client.put("/api/v1/nowhere").json()["code"] == "NOT_FOUND"
