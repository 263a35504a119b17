"""A decision is never edited: the last one that was not undone counts, the others stay."""

from pipeline.store import cases, decisions, reports
from scheme.decision import Verdict
from scheme.finding import Proof
from scheme.reading import Box, Sha256
from tests.pipeline.desk import Desk

PROOF = Proof(Sha256("ab" * 32), 1_400, Box(10, 20, 30, 40))


def decide(desk: Desk, report_id: str, verdict: Verdict, *, by: str | None = None) -> str:
    with desk.runtime.write() as work:
        return decisions.add(
            work.connection,
            report_id,
            verdict=verdict,
            reasons=["NO_VIOLATION"],
            note="看不清",
            proof=PROOF,
            officer=by or desk.officer.account_id,
            at=work.now,
            procedure_policy="shanghai-bus@2",
        )


def test_versions_go_on_after_one_was_undone_and_each_stays_as_it_was(desk: Desk) -> None:
    report_id = desk.report()
    first = decide(desk, report_id, Verdict.SUBSTANTIATED)
    with desk.runtime.write() as work:
        assert decisions.undo(work.connection, first, work.now)
        assert not decisions.undo(work.connection, first, work.now)
    second = decide(desk, report_id, Verdict.UNSUBSTANTIATED)
    with desk.runtime.read() as work:
        undone, standing = decisions.of_report(work.connection, report_id)
    assert (undone.version, standing.version) == (1, 2)
    assert (undone.decision_id, standing.decision_id) == (first, second)
    assert undone.undone_at is not None
    assert standing.undone_at is None
    assert standing.proof == PROOF
    assert (standing.reasons, standing.note) == (("NO_VIOLATION",), "看不清")


def test_the_last_one_not_undone_counts(desk: Desk) -> None:
    report_id, other_report_id = desk.report(), desk.report()
    first = decide(desk, report_id, Verdict.SUBSTANTIATED)
    elsewhere = decide(desk, other_report_id, Verdict.SUBSTANTIATED)
    second = decide(desk, report_id, Verdict.UNSUBSTANTIATED)

    def standing() -> list[bool]:
        with desk.runtime.read() as work:
            return [
                decisions.still_stands(work.connection, decision_id)
                for decision_id in (first, second, elsewhere, "no such decision")
            ]

    assert standing() == [False, True, True, False]
    with desk.runtime.write() as work:
        decisions.undo(work.connection, second, work.now)
    assert standing() == [True, False, True, False]


def test_who_registered_decided_or_paid_took_part_and_who_took_it_back_did_not(desk: Desk) -> None:
    report_id = desk.report()
    decide(desk, report_id, Verdict.SUBSTANTIATED)
    taken_back = decide(desk, report_id, Verdict.UNSUBSTANTIATED, by=desk.other_officer.account_id)
    with desk.runtime.write() as work:
        decisions.undo(work.connection, taken_back, work.now)
        reports.registered(work.connection, report_id, desk.finance.account_id)
        reports.paid_on_the_spot(work.connection, report_id, desk.clerk.account_id, work.now)
        case_id = cases.case_of_report(work.connection, report_id)
        assert case_id is not None
        assert decisions.deciders_of_case(work.connection, case_id) == {desk.officer.account_id}
        assert decisions.who_took_part(work.connection, case_id) == {
            desk.officer.account_id,
            desk.finance.account_id,
            desk.clerk.account_id,
        }
