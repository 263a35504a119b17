"""Every refusal of the stages has its status and its text.

A class without a row would become a 500.
"""

import inspect
from types import ModuleType

import pytest

from api.errors import REFUSALS
from api.passengers.json_api.codes import CODES
from api.problems import problem_of, problems_of
from api.texts import Texts
from api.turned_away import BadField
from pipeline import calendar
from pipeline.answering import answer_clock, arriving, calls, proving, tracking
from pipeline.deciding import holding
from pipeline.doors import counter
from pipeline.languages import LANGUAGES
from pipeline.paying import (
    batches,
    collecting,
    counter_hours,
    forfeiture,
    funds,
    payees,
    presenting,
    results,
    statements,
)
from pipeline.people import identity_access, opening
from pipeline.receiving import (
    drafts,
    incoming,
    letters,
    receipt_again,
    reporters,
)
from pipeline.staff import accounts
from pipeline.store import accounts as stored_accounts
from pipeline.store import evidence_files, originals
from pipeline.store.accounts import LoginTaken, NoSuchAccount
from pipeline.store.originals import FileTooLarge
from pipeline.store.transfers import AlreadyPosted
from pipeline.store.vault import WrongKey
from rewards import collecting as rule_of_collecting
from rewards import documents
from scheme import (
    claim,
    claw_back,
    corrections,
    desk,
    draft,
    erasing,
    one_incident,
    patience,
    person_questions,
    questions,
    reopening,
    reporter,
    ruling,
    second_look,
    submission,
    substantiation,
    undoing,
    who_is_who,
)
from scheme.reporter import PhoneInvalid, ReporterInvalid
from scheme.submission import ClaimIncomplete, JointInvalid
from scheme.workdays import CalendarGap
from verifiers.media import formats

RULES_OF_RECEIVING = (claim, draft, reporter, submission)
RULES_OF_DECIDING = (
    claw_back,
    corrections,
    desk,
    erasing,
    one_incident,
    questions,
    reopening,
    ruling,
    second_look,
    substantiation,
    undoing,
)

STAGES = (
    accounts,
    answer_clock,
    arriving,
    calendar,
    originals,
    patience,
    person_questions,
    proving,
    stored_accounts,
    who_is_who,
    batches,
    calls,
    funds,
    payees,
    results,
    collecting,
    forfeiture,
    presenting,
    rule_of_collecting,
    documents,
    counter,
    counter_hours,
    identity_access,
    drafts,
    evidence_files,
    incoming,
    letters,
    opening,
    receipt_again,
    holding,
    reporters,
    statements,
    tracking,
    *RULES_OF_RECEIVING,
    *RULES_OF_DECIDING,
)

NEVER_AT_A_PAGE = {
    LoginTaken: "accounts are opened on the command line",
    accounts.LoginInvalid: "the same",
    accounts.PasswordTooShort: "the same",
    NoSuchAccount: "log_in turns it into LogInRefused",
    CalendarGap: "the stages catch it: a day that no calendar knows is left out",
    ReporterInvalid: "only as one of its kinds, each with a row",
    AlreadyPosted: "deposit turns it into AlreadyDeposited",
}
"""Exceptions that a stage's module knows and no page meets, each with its reason."""


def refusals_in(module: ModuleType) -> set[type[Exception]]:
    """The exceptions of ours that ``module`` defines or has imported."""
    ours = ("pipeline.", "scheme.", "rewards.", "verifiers.")
    return {
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__.startswith(ours)
    }


def mapped(kind: type[Exception]) -> bool:
    """Whether the class or one that it is derived from has a row."""
    return any(above in REFUSALS for above in kind.__mro__)


@pytest.mark.parametrize("module", STAGES, ids=lambda module: module.__name__)
def test_every_refusal_of_a_stage_has_a_row(module: ModuleType) -> None:
    found = refusals_in(module)
    assert found
    assert {
        kind.__name__ for kind in found if not mapped(kind) and kind not in NEVER_AT_A_PAGE
    } == set()


def test_no_exception_is_excused_that_has_a_row() -> None:
    assert [kind.__name__ for kind in NEVER_AT_A_PAGE if mapped(kind)] == []
    known = set[type[Exception]]().union(*(refusals_in(module) for module in STAGES))
    assert set(NEVER_AT_A_PAGE) <= known


@pytest.mark.parametrize(
    "module",
    [*RULES_OF_RECEIVING, formats, incoming, originals, patience, proving, tracking],
    ids=lambda module: module.__name__,
)
def test_the_json_api_describes_every_code_of_the_reporters_stages(module: ModuleType) -> None:
    known = {kind: row.code for kind, row in REFUSALS.items()}
    told = {
        known[above] for kind in refusals_in(module) for above in kind.__mro__ if above in known
    }
    assert told <= set(CODES)
    assert len(set(CODES)) == len(CODES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_described_code_has_its_text(language: str) -> None:
    varied = {"CLAIM_INCOMPLETE": ".route", "JOINT_INVALID": ".nobody", "TOO_MANY": ".draft"}
    texts = Texts(language)
    assert [code for code in CODES if not texts.has(f"error.{code}{varied.get(code, '')}")] == []


def test_what_is_refused_names_the_field_of_the_form() -> None:
    assert problem_of(PhoneInvalid(2)).field == "reporters.2.phone"
    assert [
        problem.field for problem in problems_of(ClaimIncomplete(("violated_at", "route")))
    ] == [
        "violated_at",
        "route",
    ]
    assert problem_of(BadField("TEXT_TOO_LONG", "note")).field == "note"
    with pytest.raises(KeyError):
        problem_of(WrongKey("x"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", ["nobody", "too_many", "same_phone", "same_name"])
def test_every_variant_has_its_text(language: str, reason: str) -> None:
    assert problem_of(JointInvalid(reason)).text(Texts(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_limit_is_told_in_the_units_of_people(language: str) -> None:
    assert "50 MB" in problem_of(FileTooLarge(50 * 2**20)).text(Texts(language))
