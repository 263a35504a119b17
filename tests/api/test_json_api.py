"""The JSON API: the whole way, stable codes, no 500 for bad input (TRUST.md 6 E, F)."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from pipeline.runtime import Runtime
from tests.api.visitor import photo

CLAIM = {
    "category": "smoking_or_phone",
    "violated_at": "2026-03-10T08:41",
    "route": "四十九路",
    "plate": "沪-a 1234 5",
    "place": "西藏南路",
}
PEOPLE = {"reporters": [{"name": "陆晓梅", "phone": "13800138000"}]}


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    """The application over a fresh installation."""
    return create_app(runtime)


class Caller:
    """An app of somebody's own, with one draft."""

    def __init__(self, app: FastAPI) -> None:
        self.client = TestClient(app)
        self.described = self.client.get("/api/v1/openapi.json").json()
        self.client.event_hooks["response"].append(self.as_described)
        opened = self.client.post("/api/v1/drafts")
        assert opened.status_code == 201
        self.draft = f"/api/v1/drafts/{opened.json()['report_id']}"
        self.key = {"authorization": f"Bearer {opened.json()['draft_key']}"}

    def as_described(self, answer: httpx2.Response) -> None:
        """Every answer of these tests is one that the description tells of.

        A refusal has its code there.
        """
        path = urlsplit(str(answer.request.url)).path
        for template, operations in self.described["paths"].items():
            operation = operations.get(answer.request.method.lower())
            if operation and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                assert str(answer.status_code) in operation["responses"], (
                    template,
                    answer.status_code,
                )
        if answer.status_code >= 400:
            answer.read()
            schema = self.described["components"]["schemas"]["ProblemBody"]
            assert set(answer.json()) == set(schema["properties"])
            assert answer.json()["code"] in schema["properties"]["code"]["enum"]

    def put(self, part: str, body: object, **headers: str) -> httpx2.Response:
        """A JSON body."""
        return self.client.put(f"{self.draft}/{part}", json=body, headers=self.key | headers)

    def read(self) -> httpx2.Response:
        """The draft as it stands."""
        return self.client.get(self.draft, headers=self.key)

    def raw(self, part: str, body: bytes) -> httpx2.Response:
        """Bytes that call themselves JSON."""
        headers = self.key | {"content-type": "application/json"}
        return self.client.put(f"{self.draft}/{part}", content=body, headers=headers)

    def upload(self, content: bytes | None = None) -> httpx2.Response:
        """One file."""
        files = {"file": ("bus.jpg", photo() if content is None else content)}
        return self.client.post(f"{self.draft}/files", files=files, headers=self.key)

    # Wrong types are sent on purpose
    def submit(self, if_match: str = "*", **said: Any) -> httpx2.Response:  # noqa: ANN401
        """The declaration."""
        return self.client.post(
            f"{self.draft}/submit",
            json={"truth": True, "consent": True} | said,
            headers=self.key | {"if-match": if_match},
        )


@pytest.fixture
def caller(app: FastAPI) -> Caller:
    """A caller with an empty draft."""
    return Caller(app)


