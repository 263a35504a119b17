"""Whose buses count: the first page names the company and leads to its lines (R2)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from pipeline.runtime import Runtime
from pipeline.verifying import fleet

ROSTER = """plate,fleet_number,badge,route,unit
沪A12345,,,933;49,一分公司
沪A12346,,,9;松江19,二分公司
"""


@pytest.fixture
def page(runtime: Runtime) -> Callable[..., str]:
    """``page("/lines", "en")``: a page as a stranger sees it; the company is called 示范公交."""
    named = replace(runtime, settings=replace(runtime.settings, company="示范公交"))
    client = TestClient(create_app(named))

    def shown(address: str, lang: str = "en") -> str:
        return client.get(address, params={"lang": lang}).text

    return shown


def with_roster(runtime: Runtime) -> None:
    with runtime.write() as work:
        content = ROSTER.encode()
        fleet.import_roster(work, actor="cli", effective_from=date(2026, 3, 1), content=content)


def test_the_first_page_names_the_company_and_leads_to_its_lines(page: Callable[..., str]) -> None:
    for lang in ("zh", "en"):
        first = page("/", lang)
        assert "示范公交" in first
        assert 'href="/lines"' in first


def test_every_line_stands_in_the_order_of_its_number(
    runtime: Runtime, page: Callable[..., str]
) -> None:
    with_roster(runtime)
    lines = page("/lines")
    places = [lines.index(f"<li>Line {line}</li>") for line in ("9", "49", "933", "松江19")]
    assert places == sorted(places)
    assert "these 4 lines" in lines


def test_without_a_roster_the_page_says_whom_to_call(page: Callable[..., str]) -> None:
    lines = page("/lines")
    assert "The list of lines is not here yet" in lines
    assert 'href="tel:' in lines


def test_a_company_without_a_name_is_ours(runtime: Runtime) -> None:
    first = TestClient(create_app(runtime)).get("/", params={"lang": "en"}).text
    assert "Only buses of our company count." in first


def test_a_page_that_is_not_there_says_so(page: Callable[..., str]) -> None:
    assert "<h1>This page is not there</h1>" in page("/nowhere")
    assert "<h1>没有这个页面</h1>" in page("/nowhere", "zh")
