"""What ``/health`` answers: ``ok`` while promises are kept, else what stands in the way."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from pipeline.doors.sweep import sweep
from pipeline.runtime import Runtime
from tests.fixtures import Clock


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    return create_app(runtime)


def test_ok_while_sweeps_come_through(app: FastAPI, runtime: Runtime) -> None:
    sweep(runtime)
    answer = TestClient(app).get("/health")
    assert answer.status_code == 200
    assert answer.text == "ok 2026-03-11T02:00:00+00:00\n"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("language", "told"), [("en", "No sweep came through"), ("zh", "没有完成巡查")]
)
def test_not_ready_when_nothing_was_swept(app: FastAPI, language: str, told: str) -> None:
    answer = TestClient(app).get(f"/health?lang={language}")
    assert answer.status_code == 503
    assert answer.text.startswith("not ready 2026-03-11T02:00:00+00:00\nSWEEP_OVERDUE: ")
    assert told in answer.text


def test_not_ready_after_three_periods_without_a_sweep(runtime: Runtime, clock: Clock) -> None:
    sweep(runtime)
    clock.forward(seconds=30)
    assert TestClient(create_app(runtime)).get("/health").status_code == 200
    clock.forward(seconds=1)
    assert TestClient(create_app(runtime)).get("/health").status_code == 503


def test_a_stranger_learns_no_folder(app: FastAPI, runtime: Runtime) -> None:
    assert str(runtime.settings.home) not in TestClient(app).get("/health").text
