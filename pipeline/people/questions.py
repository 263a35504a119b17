"""Who is who, when people change.

One colleague asks about a reporter, another answers, and both are on record.

A new number, a further document, another name, a number typed wrong or given to somebody else:
nothing of it is for one clerk alone, and nobody loses a reward because the answer took its time.
Accepting does what was asked; refusing leaves everything as it was.
"""

from pipeline.paying import awarding
from pipeline.people.person_changes import CHANGES, About, Proposal, reporter_at
from pipeline.people.proposals import proposed, sealed
from pipeline.runtime import Work
from pipeline.store import cases, identity_questions, joined, ledger, whose
from pipeline.store.actions import Action
from pipeline.store.identity_questions import QuestionAnswered, QuestionKind, QuestionRow
from scheme.case import ShareState
from scheme.plain_text import required
from scheme.staff import Account

ACCEPTED, REFUSED = "accepted", "refused"
SHORTEST_REASON, LONGEST_REASON = 4, 500


class QuestionReasonRequired(Exception):
    """A question, a refusal and an opening each have a reason to check, of 4 to 500 signs."""


class NotYourQuestion(Exception):
    """Whoever asked can't answer: it takes a second person."""


class AlreadyAsked(Exception):
    """A question about this person is open: it has to be answered first."""


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

    Raises QuestionReasonRequired, NoSuchReporter, AlreadyAsked, and what the kind refuses:
    NothingToAsk, DocumentOfAnother, NumberOfAnother, DocumentsDiffer, NobodysDocument,
    TooLateToMove, BothReport, CaseOpen, MoneyOwed, Erased, and what a name, number or document that
    can't be raises.
    """
    said, asked = reason_of(reason), QuestionKind(kind)
    about = About(report_id, position, reporter_at(work, report_id, position))
    rows = joined.everybody(work.connection, about.person_id)
    if any(row.answer is None for row in identity_questions.about_persons(work.connection, rows)):
        raise AlreadyAsked
    other = CHANGES[asked].check(work, about, proposal)
    question_id = identity_questions.new_id()
    identity_questions.add(
        work.connection,
        QuestionRow(
            id=question_id,
            kind=asked,
            report_id=report_id,
            position=position,
            person_id=about.person_id,
            other_person_id=other,
            reason=said,
            proposal_enc=sealed(work, question_id, about.person_id, proposal),
            asked_by=account.account_id,
            asked_at=work.now,
            hold_until=awarding.last_moment_to_collect(work, work.now),
            answer=None,
            answered_by=None,
            answered_at=None,
            answer_reason=None,
        ),
    )
    work.record(
        account.account_id,
        Action.IDENTITY_QUESTION_ASKED,
        f"question/{question_id}",
        kind=asked,
        report=report_id,
        position=position,
        person=about.person_id,
        other=other,
        reason=said,
    )
    return question_id


def answer(work: Work, *, question_id: str, account: Account, accepted: bool, reason: str) -> None:
    """A second person accepts, which does what was asked, or refuses with a reason.

    If it was asked in time and is accepted, the days to collect begin anew, and what was forfeited
    meanwhile is owed again. Raises QuestionNotFound, QuestionAnswered, NotYourQuestion,
    QuestionReasonRequired, and what ``ask`` does.
    """
    question = identity_questions.read(work.connection, question_id)
    if question.answer is not None:
        raise QuestionAnswered(question_id)
    if question.asked_by == account.account_id:
        raise NotYourQuestion
    said = "" if accepted and not reason.strip() else reason_of(reason)
    other = _change(work, question, account) if accepted else None
    identity_questions.answer(
        work.connection,
        question_id,
        answered=ACCEPTED if accepted else REFUSED,
        by=account.account_id,
        at=work.now,
        reason=said,
        other_person_id=other,
    )
    anew = _begin_anew(work, question, account) if accepted else {}
    work.record(
        account.account_id,
        Action.IDENTITY_QUESTION_ANSWERED,
        f"question/{question_id}",
        kind=question.kind,
        accepted=accepted,
        report=question.report_id,
        person=question.person_id,
        other=other or question.other_person_id,
        reason=said,
        **anew,
    )


def _change(work: Work, question: QuestionRow, account: Account) -> str | None:
    """Do what was asked, if it still can be done, and settle every case that it concerns.

    The other person.
    """
    about = About(
        question.report_id, question.position, question.person_id, question.other_person_id
    )
    before = joined.everybody(work.connection, about.person_id)
    other = CHANGES[question.kind].do(work, about, proposed(work, question))
    concerned = {*before, *joined.everybody(work.connection, other or about.person_id)}
    found = {
        cases.case_of_report(work.connection, report_id)
        for report_id in whose.reports_of(work.connection, concerned)
    }
    for case_id in sorted(case_id for case_id in found if case_id is not None):
        awarding.settle_case(work, case_id, actor=account.account_id)
    return other


def _begin_anew(work: Work, question: QuestionRow, account: Account) -> dict[str, object]:
    """Nothing is lost for the time that the answer took.

    The days begin anew, what was forfeited is owed again.
    """
    last_moment = awarding.last_moment_to_collect(work, work.now)
    done: dict[str, object] = {}
    for reward in ledger.rewards_of_report(work.connection, question.report_id):
        in_time = [
            share
            for share in ledger.shares_of(work.connection, reward.id)
            if share.notice_received_at is not None
            and (share.collect_by is None or question.asked_at <= share.collect_by)
        ]
        for share in in_time:
            if share.state is ShareState.NOTIFIED:
                ledger.begin_days_anew(
                    work.connection, share.id, at=work.now, collect_by=last_moment
                )
                done["collect_by"] = None if last_moment is None else last_moment.isoformat()
        if reward.live_case_id is not None and any(
            share.state is ShareState.FORFEITED for share in in_time
        ):
            again = awarding.reinstate(
                work,
                reward,
                requested_by=question.asked_by,
                approved_by=account.account_id,
                reason=question.reason,
            )
            done["reinstated"] = [share.id for share in again]
    return done


def reason_of(text: str) -> str:
    """What was said for it. Raises QuestionReasonRequired."""
    return required(text, QuestionReasonRequired, shortest=SHORTEST_REASON, longest=LONGEST_REASON)
