"""R13, R17: what may be asked about a reporter, and accepted: one rule, one frozen dossier."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.case import ReportState, ShareState
from scheme.erasing import CaseOpen, Sent
from scheme.person_questions import (
    COLLECTED,
    AboutReporter,
    AlreadyAsked,
    BothReport,
    Change,
    DocumentRequired,
    DocumentsDiffer,
    NobodysDocument,
    NoSuchReporter,
    NothingToAsk,
    NotYourQuestion,
    QuestionAnswered,
    QuestionKind,
    QuestionReasonRequired,
    TooLateToMove,
    accepting,
    asking,
    begun_anew,
    change,
    require_second_person,
)
from scheme.reporter import NameRequired, PhoneInvalid
from scheme.standing import InCase
from scheme.who_is_who import DocumentOfAnother, NumberOfAnother
from scheme.workdays import Workdays
from tests.scheme.at_the_desk import NOW, POLICIES

DAYS = Workdays(frozenset(), frozenset(), frozenset())
PEOPLE = ("own", "joined", "neighbour", "stranger")
REASON = "seen at the counter"


@dataclass(frozen=True)
class Said:
    """What is proposed."""

    document: object | None = None
    name: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Question:
    """A question on record."""

    kind: QuestionKind = QuestionKind.PHONE
    asked_by: str = "clerk"
    answer: str | None = None


@dataclass(frozen=True)
class Share:
    """A share and its days."""

    state: ShareState
    notice_received_at: datetime | None
    collect_by: datetime | None


ALONE: AboutReporter[InCase] = AboutReporter(
    report_id="r1",
    position=0,
    person_id="own",
    rows=("own",),
    reporters=("own", "neighbour"),
    is_asked=False,
    said_to_be=None,
    document_of=None,
    number_of=None,
    personal_numbers=frozenset(),
    other_personal_numbers=frozenset(),
    shares=(ShareState.NOTIFIED,),
    sent=(),
)
JOINED = replace(ALONE, rows=("joined", "own"))
SHOWN = Said(document="a passport", name="陈安", phone="13900000001")
SENT: Sent[InCase] = Sent("26-000001", ReportState.VERIFIED, (), ())


def ruled(about: AboutReporter[InCase], kind: QuestionKind, said: Said = SHOWN) -> Change:
    return change(about, kind, said, POLICIES, DAYS)


@pytest.mark.parametrize(
    ("about", "kind", "said", "refusal"),
    [
        (ALONE, QuestionKind.JOIN, SHOWN, NobodysDocument),
        (ALONE, QuestionKind.JOIN, Said(), NoSuchReporter),
        (replace(ALONE, said_to_be="own"), QuestionKind.JOIN, SHOWN, NothingToAsk),
        (replace(JOINED, said_to_be="joined"), QuestionKind.JOIN, SHOWN, NothingToAsk),
        (ALONE, QuestionKind.PART, Said(), NothingToAsk),
        (ALONE, QuestionKind.DOCUMENT, Said(), DocumentRequired),
        (replace(ALONE, document_of="own"), QuestionKind.DOCUMENT, SHOWN, NothingToAsk),
        (replace(ALONE, document_of="stranger"), QuestionKind.DOCUMENT, SHOWN, DocumentOfAnother),
        (ALONE, QuestionKind.NAME, replace(SHOWN, name=""), NameRequired),
        (ALONE, QuestionKind.NAME, replace(SHOWN, document=None), DocumentRequired),
        (replace(ALONE, document_of="stranger"), QuestionKind.NAME, SHOWN, DocumentOfAnother),
        (ALONE, QuestionKind.PHONE, Said(), PhoneInvalid),
        (replace(ALONE, number_of="own"), QuestionKind.PHONE, SHOWN, NothingToAsk),
        (replace(ALONE, number_of="stranger"), QuestionKind.PHONE, SHOWN, NumberOfAnother),
        (ALONE, QuestionKind.REPORTER, Said(), PhoneInvalid),
        (replace(JOINED, number_of="joined"), QuestionKind.REPORTER, SHOWN, NothingToAsk),
        (replace(ALONE, number_of="neighbour"), QuestionKind.REPORTER, SHOWN, BothReport),
        (replace(ALONE, sent=(SENT,)), QuestionKind.ERASE, Said(), CaseOpen),
    ],
)
def test_what_can_not_be_is_refused_by_name_asked_or_accepted(
    about: AboutReporter[InCase], kind: QuestionKind, said: Said, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        asking(about, kind, said, REASON, POLICIES, DAYS)
    with pytest.raises(refusal):
        accepting(replace(about, is_asked=True), kind, said, REASON, POLICIES, DAYS)


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        (replace(ALONE, said_to_be="stranger"), Change(QuestionKind.JOIN, "stranger")),
        (JOINED, Change(QuestionKind.PART, "joined")),
        (ALONE, Change(QuestionKind.DOCUMENT)),
        (ALONE, Change(QuestionKind.NAME)),
        (replace(JOINED, document_of="joined"), Change(QuestionKind.NAME, is_new=False)),
        (ALONE, Change(QuestionKind.PHONE)),
        (replace(JOINED, number_of="joined"), Change(QuestionKind.PHONE)),
        (ALONE, Change(QuestionKind.REPORTER)),
        (replace(ALONE, number_of="own"), Change(QuestionKind.REPORTER, is_freed=True)),
        (replace(ALONE, number_of="stranger"), Change(QuestionKind.REPORTER, "stranger")),
        (ALONE, Change(QuestionKind.ERASE)),
    ],
)
def test_what_can_be_says_what_is_to_happen(about: AboutReporter[InCase], expected: Change) -> None:
    assert ruled(about, expected.kind) == expected


NUMBERS = st.frozensets(st.sampled_from("ABC"), max_size=2)


@given(NUMBERS, NUMBERS)
def test_two_personal_numbers_are_two_humans_and_none_says_nothing(
    here: frozenset[str], there: frozenset[str]
) -> None:
    about = replace(
        ALONE, said_to_be="stranger", personal_numbers=here, other_personal_numbers=there
    )
    if not here or not there or here & there:
        assert ruled(about, QuestionKind.JOIN).other == "stranger"
    else:
        with pytest.raises(DocumentsDiffer):
            ruled(about, QuestionKind.JOIN)


@given(st.lists(st.sampled_from(ShareState), max_size=4), st.none() | st.sampled_from(PEOPLE))
def test_who_reported_never_changes_once_a_document_was_shown(
    shares: list[ShareState], number_of: str | None
) -> None:
    about = replace(JOINED, shares=tuple(shares), number_of=number_of)
    if set(shares) & set(COLLECTED):
        with pytest.raises(TooLateToMove):
            ruled(about, QuestionKind.REPORTER)
    elif number_of in {None, "own", "stranger"}:
        given_away = ruled(about, QuestionKind.REPORTER)
        assert given_away.is_freed is (number_of == "own")
        assert given_away.other == ("stranger" if number_of == "stranger" else None)
    else:
        with pytest.raises((NothingToAsk, BothReport)):
            ruled(about, QuestionKind.REPORTER)


ON_RECORD = {
    (QuestionKind.DOCUMENT, "own"),
    (QuestionKind.DOCUMENT, "joined"),
    (QuestionKind.PHONE, "own"),
}


@given(
    st.none() | st.sampled_from(PEOPLE),
    st.sampled_from([QuestionKind.DOCUMENT, QuestionKind.NAME, QuestionKind.PHONE]),
)
def test_nothing_is_taken_from_another_human(owner: str | None, kind: QuestionKind) -> None:
    about = replace(JOINED, document_of=owner, number_of=owner)
    if owner in {"neighbour", "stranger"}:
        with pytest.raises((DocumentOfAnother, NumberOfAnother), match=f"^{owner}$"):
            ruled(about, kind)
    elif (kind, owner) in ON_RECORD:
        with pytest.raises(NothingToAsk):
            ruled(about, kind)
    else:
        assert ruled(about, kind).other is None


# -- two people, and a reason ----------------------------------------------------------------------


def test_an_open_question_is_answered_before_another_is_asked() -> None:
    with pytest.raises(AlreadyAsked):
        asking(replace(ALONE, is_asked=True), QuestionKind.PHONE, SHOWN, REASON, POLICIES, DAYS)


@pytest.mark.parametrize("reason", ["", " ", "abc", "a\u200b\u200b\u200b", "x" * 501])
def test_a_question_has_a_reason_and_accepting_may_have_none(reason: str) -> None:
    with pytest.raises(QuestionReasonRequired):
        asking(ALONE, QuestionKind.PHONE, SHOWN, reason, POLICIES, DAYS)
    about = replace(ALONE, is_asked=True)
    if reason.strip():
        with pytest.raises(QuestionReasonRequired):
            accepting(about, QuestionKind.PHONE, SHOWN, reason, POLICIES, DAYS)
    else:
        assert not accepting(about, QuestionKind.PHONE, SHOWN, reason, POLICIES, DAYS).reason


def test_a_second_person_answers_once() -> None:
    require_second_person(Question(), "officer")
    with pytest.raises(NotYourQuestion):
        require_second_person(Question(), "clerk")
    with pytest.raises(QuestionAnswered):
        require_second_person(Question(answer="refused"), "officer")


# -- nothing is lost by the time it took -----------------------------------------------------------

INSTANTS = st.none() | st.integers(-3, 3).map(lambda days: NOW + timedelta(days=days))
SHARES = st.builds(Share, st.sampled_from(ShareState), INSTANTS, INSTANTS)


@given(st.lists(SHARES, max_size=4))
def test_only_who_was_told_and_asked_in_time_has_days_anew(shares: list[Share]) -> None:
    anew = begun_anew(shares, NOW)
    expected = {
        place
        for place, share in enumerate(shares)
        if share.notice_received_at and not (share.collect_by and share.collect_by < NOW)
    }
    states = {place: shares[place].state for place in expected}
    assert set(anew.days) == {p for p in expected if states[p] is ShareState.NOTIFIED}
    assert anew.forfeited is (ShareState.FORFEITED in states.values())