def test_the_whole_way(caller: Caller) -> None:
    assert caller.upload().status_code == 201
    claim = caller.put("claim", CLAIM)
    assert claim.json()["plate"] == "沪A12345"
    assert claim.json()["route"] == "49"
    assert claim.json()["violated_at"] == "2026-03-10T00:41:00Z"
    assert caller.put("reporters", PEOPLE).json()["reporters"] == 1
    coach = caller.client.get(f"{caller.draft}/coach", headers=caller.key).json()
    assert coach["reading"] is True
    assert {line["sight"] for line in coach["lines"]} >= {"route", "time", "violation"}
    receipt = caller.submit()
    assert receipt.status_code == 201
    first = {name: receipt.json()[name] for name in receipt.json() if name != "secret_code"}
    lost = {
        "report_number": receipt.json()["report_number"],
        "secret_code": receipt.json()["secret_code"],
    }
    receipt = again = caller.submit()
    assert again.status_code == 201
    assert {name: again.json()[name] for name in again.json() if name != "secret_code"} == first
    assert caller.client.post("/api/v1/session", json=lost).json()["code"] == "CODE_WRONG"
    said = {
        "report_number": receipt.json()["report_number"],
        "secret_code": receipt.json()["secret_code"],
    }
    token = caller.client.post("/api/v1/session", json=said).json()["token"]
    report = caller.client.get("/api/v1/report", headers={"authorization": f"Bearer {token}"})
    assert report.json()["state"] == "received"
    assert report.json()["files"][0]["sha256"] == receipt.json()["files"][0]["sha256"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"latitude": True, "longitude": 1.0}, "latitude"),  # E69: true is no number
        ({"latitude": "31.2", "longitude": 1.0}, "latitude"),
        ({"route": 49}, "route"),
        ({"category": None}, "category"),
        ({"note": "x" * 2001}, "note"),
        ({"violated_at": 1}, "violated_at"),
        ({"violated_at": "2026-03-10T24:00"}, "violated_at"),
        ({"violated_at": "2026-03-10T23:59:60"}, "violated_at"),
        ({"violated_at": "0001-01-01T00:00"}, "violated_at"),
        ({"violated_at": "2026-03-10T08:41+99:00"}, "violated_at"),
        ({"violated_at": "2026-13-01T00:00"}, "violated_at"),
        ({"violated_at": "2026-03-12T08:00"}, "violated_at"),
        ({"latitude": 91.0, "longitude": 1.0}, "place"),
        ({"latitude": 31.0}, "place"),
        ({"plate": "nonsense"}, "plate"),
        ({"category": "flying"}, "category"),
    ],
)
def test_a_field_that_can_not_be_taken_is_named_and_not_echoed(
    caller: Caller, change: dict[str, object], field: str
) -> None:
    answer = caller.put("claim", CLAIM | change)
    assert answer.status_code == 422
    body = answer.json()
    assert body["field"] == field
    assert body["code"].isupper()
    for value in change.values():
        if isinstance(value, str) and len(value) > 3:
            assert value not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b'{"category": NaN}',
        b'{"category": "a", "category": "b"}',
        b'{"latitude": 1e400, "longitude": 1, "category": "red_light"}',
        b'{"note": "a\\u0000b", "category": "red_light"}',
        b'{"note": "\\ud83d", "category": "red_light"}',
        b'{"latitude": ' + b"9" * 400 + b"}",
        b"[" * 60_000,
        b"\xff\xfe",
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"1",
    ],
)
def test_json_of_any_kind_is_answered_with_a_code(caller: Caller, body: bytes) -> None:
    answer = caller.raw("claim", body)
    assert answer.status_code in (400, 422)
    assert set(answer.json()) == {"code", "message", "field", "values"}


def test_a_long_json_is_refused_before_it_is_parsed(caller: Caller) -> None:
    answer = caller.raw("claim", json.dumps({"note": "x" * 70_000}).encode())
    assert answer.status_code == 413
    assert answer.json()["code"] == "BODY_TOO_LARGE"


@pytest.mark.parametrize(
    "report_id", ["%201", "1_0", "..%2f..", "%00", "%ff", "0" * 5000, "null", "-1"]
)
def test_an_id_that_is_none_is_not_found(caller: Caller, report_id: str) -> None:
    answer = caller.client.get(f"/api/v1/drafts/{report_id}", headers=caller.key)
    assert answer.status_code in (400, 404)
    assert answer.json()["code"] in ("NOT_FOUND", "BAD_REQUEST")


def test_a_draft_needs_its_key(app: FastAPI, caller: Caller) -> None:
    other = Caller(app)
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic x"}, other.key):
        answer = caller.client.get(caller.draft, headers=headers)
        assert answer.status_code == 404
        assert (
            caller.client.put(f"{caller.draft}/claim", json=CLAIM, headers=headers).status_code
            == 404
        )
    assert caller.client.get("/api/v1/report", headers=caller.key).status_code == 401


