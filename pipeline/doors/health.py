"""What keeps the product from doing its work, by name: asked by ``/health``, and said at start.

A problem is told, never mended here. ``BROKEN``: what is promised does not happen (no reading, no
answer, nothing kept), so whoever watches must act now. ``WARNING``: it works, and somebody should
know.
"""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pipeline.containment import opening
from pipeline.containment.nursery import ContainmentBroken
from pipeline.doors.sweep import SWEEP_EVERY_S
from pipeline.paying import coverage
from pipeline.runtime import Runtime, Work
from pipeline.store import pulse
from pipeline.store.engine.opening import folder_of
from pipeline.store.storage import takes_nothing
from rewards.cover import Cover
from verifiers.version import READER_VERSION

UNSWEPT: Final = timedelta(seconds=3 * SWEEP_EVERY_S)
"""So long without a whole sweep, and nothing is told, forfeited or rung for any more."""
UNTAKEN: Final = timedelta(minutes=2)
"""A photo takes seconds: what waits so long while no worker has anything waits for workers that are
not there.
"""
PROBE_BYTES: Final = 64 * 1024
LEAST_FREE_BYTES: Final = 1 << 30
"""Two recordings of the largest kind."""

CODES: Mapping[str, str] = MappingProxyType(
    {
        "DATABASE_UNREADABLE": "The database does not answer.",
        "DISK_FULL": "The disk is full: nothing can be received, decided or told. Make room.",
        "DISK_NOT_WRITABLE": (
            "A folder of the installation can't be written to. Mount it writable, mend its rights."
        ),
        "DISK_NEARLY_FULL": (
            "Less than 1 GiB of disk is free. Make room before nothing can be received any more."
        ),
        "DECODERS_NOT_STARTED": (
            "The process that opens files can't be started: nothing is read or shown."
        ),
        "CELL_INCOMPLETE": (
            "A layer of the decoder's cell is missing and BUSREPORT_REQUIRE_SANDBOX asks for it."
        ),
        "CELL_LAYER_MISSING": (
            "This machine lacks a layer of the decoder's cell; "
            "docs/isolation.md says what it needs."
        ),
        "FUND_SHORT": (
            "The fund does not cover what lies in batches or was collected. Finance has to pay in."
        ),
        "SWEEP_OVERDUE": (
            "No sweep came through for 30 seconds: nothing is told or forfeited. Is `beat` running?"
        ),
        "WORK_UNTAKEN": (
            "Reports or files wait, and no worker takes them. Are both workers running?"
        ),
    }
)
"""Every problem there is, as a log or terminal says it; pages say it from the catalogues
(``health.<CODE>``).
"""


class Severity(StrEnum):
    """How bad it is."""

    BROKEN = "broken"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be.

    ``values`` says which folder, since when: for those who run it.
    """

    code: str
    severity: Severity
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def text_key(self) -> str:
        """Under which key the catalogues say it."""
        return f"health.{self.code}"

    def __str__(self) -> str:
        """The line for a log or terminal."""
        line = f"{self.code}: {CODES[self.code]}"
        if not self.values:
            return line
        values = ", ".join(f"{name} {value}" for name, value in self.values.items())
        return f"{line} ({values})"


def problems(runtime: Runtime) -> tuple[Problem, ...]:
    """Everything that is wrong now, the worst first.

    Raises nothing: what can't be asked is a problem itself.
    """
    return _worst_first(*standing(runtime), *_work(runtime))


def standing(runtime: Runtime) -> tuple[Problem, ...]:
    """What is wrong whether or not anything runs: said at start."""
    return _worst_first(*_disk(runtime), *_cell(runtime))


def _worst_first(*found: Problem) -> tuple[Problem, ...]:
    return tuple(sorted(found, key=lambda problem: problem.severity is not Severity.BROKEN))


def broken(found: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Those that keep a promise from being kept."""
    return tuple(problem for problem in found if problem.severity is Severity.BROKEN)


def _work(runtime: Runtime) -> Iterator[Problem]:
    try:
        with runtime.read() as work:
            yield from _unswept(work)
            yield from _untaken(work)
            yield from _fund(work)
    except Exception as problem:  # noqa: BLE001 - whatever a database raises, it does not answer
        yield Problem("DATABASE_UNREADABLE", Severity.BROKEN, {"error": type(problem).__name__})


def _unswept(work: Work) -> Iterator[Problem]:
    last = pulse.last_sweep(work.connection)
    if last is None or work.now - last > UNSWEPT:
        since = "never" if last is None else last.isoformat(timespec="seconds")
        yield Problem("SWEEP_OVERDUE", Severity.BROKEN, {"last": since})


def _untaken(work: Work) -> Iterator[Problem]:
    attempts = work.policies.procedure_at(work.now).procedure.reading_attempts
    since = pulse.untaken_since(work.connection, READER_VERSION, work.now, attempts)
    if since is not None and work.now - since > UNTAKEN:
        yield Problem(
            "WORK_UNTAKEN", Severity.BROKEN, {"since": since.isoformat(timespec="seconds")}
        )


def _fund(work: Work) -> Iterator[Problem]:
    """Nothing breaks for want of money, but somebody is promised what is not there."""
    reach = coverage.reach(work)
    if reach.cover in (Cover.DUE_SHORT, Cover.OVERDRAWN):
        yield Problem("FUND_SHORT", Severity.WARNING, {"short_fen": str(reach.short)})


def _disk(runtime: Runtime) -> Iterator[Problem]:
    """One trial in each folder that must take what is received.

    Quotas and read-only mounts show only so.
    """
    for folder in _folders(runtime):
        place = {"folder": str(folder)}
        try:
            _probe(folder)
        except OSError as refused:
            full = takes_nothing(refused) and refused.errno != errno.EROFS
            code = "DISK_FULL" if full else "DISK_NOT_WRITABLE"
            yield Problem(code, Severity.BROKEN, place)
            return
        if shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
            yield Problem("DISK_NEARLY_FULL", Severity.WARNING, place)
            return


def _cell(runtime: Runtime) -> Iterator[Problem]:
    """Every layer that this machine lacks between strangers' files and everything else."""
    try:
        missing = opening.missing_layers()
    except ContainmentBroken as broken_off:
        yield Problem("DECODERS_NOT_STARTED", Severity.BROKEN, {"error": str(broken_off)})
        return
    required = runtime.settings.require_sandbox
    code = "CELL_INCOMPLETE" if required else "CELL_LAYER_MISSING"
    for layer, reason in missing.items():
        yield Problem(
            code,
            Severity.BROKEN if required else Severity.WARNING,
            {"layer": layer, "reason": reason},
        )


def _folders(runtime: Runtime) -> list[Path]:
    folders = (runtime.settings.home, runtime.files.root, folder_of(runtime.settings.database))
    return [folder for folder in dict.fromkeys(folders) if folder is not None and folder.is_dir()]


def _probe(folder: Path) -> None:
    trial = folder / f".probe-{secrets.token_hex(8)}"
    try:
        descriptor = os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            rest = memoryview(bytes(PROBE_BYTES))
            while rest:
                # A disk that is nearly full takes a part, then refuses
                rest = rest[os.write(descriptor, rest) :]
        finally:
            os.close(descriptor)
    finally:
        trial.unlink(missing_ok=True)
