"""The commands ``busreport policy``.

Which versions are in force, and whether a file can be one of them.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from pipeline.doors import tasks
from pipeline.doors.cli.terminal import err, local_time, new_table, out
from pipeline.policies import load_policies, read_policy_file
from scheme.policy import Policy
from scheme.policy_book import PolicyBook
from scheme.policy_text import PolicyError

policy_app = typer.Typer(
    help="The versions of the scheme: which rules judge what.", no_args_is_help=True
)


PolicyFiles = Annotated[
    list[Path], typer.Argument(exists=True, dir_okay=False, help="policy files (TOML)")
]


@policy_app.command("list")
def policy_list() -> None:
    """List the versions of the scheme and when each is in force."""
    table = new_table("Policies", "version", "from", "to", "title")
    book = load_policies(tasks.current_settings().policies)
    for policy in book.policies:
        title = " / ".join(policy.title.values())
        table.add_row(
            policy.ref, local_time(policy.effective_from), local_time(book.ends(policy)), title
        )
    out.print(table)


@policy_app.command("check")
def policy_check(files: PolicyFiles) -> None:
    """Read policy files as the product would at its start, and say what is wrong with them."""
    problems: list[tuple[str, PolicyError]] = []
    good: dict[str, Policy] = {}
    for file in files:
        policy = _read(file)
        if isinstance(policy, PolicyError):
            problems.append((str(file), policy))
            continue
        good[policy.ref] = policy
        categories = len(policy.substance.categories)
        out.print(f"{file}: {policy.ref}, {categories} categories", highlight=False)
    problems.extend(("beside the others", clash) for clash in _clashes(good))
    for where, problem in problems:
        err.print(f"{where}: {problem}", style="red", highlight=False, soft_wrap=True)
    raise typer.Exit(1 if problems else 0)


def _clashes(good: Mapping[str, Policy]) -> Iterator[PolicyError]:
    """What does not fit the policies that are loaded anyway."""
    try:
        loaded = load_policies(tasks.current_settings().policies).policies
        PolicyBook(({policy.ref: policy for policy in loaded} | dict(good)).values())
    except PolicyError as clash:
        yield clash


def _read(file: Path) -> Policy | PolicyError:
    try:
        return read_policy_file(file.read_bytes())
    except PolicyError as problem:
        return problem
