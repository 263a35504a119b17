"""Which engine a URL asks for, and the connections to it."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy import Engine, create_engine, make_url

from pipeline.store.engine import postgresql, sqlite
from pipeline.store.engine.needs import StoreEngine

POOLED: Final = 8
MOST_CONNECTIONS: Final = 256
CONNECTION_WAIT_S: Final = 5

ENGINES: Final[Mapping[str, StoreEngine]] = MappingProxyType(
    {"sqlite": sqlite, "postgresql": postgresql}
)
"""By SQLAlchemy's name of the backend."""


class UnknownEngine(Exception):
    """The URL asks for a database that the store does not know: ``backend``."""

    def __init__(self, backend: str) -> None:
        super().__init__(f"{backend}: choose one of {', '.join(ENGINES)}")
        self.backend = backend


def open_engine(database: str) -> Engine:
    """Connect to ``database`` (an SQLAlchemy URL).

    Raises UnknownEngine, DriverMissing; DurabilityRefused at the first connection.
    """
    url = make_url(database)
    kind = _kind(url.get_backend_name())
    engine = create_engine(
        kind.prepare(url),
        hide_parameters=True,  # error texts reach logs; parameters are personal data (TRUST.md M19)
        pool_size=POOLED,
        max_overflow=MOST_CONNECTIONS - POOLED,
        pool_timeout=CONNECTION_WAIT_S,
    )
    kind.attend(engine)
    return engine


def kind_of(engine: Engine) -> StoreEngine:
    """What an open connection pool speaks to."""
    return _kind(engine.dialect.name)


def files_of(database: str) -> tuple[Path, ...]:
    """The files of the database on this machine's disks; none where it is somewhere else."""
    url = make_url(database)
    return _kind(url.get_backend_name()).files(url)


def folder_of(database: str) -> Path | None:
    """In which folder the database lies; None where it is not on this machine's disks."""
    for file in files_of(database):
        return file.parent
    return None


def _kind(backend: str) -> StoreEngine:
    if backend not in ENGINES:
        raise UnknownEngine(backend)
    return ENGINES[backend]
