"""Rooms of the product copied into a temporary folder, where a trial adds one thing and runs it."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns("__pycache__", "vendor", "weights")


def copied(folder: Path, *rooms: str) -> Path:
    """Copy these rooms into ``folder``; the others are found where they are."""
    for room in rooms:
        shutil.copytree(ROOT / room, folder / room, ignore=NOT_COPIED)
    return folder


def put_after(file: Path, anchor: str, line: str) -> None:
    """Put ``line`` behind the one line of ``file`` that ends with ``anchor``."""
    text = file.read_text("utf-8")
    assert text.count(f"{anchor}\n") == 1, f"{file.name}: {anchor}"
    file.write_text(text.replace(f"{anchor}\n", f"{anchor}\n{line}\n"), "utf-8")


def tried(folder: Path, trial: Callable[[], None]) -> None:
    """Run the function ``trial`` of a test module in a process that finds ``folder`` first."""
    where = f"from {trial.__module__} import {trial.__name__}; {trial.__name__}()"
    first = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(ROOT)!r}]; "
    done = subprocess.run(
        [sys.executable, "-c", first + where],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
