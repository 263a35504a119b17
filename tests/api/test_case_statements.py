"""The case page asks the database for as much whatever the case holds."""

from collections.abc import Callable

from pipeline.store import candidates
from scheme.decision import Verdict
from tests.api.staff import Browser
from tests.api.test_case_actions import page_of
from tests.pipeline.desk import Desk
from tests.statements import Counted

MOST = 12


def ask_about(desk: Desk, report_id: str, other_id: str) -> None:
    with desk.runtime.write() as work:
        candidates.add(work.connection, report_id, other_id, ["SIMILAR_MEDIA"], work.now)


def asked_by(desk: Desk, officer: Browser, statements: Counted, report_id: str) -> list[str]:
    path = page_of(desk, report_id)
    with statements(desk.runtime.engine) as asked:
        officer.page(path)
    return asked


def test_the_case_page_asks_as_much_for_twenty_reports_as_for_one(
    desk: Desk, browser: Callable[[str], Browser], statements: Counted
) -> None:
    officer = browser("officer")
    first = desk.report(people=2)
    case_id = desk.case(first).case_id
    alone = asked_by(desk, officer, statements, first)
    desk.decide(first)
    counts = []
    reports = [first]
    for several in (5, 20):
        while len(reports) < several:
            reports.append(desk.report(case_id=case_id))
            desk.decide(reports[-1], Verdict.UNSUBSTANTIATED)
        ask_about(desk, reports[-1], desk.report(plate=f"沪C{next(desk.numbers):05d}"))
        counts.append(asked_by(desk, officer, statements, first))
    assert len(alone) <= MOST, alone
    assert [len(count) for count in counts] == [len(alone)] * 2
