"""Looking for fingerprints that are near, exactly.

Every stored one within 31 bits of 256 is found (R14).

Two fingerprints that differ in at most 31 bits differ in at most one bit in at least one of 16
chunks of 16 bits (pigeonhole), so each query looks up 16 x 17 chunk values and counts the bits of
what it meets. View 0 of every picture is stored and a query asks with all the views its reading
has; for two photos that is the same as the other way round. Frames of recordings are read in view 0
only, so a mirrored photo finds the clip it was taken from, but a mirrored clip does not find the
photo.

Only files of received reports are indexed, never drafts.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, insert, select

from pipeline.store.tables import fingerprint_chunks, fingerprints
from scheme.belonging import Near
from scheme.reading import Fingerprint, Sha256

NEAR_BITS: Final = 31
CHUNKS: Final = 16
CHUNK_BITS: Final = 16
LEAST_QUALITY: Final = 50
"""Below it a picture is so empty that its fingerprint is near to anything (PDQ's own advice)."""


class _Stored(NamedTuple):
    fingerprint_id: int
    sha256: str
    frame_ms: int | None
    bits: int


def index(connection: Connection, sha256: Sha256, computed: Iterable[Fingerprint]) -> None:
    """Make a file findable; what is indexed already stays."""
    if connection.execute(
        select(fingerprints.c.id).where(fingerprints.c.sha256 == sha256).limit(1)
    ).first():
        return
    for fingerprint in computed:
        if fingerprint.view != 0 or fingerprint.quality < LEAST_QUALITY:
            continue
        row_id = connection.execute(
            insert(fingerprints)
            .values(
                sha256=sha256,
                algorithm=fingerprint.algorithm,
                version=fingerprint.version,
                view=fingerprint.view,
                frame_ms=fingerprint.frame_ms,
                quality=fingerprint.quality,
                bits=fingerprint.bits,
            )
            .returning(fingerprints.c.id)
        ).scalar_one()
        connection.execute(
            insert(fingerprint_chunks),
            [
                {"chunk": chunk, "fingerprint_id": row_id}
                for chunk in _chunks(int(fingerprint.bits, 16))
            ],
        )


def newest(connection: Connection) -> int:
    """The id of the fingerprint indexed last: what came later has a larger one."""
    return connection.execute(select(func.max(fingerprints.c.id))).scalar_one() or 0


def near(connection: Connection, sha256: Sha256, asked: Sequence[Fingerprint]) -> tuple[Near, ...]:
    """Every other indexed file with a picture within 31 bits of one of ours, nearest first."""
    return _closest(
        sha256,
        (
            (fingerprint, stored)
            for fingerprint in _telling(asked)
            for stored in _meeting(connection, fingerprint)
        ),
    )


def near_since(
    connection: Connection, sha256: Sha256, asked: Sequence[Fingerprint], newest_seen: int
) -> tuple[Near, ...]:
    """The same among what was indexed after ``newest_seen``.

    For the short look under the write lock.
    """
    rows = connection.execute(select(fingerprints).where(fingerprints.c.id > newest_seen)).all()
    later = [
        (row.algorithm, row.version, _Stored(row.id, row.sha256, row.frame_ms, int(row.bits, 16)))
        for row in rows
    ]
    return _closest(
        sha256,
        (
            (fingerprint, stored)
            for fingerprint in _telling(asked)
            for algorithm, version, stored in later
            if (algorithm, version) == (fingerprint.algorithm, fingerprint.version)
        ),
    )


def _telling(asked: Sequence[Fingerprint]) -> Iterator[Fingerprint]:
    return (fingerprint for fingerprint in asked if fingerprint.quality >= LEAST_QUALITY)


def _meeting(connection: Connection, fingerprint: Fingerprint) -> Iterator[_Stored]:
    """Stored fingerprints that share a chunk with ours but for one bit at most."""
    bits = int(fingerprint.bits, 16)
    values = [
        value ^ flip
        for value in _chunks(bits)
        for flip in (0, *(1 << bit for bit in range(CHUNK_BITS)))
    ]
    rows = connection.execute(
        select(
            fingerprints.c.id, fingerprints.c.sha256, fingerprints.c.frame_ms, fingerprints.c.bits
        )
        .where(
            fingerprints.c.id.in_(
                select(fingerprint_chunks.c.fingerprint_id).where(
                    fingerprint_chunks.c.chunk.in_(values)
                )
            )
        )
        .where(
            fingerprints.c.algorithm == fingerprint.algorithm,
            fingerprints.c.version == fingerprint.version,
        )
    )
    for row in rows:
        yield _Stored(row.id, row.sha256, row.frame_ms, int(row.bits, 16))


def _closest(sha256: Sha256, pairs: Iterable[tuple[Fingerprint, _Stored]]) -> tuple[Near, ...]:
    best: dict[str, Near] = {}
    for fingerprint, stored in pairs:
        distance = (int(fingerprint.bits, 16) ^ stored.bits).bit_count()
        known = best.get(stored.sha256)
        if (
            stored.sha256 == sha256
            or distance > NEAR_BITS
            or (known and known.distance <= distance)
        ):
            continue
        best[stored.sha256] = Near(
            sha256, fingerprint.frame_ms, Sha256(stored.sha256), stored.frame_ms, distance
        )
    return tuple(sorted(best.values(), key=lambda found: (found.distance, found.other_sha256)))


def _chunks(bits: int) -> Iterator[int]:
    """The 16 chunks, each with its place in front: ``place * 65536 + value``."""
    for place in range(CHUNKS):
        yield (place << CHUNK_BITS) | ((bits >> (place * CHUNK_BITS)) & ((1 << CHUNK_BITS) - 1))
