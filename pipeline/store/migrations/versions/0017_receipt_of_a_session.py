"""A receipt can be looked at again in its session until the reporter has saved the code."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sessions may hold a sealed code."""
    op.add_column("sessions", sa.Column("code_sealed", sa.LargeBinary))
