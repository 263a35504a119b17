"""Smoking or phone is a field of the report (R3).

Asked of reporters, set by officers, shown where the report is.
"""

import re
from collections.abc import Callable
from http import HTTPStatus

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.texts import Texts
from pipeline.languages import LANGUAGES
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import open_draft
from pipeline.runtime import Runtime
from pipeline.store import claims
from scheme.claim import UnknownKind
from scheme.report import Channel, Claim
from tests.api.staff import Browser, plain
from tests.api.test_counter import SAID, picture
from tests.api.visitor import CLAIM, Visitor
from tests.fixtures import WEDNESDAY
from tests.pipeline.desk import Desk

Open = Callable[[str], Browser]


@pytest.fixture
def visitor(runtime: Runtime) -> Visitor:
    """A passenger on the pages."""
    return Visitor(create_app(runtime))


def test_every_kind_of_the_policies_has_a_word(runtime: Runtime) -> None:
    kinds = {
        kind
        for policy in runtime.policies.policies
        for category in policy.substance.categories.values()
        for kind in category.kinds
    }
    assert kinds == {"smoking", "phone"}
    for language in LANGUAGES:
        assert all(Texts(language).has(f"kind.{kind}") for kind in kinds)


@pytest.mark.parametrize(
    ("category", "kind", "taken"),
    [
        ("smoking_or_phone", "phone", True),
        ("smoking_or_phone", " smoking ", True),
        ("smoking_or_phone", "", True),
        ("smoking_or_phone", None, True),
        ("smoking_or_phone", "eating", False),
        ("wrong_way", "phone", False),
        ("wrong_way", None, True),
    ],
)
def test_a_kind_is_one_of_its_category(
    runtime: Runtime,
    category: str,
    kind: str | None,
    taken: bool,  # noqa: FBT001
) -> None:
    claim = Claim(category, violated_at=WEDNESDAY, kind=kind)
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        if not taken:
            with pytest.raises(UnknownKind):
                save_claim(work, report_id=report_id, claim=claim)
            return
        kept = save_claim(work, report_id=report_id, claim=claim)
        assert kept.kind == ((kind or "").strip() or None)
        said = claims.in_force(work.connection, report_id)
        assert said is not None
        assert said.claim == kept


def test_a_passenger_is_asked_and_shown_what_was_said(visitor: Visitor) -> None:
    visitor.begin()
    page = visitor.get(visitor.at("claim")).text
    assert 'name="kind" value="smoking"' in page
    assert 'name="kind" value="phone"' in page
    assert "写明是吸烟还是" not in page  # it was asked for in the note before
    visitor.upload()
    wrong = visitor.post(visitor.at("claim"), **CLAIM | {"kind": "eating"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert '<a href="#kind">' in wrong.text
    assert 'id="kind"' in wrong.text
    assert (
        visitor.post(visitor.at("claim"), **CLAIM | {"kind": "phone"}).status_code
        == HTTPStatus.SEE_OTHER
    )
    assert 'value="phone" checked' in visitor.get(visitor.at("claim")).text
    visitor.post(
        visitor.at("contact"), **{"reporters.0.name": "陆晓梅", "reporters.0.phone": "13800138000"}
    )
    assert "使用手机" in visitor.get(visitor.at("check")).text


def test_a_category_without_kinds_asks_for_none(visitor: Visitor) -> None:
    visitor.begin("wrong_way")
    assert 'name="kind"' not in visitor.get(visitor.at("claim")).text


def test_a_program_says_it_too(runtime: Runtime) -> None:
    with TestClient(create_app(runtime)) as client:
        (asked,) = [
            one
            for one in client.get("/api/v1/categories").json()
            if one["key"] == "smoking_or_phone"
        ]
        assert asked["kinds"] == ["smoking", "phone"]
        opened = client.post("/api/v1/drafts").json()
        address = f"/api/v1/drafts/{opened['report_id']}/claim"
        key = {"authorization": f"Bearer {opened['draft_key']}"}
        said = {"category": "smoking_or_phone", "kind": "phone"}
        assert client.put(address, json=said, headers=key).json()["kind"] == "phone"
        refused = client.put(address, json={**said, "kind": "eating"}, headers=key)
        assert (refused.status_code, refused.json()["code"]) == (
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "KIND_UNKNOWN",
        )


def test_an_officer_sets_it_on_record(desk: Desk, browser: Open) -> None:
    clerk = browser("clerk")
    answer = clerk.post_files(
        "/ops/counter/register/files", [("file", ("bus.jpg", picture()))],
        **{**SAID, "category": "smoking_or_phone", "kind": "smoking"},
    )  # fmt: skip
    found = re.search(r"/ops/counter/reports/([0-9a-f]+)", answer.text)
    assert found is not None, plain(answer.text)
    report_id = found[1]
    case_id = desk.verify(report_id)
    officer = browser("officer")
    address = f"/ops/cases/{case_id}?report={report_id}"
    assert "Which of them Smoking" in plain(officer.page(address))
    version = str(desk.case(report_id).reports[0].row_version)
    fields = {
        "category": "smoking_or_phone",
        "day": "2026-03-10",
        "clock": "08:00",
        "route": "49",
        "plate": "沪A12345",
        "badge": "",
        "place": "外滩",
        "reason": "seen in the picture",
        "row_version": version,
    }
    wrong = officer.post(f"/ops/reports/{report_id}/correct", **fields, kind="eating")
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="correct-kind"' in wrong.text
    officer.done(f"/ops/reports/{report_id}/correct", **fields, kind="phone")
    (report,) = desk.case(report_id).reports
    assert [one.claim.kind for one in report.claims] == ["smoking", "phone"]
    (event,) = [
        event for event in desk.case(report_id).history if event.action == "claim_corrected"
    ]
    assert "kind" in event.detail["fields"]
    assert "Which of them Using a phone" in plain(officer.page(address))
