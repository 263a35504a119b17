"""The counter's pages: a walk-in from form to card, rewards against a document, refusals."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest
from PIL import Image

from api.texts import Texts
from pipeline.answering import arriving, proving, tracking
from pipeline.paying import forfeiture, funds
from pipeline.store import (
    candidates,
    cases,
    documents,
    events,
    identities,
    reports,
    sessions,
    whose,
)
from pipeline.verifying.reading_files import LONGEST_TRY
from scheme.case import ReportState, ShareState
from scheme.decision import Verdict
from tests.api.staff import Browser, hidden, plain
from tests.pipeline.desk import CARD, ID_NUMBER, VIOLATED_AT, Desk, collected_against, id_number_of

Open = Callable[[str], Browser]

SAID = {
    "category": "wrong_way",
    "day": "2026-03-10",
    "clock": "08:00",
    "route": "49路",
    "plate": "沪A·12345",
    "place": "建国东路525号",
    "reporters.0.name": "陈安",
    "reporters.0.phone": "13800000001",
    "consent": "yes",
}


def picture(shade: int = 90) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, 80, 70)).save(stream, "JPEG")
    return stream.getvalue()


def register(clerk: Browser, shade: int = 90, **changes: str) -> str:
    """A walk-in through the form; returns the report's id."""
    answer = clerk.post_files(
        "/ops/counter/register/files",
        [("file", ("bus.jpg", picture(shade)))],
        **{**SAID, **changes},
    )
    assert answer.status_code == HTTPStatus.CREATED, plain(answer.text)[:500]
    found = re.search(r"/ops/counter/reports/([0-9a-f]+)", answer.text)
    assert found is not None
    return found[1]


def stocked(desk: Desk, yuan: int = 500) -> None:
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, yuan * 100, "BANK-1")
        funds.stock_cards(work, desk.finance, yuan * 100, knowing=True)


def number_of(desk: Desk, report_id: str) -> str:
    with desk.runtime.read() as work:
        return reports.by_id(work.connection, report_id).report_number or ""


def told(desk: Desk, *, people: int = 1, **said: str) -> str:
    """A report whose reward was announced."""
    report_id = desk.report(people=people, **said)
    desk.decide(report_id)
    desk.tell()
    return report_id


# -- taking in -------------------------------------------------------------------------------------


def test_a_walk_in_is_received_with_number_and_code(desk: Desk, browser: Open) -> None:
    clerk = browser("clerk")
    assert "Register" in clerk.page("/ops/counter/register")
    answer = clerk.post_files(
        "/ops/counter/register/files", [("file", ("bus.jpg", picture()))], **SAID
    )
    assert answer.status_code == HTTPStatus.CREATED
    assert re.search(r"20260310-\d{7}", answer.text)
    assert re.search(r"\b\d{4} \d{4} \d{4} \d{4}\b", plain(answer.text))
    report_id = re.findall(r"/ops/counter/reports/([0-9a-f]+)", answer.text)[0]
    assert desk.state(report_id) is ReportState.RECEIVED
    with desk.runtime.read() as work:
        actions = {event.action for event in events.about(work.connection, f"report/{report_id}")}
    assert {"walk_in_registered", "received"} <= actions
    assert number_of(desk, report_id) in clerk.page("/ops/counter")


@pytest.mark.parametrize(
    ("changes", "field", "told_text"),
    [
        ({"plate": "ABC"}, "plate", "no plate"),
        ({"category": ""}, "category", "choose a kind"),
        ({"day": ""}, "day", "valid date"),
        ({"day": "2012-10-17"}, "violated_at", "before the scheme"),
        ({"day": "2026-04-01"}, "violated_at", "in the future"),
        ({"reporters.0.name": " "}, "reporters.0.name", "real name"),
        ({"reporters.0.phone": "12"}, "reporters.0.phone", "Nobody can be called"),
        (
            {"reporters.1.name": "何静", "reporters.1.phone": "13800000001"},
            "reporters.0.name",
            "same mobile",
        ),
        ({"consent": ""}, "consent", ""),
        ({"stood": "25:00"}, "stood", "valid time"),
        ({"category": "red_light"}, "file", "needs a video"),
        ({"note": "x" * 1001}, "note", "too long"),
        ({"place": "\x00"}, "place", "can't be kept"),
    ],
)
def test_what_is_wrong_in_the_form_is_said_beside_the_field(
    browser: Open, changes: dict[str, str], field: str, told_text: str
) -> None:
    fields = {
        name: value
        for name, value in {**SAID, **changes}.items()
        if not (name == "consent" and not value)
    }
    answer = browser("clerk").post_files(
        "/ops/counter/register/files", [("file", ("bus.jpg", picture()))], **fields
    )
    assert HTTPStatus.BAD_REQUEST <= answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert told_text in plain(answer.text)
    if field != "place":
        assert "建国东路525号" in answer.text  # what was typed is kept


