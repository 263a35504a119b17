"""What a passenger is told of a draft's files: one line a sight, one note a file.

Which line it is follows from findings, in ``verifiers.judging.coach``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from scheme.finding import Sight
from scheme.reading import Sha256


class Seen(StrEnum):
    """What a passenger is told of one sight."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    CANT_TELL = "cant_tell"


UNSURE: frozenset[str] = frozenset({"PLATE_UNSURE", "ROUTE_UNSURE", "BADGE_UNSURE"})
"""Codes of a sight that is in view and was read, but not surely: neither seen nor missing."""


@dataclass(frozen=True, slots=True)
class CoachLine:
    """One required sight: whether it is seen, and the code whose ``fix`` text says what to do.

    ``sha256`` is the file that shows it (or comes closest). ``alternatives`` are the sights that
    would do as well.
    """

    sight: Sight
    state: Seen
    code: str
    sha256: Sha256 | None = None
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    alternatives: tuple[Sight, ...] = ()

    @property
    def asks(self) -> str:
        """A line that was read, not surely, and that the form leaves open: "is that it?"."""
        open_line = self.code == "ROUTE_UNSURE" and "claimed" not in self.details
        return self.details.get("read", "") if open_line else ""

    @property
    def agrees(self) -> bool:
        """Whether what was read, not surely, is what the form says."""
        read = self.details.get("read")
        return self.code in UNSURE and read is not None and read == self.details.get("claimed")


@dataclass(frozen=True, slots=True)
class FileNote:
    """Something about one file that whoever sent it can mend; ``code`` has a ``fix`` text."""

    sha256: Sha256
    file_name: str
    code: str
