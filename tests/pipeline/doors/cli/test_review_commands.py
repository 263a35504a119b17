"""``busreport review``: the list gives what deciding asks for."""

import pytest
from typer.testing import CliRunner

from pipeline.doors.cli import main, reviews
from tests.pipeline.desk import Desk
from tests.staffed import PASSWORD


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_the_queue_never_cuts_a_report_number(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    number = desk.case(desk.report()).reports[0].report_number
    monkeypatch.setattr(reviews, "open_installation", lambda: desk.runtime)
    monkeypatch.setenv("COLUMNS", columns)
    log_in = ["--as", "officer", "--password", PASSWORD]
    shown = CliRunner().invoke(main.app, ["review", "queue", *log_in])
    assert shown.exit_code == 0, shown.output
    assert number in shown.output


def test_a_verdict_that_is_none_is_refused_in_words() -> None:
    words = ["review", "decide", "1", "--verdict", "maybe", "--reason", "X"]
    shown = CliRunner().invoke(main.app, [*words, "--as", "officer", "--password", PASSWORD])
    assert shown.exit_code == 2
    assert "substantiated" in shown.output
