"""Lists that banks returned, kept for a short while, and how the lists of a channel read.

A list is somebody's own: sealed with the session in which it was loaded, one a person and batch.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from pipeline.store.tables import list_mappings, returned_lists


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list as it is kept."""

    id: str
    batch_id: str
    loaded_by: str
    loaded_at: datetime
    file_sha256: str
    list_sealed: bytes


def keep(connection: Connection, kept: KeptList) -> None:
    """Keep the list instead of the last one that the same person loaded for the batch."""
    connection.execute(
        delete(returned_lists).where(
            returned_lists.c.batch_id == kept.batch_id,
            returned_lists.c.loaded_by == kept.loaded_by,
        )
    )
    connection.execute(
        insert(returned_lists).values(
            id=kept.id,
            batch_id=kept.batch_id,
            loaded_by=kept.loaded_by,
            loaded_at=kept.loaded_at,
            file_sha256=kept.file_sha256,
            list_sealed=kept.list_sealed,
        )
    )


def kept_list(
    connection: Connection, list_id: str, *, batch_id: str, loaded_by: str, since: datetime
) -> KeptList | None:
    """The person's list of the batch, if it was loaded at ``since`` or later."""
    row = connection.execute(
        select(returned_lists).where(
            returned_lists.c.id == list_id,
            returned_lists.c.batch_id == batch_id,
            returned_lists.c.loaded_by == loaded_by,
            returned_lists.c.loaded_at >= since,
        )
    ).one_or_none()
    return None if row is None else KeptList(**row._asdict())


def drop(connection: Connection, list_id: str) -> None:
    """Forget the list: it was applied."""
    connection.execute(delete(returned_lists).where(returned_lists.c.id == list_id))


def drop_older(connection: Connection, than: datetime) -> int:
    """Forget lists that nobody applied in time; how many."""
    return connection.execute(
        delete(returned_lists).where(returned_lists.c.loaded_at < than)
    ).rowcount


def mapping_of(connection: Connection, channel: str) -> str | None:
    """How the channel's lists read, as JSON; None where nobody has said."""
    return connection.execute(
        select(list_mappings.c.mapping).where(list_mappings.c.channel == channel)
    ).scalar_one_or_none()


def remember_mapping(
    connection: Connection, channel: str, mapping: str, *, by: str, at: datetime
) -> None:
    """How the channel's lists read from now on."""
    connection.execute(delete(list_mappings).where(list_mappings.c.channel == channel))
    connection.execute(
        insert(list_mappings).values(
            channel=channel, mapping=mapping, confirmed_by=by, confirmed_at=at
        )
    )
