"""The commands ``busreport identity``.

Which questions about persons wait, and erasing a person by two people.
"""

from typing import Annotated

import typer

from pipeline.doors.cli.terminal import (
    Login,
    Password,
    account_of,
    local_time,
    new_table,
    open_installation,
    out,
)
from pipeline.people import erasure, persons
from pipeline.people.persons import Proposal, QuestionKind
from pipeline.staff.accounts import Role
from pipeline.store import reports

identity_app = typer.Typer(
    help="Who is who: questions about persons, and erasing one.", no_args_is_help=True
)

DESK = (Role.OPERATIONS, Role.COUNTER)


@identity_app.command("questions")
def identity_questions(login: Login, password: Password) -> None:
    """List the questions about persons that wait for a second person.

    The page "Persons" answers them.
    """
    runtime = open_installation()
    account = account_of(runtime, login, password, *DESK)
    with runtime.read() as work:
        waiting = persons.open_questions(work, account)
    table = new_table(
        f"{len(waiting)} questions", "question", "report", "asked by", "at", "keeps until"
    )
    for question in waiting:
        table.add_row(
            question.kind,
            question.report_number,
            question.asked_by,
            local_time(question.asked_at),
            local_time(question.hold_until),
        )
    out.print(table)


@identity_app.command("erase")
def identity_erase(  # noqa: PLR0913, PLR0917 - who is erased, why, and the two who say so
    report_number: Annotated[str, typer.Argument(help="a report of the person's")],
    reason: Annotated[str, typer.Option(help="for the record, 4 to 500 signs; no names in it")],
    login: Login,
    password: Password,
    second: Annotated[str, typer.Option("--with", help="log-in of the second person, who agrees")],
    second_password: Annotated[
        str, typer.Option(prompt="Password of the second person", hide_input=True, help="asked for")
    ],
    position: Annotated[
        int, typer.Option(min=1, help="which of the reporters, the first named is 1")
    ] = 1,
) -> None:
    """Destroy the key to all that is known of a person, by two people.

    Refused while money is owed or a case open.
    """
    runtime = open_installation()
    asks = account_of(runtime, login, password, *DESK)
    answers = account_of(runtime, second, second_password, *DESK)
    with runtime.write() as work:
        question_id = persons.ask(
            work,
            kind=QuestionKind.ERASE,
            report_id=reports.by_number(work.connection, report_number).id,
            position=position - 1,
            account=asks,
            reason=reason,
            proposal=Proposal(),
        )
        persons.answer(work, question_id=question_id, account=answers, accepted=True, reason=reason)
    out.print("The key is destroyed: nothing that is stored of this person can be read again.")
    if not erasure.clear(runtime):
        out.print(
            "The database's log is still being read; the sweep empties it as soon as it can.",
            style="yellow",
        )
    out.print(
        "Backups keep what they hold until they run out: "
        "restore none of them without erasing again."
    )
