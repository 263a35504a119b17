"""Originals are kept once, whole, or not at all (P15, P20)."""

import errno
import io
import os
import resource
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.store.originals import EvidenceFiles, NoSuchFile
from pipeline.store.storage import StorageFull

CONTENT = b"a picture" * 1000


def _admit(_head: bytes) -> int:
    return 1 << 30


def test_bytes_lie_under_their_hash_read_only(tmp_path: Path) -> None:
    files = EvidenceFiles(tmp_path / "evidence")
    received = files.receive(io.BytesIO(CONTENT), _admit)
    digest = sha256(CONTENT).hexdigest()
    assert received == (digest, len(CONTENT))
    path = files.path(digest)
    assert path == tmp_path / "evidence" / digest[:2] / digest[2:4] / digest
    assert path.read_bytes() == CONTENT
    assert path.stat().st_mode & 0o222 == 0


def test_an_equal_file_takes_the_place_of_the_one_that_is_there_damaged_or_not(
    tmp_path: Path,
) -> None:
    files = EvidenceFiles(tmp_path / "evidence")
    path = files.path(files.receive(io.BytesIO(CONTENT), _admit).sha256)
    files.receive(io.BytesIO(CONTENT), _admit)
    assert [stored for _, stored in files.stored()] == [path]
    assert list(files.left_aside()) == []
    assert path.stat().st_mode & 0o222 == 0
    path.chmod(0o600)
    path.write_bytes(CONTENT[:-1] + b"!")
    files.receive(io.BytesIO(CONTENT), _admit)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 63, "A" * 64, "a" * 63 + "/"])
def test_only_a_hash_is_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoSuchFile):
        EvidenceFiles(tmp_path).path(name)


class Broken(io.BytesIO):
    """A sender whose connection breaks after the first chunks."""

    def read(self, size: int | None = -1) -> bytes:
        chunk = super().read(size)
        if not chunk:
            raise ConnectionResetError
        return chunk


def test_a_broken_upload_leaves_nothing(tmp_path: Path) -> None:
    files = EvidenceFiles(tmp_path / "evidence")
    with pytest.raises(ConnectionResetError):
        files.receive(Broken(bytes(200_000)), _admit)
    assert list(files.stored()) == []
    assert list(files.left_aside()) == []


SMALL_DISK = """
import io, resource, signal, sys
from pathlib import Path
from pipeline.store.originals import EvidenceFiles
from pipeline.store.storage import StorageFull
files = EvidenceFiles(Path(sys.argv[1]))
files.receive(io.BytesIO(b"small"), lambda head: 1 << 30)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
try:
    files.receive(io.BytesIO(bytes(3 << 20)), lambda head: 1 << 30)
except StorageFull:
    print("full")
print(len(list(files.stored())), len(list(files.left_aside())))
"""


def test_a_disk_that_takes_no_more_is_named_and_nothing_half_stays(tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, str(tmp_path / "evidence")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert child.stdout.split() == ["full", "1", "0"]


def test_a_full_disk(tmp_path: Path) -> None:
    """On a real file system of one MiB, where the system lets us mount one."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        pytest.skip("this system has no mount")
    if (
        subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False
        ).returncode
        != 0
    ):
        pytest.skip("this system does not let us mount a small disk")
    try:
        files = EvidenceFiles(disk / "evidence")
        kept = files.receive(io.BytesIO(b"small"), _admit)
        with pytest.raises(StorageFull):
            files.receive(io.BytesIO(bytes(3 << 20)), _admit)
        assert [name for name, _ in files.stored()] == [kept.sha256]
        assert list(files.left_aside()) == []
        assert files.receive(io.BytesIO(b"another small one"), _admit).size_bytes == 17
    finally:
        subprocess.run([umount, str(disk)], check=True)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_whichever_call_finds_the_disk_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    files = EvidenceFiles(tmp_path / "evidence")
    synced = os.fsync

    def full(descriptor: int) -> None:
        if os.path.isfile(f"/proc/self/fd/{descriptor}"):  # noqa: PTH113 - a descriptor's own name
            raise OSError(number, os.strerror(number))
        synced(descriptor)

    monkeypatch.setattr(os, "fsync", full)  # delayed allocation says so only here
    with pytest.raises(StorageFull):
        files.receive(io.BytesIO(CONTENT), _admit)
    monkeypatch.undo()
    assert list(files.left_aside()) == []


def test_the_files_are_never_in_memory_whole(tmp_path: Path) -> None:
    script = (
        "import io, resource, sys\n"
        "from pathlib import Path\n"
        "from pipeline.store.originals import EvidenceFiles\n"
        "class Long:\n"
        "    left = 300 << 20\n"
        "    def read(self, size):\n"
        "        size = min(size, self.left); self.left -= size\n"
        "        return bytes(size)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "EvidenceFiles(Path(sys.argv[1])).receive(Long(), lambda head: 1 << 40)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    child = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    grown = int(child.stdout) * (1 if sys.platform == "darwin" else 1024)
    assert grown < 32 << 20
    assert resource.getpagesize() > 0