def test_a_walk_in_without_files_or_with_a_stranger_is_refused(browser: Open) -> None:
    clerk = browser("clerk")
    assert "at least one file" in plain(
        clerk.post_files("/ops/counter/register/files", [], **SAID).text
    )
    script = clerk.post_files(
        "/ops/counter/register/files", [("file", ("bus.jpg", b"<script>"))], **SAID
    )
    assert script.status_code == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


# -- verifying and paying on the spot --------------------------------------------------------------


def test_a_walk_in_is_verified_and_paid_on_the_spot(desk: Desk, browser: Open) -> None:
    stocked(desk)
    clerk = browser("clerk")
    report_id = register(clerk)
    address = f"/ops/counter/reports/{report_id}"
    assert "refresh" in clerk.page(address)  # not read yet
    desk.verify(report_id)
    page = clerk.page(address)
    assert "沪A12345" in page
    unseen = clerk.pay(address, id_number=ID_NUMBER)
    assert "look at the material" in plain(unseen.text)
    wrong = clerk.pay(address, id_number="123", seen="yes")
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert desk.state(report_id) is ReportState.VERIFIED  # nothing half done

    paid = clerk.pay(address, id_number=ID_NUMBER, seen="yes")
    assert paid.status_code == HTTPStatus.OK, plain(paid.text)[:400]
    assert "Reward paid" in plain(paid.text)
    assert number_of(desk, report_id) in paid.text
    assert ID_NUMBER not in paid.text
    assert [share.state for share in desk.shares(report_id)] == [ShareState.PAID_IN_HAND]
    assert "450.00" in plain(clerk.page("/ops/counter"))
    again = clerk.pay(address, id_number=ID_NUMBER, seen="yes")
    assert again.status_code == HTTPStatus.CONFLICT
    desk.ledger_holds()


def test_an_earlier_report_that_may_be_the_same_keeps_the_card_in_the_drawer(
    desk: Desk, browser: Open
) -> None:
    stocked(desk)
    clerk = browser("clerk")
    desk.report()  # an ordinary report about the same bus and minute
    report_id = register(clerk)
    desk.verify(report_id)
    address = f"/ops/counter/reports/{report_id}"
    answer = clerk.pay(address, id_number=ID_NUMBER, seen="yes")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "nothing is paid on the spot" in plain(answer.text)
    assert desk.state(report_id) is ReportState.VERIFIED


def test_a_walk_in_is_told_to_come_back_while_an_earlier_report_is_read_and_not_whose(
    desk: Desk, browser: Open
) -> None:
    stocked(desk)
    clerk = browser("clerk")
    unread = desk.submit(violated_at=VIOLATED_AT + timedelta(hours=1))
    report_id = register(clerk)
    desk.verify(report_id)
    address = f"/ops/counter/reports/{report_id}"
    answer = clerk.pay(address, id_number=ID_NUMBER, seen="yes")
    assert answer.status_code == HTTPStatus.CONFLICT
    page = plain(answer.text)
    assert (
        Texts("en").t("error.NOT_YET", until=Texts("en").when(desk.clock.at + 3 * LONGEST_TRY))
        in page
    )
    assert number_of(desk, unread) not in page
    desk.verify(unread)
    paid = clerk.pay(address, id_number=ID_NUMBER, seen="yes")
    assert paid.status_code == HTTPStatus.OK, plain(paid.text)[:600]


def test_a_clerk_sees_only_what_was_registered_here(desk: Desk, browser: Open) -> None:
    clerk = browser("clerk")
    elsewhere = desk.report()
    sha256 = desk.case(elsewhere).reports[0].evidence[0].sha256
    assert clerk.get(f"/ops/counter/reports/{elsewhere}").status_code == HTTPStatus.NOT_FOUND
    assert (
        clerk.get(f"/ops/counter/reports/{elsewhere}/media/{sha256}/poster").status_code
        == HTTPStatus.NOT_FOUND
    )
    assert (
        clerk.get(f"/ops/reports/{elsewhere}/media/{sha256}/original").status_code
        == HTTPStatus.FORBIDDEN
    )


