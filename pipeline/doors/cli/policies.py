"""The commands ``busreport policy``.

Which versions are in force, and whether a file can be one of them.
"""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.doors import tasks
from pipeline.doors.cli.terminal import err, local_time, new_table, out
from pipeline.policies import load_policies, read_policy
from scheme.policy import Policy, PolicyBook
from scheme.policy_text import PolicyError

policy_app = typer.Typer(
    help="The versions of the scheme: which rules judge what.", no_args_is_help=True
)


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
def policy_check(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="policy files (TOML)")
    ],
) -> None:
    """Read policy files as the product would at its start, and say what is wrong with them."""
    read = [(file, _read(file)) for file in files]
    good = {policy.ref: policy for _, policy in read if isinstance(policy, Policy)}
    problems = [(str(file), problem) for file, problem in read if isinstance(problem, PolicyError)]
    for file, policy in read:
        if isinstance(policy, Policy):
            out.print(
                f"{file}: {policy.ref}, {len(policy.substance.categories)} categories",
                highlight=False,
            )
    try:
        loaded = load_policies(tasks.current_settings().policies).policies
        PolicyBook(({policy.ref: policy for policy in loaded} | good).values())
    except PolicyError as clash:
        problems.append(("beside the others", clash))
    for where, problem in problems:
        err.print(f"{where}: {problem}", style="red", highlight=False)
    raise typer.Exit(1 if problems else 0)


def _read(file: Path) -> Policy | PolicyError:
    try:
        return read_policy(file.read_text(encoding="utf-8"))
    except PolicyError as problem:
        return problem
