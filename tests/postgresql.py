"""A PostgreSQL server of the tests' own: temporary, behind a socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest

from tests.disks import quick_folder

STANDARD = Path("/usr/lib/postgresql")
"""Where Debian keeps its programs, a folder for each version, outside everybody's PATH."""

OTHERS = ("postgres", "nobody")
"""As whom the server runs where the tests run as root, which it refuses."""


@dataclass
class Server:
    """A running server. ``account`` is the user it runs as; None for our own."""

    programs: Path
    folder: Path
    account: str | None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def data(self) -> Path:
        """Where its files lie."""
        return self.folder / "data"

    def run(self, program: str, *arguments: str) -> str:
        """One of PostgreSQL's programs, as the server's user; what it wrote."""
        command = (str(self.programs / program), *arguments)
        return subprocess.run(
            command,
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            user=self.account,
            group=self.account and _group_of(self.account),
            extra_groups=[] if self.account else None,
            env={**os.environ, "LC_ALL": "C", "PGUSER": "postgres", "PGHOST": str(self.folder)},
        ).stdout

    def start(self) -> None:
        """Start it, and wait until it answers."""
        only_here = f"-c listen_addresses='' -k {self.folder}"
        log = str(self.folder / "log")
        self.run("pg_ctl", "start", "-w", "-D", str(self.data), "-l", log, "-o", only_here)

    def stop(self) -> None:
        """Stop it as a power cut does; it recovers at the next start."""
        self.run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self.data))

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What an administrator does beside the product."""
        return self.run("psql", "-X", "-A", "-t", "-q", "-d", database, "-c", statement).strip()

    def new_database(self, template: str = "template0") -> str:
        """The name of a new database, like ``template``."""
        name = f"test_{next(self.numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def url(self, database: str) -> str:
        """What BUSREPORT_DATABASE says of it."""
        return f"postgresql://postgres@/{database}?host={self.folder}"


def _group_of(account: str) -> int:
    return pwd.getpwnam(account).pw_gid


def _programs() -> Path:
    known = shutil.which("initdb")
    if known is not None:
        return Path(known).resolve().parent
    installed = sorted(STANDARD.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not installed:
        pytest.skip("needs service: PostgreSQL (make services)")
    return installed[-1].parent


def _account() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in OTHERS:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    pytest.skip("needs service: a user other than root for PostgreSQL")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server of this test run's own, with checksums as every new one should have them."""
    if find_spec("psycopg") is None:
        pytest.skip("needs service: psycopg, PostgreSQL's driver (make setup)")
    # Not under pytest's folder: that one is closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=quick_folder()))
    server = Server(_programs(), folder, _account())
    if server.account is not None:
        os.chown(folder, pwd.getpwnam(server.account).pw_uid, _group_of(server.account))
    try:
        choices = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        server.run("initdb", "--data-checksums", "-D", str(server.data), *choices)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
