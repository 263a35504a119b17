"""An installation of its own for every test.

Real SQLite, real files, a clock that stands where the test puts it.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.runtime import Runtime, Work
from pipeline.settings import Settings
from pipeline.store import kept_readings, reading_queue
from pipeline.store.reading_queue import FileOfReport
from scheme.reading import Readings, Sha256

WEDNESDAY = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
"""A working day like any other, ten in the morning in Shanghai."""


class Clock:
    """A clock that stands still until the test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """The instant it shows."""
        return self.at

    def forward(self, **by: float) -> datetime:
        """Move on by ``timedelta(**by)``; the new instant."""
        self.at += timedelta(**by)
        return self.at


def as_read(work: Work, report_id: str, sha256: Sha256, seen: Readings) -> None:
    """Let the file have been read for that report, with this result."""
    file = FileOfReport(report_id, sha256)
    assert reading_queue.lease(
        work.connection, file, "test", work.now, work.now + timedelta(seconds=1)
    )
    assert reading_queue.finish(work.connection, file, "test", seen)
    kept_readings.keep(work.connection, sha256, seen, work.now)


@pytest.fixture
def clock() -> Clock:
    """2026-03-11 10:00 in Shanghai, until moved."""
    return Clock(WEDNESDAY)


@pytest.fixture(scope="session")
def empty_installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty home with its key.

    Copied for each test, because migrating takes longer than copying.
    """
    home = tmp_path_factory.mktemp("installation") / "home"
    Runtime.open(Settings.under(home)).close()
    return home


@pytest.fixture
def settings(empty_installation: Path, tmp_path: Path) -> Settings:
    """The settings of a fresh installation in ``tmp_path / "home"``.

    A demo, so that every message is sent.
    """
    shutil.copytree(empty_installation, tmp_path / "home")
    shutil.copytree(empty_installation.with_name("home-keys"), tmp_path / "home-keys")
    return replace(Settings.under(tmp_path / "home"), demo=True)


@pytest.fixture
def runtime(settings: Settings, clock: Clock) -> Iterator[Runtime]:
    """A fresh installation whose bell rings for nobody: the test does the work."""
    opened = Runtime.open(settings, now=clock)
    yield opened
    opened.close()
