"""Disks as quick as tests want them, and as small: memory where the machine has it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 - pytest and the server make folders of their own in it
ROOM_BYTES = 2 << 30


def quick_folder() -> Path | None:
    """Memory where there is enough; None where only the disk is left."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        return MEMORY
    return None


@contextmanager
def small_disk(place: Path, kib: int) -> Iterator[Path]:
    """A real file system of ``kib`` KiB at ``place``: a tmpfs.

    The test is skipped where none can be mounted.
    """
    place.mkdir(parents=True)
    made = sys.platform == "linux" and _run(
        "mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(place)
    )
    if not made:
        pytest.skip("a small file system can only be mounted by root on Linux")
    try:
        yield place
    finally:
        _run("umount", "--lazy", str(place))


def make_read_only(place: Path) -> None:
    """Remount a small disk so that it takes nothing more."""
    assert _run("mount", "-o", "remount,ro", str(place)), "not remounted"


def make_writable(place: Path) -> None:
    """The inverse of ``make_read_only``."""
    assert _run("mount", "-o", "remount,rw", str(place)), "not remounted"


def fill(place: Path) -> Path:
    """Write until the disk takes no more; the file that fills it, to be removed again."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for piece in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(piece))
            except OSError:
                continue
    return filler


def _run(*command: str) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
