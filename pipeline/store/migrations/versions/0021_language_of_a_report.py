"""The language that a reporter chose stands on the report: messages are in it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; who reported before is told in both complete languages, as they were."""
    op.add_column("reports", sa.Column("language", sa.String(length=3), nullable=True))
