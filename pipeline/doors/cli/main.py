"""The command line ``busreport``.

Start the product, feed it, look into it, and do what has no page yet.

Commands that act for a person ask for that person's log-in and password: the rules about who may do
what, and that two people must do it, hold here as on the pages.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import typer

from pipeline.doors.cli import checking, installing, keeping, receiving, rejudging, start
from pipeline.doors.cli.batches import batch_app
from pipeline.doors.cli.calendar import calendar_app
from pipeline.doors.cli.identities import identity_app
from pipeline.doors.cli.policies import policy_app
from pipeline.doors.cli.refusals import Refusing
from pipeline.doors.cli.reviews import review_app
from pipeline.doors.cli.rosters import roster_app
from pipeline.doors.cli.users import user_app

COMMANDS: Mapping[str, Callable[..., None]] = MappingProxyType(
    {
        "run": start.run,
        "serve": start.serve,
        "worker": start.worker,
        "beat": start.beat,
        "init": installing.init,
        "close-demo": installing.close_demo,
        "create-user": installing.create_user,
        "intake": receiving.take_in,
        "check": checking.check,
        "recheck": rejudging.recheck,
        "reread": rejudging.reread,
        "verify-audit": keeping.verify_audit,
        "fsck": keeping.fsck,
    }
)
"""Commands that stand alone, as a person types them."""

GROUPS: Mapping[str, typer.Typer] = MappingProxyType(
    {
        "user": user_app,
        "calendar": calendar_app,
        "roster": roster_app,
        "policy": policy_app,
        "review": review_app,
        "batch": batch_app,
        "identity": identity_app,
    }
)

app = typer.Typer(
    cls=Refusing,
    help="Paid reports of bus drivers' violations: "
    "evidence in, checked, decided, first reporter paid.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for name, command in COMMANDS.items():
    app.command(name)(command)
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
