"""A list that came back from the bank: read, understood, shown, and applied when it is confirmed.

Our own list with every row in order is applied at once: there is nothing to ask. Any other is kept
sealed for an hour while somebody looks at how it was understood; nothing is applied before.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Final

from pipeline.paying.exported_lists import exported_list, line_answers, require_unchanged
from pipeline.paying.results import apply_results
from pipeline.runtime import Work
from pipeline.spreadsheets import TableLimits, TableUnreadable, read_table
from pipeline.store import batches as store
from pipeline.store import returned_lists as lists
from pipeline.store.actions import Action
from pipeline.store.vault import WrongKey
from rewards.answers import Plan, own_words, plan
from rewards.matching import ExportedBatch
from rewards.returned_list import (
    ListMapping,
    Meaning,
    NoHeadings,
    Outcome,
    RememberedMapping,
    Unit,
    folded,
    heading_row_of,
    to_remember,
)
from rewards.understanding import understand, understand_below, with_unit
from scheme.case import BatchState, ForbiddenMove
from scheme.codec import from_json, to_json
from scheme.staff import Account

LIMITS: Final = TableLimits(file_bytes=5_000_000, unpacked_bytes=40_000_000, rows=20_000)
KEPT_FOR: Final = timedelta(hours=1)

MEANINGS: Final = tuple(meaning.value for meaning in Meaning)
OUTCOMES: Final = tuple(outcome.value for outcome in Outcome)
UNITS: Final = tuple(unit.value for unit in Unit)
"""What can be said of a list."""

ANSWERABLE: Final = (
    BatchState.EXPORTED,
    BatchState.SETTLED,
    BatchState.PARTLY_SETTLED,
    BatchState.CLOSED,
)
"""Batches of which a bank may say something; once all is said, nothing changes any more."""

Rows = tuple[tuple[str, ...], ...]


class ListUnreadable(Exception):
    """A file that is no list: ``reason`` is one of TableUnreadable's, or no_headings."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ListGone(Exception):
    """The list was applied, is older than an hour, or was loaded in another session."""


class NothingToApply(Exception):
    """No row of the list settles a line that is still open.

    ``reason``: done (applied before, or still open at the bank), or refused.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MappingIncomplete(Exception):
    """What the list says can't be told before somebody says where ``lacking`` stands."""

    def __init__(self, lacking: str) -> None:
        super().__init__(lacking)
        self.lacking = lacking


class NotAsShown(Exception):
    """The list would do something else now than it did when it was shown: it is to be looked at."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a list.

    ``columns``: meaning -> place from 0, None for a list that lacks it. ``unit`` and ``every_row``
    may be empty; ``words``: the bank's word -> outcome, empty where it stays open.
    """

    heading_row: int
    columns: Mapping[str, int | None]
    unit: str = ""
    every_row: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Session:
    """Who looks at lists, and the token of the session in which that person does."""

    account: Account
    token: str


@dataclass(frozen=True, slots=True)
class ShownList:
    """A returned list as it is understood, and what it would do.

    ``words``: what stands in the outcomes' column and is in no table. ``remembered``: the mapping
    is the one that was confirmed for the channel.
    """

    batch_number: str
    written_as: str
    file_sha256: str
    rows: Rows
    mapping: ListMapping
    plan: Plan
    words: tuple[str, ...]
    remembered: bool
    lines: int
    lines_open: int
    total_fen: int

    @property
    def headings(self) -> tuple[str, ...]:
        """The cells of the heading row."""
        return self.rows[self.mapping.heading_row - 1]

    @property
    def asks_nothing(self) -> bool:
        """Whether it is our own list with every row in order: nobody has to look at it."""
        return self.mapping.ours and (self.plan.asks_nothing or not self.lines)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A list's rows, and the file that they stood in."""

    written_as: str
    rows: Rows
    file_sha256: str


# -- a file at hand --------------------------------------------------------------------------------


def look_at_file(work: Work, batch_id: str, content: bytes, said: Said | None = None) -> ShownList:
    """What a file would do, as it is understood or as somebody has ``said``.

    Raises ListUnreadable, ManifestMismatch for our own list with other cells than it left with,
    ForbiddenMove, BatchBroken.
    """
    return _shown(work, batch_id, _read(content), said)


def apply_shown(work: Work, batch_id: str, officer: Account, shown: ShownList) -> None:
    """Apply a list as it was shown, and remember how it reads.

    Raises NotAsShown where it would do something else by now, MappingIncomplete, NothingToApply,
    ForbiddenMove, BatchBroken; then nothing is changed.
    """
    batch = store.batch(work.connection, batch_id)
    exported = exported_list(work, batch)
    now = plan(exported.batch, shown.rows, shown.mapping)
    if now.fingerprint != shown.plan.fingerprint:
        raise NotAsShown
    if now.lacking:
        raise MappingIncomplete(now.lacking[0])
    if not now.applied and shown.lines:
        raise NothingToApply("refused" if now.refused else "done")
    answers = line_answers(exported, now)
    apply_results(work, batch_id, officer, answers, sha256=shown.file_sha256)
    if not shown.mapping.ours:
        _remember(work, batch_id, officer, shown)


# -- a list that is kept while somebody looks at it ------------------------------------------------


