"""What a refused command says: one line and exit code 1; a bug keeps its trace."""

from typing import Any

import typer
from typer.core import TyperGroup

from pipeline.doors.cli.terminal import err

OURS = ("pipeline", "rewards", "scheme", "verifiers")
"""Rooms whose exceptions are refusals with a name; all others are bugs."""


class Refusing(TyperGroup):
    """The commands of ``busreport``: each refusal of a stage ends the command in one line."""

    # Typer brings its own click, and types of its own with it
    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except Exception as refusal:
            if type(refusal).__module__.partition(".")[0] not in OURS:
                raise
            err.print(
                f"[red]{type(refusal).__name__}[/red]: {refusal}", highlight=False, soft_wrap=True
            )
            raise typer.Exit(1) from refusal
