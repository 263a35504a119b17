"""Previews of recordings that browsers do not play: files of our own making.

One that is lost is made anew. No row speaks of them and no backup needs them. Together they take
so much room and no more: the ones longest unused go first.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

from pipeline.store.originals import EvidenceFiles

KEPT_BYTES: Final = 4 * 1024**3
"""Of all previews of an installation together; one takes 64 MiB at most."""
_WHOLE, _PART = ".mp4", ".part.mp4"


class StoredPreview(NamedTuple):
    """A preview that is there; not ``whole``: it ends before its recording does."""

    path: Path
    whole: bool


@dataclass(frozen=True, slots=True)
class PreviewFiles:
    """The folder of the previews: ``<root>/ab/abcd….mp4`` for the original ``abcd…``."""

    root: Path
    kept_bytes: int = KEPT_BYTES

    @classmethod
    def beside(cls, files: EvidenceFiles) -> Self:
        """The folder that stands beside the originals'."""
        return cls(files.root.parent / "previews")

    def find(self, sha256: str) -> StoredPreview | None:
        """The preview of that original, now the last to go; ``None`` where none is kept."""
        for suffix in (_WHOLE, _PART):
            path = self._path(sha256, suffix)
            try:
                os.utime(path)
            except FileNotFoundError:
                continue
            return StoredPreview(path, whole=suffix == _WHOLE)
        return None

    def keep(self, sha256: str, content: bytes, *, whole: bool) -> None:
        """Keep a preview, and let the oldest go where there are too many."""
        target = self._path(sha256, _WHOLE if whole else _PART)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = target.with_name(f".{secrets.token_hex(8)}")
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
        self._let_the_oldest_go(target)

    def forget(self, sha256: str) -> None:
        """Remove the preview of an original that goes itself."""
        for suffix in (_WHOLE, _PART):
            self._path(sha256, suffix).unlink(missing_ok=True)

    def _path(self, sha256: str, suffix: str) -> Path:
        return self.root / sha256[:2] / f"{sha256}{suffix}"

    def _let_the_oldest_go(self, newest: Path) -> None:
        kept = sorted(self._stored(), key=lambda one: one[0].st_mtime_ns)
        total = sum(status.st_size for status, _ in kept)
        for status, path in kept:
            if total <= self.kept_bytes:
                return
            if path != newest:
                path.unlink(missing_ok=True)
                total -= status.st_size

    def _stored(self) -> Iterator[tuple[os.stat_result, Path]]:
        for path in self.root.glob("*/*"):
            try:
                yield path.stat(), path
            except FileNotFoundError:  # another process let it go
                continue