def test_a_walk_ins_pictures_are_drawn_anew(desk: Desk, browser: Open) -> None:
    clerk = browser("clerk")
    report_id = register(clerk)
    desk.verify(report_id)
    sha256 = desk.case(report_id).reports[0].evidence[0].sha256
    for kind in (
        "poster",
        "frame",
        "frame?box=0.1,0.1,0.5,0.5&side=160",
        "frame?box=nonsense&ms=-1&side=9",
    ):
        answer = clerk.get(f"/ops/counter/reports/{report_id}/media/{sha256}/{kind}")
        assert (answer.status_code, answer.headers["content-type"]) == (
            HTTPStatus.OK,
            "image/jpeg",
        ), kind
    assert (
        clerk.get(f"/ops/counter/reports/{report_id}/media/{'0' * 64}/poster").status_code
        == HTTPStatus.NOT_FOUND
    )


# -- handing out -----------------------------------------------------------------------------------


def test_a_reward_is_collected_for_a_top_up(desk: Desk, browser: Open) -> None:
    report_id = told(desk)
    clerk = browser("clerk")
    number = number_of(desk, report_id)
    page = clerk.page(f"/ops/counter/collect?number={number}")
    assert "50.00 yuan" in plain(page)
    assert "投诉人" not in page
    share = desk.shares(report_id)[0].id
    bad = clerk.collect(
        share,
        number=number,
        id_number=ID_NUMBER,
        card_number="12",
        way="top_up",
    )
    assert bad.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'href="#card_number"' in bad.text
    slip = clerk.collect(
        share,
        number=number,
        id_number=ID_NUMBER,
        card_number=CARD,
        way="top_up",
    )
    assert slip.status_code == HTTPStatus.OK
    assert "Reward collected" in plain(slip.text)
    assert CARD not in slip.text
    again = clerk.collect(
        share,
        number=number,
        id_number=ID_NUMBER,
        card_number=CARD,
        way="top_up",
    )
    assert again.status_code == HTTPStatus.CONFLICT
    assert "collected before" in plain(again.text)

    card = f"/ops/counter/collect/{share}/card"
    corrected = clerk.both_steps(
        f"{card}/present",
        card,
        number=number,
        id_number=ID_NUMBER,
        card_number="99990000",
    )
    assert "account is corrected" in plain(clerk.page(corrected.headers["location"]))
    other = clerk.both_steps(
        f"{card}/present",
        card,
        number=number,
        id_number=id_number_of(7),
        card_number="99990000",
    )
    assert "differs from those on record" in plain(other.text)


def test_a_card_in_hand_comes_out_of_the_drawer(desk: Desk, browser: Open) -> None:
    report_id = told(desk)
    clerk, share = browser("clerk"), desk.shares(report_id)[0].id
    fields = {"number": number_of(desk, report_id), "id_number": ID_NUMBER, "way": "in_hand"}
    empty = clerk.collect(share, **fields)
    assert empty.status_code == HTTPStatus.CONFLICT
    assert "too few cards" in plain(empty.text)
    stocked(desk, 50)
    paid = clerk.collect(share, **fields)
    assert "Reward paid" in plain(paid.text)
    assert [one.state for one in desk.shares(report_id)] == [ShareState.PAID_IN_HAND]
    assert "0.00 yuan" in plain(clerk.page("/ops/counter"))
    desk.ledger_holds()


def test_a_document_of_somebody_else_collects_nothing(desk: Desk, browser: Open) -> None:
    desk.to_be_paid(serial=1)  # this person showed the document of serial 1
    report_id = told(desk)
    clerk, share = browser("clerk"), desk.shares(report_id)[0].id
    for id_number, text in (
        (id_number_of(1), "belongs to another reporter"),
        ("110105194912310021", "check digit"),
        ("", "enter the ID number"),
    ):
        refused = clerk.collect(
            share,
            number=number_of(desk, report_id),
            id_number=id_number,
            card_number=CARD,
            way="top_up",
        )
        assert refused.status_code in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY), text
        assert 'href="#id_number"' in refused.text, text
        assert text in plain(refused.text)
        assert not id_number or id_number not in refused.text
    assert [one.state for one in desk.shares(report_id)] == [ShareState.NOTIFIED]
    desk.ledger_holds()


