"""The originals: every file once, byte for byte, under its SHA-256.

Order of work: bytes aside and hashed, fsync, rename, fsync of the folder, and only then a row
(``evidence_files``). A row without its file cannot be (the other orders lost 38 to 41 of 400
reports under SIGKILL, TRUST.md M3); a file without a row is a harmless orphan that ``fsck`` names.
"""

import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256 as sha256_hash
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from pipeline.store.storage import full_disk_named
from scheme.reading import Sha256

CHUNK_BYTES: Final = 1 << 18
HEAD_BYTES: Final = 1 << 16


_NAME: Final = re.compile(r"[0-9a-f]{64}")
"""A SHA-256 as a file's name."""


class EmptyFile(Exception):
    """A file without a byte in it."""


class FileTooLarge(Exception):
    """A file above what its type may have: ``limit_bytes``; nothing of it was kept."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"more than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class NoSuchFile(Exception):
    """No such file in this report."""


class Received(NamedTuple):
    """A file that is on disk for good."""

    sha256: Sha256
    size_bytes: int


@dataclass(frozen=True, slots=True)
class EvidenceFiles:
    """The folder of the originals: ``<root>/ab/cd/abcd…``. Its bytes never change."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Where the file lies (or would lie)."""
        if not _NAME.fullmatch(sha256):
            raise NoSuchFile(sha256)
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def receive(self, stream: BinaryIO, admit: Callable[[bytes], int]) -> Received:
        """Keep the bytes of ``stream``: durable when this returns, at most a chunk in memory.

        ``admit`` sees the first bytes before anything is written and returns the size limit, or
        raises. Raises EmptyFile, FileTooLarge, StorageFull; whatever is raised, nothing is left
        behind.
        """
        head = _head(stream)
        if not head:
            raise EmptyFile
        limit_bytes = admit(head)
        with full_disk_named():
            return self._keep(head, stream, limit_bytes)

    def _keep(self, head: bytes, stream: BinaryIO, limit_bytes: int) -> Received:
        aside = self._aside()
        aside.parent.mkdir(parents=True, exist_ok=True)
        try:
            received = _write(aside, head, stream, limit_bytes)
            target = self.path(received.sha256)
            self._put(aside, target)
            return received
        finally:
            aside.unlink(missing_ok=True)

    def _aside(self) -> Path:
        return self.root / "aside" / secrets.token_hex(16)

    def _put(self, aside: Path, target: Path) -> None:
        """Let the file appear under its name, for good.

        It replaces the very same bytes, and every folder is synced at the end, made or not: a file
        that is known here takes as long as one that is new, so the answer to an upload does not
        tell which it is (R15, R17). Who made a folder may not have come as far as syncing it.
        """
        folders = (target.parent, target.parent.parent, self.root, self.root.parent)
        for folder in reversed(folders):
            folder.mkdir(exist_ok=True)
        aside.replace(target)
        for folder in folders:
            _sync_folder(folder)

    def stored(self) -> Iterator[tuple[Sha256, Path]]:
        """Every file in the folder that has its name's form, in no order."""
        for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            yield Sha256(path.name), path

    def left_aside(self) -> Iterator[Path]:
        """Pieces of uploads that a crash broke off: nobody has a receipt for them."""
        yield from self.root.glob("aside/*")


def _head(stream: BinaryIO) -> bytes:
    head = b""
    while len(head) < HEAD_BYTES and (chunk := stream.read(HEAD_BYTES - len(head))):
        head += chunk
    return head


def _write(aside: Path, head: bytes, stream: BinaryIO, limit_bytes: int) -> Received:
    digest, size_bytes, chunk = sha256_hash(), 0, head
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        while chunk:
            size_bytes += len(chunk)
            if size_bytes > limit_bytes:
                raise FileTooLarge(limit_bytes)
            digest.update(chunk)
            rest = memoryview(chunk)
            while rest:
                # A disk that is nearly full takes a part, then refuses.
                rest = rest[file.write(rest) :]
            chunk = stream.read(CHUNK_BYTES)
        os.fsync(file.fileno())
    return Received(Sha256(digest.hexdigest()), size_bytes)


def hash_of(path: Path) -> Sha256:
    """The SHA-256 of a file, read chunk by chunk."""
    with path.open("rb") as file:
        digest = sha256_hash()
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return Sha256(digest.hexdigest())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
