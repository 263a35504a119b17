"""Commands that prepare an installation and its first accounts."""

import sys
from typing import Annotated

import typer

from pipeline.doors import tasks
from pipeline.doors.cli.options import NewPassword, RoleNamed
from pipeline.doors.cli.premises import demo_accounts, open_and_warn
from pipeline.doors.cli.terminal import open_installation, out
from pipeline.runtime import Runtime
from pipeline.staff import accounts


def init() -> None:
    """Prepare an installation: folders, database, master key.

    Safe to run again; run it after every upgrade.
    """
    settings = tasks.current_settings()
    runtime = open_and_warn(settings)
    out.print(f"home      {settings.home}", soft_wrap=True)
    out.print("database  ready")
    out.print(f"key file  {settings.key_file} (back it up apart)", soft_wrap=True)
    at_a_terminal = sys.stdin.isatty()
    if demo_accounts(runtime) and at_a_terminal and typer.confirm("Close the demo accounts now?"):
        _close_demo(runtime)
    out.print("Next: busreport create-user, then busreport roster import.")
    out.print("Then busreport run: it starts the web server, both workers and beat.")


def close_demo() -> None:
    """Close the accounts of a demo that this installation once held.

    What they did stays on record.
    """
    _close_demo(open_installation())


def _close_demo(runtime: Runtime) -> None:
    with runtime.write() as work:
        closed = accounts.close_demo_accounts(work, actor="cli")
    names = ", ".join(account.login for account in closed)
    out.print(f"Closed: {names or 'none, no demo account was open'}.")


def create_user(
    login: Annotated[str, typer.Argument(help="what the person types to log in")],
    name: Annotated[str, typer.Option(help="how the person is called on pages")],
    role: RoleNamed,
    password: NewPassword,
) -> None:
    """Create an account of somebody who works with the product."""
    with open_installation().write() as work:
        accounts.create_account(work, login=login, display_name=name, role=role, password=password)
    out.print(f"{login} can log in now.")