def test_a_refused_form_keeps_what_was_typed_but_no_number_and_no_confirmation(
    desk: Desk, browser: Open
) -> None:
    report_id = told(desk)
    clerk, number = browser("clerk"), number_of(desk, report_id)
    reward = f"/ops/counter/collect/{desk.shares(report_id)[0].id}"
    shown = clerk.post(f"{reward}/present", number=number, id_number=ID_NUMBER)
    kept = {"number": number, "showing": hidden(shown.text, "showing")}
    invalid = clerk.post(reward, **kept, way="top_up", card_number="4321", agreed="yes")
    assert invalid.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="card_number-error"' in invalid.text
    assert "4321" not in invalid.text
    assert re.search(r'id="agreed"[^>]*checked', invalid.text) is None
    vague = clerk.post(f"{reward}/differs", **kept, difference="", note="来的是他弟弟")
    assert vague.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="difference-error"' in vague.text
    assert "来的是他弟弟" in vague.text
    noted = clerk.done(f"{reward}/differs", **kept, difference="somebody_else", note="来的是他弟弟")
    assert Texts("en").t("did.differs_noted") in plain(clerk.page(noted))


def test_after_the_last_moment_nothing_is_handed_out(desk: Desk, browser: Open) -> None:
    stocked(desk)
    report_id = told(desk)
    with desk.runtime.write() as work:
        tracking.progress(work, report_id)  # the reporter read it: the fifteen days begin
    share = desk.shares(report_id)[0]
    assert share.collect_by is not None
    desk.clock.at = share.collect_by + timedelta(seconds=1)
    fields = {"number": number_of(desk, report_id), "id_number": ID_NUMBER, "way": "in_hand"}
    for forfeited in (0, 1):  # before the sweep came by, and after it
        late = browser("clerk").collect(share.id, **fields)
        assert late.status_code == HTTPStatus.CONFLICT
        assert "The last moment to collect was" in plain(late.text), forfeited
        forfeiture.forfeit_due(desk.runtime)
    assert [one.state for one in desk.shares(report_id)] == [ShareState.FORFEITED]
    desk.ledger_holds()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_there_in_both_languages(desk: Desk, browser: Open, lang: str) -> None:
    stocked(desk)
    texts = Texts(lang)
    clerk = browser("clerk")
    clerk.get(f"/login?lang={lang}")  # the cookie stays
    waits, collected = told(desk, people=3, plate="沪C00001"), told(desk, plate="沪C00002")
    walk_in = register(clerk)
    reading = clerk.page(f"/ops/counter/reports/{walk_in}")
    assert texts.t("counter.being_read") in plain(reading)
    desk.verify(walk_in)
    desk.collected(collected)
    for path, key in (
        ("/ops/counter", "counter.registered_here"),
        ("/ops/counter/register", "counter.register_title"),
        ("/ops/counter/code", "counter.lost_code"),
        ("/ops/counter/collect", "counter.hand_out"),
        (f"/ops/counter/collect?number={number_of(desk, waits)}", "counter.hand_over"),
        (f"/ops/counter/collect?number={number_of(desk, collected)}", "counter.correct_card"),
        (f"/ops/counter/collect?number={number_of(desk, walk_in)}", "counter.no_reward"),
        (f"/ops/counter/reports/{walk_in}", "counter.pay_now"),
        ("/ops/rewards", "menu.rewards"),
    ):
        page = clerk.page(path)
        assert texts.t(key) in plain(page), path
        assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page, path
    slip = clerk.collect(desk.shares(waits)[0].id, id_number=id_number_of(5), way="in_hand")
    assert texts.t("slip.paid") in plain(slip.text)


WALK_IN = {"reporters.0.name": "陈 安", "reporters.0.phone": "13800000001", "id_number": ID_NUMBER}


def new_code(page: str) -> str:
    found = re.search(r"(\d{4} \d{4} \d{4} \d{4})", plain(page))
    assert found is not None, plain(page)[:500]
    return found[1]


