"""One incident or two: officers answer questions, join cases and take them apart (R14)."""

from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import one_incident
from pipeline.verifying import judging
from scheme.one_incident import merged, pair_answered, parted
from scheme.staff import Account


def answer_candidate(
    work: Work, *, candidate_id: int, officer: Account, same: bool, reason: str
) -> None:
    """Answer "same incident?": same merges the two cases, different leaves them apart (R14).

    Whoever of the two is still to be decided is judged anew: the answer changes what the duplicate
    check says. Raises what ``scheme.one_incident.pair_answered`` raises.
    """
    pair = one_incident.read_pair(work.connection, candidate_id)
    asked, said = pair_answered(
        pair.asked, pair.one, pair.other, pair.questions, same=same, reason=reason
    )
    joined = one_incident.answer(
        work.connection, asked, said, officer=officer.account_id, at=work.now
    )
    if joined is not None:
        source, into = joined
        awarding.settle_case(work, into, actor=officer.account_id, merged=(source,))
    judging.judge_all_again(work, said.judged_anew)


def merge(work: Work, *, case_id: str, into_case_id: str, officer: Account, reason: str) -> None:
    """Make two cases one.

    At most one reward stays live; of two paid ones, the other is a claw-back to decide. Open
    questions between the two are answered by it. Raises CaseNotFound and what
    ``scheme.one_incident.merged`` raises.
    """
    source, into, questions = one_incident.read_two(work.connection, case_id, into_case_id)
    merging = merged(source, into, questions, reason)
    handed, taker = one_incident.merge(
        work.connection, merging, officer=officer.account_id, at=work.now
    )
    awarding.settle_case(work, taker, actor=officer.account_id, merged=(handed,))
    judging.judge_all_again(work, merging.judged_anew)


def split(work: Work, *, report_id: str, officer: Account, reason: str) -> str:
    """Take a report out of its case into one of its own; returns that case's id.

    Its reward goes with it. Raises NoSuchReport and what ``scheme.one_incident.parted`` raises.
    """
    to_part = one_incident.read_to_part(work.connection, report_id)
    parting = parted(report_id, to_part.category, to_part.incident, reason)
    old, new = one_incident.part(work.connection, parting, officer=officer.account_id, at=work.now)
    awarding.settle_cases(work, (old, new), actor=officer.account_id)
    return new
