"""The composition root: one ``Runtime`` a process, one ``Work`` a transaction."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Final, Protocol, Self

import structlog
from sqlalchemy import Connection, Engine

from pipeline import clock
from pipeline.calendar import OverlayDay, published_workdays, with_overlay
from pipeline.containment import opening
from pipeline.policies import load_policies
from pipeline.settings import Settings
from pipeline.store import events, migrations, policies, roster, whose
from pipeline.store.actions import Action
from pipeline.store.engine.opening import open_engine
from pipeline.store.originals import EvidenceFiles
from pipeline.store.own_files import keep_to_ourselves
from pipeline.store.turns import Turns
from pipeline.store.unit_of_work import PATIENT_S, reading, writing
from pipeline.store.vault import KeyFileMissing, Vault
from scheme.policy import PolicyRef
from scheme.policy_book import PolicyBook
from scheme.workdays import Workdays

MOST_WAITING: Final = 64
"""So many threads of a process wait for their turn to write; one more is told at once to come
again.
"""
MOST_PATIENT: Final = 512
"""The same for those who wait longer in threads of their own: uploads."""

log = structlog.get_logger()


class DatabaseGone(Exception):
    """The database is empty, and there is evidence of reports that it must have known."""

    def __init__(self, evidence: Path) -> None:
        super().__init__(
            f"restore the database from a backup, or move {evidence} away to begin anew"
        )
        self.evidence = evidence


class Bell(Protocol):
    """Calls the workers. It carries ids only and may lose everything: the rows are the queue."""

    def ring(self, task: str, **ids: str) -> None:
        """Ask for ``task`` (``read_evidence``, ``verify_report``, ``deliver_notices``)."""
        ...


class SilentBell:
    """Rings for nobody: whoever uses it does the work, or the sweep finds it."""

    def ring(self, task: str, **ids: str) -> None:
        """Do nothing; the row is the queue."""


@dataclass(kw_only=True)
class Work:
    """One transaction: what every stage takes first.

    ``now`` is the one instant of all that happens in it.
    """

    connection: Connection
    now: datetime
    policies: PolicyBook
    vault: Vault
    files: EvidenceFiles
    settings: Settings
    bell: Bell
    _after_commit: list[Callable[[], None]] = field(default_factory=list)
    _if_refused: list[Callable[["Work"], None]] = field(default_factory=list)

    @cached_property
    def workdays(self) -> Workdays:
        """The working days as this transaction sees them."""
        return with_overlay(published_workdays(), roster.overlay_days(self.connection))

    def with_days(self, days: Iterable[OverlayDay]) -> "Work":
        """This transaction as it would see the calendar with ``days`` loaded over what is loaded.

        Stores nothing.
        """
        other = replace(self)
        other.workdays = with_overlay(
            published_workdays(), [*roster.overlay_days(self.connection), *days]
        )
        return other

    def record(self, actor: str, action: Action, subject: str, **detail: object) -> None:
        """Write an audit event in this transaction.

        ``detail``: plain JSON values, never anything of an identity.
        """
        events.append(self.connection, self.now, actor, action, subject, detail)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call ``call`` once everything is on disk; never when the transaction is rolled back."""
        self._after_commit.append(call)

    def ring(self, task: str, **ids: str) -> None:
        """Ring the bell after the commit.

        A bell that fails is no failure of the work: the sweep rings again.
        """

        def ring() -> None:
            try:
                self.bell.ring(task, **ids)
            # Whatever a broker raises, what was committed stays true
            except Exception:  # noqa: BLE001
                log.warning("bell_failed", task=task, **ids)

        self.after_commit(ring)

    def even_if_refused(self, call: Callable[["Work"], None]) -> None:
        """Do ``call`` in a transaction of its own if this one is rolled back.

        A wrong try must be counted.
        """
        self._if_refused.append(call)

    def refused(self) -> tuple[Callable[["Work"], None], ...]:
        """What the edge does after a roll-back."""
        return tuple(self._if_refused)

    def committed(self) -> None:
        """What the edge calls after the commit."""
        for call in self._after_commit:
            call()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """All that a process needs. ``now`` is its clock."""

    settings: Settings
    engine: Engine
    policies: PolicyBook
    now: Callable[[], datetime]
    vault: Vault
    files: EvidenceFiles
    ring: Bell
    turns: Turns = field(default_factory=Turns)
    write_wait_s: float = PATIENT_S
    """How long a writer of this process waits for the lock, unless it says otherwise."""

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        ring: Bell | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> Self:
        """Migrate the database, find or make the master key, load the policies.

        Raises KeyFileMissing, KeyFileInvalid, OpenToOthers, PolicyError, DurabilityRefused,
        DatabaseDamaged, DatabaseGone, StorageFull, StoreBusy. ``now`` overrules the settings'
        clock.
        """
        if settings.require_sandbox:
            opening.require_whole_cell()
        keep_to_ourselves(settings.home, settings.database)
        engine = open_engine(settings.database)
        current = now or (clock.starting_at(settings.clock) if settings.clock else clock.now)
        files = EvidenceFiles(settings.home / "evidence")
        try:
            _require_no_evidence_of_another(engine, files)
            book = load_policies(settings.policies, partial(_kept_text, engine))
            migrations.upgrade(engine)
            vault = _open_vault(settings.key_file, engine)
            _keep(engine, book, current())
        except BaseException:
            engine.dispose()
            raise
        return cls(
            settings=settings,
            engine=engine,
            policies=book,
            now=current,
            vault=vault,
            files=files,
            ring=ring or SilentBell(),
        )

    @contextmanager
    def write(self, *, wait_s: float | None = None) -> Iterator[Work]:
        """One transaction that holds the write lock.

        Committed at the end of the block, whole or not at all.

        Raises StoreBusy when the lock is not to be had in ``wait_s`` (else ``write_wait_s``),
        StorageFull.
        """
        most_waiting = MOST_WAITING if wait_s is None else MOST_PATIENT
        wait_s = self.write_wait_s if wait_s is None else wait_s
        refused: tuple[Callable[[Work], None], ...] = ()
        try:
            with self._writing(wait_s, most_waiting) as connection:
                work = self._work(connection)
                try:
                    yield work
                except Exception:
                    refused = work.refused()
                    raise
        except Exception:
            for call in refused:
                with self._writing(wait_s, most_waiting) as connection:
                    call(self._work(connection))
            raise
        work.committed()

    @contextmanager
    def _writing(self, wait_s: float, most_waiting: int) -> Iterator[Connection]:
        with (
            self.turns.taken(wait_s, most_waiting) as left_s,
            writing(self.engine, left_s) as connection,
        ):
            yield connection

    @contextmanager
    def read(self) -> Iterator[Work]:
        """One unmoving view; writing in it is refused by the database."""
        with reading(self.engine) as connection:
            work = self._work(connection)
            yield work
        work.committed()

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def _work(self, connection: Connection) -> Work:
        return Work(
            connection=connection,
            now=self.now(),  # under the lock: whoever gets it later has the later instant
            policies=self.policies,
            vault=self.vault,
            files=self.files,
            settings=self.settings,
            bell=self.ring,
        )


def _keep(engine: Engine, book: PolicyBook, at: datetime) -> None:
    """What this installation is started with stays with it.

    Nothing can name a policy that is not kept.
    """
    with reading(engine) as connection:
        new = policies.not_kept(connection, book.policies)
    if new:
        with writing(engine) as connection:
            policies.keep(connection, new, at)


def _kept_text(engine: Engine, ref: PolicyRef) -> str | None:
    """Looked for when it is asked for: another process may have kept it since this one started."""
    with reading(engine) as connection:
        return policies.text_of(connection, ref)


def _require_no_evidence_of_another(engine: Engine, files: EvidenceFiles) -> None:
    """A new database beside old evidence is one that was lost.

    Going on would begin anew as if nothing had been.
    """
    with reading(engine) as connection:
        new = migrations.current(connection) is None
    if new and next(files.stored(), None) is not None:
        raise DatabaseGone(files.root)


def _open_vault(key_file: Path, engine: Engine) -> Vault:
    try:
        return Vault.open(key_file)
    except KeyFileMissing:
        with reading(engine) as connection:
            if whose.persons_exist(connection):
                raise  # a new key would silently make a second person of everybody
        return Vault.create(key_file)
