"""How a database becomes the one that ``tables`` describes.

Alembic revisions, shipped inside the package.

Alembic itself is only loaded when there is something to do, so that a server that is up to date
starts at once.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from pipeline.store.engine.needs import OPEN_MS, REBUILDS
from pipeline.store.engine.opening import kind_of
from pipeline.store.unit_of_work import reading, writing

HEAD: Final = "0023"
"""The newest revision; a test holds it to the folder ``versions``."""


def current(connection: Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(engine: Engine) -> bool:
    """Bring the database to ``HEAD``, whole or not at all, one process at a time.

    Whether anything was to do.
    """
    with reading(engine) as connection:
        if current(connection) == HEAD:
            return False
    from alembic import command  # noqa: PLC0415 - half a second of every start otherwise
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    # SQLite changes a constraint only by making the table anew, which must not count as deleting
    # its rows.
    with writing(engine.execution_options(**{REBUILDS: True}), OPEN_MS / 1000) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
        kind_of(engine).require_references(connection)
    return True
