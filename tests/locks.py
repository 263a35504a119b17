"""The write lock in other hands.

A process of its own holds it, as a long write of another part would.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.settings import Settings

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def lock_held(settings: Settings) -> Iterator[None]:
    """Another process holds the write lock until the block ends."""
    database = str(settings.home / "busreport.sqlite3")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        assert holder.stdin is not None
        holder.stdin.close()
