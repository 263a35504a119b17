"""Every policy that this installation was ever started with, word for word.

Rows name them for ever.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert, select

from pipeline.store.tables import policies
from scheme.policy import Policy, PolicyRef


def not_kept(connection: Connection, loaded: Iterable[Policy]) -> tuple[Policy, ...]:
    """Those of ``loaded`` that are new to this installation."""
    known = set(connection.execute(select(policies.c.ref)).scalars())
    return tuple(policy for policy in loaded if policy.ref not in known)


def keep(connection: Connection, loaded: Iterable[Policy], at: datetime) -> None:
    """Keep the texts that are not kept yet, under the write lock."""
    for policy in not_kept(connection, loaded):
        connection.execute(insert(policies).values(ref=policy.ref, text=policy.text, kept_at=at))


def text_of(connection: Connection, ref: PolicyRef) -> str | None:
    """The text of the version that is named so; None where it was never loaded here."""
    return connection.execute(
        select(policies.c.text).where(policies.c.ref == ref)
    ).scalar_one_or_none()