def test_a_lost_code_is_replaced_against_the_document(desk: Desk, browser: Open) -> None:
    clerk = browser("clerk")
    receipt = clerk.post_files(
        "/ops/counter/register/files", [("file", ("bus.jpg", picture()))], **SAID
    )
    old = new_code(receipt.text)
    (report_id,) = re.findall(r"/ops/counter/reports/([0-9a-f]+)", receipt.text)
    number = number_of(desk, report_id)
    with desk.runtime.write() as work:
        sessions.add(
            work.connection,
            "of-the-finder",
            at=work.now,
            expires_at=work.now + timedelta(hours=1),
            report_id=report_id,
        )
    answer = clerk.post("/ops/counter/code", report_number=number, **WALK_IN)
    assert answer.status_code == HTTPStatus.OK
    code = new_code(answer.text)
    assert code != old
    with desk.runtime.write() as work:
        assert proving.open_report(work, report_number=number, secret_code=code) == report_id
    with desk.runtime.write() as work, pytest.raises(proving.NotFound):
        proving.open_report(work, report_number=number, secret_code=old)
    with desk.runtime.read() as work:
        assert sessions.report_of(work.connection, "of-the-finder", work.now) is None
        assert "code_replaced" in [
            event.action for event in events.about(work.connection, f"report/{report_id}")
        ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reporters.0.name": "李 平"},
        {"reporters.0.phone": "13800000002"},
        {"report_number": "20260310-0000000"},
        {"report_number": "一张纸"},
    ],
)
def test_nobody_else_gets_a_new_code_and_is_not_told_why(
    wrong: dict[str, str], desk: Desk, browser: Open
) -> None:
    clerk = browser("clerk")
    number = number_of(desk, register(clerk))
    answer = clerk.post("/ops/counter/code", **{"report_number": number, **WALK_IN, **wrong})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert Texts("en").t("error.NOT_THE_REPORTER") in plain(answer.text)
    with desk.runtime.read() as work:
        assert "code_not_replaced" in [
            event.action for event in events.about(work.connection, "counter")
        ]


def test_a_document_that_is_on_record_must_be_the_same(desk: Desk, browser: Open) -> None:
    report_id = told(desk)
    desk.collected(report_id)
    with desk.runtime.read() as work:
        (person,) = identities.of_report(work.connection, work.vault, report_id)
    said = {"report_number": number_of(desk, report_id), "reporters.0.name": person.name}
    said["reporters.0.phone"] = person.phone
    clerk = browser("clerk")
    assert (
        clerk.post("/ops/counter/code", **said, id_number=id_number_of(77)).status_code
        == HTTPStatus.CONFLICT
    )
    with desk.runtime.read() as work:
        (known,) = documents.of_persons(
            work.connection, work.vault, whose.person_ids(work.connection, report_id)
        )
    assert (
        clerk.post("/ops/counter/code", **said, id_number=known.number).status_code == HTTPStatus.OK
    )


def test_who_guesses_at_the_counter_is_slowed_down(desk: Desk, browser: Open) -> None:
    clerk = browser("clerk")
    number = number_of(desk, register(clerk))
    guess = {"report_number": number, **WALK_IN, "reporters.0.name": "李平"}
    answers = [clerk.post("/ops/counter/code", **guess).status_code for _ in range(6)]
    assert answers == [HTTPStatus.CONFLICT] * 5 + [HTTPStatus.TOO_MANY_REQUESTS]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"id_number": "123"}, "DOCUMENT_INVALID.bad_length"),
        ({"reporters.0.name": ""}, "NAME_REQUIRED"),
    ],
)
def test_what_is_missing_for_a_new_code_is_said(
    wrong: dict[str, str], code: str, desk: Desk, browser: Open
) -> None:
    clerk = browser("clerk")
    number = number_of(desk, register(clerk))
    answer = clerk.post("/ops/counter/code", **{"report_number": number, **WALK_IN, **wrong})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert Texts("en").t(f"error.{code}") in plain(answer.text)


def test_three_joint_reporters_stand_on_the_slip(desk: Desk, browser: Open) -> None:
    report_id = desk.report(people=3)
    desk.decide(report_id)
    desk.tell()
    share = desk.shares(report_id)[0].id
    slip = browser("clerk").collect(share, id_number=ID_NUMBER, card_number=CARD, way="top_up")
    assert [amount for amount in ("16.67", "16.66") if amount in slip.text] == ["16.67", "16.66"]
    assert plain(slip.text).count("16.67") == 2
    assert "50.00 yuan" in plain(slip.text)


@pytest.mark.parametrize("number", ["", "20990101-0000000", "x" * 500, "%_", "\u202e"])
def test_an_unknown_number_is_no_crash(number: str, browser: Open) -> None:
    clerk = browser("clerk")
    answer = clerk.client.get("/ops/counter/collect", params={"number": number})
    assert answer.status_code == HTTPStatus.OK
    assert ("no report of that number" in plain(answer.text)) == bool(number)


