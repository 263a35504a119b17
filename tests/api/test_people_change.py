"""People change: six tours from the report to the counter, paid after two agreed."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus

import httpx2
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.texts import Texts
from pipeline.answering import providers
from pipeline.paying import batches, funds
from pipeline.store import events, identity_questions
from scheme.case import ShareState
from tests.api.staff import Browser, hidden, plain
from tests.api.visitor import Visitor, photo
from tests.pipeline.desk import CARD, ID_NUMBER, Desk, id_number_of

Open = Callable[[str], Browser]
T = Texts("en").t
SEEN = {"verdict": "substantiated", "reasons_substantiated": "VIOLATION_SEEN"}
PASSPORT = {"id_kind": "passport", "id_number": "E12345678"}


@dataclass(frozen=True)
class Reported:
    """A report that was handed in through the pages."""

    report_id: str
    number: str
    code: str


@dataclass
class Town:
    """Everybody at their browsers: passengers, an officer, a clerk."""

    desk: Desk
    app: FastAPI
    officer: Browser
    clerk: Browser
    buses: int = 0

    def report(self, *people: tuple[str, str]) -> Reported:
        """A passenger's way from the first page to the receipt.

        Each report is about another bus.
        """
        self.buses += 1
        visitor = Visitor(self.app)
        with closing(visitor.client):
            visitor.begin("wrong_way")
            assert visitor.upload(photo(self.buses)).status_code == HTTPStatus.SEE_OTHER
            claim = {
                "day": "2026-03-10",
                "clock": "08:41",
                "route": "49",
                "plate": f"沪C{self.buses:05d}",
                "place": "西藏路",
            }
            assert visitor.post(visitor.at("claim"), **claim).status_code == HTTPStatus.SEE_OTHER
            rows: dict[str, str] = {}
            for row, (name, phone) in enumerate(people):
                rows |= {f"reporters.{row}.name": name, f"reporters.{row}.phone": phone}
            assert visitor.post(visitor.at("contact"), **rows).status_code == HTTPStatus.SEE_OTHER
            receipt = visitor.submit().text
        number, code = (
            re.search(r'"number">([^<]+)<', receipt),
            re.search(r'id="code">([0-9 ]+)<', receipt),
        )
        assert number is not None
        assert code is not None
        return Reported(visitor.report_id, number[1], code[1])

    def rewarded(self, *people: tuple[str, str]) -> Reported:
        """Reported, read, substantiated by an officer, told, and looked at by the reporter.

        The days run.
        """
        reported = self.report(*people)
        case_id = self.desk.verify(reported.report_id)
        page = self.officer.page(f"/ops/cases/{case_id}?report={reported.report_id}")
        version, looked_at = hidden(page, "row_version"), hidden(page, "looked_at")
        self.officer.done(
            f"/ops/reports/{reported.report_id}/decide",
            row_version=version,
            looked_at=looked_at,
            **SEEN,
        )
        self.desk.tell()
        self.look(reported)
        return reported

    def look(self, reported: Reported) -> str:
        """The report's page, opened with number and code."""
        visitor = Visitor(self.app)
        with closing(visitor.client):
            visitor.client.headers["accept-language"] = "en"
            visitor.post("/s", report_number=reported.number, secret_code=reported.code)
            return visitor.get("/s/report?lang=en").text

    def collect(self, reported: Reported, *, way: str = "in_hand", **shown: str) -> httpx2.Response:
        """At the counter, against a document."""
        share = self.desk.shares(reported.report_id)[0].id
        fields = {
            "id_number": ID_NUMBER,
            "way": way,
            **({"card_number": CARD} if way == "top_up" else {}),
        }
        return self.clerk.collect(share, number=reported.number, **{**fields, **shown})

    def ask(self, reported: Reported, kind: str, **proposed: str) -> httpx2.Response:
        """The clerk asks something about a reporter."""
        fields = {
            "number": reported.number,
            "kind": kind,
            "reason": "seen at the counter",
            **proposed,
        }
        return self.clerk.post(f"/ops/persons/{reported.report_id}/questions", **fields)

    def agreed(self, reported: Reported, kind: str, **proposed: str) -> None:
        """Asked by the clerk, answered by an officer who looked; the clerk can't answer."""
        asked = self.ask(reported, kind, **proposed)
        assert asked.status_code == HTTPStatus.SEE_OTHER, plain(asked.text)
        page = asked.headers["location"].removesuffix("?did=question")
        refused(self.clerk.post(f"{page}/answer", answer="accepted"), "NOT_YOUR_QUESTION")
        waits = {share.state for share in self.desk.shares(reported.report_id)} == {
            ShareState.NOTIFIED
        }
        shown = plain(self.clerk.page(f"/ops/counter/collect?number={reported.number}"))
        assert (T("persons.reward_waits") in shown) is waits
        assert self.officer.post(f"{page}/open").status_code == HTTPStatus.OK
        self.officer.done(f"{page}/answer", answer="accepted")

    def is_paid(self, reported: Reported, answer: httpx2.Response) -> None:
        assert answer.status_code == HTTPStatus.OK, plain(answer.text)
        assert T("slip.paid") in plain(answer.text)
        assert {share.state for share in self.desk.shares(reported.report_id)} == {
            ShareState.PAID_IN_HAND
        }
        assert T("state.share.paid_in_hand") in plain(self.look(reported))
        self.desk.books_hold()

    def history(self, reported: Reported) -> str:
        """What operations find on record about who reported."""
        return plain(self.officer.page(f"/ops/persons?number={reported.number}"))


