"""Operations' pages over the real application.

Queue, deciding, questions, corrections, pictures, both languages.
"""

import itertools
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from http import HTTPStatus
from pathlib import Path

import pytest

from api.texts import Texts
from pipeline.deciding import previews
from pipeline.deciding.case_views import ReportView
from pipeline.paying import funds
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.store import candidates, events, reports
from pipeline.verifying import reading_files
from pipeline.verifying.verification import verify_report
from scheme.case import ReportState, ShareState
from scheme.decision import Verdict
from scheme.entitlement import Entitlement
from scheme.meeting import Why
from scheme.reading import PlateNumber
from scheme.report import Channel, Claim
from tests.api.staff import Browser, code_of, hidden, plain
from tests.drawings import Drawings
from tests.pipeline.desk import ID_NUMBER, VIOLATED_AT, Desk, collected_against
from tests.verifiers.media.made_files import movie

Open = Callable[[str], Browser]
SEEN = {"verdict": "substantiated", "reasons_substantiated": "VIOLATION_SEEN"}


def page_of(desk: Desk, report_id: str) -> str:
    return f"/ops/cases/{desk.case(report_id).case_id}?report={report_id}"


def number_of(desk: Desk, report_id: str) -> str:
    with desk.runtime.read() as work:
        return reports.by_id(work.connection, report_id).report_number or ""


def version(desk: Desk, report_id: str) -> dict[str, str]:
    with desk.runtime.read() as work:
        return {
            "row_version": str(reports.by_id(work.connection, report_id).row_version),
            "looked_at": "",
        }


def answered(desk: Desk, report_id: str) -> str:
    desk.decide(report_id)
    desk.tell()
    return report_id


def asked_about(desk: Desk, one: str, other: str) -> int:
    """An open question whether two reports are one incident."""
    with desk.runtime.write() as work:
        candidates.add(work.connection, one, other, ["SAME_INCIDENT_CANDIDATE"], work.now)
        return candidates.of_reports(work.connection, [one])[0].candidate_id


def view(desk: Desk, report_id: str) -> ReportView:
    return next(report for report in desk.case(report_id).reports if report.report_id == report_id)


# -- what waits ------------------------------------------------------------------------------------


def test_the_front_page_counts_what_waits_and_what_is_overdue(desk: Desk, browser: Open) -> None:
    waiting, read = desk.report(), desk.submit(plate="沪A22222")
    officer = browser("officer")
    page = plain(officer.page("/ops"))
    for words in (
        "0 overdue",
        "0 due today",
        "1 to decide",
        "1 being read",
        number_of(desk, waiting),
    ):
        assert words in page
    assert number_of(desk, read) in page
    for days, words in ((3, "2 due today"), (4, "2 overdue")):
        desk.clock.move(days=days)
        assert words in plain(officer.sign_in("officer").page("/ops"))


def test_the_calendar_raises_its_alarm_when_the_coming_year_is_missing(
    desk: Desk, browser: Open
) -> None:
    officer = browser("officer")
    assert "not loaded into the calendar" not in plain(officer.page("/ops"))
    desk.clock.move(days=(VIOLATED_AT.replace(month=11, day=2) - VIOLATED_AT).days)
    officer.sign_in("officer")
    assert "2027 is not loaded into the calendar yet" in plain(officer.page("/ops"))


def test_the_queue_is_filtered_by_its_address(desk: Desk, browser: Open) -> None:
    one, other = desk.report(plate="沪A11111"), desk.report(plate="沪B22222")
    officer = browser("officer")
    numbers = {report: number_of(desk, report) for report in (one, other)}

    def listed(query: str) -> set[str]:
        page = officer.page(f"/ops/queue?{query}")
        return {report for report, number in numbers.items() if f">{number}</a>" in page}

    assert listed("") == {one, other}
    assert listed("q=沪A11111") == {one}
    assert listed(f"q={numbers[other]}") == {other}
    assert listed("category=red_light") == set()
    assert listed("category=wrong_way&state=verified") == {one, other}
    assert listed("state=answered") == set()
    assert listed("due=overdue") == set()
    assert listed("state=nonsense&due=never&page=x") == {one, other}  # what is unknown is not asked
    desk.clock.move(days=7)
    officer.sign_in("officer")
    assert listed("due=overdue") == {one, other}


