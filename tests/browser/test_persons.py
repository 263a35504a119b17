"""The page of persons in a real browser: it fits a phone and reads well, in both languages."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from api.texts import Texts
from tests.browser.looks import Site, fits, readable, tall_enough
from tests.pipeline.desk import ID_NUMBER, Desk

Open = Callable[..., Page]


def told(desk: Desk, *, people: int = 1) -> str:
    report_id = desk.report(people=people, plate=f"沪G{next(desk.numbers):05d}")
    desk.decide(report_id)
    desk.tell()
    return report_id


def number_of(desk: Desk, report_id: str) -> str:
    case = desk.case(report_id)
    return next(report.report_number for report in case.reports if report.report_id == report_id)


def looks_right(page: Page, name: str) -> None:
    """On a phone and on a desk."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        fits(page)
        readable(page)
        tall_enough(page)
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_question_is_asked_and_answered_on_any_screen(
    site: Site, page_of: Open, lang: str
) -> None:
    desk, t = site.desk, Texts(lang).t
    first, second = told(desk, people=2), told(desk)
    desk.collected(first)
    number = number_of(desk, second)
    clerk = page_of("clerk", lang=lang)
    clerk.goto(f"/ops/counter/collect?number={number}")
    looks_right(clerk, f"collect-{lang}")
    clerk.fill("#id_number", ID_NUMBER)
    clerk.click("form:has(#id_number) button")
    assert t("error.WRONG_ID.other_person") in clerk.inner_text("main")
    looks_right(clerk, f"refused-{lang}")
    clerk.click(f"text={t('counter.does_not_fit')}")
    looks_right(clerk, f"persons-{lang}")
    clerk.click(f"text={t('persons.ask_do')}")
    assert t("error.QUESTION_KIND_MISSING") in clerk.inner_text("main")
    clerk.check("input[name=kind][value=join]")
    clerk.fill("#id_number", ID_NUMBER)
    clerk.fill("#reason", "same document")
    looks_right(clerk, f"asking-{lang}")
    clerk.click(f"text={t('persons.ask_do')}")
    assert t("persons.yours") in clerk.inner_text("main")
    question = clerk.url
    officer = page_of("officer", lang=lang)
    officer.goto(question)
    officer.click(f"text={t('people.open')}")
    assert "投诉人" in officer.inner_text("main")
    looks_right(officer, f"question-{lang}")
    officer.check("input[name=answer][value=accepted]")
    officer.click(f"text={t('persons.answer_do')}")
    assert t("persons.answer.accepted") in officer.inner_text("main")
    looks_right(officer, f"answered-{lang}")
    officer.goto(f"/ops/persons?number={number}")
    officer.click("summary >> nth=0")
    looks_right(officer, f"history-{lang}")
    clerk.goto(f"/ops/counter/collect?number={number}")
    clerk.fill("#id_number", ID_NUMBER)
    clerk.click("form:has(#id_number) button")
    looks_right(clerk, f"compared-{lang}")
    clerk.fill("#card_number", "0012345678")
    clerk.check("#agreed")
    clerk.click("form:has(#card_number) button")
    assert t("slip.collected") in clerk.inner_text("main")
    clerk.goto(f"/ops/counter/collect?number={number_of(desk, first)}")
    looks_right(clerk, f"collected-{lang}")
