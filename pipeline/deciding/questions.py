"""What an officer writes to a reporter before there is an answer."""

from collections.abc import Sequence

from pipeline.runtime import Work
from pipeline.store import desk
from scheme.finding import Sight
from scheme.questions import asked, explained
from scheme.staff import Account


def ask_for_more(  # noqa: PLR0913 - what a question consists of
    work: Work,
    *,
    report_id: str,
    officer: Account,
    row_version: int,
    text: str,
    sights: Sequence[Sight] = (),
) -> None:
    """Ask the reporter for material: they are told, and the report waits for them.

    Raises NoSuchReport and what ``scheme.questions.asked`` raises.
    """
    report = desk.read(work.connection, report_id, officer.account_id, work.now)
    question = asked(
        report,
        row_version=row_version,
        text=text,
        sights=sights,
        policies=work.policies,
        now=work.now,
    )
    desk.ask(work.connection, report, question, officer=officer.account_id, at=work.now)
    work.ring("deliver_notices")


def explain(work: Work, *, report_id: str, officer: Account, text: str) -> None:
    """Tell the reporter why there is no result yet.

    In time, that begins the answer's clock anew (R9). Raises NoSuchReport and what
    ``scheme.questions.explained`` raises.
    """
    report = desk.read(work.connection, report_id, officer.account_id, work.now)
    explaining = explained(report, text, work.policies, work.workdays, work.now)
    desk.explain(work.connection, report, explaining, officer=officer.account_id, at=work.now)
    work.ring("deliver_notices")