def test_the_queue_has_pages(desk: Desk, browser: Open) -> None:
    made = [desk.report(plate=f"沪A{number:05d}") for number in range(51)]
    officer = browser("officer")
    first, second = (
        officer.page("/ops/queue?category=wrong_way"),
        officer.page("/ops/queue?category=wrong_way&page=2"),
    )
    assert 'rel="next" href="/ops/queue?category=wrong_way&amp;page=2"' in first
    assert 'rel="next"' not in second
    assert first.count('<th scope="row">') == 50
    assert second.count('<th scope="row">') == 1
    assert number_of(desk, made[-1]) in second


def test_looking_takes_nothing(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer = browser("officer")
    assert officer.get("/ops/next").headers["location"] == "/ops"
    officer.page(page_of(desk, report_id))
    assert view(desk, report_id).hold is None
    assert officer.done("/ops/next").endswith(report_id)
    held = view(desk, report_id).hold
    assert held is not None
    assert held.display_name == "Officer"
    officer.done(f"/ops/reports/{report_id}/release")
    assert view(desk, report_id).hold is None


def test_nothing_waits_is_said(desk: Desk, browser: Open) -> None:
    assert "Nothing waits" in plain(browser("officer").post("/ops/next").text)


# -- deciding --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "reason", "entitlement"),
    [
        (Verdict.SUBSTANTIATED, "VIOLATION_SEEN", Entitlement.FIRST),
        (Verdict.UNSUBSTANTIATED, "BUS_NOT_IDENTIFIED", Entitlement.EXCLUDED),
        (Verdict.ASSISTED, "OTHER_AUTHORITY", Entitlement.EXCLUDED),
    ],
)
def test_each_verdict_is_given_with_its_reasons_and_note(
    desk: Desk, browser: Open, verdict: Verdict, reason: str, entitlement: Entitlement
) -> None:
    report_id = desk.report()
    officer = browser("officer")
    page = officer.page(page_of(desk, report_id))
    fields = {
        "row_version": hidden(page, "row_version"),
        "verdict": verdict.value,
        "note": "looked twice",
    }
    officer.done(
        f"/ops/reports/{report_id}/decide", **fields, **{f"reasons_{verdict}": reason},
        with_proof="yes", proof_file=hidden(page, "proof_file"), proof_ms="", proof_box="",
    )  # fmt: skip
    report = view(desk, report_id)
    decision = report.decisions[-1]
    assert (decision.verdict, decision.reasons, decision.note) == (
        verdict,
        (reason,),
        "looked twice",
    )
    assert decision.proof is not None
    assert decision.proof.sha256 == report.evidence[0].sha256
    assert report.entitlement is entitlement
    said = "first, rewarded" in plain(officer.page(page_of(desk, report_id)))
    assert said is (verdict is Verdict.SUBSTANTIATED)


@pytest.mark.parametrize(
    ("fields", "anchor"),
    [
        ({}, "#decide-verdict"),
        ({"verdict": "guilty"}, "#decide-verdict"),
        ({"verdict": "substantiated"}, "#decide-reasons"),
        (
            {"verdict": "substantiated", "reasons_unsubstantiated": "NO_VIOLATION"},
            "#decide-reasons",
        ),
        ({"verdict": "substantiated", "reasons_substantiated": "NO_VIOLATION"}, "#decide-reasons"),
    ],
)
def test_a_decision_without_fitting_reasons_is_shown_again_filled_in(
    desk: Desk, browser: Open, fields: dict[str, str], anchor: str
) -> None:
    report_id = desk.report()
    refused = browser("officer").post(
        f"/ops/reports/{report_id}/decide", **version(desk, report_id), **fields, note="kept for me"
    )
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'href="{anchor}"' in refused.text
    assert f'id="{anchor[1:]}"' in refused.text
    assert "kept for me" in refused.text
    assert desk.state(report_id) is ReportState.VERIFIED


