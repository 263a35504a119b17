"""The embedded broker: Celery's messages as files in a folder, for installations without Redis.

kombu's own filesystem transport reads files that are half written (which ends the worker), copies
across file systems, and keeps who is bound to what in a table on disk, which a power cut can empty:
every start would then end. Here a message is written aside and renamed, a reader takes one by
renaming it, an unreadable one is set aside in ``bad/``, and the bindings stand in memory alone:
whoever sends or reads declares its queue first, so the code knows them and no file has to.

The broker is only the doorbell: the report row is the queue, and a sweep rings again for what was
lost. So nothing here is fsynced. Registered for the URL scheme ``folder://``; ``folder_url`` writes
such a URL.
"""

import contextlib
import json
import os
import re
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any, Final
from urllib.parse import quote

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, virtual

SCHEME = "folder"
POLL_S = 0.05
QUEUE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}")
MESSAGE_PARTS: Final = frozenset({"body", "properties"})
"""Without these a file is no message: kombu would end the worker on it."""


def folder_url(folder: Path) -> str:
    """Return the broker URL of the embedded broker in ``folder`` (made when first used)."""
    return f"{SCHEME}://{quote(str(folder.resolve()))}"


def register() -> None:
    """Make kombu know the URL scheme ``folder://``; safe to call again."""
    TRANSPORT_ALIASES[SCHEME] = "pipeline.doors.broker:Transport"


class Channel(virtual.Channel):
    """One reader or writer of the folder.

    Any number of them, in any number of processes, may work at once.
    """

    @property
    def root(self) -> Path:
        """The broker's folder: ``queues/NAME/``, ``taken/``, ``aside/``, ``bad/``."""
        return Path("/", self.connection.client.virtual_host)

    def _folder(self, *names: str) -> Path:
        folder = self.root.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _queue_folder(self, queue: str) -> Path:
        if not QUEUE_NAME.fullmatch(queue):
            raise ChannelError(f"Invalid queue name: {queue!r}")
        return self._folder("queues", queue)

    def _write(self, target: Path, content: object) -> None:
        """Let ``target`` appear whole: no reader ever sees half a file."""
        aside = self._folder("aside") / uuid.uuid4().hex
        aside.write_text(json.dumps(content), encoding="utf-8")
        aside.replace(target)

    # Kombu's payload is untyped
    def _put(self, queue: str, message: Any, **_options: Any) -> None:  # noqa: ANN401
        # an order, not a time: oldest first
        name = f"{time.monotonic_ns():020d}-{uuid.uuid4().hex}.msg"
        self._write(self._queue_folder(queue) / name, message)

    # Kombu's signature
    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ANN401, ARG002
        folder = self._queue_folder(queue)
        taken_folder = self._folder("taken")
        # Names, thousands of them, twenty times a second
        for name in sorted(os.listdir(folder)):  # noqa: PTH208
            taken = taken_folder / f"{os.getpid()}-{name}"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # another reader was faster
            payload = _message(taken.read_bytes())
            if payload is not None:
                taken.unlink()
                return payload
            taken.replace(self._folder("bad") / f"{queue}-{name}")
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

    # Kombu's signature
    def _delete(self, queue: str, *_binding: Any, **_options: Any) -> None:  # noqa: ANN401
        self._purge(queue)


def _message(content: bytes) -> dict[str, Any] | None:
    """The message in a file; None for what a crash left of one."""
    try:
        payload = json.loads(content)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) and payload.keys() >= MESSAGE_PARTS else None


class Transport(virtual.Transport):
    """kombu's entry: ``Connection("folder:///var/lib/busreport/broker")``."""

    Channel = Channel
    default_port = 0
    driver_type = "folder"
    driver_name = "folder"
    polling_interval = POLL_S

    def driver_version(self) -> str:
        """Nothing outside of kombu drives it."""
        return "N/A"
