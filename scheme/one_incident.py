"""One incident or two: questions answered, cases joined and taken apart (R14, R16)."""

from collections.abc import Sequence
from dataclasses import dataclass

from scheme.plain_text import required


class AlreadyAnswered(Exception):
    """Somebody has answered that question; splitting or merging changes it.

    Also raised where there is none.
    """


class InOneCase(Exception):
    """The two reports stand in one case: split it, if they are different incidents."""


class CategoriesDiffer(Exception):
    """Different categories are different incidents (R16)."""


class NothingToSplit(Exception):
    """The report is the only one of its case."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A case with its reports.

    ``case_id`` is None for a report that nobody has read: it gets a case as soon as it needs one.
    """

    case_id: str | None
    category: str
    reports: tuple[str, ...]
    """In order of receipt."""
    on_the_desk: tuple[str, ...]
    """Those that are judged anew when somebody says what belongs together."""
    first_receipt: int
    """The place in line of its earliest report."""


@dataclass(frozen=True, slots=True)
class AskedPair:
    """The question whether two reports are one incident. ``same`` None: nobody has answered."""

    candidate_id: int
    report_id: str
    other_report_id: str
    same: bool | None


@dataclass(frozen=True, slots=True)
class Merging:
    """Which case takes over which, and the open questions between the two that this answers."""

    source: Incident
    into: Incident
    answers: tuple[int, ...]
    judged_anew: tuple[str, ...]
    """Reports of either that are still to be decided."""
    reason: str


@dataclass(frozen=True, slots=True)
class PairAnswer:
    """What was said of a pair of reports; ``merging`` where it makes one case of two."""

    same: bool
    reason: str
    merging: Merging | None
    judged_anew: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parting:
    """A report that gets a case of its own, and those that it is no incident with."""

    report_id: str
    category: str
    old: Incident
    others: tuple[str, ...]
    reason: str


def merged(
    source: Incident, into: Incident, questions: Sequence[AskedPair], reason: str
) -> Merging:
    """Make two cases one: ``into`` takes over the other.

    ``questions`` are the open ones about reports of ``source``. Raises ReasonRequired, InOneCase,
    CategoriesDiffer.
    """
    reason = required(reason)
    if source.case_id is not None and source.case_id == into.case_id:
        raise InOneCase
    return _merging(source, into, questions, reason)


def pair_answered(  # noqa: PLR0913 - what an answer consists of, and what rules it
    asked: AskedPair | None,
    one: Incident | None,
    other: Incident | None,
    questions: Sequence[AskedPair],
    *,
    same: bool,
    reason: str,
) -> tuple[AskedPair, PairAnswer]:
    """Say whether two reports are one incident: the earlier case takes over the later, or neither.

    ``one`` and ``other`` are where the two stand, ``questions`` the open ones about either. Returns
    the question, which there is then, with the answer. Raises ReasonRequired, AlreadyAnswered,
    InOneCase, CategoriesDiffer.
    """
    reason = required(reason)
    if asked is None or asked.same is not None or one is None or other is None:
        raise AlreadyAnswered
    together = one.case_id is not None and one.case_id == other.case_id
    if together and not same:
        raise InOneCase
    pair = (asked.report_id, asked.other_report_id)
    on_the_desk = (*one.on_the_desk, *other.on_the_desk)
    merging = None
    if same and not together:
        later, earlier = sorted((one, other), key=lambda case: -case.first_receipt)
        rest = [question for question in questions if question.candidate_id != asked.candidate_id]
        merging = _merging(later, earlier, rest, reason)
    judged_anew = tuple(report_id for report_id in pair if report_id in on_the_desk)
    return asked, PairAnswer(same, reason, merging, judged_anew)


def parted(report_id: str, category: str | None, old: Incident, reason: str) -> Parting:
    """Take a report out of its case into one of its own; its reward goes with it.

    ``category`` is that of its claim in force. Raises ReasonRequired, NothingToSplit.
    """
    reason = required(reason)
    others = tuple(other for other in old.reports if other != report_id)
    if not others or category is None:
        raise NothingToSplit
    return Parting(report_id, category, old, others, reason)


def _merging(
    source: Incident, into: Incident, questions: Sequence[AskedPair], reason: str
) -> Merging:
    if source.category != into.category:
        raise CategoriesDiffer
    between = tuple(
        question.candidate_id
        for question in questions
        if question.same is None and _lies_between(question, source, into)
    )
    judged_anew = (*into.on_the_desk, *source.on_the_desk)
    return Merging(source, into, between, judged_anew, reason)


def _lies_between(question: AskedPair, source: Incident, into: Incident) -> bool:
    pair = {question.report_id, question.other_report_id}
    return bool(pair & {*source.reports}) and bool(pair & {*into.reports})
