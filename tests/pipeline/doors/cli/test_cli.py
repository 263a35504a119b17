"""The command line: a person understands it, refusals are one line, nothing half done."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.main import get_command
from typer.testing import CliRunner

from pipeline.doors.cli import main
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.staff import accounts
from samples.roster import roster_csv
from scheme.staff import Role
from tests import guards
from tests.pipeline.holidays import holiday_json

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def busreport(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command as a person runs it, in an installation of its own; no process is started."""
    for name in [name for name in os.environ if "BUSREPORT" in name]:
        monkeypatch.delenv(name)

    def run(*arguments: str, given: str = "", **set_to: str) -> "subprocess.CompletedProcess[str]":
        settings = {"BUSREPORT_HOME": str(tmp_path / "home"), "COLUMNS": "200", "NO_COLOR": "1"}
        shown = CliRunner().invoke(main.app, arguments, input=given, env={**settings, **set_to})
        if shown.exception and not isinstance(shown.exception, SystemExit):
            raise shown.exception
        return subprocess.CompletedProcess(arguments, shown.exit_code, shown.stdout, shown.stderr)

    return run


# Typer brings its own click
def every_command(command: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:  # noqa: ANN401
    subcommands = getattr(command, "commands", None)
    if subcommands is None:
        return {path: command}
    return {
        found: sub
        for name, child in subcommands.items()
        for found, sub in every_command(child, (*path, name)).items()
    }


COMMANDS = every_command(get_command(main.app))


def test_the_commands_that_the_product_promises_are_there() -> None:
    promised = ["run", "serve", "worker", "init", "create-user", "intake", "check", "recheck",
                "reread", "verify-audit", "fsck"]  # fmt: skip
    grouped = {
        "roster import",
        "calendar alarm",
        "calendar load",
        "calendar show",
        "policy list",
        "policy check",
        "review queue",
    }
    grouped |= {f"user {step}" for step in ("list", "close", "role", "reset-password", "unlock")}
    grouped |= {"identity questions", "identity erase"}
    grouped |= {
        f"batch {step}" for step in ("build", "freeze", "approve", "export", "result", "close")
    }
    assert set(promised) | grouped <= {" ".join(path) for path in COMMANDS}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_each_command_and_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    assert command.help
    assert command.help.splitlines()[0].endswith(".")
    silent = [
        parameter.name for parameter in command.params if not getattr(parameter, "help", None)
    ]
    assert silent == []


def test_help_lists_every_command(busreport: Run) -> None:
    shown = busreport("--help")
    assert shown.returncode == 0
    assert all(path[0] in shown.stdout for path in COMMANDS)


def test_policies_are_listed_and_a_wrong_entry_is_named(busreport: Run, tmp_path: Path) -> None:
    assert "shanghai" in busreport("policy", "list").stdout
    shipped = next((Path(__file__).parents[4] / "scheme" / "policies").glob("*.toml"))
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(shipped.read_text("utf-8").replace("amount_fen", "amount_fenn"), "utf-8")
    assert busreport("policy", "check", str(shipped)).returncode == 0
    refused = busreport("policy", "check", str(shipped), str(wrong))
    assert refused.returncode == 1
    assert "amount_fen: is missing" in refused.stderr


def test_a_second_policy_is_taken_and_one_that_clashes_is_named(
    busreport: Run, tmp_path: Path
) -> None:
    shipped = next((Path(__file__).parents[4] / "scheme" / "policies").glob("*.toml")).read_text(
        "utf-8"
    )
    folder = tmp_path / "policies"
    folder.mkdir()
    file = folder / "2027.toml"
    text = shipped.replace("2012-10-18T00", "2027-01-01T00").replace(
        "amount_fen = 5000", "amount_fen = 6000"
    )
    file.write_text(text, "utf-8")
    for command in (("policy", "check", str(file)), ("init",), ("policy", "list")):
        done = busreport(*command, BUSREPORT_POLICIES=str(folder))
        assert done.returncode == 0, done.stderr
    ends = [line.split("│")[2:4] for line in done.stdout.splitlines() if "@2#" in line]
    assert [[cell.strip() for cell in row] for row in ends] == [
        ["2012-10-18 00:00", "2027-01-01 00:00"],
        ["2027-01-01 00:00", "–"],
    ]
    file.write_text(text.replace("2027-01-01T00", "2012-10-18T00"), "utf-8")
    for command in (("policy", "check", str(file)), ("policy", "list"), ("init",)):
        refused = busreport(*command, BUSREPORT_POLICIES=str(folder))
        assert refused.returncode == 1
        assert "effective_from: is the instant at which" in refused.stderr


def test_the_calendar_of_a_known_and_an_unknown_year(busreport: Run, tmp_path: Path) -> None:
    assert "2026-10-01" in busreport("calendar", "show", "2026").stdout
    unknown = busreport("calendar", "show", "2031")
    assert unknown.returncode == 1
    assert "busreport calendar load" in unknown.stderr
    overlay = tmp_path / "2031.csv"
    overlay.write_text("2031,whole\n2031-10-01,no,National Day\n")
    assert busreport("calendar", "load", str(overlay)).returncode == 0
    assert "2031-10-01" in busreport("calendar", "show", "2031").stdout


def test_a_year_is_looked_at_before_it_is_loaded(busreport: Run, tmp_path: Path) -> None:
    downloaded = tmp_path / "2027.json"
    downloaded.write_bytes(holiday_json())
    looked = busreport("calendar", "load", str(downloaded), "--dry-run")
    assert looked.returncode == 0, looked.stderr
    assert "Nothing was loaded" in looked.stdout
    assert "2027-02-20 Sat" in looked.stdout
    assert busreport("calendar", "show", "2027").returncode == 1
    assert "365 days loaded" in busreport("calendar", "load", str(downloaded)).stdout
    assert "2027-02-05" in busreport("calendar", "show", "2027").stdout
    downloaded.write_bytes(holiday_json(days=[], year=2028))
    refused = busreport("calendar", "load", str(downloaded))
    assert refused.returncode == 1
    assert "not published yet" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_a_roster_is_imported_and_listed(busreport: Run, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(roster_csv(), "utf-8")
    taken = busreport("roster", "import", str(file), "--from", "2026-01-01", "--yes")
    assert taken.returncode == 0, taken.stderr
    assert "2026-01-01" in busreport("roster", "list").stdout
    file.write_text(roster_csv() + "ABC,,,49,x\n", "utf-8")
    refused = busreport("roster", "import", str(file), "--from", "2026-02-01", "--yes")
    assert refused.returncode == 1
    assert "plate: does not begin with a province's sign" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "2026-02-01" not in busreport("roster", "list").stdout


def test_a_depots_roster_is_shown_as_understood_before_it_counts(
    busreport: Run, tmp_path: Path
) -> None:
    file = tmp_path / "名册.csv"
    file.write_bytes("序号,车牌号,线路,单位\n1,沪A12345,49路,一分公司\n".encode("gbk"))
    words = ("roster", "import", str(file), "--from", "2026-01-01")
    looked = busreport(*words, given="n\n")
    assert looked.returncode == 1
    assert "“车牌号”" in looked.stdout
    assert "Columns that are not used: 序号" in looked.stdout
    assert "1 vehicles, 0 drivers in 1 lines" in looked.stdout
    assert "沪A12345" in looked.stdout
    assert "2026-01-01" not in busreport("roster", "list").stdout
    assert busreport(*words, given="y\n").returncode == 0
    assert "2026-01-01" in busreport("roster", "list").stdout


def test_an_unknown_setting_is_one_line(busreport: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    environment = {**os.environ, "BUSREPORT_PROT": "80"}
    command = [sys.executable, "-m", "pipeline.doors.cli.main", "policy", "list"]
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    said = "The setting BUSREPORT_PROT can't be used: is not known."
    assert refused.stderr == f"{said} docs/settings.md lists all settings.\n"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BUSREPORT_HOME", "/proc/busreport", "can't be the folder of this installation"),
        ("BUSREPORT_POLICIES", "/proc/busreport", "is no folder"),
        ("BUSREPORT_DATABASE", "postgresql:///busreport?host=/proc", "No database server answers"),
    ],
)
def test_a_place_that_is_not_there_is_named(
    busreport: Run, name: str, value: str, sentence: str
) -> None:
    if name == "BUSREPORT_DATABASE":
        pytest.importorskip("psycopg", reason="needs service: psycopg (make setup)")
    refused = busreport("init", **{name: value})
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_an_unknown_report_and_an_unknown_kind_are_named(busreport: Run, tmp_path: Path) -> None:
    word = ("--password", "a long word of li")
    busreport("create-user", "li", "--name", "Li", "--role", "operations", *word)
    decided = ("--verdict", "substantiated", "--reason", "VIOLATION_SEEN", "--as", "li", *word)
    unknown = busreport("review", "decide", "20260101-1234567", *decided)
    assert (unknown.returncode, "no report of that number" in unknown.stderr) == (1, True)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"never opened")
    kind = busreport("check", str(photo), "--category", "parking")
    assert (kind.returncode, "is called parking" in kind.stderr) == (1, True)


