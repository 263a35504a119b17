"""Which of a category's kinds it was, smoking or phone, is a field of the claim (R3)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column.

    What older claims say stands in their notes, where an officer can read it and set the kind.
    """
    with op.batch_alter_table("claims", recreate="always") as table:
        table.add_column(sa.Column("kind", sa.String(length=20), nullable=True))
