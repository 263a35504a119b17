"""The embedded broker: Celery's messages as files in a folder, for installations without Redis.

kombu's own filesystem transport reads files that are half written (which ends the worker), copies across file
systems, and rewrites its exchange table in place. Here a message is written aside and renamed, a reader takes one
by renaming it, an unreadable one is set aside in ``bad/``, and the exchange table changes under one lock.

The broker is only the doorbell: the report row is the queue, and a sweep rings again for what was lost. So nothing
here is fsynced. Registered for the URL scheme ``folder://``; ``folder_url`` writes such a URL.
"""

import contextlib
import fcntl
import json
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any
from urllib.parse import quote

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem, virtual

SCHEME = "folder"
POLL_S = 0.05


def folder_url(folder: Path) -> str:
    """Return the broker URL of the embedded broker in ``folder`` (made when first used)."""
    return f"{SCHEME}://{quote(str(folder.resolve()))}"


def register() -> None:
    """Make kombu know the URL scheme ``folder://``; safe to call again."""
    TRANSPORT_ALIASES[SCHEME] = "pipeline.broker:Transport"


class Channel(filesystem.Channel):
    """One reader or writer of the folder. Any number of them, in any number of processes, may work at once."""

    @property
    def root(self) -> Path:
        """The broker's folder: ``queues/NAME/``, ``exchanges/``, ``taken/``, ``bad/``."""
        return Path("/", self.connection.client.virtual_host)

    @property
    def control_folder(self) -> Path:
        """Where kombu's exchange table lies."""
        return self._folder("exchanges")

    def _folder(self, *names: str) -> Path:
        folder = self.root.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _queue_folder(self, queue: str) -> Path:
        if not queue or not self._is_valid_exchange_name(queue):
            raise ChannelError(f"Invalid queue name: {queue!r}")
        return self._folder("queues", queue)

    def _write(self, target: Path, content: object) -> None:
        """Let ``target`` appear whole: no reader ever sees half a file."""
        aside = self._folder("aside") / uuid.uuid4().hex
        aside.write_text(json.dumps(content), encoding="utf-8")
        aside.replace(target)

    def _put(self, queue: str, message: Any, **_options: Any) -> None:  # noqa: ANN401 - kombu's payload is untyped
        name = f"{time.monotonic_ns():020d}-{uuid.uuid4().hex}.msg"  # an order, not a time: oldest first
        self._write(self._queue_folder(queue) / name, message)

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ANN401, ARG002 - kombu's signature
        folder = self._queue_folder(queue)
        taken_folder = self._folder("taken")
        for name in sorted(os.listdir(folder)):  # noqa: PTH208 - names, thousands of them, twenty times a second
            taken = taken_folder / f"{os.getpid()}-{name}"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # another reader was faster
            try:
                payload = json.loads(taken.read_bytes())
            except ValueError:
                taken.replace(self._folder("bad") / f"{queue}-{name}")
                continue
            taken.unlink()
            return payload
        raise Empty

    def _size(self, queue: str) -> int:
        return sum(1 for _ in self._queue_folder(queue).iterdir())

    def _purge(self, queue: str) -> int:
        count = 0
        for message in self._queue_folder(queue).iterdir():
            with contextlib.suppress(FileNotFoundError):  # a reader took it meanwhile
                message.unlink()
                count += 1
        return count

    @contextlib.contextmanager
    def _exchange_lock(self) -> Iterator[None]:
        with (self.control_folder / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield  # closing the file gives the lock back

    def get_table(self, exchange: str) -> list[filesystem.exchange_queue_t]:
        """Return who is bound to ``exchange``; the file is replaced whole, so reading needs no lock."""
        try:
            rows = json.loads(self._exchange_file(exchange).read_bytes())
        except FileNotFoundError:
            return []
        return [filesystem.exchange_queue_t(*row) for row in rows]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._exchange_lock():
            table = self.get_table(exchange)
            if row not in table:
                self._write(self._exchange_file(exchange), [row, *table])

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *_args: Any, **_options: Any) -> None:  # noqa: ANN401 - kombu's signature
        self._purge(queue)
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._exchange_lock():
            table = self.get_table(exchange)
            if row in table:
                self._write(self._exchange_file(exchange), [other for other in table if other != row])


class Transport(filesystem.Transport):
    """kombu's entry: ``Connection("folder:///var/lib/busreport/broker")``."""

    Channel = Channel
    driver_type = "folder"
    driver_name = "folder"
    polling_interval = POLL_S

    def __init__(self, client: Any, **options: Any) -> None:  # noqa: ANN401 - kombu's signature
        super().__init__(client, **options)
        # kombu shares what it has declared among all connections of a process, whatever folder they are for;
        # a second folder would then never get its bindings and drop its messages.
        self.state = virtual.BrokerState()
