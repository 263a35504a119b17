"""What all commands share.

The installation they work in, who they act for, and how they speak to a person.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from typing import NoReturn, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pipeline.doors import tasks
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.staff import accounts
from scheme.deadlines import DateKind
from scheme.decision import Verdict
from scheme.staff import Account, Role

Named = TypeVar("Named", bound=StrEnum)
ZONE = ZoneInfo("Asia/Shanghai")

out = Console()
err = Console(stderr=True)


def open_installation(settings: Settings | None = None) -> Runtime:
    """Open the installation that the environment names, or the one of ``settings``."""
    return tasks.open_runtime(settings or tasks.current_settings())


def account_of(runtime: Runtime, login: str, password: str, *roles: Role) -> Account:
    """Return the account of who gives log-in and password; stop when it has none of ``roles``."""
    token = accounts.log_in(
        runtime, login, password, on_this_machine=True, client=accounts.TERMINAL
    )
    with runtime.write() as work:
        account = accounts.who(work, token, on_this_machine=True)
        accounts.log_out(work, token)
    if account is None or account.role not in roles:
        stop(f"{login} may not do this; it takes the role {' or '.join(roles)}.")
    return account


def stop(reason: str) -> NoReturn:
    """Say why the command can't be done, and end with exit code 1."""
    err.print(reason, style="red", highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def role_of(text: str) -> Role:
    """The role that ``text`` names."""
    return _one_of(Role, text)


def verdict_of(text: str) -> Verdict:
    """The verdict that ``text`` names."""
    return _one_of(Verdict, text)


def deadline_of(text: str) -> DateKind:
    """What of a report ``text`` names, for which a calendar may be missing."""
    return _one_of(DateKind, text)


def _one_of(kind: type[Named], text: str) -> Named:
    if text not in [*kind]:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(kind)}.")
    return kind(text)


def instant(text: str) -> datetime:
    """Read an instant as people write it: without offset it is Shanghai's time."""
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day or time like 2026-06-10T08:41.") from None
    return written if written.tzinfo else written.replace(tzinfo=ZONE)


def day_of(text: str) -> date:
    """Read a day as people write it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day like 2026-06-10.") from None


def local_time(instant: datetime | None) -> str:
    """An instant as Shanghai's clocks show it."""
    return "–" if instant is None else instant.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def new_table(title: str, *columns: str) -> Table:
    """An empty table with these columns.

    The first names the thing, and other commands ask for it: it is never cut, however narrow the
    terminal is.
    """
    table = Table(title=title, title_justify="left")
    for position, column in enumerate(columns):
        table.add_column(column, no_wrap=position == 0, overflow="fold")
    return table


@contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Callable[[int, int | None], None]]:
    """Show a progress bar; the value is a function (done, total) that moves it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task(what, total=total)

        def move(done: int, whole: int | None = None) -> None:
            progress.update(task, completed=done, total=whole or total)

        yield move