def test_a_forfeited_reward_is_reinstated_by_two_people(desk: Desk, browser: Open) -> None:
    report_id = told(desk)
    number, share = number_of(desk, report_id), desk.shares(report_id)[0].id
    clerk = browser("clerk")
    called = clerk.done(f"/ops/rewards/{share}/call", note="told on the phone")
    assert called == "/ops/rewards?did=call"
    desk.clock.move(days=30)
    with desk.runtime.write() as work:
        arriving.deem_received(work)  # the sweep's step, done once here
    desk.clock.move(days=30)
    assert forfeiture.forfeit_due(desk.runtime) == 1
    clerk = browser("clerk")
    page = clerk.page(f"/ops/counter/collect?number={number}")
    assert "Forfeited" in plain(page)
    fields = {"number": number, "reason": "in hospital"}
    form = f"/ops/counter/collect/{share}/reinstate"
    for login, password, text in (
        ("clerk", "a long pass word", "takes another person"),
        ("admin", "a long pass word", "takes another person"),
        ("second", "wrong", "password is wrong"),
    ):
        refused = clerk.post(form, **fields, second_login=login, second_password=password)
        assert text in plain(refused.text), login
        assert "in hospital" in refused.text
        assert f'value="{login}"' in refused.text
        assert "a long pass word" not in refused.text
    without = clerk.post(
        form, number=number, reason=" ", second_login="second", second_password="a long pass word"
    )
    assert without.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    done = clerk.done(form, **fields, second_login="second", second_password="a long pass word")
    assert "is reinstated" in plain(clerk.page(done))
    assert [one.state for one in desk.shares(report_id)] == [ShareState.REINSTATED]
    desk.ledger_holds()


# -- calls and claw-backs --------------------------------------------------------------------------


def test_a_call_needs_what_was_said(desk: Desk, browser: Open) -> None:
    report_id = told(desk)
    share, officer = desk.shares(report_id)[0].id, browser("officer")
    assert number_of(desk, report_id) in officer.page("/ops/rewards")
    empty = officer.post(f"/ops/rewards/{share}/call", note="  ")
    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "what was said" in plain(empty.text)
    officer.done(f"/ops/rewards/{share}/call", note="nobody answered")
    unknown = officer.post(f"/ops/rewards/{'0' * 32}/call", note="x")
    assert unknown.status_code == HTTPStatus.NOT_FOUND


def test_a_claw_back_is_decided_with_a_reason(desk: Desk, browser: Open) -> None:
    stocked(desk)
    first, second = desk.report(plate="沪A11111"), desk.report(plate="沪A22222")
    desk.decide(second)
    desk.tell()
    with desk.runtime.write() as work:
        collected_against(
            work,
            share_id=desk.shares(second)[0].id,
            clerk=desk.clerk,
            id_number=ID_NUMBER,
            in_hand=True,
        )
    officer = browser("officer")
    assert "Nothing to decide" in plain(officer.page("/ops/claw-backs"))
    with desk.runtime.read() as work:
        case_of_first = cases.case_of_report(work.connection, first)
    assert case_of_first is not None
    officer.done(
        f"/ops/reports/{second}/merge", other_number=number_of(desk, first), reason="one incident"
    )
    desk.decide(first, Verdict.SUBSTANTIATED, officer=desk.other_officer)
    page = officer.page("/ops/claw-backs")
    assert number_of(desk, second) in page
    share = desk.shares(second)[0].id
    refused = officer.post(f"/ops/claw-backs/{share}", reason="too long " * 300)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'href="#{share}-reason"' in refused.text
    assert f'id="{share}-reason-error"' in refused.text
    assert refused.text.count("too long ") == 300  # what was typed is not lost
    officer.done(f"/ops/claw-backs/{share}", reason="paid to the later report")
    assert "Nothing to decide" in plain(officer.page("/ops/claw-backs"))
    assert [one.state for one in desk.shares(second)] == [ShareState.CLAWED_BACK]
    assert desk.shares(first)
    desk.ledger_holds()


def test_a_clerk_is_told_nothing_of_another_persons_report(desk: Desk, browser: Open) -> None:
    stocked(desk)
    clerk = browser("clerk")
    other = desk.report(plate="沪B99999")  # another bus, but its picture looks the same
    report_id = register(clerk)
    desk.verify(report_id)
    with desk.runtime.write() as work:
        candidates.add(work.connection, report_id, other, ["SIMILAR_MEDIA"], work.now)
    address = f"/ops/counter/reports/{report_id}"
    page = clerk.page(address)
    answer = clerk.pay(address, id_number=ID_NUMBER, seen="yes")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "nothing is paid on the spot" in plain(answer.text)
    for told_page in (page, answer.text):
        assert number_of(desk, other) not in told_page
        assert "same incident" not in plain(told_page)
