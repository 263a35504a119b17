"""How far a question about a reporter walks: one dossier, one rule, one move each way."""

from pipeline.people import questions
from pipeline.store.person_questions import Proposal
from scheme.person_questions import QuestionKind
from tests.pipeline.desk import Desk
from tests.statements import Counted
from tests.walk import walk


def test_asking_and_accepting_go_one_way(desk: Desk, statements: Counted) -> None:
    """A number typed wrong, the reward told: (19, 10, 10) to ask, (21, 13, 30) to accept, before.

    ``awarding``, in which the case is settled, is a stage of its own.
    """
    report_id = desk.report()
    desk.decide(report_id)
    desk.tell()
    ids: list[str] = []
    with statements(desk.runtime.engine) as asked, desk.runtime.write() as work:
        asking = walk(
            lambda: ids.append(
                questions.ask(
                    work,
                    kind=QuestionKind.PHONE,
                    report_id=report_id,
                    position=0,
                    account=desk.clerk,
                    reason="number typed wrong",
                    proposal=Proposal(phone="13900000001"),
                )
            )
        )
    assert asking.stays <= 9, asking.way
    assert asking.returns <= 5, asking.way
    assert len(asked) <= 13, asked
    with statements(desk.runtime.engine) as asked, desk.runtime.write() as work:
        accepting = walk(
            lambda: questions.answer(
                work, question_id=ids[0], account=desk.officer, accepted=True, reason=""
            ),
            apart=["pipeline.paying.awarding"],
        )
    assert accepting.stays <= 16, accepting.way
    assert accepting.returns <= 13, accepting.way
    assert len(asked) <= 32, asked
