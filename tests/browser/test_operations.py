"""Operations' pages in a real browser.

Every page on a phone and on a desk, without a script, and by keys alone.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from pipeline.deciding import previews
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.store import candidates, reports
from pipeline.verifying.verification import verify_report
from scheme.case import ReportState
from scheme.decision import Verdict
from scheme.meeting import Why
from scheme.report import Channel
from tests.browser.looks import Site, fits, readable, tall_enough
from tests.drawings import Drawings
from tests.recordings import FACTS, recorded

Open = Callable[..., Page]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


def page_of_case(site: Site, report_id: str) -> str:
    return f"/ops/cases/{site.desk.case(report_id).case_id}?report={report_id}"


def looked_at(page: Page) -> None:
    for window in (PHONE, DESK):
        page.set_viewport_size(window)  # type: ignore[arg-type]  # both keys are there
        fits(page)
    readable(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the same
    tall_enough(page)


def twins(site: Site) -> tuple[str, str, int]:
    """Two reports and the open question about them."""
    one, other = site.desk.report(people=3), site.desk.report()
    with site.desk.runtime.write() as work:
        candidates.add(work.connection, one, other, ["SAME_INCIDENT_CANDIDATE", *Why], work.now)
        question = candidates.of_reports(work.connection, [one])[0].candidate_id
    return one, other, question


def handed_in(site: Site, drawings: Drawings, name: str, folder: Path) -> str:
    """A drawn file as a report, read by the real reader."""
    drawn = drawings.draw(name, folder, site.desk.clock() - timedelta(hours=1))
    with site.desk.runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        save_claim(work, report_id=report_id, claim=drawn.claim)
        save_reporters(work, report_id=report_id, reporters=[ReporterInput("陈安", "13800000001")])
    with drawn.path.open("rb") as stream:
        store_file(site.desk.runtime, report_id=report_id, file_name=drawn.path.name, stream=stream)
    with site.desk.runtime.write() as work:
        submit(work, report_id=report_id, consent=True)
    assert verify_report(site.desk.runtime, report_id=report_id)
    return report_id


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_fits_a_phone_and_reads_well(site: Site, page_of: Open, lang: str) -> None:
    one, other, question = twins(site)
    told = site.desk.report(plate="沪A33333")
    site.desk.decide(told, Verdict.UNSUBSTANTIATED)
    site.desk.tell()
    page = page_of("officer", lang=lang)
    for address in (
        "/ops",
        "/ops/queue",
        "/ops/queue?state=withdrawn",
        "/ops/rewards",
        "/ops/claw-backs",
        page_of_case(site, one),
        page_of_case(site, told),
        f"/ops/cases/{site.desk.case(one).case_id}/compare/{question}",
    ):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        looked_at(page)
    page.goto(f"/ops/cases/{site.desk.case(one).case_id}/compare/{question}")
    page.locator("input[value=same]").check(force=True)
    page.fill("#reason", "one bus, one moment")
    page.click(".decide button")
    assert site.desk.case(one).case_id == site.desk.case(other).case_id
    looked_at(page)
    page.click(".decide button")  # no verdict chosen
    assert page.is_visible(".error-summary")
    looked_at(page)


@pytest.mark.parametrize("name", ["bus_front", "red_light"])
def test_a_case_that_was_really_read_fits_and_shows_its_evidence(
    site: Site, page_of: Open, drawings: Drawings, tmp_path: Path, name: str
) -> None:
    report_id = handed_in(site, drawings, name, tmp_path)
    page = page_of("officer", lang="zh")
    page.goto(page_of_case(site, report_id))
    page.wait_for_load_state("networkidle")
    looked_at(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]  # both keys are there
    broken = page.evaluate(
        "[...document.images].filter(image => image.complete && !image.naturalWidth)"
        ".map(image => image.getAttribute('src'))"
    )
    assert broken == []
    evidence, rules = (
        page.locator(one).bounding_box() for one in (".column-evidence", ".column-rules")
    )
    assert evidence is not None
    assert rules is not None
    assert rules["x"] > evidence["x"] + evidence["width"]  # two columns
    assert evidence["width"] > rules["width"]
    if name == "red_light":
        assert page.evaluate("document.querySelector('video').readyState") >= 1
        assert page.evaluate("document.querySelector('video').videoWidth") > 0
        page.locator(".strip a").nth(3).click()
        assert page.locator("video").count() == 0
    else:
        assert page.is_visible(".stage-box")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_timeline_fits_reads_well_and_moves_the_player(
    site: Site, page_of: Open, lang: str
) -> None:
    page = page_of("officer", lang=lang)
    page.goto(page_of_case(site, recorded(site.desk)))
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    looked_at(page)
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
    for mark in (".track svg a >> nth=0", ".track-list a >> nth=1"):
        wanted = int(page.locator(mark).get_attribute("data-seek") or 0) / 1000
        page.locator(mark).click()
        page.wait_for_function(
            "at => Math.abs(document.querySelector('video').currentTime - at) < 0.1", arg=wanted
        )
    page.locator(".track p a").first.click()
    assert page.locator("video").count() == 0
    assert page.locator(".stage-box .other").count() == 1
    looked_at(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_report_is_decided_without_a_script(site: Site, page_of: Open, width: int) -> None:
    report_id = site.desk.report()
    page = page_of("officer", width=width, script=False)
    page.click("main form[action='/ops/next'] button")
    assert report_id in page.url
    page.click(".verdict-substantiated")
    page.click(".reasons-substantiated label")
    page.click(".decide button")
    assert site.desk.state(report_id) is ReportState.DECIDED
    fits(page)
    assert "Nothing waits" in page.inner_text("main")
    page.click("main form button")  # undo
    assert site.desk.state(report_id) is ReportState.VERIFIED


def test_reasons_of_the_verdict_that_is_chosen_are_shown_and_no_others(
    site: Site, page_of: Open
) -> None:
    report_id = site.desk.report()
    page = page_of("officer", script=False)
    page.goto(page_of_case(site, report_id))
    assert not page.locator(".reasons").filter(visible=True).count()
    page.click(".verdict-unsubstantiated")
    assert page.locator(".reasons").filter(visible=True).count() == 1
    assert page.is_visible(".reasons-unsubstantiated")


def test_a_clean_case_takes_two_keys_and_undoing_one(site: Site, page_of: Open) -> None:
    first, second = site.desk.report(plate="沪A11111"), site.desk.report(plate="沪A22222")
    page = page_of("officer")
    page.click("main form[action='/ops/next'] button")
    page.wait_for_load_state()
    page.keyboard.press("Enter")  # nothing is chosen yet
    page.keyboard.press("a")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert site.desk.state(first) is ReportState.DECIDED
    assert second in page.url
    with page.expect_navigation():
        page.keyboard.press("u")
    assert site.desk.state(first) is ReportState.VERIFIED
    page.goto(page_of_case(site, second))
    with page.expect_navigation():
        page.keyboard.press("s")
    assert first in page.url


def test_keys_do_nothing_while_somebody_types(site: Site, page_of: Open) -> None:
    report_id = site.desk.report()
    page = page_of("officer")
    page.goto(page_of_case(site, report_id))
    page.click(".decide summary")
    page.type("#decide-note", "axhus")
    assert page.input_value("#decide-note") == "axhus"
    assert page.locator("[name=verdict]:checked").count() == 0
    assert site.desk.state(report_id) is ReportState.VERIFIED
    page.goto("/ops/queue")
    page.keyboard.press("/")
    page.keyboard.type("a")
    assert page.input_value("#q") == "a"


def test_the_queue_is_filtered_as_one_chooses(site: Site, page_of: Open) -> None:
    site.desk.report(plate="沪A33333")
    withdrawn = site.desk.report(plate="沪A44444")
    with site.desk.runtime.write() as work:
        reports.move(work.connection, withdrawn, ReportState.WITHDRAWN)
    page = page_of("officer")
    page.goto("/ops/queue")
    page.evaluate("window.stayed = true")
    page.select_option("#state", "withdrawn")
    page.wait_for_url("**state=withdrawn**")
    page.wait_for_selector("#queue >> text=沪A44444")
    assert "沪A33333" not in page.inner_text("#queue")
    assert page.evaluate("window.stayed") is True  # the list was exchanged, not the page
    page.go_back()
    page.wait_for_selector("#queue >> text=沪A33333")


def test_every_key_does_what_it_says(site: Site, page_of: Open) -> None:
    report_id = recorded(site.desk)
    other = site.desk.report()
    with site.desk.runtime.write() as work:
        candidates.add(work.connection, report_id, other, ["SAME_INCIDENT_CANDIDATE"], work.now)
    page = page_of("officer")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]  # both keys are there
    address = page_of_case(site, report_id)
    page.goto(address)
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    page.keyboard.press("z")  # nothing was played yet
    page.wait_for_function(
        "() => document.querySelector('canvas.loupe').getContext('2d')"
        ".getImageData(0, 0, 480, 480).data.some((value, at) => at % 4 < 3 && value > 0)"
    )
    page.keyboard.press("z")
    times = page.evaluate(
        "fetch(document.querySelector('video').dataset.frameTimes).then(answer => answer.json())"
    )
    for key, frame in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)):
        page.keyboard.press(key)
        middle = (times[frame] + times[frame + 1]) / 2000
        page.wait_for_function(
            "at => Math.abs(document.querySelector('video').currentTime - at) < 0.001", arg=middle
        )
        assert page.input_value("[data-proof-ms]") == str(round(middle * 1000))
    page.keyboard.press("1")
    marked = int(page.locator("[data-mark]").first.get_attribute("data-seek") or 0) / 1000
    page.wait_for_function(
        "at => Math.abs(document.querySelector('video').currentTime - at) < 0.1", arg=marked
    )
    page.keyboard.press("Space")
    page.wait_for_function("() => !document.querySelector('video').paused")
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('video').paused")
    page.keyboard.press("z")
    page.mouse.move(300, 400)
    page.keyboard.press("z")
    assert page.locator("canvas.loupe").count() == 0
    page.keyboard.press("i")
    assert page.evaluate("document.activeElement.id") == "ask-text"
    page.keyboard.type("1zd")  # typed, not pressed
    assert page.input_value("#ask-text") == "1zd"
    assert page.locator("canvas.loupe").count() == 0
    page.locator("h1").click()
    with page.expect_navigation():
        page.keyboard.press("d")
    assert "/compare/" in page.url
    page.keyboard.press("d")
    assert page.locator("input[value=same]").is_checked()


def test_the_claim_is_in_view_and_every_picture_of_a_strip_has_a_name(
    site: Site, page_of: Open
) -> None:
    report_id = recorded(site.desk)
    page = page_of("officer")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]  # both keys are there
    page.goto(page_of_case(site, report_id))
    claim = page.locator(".claim dl").bounding_box()
    assert claim is not None
    assert claim["y"] + claim["height"] <= DESK["height"]
    boxes_that_scroll = page.evaluate(
        "[...document.querySelectorAll('.columns, .columns *')].filter(one =>"
        " one.scrollHeight > one.clientHeight + 1"
        " && /auto|scroll/.test(getComputedStyle(one).overflowY)).map(one => one.className)"
    )
    assert boxes_that_scroll == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # both keys are there
    names = page.locator(".strip a").evaluate_all("links => links.map(one => one.innerText.trim())")
    assert len(names) == 8
    assert all(names)


def test_a_preview_plays_as_soon_as_it_is_made(
    site: Site, page_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = previews.WORKSHOP
    begin = workshop._begin
    monkeypatch.setattr(workshop, "_begin", lambda *_: None)  # first it waits for its turn
    report_id = recorded(site.desk, facts=replace(FACTS, codec="hevc"))
    page = page_of("officer")
    page.goto(page_of_case(site, report_id))
    note = page.locator("[data-preview]")
    assert "A preview is being made" in (note.text_content() or "")
    looked_at(page)
    monkeypatch.setattr(workshop, "_begin", begin)
    player = page.locator("video[data-player]")
    player.wait_for(timeout=60_000)
    page.wait_for_function("document.querySelector('video[data-player]').readyState >= 1")
    assert player.evaluate("player => [player.videoWidth, Math.round(player.duration)]") == [
        128,
        10,
    ]
    looked_at(page)
