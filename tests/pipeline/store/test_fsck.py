"""Fsck names every way in which rows and originals can disagree (P15, P20)."""

import io

from pipeline.runtime import Runtime
from pipeline.store import evidence_files, fsck
from pipeline.store.originals import Received
from scheme.reading import MediaKind


def _remembered(runtime: Runtime, content: bytes) -> Received:
    received = runtime.files.receive(io.BytesIO(content), lambda _head: 1 << 20)
    with runtime.write() as work:
        evidence_files.add(
            work.connection,
            received,
            kind=MediaKind.PHOTO,
            format_="jpeg",
            mime="image/jpeg",
            at=work.now,
        )
    return received


def test_fsck_names_lost_damaged_and_orphaned_files(runtime: Runtime) -> None:
    kept, lost, damaged = (
        _remembered(runtime, content) for content in (b"kept", b"lost", b"damaged")
    )
    orphan = runtime.files.receive(io.BytesIO(b"orphan"), lambda _head: 1 << 20)
    with runtime.read() as work:
        before = fsck.check(work.connection, runtime.files)
    assert before.whole
    assert before.orphans == (orphan.sha256,)
    runtime.files.path(lost.sha256).unlink()
    path = runtime.files.path(damaged.sha256)
    path.chmod(0o600)
    path.write_bytes(b"Damaged")
    with runtime.read() as work:
        after = fsck.check(work.connection, runtime.files)
    assert not after.whole
    assert (after.rows_without_file, after.damaged) == ((lost.sha256,), (damaged.sha256,))
    assert kept.sha256 not in after.rows_without_file + after.damaged + after.orphans
