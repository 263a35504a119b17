"""What an officer can do to a report, each through its form.

Done, on record, and refused in words beside the form.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus

import pytest

from pipeline.store import candidates, claims, events, reports
from scheme.case import ReportState
from tests.api.staff import Browser, hidden, plain
from tests.pipeline.desk import Desk
from tests.recordings import recorded
from tests.verifiers.media.made_files import movie

Open = Callable[[str], Browser]
CLAIM = {
    "category": "wrong_way",
    "day": "2026-03-10",
    "clock": "08:00:00",
    "route": "49",
    "plate": "沪A12345",
    "badge": "",
    "place": "建国东路525号",
    "note": "",
}


def page_of(desk: Desk, report_id: str) -> str:
    return f"/ops/cases/{desk.case(report_id).case_id}?report={report_id}"


def looked_at(officer: Browser, desk: Desk, report_id: str) -> dict[str, str]:
    page = officer.page(page_of(desk, report_id))
    return {name: hidden(page, name) for name in ("row_version", "looked_at")}


def number_of(desk: Desk, report_id: str) -> str:
    with desk.runtime.read() as work:
        return reports.by_id(work.connection, report_id).report_number or ""


def actions_of(desk: Desk, report_id: str) -> list[str]:
    with desk.runtime.read() as work:
        return [event.action for event in events.about(work.connection, f"report/{report_id}")]


def two_pictures(desk: Desk) -> tuple[str, str]:
    """Two reports whose pictures differ by more than JPEG rounds away."""
    first = desk.report(plate="沪A11111")
    for _ in range(90):
        next(desk.numbers)
    return first, desk.report(plate="沪A22222")


def asked_about(desk: Desk, one: str, other: str) -> int:
    """An open question "same incident?" about two reports; its number."""
    with desk.runtime.write() as work:
        candidates.add(work.connection, one, other, ["SIMILAR_MEDIA"], work.now)
    return desk.case(one).candidates[0].candidate_id


# -- queue -----------------------------------------------------------------------------------------


def test_the_queue_filters_by_its_address(desk: Desk, browser: Open) -> None:
    first, second = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    officer = browser("officer")
    one, other = number_of(desk, first), number_of(desk, second)
    for query, shown in (
        ("", {one, other}),
        ("q=沪A111", {one}),
        (f"q={other}", {other}),
        ("state=answered", set()),
        ("category=red_light", set()),
        ("category=wrong_way&state=verified", {one, other}),
        ("due=overdue", set()),
        ("state=nonsense&category=nonsense&due=nonsense&page=nonsense", {one, other}),
        ("page=999999", {one, other}),
        ("q=%00", {one, other}),
        ("q=%25", set()),
    ):
        page = officer.page(f"/ops/queue?{query}")
        assert {number for number in (one, other) if number in page} == shown, query
    desk.clock.move(days=10)
    officer = browser("officer")
    assert one in officer.page("/ops/queue?due=overdue")
    assert "Overdue" in plain(officer.page("/ops/queue"))


def test_the_queue_has_pages(desk: Desk, browser: Open) -> None:
    for number in range(51):
        desk.report(plate=f"沪B{number:05d}")
    officer = browser("officer")
    first, second = (
        officer.page("/ops/queue?category=wrong_way"),
        officer.page("/ops/queue?category=wrong_way&page=2"),
    )
    assert first.count("/ops/cases/") == 50
    assert second.count("/ops/cases/") == 1
    assert "category=wrong_way&amp;page=2" in first


# -- what is done to a report ----------------------------------------------------------------------


def test_a_corrected_claim_stands_beside_the_reporters(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer = browser("officer")
    then = looked_at(officer, desk, report_id)
    officer.done(
        f"/ops/reports/{report_id}/correct",
        **then,
        **{**CLAIM, "plate": "沪a 1234 6", "reason": "typo"},
    )
    claims = desk.case(report_id).reports[0].claims
    assert [version.claim.plate for version in claims] == ["沪A12345", "沪A12346"]
    assert "claim_corrected" in actions_of(desk, report_id)
    page = officer.page(page_of(desk, report_id))
    assert "沪A12345" in page
    assert "沪A12346" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"plate": "ABC"}, "correct-plate"),
        ({"clock": "24:00"}, "correct-clock"),
        ({"day": "tomorrow"}, "correct-day"),
        ({"reason": " "}, "correct-reason"),
        ({"reason": "x" * 2001}, "correct-reason"),
        ({"category": "flying"}, "correct-category"),
        ({"route": "??"}, "correct-route"),
        ({"place": "x" * 201}, "correct-place"),
    ],
)
def test_a_correction_that_is_wrong_is_shown_again(
    desk: Desk, browser: Open, changes: dict[str, str], field: str
) -> None:
    report_id = desk.report()
    officer = browser("officer")
    then = looked_at(officer, desk, report_id)
    answer = officer.post(
        f"/ops/reports/{report_id}/correct", **then, **{**CLAIM, "reason": "typo", **changes}
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'href="#{field}"' in answer.text
    assert answer.text.count(f'id="{field}"') == 1
    assert len(desk.case(report_id).reports[0].claims) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "decide-verdict"),
        ({"verdict": "guilty"}, "decide-verdict"),
        ({"verdict": "unsubstantiated"}, "decide-reasons"),
        (
            {"verdict": "unsubstantiated", "reasons_substantiated": "VIOLATION_SEEN"},
            "decide-reasons",
        ),
        (
            {"verdict": "unsubstantiated", "reasons_unsubstantiated": "VIOLATION_SEEN"},
            "decide-reasons",
        ),
    ],
)
def test_a_decision_needs_a_verdict_and_reasons_of_it(
    desk: Desk, browser: Open, fields: dict[str, str], field: str
) -> None:
    report_id = desk.report()
    officer = browser("officer")
    answer = officer.post(
        f"/ops/reports/{report_id}/decide", **looked_at(officer, desk, report_id), **fields
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert desk.state(report_id) is ReportState.VERIFIED


def test_reasons_ticked_for_another_verdict_do_not_count(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer = browser("officer")
    officer.done(
        f"/ops/reports/{report_id}/decide",
        **looked_at(officer, desk, report_id),
        verdict="unsubstantiated",
        reasons_unsubstantiated=["NO_VIOLATION", "TIME_NOT_PROVEN"],
        reasons_substantiated="VIOLATION_SEEN",
        note="The line is a broken one.",
    )
    decision = desk.case(report_id).reports[0].decisions[0]
    assert (decision.reasons, decision.note) == (
        ("NO_VIOLATION", "TIME_NOT_PROVEN"),
        "The line is a broken one.",
    )


def test_the_frame_that_decides_must_be_of_this_report(desk: Desk, browser: Open) -> None:
    report_id, other = two_pictures(desk)
    officer = browser("officer")
    mine, theirs = (desk.case(one).reports[0].evidence[0].sha256 for one in (report_id, other))
    fields = {
        "verdict": "substantiated",
        "reasons_substantiated": "VIOLATION_SEEN",
        "with_proof": "yes",
    }
    form = f"/ops/reports/{report_id}/decide"
    foreign = officer.post(form, **looked_at(officer, desk, report_id), **fields, proof_file=theirs)
    assert foreign.status_code == HTTPStatus.NOT_FOUND
    officer.done(
        form,
        **looked_at(officer, desk, report_id),
        **fields,
        proof_file=mine,
        proof_ms="",
        proof_box="",
    )
    proof = desk.case(report_id).reports[0].decisions[0].proof
    assert proof is not None
    assert proof.sha256 == mine


def test_asking_and_explaining_reach_the_reporter(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer = browser("officer")
    empty = officer.post(
        f"/ops/reports/{report_id}/ask", **looked_at(officer, desk, report_id), text=" "
    )
    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    officer.done(
        f"/ops/reports/{report_id}/explain", text="The calendar is unclear; two more days."
    )
    officer.done(
        f"/ops/reports/{report_id}/ask",
        **looked_at(officer, desk, report_id),
        text="The plate, please.",
        sights="plate",
    )
    assert desk.state(report_id) is ReportState.AWAITING_REPORTER
    assert {"reporter_asked", "reporter_told_why"} <= set(actions_of(desk, report_id))
    assert "The plate, please." in officer.page(page_of(desk, report_id))


def test_what_was_done_is_said_and_an_empty_text_has_its_own_sentence(
    desk: Desk, browser: Open
) -> None:
    report_id, officer = desk.report(), browser("officer")
    for form, sentence in (
        ("ask", "Please write what is missing"),
        ("explain", "Please write why there is no result yet"),
        ("tie", "Please give a reason"),
    ):
        refused = officer.post(
            f"/ops/reports/{report_id}/{form}", **looked_at(officer, desk, report_id), text=" "
        )
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert sentence in plain(refused.text)
    corrected = officer.done(
        f"/ops/reports/{report_id}/correct",
        **looked_at(officer, desk, report_id),
        **{**CLAIM, "plate": "沪A54321", "reason": "typo"},
    )
    assert "The correction counts now" in plain(officer.page(corrected))
    asked = officer.done(
        f"/ops/reports/{report_id}/ask",
        **looked_at(officer, desk, report_id),
        text="The plate, please.",
        sights=["plate", "time"],
    )
    assert "The reporter is asked for more" in plain(officer.page(asked))
    again = officer.page(page_of(desk, report_id))
    assert "The reporter is asked for more" not in plain(again)
    assert 'role="status"' not in officer.page(f"{page_of(desk, report_id)}&did=nonsense")


def test_a_refused_form_is_open_with_all_that_was_typed_and_its_problem_at_the_field(
    desk: Desk, browser: Open
) -> None:
    report_id, officer = desk.report(), browser("officer")
    refused = officer.post(
        f"/ops/reports/{report_id}/ask",
        **looked_at(officer, desk, report_id),
        text=" ",
        sights=["plate", "time"],
    ).text
    assert re.findall(r'name="sights" value="(\w+)" checked', refused) == ["plate", "time"]
    assert 'href="#ask-text"' in refused
    assert 'id="ask-text-error"' in refused
    assert 'id="explain-text-error"' not in refused  # another form's field of the same name
    without = officer.post(f"/ops/reports/{report_id}/identity", reason=" x ").text
    assert 'href="#identity-reason"' in without
    assert 'id="identity-reason" name="reason" type="text" value=" x "' in without


def test_a_correction_leaves_alone_what_its_form_does_not_ask_about(
    desk: Desk, browser: Open
) -> None:
    """A program may send a longer note than the form takes: it stays, and the correction counts."""
    report_id, officer = desk.submit(), browser("officer")
    note = "x" * 1500
    with desk.runtime.write() as work:
        said = claims.in_force(work.connection, report_id)
        assert said is not None
        claim = replace(said.claim, note=note, latitude=31.2, longitude=121.4)
        claims.set_draft(work.connection, report_id, claim, work.now)
    desk.verify(report_id)
    officer.done(
        f"/ops/reports/{report_id}/correct",
        **looked_at(officer, desk, report_id),
        **{**CLAIM, "plate": "沪A12346", "reason": "typo"},
    )
    now = desk.case(report_id).reports[0].claim
    assert (now.plate, now.note, now.latitude) == ("沪A12346", note, 31.2)


def test_a_reporter_who_does_not_answer_stops_nobody(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer = browser("officer")
    officer.done(
        f"/ops/reports/{report_id}/ask",
        **looked_at(officer, desk, report_id),
        text="The plate, please.",
    )
    assert f'action="/ops/reports/{report_id}/decide"' in officer.page(page_of(desk, report_id))
    officer.done(
        f"/ops/reports/{report_id}/decide",
        **looked_at(officer, desk, report_id),
        verdict="unsubstantiated",
        reasons_unsubstantiated="REPORTER_DID_NOT_ANSWER",
    )
    assert desk.state(report_id) is ReportState.DECIDED


def test_files_are_tied_and_reports_excluded_on_record(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer = browser("officer")
    for action in ("tie", "exclude"):
        refused = officer.post(f"/ops/reports/{report_id}/{action}", reason="")
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        officer.done(f"/ops/reports/{report_id}/{action}", reason="own repeat")
    report = desk.case(report_id).reports[0]
    assert (report.tied_by_officer, report.excluded) == (True, True)
    officer.done(f"/ops/reports/{report_id}/exclude", reason="was another", readmit="yes")
    assert not desk.case(report_id).reports[0].excluded
    assert {"files_tied", "report_excluded", "report_readmitted"} <= set(
        actions_of(desk, report_id)
    )


def test_cases_are_merged_by_number_and_split_again(desk: Desk, browser: Open) -> None:
    first, second = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    officer = browser("officer")
    unknown = officer.post(
        f"/ops/reports/{second}/merge", other_number="20260310-0000000", reason="one bus"
    )
    assert unknown.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'href="#merge-other_number"' in unknown.text
    officer.done(
        f"/ops/reports/{second}/merge", other_number=f" {number_of(desk, first)} ", reason="one bus"
    )
    assert len(desk.case(first).reports) == 2
    again = officer.post(
        f"/ops/reports/{second}/merge", other_number=number_of(desk, first), reason="one bus"
    )
    assert again.status_code == HTTPStatus.CONFLICT
    officer.done(f"/ops/reports/{second}/split", reason="two buses after all")
    assert len(desk.case(first).reports) == 1
    alone = officer.post(f"/ops/reports/{second}/split", reason="x")
    assert alone.status_code == HTTPStatus.CONFLICT


def test_an_answered_report_is_reopened_before_it_is_decided_anew(
    desk: Desk, browser: Open
) -> None:
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    officer = browser("other")
    page = officer.page(page_of(desk, report_id))
    assert f"/ops/reports/{report_id}/decide" not in page
    with desk.runtime.read() as work:
        version = reports.by_id(work.connection, report_id).row_version
    fields = {"verdict": "unsubstantiated", "reasons_unsubstantiated": "NO_VIOLATION"}
    closed = officer.post(
        f"/ops/reports/{report_id}/decide", row_version=str(version), looked_at="", **fields
    )
    assert closed.status_code == HTTPStatus.CONFLICT
    assert "reopen it first" in plain(closed.text)
    officer.done(
        f"/ops/reports/{report_id}/reopen", reason="the reporter came back with the original"
    )
    officer.done(
        f"/ops/reports/{report_id}/decide", **looked_at(officer, desk, report_id), **fields
    )
    assert [str(one.verdict) for one in desk.case(report_id).reports[0].decisions] == [
        "substantiated",
        "unsubstantiated",
    ]
    assert not desk.case(report_id).reward


# -- one incident or two ---------------------------------------------------------------------------


def test_an_open_question_is_answered_beside_both_reports(desk: Desk, browser: Open) -> None:
    first, second = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    number = asked_about(desk, second, first)
    officer = browser("officer")
    blocked = officer.post(
        f"/ops/reports/{second}/decide",
        **looked_at(officer, desk, second),
        verdict="substantiated",
        reasons_substantiated="VIOLATION_SEEN",
    )
    assert blocked.status_code == HTTPStatus.CONFLICT
    assert "open questions" in plain(blocked.text)
    form = f"/ops/cases/{desk.case(second).case_id}/compare/{number}"
    page = officer.page(form)
    assert number_of(desk, first) in page
    assert number_of(desk, second) in page
    assert "/poster" in page
    assert officer.post(form, reason="x").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert officer.post(form, same="same", reason="").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    back = officer.done(form, same="different", reason="another plate", report=second)
    assert f"report={second}" in back
    assert desk.case(first).case_id != desk.case(second).case_id
    again = officer.post(form, same="same", reason="no, the same", report=second)
    assert again.status_code == HTTPStatus.CONFLICT


def test_the_same_incident_becomes_one_case(desk: Desk, browser: Open) -> None:
    first, second = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    number = asked_about(desk, second, first)
    form = f"/ops/cases/{desk.case(second).case_id}/compare/{number}"
    officer = browser("officer")
    back = officer.done(form, same="same", reason="one photo", report=second)
    assert desk.case(first).case_id == desk.case(second).case_id
    page = officer.page(back)
    assert number_of(desk, first) in page
    assert number_of(desk, second) in page
    assert officer.get(form).status_code == HTTPStatus.OK  # by the merged case's old address too


# -- pictures --------------------------------------------------------------------------------------


def test_originals_leave_as_attachments_in_a_sandbox(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    file = desk.case(report_id).reports[0].evidence[0]
    answer = browser("officer").get(f"/ops/reports/{report_id}/media/{file.sha256}/original")
    assert answer.status_code == HTTPStatus.OK
    assert len(answer.content) == file.size_bytes
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_picture_is_served_in_its_own_report_only(desk: Desk, browser: Open) -> None:
    report_id, other = two_pictures(desk)
    sha256 = desk.case(report_id).reports[0].evidence[0].sha256
    officer = browser("officer")
    for kind in ("poster", "frame", "strip", "original"):
        own = officer.get(f"/ops/reports/{report_id}/media/{sha256}/{kind}")
        assert own.status_code == HTTPStatus.OK
        foreign = officer.get(f"/ops/reports/{other}/media/{sha256}/{kind}")
        assert foreign.status_code == HTTPStatus.NOT_FOUND
    assert (
        officer.get(f"/ops/reports/{report_id}/media/{sha256}/recording").status_code
        == HTTPStatus.NOT_FOUND
    )


@pytest.mark.parametrize(
    "query",
    [
        "box=0,0,1",
        "box=nan,0,1,1",
        "box=0.5,0.5,0.1,0.1",
        "box=-1,0,2,1",
        "ms=99999999999",
        "ms=x",
        "side=0",
    ],
)
def test_nonsense_in_a_pictures_address_gives_the_whole_picture(
    desk: Desk, browser: Open, query: str
) -> None:
    report_id = desk.report()
    sha256 = desk.case(report_id).reports[0].evidence[0].sha256
    answer = browser("officer").get(f"/ops/reports/{report_id}/media/{sha256}/frame?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (HTTPStatus.OK, "image/jpeg")


def test_the_case_page_takes_any_address(desk: Desk, browser: Open) -> None:
    report_id = desk.report()
    officer = browser("officer")
    case = desk.case(report_id)
    for query in (
        "",
        "?report=",
        "?done=nonsense",
        "?file=nonsense&ms=-1&box=x",
        f"?report={report_id}&ms=5&box=0,0,1,1",
    ):
        assert officer.get(f"/ops/cases/{case.case_id}{query}").status_code == HTTPStatus.OK, query
    assert (
        officer.get(f"/ops/cases/{case.case_id}?report=nonsense").status_code
        == HTTPStatus.NOT_FOUND
    )
    assert officer.get("/ops/cases/nonsense").status_code == HTTPStatus.NOT_FOUND
    assert (
        officer.get(f"/ops/cases/{case.case_id}/compare/x").status_code
        == HTTPStatus.UNPROCESSABLE_ENTITY
    )


def test_both_languages_show_every_page(desk: Desk, browser: Open) -> None:
    first, second = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    number = asked_about(desk, second, first)
    officer = browser("officer")
    pages = [
        page_of(desk, second),
        f"/ops/cases/{desk.case(second).case_id}/compare/{number}",
        "/ops",
        "/ops/queue",
    ]
    for language, word in (("zh", "逆向行驶"), ("en", "Driving against traffic")):
        for address in pages:
            assert word in officer.page(
                f"{address}{'&' if '?' in address else '?'}lang={language}"
            ), address


def test_frames_of_an_uneven_recording_are_stepped_by_its_own_times(
    desk: Desk, browser: Open
) -> None:
    uneven = (0, 1, 2, 5, 6, 9, 10, 11, 12, 14)
    report_id = recorded(desk, content=movie(frames=10, times=uneven))
    sha256 = desk.case(report_id).reports[0].evidence[0].sha256
    answer = browser("officer").get(f"/ops/reports/{report_id}/media/{sha256}/frame-times")
    assert answer.json() == [100 * number for number in uneven]
    assert "frame-times" in browser("officer").page(page_of(desk, report_id))


def test_the_alarm_names_what_is_missing_from_when_and_leads_to_the_form(
    desk: Desk, browser: Open
) -> None:
    desk.clock.at = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
    officer = browser("officer")
    alarm = officer.page("/ops").partition('role="alert"')[2].partition("</section>")[0]
    assert "2027 is not loaded into the calendar yet" in plain(alarm)
    assert "can't be worked out" not in plain(alarm)
    assert alarm.count("December 2026") >= 2
    assert 'href="/ops/calendar#load"' in alarm
    assert 'id="load"' in officer.page("/ops/calendar")
