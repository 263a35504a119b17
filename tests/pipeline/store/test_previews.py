"""Previews are files that may go at any time: the oldest do where there are too many."""

import os
import stat
from pathlib import Path

import pytest

from pipeline.store.previews import PreviewFiles

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


@pytest.fixture
def files(tmp_path: Path) -> PreviewFiles:
    return PreviewFiles(tmp_path / "previews", kept_bytes=250)


def test_what_is_kept_is_found_and_only_ours_to_read(files: PreviewFiles) -> None:
    assert files.find(A) is None
    files.keep(A, b"whole", whole=True)
    files.keep(B, b"part", whole=False)
    whole, part = files.find(A), files.find(B)
    assert whole is not None
    assert part is not None
    assert (whole.path.read_bytes(), whole.whole) == (b"whole", True)
    assert (part.path.read_bytes(), part.whole) == (b"part", False)
    assert stat.S_IMODE(whole.path.stat().st_mode) == 0o600
    assert {path.name for path in whole.path.parent.iterdir()} == {f"{A}.mp4"}


def test_it_goes_with_its_original(files: PreviewFiles) -> None:
    files.keep(A, b"whole", whole=True)
    files.forget(A)
    files.forget(A)
    assert files.find(A) is None


def test_the_longest_unused_go_first(files: PreviewFiles) -> None:
    for order, sha256 in enumerate((A, B)):
        files.keep(sha256, bytes(100), whole=True)
        found = files.find(sha256)
        assert found is not None
        os.utime(found.path, (order, order))
    assert files.find(A) is not None  # looked at: now B is the oldest
    files.keep(C, bytes(100), whole=True)
    assert [files.find(sha256) is not None for sha256 in (A, B, C)] == [True, False, True]


def test_the_newest_stays_however_large(files: PreviewFiles) -> None:
    files.keep(A, bytes(100), whole=True)
    files.keep(B, bytes(1000), whole=True)
    assert [files.find(sha256) is not None for sha256 in (A, B)] == [False, True]
