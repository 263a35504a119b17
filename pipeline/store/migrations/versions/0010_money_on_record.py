"""Every transfer is on record.

Amounts that were set stay as they are, and nothing of money is deleted.
"""

from alembic import op

from pipeline.store import books
from pipeline.store.events import last_instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

AMOUNTS = ("rewards", "shares", "batch_lines")
KEPT = (*AMOUNTS, "batches")


def upgrade() -> None:
    """Put what stands in the ledger on record as a whole, then guard the amounts."""
    connection = op.get_bind()
    at = last_instant(connection)
    if at is not None:
        books.carry_over(connection, at)
    for table in AMOUNTS:
        _refuse(
            f"{table}_amount_fixed",
            f"UPDATE OF amount_fen ON {table}",
            f"an amount in {table} is fixed",
        )
    for table in KEPT:
        _refuse(f"{table}_no_delete", f"DELETE ON {table}", f"{table} are kept")


def _refuse(name: str, change: str, why: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE {change} BEGIN SELECT RAISE(ABORT, '{why}'); END")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {change} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )
