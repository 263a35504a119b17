"""Where no calendar says whether a report was in time, or until when, two people settle it.

Each ruling is a row.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "rulings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("counted_from", sa.String(length=27), nullable=False),
        sa.Column("in_time", sa.Boolean(), nullable=True),
        sa.Column("due_at", sa.String(length=27), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", sa.String(length=27), nullable=False),
        sa.Column("confirmed_by", sa.String(length=32), nullable=True),
        sa.Column("confirmed_at", sa.String(length=27), nullable=True),
        sa.Column("ended_by", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("proposed_for", sa.String(length=60), nullable=True),
        sa.Column("in_force_for", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "kind IN ('window', 'answer', 'last_day')", name=op.f("ck_rulings_kind_known")
        ),
        sa.CheckConstraint(
            "(kind = 'window') = (in_time IS NOT NULL) AND (kind = 'window') = (due_at IS NULL)",
            name=op.f("ck_rulings_one_value"),
        ),
        sa.CheckConstraint("confirmed_by <> proposed_by", name=op.f("ck_rulings_two_people")),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)",
            name=op.f("ck_rulings_confirmed_whole"),
        ),
        sa.CheckConstraint(
            "in_force_for IS NULL OR confirmed_by IS NOT NULL",
            name=op.f("ck_rulings_in_force_confirmed"),
        ),
        *(
            sa.ForeignKeyConstraint([column], ["accounts.id"], name=op.f(f"fk_rulings_{column}"))
            for column in ("proposed_by", "confirmed_by", "ended_by")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_rulings_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulings")),
        sa.UniqueConstraint("in_force_for", name=op.f("uq_rulings_in_force_for")),
        sa.UniqueConstraint("proposed_for", name=op.f("uq_rulings_proposed_for")),
    )
    op.create_index(op.f("ix_rulings_report_id"), "rulings", ["report_id"], unique=False)
