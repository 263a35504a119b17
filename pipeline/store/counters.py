"""Numbers in order.

Order comes from here, under the write lock, never from a clock or a database sequence.
"""

from sqlalchemy import Connection, insert, select, update

from pipeline.store.tables import counters


def next_number(connection: Connection, name: str) -> int:
    """The next number of the counter ``name`` (1, 2, 3 …).

    Given back if the transaction is rolled back.
    """
    value = connection.execute(
        update(counters)
        .where(counters.c.name == name)
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    ).scalar_one_or_none()
    if value is None:
        value = 1
        connection.execute(insert(counters).values(name=name, value=value))
    return value


def last_number(connection: Connection, name: str) -> int:
    """The last number given out, 0 before the first."""
    return (
        connection.execute(
            select(counters.c.value).where(counters.c.name == name)
        ).scalar_one_or_none()
        or 0
    )
