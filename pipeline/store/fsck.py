"""Whether rows and originals fit together, every byte read (P15). Nothing is mended here."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from pipeline.store.originals import EvidenceFiles, hash_of
from pipeline.store.tables import evidence
from scheme.reading import Sha256


@dataclass(frozen=True, slots=True)
class Fsck:
    """What does not fit together.

    Only the first two are losses; orphans and pieces are from broken-off uploads.
    """

    rows_without_file: tuple[Sha256, ...]
    damaged: tuple[Sha256, ...]
    orphans: tuple[Sha256, ...]
    pieces: int

    @property
    def whole(self) -> bool:
        """Whether every file that a row speaks of is there, byte for byte."""
        return not self.rows_without_file and not self.damaged


def check(connection: Connection, files: EvidenceFiles) -> Fsck:
    """Compare every row with its file, reading every byte (P15)."""
    known = {Sha256(sha256) for sha256 in connection.execute(select(evidence.c.sha256)).scalars()}
    stored = dict(files.stored())
    both = sorted(known & stored.keys())
    return Fsck(
        rows_without_file=tuple(sorted(known - stored.keys())),
        damaged=tuple(sha256 for sha256 in both if hash_of(stored[sha256]) != sha256),
        orphans=tuple(sorted(stored.keys() - known)),
        pieces=sum(1 for _ in files.left_aside()),
    )
