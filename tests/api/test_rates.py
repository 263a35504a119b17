"""How much one client and all together may send.

Told with a time to come again, and nothing else is lost by it.
"""

from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import rates
from api.app import create_app
from api.rates import EVERYBODY, LIMITS, Kind, Limit, Rate, Rates
from api.turned_away import TooMany
from pipeline.runtime import Runtime
from pipeline.settings import SettingInvalid, Settings
from tests.api.visitor import Visitor, number_and_code, photo


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at once for one client, one more every ten seconds; three at once for all."""
    one, everybody = Rate(2, 0.1), Rate(3, 0.1)
    monkeypatch.setattr(rates, "LIMITS", dict.fromkeys(Kind, Limit(one, everybody)))


@pytest.fixture
def app(runtime: Runtime, few: None) -> FastAPI:
    return standing(create_app(runtime))


def standing(app: FastAPI) -> FastAPI:
    """Nothing is earned back while a test takes its time."""
    app.state.rates.clock = Hand()
    return app


def test_one_client_is_told_when_to_come_again_and_others_go_on(few: None) -> None:
    counted = Rates(clock=(clock := Hand()))
    counted.take(Kind.DRAFT, "a")
    counted.take(Kind.DRAFT, "a")
    with pytest.raises(TooMany) as told:
        counted.take(Kind.DRAFT, "a")
    assert told.value.retry_after_s == 10
    counted.take(Kind.DRAFT, "b")
    counted.take(Kind.FILE, "a")
    clock.at += 10
    counted.take(Kind.DRAFT, "a")
    with pytest.raises(TooMany):
        counted.take(Kind.DRAFT, "a")


def test_all_together_have_a_limit_too(few: None) -> None:
    counted = Rates(clock=(clock := Hand()))
    for client in "abc":
        counted.take(Kind.CODE, client)
    with pytest.raises(TooMany):
        counted.take(Kind.CODE, "d")
    clock.at += 10
    counted.take(Kind.CODE, "d")


def test_a_refusal_counts_nothing(few: None) -> None:
    counted = Rates(clock=Hand())
    counted.take(Kind.CODE, "a")
    counted.take(Kind.CODE, "a")
    for _ in range(50):
        with pytest.raises(TooMany):
            counted.take(Kind.CODE, "a")
    counted.take(Kind.CODE, "b")


def test_what_was_right_costs_nothing(few: None) -> None:
    counted = Rates(clock=Hand())
    for _ in range(50):
        counted.take(Kind.LOG_IN, "a")
        counted.give_back(Kind.LOG_IN, "a")
    counted.take(Kind.LOG_IN, "a")


def test_a_million_clients_take_no_more_memory_than_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rates, "MOST_CLIENTS", 100)
    monkeypatch.setattr(rates, "LIMITS", dict.fromkeys(Kind, Limit(Rate(2, 0.1), Rate(1e9, 1))))
    counted = Rates(clock=Hand())
    for number in range(1000):
        counted.take(Kind.DRAFT, f"{number}")
    assert len(counted.buckets) == 100
    assert (Kind.DRAFT, EVERYBODY) in counted.buckets


def test_a_factor_widens_every_limit_and_none_takes_them_away(few: None) -> None:
    wide, none = Rates(factor=2, clock=Hand()), Rates(factor=0, clock=Hand())
    for _ in range(4):
        wide.take(Kind.FILE, "a")
    with pytest.raises(TooMany):
        wide.take(Kind.FILE, "a")
    for _ in range(1000):
        none.take(Kind.FILE, "a")


@pytest.mark.parametrize(
    ("name", "text"), [("BUSREPORT_LIMIT_FACTOR", "many"), ("BUSREPORT_LIMIT_FACTOR", "-1")]
)
def test_settings_that_say_nothing_are_refused(name: str, text: str) -> None:
    with pytest.raises(SettingInvalid):
        Settings.from_environment({name: text})


def test_too_many_drafts_are_told_on_the_page_and_by_the_api(app: FastAPI) -> None:
    visitor = Visitor(app)
    visitor.begin().begin()
    page = visitor.post("/r", category="smoking_or_phone")
    assert page.status_code == 429
    assert page.headers["retry-after"] == "10"
    assert "短时间内从您所在的网络开始了太多投诉" in page.text
    told = TestClient(app).post("/api/v1/drafts?lang=en")
    assert (told.status_code, told.json()["code"], told.headers["retry-after"]) == (
        429,
        "TOO_MANY",
        "10",
    )
    assert "drafts you have are safe" in told.json()["message"]
    assert visitor.get(visitor.at("evidence")).status_code == 200


def test_too_many_files_leave_the_draft_as_it_was(app: FastAPI) -> None:
    visitor = Visitor(app).begin()
    assert [visitor.upload(photo(shade)).status_code for shade in (1, 2, 3)] == [303, 303, 429]
    assert visitor.get(visitor.at("files")).text.count('class="picture"') == 2


def test_wrong_codes_are_slowed_down_whatever_number_they_are_for_and_right_ones_are_not(
    app: FastAPI,
) -> None:
    visitor = Visitor(app).begin().fill()
    number, code = number_and_code(visitor.submit())
    for _ in range(5):
        assert visitor.post("/s", report_number=number, secret_code=code).status_code == 303
    for guess in ("20260311-1234567", "20260311-7654321"):
        assert visitor.post("/s", report_number=guess, secret_code="0").status_code == 404
    refused = visitor.post("/s", report_number=number, secret_code="0")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    typed = {"report_number": number, "secret_code": "0"}
    assert TestClient(app).post("/api/v1/session", json=typed).json()["code"] == "TOO_MANY"


def test_behind_the_named_proxy_each_visitor_has_a_limit_of_their_own(
    runtime: Runtime, few: None
) -> None:
    named = Settings.from_environment({"BUSREPORT_PROXY": "127.0.0.1"}).proxies
    app = standing(create_app(replace(runtime, settings=replace(runtime.settings, proxies=named))))
    client = TestClient(app, client=("127.0.0.1", 5))
    chains = (
        "9.9.9.1, 192.0.2.1",
        "9.9.9.2, 192.0.2.1",
        "9.9.9.3, 192.0.2.1",
        "9.9.9.3, 192.0.2.2",
    )
    answers = [
        client.post("/api/v1/drafts", headers={"x-forwarded-for": chain}).status_code
        for chain in chains
    ]
    assert answers == [201, 201, 429, 201]


def test_guessed_log_ins_are_slowed_down_by_client(app: FastAPI) -> None:
    visitor = Visitor(app)
    answers = [
        visitor.post("/login", login=f"name{number}", password="guess") for number in range(3)
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert answers[2].headers["retry-after"] == "10"


def test_ordinary_limits_are_above_what_an_office_or_a_telephone_company_needs() -> None:
    assert LIMITS[Kind.DRAFT].one.burst >= 600
    assert LIMITS[Kind.FILE].one.burst >= LIMITS[Kind.DRAFT].one.burst
    assert all(limit.everybody.burst > limit.one.burst for limit in LIMITS.values())
