"""The pages of second looks in a real browser, on a phone and on a desk, in both languages."""

from pathlib import Path

import pytest

from pipeline.doors.sweep import sweep
from tests.browser.looks import Site
from tests.browser.test_operations import Open, handed_in, looked_at
from tests.drawings import Drawings
from tests.pipeline.deciding.test_second_looks import told
from tests.policies import under


def a_day_with_looks(site: Site, drawings: Drawings, folder: Path) -> None:
    """A clip that was really read and decided, three payments held, and one pair too often.

    It is the next day.
    """
    desk = under(
        site.desk,
        folder / "policies",
        paid_per_person_per_month_fen=4_999,
        same_officer_and_reporter_per_month=2,
        decisions_sample_percent=100,
    )
    desk.decide(handed_in(site, drawings, "red_light", folder))
    for _ in range(3):
        told(desk)
    desk.clock.move(days=1)
    sweep(desk.runtime)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_looks_fit_read_well_and_are_answered(
    site: Site, page_of: Open, drawings: Drawings, tmp_path: Path, lang: str
) -> None:
    a_day_with_looks(site, drawings, tmp_path)
    page = page_of("other", lang=lang)
    page.goto("/ops")
    looked_at(page)
    page.goto("/ops/second-looks")
    looked_at(page)
    addresses = [
        str(link.get_attribute("href"))
        for link in page.locator("td a[href^='/ops/second-looks/']").all()
    ]
    assert len(addresses) == 4 + 1 + 4  # payments held, a pair, decisions
    for address in addresses:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        looked_at(page)
        again = page.locator("input[value=unsubstantiated]")
        if again.count():
            page.click("form.panel button")  # nothing said
            assert page.is_visible(".error-summary")
            looked_at(page)
            again.check(force=True)
        page.fill("#reason", "看过证据了")
        page.click("form.panel button")
        assert page.locator("form.panel").count() == 0
        looked_at(page)
    page.goto("/ops/second-looks")
    looked_at(page)
    assert page.locator("#disputed-title").is_visible()


def test_a_clip_plays_where_it_is_decided_again(
    site: Site, page_of: Open, drawings: Drawings, tmp_path: Path
) -> None:
    a_day_with_looks(site, drawings, tmp_path)
    page = page_of("other")
    page.goto("/ops/second-looks")
    videos = 0
    for address in [
        str(a.get_attribute("href")) for a in page.locator("td a[href^='/ops/second-looks/']").all()
    ]:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        if page.locator("video").count():
            page.evaluate("document.querySelector('video').load()")
            page.wait_for_function("() => document.querySelector('video').readyState >= 1")
            videos += 1
        broken = "[...document.images].filter(one => one.complete && !one.naturalWidth).length"
        assert page.evaluate(broken) == 0
    assert videos == 1
