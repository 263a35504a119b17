"""From where an account has logged in before.

Strangers who guess its pass word lock out strangers, not its owner.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; every account is known where it logs in next."""
    op.create_table(
        "known_clients",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("last_at", sa.String(length=27), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_known_clients_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "client", name=op.f("pk_known_clients")),
    )
