"""Whatever is sent: accepted or refused by name, never a 500, never echoed (TRUST.md 6 E)."""

import json
from urllib.parse import quote_plus

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import create_app
from pipeline.runtime import Runtime
from tests.api.visitor import CLAIM, PERSON, Visitor, photo

CANARY = "Zyxwv阙淼"


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    """The application over a fresh installation."""
    return create_app(runtime)


@pytest.fixture
def visitor(app: FastAPI) -> Visitor:
    """A passenger with a draft that could be submitted."""
    return Visitor(app).begin().fill()


def calm(answer: httpx2.Response) -> None:
    """No bug, and nothing that was sent."""
    assert answer.status_code < 500, answer.text
    assert CANARY not in answer.text


# -- JSON ------------------------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(
        [
            f"{CANARY}\x00",
            CANARY * 200,
            "%",
            "沪A12345",
            "2026-03-10T08:41",
            "13800138000",
            "red_light",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = (
    "category",
    "violated_at",
    "route",
    "plate",
    "badge",
    "fleet_number",
    "place",
    "latitude",
    "longitude",
    "note",
    "reporters",
    "name",
    "phone",
    "email",
    "truth",
    "consent",
    "report_number",
    "secret_code",
)
BODIES = ANYTHING | st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=8)
PLACES = ("PUT claim", "PUT reporters", "POST submit", "POST session")


@given(place=st.sampled_from(PLACES), body=BODIES)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_json_anywhere_is_taken_or_refused_by_name(
    app: FastAPI, place: str, body: object
) -> None:
    client = TestClient(app)
    opened = client.post("/api/v1/drafts").json()
    method, part = place.split()
    address = (
        "/api/v1/session" if part == "session" else f"/api/v1/drafts/{opened['report_id']}/{part}"
    )
    headers = {"authorization": f"Bearer {opened['draft_key']}", "content-type": "application/json"}
    answer = client.request(method, address, content=json.dumps(body).encode(), headers=headers)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert CANARY not in answer.text
        assert set(answer.json()) == {"code", "message", "field", "values"}


@pytest.mark.parametrize(
    "number", ["%", "_", "20260311-%", "' OR 1=1 --", "*", "\u202e1", "-1", "10" * 20]
)
def test_no_sign_stands_for_other_signs(app: FastAPI, visitor: Visitor, number: str) -> None:
    assert visitor.submit().url.path == "/s/receipt"
    said = {"report_number": number, "secret_code": "%"}
    answer = TestClient(app).post("/api/v1/session", json=said)
    assert answer.json()["code"] in ("CODE_WRONG", "BAD_JSON")
    page = visitor.post("/s", report_number=number, secret_code="%")
    assert page.status_code in (404, 422)


@pytest.mark.parametrize(
    "content",
    [b'{"note": "' + b"x" * 50 * 2**20 + b'"}', b"[" * 100_000 + b"]" * 100_000],
    ids=["50 MB", "depth 100,000"],
)
def test_what_is_too_large_is_not_read(app: FastAPI, content: bytes) -> None:
    opened = TestClient(app).post("/api/v1/drafts").json()
    headers = {"authorization": f"Bearer {opened['draft_key']}", "content-type": "application/json"}
    answer = TestClient(app).put(
        f"/api/v1/drafts/{opened['report_id']}/claim", content=content, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


# -- forms -----------------------------------------------------------------------------------------

FORMS = (
    "/r",
    "/s",
    "/login",
    "evidence",
    "claim",
    "suggestions",
    "use",
    "contact",
    "done",
    "files/" + "0" * 64 + "/remove",
)
NAMES = (
    "category",
    "line",
    "plate",
    "route",
    "day",
    "clock",
    "badge",
    "place",
    "note",
    "use",
    "remove",
    "add",
    "next",
    "reporters.0.name",
    "reporters.0.phone",
    "reporters.0.email",
    "reporters.1.name",
    "reporters.1.phone",
    "report_number",
    "secret_code",
    "login",
    "password",
    "truth",
)
NASTY = (
    "\x00",
    "\u202e",
    "a\r\nb",
    "１３８",
    "１",
    "²",
    "-1",
    "1_0",
    " 1",
    "9" * 400,
    "24:00",
    "23:59:60",
    "08:41:00.1234567",
    "0000-00-00",
    "9999-12-31",
    "2026-02-30",
    "plate=沪A12345",
    "time=2026-03-10T08:41",
    "time=",
    "=",
    "%",
    "{code}",
    "{0.__class__}",
    "https://elsewhere.example",
    "//elsewhere.example",
    "x" * 3000,
    "<script>alert(1)</script>",
)


def address(visitor: Visitor, form: str) -> str:
    """The form's address; those of a draft are the visitor's own."""
    return form if form.startswith("/") else visitor.at(form)


@given(
    form=st.sampled_from(FORMS),
    fields=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(NASTY), max_size=6),
)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_form_is_taken_or_refused(app: FastAPI, form: str, fields: dict[str, str]) -> None:
    visitor = Visitor(app).begin()
    answer = visitor.post(address(visitor, form), **fields)
    assert answer.status_code < 500, answer.text
    assert "<script>alert" not in answer.text
    assert "elsewhere.example" not in answer.headers.get("location", "")


