"""``busreport calendar``: what waits, and settling it by two people, without the pages."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner, Result

from pipeline.doors.cli import calendar, main
from scheme.entitlement import Entitlement
from tests.pipeline.desk import Desk
from tests.staffed import PASSWORD

VIOLATED_AT = datetime(2026, 12, 29, 0, tzinfo=UTC)


@pytest.fixture
def command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``busreport calendar …`` as somebody logged in, in the desk's installation."""
    desk.clock.at = datetime(2027, 1, 4, 1, tzinfo=UTC)
    monkeypatch.setattr(calendar, "open_installation", lambda: desk.runtime)
    monkeypatch.setenv("COLUMNS", "500")

    def run(*arguments: str, by: str = "") -> Result:
        log_in = ["--as", by, "--password", PASSWORD] if by else []
        return CliRunner().invoke(main.app, ["calendar", *arguments, *log_in])

    return run


def test_two_people_settle_a_window_at_the_terminal(
    desk: Desk, command: Callable[..., Result]
) -> None:
    report_id = desk.report(violated_at=VIOLATED_AT)
    desk.decide(report_id)
    number = desk.case(report_id).reports[0].report_number
    listed = command("waiting", by="officer")
    assert listed.exit_code == 0, listed.output
    assert number in listed.output
    said = ("--what", "window")
    proposed = command(
        "propose", number, *said, "--value", "yes", "--reason", "By the city's notice", by="officer"
    )
    assert f"busreport calendar confirm {number} --what window" in proposed.output
    assert "By the city's notice" in command("waiting", by="officer").output
    alone = command("confirm", number, *said, by="officer")
    assert (alone.exit_code, "You proposed this yourself" in alone.output) == (1, True)
    assert "it counts" in command("confirm", number, *said, by="other").output
    assert desk.case(report_id).reports[0].entitlement is Entitlement.FIRST
    again = command("confirm", number, *said, by="other")
    assert (again.exit_code, "There is nothing to settle" in again.output) == (1, True)


def test_a_proposal_is_refused_at_the_terminal(desk: Desk, command: Callable[..., Result]) -> None:
    report_id = desk.report(violated_at=VIOLATED_AT)
    number = desk.case(report_id).reports[0].report_number
    what = ("--what", "answer", "--reason", "x")
    assert command("propose", number, *what, "--value", "2027-01-08", by="officer").exit_code == 0
    assert command("refuse", number, "--what", "answer", by="other").exit_code == 0
    gone = command("confirm", number, "--what", "answer", by="other")
    assert (gone.exit_code, "settled already" in gone.output) == (1, True)
    assert (
        command(
            "propose", number, "--what", "answer", "--value", "soon", "--reason", "x", by="officer"
        ).exit_code
        == 2
    )
    assert command("waiting", by="clerk").exit_code == 1


def test_the_alarm_names_the_days_and_ends_with_1(command: Callable[..., Result]) -> None:
    said = command("alarm")
    assert said.exit_code == 1
    for words in (
        "2027",
        "violations from 2026-12-29",
        "received from 2026-12-29",
        "2026-12-17",
        "calendar load FILE",
    ):
        assert words in said.output