def test_a_policy_that_is_no_text_is_named(busreport: Run, tmp_path: Path) -> None:
    picture = tmp_path / "policy.toml"
    picture.write_bytes(b"\xff\xd8\xff")
    refused = busreport("policy", "check", str(picture))
    assert (refused.returncode, "no text in UTF-8" in refused.stderr) == (1, True)


def test_nothing_is_kept_of_who_did_not_agree(busreport: Run, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"never opened")
    claim = ("--category", "wrong_way", "--at", "2026-06-10T08:41", "--reporter", "王,13800138000")
    refused = busreport("intake", str(photo), *claim)
    assert (refused.returncode, "--consent" in refused.stderr) == (1, True)
    runtime = Runtime.open(Settings.under(tmp_path / "home"))
    with runtime.read() as work:
        assert work.connection.execute(text("SELECT count(*) FROM reports")).scalar_one() == 0
    runtime.close()


def test_two_people_have_two_accounts(busreport: Run) -> None:
    made = busreport(
        "create-user", "wang", "--name", "王", "--role", "finance", given="correct horse 9\n" * 2
    )
    assert made.returncode == 0, made.stderr
    refused = busreport(
        "create-user", "li", "--name", "李", "--role", "boss", given="correct horse 9\n" * 2
    )
    assert refused.returncode == 2
    assert "finance" in refused.stderr
    listed = busreport("batch", "list", "--as", "wang", given="correct horse 9\n")
    assert listed.returncode == 0, listed.stderr
    wrong = busreport("batch", "list", "--as", "wang", given="wrong\n")
    assert wrong.returncode == 1
    assert "Traceback" not in wrong.stderr
    not_theirs = busreport("review", "queue", "--as", "wang", given="correct horse 9\n")
    assert not_theirs.returncode == 1
    assert "operations" in not_theirs.stderr


