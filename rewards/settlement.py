"""Settling a case: what its decisions say, held against what was promised and told (R10-R14).

Pure. Whatever happened to the case, the same question is asked of the whole of it, so asking twice
gives nothing to do the second time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

from rewards.award import Part, award
from scheme.answers import Answerable, ToTell, WrittenAnswer, answers
from scheme.case import OUT_OF_HAND, OWED, ShareState
from scheme.claw_back import RewardWithShares
from scheme.money import Fen
from scheme.policy_book import PolicyBook
from scheme.standing import Standing, Terms, terms
from scheme.workdays import Workdays

SPENT: Final = (*OUT_OF_HAND, ShareState.FORFEITED)
"""What a report had its turn with: it never gets a second reward beside such a share."""


R = TypeVar("R", bound=Answerable)


@dataclass(frozen=True, slots=True)
class Unsettled(Generic[R]):
    """A case with its decisions, and what was promised and told so far."""

    case_id: str
    reports: tuple[R, ...]
    """In order of receipt."""
    reporters: Mapping[str, tuple[str, ...]]
    """By report: everybody who sent it, first named first."""
    sharers: Mapping[str, tuple[str, ...]]
    """By report: those who share its reward (R12): each human once, without who was erased."""
    live: tuple[RewardWithShares, ...]
    """What counts: one reward at most, two where cases that both paid were just merged."""
    past: tuple[RewardWithShares, ...]
    """Rewards of its reports that count no more, oldest first."""
    written: Mapping[str, Sequence[WrittenAnswer]]
    """By report: the answers that were not taken back, oldest first."""


class TakenBack(NamedTuple):
    """A reward that is not due any more."""

    reward_id: str
    report_id: str
    cancelled: tuple[str, ...]
    """Shares that are owed no more."""
    due_back: tuple[str, ...]
    """Shares that are paid, or in a batch: a person decides about them."""
    counts: bool
    """It stays the case's reward until somebody has decided."""


class Award(NamedTuple):
    """The case's reward as it is to be written, with the message about each share."""

    report_id: str
    decision_id: str
    amount_fen: Fen
    substance_policy: str
    channel: str
    people: tuple[str, ...]
    parts: tuple[Part, ...]
    facts: tuple[Mapping[str, Any], ...]
    """Of the message to each of ``people``."""


@dataclass(frozen=True, slots=True)
class Settlement(Generic[R]):
    """What is to happen so that rewards and answers say what the decisions say."""

    case_id: str
    standing: Standing[R]
    taken_back: tuple[TakenBack, ...]
    counts: str | None
    """A reward that is to count for this case and did not: merged with it, or due again."""
    revived: str | None
    """The report of that reward, where it counted for nothing before."""
    award: Award | None
    to_tell: tuple[ToTell, ...]
    send_after: datetime
    """Nothing leaves while the decision behind it can be undone."""


def settled(
    case: Unsettled[R],
    policies: PolicyBook,
    workdays: Workdays,
    now: datetime,
    *,
    fresh_id: Callable[[], str],
) -> Settlement[R]:
    """What follows from the case's decisions as they are now.

    ``fresh_id`` gives an id that nothing has yet.
    """
    stands = terms(case.reports, policies, workdays, now)
    first = stands.first
    live, taken_back = _one_that_counts(case.live, first)
    rewarded = None if live is None else live.row.report_id
    counts = None
    if live is not None:
        if not _is_due(case, live, first):
            back = taken_back_from(live, counts=True)
            taken_back.append(back)
            rewarded = live.row.report_id if back.due_back else None
        if rewarded is not None and live.row.live_case_id != case.case_id:
            counts = live.row.id
    past = (*case.past, *(reward for reward in case.live if reward is not live))
    revived, made = None, None
    if rewarded is None and first is not None and case.sharers[first.report_id]:
        rewarded = first.report_id
        revived = _spent_by(past, rewarded)
        if revived is None:
            made = _award(case, stands, first, fresh_id)
    taken_back += _rest_of(case.past, revived)
    return Settlement(
        case_id=case.case_id,
        standing=stands.standing,
        taken_back=tuple(taken_back),
        counts=counts if revived is None else revived.row.id,
        revived=None if revived is None else revived.row.report_id,
        award=made,
        to_tell=answers(
            stands.standing,
            rewarded=rewarded,
            reporters=case.reporters,
            written=case.written,
            procedure=stands.procedure,
        ),
        send_after=stands.send_after,
    )