def test_the_proof_is_a_file_of_that_very_report(desk: Desk, browser: Open) -> None:
    report_id, foreign = desk.report(), "0" * 64
    refused = browser("officer").post(
        f"/ops/reports/{report_id}/decide",
        **version(desk, report_id),
        **SEEN,
        with_proof="yes",
        proof_file=foreign,
        proof_ms="",
    )
    assert refused.status_code == HTTPStatus.NOT_FOUND
    assert desk.state(report_id) is ReportState.VERIFIED


def test_an_answer_is_superseded_only_after_reopening_with_a_reason(
    desk: Desk, browser: Open
) -> None:
    report_id = answered(desk, desk.report())
    officer = browser("officer")
    otherwise = {"verdict": "unsubstantiated", "reasons_unsubstantiated": "NO_VIOLATION"}
    decide, reopen = f"/ops/reports/{report_id}/decide", f"/ops/reports/{report_id}/reopen"
    assert (
        officer.post(decide, **version(desk, report_id), **otherwise).status_code
        == HTTPStatus.CONFLICT
    )
    assert officer.post(reopen, reason="").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    officer.done(reopen, reason="the unit sent its own recording")
    assert "Decide anew" in officer.page(page_of(desk, report_id))
    officer.done(decide, **version(desk, report_id), **otherwise)
    report = view(desk, report_id)
    assert [decision.verdict for decision in report.decisions] == [
        Verdict.SUBSTANTIATED,
        Verdict.UNSUBSTANTIATED,
    ]
    assert "superseded" in officer.page(page_of(desk, report_id))
    desk.ledger_holds()


# -- one incident or two ---------------------------------------------------------------------------


def test_an_open_question_comes_before_the_decision_and_links_to_itself(
    desk: Desk, browser: Open
) -> None:
    one, other = desk.report(), desk.report()
    question = asked_about(desk, one, other)
    officer = browser("officer")
    address = f"/ops/cases/{desk.case(one).case_id}/compare/{question}"
    assert address in officer.page(page_of(desk, one))
    refused = officer.post(f"/ops/reports/{one}/decide", **version(desk, one), **SEEN)
    assert refused.status_code == HTTPStatus.CONFLICT
    assert 'href="#decide-candidates"' in refused.text
    assert 'id="decide-candidates"' in refused.text
    beside = officer.page(address)
    for report_id in (one, other):
        assert number_of(desk, report_id) in beside
        assert (
            f"/ops/reports/{report_id}/media/{view(desk, report_id).evidence[0].sha256}/poster"
            in beside
        )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_officer_is_told_why_it_is_asked(desk: Desk, browser: Open, lang: str) -> None:
    one, other = desk.report(), desk.report()
    with desk.runtime.write() as work:
        candidates.add(work.connection, one, other, ["SAME_INCIDENT_CANDIDATE", *Why], work.now)
        question = candidates.of_reports(work.connection, [one])[0].candidate_id
    officer, texts = browser("officer"), Texts(lang)
    beside = plain(
        officer.page(f"/ops/cases/{desk.case(one).case_id}/compare/{question}?lang={lang}")
    )
    assert texts.t("compare.why") in beside
    for why in Why:
        assert texts.t(f"why.{why}") in beside
    assert texts.t("why.same_line") in plain(officer.page(f"{page_of(desk, one)}&lang={lang}"))


def test_who_is_refused_for_an_unread_report_is_told_which_and_until_when(
    desk: Desk, browser: Open
) -> None:
    unread, report_id = desk.submit(), desk.report()
    officer = browser("officer")
    refused = officer.post(f"/ops/reports/{report_id}/decide", **version(desk, report_id), **SEEN)
    assert refused.status_code == HTTPStatus.CONFLICT
    page = plain(refused.text)
    assert number_of(desk, unread) in page
    assert Texts("en").when(desk.clock.at + 3 * reading_files.LONGEST_TRY) in page


