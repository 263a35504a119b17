"""What a notice says, in every language, and where it goes.

A text holds no name and no plate: neither is among its values (R17). Nothing is sent here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline import languages, notice_texts
from pipeline.paying import awarding
from pipeline.runtime import Work
from pipeline.store import deliveries, identities, notices
from pipeline.store.actions import Action
from pipeline.store.notices import EMAIL, PAPER, NoticeRow
from pipeline.store.vault import Erased
from scheme.decision import Verdict
from scheme.money import Fen, yuan
from scheme.policy import Policy, PolicyRef


@dataclass(frozen=True, slots=True)
class Message:
    """A notice as it leaves.

    ``to`` is a phone number or an address; ``repr`` hides who and what.
    """

    notice_id: str
    kind: str
    channel: str
    report_number: str
    sent_at: datetime
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


def composed(work: Work, notice: NoticeRow) -> Message | None:
    """The message as it leaves; None where nobody can be told.

    The person was erased, or has no number any more.
    """
    to = _address(work, notice)
    if not to:
        deliveries.cancel(work.connection, notice.notice_id, work.now)
        work.record(
            awarding.SYSTEM,
            Action.NOTICE_UNDELIVERABLE,
            f"report/{notice.report_id}",
            notice=notice.notice_id,
        )
        return None
    number = str(notice.facts["report_number"])
    spoken = _spoken(notice)
    subjects = [
        notice_texts.words(language)["subject"][notice.kind].format(number=number)
        for language in spoken
    ]
    paragraphs = [_paragraph(work, notice, language) for language in spoken]
    return Message(
        notice_id=notice.notice_id,
        kind=notice.kind,
        channel=notice.channel,
        report_number=number,
        sent_at=work.now,
        to=to,
        subject=" / ".join(subjects),
        text="\n\n".join(paragraphs),
    )


def _spoken(notice: NoticeRow) -> tuple[str, ...]:
    """The languages that the message is in; a text that one lacks is said in English, once."""
    chosen = languages.of_record(notice.facts.get("language"))
    return tuple(dict.fromkeys(notice_texts.said_in(notice.kind, language) for language in chosen))


def _address(work: Work, notice: NoticeRow) -> str:
    try:
        person = identities.identity(
            work.connection, work.vault, notice.person_id, report_id=notice.report_id
        )
    except Erased:
        return ""
    return {EMAIL: person.email, PAPER: person.name}.get(notice.channel, person.phone)


def _paragraph(work: Work, notice: NoticeRow, language: str) -> str:
    """One language's text. Never a name and never a plate: neither is among the values."""
    policy = work.policies.by_ref(PolicyRef(notice.facts["policy"]))
    values = {
        **notice.facts,
        **_places(policy, language),
        **_in_words(notice, notice_texts.words(language)),
    }
    if "total_fen" in notice.facts:
        values["total"] = yuan(Fen(notice.facts["total_fen"]))
    return notice_texts.rendered(notice.kind, language, values)


def _in_words(notice: NoticeRow, words: Mapping[str, Any]) -> Mapping[str, object]:
    """The codes and amounts of a notice in one language's words."""
    facts, listed = notice.facts, words["separator"]["list"]
    match notice.kind:
        case notices.ANSWER:
            return {
                "substantiated": facts["verdict"] == Verdict.SUBSTANTIATED,
                "verdict": words["verdict"][facts["verdict"]],
                "reasons": listed.join(words["reason"][code] for code in facts["reasons"]),
            }
        case notices.REWARD:
            slip = [yuan(Fen(part)) for part in facts["slip_fen"]]
            return {
                "amount": yuan(Fen(facts["amount_fen"])),
                "heads": len(slip),
                "slip": " + ".join(slip),
            }
        case notices.ASK:
            return {"sights": listed.join(words["sight"][sight] for sight in facts["sights"])}
        case _:
            return {}


def _places(policy: Policy, language: str) -> dict[str, str | int]:
    counter = policy.procedure.counter
    return {
        "days": policy.procedure.claim_days,
        "documents": languages.named(policy.procedure.documents, language),
        "address": languages.named(counter.address, language),
        "phone": counter.phone,
        "opens": f"{counter.opens:%H:%M}",
        "closes": f"{counter.closes:%H:%M}",
    }