def test_the_audit_log_is_walked_and_a_broken_link_named(busreport: Run, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(roster_csv(), "utf-8")
    for day in ("2026-01-01", "2026-02-01"):
        busreport("roster", "import", str(file), "--from", day, "--yes")
    whole = busreport("verify-audit")
    assert whole.returncode == 0
    assert "2 entries, unbroken" in whole.stdout
    assert "Without a head kept apart" in whole.stdout
    head = whole.stdout.split()[-1]
    busreport("roster", "import", str(file), "--from", "2026-03-01", "--yes")
    assert "3 entries, unbroken" in busreport("verify-audit", "--head", head).stdout
    assert "no head of the audit log" in busreport("verify-audit", "--head", "yesterday").stderr
    cut = busreport("verify-audit", "--head", f"4{head[1:]}")
    assert (cut.returncode, "cut off or rewritten" in cut.stderr) == (1, True)
    runtime = Runtime.open(Settings.under(tmp_path / "home"))
    with runtime.write() as work:
        guards.take_away(work.connection)
        work.connection.execute(text("UPDATE events SET actor = 'somebody' WHERE seq = 2"))
    runtime.close()
    broken = busreport("verify-audit")
    assert broken.returncode == 1
    assert "broken at entry 2" in broken.stderr


def test_fsck_names_a_stored_file_that_was_damaged(busreport: Run, tmp_path: Path) -> None:
    assert "Every file is there" in busreport("fsck").stdout
    orphan = tmp_path / "home" / "evidence" / "ab" / "cd" / ("abcd" + "0" * 60)
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"x")
    assert "1 left over" in busreport("fsck").stdout


def test_demo_accounts_are_refused_beyond_loopback(busreport: Run) -> None:
    refused = busreport("run", BUSREPORT_DEMO="yes", BUSREPORT_HOST="192.0.2.1")
    assert refused.returncode == 1
    assert "192.0.2.1" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_demo_accounts_that_are_left_are_named_and_closed(busreport: Run, tmp_path: Path) -> None:
    runtime = Runtime.open(Settings.under(tmp_path / "home"))
    with runtime.write() as work:
        accounts.create_account(work, "ops", "演示", Role.OPERATIONS, "demo", demo=True)
        accounts.create_account(work, "real", "李", Role.OPERATIONS, "a long pass word")
    runtime.close()
    assert "demo accounts are left: ops." in busreport("init").stderr
    assert "busreport run" in busreport("init").stdout
    assert "Closed: ops" in busreport("close-demo").stdout
    assert "demo accounts" not in busreport("init").stderr
    assert "none" in busreport("close-demo").stdout


def test_an_administrator_looks_after_the_accounts(busreport: Run) -> None:
    for login, role in (("root", "admin"), ("li", "operations")):
        named = ("--name", login.title(), "--role", role, "--password", f"a long word of {login}")
        made = busreport("create-user", login, *named)
        assert made.returncode == 0, made.stderr
    as_root = ("--as", "root", "--password", "a long word of root")
    listed = busreport("user", "list", *as_root).stdout
    assert "li" in listed
    assert "operations" in listed
    assert "role counter" in busreport("user", "role", "li", "counter", *as_root).stdout
    assert "none of operations" in busreport("user", "role", "li", "king", *as_root).stderr
    reset = busreport("user", "reset-password", "li", *as_root, "--new-password", "a new long word")
    assert "new pass word" in reset.stdout
    assert (
        "takes the role admin"
        in busreport("user", "list", "--as", "li", "--password", "a new long word").stderr
    )
    assert "can log in now" in busreport("user", "unlock", "li", *as_root).stdout
    assert "is closed" in busreport("user", "close", "li", *as_root).stdout
    assert "closed" in busreport("user", "list", *as_root).stdout
    last = busreport("user", "close", "root", *as_root)
    assert (last.returncode, "last administrator" in last.stderr) == (1, True)
    assert "no account with this log-in" in busreport("user", "unlock", "nobody", *as_root).stderr
