"""Commands that start the product: all of it, or one part of it."""

import signal
import subprocess
import sys
from importlib import import_module
from types import ModuleType
from typing import Annotated

import structlog
import typer

from pipeline import clock
from pipeline.calendar import published_workdays
from pipeline.containment import opening
from pipeline.doors import supervisor, tasks
from pipeline.doors.cli.premises import open_and_warn, start_decoders
from pipeline.doors.cli.terminal import err, out, stop
from pipeline.settings import Settings

log = structlog.get_logger()


def run() -> None:
    """Start everything: web server, two workers, beat. Ctrl-C stops it, nothing is lost.

    With BUSREPORT_DEMO=yes a new installation first gets demo accounts, a roster and sample
    reports.
    """
    settings = Settings.from_environment()
    _require_free_ports(settings)
    start_decoders(settings)
    demo = import_module("samples.demo") if settings.demo else None
    settings = _with_clock(settings, demo)
    open_and_warn(settings).close()
    opening.shut_down()  # this process opens no file
    if demo:  # in a process of its own: drawing takes memory that this one would keep
        subprocess.run([sys.executable, "-m", "samples.demo"], check=True)
    _supervise(settings, demo)


def _supervise(settings: Settings, demo: ModuleType | None) -> None:
    supervisor.supervise(
        supervisor.parts(),
        say=lambda line: err.print(f"busreport: {line}", highlight=False),
        ready=lambda: supervisor.listens(settings.host, settings.port),
        announce=lambda: _announce(settings, demo),
    )


def serve() -> None:
    """Start the web server alone (workers and beat are started apart)."""
    settings = tasks.current_settings()
    start_decoders(settings)
    runtime = open_and_warn(settings)
    import_module("api.server").serve(runtime)  # by name: the pipeline does not lean on the counter


def worker(queue: Annotated[str, typer.Argument(help="photos or videos")]) -> None:
    """Start one worker on one queue."""
    if queue not in tasks.QUEUES:
        stop(f"There is no queue {queue!r}; there are: {', '.join(tasks.QUEUES)}.")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # Celery would start itself anew on it
    settings = tasks.current_settings()
    start_decoders(settings)
    missing = {str(layer): reason for layer, reason in opening.missing_layers().items()}
    if missing:
        log.warning("cell_layers_missing", layers=missing)
    tasks.work_on(settings, queue)


def beat() -> None:
    """Start the clockwork that sweeps every few seconds.

    What is due is told, forfeited, rung for again.
    """
    tasks.beat(tasks.current_settings())


def _require_free_ports(settings: Settings) -> None:
    if not supervisor.free(settings.host, settings.port):
        stop(
            f"Port {settings.port} is in use. "
            "Stop what uses it, or set BUSREPORT_PORT to another one."
        )
    if settings.health_port and not supervisor.free("127.0.0.1", settings.health_port):
        stop(
            f"Port {settings.health_port} is in use: "
            "set BUSREPORT_HEALTH_PORT to another one, or to 0 for none."
        )


def _with_clock(settings: Settings, demo: ModuleType | None) -> Settings:
    """Return the settings with the clock of this installation.

    Every process of it finds the clock in a file of its home. A setting moves it; a demo moves it
    once, where no calendar covers the present.
    """
    now = clock.now()
    start = now
    if settings.clock:
        start = settings.clock
    elif demo and not (settings.home / tasks.CLOCK_AHEAD).is_file():
        start = demo.start(now, published_workdays())
    if start != now:
        tasks.keep_clock_ahead(settings.home, start - now)
    return tasks.current_settings()


def _announce(settings: Settings, demo: ModuleType | None) -> None:
    url = f"http://{settings.host}:{settings.port}/"
    out.print(f"\n[bold]busreport is running:[/bold] {url}\n  operations and finance: {url}login")
    if demo:
        for line in demo.log_ins():
            out.print(f"  {line}", highlight=False)
    out.print("Ctrl-C stops it.\n")