@given(form=st.sampled_from(FORMS), body=st.binary(max_size=200))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_as_a_form_are_refused(app: FastAPI, form: str, body: bytes) -> None:
    visitor = Visitor(app).begin()
    for kind in (
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "a/b; charset=q",
    ):
        headers = {"content-type": kind}
        assert visitor.client.post(
            address(visitor, form), content=body, headers=headers
        ).status_code in (400, 403)
        assert visitor.client.post(
            visitor.at("files"), content=body, headers=headers
        ).status_code in (400, 403)


@pytest.mark.parametrize("form", FORMS)
def test_lone_surrogates_and_other_bytes_that_are_no_text(visitor: Visitor, form: str) -> None:
    body = f"csrf={visitor.token}".encode()
    for name in NAMES:
        body += f"&{quote_plus(name)}=%ED%A0%80%FF%00".encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    calm(visitor.client.post(address(visitor, form), content=body, headers=headers))


@pytest.mark.parametrize("form", FORMS)
def test_a_thousand_and_one_fields_are_refused(visitor: Visitor, form: str) -> None:
    many = f"csrf={visitor.token}" + "&a=b" * 1000
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert (
        visitor.client.post(
            address(visitor, form), content=many.encode(), headers=headers
        ).status_code
        == 400
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_multipart_form_with_a_file_or_without_an_end_is_refused(
    visitor: Visitor, form: str
) -> None:
    path = address(visitor, form)
    smuggled = visitor.client.post(
        path, data={"csrf": visitor.token}, files={"file": ("a.jpg", photo())}
    )
    assert smuggled.status_code == 400
    cut = f'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{visitor.token}\r\n'.encode()
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert visitor.client.post(path, content=cut, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "query",
    ["number=" + CANARY * 20, "number=%00", "number=%ED%A0%80", "line=%00&plate=%FF", "lang[]=x"],
)
@pytest.mark.parametrize("path", ["/", "/r", "/s", "/login"])
def test_any_query_is_a_page(visitor: Visitor, path: str, query: str) -> None:
    answer = visitor.get(f"{path}?{query}")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "report_id", ["%201", "1_0", "%2e%2e", "%00", "%ff", "-1", "9" * 4000, "' OR 1=1"]
)
@pytest.mark.parametrize(
    "page", ["evidence", "contact", "check", "done", "coach", "files", f"files/{CANARY}/poster"]
)
def test_an_id_that_is_none_is_a_missing_page(visitor: Visitor, report_id: str, page: str) -> None:
    answer = visitor.get(f"/r/{report_id}/{page}")
    assert answer.status_code == 404
    assert report_id not in answer.text


def test_what_was_typed_comes_back_in_its_field_only(visitor: Visitor) -> None:
    answer = visitor.post(visitor.at("claim"), **CLAIM | {"plate": CANARY})
    assert answer.text.count(CANARY) == 1
    assert f'value="{CANARY}"' in answer.text
    answer = visitor.post(visitor.at("contact"), **PERSON | {"reporters.0.phone": CANARY})
    assert answer.text.count(CANARY) == 1
    secret = visitor.post("/s", report_number="1", secret_code=CANARY)
    assert CANARY not in secret.text
    assert CANARY not in visitor.post("/login", login="nobody", password=CANARY).text