def taken_back_from(reward: RewardWithShares, *, counts: bool) -> TakenBack:
    """Cancel what can be cancelled; what is paid, or in a batch that is not settled, stays."""
    kept = tuple(share.id for share in reward.shares if share.state in OUT_OF_HAND)
    return TakenBack(
        reward_id=reward.row.id,
        report_id=reward.row.report_id,
        cancelled=tuple(share.id for share in reward.shares if share.state in OWED),
        due_back=kept,
        counts=counts and bool(kept),
    )


def _one_that_counts(
    live: Sequence[RewardWithShares], first: Answerable | None
) -> tuple[RewardWithShares | None, list[TakenBack]]:
    """Of two live rewards the paid one stays; of two paid ones the first report's, else the older.

    The other is taken back; where it was paid that is a claw-back to decide, never a second reward.
    """

    def rank(reward: RewardWithShares) -> tuple[bool, bool, datetime]:
        unpaid = not any(share.state in OUT_OF_HAND for share in reward.shares)
        not_firsts = first is None or reward.row.report_id != first.report_id
        return unpaid, not_firsts, reward.row.awarded_at

    if not live:
        return None, []
    kept, *others = sorted(live, key=rank)
    return kept, [taken_back_from(other, counts=False) for other in others]


def _is_due(case: Unsettled[R], live: RewardWithShares, first: R | None) -> bool:
    """Whether the reward is the first's, and shared among its reporters as they are known now."""
    if first is None or live.row.report_id != first.report_id:
        return False
    owed_to = tuple(share.person_id for share in live.shares)
    untouched = all(
        share.state in (ShareState.AWARDED, ShareState.NOTIFIED) for share in live.shares
    )
    return not untouched or owed_to == case.sharers[first.report_id]


def _spent_by(past: Sequence[RewardWithShares], report_id: str) -> RewardWithShares | None:
    """The reward that the report was paid, or forfeited, and that lost its case in a merge."""
    for reward in past:
        spent = any(share.state in SPENT for share in reward.shares)
        if spent and reward.row.report_id == report_id:
            return reward
    return None


def _rest_of(
    past: Sequence[RewardWithShares], revived: RewardWithShares | None
) -> tuple[TakenBack, ...]:
    """What came back from a batch, unpaid, of a reward that counts no more."""
    return tuple(
        taken_back_from(reward, counts=False)._replace(due_back=())
        for reward in past
        if reward is not revived and any(share.state in OWED for share in reward.shares)
    )


def _award(case: Unsettled[R], stands: Terms[R], first: R, fresh_id: Callable[[], str]) -> Award:
    """The case's reward: shares for the reporters of its first report, each told (R10-R13)."""
    if first.decision_id is None or stands.substance is None:
        raise AssertionError(f"report {first.report_id} is first without a decision")
    people = case.sharers[first.report_id]
    amount_fen = stands.substance.substance.amount_fen
    parts = award(amount_fen, [fresh_id() for _ in people])
    slip = [part.amount_fen for part in parts]
    return Award(
        report_id=first.report_id,
        decision_id=first.decision_id,
        amount_fen=amount_fen,
        substance_policy=stands.substance.ref,
        channel=stands.procedure.procedure.default_channel,
        people=people,
        parts=parts,
        facts=tuple(
            {
                "report_number": first.report_number,
                "amount_fen": part.amount_fen,
                "total_fen": sum(slip),
                "slip_fen": slip,
                "collects": part.position == 0,
                "policy": stands.procedure.ref,
            }
            for part in parts
        ),
    )
