"""What is proposed about a reporter, sealed under their own key until it is answered (R17)."""

import json

from pipeline.people.person_changes import Proposal
from pipeline.runtime import Work
from pipeline.store import person_keys
from pipeline.store.identity_questions import QuestionAnswered, QuestionRow
from rewards.documents import Document, DocumentKind


def sealed(work: Work, question_id: str, person_id: str, proposal: Proposal) -> bytes:
    """The proposal of that question, for its row."""
    shown = proposal.document
    body = [
        shown.kind if shown else "",
        shown.number if shown else "",
        proposal.name,
        proposal.phone,
    ]
    text = json.dumps(body, ensure_ascii=False)
    return person_keys.seal(
        work.connection, work.vault, person_id, text, place=f"questions/{question_id}"
    )


def proposed(work: Work, question: QuestionRow) -> Proposal:
    """What was proposed. Raises QuestionAnswered: it is not kept beside what came of it."""
    if question.proposal_enc is None:
        raise QuestionAnswered(question.id)
    text = person_keys.unseal(
        work.connection,
        work.vault,
        question.person_id,
        question.proposal_enc,
        place=f"questions/{question.id}",
    )
    kind, number, name, phone = json.loads(text)
    return Proposal(Document(DocumentKind(kind), number) if number else None, name, phone)
