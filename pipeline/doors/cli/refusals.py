"""What a refused command says: its text from the catalogues and exit code 1; a bug keeps its trace.

Whatever a page can be refused has its text there already (the table in ``api.errors``). What
only somebody at the machine can meet stands here.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from pipeline.containment.nursery import CellIncomplete, ContainmentBroken
from pipeline.doors.cli.terminal import err
from pipeline.doors.cli.words import language_of_terminal, texts_in
from pipeline.doors.tasks import ClockFileDamaged
from pipeline.paying.audit import HeadInvalid
from pipeline.runtime import DatabaseGone
from pipeline.settings import SettingInvalid
from pipeline.staff.accounts import LoginInvalid, PasswordTooShort
from pipeline.staff.members import AccountClosed, LastAdministrator, NotAnAdministrator
from pipeline.store.accounts import LoginTaken, NoSuchAccount
from pipeline.store.engine.needs import DurabilityRefused
from pipeline.store.engine.opening import UnknownEngine
from pipeline.store.engine.postgresql import DriverMissing
from pipeline.store.own_files import HomeUnusable, OpenToOthers
from pipeline.store.receipts import NumbersExhausted
from pipeline.store.storage import DatabaseDamaged, DatabaseUnreachable
from pipeline.store.vault import KeyFileInvalid, KeyFileMissing, WrongKey
from pipeline.verifying.fleet import RosterInvalid
from rewards.known_channels import UnknownChannel
from scheme.case import CaseNotFound, NoSuchReport
from scheme.claim import UnknownCategory
from scheme.policy_text import PolicyError
from scheme.submission import ConsentRequired
from scheme.workdays import CalendarGap
from verifiers.reading.models import ModelMissing


class Words(NamedTuple):
    """Under which code a refusal has its text, and which of its attributes the text shows."""

    code: str
    shown: tuple[str, ...] = ()


AT_THE_MACHINE: Mapping[type[Exception], Words] = MappingProxyType(
    {
        AccountClosed: Words("ACCOUNT_CLOSED"),
        CaseNotFound: Words("REPORT_NOT_FOUND"),
        CalendarGap: Words("CALENDAR_GAP", ("year",)),
        CellIncomplete: Words("CELL_INCOMPLETE", ("lacks",)),
        ClockFileDamaged: Words("CLOCK_FILE_DAMAGED", ("path",)),
        ContainmentBroken: Words("DECODERS_NOT_STARTED"),
        ConsentRequired: Words("CONSENT_AT_TERMINAL"),
        DatabaseDamaged: Words("DATABASE_DAMAGED"),
        DatabaseUnreachable: Words("DATABASE_UNREACHABLE"),
        DatabaseGone: Words("DATABASE_GONE", ("evidence",)),
        DurabilityRefused: Words("DURABILITY_REFUSED", ("setting", "value")),
        DriverMissing: Words("DRIVER_MISSING"),
        HomeUnusable: Words("HOME_UNUSABLE", ("path", "problem")),
        HeadInvalid: Words("HEAD_INVALID"),
        KeyFileInvalid: Words("KEY_FILE_INVALID", ("path", "problem")),
        KeyFileMissing: Words("KEY_FILE_MISSING", ("path",)),
        LastAdministrator: Words("LAST_ADMINISTRATOR"),
        LoginInvalid: Words("LOGIN_INVALID"),
        LoginTaken: Words("LOGIN_TAKEN"),
        ModelMissing: Words("MODEL_MISSING"),
        NoSuchAccount: Words("NO_SUCH_ACCOUNT"),
        NotAnAdministrator: Words("NOT_AN_ADMINISTRATOR"),
        NoSuchReport: Words("REPORT_NOT_FOUND"),
        NumbersExhausted: Words("NUMBERS_EXHAUSTED"),
        OpenToOthers: Words("OPEN_TO_OTHERS", ("path", "what_to_do")),
        PasswordTooShort: Words("PASSWORD_TOO_SHORT", ("shortest",)),
        PolicyError: Words("POLICY_INVALID", ("path", "problem")),
        RosterInvalid: Words("ROSTER_INVALID", ("count",)),
        SettingInvalid: Words("SETTING_INVALID", ("name", "problem")),
        UnknownEngine: Words("UNKNOWN_ENGINE", ("backend",)),
        UnknownCategory: Words("CATEGORY_AT_TERMINAL", ("category",)),
        UnknownChannel: Words("UNKNOWN_CHANNEL", ("key",)),
        WrongKey: Words("WRONG_KEY"),
    }
)


def sentences(refusal: Exception, language: str) -> Sequence[str]:
    """What is said about a refusal, a sentence each thing to mend; nothing for a bug."""
    texts = texts_in(language)
    words = next((AT_THE_MACHINE[kind] for kind in _ancestry(refusal)), None)
    if words is not None:
        values = {name: getattr(refusal, name) for name in words.shown}
        return (texts.t(f"error.{words.code}", **values),)
    if not import_module("api.errors").is_refusal(refusal):
        return ()
    problems = import_module("api.problems").problems_of(refusal)
    return tuple(problem.text(texts) for problem in problems)


def _ancestry(refusal: Exception) -> Sequence[type[Exception]]:
    return [kind for kind in type(refusal).__mro__ if kind in AT_THE_MACHINE]


class Refusing(TyperGroup):
    """The commands of ``busreport``: a refusal ends the command with its text."""

    # Typer brings its own click, and types of its own with it
    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except Exception as refusal:
            lines = sentences(refusal, language_of_terminal())
            if not lines:
                raise
            for line in lines:
                err.print(line, style="red", highlight=False, markup=False, soft_wrap=True)
            raise typer.Exit(1) from refusal
