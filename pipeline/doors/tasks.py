"""The doorbell: Celery tasks that carry ids only, the bell that rings them, workers and beat.

The report row is the queue (state, lease, attempts); a lost or doubled message does no harm. So
tasks are never retried, results are not kept, and a sweep every few seconds rings again for what
was not answered. The sweep is no task: behind a queue of photos, or with a broker that is gone,
nothing would be told or forfeited. Two queues, so that a video never delays a photo: one solo
worker process each.
"""

import signal
import threading
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import structlog
from celery import Celery
from celery.exceptions import CeleryError, SecurityWarning
from kombu import Connection, Queue
from kombu.exceptions import KombuError

from pipeline import clock
from pipeline.answering import delivering
from pipeline.doors import broker
from pipeline.doors.sweep import SWEEP_EVERY_S, sweep
from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import evidence_files
from pipeline.verifying import reading_files, verification
from pipeline.whole_files import write_whole
from scheme.reading import MediaKind, Sha256

PHOTOS, VIDEOS = "photos", "videos"
QUEUES = (PHOTOS, VIDEOS)
CROWDED = 10
"""The sweep rings again only while fewer messages than this wait: blind, it would ring thousands of
times.
"""

CLOCK_AHEAD = "clock-ahead"
"""File in the home: how many seconds the installation's clock is ahead."""


class ClockFileDamaged(Exception):
    """The file that moves this installation's clock says nothing.

    Going on in another time would mix up the order.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} holds no number of seconds: "
            "write the right one, or delete it to go on in real time"
        )
        self.path = path


log = structlog.get_logger()
app = Celery("busreport")
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_queues=[Queue(name, routing_key=name) for name in QUEUES],
    task_default_queue=PHOTOS,
    task_default_routing_key=PHOTOS,
    task_create_missing_queues=False,
    task_ignore_result=True,
    task_acks_late=False,  # brings nothing back on an embedded broker; lease and sweep do
    worker_prefetch_multiplier=1,
    worker_concurrency=1,
    worker_pool="solo",
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=3,
)


def current_settings() -> Settings:
    """Return the settings; where ``run`` moved the clock of this installation, with that clock.

    All processes find the move in one file, so that one that is started anew goes on in the same
    time.
    """
    settings = Settings.from_environment()
    ahead = settings.home / CLOCK_AHEAD
    if not ahead.is_file():
        return settings
    try:
        moved = timedelta(seconds=float(ahead.read_text("utf-8")))
    except (ValueError, OverflowError) as problem:
        raise ClockFileDamaged(ahead) from problem
    return replace(settings, clock=clock.now() + moved)


def keep_clock_ahead(home: Path, ahead: timedelta) -> None:
    """Move the clock of this installation, for every process that is started from here on."""
    home.mkdir(parents=True, exist_ok=True)
    write_whole(home / CLOCK_AHEAD, str(ahead.total_seconds()))


def open_runtime(settings: Settings) -> Runtime:
    """Open the product with a bell that rings Celery's workers.

    For the web server, the workers and beat.
    """
    _connect(settings)
    silent = Runtime.open(settings)
    return replace(silent, ring=CeleryBell(silent))


def _connect(settings: Settings) -> None:
    broker.register()
    # The embedded broker needs no host, but kombu warns where none is named.
    app.conf.broker_url = settings.broker.replace(
        f"{broker.SCHEME}:///", f"{broker.SCHEME}://localhost/", 1
    )


@dataclass(frozen=True, slots=True)
class CeleryBell:
    """Rings for a piece of work by name and ids.

    A ring that can't be sent is only logged: the sweep rings again.
    """

    runtime: Runtime
    crowded: int | None = None
    """Where given, no ring while so many messages wait in that queue."""

    def ring(self, task: str, **ids: str) -> None:
        """Send the task ``task`` with ``ids``; call it after the commit, never before."""
        queue = queue_of(self.runtime, ids)
        try:
            # Of its own: rings are rare, pools outlive a broker's change
            with app.connection_for_write() as connection:
                if self.crowded is None or _depth(connection, queue) < self.crowded:
                    app.send_task(task, kwargs=ids, queue=queue, retry=False, connection=connection)
        except (OSError, KombuError, CeleryError) as problem:
            log.warning("bell_not_rung", task=task, problem=type(problem).__name__, **ids)


def queue_of(runtime: Runtime, ids: Mapping[str, str]) -> str:
    """Return the queue for work on ``ids``: a video, or a report with one, never delays a photo."""
    with runtime.read() as work:
        if "sha256" in ids:
            kinds = {evidence_files.by_sha256(work.connection, ids["sha256"]).kind}
        elif "report_id" in ids:
            files = evidence_files.of_report(work.connection, ids["report_id"])
            kinds = {file.kind for file in files}
        else:
            kinds = set()
    return VIDEOS if MediaKind.VIDEO in kinds else PHOTOS


def waiting(queue: str) -> int:
    """Return how many messages wait in ``queue``."""
    with app.connection_for_read() as connection:
        return _depth(connection, queue)


def _depth(connection: Connection, queue: str) -> int:
    return int(connection.default_channel.queue_declare(queue).message_count)


# -- tasks: keyword-only ids, one call each --------------------------------------------------------


@app.task(name="read_evidence", max_retries=0)
def read_evidence(*, report_id: str, sha256: str) -> None:
    """Read one file of a report in the background: the coach speaks before it is submitted."""
    reading_files.read_evidence(_opened(), report_id=report_id, sha256=Sha256(sha256))


@app.task(name="verify_report", max_retries=0)
def verify_report(*, report_id: str) -> None:
    """Read what is unread of a report, judge it, link its case and recommend."""
    verification.verify_report(_opened(), report_id=report_id)


@app.task(name="deliver_notices", max_retries=0)
def deliver_notices() -> None:
    """Send the notices that are due."""
    delivering.deliver_due(_opened())


# -- processes -------------------------------------------------------------------------------------

_runtime: list[Runtime] = []
"""The runtime of this worker process, once it works."""


def _opened() -> Runtime:
    if not _runtime:
        _runtime.append(open_runtime(current_settings()))
    return _runtime[0]


def work_on(settings: Settings, queue: str) -> None:
    """Work on ``queue`` in this process until it is told to stop.

    The task in hand is finished first.
    """
    if queue not in QUEUES:
        raise ValueError(f"no queue {queue!r}")
    # It warns of root, because pickled messages could run anything; ours are JSON, and hold ids
    # only.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    _runtime.append(open_runtime(settings))
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING")
    app.worker_main(
        ["--quiet", "worker", "--pool=solo", "--queues", queue, "--hostname", f"{queue}@%h", *quiet]
    )


def beat(settings: Settings) -> None:
    """Sweep every few seconds until told to stop.

    A sweep that fails is logged, and the next one tries again.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    runtime = open_runtime(settings)
    runtime = replace(runtime, ring=CeleryBell(runtime, crowded=CROWDED))
    while not stop.is_set():
        try:
            sweep(runtime)
        # A full disk or a held lock passes; health tells meanwhile
        except Exception as problem:  # noqa: BLE001
            # Never the message: it may carry values
            where = traceback.extract_tb(problem.__traceback__)[-1]
            log.warning(
                "sweep_failed",
                problem=type(problem).__name__,
                at=f"{where.filename}:{where.lineno}",
            )
        stop.wait(SWEEP_EVERY_S)
    runtime.close()
