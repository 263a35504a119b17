"""Leases: who has a row, until when, and the how many-th attempt it is.

Each move is one conditional update, so that two never have the same row; a lease that ran out is
anybody's. The row is the queue: whoever dies with a lease loses it by the clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Table, or_, update

from pipeline.store.tables import report_evidence, reports


@dataclass(frozen=True, slots=True)
class Lease:
    """The columns of one kind of lease. ``attempts`` is None where nobody counts them."""

    table: Table
    owner: Column[Any]
    until: Column[Any]
    attempts: Column[Any] | None = None

    @property
    def ended(self) -> Mapping[str, None]:
        """The columns of a row that nobody has, for a move that ends the lease as well."""
        return {self.owner.name: None, self.until.name: None}

    def free(self, now: datetime) -> ColumnElement[bool]:
        """Whether nobody has the row at that instant."""
        return or_(self.until.is_(None), self.until <= now)

    def theirs(self, owner: str) -> ColumnElement[bool]:
        """Whether the row is that owner's, by the row: it may have run out, but nobody took it."""
        return self.owner == owner

    def take(
        self,
        connection: Connection,
        which: ColumnElement[bool],
        owner: str,
        available: ColumnElement[bool],
        until: datetime,
    ) -> bool:
        """Have the row until then, where it is ``available``; counts as an attempt."""
        values: dict[str, object] = {self.owner.name: owner, self.until.name: until}
        if self.attempts is not None:
            values[self.attempts.name] = self.attempts + 1
        taken = connection.execute(update(self.table).where(which, available).values(values))
        return taken.rowcount == 1

    def extend(
        self, connection: Connection, which: ColumnElement[bool], owner: str, until: datetime
    ) -> bool:
        """Have it longer; False where it had run out and another has it, or it is gone."""
        return self._change(connection, which, owner, {self.until.name: until})

    def give_back(
        self,
        connection: Connection,
        which: ColumnElement[bool],
        owner: str,
        **columns: object,
    ) -> bool:
        """End it, with further ``columns`` of the row; False as ``extend``."""
        return self._change(connection, which, owner, {**self.ended, **columns})

    def _change(
        self,
        connection: Connection,
        which: ColumnElement[bool],
        owner: str,
        values: Mapping[str, object],
    ) -> bool:
        changed = connection.execute(
            update(self.table).where(which, self.theirs(owner)).values(dict(values))
        )
        return changed.rowcount == 1


VERIFYING: Final = Lease(reports, reports.c.lease_owner, reports.c.lease_until, reports.c.attempts)
"""A worker has a received report."""

READING: Final = Lease(
    report_evidence,
    report_evidence.c.lease_owner,
    report_evidence.c.lease_until,
    report_evidence.c.attempts,
)
"""A worker has a file of a report."""

AT_THE_DESK: Final = Lease(reports, reports.c.held_by, reports.c.held_until)
"""An officer has a report."""
