"""The commands ``busreport identity``.

Which questions about persons wait, and erasing a person by two people.
"""

import typer

from pipeline.doors.cli.options import (
    Login,
    Page,
    Password,
    Position,
    Reason,
    ReportNumber,
    Second,
    SecondPassword,
)
from pipeline.doors.cli.terminal import (
    account_of,
    local_time,
    new_table,
    open_installation,
    out,
)
from pipeline.people import erasure, looking, questions
from pipeline.runtime import Work
from pipeline.store import reports
from pipeline.store.person_questions import Proposal
from scheme.person_questions import QuestionKind
from scheme.staff import Account, Role

identity_app = typer.Typer(
    help="Who is who: questions about persons, and erasing one.", no_args_is_help=True
)

DESK = (Role.OPERATIONS, Role.COUNTER)


@identity_app.command("questions")
def identity_questions(login: Login, password: Password, page: Page = 1) -> None:
    """List the questions about persons that wait for a second person.

    The page "Persons" answers them.
    """
    runtime = open_installation()
    account = account_of(runtime, login, password, *DESK)
    with runtime.read() as work:
        waiting = looking.open_questions(work, account, page)
    title = f"{waiting.total} questions"
    table = new_table(title, "question", "report", "asked by", "at", "keeps until")
    for question in waiting.rows:
        since, until = local_time(question.asked_at), local_time(question.hold_until)
        table.add_row(question.kind, question.report_number, question.asked_by, since, until)
    out.print(table)


@identity_app.command("erase")
def identity_erase(  # noqa: PLR0913, PLR0917 - who is erased, why, and the two who say so
    report_number: ReportNumber, reason: Reason, login: Login, password: Password,
    second: Second, second_password: SecondPassword, position: Position = 1,
) -> None:  # fmt: skip
    """Destroy the key to all that is known of a person of this report, by two people.

    Refused while money is owed or a case open. The reason has 4 to 500 signs and names nobody.
    """
    runtime = open_installation()
    asks = account_of(runtime, login, password, *DESK)
    answers = account_of(runtime, second, second_password, *DESK)
    with runtime.write() as work:
        _erase(work, report_number, position, reason=reason, asks=asks, answers=answers)
    out.print("The key is destroyed: nothing that is stored of this person can be read again.")
    if not erasure.clear(runtime):
        later = "The database's log is still being read; the sweep empties it as soon as it can."
        out.print(later, style="yellow")
    backups = "Backups keep what they hold until they run out: restore none without erasing again."
    out.print(backups)


def _erase(  # noqa: PLR0913 - who is erased, why, and the two who say so
    work: Work, report_number: str, position: int, *, reason: str, asks: Account, answers: Account
) -> None:
    question_id = questions.ask(
        work,
        kind=QuestionKind.ERASE,
        report_id=reports.by_number(work.connection, report_number).id,
        position=position - 1,
        account=asks,
        reason=reason,
        proposal=Proposal(),
    )
    questions.answer(work, question_id=question_id, account=answers, accepted=True, reason=reason)
