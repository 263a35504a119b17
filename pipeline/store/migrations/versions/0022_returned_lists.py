"""Lists that came back from a bank, from being looked at to being applied; and how they read."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep one list a person and batch, and one confirmed mapping a channel."""
    op.create_table(
        "returned_lists",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("loaded_by", sa.String(length=32), nullable=False),
        sa.Column("loaded_at", sa.String(length=27), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("list_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_returned_lists_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["loaded_by"], ["accounts.id"], name=op.f("fk_returned_lists_loaded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_lists")),
        sa.UniqueConstraint(
            "batch_id", "loaded_by", name=op.f("uq_returned_lists_batch_id_loaded_by")
        ),
    )
    op.create_table(
        "list_mappings",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=32), nullable=False),
        sa.Column("confirmed_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["accounts.id"], name=op.f("fk_list_mappings_confirmed_by")
        ),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_list_mappings")),
    )
