"""An explanation in time is what R9 asks for.

Each is on record, with the due time that it met or missed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table.

    What was explained before stays in the audit log; its clocks are not moved after the fact.
    """
    op.create_table(
        "explanations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("in_time", sa.Boolean(), nullable=False),
        sa.Column("due_was", sa.String(length=27), nullable=True),
        sa.Column("due_now", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_explanations_made_by")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_explanations_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanations")),
    )
    op.create_index(op.f("ix_explanations_report_id"), "explanations", ["report_id"], unique=False)
