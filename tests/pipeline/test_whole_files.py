"""A small file is the old one or the new one, whole, whatever stops the write."""

import os
from pathlib import Path

import pytest

from pipeline.whole_files import write_whole


def test_it_holds_what_was_written_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "pulse.json"
    write_whole(path, "最早\n")
    write_whole(path, "later\n")
    assert path.read_text(encoding="utf-8") == "later\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("where", "step"), [(os, "fsync"), (Path, "replace")])
def test_a_write_that_fails_leaves_the_old_file_and_no_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: object, step: str
) -> None:
    path = tmp_path / "pulse.json"
    write_whole(path, "old")

    def broken(*_: object) -> None:
        raise OSError(step)

    monkeypatch.setattr(where, step, broken)
    with pytest.raises(OSError, match=step):
        write_whole(path, "new")
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_bytes_are_durable_before_they_bear_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        folder = Path(f"/proc/self/fd/{descriptor}").resolve() == tmp_path.resolve()
        done.append("folder synced" if folder else "file synced")
        fsync(descriptor)

    def replaced(aside: Path, target: Path) -> Path:
        done.append("renamed")
        return replace(aside, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    write_whole(tmp_path / "pulse.json", "new")
    assert done == ["file synced", "renamed", "folder synced"]