@pytest.mark.parametrize(
    ("people", "code"),
    [
        ([], "JOINT_INVALID"),
        ([{"name": "甲", "phone": f"138001380{n:02d}"} for n in range(21)], "JOINT_INVALID"),
        (
            [
                {"name": "陆晓梅", "phone": "13800138000"},
                {"name": "陆晓梅", "phone": "13800138001"},
            ],
            "JOINT_INVALID",
        ),
        (
            [
                {"name": "陆晓梅", "phone": "13800138000"},
                {"name": "陈建国", "phone": "１３８００１３８０００"},
            ],
            "JOINT_INVALID",
        ),
        ([{"name": "", "phone": "13800138000"}], "NAME_REQUIRED"),
        ([{"name": "陆晓梅", "phone": "1"}], "PHONE_INVALID"),
        ([{"name": "陆晓梅", "phone": "13800138000", "email": "nowhere"}], "EMAIL_INVALID"),
    ],
)
def test_people_who_can_not_be_named_so(
    caller: Caller, people: list[dict[str, str]], code: str
) -> None:
    answer = caller.put("reporters", {"reporters": people})
    assert answer.status_code == 422
    assert answer.json()["code"] == code


def test_shares_that_a_client_sends_are_ignored(caller: Caller) -> None:
    sent = {
        "reporters": [{"name": "陆晓梅", "phone": "13800138000", "share_fen": 5000}],
        "shares": [1],
    }
    assert caller.put("reporters", sent).status_code == 200


def test_what_is_missing_is_named_at_submission_and_the_draft_stays(caller: Caller) -> None:
    assert caller.submit().json()["code"] == "NO_EVIDENCE"
    caller.upload()
    assert caller.submit().json()["code"] == "CLAIM_INCOMPLETE"
    caller.put("claim", CLAIM | {"plate": None})
    assert caller.submit().json()["code"] == "MISSING_IDENTIFIER"
    caller.put("claim", CLAIM)
    assert caller.submit().json()["code"] == "NAME_REQUIRED"
    caller.put("reporters", PEOPLE)
    assert caller.submit(consent=False).json()["code"] == "CONSENT_REQUIRED"
    assert caller.submit(truth=False).json()["code"] == "TRUTH_REQUIRED"
    assert caller.submit(truth="yes").json()["field"] == "truth"
    assert caller.submit().status_code == 201


def if_match(tags: str) -> dict[str, str]:
    """The header by which a program says what it read."""
    return {"if-match": tags}


OTHER_CLAIM = CLAIM | {"route": "71"}
OTHER_PEOPLE = {"reporters": [{"name": "李雷", "phone": "13800138001"}]}


def test_a_program_that_read_an_older_claim_is_refused_and_loses_nothing(caller: Caller) -> None:
    both_read = caller.read().json()["claim_etag"]
    first = caller.put("claim", CLAIM, **if_match(both_read))
    assert first.status_code == 200
    late = caller.put("claim", OTHER_CLAIM, **if_match(both_read))
    assert (late.status_code, late.json()["code"]) == (412, "DRAFT_CHANGED")
    assert "If-Match" in late.json()["message"]
    assert caller.read().json()["claim"] == first.json()
    fresh = caller.read().json()["claim_etag"]
    assert fresh == first.headers["etag"] != both_read
    assert caller.put("claim", OTHER_CLAIM, **if_match(fresh)).json()["route"] == "71"


def test_a_program_that_read_older_reporters_is_refused(caller: Caller) -> None:
    both_read = caller.read().json()["reporters_etag"]
    first = caller.put("reporters", PEOPLE, **if_match(both_read))
    assert first.headers["etag"] == first.json()["reporters_etag"] != both_read
    late = caller.put("reporters", OTHER_PEOPLE, **if_match(both_read))
    assert (late.status_code, late.json()["code"]) == (412, "DRAFT_CHANGED")
    assert caller.put("reporters", OTHER_PEOPLE, **if_match(first.headers["etag"])).is_success


def test_nobody_submits_what_another_program_has_changed_since(caller: Caller) -> None:
    caller.upload()
    caller.put("claim", CLAIM)
    caller.put("reporters", PEOPLE)
    seen = caller.read().headers["etag"]
    caller.put("claim", OTHER_CLAIM)
    late = caller.submit(seen)
    assert (late.status_code, late.json()["code"]) == (412, "DRAFT_CHANGED")
    assert caller.submit(caller.read().headers["etag"]).status_code == 201
    assert caller.submit(seen).status_code == 201  # it is a receipt by now, asked for again


