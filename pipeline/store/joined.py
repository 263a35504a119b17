"""Which persons are one human: rows of several phone numbers, joined and parted by two people.

Ids only, no identity.

Every rule that counts people asks here: who is paid together, whose repeat it is, whose document.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, update

from pipeline.store.tables import persons

HUMAN = func.coalesce(persons.c.joined_as, persons.c.id)
"""Equal for all rows of one human: what people are counted by, in a query that has ``persons``."""


def everybody(connection: Connection, person_id: str) -> tuple[str, ...]:
    """Every row of the human behind ``person_id``, itself included, oldest first."""
    human = select(HUMAN).where(persons.c.id == person_id).scalar_subquery()
    rows = connection.execute(
        select(persons.c.id).where(human == HUMAN).order_by(persons.c.created_at, persons.c.id)
    )
    return tuple(rows.scalars())


def human(connection: Connection, person_id: str) -> str:
    """What the human behind ``person_id`` is counted by."""
    query = select(HUMAN).where(persons.c.id == person_id)
    return str(connection.execute(query).scalar_one())


def same(connection: Connection, person_id: str, other_person_id: str) -> bool:
    """Whether the two are one human."""
    return other_person_id in everybody(connection, person_id)


def apart(connection: Connection, person_ids: Sequence[str]) -> tuple[str, ...]:
    """The first row of each human among ``person_ids``, in order, without the erased."""
    query = select(persons.c.id, HUMAN.label("human")).where(
        persons.c.id.in_(person_ids), persons.c.erased_at.is_(None)
    )
    human_of = {row.id: row.human for row in connection.execute(query)}
    first: dict[str, str] = {}
    for person_id in person_ids:
        if person_id in human_of:
            first.setdefault(human_of[person_id], person_id)
    return tuple(first.values())


def join(connection: Connection, person_id: str, other_person_id: str) -> None:
    """Make one human of both, and of all who are joined with either."""
    rows = (*everybody(connection, person_id), *everybody(connection, other_person_id))
    connection.execute(update(persons).where(persons.c.id.in_(rows)).values(joined_as=rows[0]))


def part(connection: Connection, person_id: str) -> None:
    """Make the row a human of its own again; the others stay joined."""
    others = [row for row in everybody(connection, person_id) if row != person_id]
    together = others[0] if len(others) > 1 else None
    connection.execute(update(persons).where(persons.c.id.in_(others)).values(joined_as=together))
    connection.execute(update(persons).where(persons.c.id == person_id).values(joined_as=None))
