"""Nobody else on the machine reads what the product writes.

From the first byte on, and after an upgrade.
"""

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store.actions import Action
from pipeline.store.own_files import OpenToOthers, keep_to_ourselves


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """The mask that most systems have."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix()
        for path in (folder, *folder.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    )


def test_a_new_installation_is_closed_to_others(tmp_path: Path) -> None:
    home = tmp_path / "home"
    runtime = Runtime.open(Settings.under(home))
    with runtime.write() as work:
        work.record("system", Action.VERIFIED, "installation/1")
    runtime.files.receive(io.BytesIO(b"a picture"), len)
    assert (home / "busreport.sqlite3-wal").exists()
    assert open_to_others(home) == open_to_others(tmp_path / "home-keys") == []
    runtime.close()


def test_what_an_older_one_left_open_is_closed_at_the_next_start(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Runtime.open(Settings.under(home)).close()
    for folder in ("evidence", "outbox"):
        (home / folder).mkdir(exist_ok=True)
        (home / folder).chmod(0o755)
    (home / "busreport.sqlite3").chmod(0o644)
    home.chmod(0o755)
    Runtime.open(Settings.under(home)).close()
    assert open_to_others(home) == []


def test_a_folder_that_everybody_shares_is_left_as_it_is_and_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with pytest.raises(OpenToOthers, match="choose a folder of its own"):
        keep_to_ourselves(tmp_path, "postgresql://elsewhere/busreport")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777


def test_what_belongs_to_somebody_else_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)

    def refused(path: Path, _mode: int) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(Path, "chmod", refused)
    with pytest.raises(OpenToOthers) as told:
        keep_to_ourselves(tmp_path, "postgresql://elsewhere/busreport")
    assert told.value.path == tmp_path