def refused(answer: httpx2.Response, key: str) -> None:
    assert answer.status_code == HTTPStatus.CONFLICT, plain(answer.text)
    assert T(f"error.{key}") in plain(answer.text)


@pytest.fixture
def town(desk: Desk, browser: Open) -> Town:
    with desk.runtime.write() as work:
        funds.deposit(work, desk.finance, 100_000, "BANK-1")
        funds.stock_cards(work, desk.finance, 100_000, knowing=True)
    return Town(desk, create_app(desk.runtime), browser("officer"), browser("clerk"))


def test_the_same_man_with_the_same_id_and_a_new_number(town: Town) -> None:
    first = town.rewarded(("陈安", "13800000001"))
    town.is_paid(first, town.collect(first))
    second = town.rewarded(("陈安", "13900000002"))
    refused(town.collect(second), "WRONG_ID.other_person")
    town.agreed(second, "join", id_number=ID_NUMBER)
    town.is_paid(second, town.collect(second))
    asked, accepted = T("persons.action.identity_question_asked"), T("persons.answer.accepted")
    for reported in (first, second):  # found from either side
        history = town.history(reported)
        assert asked in history
        assert accepted in history
        assert first.number in history
        assert second.number in history


def test_a_passport_the_second_time(town: Town) -> None:
    first = town.rewarded(("陈安", "13800000001"))
    town.is_paid(first, town.collect(first))
    second = town.rewarded(("陈安", "13800000001"))
    refused(town.collect(second, **PASSPORT), "WRONG_ID.differs")
    town.agreed(second, "document", **PASSPORT, name_on_document="CHEN AN")
    town.is_paid(second, town.collect(second, **PASSPORT))
    for shown in (PASSPORT, {"id_number": ID_NUMBER}):  # from now on either will do
        third = town.rewarded(("陈安", "13800000001"))
        town.is_paid(third, town.collect(third, **shown))
    stranger = town.rewarded(("何静", "13800000009"))
    refused(town.collect(stranger, **PASSPORT), "WRONG_ID.other_person")


@pytest.mark.parametrize("had_shown_a_document", [True, False])
def test_a_number_that_a_telephone_company_gave_to_somebody_else(
    town: Town, *, had_shown_a_document: bool
) -> None:
    old = town.rewarded(("陈安", "13800000001"))
    if had_shown_a_document:
        town.is_paid(old, town.collect(old))
    new = town.rewarded(("李静", "13800000001"))
    hers = {"id_number": id_number_of(5)}
    refused(
        town.collect(new, **hers),
        "WRONG_ID.differs" if had_shown_a_document else "NAME_DIFFERS.of_number",
    )
    town.agreed(new, "reporter", **{"reporters.0.phone": "138 0000 0001"})
    town.is_paid(new, town.collect(new, **hers))
    # The old owner's reward is still his, against his own document, and with a new number he is
    # himself again.
    if had_shown_a_document:
        again = town.rewarded(("陈安", "13900000003"))
        town.agreed(again, "join", id_number=ID_NUMBER)
        town.is_paid(again, town.collect(again))
    else:
        refused(town.collect(old, **hers), "WRONG_ID.other_person")
        town.is_paid(old, town.collect(old))
    further = town.rewarded(("李静", "13800000001"))  # and hers goes on without a question
    town.is_paid(further, town.collect(further, **hers))


def test_a_married_name(town: Town) -> None:
    reported = town.rewarded(("王小红", "13800000001"))
    shown = town.clerk.post(
        f"/ops/counter/collect/{town.desk.shares(reported.report_id)[0].id}/present",
        number=reported.number,
        id_number=ID_NUMBER,
    )
    assert "王小红" in shown.text
    refused(town.collect(reported, name_on_document="赵王小红"), "NAME_DIFFERS.on_document")
    town.agreed(reported, "name", id_number=ID_NUMBER, name_on_document="赵王小红")
    collected = town.collect(reported, way="top_up")
    assert T("slip.collected") in plain(collected.text)
    desk = town.desk
    with desk.runtime.write() as work:
        batch_id = batches.build_batch(work, desk.finance)
        batches.freeze(work, batch_id, desk.finance)
    with desk.runtime.write() as work:
        batches.approve(work, batch_id, desk.second_finance, knowing=True)
    with desk.runtime.write() as work:
        _, exported = batches.export(work, batch_id, desk.finance, "csv")
    assert "赵王小红" in exported.decode("utf-8-sig")  # paid to the name on the document
    opened = town.officer.post(
        f"/ops/persons/{reported.report_id}/open",
        number=reported.number,
        reason="回访核实",
    )
    assert "王小红" in opened.text  # and the report keeps the name that it was handed in under
    assert T("persons.reported_name") in plain(opened.text)
    again = town.rewarded(("赵王小红", "13800000001"))
    town.is_paid(again, town.collect(again))