@pytest.mark.parametrize(("said", "in_one_case"), [("same", True), ("different", False)])
def test_a_question_is_answered_once_with_a_reason(
    desk: Desk,
    browser: Open,
    said: str,
    in_one_case: bool,  # noqa: FBT001 - what the answer leads to
) -> None:
    one, other = desk.report(), desk.report()
    question = asked_about(desk, one, other)
    officer = browser("officer")
    address = f"/ops/cases/{desk.case(one).case_id}/compare/{question}"
    assert officer.post(address, reason="same plate").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    without = officer.post(address, same=said)
    assert without.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'value="{said}" data-key="{"a d" if said == "same" else "x"}" checked' in without.text
    officer.done(address, same=said, reason="same plate, same minute", report=one)
    assert (desk.case(one).case_id == desk.case(other).case_id) is in_one_case
    again = officer.post(
        f"/ops/cases/{desk.case(one).case_id}/compare/{question}", same=said, reason="again"
    )
    assert again.status_code == HTTPStatus.CONFLICT
    assert "same plate, same minute" in officer.page(page_of(desk, one))
    officer.done(f"/ops/reports/{one}/decide", **version(desk, one), **SEEN)


def test_only_the_first_of_a_merged_case_is_rewarded_until_it_is_excluded(
    desk: Desk, browser: Open
) -> None:
    one, other = desk.report(), desk.report(plate="沪A99999")
    officer = browser("officer")
    merge = f"/ops/reports/{other}/merge"
    assert (
        officer.post(merge, other_number="20000101-0000000", reason="x").status_code
        == HTTPStatus.UNPROCESSABLE_ENTITY
    )
    officer.done(merge, other_number=number_of(desk, one), reason="one bus, one moment")
    for report_id in (one, other):
        officer.done(f"/ops/reports/{report_id}/decide", **version(desk, report_id), **SEEN)
    assert [report.entitlement for report in desk.case(one).reports] == [
        Entitlement.FIRST,
        Entitlement.NOT_FIRST,
    ]
    shown = officer.page(page_of(desk, one))
    assert 'class="tabs"' in shown
    officer.done(f"/ops/reports/{one}/exclude", reason="the reporter is the driver's colleague")
    assert [report.entitlement for report in desk.case(one).reports] == [
        Entitlement.EXCLUDED,
        Entitlement.FIRST,
    ]
    officer.done(f"/ops/reports/{one}/exclude", reason="a mistake", readmit="yes")
    assert [report.entitlement for report in desk.case(one).reports] == [
        Entitlement.FIRST,
        Entitlement.NOT_FIRST,
    ]
    leads_to = officer.done(f"/ops/reports/{other}/split", reason="another bus after all")
    assert desk.case(one).case_id not in leads_to
    assert view(desk, other).entitlement is Entitlement.FIRST
    desk.ledger_holds()


def test_a_question_of_another_case_is_not_here(desk: Desk, browser: Open) -> None:
    one, other, third = desk.report(), desk.report(), desk.report(plate="沪A33333")
    question = asked_about(desk, one, other)
    officer = browser("officer")
    assert (
        officer.get(f"/ops/cases/{desk.case(third).case_id}/compare/{question}").status_code
        == HTTPStatus.NOT_FOUND
    )
    assert (
        officer.get(f"/ops/cases/{desk.case(third).case_id}?report={one}").status_code
        == HTTPStatus.NOT_FOUND
    )
    assert officer.get("/ops/cases/nothing").status_code == HTTPStatus.NOT_FOUND


# -- whatever else ---------------------------------------------------------------------------------


