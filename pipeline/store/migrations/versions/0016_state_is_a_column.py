"""What stages must know stands in columns; the audit log tells what happened and rules nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INSTANT = sa.String(27)
ACCOUNT = sa.String(64)

LAST = "SELECT {value} FROM events WHERE {about} AND action = '{action}' ORDER BY seq DESC LIMIT 1"
FIRST = "SELECT {value} FROM events WHERE {about} AND action = '{action}' ORDER BY seq LIMIT 1"


def upgrade() -> None:
    """Add the columns and fill them from the events that stood for them."""
    op.add_column("reports", sa.Column("reopened_at", INSTANT, nullable=True))
    op.add_column("reports", sa.Column("withdrawn_at", INSTANT, nullable=True))
    op.add_column("reports", sa.Column("registered_by", ACCOUNT, nullable=True))
    op.add_column("reports", sa.Column("paid_on_the_spot_by", ACCOUNT, nullable=True))
    op.add_column("reports", sa.Column("paid_on_the_spot_at", INSTANT, nullable=True))
    op.add_column("rewards", sa.Column("doubted_at", INSTANT, nullable=True))
    op.add_column("shares", sa.Column("called_at", INSTANT, nullable=True))
    _fill("reports", "withdrawn_at", LAST, "at", "withdrawn")
    _fill("reports", "registered_by", FIRST, "actor", "walk_in_registered")
    op.execute(
        "UPDATE reports SET registered_by ="
        " (SELECT registered_by FROM letters WHERE letters.report_id = reports.id)"
        " WHERE registered_by IS NULL"
    )
    _fill("reports", "paid_on_the_spot_by", LAST, "actor", "paid_on_the_spot")
    _fill("reports", "paid_on_the_spot_at", LAST, "at", "paid_on_the_spot")
    _fill("rewards", "doubted_at", FIRST, "at", "claw_back_due")
    _fill("shares", "called_at", FIRST, "at", "reporter_called")
    _fill_reopened()
    op.drop_column("letters", "registered_by")
    op.create_index("ix_reports_paid_on_the_spot_at", "reports", ["paid_on_the_spot_at"])


def _fill(table: str, column: str, which: str, value: str, action: str) -> None:
    about = f"subject = '{table.removesuffix('s')}/' || {table}.id"
    event = which.format(value=value, about=about, action=action)
    op.execute(f"UPDATE {table} SET {column} = ({event})")  # noqa: S608 - names of this module


def _fill_reopened() -> None:
    """A report is reopened while no decision followed."""
    op.execute(
        "UPDATE reports SET reopened_at = (SELECT opened.at FROM events AS opened"
        " WHERE opened.subject = 'report/' || reports.id AND opened.action = 'report_reopened'"
        " AND NOT EXISTS (SELECT 1 FROM events AS decided"
        " WHERE decided.subject = opened.subject AND decided.action = 'report_decided'"
        " AND decided.seq > opened.seq)"
        " ORDER BY opened.seq DESC LIMIT 1)"
    )
