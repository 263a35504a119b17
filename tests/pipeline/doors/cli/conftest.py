"""The terminal is as wide as each test says, whatever it was when the tests began."""

import pytest

from pipeline.doors.cli import terminal


@pytest.fixture(autouse=True)
def width_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A console takes its width from where it began: here it asks again."""
    for console in (terminal.out, terminal.err):
        monkeypatch.setattr(console, "_width", None)
