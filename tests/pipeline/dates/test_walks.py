"""How far rulings walk: one report is looked at, not every date that waits."""

from datetime import UTC, datetime

from pipeline.dates import rulings
from scheme.deadlines import DateKind
from tests.pipeline.desk import Desk
from tests.statements import Counted
from tests.walk import walk

VIOLATED_AT = datetime(2026, 12, 29, 0, tzinfo=UTC)
REASON = "The city's notice of 2 January says that the office works on Monday."


def test_a_ruling_looks_at_its_report_alone(desk: Desk, statements: Counted) -> None:
    """With three windows open: (26, 7, 13) to propose and (31, 8, 22) to confirm, before."""
    desk.clock.at = datetime(2027, 1, 4, 1, tzinfo=UTC)  # six calendar days after: nobody knows
    report_ids = [desk.report(violated_at=VIOLATED_AT) for _ in range(3)]
    ids: list[str] = []
    with statements(desk.runtime.engine) as asked, desk.runtime.write() as work:
        proposing = walk(
            lambda: ids.append(
                rulings.propose(
                    work,
                    report_id=report_ids[2],
                    kind=DateKind.WINDOW,
                    officer=desk.officer,
                    reason=REASON,
                    in_time=True,
                )
            )
        )
    assert proposing.stays <= 15, proposing.way
    assert proposing.returns <= 4, proposing.way
    assert len(asked) <= 10, asked
    with statements(desk.runtime.engine) as asked, desk.runtime.write() as work:
        confirming = walk(
            lambda: rulings.confirm(work, ruling_id=ids[0], officer=desk.other_officer)
        )
    assert confirming.stays <= 23, confirming.way
    assert confirming.returns <= 6, confirming.way
    assert len(asked) <= 19, asked