def test_two_phones_of_one_person(town: Town) -> None:
    one, other = town.rewarded(("陈安", "13800000001")), town.rewarded(("陈安", "13900000002"))
    town.agreed(one, "join", other_report=other.number)
    town.is_paid(other, town.collect(other))
    town.is_paid(one, town.collect(one))
    page = plain(town.clerk.page(f"/ops/persons?number={one.number}"))
    assert T("persons.joined", count=2) in page
    town.agreed(one, "part")
    assert T("persons.joined", count=2) not in plain(
        town.clerk.page(f"/ops/persons?number={one.number}")
    )


def sent_to(town: Town, reported: Reported) -> list[tuple[str, str]]:
    with town.desk.runtime.read() as work:
        return [
            (one.kind, one.to)
            for one in reversed(providers.sent(work).rows)
            if one.report_number == reported.number
        ]


def test_a_typing_error_in_the_number(town: Town) -> None:
    reported = town.rewarded(("陈安", "13800000061"))
    assert ("reward", "13800000061") in sent_to(town, reported)
    town.agreed(reported, "phone", **{"reporters.0.phone": "13800000016"})
    town.desk.tell()
    assert sorted(one for one in sent_to(town, reported) if one[1] == "13800000016") == [
        ("answer", "13800000016"),
        ("reward", "13800000016"),
    ]
    town.is_paid(reported, town.collect(reported))
    whoever_has_it = town.rewarded(("何静", "13800000061"))  # is not taken for him
    town.is_paid(whoever_has_it, town.collect(whoever_has_it, id_number=id_number_of(7)))


def test_a_typing_error_that_made_it_a_known_persons_number(town: Town) -> None:
    known = town.rewarded(("何静", "13800000061"))
    town.is_paid(known, town.collect(known, id_number=id_number_of(7)))
    reported = town.rewarded(("陈安", "13800000061"))
    refused(town.collect(reported), "WRONG_ID.differs")
    town.agreed(reported, "reporter", **{"reporters.0.phone": "13800000016"})
    town.desk.tell()
    assert ("reward", "13800000016") in sent_to(town, reported)
    town.is_paid(reported, town.collect(reported))
    hers = town.rewarded(("何静", "13800000061"))
    town.is_paid(hers, town.collect(hers, id_number=id_number_of(7)))


@pytest.mark.parametrize("kind", ["document", "name"])
def test_a_question_about_a_document_names_it(town: Town, kind: str) -> None:
    reported = town.rewarded(("陈安", "13800000001"))
    asked = town.ask(reported, kind, name_on_document="CHEN AN")
    assert asked.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert T("error.DOCUMENT_INVALID.empty") in plain(asked.text)


# -- refused, by two people on record --------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "proposed"),
    [
        ("join", {"id_number": ID_NUMBER}),
        ("document", PASSPORT),
        ("name", {**PASSPORT, "name_on_document": "何小静"}),
        ("phone", {"reporters.0.phone": "13800000077"}),
        ("reporter", {"reporters.0.phone": "13800000009"}),
    ],
)
def test_refusing_takes_a_second_person_and_a_reason_and_changes_nothing(
    town: Town, kind: str, proposed: dict[str, str]
) -> None:
    known = town.rewarded(("陈安", "13800000001"))
    town.is_paid(known, town.collect(known))
    reported = town.rewarded(("何静", "13800000009"))
    asked = town.ask(reported, kind, **proposed)
    page = asked.headers["location"].removesuffix("?did=question")
    without = town.officer.post(f"{page}/answer", answer="refused", reason=" ")
    assert T("error.QUESTION_REASON_REQUIRED") in plain(without.text)
    town.officer.done(f"{page}/answer", answer="refused", reason="another person altogether")
    assert [share.state for share in town.desk.shares(reported.report_id)] == [ShareState.NOTIFIED]
    shown = (
        {**proposed, "name_on_document": "何小静"}
        if "id_number" in proposed
        else {"id_number": ID_NUMBER}
    )
    assert town.collect(reported, **shown).status_code == HTTPStatus.CONFLICT
    with town.desk.runtime.read() as work:
        (question,) = identity_questions.of_report(work.connection, reported.report_id)
        recorded = events.about(work.connection, f"question/{question.id}")
    assert (question.answer, question.proposal_enc) == ("refused", None)
    assert question.asked_by != question.answered_by
    assert [(event.action, event.actor) for event in recorded] == [
        ("identity_question_asked", question.asked_by),
        ("identity_question_answered", question.answered_by),
    ]
    once = town.officer.post(f"{page}/answer", answer="accepted")
    refused(once, "QUESTION_ANSWERED")
    town.is_paid(
        reported, town.collect(reported, id_number=id_number_of(9))
    )  # her own document still does