def test_a_correction_stands_beside_what_was_said(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer = browser("officer")
    correct = f"/ops/reports/{report_id}/correct"
    fields = {
        "category": "wrong_way",
        "day": "2026-03-10",
        "clock": "08:05",
        "route": "49",
        "badge": "",
        "place": "外滩",
    }
    wrong = officer.post(
        correct, **version(desk, report_id), **fields, plate="nonsense", reason="seen in the file"
    )
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="correct-plate"' in wrong.text
    assert 'value="nonsense"' in wrong.text
    officer.done(
        correct, **version(desk, report_id), **fields, plate="沪a·54321", reason="seen in the file"
    )
    report = view(desk, report_id)
    assert [one.claim.plate for one in report.claims] == ["沪A12345", "沪A54321"]
    assert report.violated_at == VIOLATED_AT + timedelta(minutes=5)
    shown = officer.page(page_of(desk, report_id))
    assert "Versions of the claim (2)" in shown
    assert "seen in the file" in shown


def test_the_reporter_is_asked_for_exactly_what_is_missing(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer = browser("officer")
    empty = officer.post(
        f"/ops/reports/{report_id}/ask", **version(desk, report_id), sights="plate", text=" "
    )
    assert 'id="ask-text"' in empty.text
    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    officer.done(
        f"/ops/reports/{report_id}/ask",
        **version(desk, report_id),
        sights=["plate", "time"],
        text="A close-up",
    )
    assert desk.state(report_id) is ReportState.AWAITING_REPORTER
    shown = officer.page(page_of(desk, report_id))
    assert "A close-up" in shown
    assert 'id="decide"' in shown  # nobody has to wait for a reporter who stays silent


def test_explaining_and_tying_are_on_record(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer = browser("officer")
    officer.done(f"/ops/reports/{report_id}/explain", text="the roster of that day is not in yet")
    officer.done(f"/ops/reports/{report_id}/tie", reason="the same scratch on both doors")
    assert view(desk, report_id).tied_by_officer
    with desk.runtime.read() as work:
        actions = [event.action for event in events.about(work.connection, f"report/{report_id}")]
    assert {"reporter_told_why", "files_tied"} <= set(actions)
    shown = plain(officer.page(page_of(desk, report_id)))
    assert "Reporter told why" in shown
    assert "explained 1×" in shown
    assert "explained 1×" in plain(officer.page("/ops/queue"))
    assert "1 explained, answer to come" in plain(officer.page("/ops"))
    assert "the same scratch on both doors" in shown


def test_a_paid_reward_that_is_not_due_any_more_is_clawed_back_by_decision(
    desk: Desk, browser: Open
) -> None:
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 50_000, "BANK-1")
        funds.stock_cards(work, desk.finance, 50_000, knowing=True)
    report_id = answered(desk, desk.report())
    share_id = desk.shares(report_id)[0].id
    officer = browser("officer")
    claw_back = f"/ops/claw-backs/{share_id}"
    with desk.runtime.write() as work:
        collected_against(
            work,
            share_id=share_id,
            clerk=desk.clerk,
            id_number=ID_NUMBER,
            account={},
            in_hand=True,
        )
    assert officer.post(claw_back, reason="it is due still").status_code == HTTPStatus.CONFLICT
    officer.done(f"/ops/reports/{report_id}/reopen", reason="the recording was staged")
    otherwise = {"verdict": "unsubstantiated", "reasons_unsubstantiated": "EVIDENCE_ALTERED"}
    officer.done(f"/ops/reports/{report_id}/decide", **version(desk, report_id), **otherwise)
    assert "claw-back due" in plain(officer.page(page_of(desk, report_id)))
    assert "1 claw-backs to decide" in plain(officer.page("/ops"))
    assert claw_back in officer.page("/ops/claw-backs")
    assert officer.post(claw_back, reason=" ").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    officer.done(claw_back, reason="the recording was staged")
    assert desk.shares(report_id)[0].state is ShareState.CLAWED_BACK
    desk.ledger_holds()


# -- pictures --------------------------------------------------------------------------------------


def handed_in(desk: Desk, path: Path, claim: Claim) -> str:
    """A file as a report, read by the real reader."""
    with desk.runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
        save_claim(work, report_id=report_id, claim=claim)
        save_reporters(work, report_id=report_id, reporters=[ReporterInput("陈安", "13800000001")])
    with path.open("rb") as stream:
        store_file(desk.runtime, report_id=report_id, file_name=path.name, stream=stream)
    with desk.runtime.write() as work:
        submit(work, report_id=report_id, consent=True)
    assert verify_report(desk.runtime, report_id=report_id)
    return report_id


def addresses(page: str, what: str) -> list[str]:
    """The addresses in a page that contain ``what``, unescaped."""
    return [
        found
        for found in map(unescape, re.findall(r'(?:src|href)="([^"]+)"', page))
        if what in found
    ]


def test_a_photo_shows_the_crops_that_prove_its_findings(
    desk: Desk, browser: Open, drawings: Drawings, tmp_path: Path
) -> None:
    drawn = drawings.draw("bus_front", tmp_path, desk.clock() - timedelta(hours=1))
    report_id = handed_in(desk, drawn.path, drawn.claim)
    officer = browser("officer")
    page = officer.page(page_of(desk, report_id))
    crops = addresses(page, "&box=")
    assert len([one for one in crops if "side=480" in one]) >= 2  # plate and line
    for address in crops:
        answer = officer.get(address.partition("#")[0])
        assert answer.status_code == HTTPStatus.OK, address
    picture = officer.get(next(one for one in crops if "side=480" in one))
    assert picture.headers["content-type"] == "image/jpeg"
    assert drawn.claim.plate
    assert plain(page).count(drawn.claim.plate) >= 3  # claimed, read, and in the claim
    assert "Claimed" in plain(page)
    assert "stage-box" in page
    original = officer.get(addresses(page, "/original")[0])
    assert original.headers["content-disposition"].startswith("attachment")
    assert original.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in original.headers["content-security-policy"]
    assert original.content == drawn.path.read_bytes()
    assert (
        officer.get(addresses(page, "/poster")[0].replace("/poster", "/recording")).status_code
        == HTTPStatus.NOT_FOUND
    )


def test_a_recording_is_played_by_ranges_and_saved_when_opened_alone(
    desk: Desk, browser: Open, drawings: Drawings, tmp_path: Path
) -> None:
    drawn = drawings.draw("red_light", tmp_path, desk.clock() - timedelta(hours=1))
    report_id = handed_in(desk, drawn.path, drawn.claim)
    officer = browser("officer")
    page = officer.page(page_of(desk, report_id))
    address = addresses(page, "/recording")[0]
    part = officer.client.get(address, headers={"range": "bytes=100-199"})
    assert part.status_code == HTTPStatus.PARTIAL_CONTENT
    assert part.content == drawn.path.read_bytes()[100:200]
    assert part.headers["content-type"] == "video/mp4"
    assert part.headers["content-disposition"].startswith("attachment")
    assert officer.get(addresses(page, "/strip")[0]).headers["content-type"] == "image/jpeg"
    steps = addresses(page, "&ms=")
    assert len(steps) >= 8
    one_frame = officer.page(steps[3].partition("#")[0])
    assert not addresses(one_frame, "/recording")
    assert "Play the video" in one_frame


@pytest.mark.parametrize(
    ("codec", "container", "plays"),
    [
        ("libx264", "mov", True),
        ("libx265", "mp4", False),
        ("libx265", "mov", False),
        ("mpeg4", "mp4", False),
    ],
)
# Three fixtures, one line of a table
def test_the_codec_decides_whether_there_is_a_player(  # noqa: PLR0913, PLR0917
    desk: Desk,
    browser: Open,
    tmp_path: Path,
    codec: str,
    container: str,
    plays: bool,  # noqa: FBT001 - the answer
) -> None:
    path = tmp_path / f"bus.{container}"
    path.write_bytes(movie(codec=codec, container=container))
    report_id = handed_in(
        desk, path, Claim("red_light", VIOLATED_AT, route="49", plate=PlateNumber("沪A12345"))
    )
    officer = browser("officer")
    page = officer.page(page_of(desk, report_id))
    assert ("<video" in page) is plays
    assert ("browsers can't play" in plain(page)) is not plays
    assert ("A preview is being made" in plain(page)) is not plays
    assert addresses(page, "/strip")
    assert addresses(page, "/original")
    sha256 = view(desk, report_id).evidence[0].sha256
    answer = officer.get(f"/ops/reports/{report_id}/media/{sha256}/recording")
    assert answer.status_code == (HTTPStatus.OK if plays else HTTPStatus.NOT_FOUND)


def test_what_browsers_do_not_play_is_watched_as_a_preview(
    desk: Desk, browser: Open, tmp_path: Path
) -> None:
    path = tmp_path / "bus.mov"
    path.write_bytes(movie(codec="libx265", container="mov"))
    claim = Claim("red_light", VIOLATED_AT, route="49", plate=PlateNumber("沪A12345"))
    report_id = handed_in(desk, path, claim)
    officer = browser("officer")
    page = officer.page(page_of(desk, report_id))
    (state,) = re.findall(r'data-preview="([^"]+)"', page)
    assert officer.get(state).json()["state"] in {"making", "ready"}
    previews.WORKSHOP.finish(120)
    told = officer.get(state).json()
    assert (told["state"], told["percent"]) == ("ready", 100)
    page = officer.page(page_of(desk, report_id))
    (address,) = addresses(page, "/preview")
    assert "This is a preview without sound" in plain(page)
    part = officer.client.get(address, headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (HTTPStatus.PARTIAL_CONTENT, b"ftyp")
    assert part.headers["content-disposition"].startswith("attachment")
    assert officer.get(addresses(page, "/original")[0]).content == path.read_bytes()
    one_frame = officer.page(addresses(page, "&ms=")[3].partition("#")[0])
    assert not addresses(one_frame, "/preview")
    assert "Play the video" in one_frame
    for stranger in ("clerk", "finance"):
        for what in (address, state):
            refused = browser(stranger).get(what)
            assert refused.status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}, what


def test_a_file_is_shown_only_beside_its_own_report(desk: Desk, browser: Open) -> None:
    one = desk.report()
    desk.numbers = itertools.count(128)  # a picture that differs enough to be another file
    other = desk.report(plate="沪A22222")
    sha256 = view(desk, other).evidence[0].sha256
    assert sha256 != view(desk, one).evidence[0].sha256
    officer = browser("officer")
    for what in ("poster", "frame", "strip", "recording", "original", "preview", "preview-state"):
        answer = officer.get(f"/ops/reports/{one}/media/{sha256}/{what}")
        assert answer.status_code == HTTPStatus.NOT_FOUND, what
        assert code_of(answer) == "NOT_FOUND"


# -- both languages --------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_in_every_state_can_be_said(desk: Desk, browser: Open, lang: str) -> None:
    waiting, twin = desk.report(people=3), desk.report()
    question = asked_about(desk, waiting, twin)
    decided = desk.report(plate="沪A00002")
    told = answered(desk, desk.report(plate="沪A00003"))
    desk.decide(decided, Verdict.UNSUBSTANTIATED)
    received = desk.submit(plate="沪A00001")
    officer = browser("officer")
    officer.page(f"/ops?lang={lang}")
    pages = ["/ops", "/ops/queue", "/ops/queue?state=answered", "/ops/rewards", "/ops/claw-backs"]
    pages += [page_of(desk, report_id) for report_id in (waiting, twin, decided, told)]
    assert number_of(desk, received) in officer.page("/ops/queue?state=received")
    pages.append(f"/ops/cases/{desk.case(waiting).case_id}/compare/{question}")
    for address in pages:
        page = officer.page(address)
        assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page
        assert not re.search(
            r">\s*(ops|case|viewer|check|decide|more|event|detail|error)\.[a-z_.]+\s*<", page
        ), address
    stale = officer.post(
        f"/ops/reports/{waiting}/decide", row_version="99", looked_at="", **SEEN, note="n"
    )
    assert stale.status_code == HTTPStatus.CONFLICT
    for action in (
        "decide",
        "correct",
        "ask",
        "explain",
        "tie",
        "exclude",
        "split",
        "merge",
        "reopen",
        "identity",
    ):
        refused = officer.post(f"/ops/reports/{waiting}/{action}", **version(desk, waiting))
        assert refused.status_code in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT), action