def test_a_file_that_came_meanwhile_keeps_nobody_from_saving_the_claim(caller: Caller) -> None:
    whole, claim = caller.read().headers["etag"], caller.read().json()["claim_etag"]
    caller.upload()
    assert caller.read().headers["etag"] != whole
    assert caller.put("claim", CLAIM, **if_match(claim)).status_code == 200


def test_the_same_again_is_no_conflict(caller: Caller) -> None:
    """The answer to the first was lost: what it asked for is kept already."""
    read = caller.read().json()["claim_etag"]
    answers = [caller.put("claim", CLAIM, **if_match(read)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].headers["etag"] == answers[1].headers["etag"]


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ("*", 200),
        ('"0123456789abcdef", {now}', 200),
        ('"0123456789abcdef"', 412),
        ("W/{now}", 412),  # weak tags match nothing here (RFC 9110, 13.1.1)
        ("nonsense", 412),
    ],
)
def test_if_match_is_read_as_http_means_it(caller: Caller, tags: str, status: int) -> None:
    now = caller.put("claim", CLAIM).headers["etag"]
    answer = caller.put("claim", OTHER_CLAIM, **if_match(tags.format(now=now)))
    assert answer.status_code == status


def test_a_program_that_names_nothing_saves_over_what_is_kept(caller: Caller) -> None:
    caller.put("claim", CLAIM)
    assert caller.put("claim", OTHER_CLAIM).json()["route"] == "71"


def test_the_description_tells_of_if_match_and_etag(caller: Caller) -> None:
    paths = caller.described["paths"]
    for path, method in (("claim", "put"), ("reporters", "put"), ("submit", "post")):
        operation = paths[f"/api/v1/drafts/{{report_id}}/{path}"][method]
        assert "412" in operation["responses"]
        (header,) = [one for one in operation["parameters"] if one["in"] == "header"]
        assert (header["name"], header["required"]) == ("If-Match", False)
        assert "saved over" in header["description"]
    read = paths["/api/v1/drafts/{report_id}"]["get"]["responses"]["200"]
    assert set(read["headers"]) == {"ETag"}


def test_an_upload_that_is_none_is_a_400(caller: Caller) -> None:
    post = caller.client.post
    assert (
        post(f"{caller.draft}/files", content=b"x", headers=caller.key).json()["code"]
        == "MALFORMED_BODY"
    )
    headers = caller.key | {"content-type": "multipart/form-data; boundary=" + "x" * 5000}
    assert (
        post(f"{caller.draft}/files", content=b"x", headers=headers).json()["code"]
        == "MALFORMED_BODY"
    )
    assert caller.upload(b"").json()["code"] == "EMPTY_FILE"


def test_guessing_codes_meets_a_wait_alike_for_numbers_that_exist_and_not(caller: Caller) -> None:
    caller.upload()
    caller.put("claim", CLAIM)
    caller.put("reporters", PEOPLE)
    number = caller.submit().json()["report_number"]
    for guessed in (number, "20260311-0000000"):
        said = {"report_number": guessed, "secret_code": "0" * 16}
        codes = [caller.client.post("/api/v1/session", json=said).json()["code"] for _ in range(6)]
        assert codes == ["CODE_WRONG"] * 5 + ["WAIT"]


def test_every_operation_states_its_refusals_in_openapi(caller: Caller) -> None:
    described = caller.client.get("/api/v1/openapi.json").json()
    for path, operations in described["paths"].items():
        assert path.startswith("/api/v1/")
        for operation in operations.values():
            assert {"400", "404", "422", "500"} <= set(operation["responses"])
            refused = operation["responses"]["422"]["content"]["application/json"]["schema"]["$ref"]
            assert refused.endswith("/ProblemBody")


def test_the_description_holds_together(caller: Caller) -> None:
    described = caller.described
    assert described["openapi"].startswith("3.1")
    names = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(set(names)) == len(names)
    for reference in re.findall(r'"\$ref": ?"([^"]+)"', json.dumps(described)):
        place = described
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    for template, operations in described["paths"].items():
        for operation in operations.values():
            told = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert told == set(re.findall(r"\{(\w+)\}", template))
            assert all(answer["description"] for answer in operation["responses"].values())


def test_messages_come_in_the_language_asked_for(caller: Caller) -> None:
    english = caller.client.get("/api/v1/report?lang=en").json()["message"]
    assert english == "Please enter your report number and secret code first."
