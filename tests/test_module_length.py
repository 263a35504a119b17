"""No product module is longer than a reader holds at once.

Tables and migrations are lists, read by looking a row up, and stay out of it.
"""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("api", "benchmarks", "deploy", "pipeline", "rewards", "samples", "scheme", "verifiers")
MOST_LINES = 400

LISTS = ("pipeline/store/tables.py", "pipeline/store/migrations/versions/")
"""Exempt: every table of the database, and how it became so."""


def long_modules(root: Path) -> Iterator[str]:
    """Modules under ``root`` with more lines than ``MOST_LINES``, by path."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            with path.open(encoding="utf-8") as lines:
                if sum(1 for _ in lines) > MOST_LINES:
                    yield path.relative_to(root).as_posix()


def test_no_module_is_longer_than_the_limit() -> None:
    assert [path for path in long_modules(ROOT) if not path.startswith(LISTS)] == []


def test_the_count_sees_one_line_too_many(tmp_path: Path) -> None:
    for room in ROOMS:
        (tmp_path / room).mkdir()
    (tmp_path / "scheme" / "whole.py").write_text("x = 1\n" * MOST_LINES)
    (tmp_path / "scheme" / "over.py").write_text("x = 1\n" * (MOST_LINES + 1))
    assert list(long_modules(tmp_path)) == ["scheme/over.py"]
