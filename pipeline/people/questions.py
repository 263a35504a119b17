"""Who is who, when people change.

One colleague asks about a reporter, another answers, and both are on record.

A new number, a further document, another name, a number typed wrong or given to somebody else:
nothing of it is for one clerk alone, and nobody loses a reward because the answer took its time.
Accepting does what was asked; refusing leaves everything as it was.
"""

from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import identity_questions, ledger, person_changes, person_questions
from pipeline.store.identity_questions import QuestionRow
from pipeline.store.person_questions import Proposal
from scheme.person_questions import (
    QuestionKind,
    accepting,
    asking,
    begun_anew,
    reason_of,
    require_second_person,
)
from scheme.staff import Account


def ask(  # noqa: PLR0913 - what a question consists of
    work: Work,
    *,
    kind: str,
    report_id: str,
    position: int,
    account: Account,
    reason: str,
    proposal: Proposal,
) -> str:
    """Put a question on record for a second person; returns its id.

    An uncollected share is kept while it is open.

    Raises NoSuchReporter, Erased, and what ``scheme.person_questions.asking`` raises.
    """
    asked = QuestionKind(kind)
    about = person_questions.read(
        work.connection, work.vault, asked, proposal, report_id=report_id, position=position
    )
    question = asking(about, asked, proposal, reason, work.policies, work.workdays)
    return person_questions.ask(
        work.connection,
        work.vault,
        about,
        question,
        proposal,
        by=account.account_id,
        at=work.now,
        hold_until=awarding.last_moment_to_collect(work, work.now),
    )


def answer(work: Work, *, question_id: str, account: Account, accepted: bool, reason: str) -> None:
    """A second person accepts, which does what was asked, or refuses with a reason.

    If it was asked in time and is accepted, the days to collect begin anew, and what was forfeited
    meanwhile is owed again. Raises QuestionNotFound, Erased, and what
    ``require_second_person``, ``reason_of`` and ``accepting`` of ``scheme.person_questions`` raise.
    """
    question = identity_questions.read(work.connection, question_id)
    require_second_person(question, account.account_id)
    if accepted:
        _accept(work, question, account, reason)
        return
    person_questions.answer(
        work.connection,
        question,
        accepted=False,
        reason=reason_of(reason),
        by=account.account_id,
        at=work.now,
    )


def _accept(work: Work, question: QuestionRow, account: Account, reason: str) -> None:
    """Do what was asked, if it still can be done, and settle every case that it concerns."""
    proposal = person_questions.proposed(work.connection, work.vault, question)
    about = person_questions.read_again(work.connection, work.vault, question, proposal)
    accepted = accepting(about, question.kind, proposal, reason, work.policies, work.workdays)
    changed = person_changes.make(
        work.connection, work.vault, about, accepted.change, proposal, work.now
    )
    for case_id in changed.case_ids:
        awarding.settle_case(work, case_id, actor=account.account_id)
    person_questions.answer(
        work.connection,
        question,
        accepted=True,
        reason=accepted.reason,
        by=account.account_id,
        at=work.now,
        other=changed.other,
        **_begin_anew(work, question, account),
    )


def _begin_anew(work: Work, question: QuestionRow, account: Account) -> dict[str, object]:
    """Nothing is lost for the time that the answer took; what of it is on record."""
    last_moment = awarding.last_moment_to_collect(work, work.now)
    done: dict[str, object] = {}
    for reward in ledger.rewards_of_report(work.connection, question.report_id):
        shares = ledger.shares_of(work.connection, reward.id)
        anew = begun_anew(shares, question.asked_at)
        for place in anew.days:
            ledger.begin_days_anew(
                work.connection, shares[place].id, at=work.now, collect_by=last_moment
            )
            done["collect_by"] = None if last_moment is None else last_moment.isoformat()
        if reward.live_case_id is not None and anew.forfeited:
            again = awarding.reinstate(
                work,
                reward,
                requested_by=question.asked_by,
                approved_by=account.account_id,
                reason=question.reason,
            )
            done["reinstated"] = [share.id for share in again]
    return done
