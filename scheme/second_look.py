"""Second looks: from which figure on somebody else looks again, and what is drawn (R8, R18).

A look never refuses a report. One of them holds a payment until a second person has approved it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

from scheme.decision import Verdict
from scheme.plain_text import required
from scheme.policy import SecondLook

ALL_PERCENT = 100
SEEN: Final = "seen"
APPROVED: Final = "approved"
"""How a signal is answered, and a payment; a decision that is made again, by a verdict."""


class NoSuchLook(Exception):
    """There is no second look of that id."""


class YouTookPart(Exception):
    """Who registered, decided or handed out can't be the one who looks again."""


class AlreadyLookedAt(Exception):
    """Somebody has answered this look."""


class AnswerRequired(Exception):
    """A decision is looked at again by deciding: substantiated, unsubstantiated or assisted."""


class Look(StrEnum):
    """Why somebody looks again."""

    REPORTS = "reports"
    """A person sent more reports in a day than the policy's figure."""
    FILES = "files"
    """A person sent more files in a day."""
    PAID_IN_A_DAY = "paid_in_a_day"
    """Much more was paid in a day than on the days of payment before."""
    PAIR = "pair"
    """One officer substantiated more reports of one person in a month."""
    PAYMENT = "payment"
    """A person would be paid more in a month: a second person approves first."""
    ON_THE_SPOT = "on_the_spot"
    """Drawn from the day's payments on the spot, decided again without the first decision."""
    SAMPLE = "sample"
    """Drawn from the day's decisions, decided again without the first one."""
    OVER_A_FIGURE = "over_a_figure"
    """A decision on a report of somebody over one of the figures, decided again without the first
    one.
    """


BLIND = frozenset({Look.ON_THE_SPOT, Look.SAMPLE, Look.OVER_A_FIGURE})
"""Looks whose reviewer sees evidence and findings, and the first decision only after answering."""


@dataclass(frozen=True, slots=True)
class OpenLook:
    """A look as it lies before whoever would answer it."""

    kind: Look
    is_answered: bool
    took_part: frozenset[str]
    """Accounts that had a hand in what it is about, or that it is about."""
    decided: Verdict | None
    """How the decision went that is made again; None where there is none."""


@dataclass(frozen=True, slots=True)
class LookAnswer:
    """What somebody else says; ``agrees`` with the decision that was made again, if any was."""

    answer: str
    agrees: bool | None
    reason: str


def look_answered(look: OpenLook, officer: str, reason: str, verdict: Verdict | None) -> LookAnswer:
    """Answer a look, once, by somebody who took no part (R8).

    A payment is approved by it; a signal is seen. A disagreement changes nothing by itself. Raises
    ReasonRequired, AlreadyLookedAt, YouTookPart, AnswerRequired.
    """
    reason = required(reason)
    if look.is_answered:
        raise AlreadyLookedAt
    if officer in look.took_part:
        raise YouTookPart
    agrees = None if look.decided is None else look.decided is verdict
    if look.kind in BLIND:
        if verdict is None:
            raise AnswerRequired
        return LookAnswer(verdict, agrees, reason)
    return LookAnswer(APPROVED if look.kind is Look.PAYMENT else SEEN, agrees, reason)


@dataclass(frozen=True, slots=True)
class Paid:
    """What a person was paid in a month, or is about to be paid by a batch."""

    count: int
    fen: int

    def and_one_more(self, fen: int) -> "Paid":
        """With one more payment of ``fen``."""
        return Paid(self.count + 1, self.fen + fen)


def needs_second_person(with_this: Paid, second_look: SecondLook) -> bool:
    """Whether a payment that brings the month to ``with_this`` needs a second person."""
    return _beyond(with_this.count, second_look.paid_per_person_per_month) or _beyond(
        with_this.fen, second_look.paid_per_person_per_month_fen
    )


def beyond(figures: Mapping[str, int], most: int | None) -> Mapping[str, int]:
    """Those of ``figures`` that are more than the policy's figure."""
    return {subject: figure for subject, figure in figures.items() if _beyond(figure, most)}


def stands_out(paid_fen: int, days_before_fen: Collection[int], times: int | None) -> int | None:
    """The median of the days of payment before, where ``paid_fen`` is more than ``times`` of it.

    Else None.

    Days on which nothing was paid are not among them: payout lists go out once in a while.
    """
    if times is None or not days_before_fen:
        return None
    middle = int(median(days_before_fen))
    return middle if paid_fen > times * middle else None


def drawn(ranked: Sequence[str], percent: int | None) -> tuple[str, ...]:
    """The first of ``ranked``, ``percent`` of them, rounded up: of any number at least one."""
    return tuple(ranked[: -(-len(ranked) * (percent or 0) // ALL_PERCENT)])


def _beyond(figure: int, most: int | None) -> bool:
    return most is not None and figure > most
