"""The bank's list at the terminal: shown as it was understood, applied after yes."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.doors.cli import main
from pipeline.paying import batch_views
from scheme.case import BatchState
from tests.pipeline.desk import Desk
from tests.pipeline.paying.banks import as_csv, as_xlsx, at_the_bank, bank_rows
from tests.staffed import PASSWORD

AT_THE_BANK = "B26-00001"


def sent(desk: Desk, reports: int = 2) -> tuple[str, bytes]:
    for serial in range(1, reports + 1):
        desk.to_be_paid(serial=serial)
    return at_the_bank(desk)


def result(desk: Desk, file: Path, *options: str, answer: str = "") -> Result:
    """``busreport batch result`` as somebody of finance."""
    environment = {"BUSREPORT_HOME": str(desk.runtime.settings.home), "COLUMNS": "200"}
    return CliRunner().invoke(
        main.app,
        ["batch", "result", AT_THE_BANK, str(file), "--as", "finance", *options],
        env=environment,
        input=f"{PASSWORD}\n{answer}",
    )


def state(desk: Desk, batch_id: str) -> BatchState:
    with desk.runtime.read() as work:
        return batch_views.batch_view(work, batch_id).state


def test_the_exported_list_is_applied_at_once(desk: Desk, tmp_path: Path) -> None:
    batch_id, content = sent(desk)
    file = tmp_path / "result.csv"
    file.write_bytes(content.replace(b",,\r\n", b",paid,\r\n"))
    done = result(desk, file)
    assert done.exit_code == 0, done.output
    assert "is settled" in done.output
    assert state(desk, batch_id) is BatchState.SETTLED


def test_a_banks_list_is_shown_and_applied_after_yes(desk: Desk, tmp_path: Path) -> None:
    batch_id, content = sent(desk)
    file = tmp_path / "bank.csv"
    file.write_bytes(as_csv(bank_rows(content, {2: ("失败", "卡号无效")})))
    asked = result(desk, file, answer="n\n")
    assert asked.exit_code == 1
    assert "It would do: 1 paid, 1 failed, 0 open, 0 already, 0 refused." in asked.output
    assert state(desk, batch_id) is BatchState.EXPORTED
    done = result(desk, file, answer="y\n")
    assert done.exit_code == 0, done.output
    assert "is partly_settled; lines that wait for the bank: 0" in done.output
    again = result(desk, file, "--yes")
    assert (again.exit_code, "nothing new" in again.output) == (1, True)


def test_columns_words_and_unit_are_said_by_options(desk: Desk, tmp_path: Path) -> None:
    batch_id, content = sent(desk)
    file = tmp_path / "bank.xlsx"
    rows = [("甲", "乙", "丙"), *((row[2], "5000", "OK=1") for row in bank_rows(content)[2:])]
    file.write_bytes(as_xlsx(rows))
    columns = ("--column", "account=甲", "--column", "amount=乙", "--column", "outcome=丙")
    unsaid = result(desk, file, *columns, "--yes")
    assert unsaid.exit_code == 1
    assert "“OK=1” is not known: say --word" in unsaid.output
    assert "row 2, outcome, “OK=1”: Word unknown." in unsaid.output
    assert state(desk, batch_id) is BatchState.EXPORTED
    done = result(desk, file, *columns, "--word", "OK=1=paid", "--unit", "fen", "--yes")
    assert done.exit_code == 0, done.output
    assert state(desk, batch_id) is BatchState.SETTLED


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--column", "account=丙"), "No column has the heading 丙"),
        (("--column", "account"), "two words with a sign = between them"),
        (("--column", "colour=卡号"), "--column takes line, batch"),
        (("--word", "好=perhaps"), "--word takes paid, failed, open"),
        (("--unit", "jiao"), "--unit takes yuan, fen"),
    ],
)
def test_options_that_name_what_is_not_there_are_refused(
    desk: Desk, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    batch_id, content = sent(desk, reports=1)
    file = tmp_path / "bank.csv"
    file.write_bytes(as_csv(bank_rows(content)))
    refused = result(desk, file, *options)
    assert refused.exit_code == 1
    assert told in refused.output
    assert "Traceback" not in refused.output
    assert state(desk, batch_id) is BatchState.EXPORTED
