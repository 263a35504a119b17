"""Opening an installation for a start: its decoders, and warnings about the place it runs in."""

from pipeline.containment import opening
from pipeline.doors import health
from pipeline.doors.cli.terminal import err, open_installation
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.staff import accounts


def start_decoders(settings: Settings) -> None:
    """Start them before anything else.

    Raises CellIncomplete where the settings ask for all layers of their cell.
    """
    if settings.require_sandbox:
        opening.require_whole_cell()
    opening.start_decoders()


def open_and_warn(settings: Settings) -> Runtime:
    """Open the product for a start.

    Say what is wrong with the place where it runs, which settings leave something open, and that
    accounts with known pass words are still there.
    """
    runtime = open_installation(settings)
    for problem in health.standing(runtime):
        colour = "red" if problem.severity is health.Severity.BROKEN else "yellow"
        err.print(str(problem), style=colour, highlight=False)
    for doubt in runtime.settings.doubts:
        _warn(f"{doubt}.")
    names = demo_accounts(runtime)
    if names:
        _warn(
            f"demo accounts are left: {names}. "
            "They open nothing here; close them: busreport close-demo"
        )
    return runtime


def demo_accounts(runtime: Runtime) -> str:
    """The log-ins of demo accounts that have no business here; empty in a demo."""
    if runtime.settings.demo_alone:
        return ""
    with runtime.read() as work:
        return ", ".join(account.login for account in accounts.demo_accounts(work))


def _warn(sentence: str) -> None:
    err.print(f"busreport: {sentence}", style="yellow", highlight=False, soft_wrap=True)
