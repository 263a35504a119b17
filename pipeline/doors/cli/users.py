"""The commands ``busreport user``.

An administrator's, each for the person whose log-in it asks for.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer

from pipeline.doors.cli.options import Login, NewPassword, Password, RoleGiven, Whose
from pipeline.doors.cli.terminal import (
    account_of,
    local_time,
    new_table,
    open_installation,
    out,
)
from pipeline.runtime import Work
from pipeline.staff import members
from scheme.staff import Account, Role

user_app = typer.Typer(
    help="Accounts of the people who work here; an administrator's business.", no_args_is_help=True
)


@user_app.command("list")
def user_list(login: Login, password: Password) -> None:
    """List every account: its role, whether it is closed or locked, how many reports it holds."""
    table = new_table("Accounts", "log-in", "name", "role", "state", "holds", "opened")
    with _as_administrator(login, password) as (work, administrator):
        for member in members.everybody(work, administrator=administrator):
            account = member.account
            table.add_row(
                account.login,
                account.display_name,
                account.role,
                _state(member),
                str(member.holds or ""),
                local_time(member.opened_at),
            )
    out.print(table)


@user_app.command("close")
def user_close(whose: Whose, login: Login, password: Password) -> None:
    """Close an account at once: its sessions end, what it holds is handed back.

    What it did stays on record.
    """
    with _as_administrator(login, password) as (work, administrator):
        handed_back = members.close(work, whose, administrator=administrator)
    out.print(f"{whose} is closed.{_handed_back(handed_back)}")


@user_app.command("role")
def user_role(whose: Whose, role: RoleGiven, login: Login, password: Password) -> None:
    """Give an account another role at once.

    It has to log in again, what it holds is handed back.
    """
    with _as_administrator(login, password) as (work, administrator):
        handed_back = members.change_role(work, whose, role, administrator=administrator)
    out.print(f"{whose} has the role {role}.{_handed_back(handed_back)}")


@user_app.command("reset-password")
def user_reset_password(
    whose: Whose,
    login: Login,
    password: Password,
    new_password: NewPassword,
) -> None:
    """Set another pass word for an account and unlock it: its sessions end."""
    with _as_administrator(login, password) as (work, administrator):
        members.reset_password(work, whose, new_password, administrator=administrator)
    out.print(f"{whose} can log in with the new pass word now.")


@user_app.command("unlock")
def user_unlock(whose: Whose, login: Login, password: Password) -> None:
    """Forget the wrong tries on an account: whoever knows its pass word can log in now."""
    with _as_administrator(login, password) as (work, administrator):
        members.unlock(work, whose, administrator=administrator)
    out.print(f"{whose} can log in now.")


@contextmanager
def _as_administrator(login: str, password: str) -> Iterator[tuple[Work, Account]]:
    runtime = open_installation()
    administrator = account_of(runtime, login, password, Role.ADMIN)
    with runtime.write() as work:
        yield work, administrator


def _state(member: members.StaffMember) -> str:
    if not member.active:
        return "closed"
    return f"locked until {local_time(member.locked_until)}" if member.locked_until else "open"


def _handed_back(numbers: Sequence[str]) -> str:
    return f" Handed back: {', '.join(numbers)}." if numbers else ""
