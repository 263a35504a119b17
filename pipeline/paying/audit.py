"""Whether the audit log is whole, goes on from its head, and vouches for every fen (P11, T20, T21).

The chain alone shows an edit, a deletion, a swap and an insertion. Whoever can write the whole
database can also cut the chain off, or rewrite it from some entry on: only a head that was kept
apart shows that.
"""

import re
from dataclasses import dataclass
from typing import Final

from pipeline.runtime import Work
from pipeline.store import books, events
from pipeline.store.events import BrokenLink
from rewards.reconcile import CODES, Fault, faults

_HEAD: Final = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


FAULTS: Final = CODES
"""What each fault means, in words."""


class HeadInvalid(Exception):
    """Not a head as this command prints it: a count, a colon, 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries there are and the hash of the last one.

    What is noted outside this machine.
    """

    count: int
    hash: str

    def __str__(self) -> str:
        """As it is noted down."""
        return f"{self.count}:{self.hash}"

    @staticmethod
    def parse(text: str) -> "Head":
        """The inverse of ``str``. Raises HeadInvalid."""
        found = _HEAD.fullmatch(text.strip().lower())
        if found is None:
            raise HeadInvalid(
                "a head is written like 1234:9f86d081… (a count, a colon, 64 hexadecimal digits)"
            )
        return Head(int(found[1]), found[2])


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found. ``kept_holds`` is None where no head was given to compare with."""

    head: Head
    broken: BrokenLink | None
    kept_holds: bool | None
    faults: tuple[Fault, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong, as far as it was asked."""
        return self.broken is None and self.kept_holds is not False and not self.faults


def verify(work: Work, kept: Head | None = None) -> Verified:
    """Walk the chain, compare it with the head kept apart, hold the money's tables against it."""
    count, last = events.head(work.connection)
    return Verified(
        head=Head(count, last),
        broken=events.verify(work.connection),
        kept_holds=None
        if kept is None
        else events.hash_at(work.connection, kept.count) == kept.hash,
        faults=faults(books.books(work.connection), books.record(work.connection)),
    )