def load_list(work: Work, batch_id: str, session: Session, content: bytes) -> str | None:
    """Apply the list where it asks nothing; else keep it for the session, and return its id.

    Raises as ``look_at_file`` and ``apply_shown``.
    """
    shown = look_at_file(work, batch_id, content)
    if shown.asks_nothing:
        apply_shown(work, batch_id, session.account, shown)
        return None
    text = json.dumps([shown.written_as, shown.rows], ensure_ascii=True)
    kept = lists.KeptList(
        id=secrets.token_hex(16),
        batch_id=batch_id,
        loaded_by=session.account.account_id,
        loaded_at=work.now,
        file_sha256=shown.file_sha256,
        list_sealed=work.vault.seal_for_session(text, session.token),
    )
    lists.keep(work.connection, kept)
    return kept.id


def look(
    work: Work, batch_id: str, list_id: str, session: Session, said: Said | None = None
) -> ShownList:
    """What a kept list would do, as it is understood or as somebody has ``said``.

    Raises ListGone, ForbiddenMove, BatchBroken.
    """
    return _shown(work, batch_id, _kept(work, batch_id, list_id, session), said)


def confirm(  # noqa: PLR0913 - which list, whose, and what was shown of it
    work: Work, batch_id: str, list_id: str, session: Session, *, said: Said, fingerprint: str
) -> None:
    """Apply a kept list as it was shown: ``fingerprint`` is that of the plan on the page.

    Raises ListGone, and as ``apply_shown``.
    """
    shown = look(work, batch_id, list_id, session, said)
    if shown.plan.fingerprint != fingerprint:
        raise NotAsShown
    apply_shown(work, batch_id, session.account, shown)
    lists.drop(work.connection, list_id)


def drop_expired(work: Work) -> int:
    """Forget lists that nobody applied within the hour; how many."""
    return lists.drop_older(work.connection, work.now - KEPT_FOR)


def _read(content: bytes) -> _Loaded:
    try:
        table = read_table(content, LIMITS)
        heading_row_of(table.rows)
    except TableUnreadable as refusal:
        raise ListUnreadable(refusal.reason) from refusal
    except NoHeadings as refusal:
        raise ListUnreadable("no_headings") from refusal
    return _Loaded(table.written_as, table.rows, sha256(content).hexdigest())


def _kept(work: Work, batch_id: str, list_id: str, session: Session) -> _Loaded:
    kept = lists.kept_list(
        work.connection,
        list_id,
        batch_id=batch_id,
        loaded_by=session.account.account_id,
        since=work.now - KEPT_FOR,
    )
    if kept is None:
        raise ListGone
    try:
        written_as, rows = json.loads(work.vault.open_for_session(kept.list_sealed, session.token))
    except WrongKey as problem:
        raise ListGone from problem
    return _Loaded(written_as, tuple(tuple(row) for row in rows), kept.file_sha256)


def _shown(work: Work, batch_id: str, loaded: _Loaded, said: Said | None) -> ShownList:
    row = store.batch(work.connection, batch_id)
    if row.state not in ANSWERABLE:
        raise ForbiddenMove("batch", row.state, BatchState.SETTLED)
    exported, remembered = exported_list(work, row), _remembered(work, row.channel)
    batch = exported.batch
    mapping = understand(loaded.rows, batch, exported.own_columns, remembered)
    if said is not None:
        mapping = _as_said(said, mapping, loaded.rows, batch)
    would = plan(batch, loaded.rows, mapping)
    if mapping.ours:
        require_unchanged(exported, loaded.rows, mapping, would)
    return ShownList(
        batch_number=batch.number,
        written_as=loaded.written_as,
        file_sha256=loaded.file_sha256,
        rows=loaded.rows,
        mapping=mapping,
        plan=would,
        words=own_words(loaded.rows, mapping),
        remembered=_is_remembered(loaded.rows, mapping, remembered),
        lines=len(batch.lines),
        lines_open=sum(line.answer is None for line in batch.lines),
        total_fen=sum(line.amount_fen for line in batch.lines),
    )


def _as_said(said: Said, understood: ListMapping, rows: Rows, batch: ExportedBatch) -> ListMapping:
    """The mapping as somebody has said; what was said of no row of the list counts for nothing."""
    if not 1 <= said.heading_row <= len(rows):
        return understood
    if not said.columns:
        return understand_below(rows, batch, said.heading_row)
    columns = {Meaning(name): place for name, place in said.columns.items() if place is not None}
    words = {**understood.words, **{folded(word): said.words[word] for word in said.words}}
    unchanged = (said.heading_row, columns) == (understood.heading_row, understood.columns)
    mapping = ListMapping(
        heading_row=said.heading_row,
        columns=columns,
        unit=Unit(said.unit) if said.unit else None,
        every_row=Outcome(said.every_row) if said.every_row else None,
        words={word: Outcome(outcome) for word, outcome in words.items() if outcome},
        ours=understood.ours and unchanged,
    )
    return with_unit(mapping, rows, batch)


def _remembered(work: Work, channel: str) -> RememberedMapping | None:
    text = lists.mapping_of(work.connection, channel)
    return None if text is None else from_json(RememberedMapping, text)


def _is_remembered(rows: Rows, mapping: ListMapping, remembered: RememberedMapping | None) -> bool:
    if remembered is None or mapping.ours:
        return False
    return to_remember(rows[mapping.heading_row - 1], mapping).headings == remembered.headings


def _remember(work: Work, batch_id: str, officer: Account, shown: ShownList) -> None:
    channel = store.batch(work.connection, batch_id).channel
    mapping = to_remember(shown.headings, shown.mapping)
    lists.remember_mapping(
        work.connection, channel, to_json(mapping), by=officer.account_id, at=work.now
    )
    work.record(
        officer.account_id,
        Action.LIST_MAPPING_CONFIRMED,
        f"batch/{batch_id}",
        channel=channel,
        columns=dict(sorted(mapping.headings.items())),
        words=dict(sorted(mapping.words.items())),
    )
