"""The timeline of a recording.

What is legible when, breaks, hints; as a picture, as a list, and as links.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from http import HTTPStatus

import pytest

from scheme.reading import Sighted, Sighting, Span
from tests.api.staff import Browser, plain
from tests.pipeline.desk import Desk
from tests.recordings import BUS, CAR, FACTS, READINGS, recorded

Open = Callable[[str], Browser]


def case_page(desk: Desk, browser: Open, report_id: str) -> str:
    return browser("officer").page(f"/ops/cases/{desk.case(report_id).case_id}?report={report_id}")


def rows(page: str) -> list[str]:
    """The tracks as a reader is told them, each with its times."""
    told = re.findall(r"<li>(?:(?!<li>).)*?track-times.*?</li>", page, re.DOTALL)
    return [re.sub(r"\s+", " ", plain(row)).strip() for row in told]


def test_what_is_legible_when_is_told_ours_first_and_hints_are_called_hints(
    desk: Desk, browser: Open
) -> None:
    page = case_page(desk, browser, recorded(desk))
    assert rows(page) == [
        f"Plate {BUS} 0.5–2.0 s 3.5–7.0 s",
        "Line 49 0.0–9.9 s",
        f"Plate {CAR} 3.0–4.5 s",
        "Clock 08:00:04 0.0–9.9 s",
        "Cut 8.0 s",
        "Repeated 9.0–9.6 s",
        "Red light hint only 2.0–6.0 s",
    ]


def test_every_span_and_best_frame_leads_to_its_picture_without_a_script(
    desk: Desk, browser: Open
) -> None:
    page = case_page(desk, browser, recorded(desk))
    links = {
        unescape(link)
        for link in re.findall(r'href="([^"]+)" (?:tabindex="-1" )?data-seek="\d+"', page)
    }
    best = [unescape(link) for link in re.findall(r'href="([^"]+)">Best frame', page)]
    assert len(best) == 4
    assert "ms=4000&box=0.4000" in best[0]
    officer = browser("officer")
    for link in (*links, *best):
        shown = officer.page(link.partition("#")[0])
        assert "<video" not in shown
        picture = unescape(re.search(r'<a class="stage-picture" href="([^"]+)"', shown)[1])  # type: ignore[index]  # it is there
        assert officer.get(picture).status_code == HTTPStatus.OK


def test_the_chosen_vehicle_is_marked_and_the_others_are_named(desk: Desk, browser: Open) -> None:
    report_id = recorded(desk)
    page = case_page(desk, browser, report_id)
    assert "This is the vehicle taken for the reported one." in plain(page)
    frame = unescape(re.search(r'href="([^"]+)">Best frame', page)[1])  # type: ignore[index]  # it is there
    shown = browser("officer").page(frame.partition("#")[0])
    assert f"dashed: other vehicles in view, {CAR}" in plain(shown)
    assert shown.count('<rect class="other"') == 1


def test_a_hint_changes_no_finding(desk: Desk, browser: Open) -> None:
    page = case_page(desk, browser, recorded(desk))
    assert "hint" not in plain(page.partition('class="card checks"')[2].partition("</section>")[0])


@pytest.mark.parametrize("duration_ms", [1, 10_000])
def test_a_crowd_and_a_lying_container_stay_within_the_picture(
    desk: Desk, browser: Open, duration_ms: int
) -> None:
    crowd = tuple(
        Sighting(
            Sighted.PLATE,
            f"沪B{n:05}",
            (Span(-5, 10**9), *(Span(n * 10 + k, n) for k in range(99))),
            10**9,
        )
        for n in range(60)
    )
    facts = replace(FACTS, duration_ms=duration_ms)
    page = case_page(desk, browser, recorded(desk, timeline=crowd, facts=facts))
    spans = re.findall(r'class="span" x="(\d+)" y="0" width="(\d+)"', page)
    assert 0 < len(spans) <= 24 * 60
    assert all(int(x) + int(width) <= 1000 for x, width in spans)


def test_a_recording_of_an_older_reader_has_no_timeline(desk: Desk, browser: Open) -> None:
    page = case_page(desk, browser, recorded(desk, timeline=(), hints=(), motion=None))
    assert READINGS.timeline
    assert "tracks-title" not in page
